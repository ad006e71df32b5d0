import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { pino } from 'pino';
import { openJobs } from '../../src/db/jobs.ts';
import { openDatabase } from '../../src/db/open.ts';

/**
 * Jest's global setup: makes an embedded database with all tables once and leaves it in a file, so that each test file
 * begins with a copy instead of spending seconds on its own.
 */
export default async function makeSnapshot(): Promise<void> {
  if (process.env.DATABASE_URL) return;
  const folder = await mkdtemp(join(tmpdir(), 'teammate-test-'));
  const database = await openDatabase({ url: '', folder });
  const jobs = await openJobs(database, pino({ level: 'silent' }));
  await jobs.stop(1_000);
  await database.close();
  const pglite = await PGlite.create(join(folder, 'pglite'));
  const file = join(folder, 'snapshot.tar');
  await writeFile(file, Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer()));
  await pglite.close();
  process.env.TEST_SNAPSHOT = file;
}
