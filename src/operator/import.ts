import { statSync } from 'node:fs';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { pino } from 'pino';
import { readHome } from '../config.ts';
import { openJobs } from '../db/jobs.ts';
import { copyFolder, openDatabase } from '../db/open.ts';
import { NotEmpty, type Transferred, transfer } from '../db/transfer.ts';
import { contentsOf, readBackup, told, withCopy } from './contents.ts';
import { Mistake, runCommand } from './mistake.ts';

const usage = `Brings embedded data into the empty PostgreSQL database of DATABASE_URL.

  npm run import -- <file of a backup, or DATA_DIR of a bot that is stopped>`;

/**
 * Brings all that a backup or a data folder holds into PostgreSQL: every row or none. What is read stays as it is.
 * `before`: called when everything has arrived and nothing is committed yet.
 */
export async function importInto(
  url: string,
  from: string,
  before: () => Promise<void> = async () => {},
): Promise<string> {
  if (!url) throw new Mistake('DATABASE_URL is empty: set it to the PostgreSQL database that the data goes to.');
  const copy = isFolder(from) ? await copyFolder(from) : await readBackup(from);
  return withCopy(copy, async (source) => {
    const target = await openDatabase({ url, folder: '' });
    try {
      // Their queues are made or brought up to date; nothing is worked on.
      for (const database of [source, target]) await (await openJobs(database, pino({ level: 'silent' }))).stop();
      const contents = await contentsOf(source.db);
      const transferred = await target.db.transaction().execute(async (trx) => {
        const all = await transfer(source.db, trx);
        if (!isDeepStrictEqual(await contentsOf(trx), contents))
          throw new Error('What arrived is not what was sent. Nothing was changed.');
        await before();
        return all;
      });
      return `Imported ${from}:\n${table(transferred)}\nIn PostgreSQL: ${told(contents)}.\nStart the bot with this DATABASE_URL and the SECRETS_KEYS it had.`;
    } catch (error) {
      if (error instanceof NotEmpty) throw new Mistake(error.message);
      throw error;
    } finally {
      await target.close();
    }
  });
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new Mistake(`There is no ${path}.`);
  return found.isDirectory();
}

const table = (transferred: Transferred): string =>
  [...transferred]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `  ${name.padEnd(20)} ${String(count).padStart(8)}`)
    .join('\n');

if (import.meta.main)
  await runCommand(async () => {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
    const [from] = positionals;
    if (values.help) return usage;
    if (!from || positionals.length > 1) throw new Mistake(usage);
    return importInto(readHome(process.env).url, from);
  });
