import { existsSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { readHome } from '../config.ts';
import { knock } from '../db/hatch.ts';
import { DataFolderInUse } from '../db/lock.ts';
import { copyFolder } from '../db/open.ts';
import { contentsOf, readBackup, told, withCopy } from './contents.ts';
import { Mistake, runCommand } from './mistake.ts';

const usage = `Backs up the embedded database in DATA_DIR to a new file, also while the bot runs.

  npm run backup -- <file>`;

/**
 * Writes a backup of the embedded database to a file of its own, readable by its owner alone. The file has its name only
 * once it was opened again and counted.
 */
export async function backup(home: { url: string; folder: string }, file: string): Promise<string> {
  if (home.url)
    throw new Mistake(
      'DATABASE_URL is set: the data is in PostgreSQL, which is backed up by its own means (pg_dump, or your provider’s).',
    );
  if (existsSync(file)) throw new Mistake(`${file} is there already, and it is not overwritten.`);
  const unfinished = `${file}.unfinished`;
  await rm(unfinished, { force: true });
  const unwritable = (error: NodeJS.ErrnoException) => {
    throw new Mistake(`${file} could not be written (${error.code ?? error.message}).`, { cause: error });
  };
  // Before the bot is asked: it would wait for a reader that is not coming.
  const target = await open(unfinished, 'wx', 0o600).catch(unwritable);
  try {
    await pipeline(await compressed(home.folder), target.createWriteStream({ flush: true })).catch(unwritable);
    const contents = await withCopy(await readBackup(unfinished), ({ db }) => contentsOf(db));
    await rename(unfinished, file);
    const { size } = await stat(file);
    return (
      `Wrote ${file} (${(size / 1e6).toFixed(1)} MB): ${told(contents)}.\n` +
      'What is sealed in it opens with SECRETS_KEYS only, which is not in it: keep that as well, somewhere else.'
    );
  } finally {
    await target.close();
    await rm(unfinished, { force: true });
  }
}

/** From the bot that runs, or from the folder when none does. */
async function compressed(folder: string): Promise<Readable> {
  const running = await knock(folder).catch(() => undefined);
  if (running) return running;
  try {
    const copy = await copyFolder(folder);
    return Readable.fromWeb(copy.stream()).pipe(createGzip());
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    throw new Mistake(
      `The bot that uses ${folder} hands out no backup: it is starting or stopping, or it could not open a socket there ` +
        '(its log says so). Try again, or stop it first.',
      { cause: error },
    );
  }
}

if (import.meta.main)
  await runCommand(async () => {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
    const [file] = positionals;
    if (values.help) return usage;
    if (!file || positionals.length > 1) throw new Mistake(usage);
    return backup(readHome(process.env), file);
  });
