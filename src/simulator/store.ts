import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type State, stateSchema } from './state.ts';

export interface Store {
  /** The state as it was last written; not to be changed in place. */
  readonly state: State;
  /**
   * Changes one after another, each on a copy: when `change` throws, or the file cannot be written, nothing has
   * happened. Resolves when the file holds it.
   */
  change<Result>(change: (draft: State) => Result): Promise<Result>;
  /** Resolves when no change is under way. */
  idle(): Promise<void>;
}

/**
 * Opens the state in `file`, or in memory only when no file is named.
 * @throws Error when the file is there but is not ours; it is left as it is.
 */
export async function openStore(file: string | undefined, initial: () => State): Promise<Store> {
  let state = (file && (await read(file))) || initial();
  if (file) await write(file, state);
  let last: Promise<unknown> = Promise.resolve();
  return {
    get state() {
      return state;
    },
    change(change) {
      const turn = async () => {
        const draft = structuredClone(state);
        const result = change(draft);
        if (file) await write(file, draft);
        state = draft;
        return result;
      };
      const done = last.then(turn, turn);
      last = done.catch(() => undefined);
      return done;
    },
    async idle() {
      await last;
    },
  };
}

async function read(file: string): Promise<State | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${file} does not hold the simulator’s data. Move it away, or name another file in SIMULATOR_DATA.`,
    );
  }
}

/** A crash leaves the old file or the new one, whole: written beside it, flushed, renamed, and the folder flushed. */
async function write(file: string, state: State): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.new`;
  const handle = await open(beside, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(state));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
  // Windows cannot open a folder; there the rename has to do.
  const folder = await open(dirname(file), 'r').catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
