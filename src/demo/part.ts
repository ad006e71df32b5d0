import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { DemoError } from './settings.ts';

/** One of the programs that make up the demo. */
export interface Part {
  name: string;
  script: string;
  args?: readonly string[];
  env?: Record<string, string>;
  folder: string;
  log: string;
  /** What answers 200 once the part is ready. */
  ready: string;
}

/** How long a part may take to be ready, and to end. Milliseconds. */
const patience = { start: 60_000, stop: 8_000 } as const;

const leash = new URL('leash.ts', import.meta.url).href;

/** A part that was started. */
export class RunningPart {
  readonly part: Part;
  /** Resolves when it has ended, with how. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  constructor(part: Part) {
    this.part = part;
    const log = openSync(part.log, 'w');
    this.#child = spawn(process.execPath, ['--import', leash, part.script, ...(part.args ?? [])], {
      cwd: part.folder,
      env: { ...process.env, ...part.env },
      stdio: ['pipe', log, log],
      // A group of its own: the terminal's Ctrl-C goes to the demo alone, which ends its parts in the right order. On
      // Windows it would be a console window of its own.
      detached: process.platform !== 'win32',
    });
    closeSync(log);
    // Whether it ran at all or not, `ended` is how the demo hears of it.
    this.ended = Promise.race([
      once(this.#child, 'exit').then(([code, signal]) => (signal ? `ended by ${signal}` : `exit code ${code}`)),
      once(this.#child, 'error').then(([error]) => (error as Error).message),
    ]).catch((error: Error) => error.message);
  }

  /** @throws DemoError when it is not ready in time */
  async ready(signal: AbortSignal): Promise<void> {
    const late = AbortSignal.timeout(patience.start);
    while (!(await answers(this.part.ready))) {
      signal.throwIfAborted();
      if (late.aborted) throw new DemoError(`The ${this.part.name} does not answer at ${this.part.ready}.`);
      await pause(100, undefined, { signal });
    }
  }

  /** Lets it finish, for some seconds. */
  async stop(): Promise<void> {
    // Not SIGTERM: the Playground ends in order on this one only.
    this.#child.kill('SIGINT');
    const waiting = new AbortController();
    await Promise.race([this.ended, pause(patience.stop, undefined, { signal: waiting.signal }).catch(() => {})]);
    waiting.abort();
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  lastLines(count: number): string {
    return readFileSync(this.part.log, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  }
}

const answers = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.ok;
    },
    () => false,
  );
