/*
 * A process of its own, because memory is measured: prints, for each format, by how many MB more its heap and buffers grow
 * while the file of a long bill is made than while that of a short one is.
 */
import { sql } from 'kysely';
import { type Format, makeFile } from '../../src/billing/file.ts';
import { keepBill } from '../../src/billing/store.ts';
import { openDatabase } from '../../src/db/open.ts';
import { freshDatabase } from '../support/database.ts';
import { pagesOf } from './rows.ts';

const home = await freshDatabase();
const database = await openDatabase({ ...home, folder: '' });
const collect = globalThis.gc as () => void;

/** A bill of so many rows, made up by the database. */
async function long(rows: number): Promise<string> {
  const tenantId = `tenant of ${rows}`;
  const { id } = await keepBill(database.db, { tenantId, month: '2026-11', now: new Date() }, pagesOf());
  await sql`insert into bill_rows select ${id}::bigint, n, '6001', 'Contoso', 'B-77', 'id ' || n, 'Enterprise ' || n,
    md5(n::text), array['PBX'], n % 50, 1, 1, 1, 1, 1, 1, 1, 1 from generate_series(1, ${rows}::int) n`.execute(
    database.db,
  );
  await sql`update bills set size = ${rows}::int where id = ${id}::bigint`.execute(database.db);
  return tenantId;
}

function used(): number {
  collect();
  // Not `external`, in which the embedded database's own memory is counted.
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** The most that was in use while a file was made, above what was in use before. */
async function growth(tenantId: string, format: Format): Promise<number> {
  const before = used();
  let most = 0;
  const looking = setInterval(() => {
    most = Math.max(most, used() - before);
  }, 250);
  const file = await makeFile(database.db, tenantId, '2026-11', format);
  clearInterval(looking);
  most = Math.max(most, used() - before);
  if (!file?.size) throw new Error('there is no file');
  await file.close();
  return most;
}

const [short, longer] = [await long(1_000), await long(20_000)];
const more: Partial<Record<Format, number>> = {};
for (const format of ['csv', 'xlsx'] as const) {
  await growth(short, format);
  more[format] = -(await growth(short, format)) + (await growth(longer, format));
}
await database.close();
await home.drop();
process.stdout.write(JSON.stringify(more));
