import { say } from '../language/say.ts';
/** Why something at a PBX did not work, in the few ways that ask for something different to be done. */
export type Cause =
  /** The PBX says no: 403 and its like. */
  | 'refused'
  /** Wrong password or authentication id. */
  | 'credentials'
  | 'unknown-user'
  | 'timeout'
  /** 423: the interval is under what the PBX takes. */
  | 'too-brief'
  /** Nothing takes the connection there. */
  | 'unreachable'
  /** The name leads nowhere, or to where we do not go. */
  | 'name'
  | 'certificate'
  | 'other';

/** A known failure. Its message is a sentence for people and holds nothing secret. */
export class Failure extends Error {
  readonly kind: Cause;
  constructor(kind: Cause, says: string) {
    super(says);
    this.name = 'Failure';
    this.kind = kind;
  }
}

/** What an abort from outside becomes. */
export class Stopped extends Failure {
  constructor() {
    super('other', say('sip.failed.stopped'));
    this.name = 'Stopped';
  }
}

/**
 * Anything thrown as a failure. What is not known is told without its message: a library's may quote what it was given.
 */
export const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : new Failure('other', say('sip.failed.unknown'));

/**
 * Does some work for so long at most. Its signal aborts with a Failure when time is up or somebody outside stops it; the
 * work has to reject with the signal's reason then. No timer is left behind.
 * @param options.late what the work is told when time is up
 */
export async function within<T>(
  options: { ms: number; signal?: AbortSignal | undefined; late: Failure },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { ms, signal, late } = options;
  const controller = new AbortController();
  const stop = () => controller.abort(new Stopped());
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => controller.abort(late), ms);
  try {
    controller.signal.throwIfAborted();
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Waits no longer than the signal lets. @throws the signal's reason */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
