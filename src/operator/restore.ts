import { parseArgs } from 'node:util';
import { readHome } from '../config.ts';
import { fillFolder } from '../db/open.ts';
import { contentsOf, readBackup, told, withCopy } from './contents.ts';
import { Mistake, runCommand } from './mistake.ts';

const usage = `Puts a backup where the embedded database is kept, DATA_DIR, which must have none yet.

  npm run restore -- <file>`;

/** Fills an empty data folder from a backup, after that was opened and counted. */
export async function restore(home: { url: string; folder: string }, file: string): Promise<string> {
  if (home.url)
    throw new Mistake('DATABASE_URL is set: a backup goes into PostgreSQL with npm run import, not with this.');
  const copy = await readBackup(file);
  const contents = await withCopy(copy, ({ db }) => contentsOf(db));
  await fillFolder(home.folder, copy);
  return `Restored ${home.folder}: ${told(contents)}.\nStart the bot with the SECRETS_KEYS it had: what is sealed opens with them only.`;
}

if (import.meta.main)
  await runCommand(async () => {
    const { positionals, values } = parseArgs({ allowPositionals: true, options: { help: { type: 'boolean' } } });
    const [file] = positionals;
    if (values.help) return usage;
    if (!file || positionals.length > 1) throw new Mistake(usage);
    return restore(readHome(process.env), file);
  });
