export interface Signals {
  /** Somebody wants the demo to end. */
  asked: Promise<void>;
  /** They want it at once. */
  insisted: Promise<void>;
}

/** npm hands a terminal's Ctrl-C on to a script that has had it already, so within this time two are one. Milliseconds. */
const onePress = 500;

export function listenForSignals(): Signals {
  const asked = Promise.withResolvers<void>();
  const insisted = Promise.withResolvers<void>();
  let first: number | undefined;
  const heard = () => {
    first ??= performance.now();
    asked.resolve();
    if (performance.now() - first > onePress) insisted.resolve();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
  if (process.env.npm_lifecycle_event) whenOrphaned(asked.resolve);
  return { asked: asked.promise, insisted: insisted.promise };
}

/** npm runs a script in a shell; a signal for npm alone ends the two of them, and we would run on unseen. */
function whenOrphaned(tell: () => void): void {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && tell(), 500).unref();
}
