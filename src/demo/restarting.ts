import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { join, sep } from 'node:path';
import { type Part, RunningPart } from './part.ts';

/** Of an editor that saves several files in a row, all of them belong to one change. Milliseconds. */
const settling = 200;

/** What a change of a file asks for. What is for the browser is bundled anew, and there with the page's next loading. */
export function workAfter(path: string): 'restart' | 'bundle' | 'nothing' {
  const parts = path.split(sep);
  if (!/\.(ts|tsx|json|css|html)$/.test(path) || parts.some((part) => part === 'demo' || part === 'simulator'))
    return 'nothing';
  return parts.includes('tab') ? 'bundle' : 'restart';
}

/**
 * A part that is started again whenever its source changes, and that may fail in between: whoever is at work on it mends it
 * and saves. The others never notice but for some seconds without an answer.
 */
export class RestartingPart {
  readonly part: Part;
  /** It never ends by itself. */
  readonly ended = new Promise<string>(() => {});
  readonly #say: (text: string) => void;
  readonly #root: string;
  readonly #stopping = new AbortController();
  #running: RunningPart;
  readonly #wanted = new Set<'restart' | 'bundle'>();
  #working: Promise<void> | undefined;
  #settling: NodeJS.Timeout | undefined;

  /** Watches the folders of `root` that a bot is made of. */
  constructor(part: Part, root: string, say: (text: string) => void) {
    this.part = part;
    this.#root = root;
    this.#say = say;
    this.#running = this.#start();
    const { signal } = this.#stopping;
    for (const folder of ['src', 'cards']) {
      const watcher = watch(join(root, folder), { recursive: true, signal }, (_, file) => file && this.#changed(file));
      watcher.on('error', (error) => say(`Changes are not seen any more: ${error.message}`));
    }
  }

  ready(signal: AbortSignal): Promise<void> {
    return this.#running.ready(signal);
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#running.stop();
  }

  async kill(): Promise<void> {
    this.#end();
    await this.#running.kill();
  }

  lastLines(count: number): string {
    return this.#running.lastLines(count);
  }

  #end() {
    this.#stopping.abort();
    clearTimeout(this.#settling);
  }

  #start(): RunningPart {
    const running = new RunningPart(this.part);
    void running.ended.then((how) => {
      if (running !== this.#running || this.#working || this.#stopping.signal.aborted) return;
      this.#say(
        `The ${this.part.name} has ended (${how}). It is started again when you save something.\n${running.lastLines(15)}`,
      );
    });
    return running;
  }

  #changed(file: string): void {
    const work = workAfter(file);
    if (work === 'nothing') return;
    this.#wanted.add(work);
    clearTimeout(this.#settling);
    // What is saved while it starts is taken up after that.
    this.#settling = setTimeout(() => {
      this.#working ??= this.#again().finally(() => {
        this.#working = undefined;
      });
    }, settling);
  }

  async #again(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#wanted.size > 0 && !signal.aborted) {
      if (this.#wanted.delete('bundle')) await this.#bundle();
      if (!this.#wanted.delete('restart')) continue;
      this.#say(`Something has changed: the ${this.part.name} starts again …`);
      await this.#running.stop();
      if (signal.aborted) return;
      const running = this.#start();
      this.#running = running;
      const died = new AbortController();
      const how = await Promise.race([
        running.ready(AbortSignal.any([signal, died.signal])).then(() => undefined),
        running.ended,
      ]).catch((error: Error) => error.message);
      died.abort();
      if (!signal.aborted)
        this.#say(
          how === undefined ? `  ${this.part.name}: ready` : `  it did not start (${how}):\n${running.lastLines(15)}`,
        );
    }
  }

  async #bundle(): Promise<void> {
    const script = join(this.#root, 'src/tab/build.ts');
    if (!existsSync(script)) return;
    const [code] = await once(
      spawn(process.execPath, [script], { cwd: this.#root, stdio: ['ignore', 'inherit', 'inherit'] }),
      'exit',
    );
    this.#say(
      code === 0 ? 'The tab is bundled anew: load it again.' : 'The tab stays as it was: it could not be bundled.',
    );
  }
}
