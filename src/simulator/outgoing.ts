import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './http.ts';

/** Things sent in the background: tried again a few times, ended and waited for at the close. */
export class Outgoing {
  readonly #pausesMs: readonly number[];
  readonly #log: Log | undefined;
  readonly #closing = new AbortController();
  readonly #tasks = new Set<Promise<void>>();

  /** `pausesMs`: how long to wait before each further try. */
  constructor(pausesMs: readonly number[], log: Log | undefined) {
    this.#pausesMs = pausesMs;
    this.#log = log;
  }

  /** Aborted when the simulator closes. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** `attempt` until it does not throw, then `done(true)`; after the last try `done(false)`; at a close neither. */
  start(what: string, attempt: () => Promise<void>, done: (sent: boolean) => Promise<void> | void = () => {}): void {
    this.background(what, () => this.#run(what, attempt, done));
  }

  /** Something that goes on by itself; it has to end when `signal` is aborted. */
  background(what: string, work: () => Promise<void>): void {
    const task = work()
      .catch((error: unknown) => {
        if (!this.signal.aborted) this.#log?.error({ error: messageOf(error) }, `${what} failed`);
      })
      .finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  async #run(what: string, attempt: () => Promise<void>, done: (sent: boolean) => Promise<void> | void) {
    for (const pause of [...this.#pausesMs, undefined]) {
      if (this.signal.aborted) return;
      try {
        await attempt();
        return await done(true);
      } catch (error) {
        this.#log?.warn({ error: messageOf(error), again: pause }, `${what} not sent`);
      }
      if (pause !== undefined) await sleep(pause, undefined, { signal: this.signal });
    }
    await done(false);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#tasks);
  }
}

const messageOf = (error: unknown) => (error as Error).message ?? String(error);
