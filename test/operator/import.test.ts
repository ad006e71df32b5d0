import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { pino } from 'pino';
import { openJobs } from '../../src/db/jobs.ts';
import { type Database, fillFolder, openDatabase } from '../../src/db/open.ts';
import { backup } from '../../src/operator/backup.ts';
import { readBackup } from '../../src/operator/contents.ts';
import { importInto } from '../../src/operator/import.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type EmbeddedBot, startEmbeddedBot } from './a-bot.ts';

/** It goes into PostgreSQL, so without one there is nothing to be tried. */
const onPostgres: typeof describe | (() => void) = process.env.DATABASE_URL ? describe : () => {};

let bot: EmbeddedBot;
let file: string;
let target: FreshDatabase;
beforeAll(async () => {
  bot = await startEmbeddedBot();
  // What a JSON null and an SQL null, an old id that is gone, and a character that must be escaped look like afterwards.
  const { db } = bot.harness;
  await sql`update requests set before = 'null'::jsonb where name = 'Contoso'`.execute(db);
  await sql`insert into checks (tenant_id, at) values ('a tenant', '2026-11-01T00:00:00.123456Z')`.execute(db);
  await sql`delete from checks`.execute(db);
  file = join(bot.folder, 'one.backup');
  await backup(bot.home, file);
}, 120_000);
beforeEach(async () => {
  target = await freshDatabase();
});
afterEach(() => target?.drop());
afterAll(() => bot?.close());

const everything = ['requests', 'events', 'cards', 'outbox', 'claims', 'roles', 'routes', 'conversations', 'people'];

/** A table as one text, with nothing left out. */
async function asText({ db }: Pick<Database, 'db'>, table: string): Promise<string> {
  await sql`set timezone to 'UTC'`.execute(db);
  const { rows } = await sql<{ row: string }>`select ${sql.table(table)}::text as row from ${sql.table(table)}`.execute(
    db,
  );
  return rows
    .map(({ row }) => row)
    .sort()
    .join('\n');
}

async function withOpened<T>(
  home: { url: string; snapshot?: Blob | undefined },
  look: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ folder: '', ...home });
  return look(database).finally(() => database.close());
}
const requestsThere = () =>
  withOpened(target, async ({ db }) => (await db.selectFrom('requests').select('name').execute()).length);

test('without a PostgreSQL to go to, an import says what to set', async () => {
  await expect(importInto('', file)).rejects.toThrow('DATABASE_URL is empty');
});

onPostgres('an import', () => {
  test('brings every row as it is, jobs and counters included, and tells how many', async () => {
    const told = await importInto(target.url, file);
    expect(told).toMatch(/ {2}requests +2\n/);
    expect(told).toMatch(/ {2}pgboss\.job +[1-9]\d*\n/);
    expect(told).toContain('whose audit trail is whole');
    await withOpened({ url: '', snapshot: await readBackup(file) }, (source) =>
      withOpened(target, async (arrived) => {
        for (const table of everything) {
          const sent = await asText(source, table);
          expect([table, sent === '' && table !== 'claims']).toEqual([table, false]);
          expect(await asText(arrived, table)).toBe(sent);
        }
        const { rows } = await sql`
          select before is null as "sql null", before::text from requests where name = 'Contoso'`.execute(arrived.db);
        expect(rows).toEqual([{ 'sql null': false, before: 'null' }]);
        // 1 was given out before, though its row is gone.
        const next = await sql<{ id: string }>`
          insert into checks (tenant_id, at) values ('another', now()) returning id`.execute(arrived.db);
        expect(next.rows[0]?.id).toBe('2');
      }),
    );
  }, 120_000);

  test('takes a folder that no bot has open, and leaves it as it is', async () => {
    const folder = join(bot.folder, 'stopped');
    await fillFolder(folder, await readBackup(file));
    const told = await importInto(target.url, folder);
    expect(told).toMatch(/ {2}requests +2\n/);
    await expect(importInto(target.url, bot.home.folder)).rejects.toThrow('Another process is using');
    await mkdir(join(bot.folder, 'nothing'));
    await expect(importInto(target.url, join(bot.folder, 'nothing'))).rejects.toThrow('no embedded database');
    await expect(importInto(target.url, join(bot.folder, 'no-file'))).rejects.toThrow('There is no');
  }, 120_000);

  test('goes on with the jobs that were open, also those that were being worked on', async () => {
    await importInto(target.url, file);
    await withOpened(target, async (database) => {
      const jobs = await openJobs(database, pino({ level: 'silent' }));
      const { rows } = await sql<{ name: string }>`
        select distinct name from pgboss.job where state in ('created', 'retry') and name not like '\\_\\_%'`.execute(
        database.db,
      );
      expect(rows.map(({ name }) => name)).toContain('follow');
      const active = await sql`select 1 from pgboss.job where state = 'active'`.execute(database.db);
      expect(active.rows).toEqual([]);
      await jobs.stop();
    });
  }, 120_000);

  test('refuses a database that has anything in it, and changes nothing there', async () => {
    await withOpened(target, ({ db }) =>
      db
        .insertInto('organisations')
        .values({ tenant_id: 't', account: '1', added_by: 'x', added_at: new Date() })
        .execute(),
    );
    await expect(importInto(target.url, file)).rejects.toThrow(/not empty \(organisations\)/);
    expect(await requestsThere()).toBe(0);
  }, 120_000);

  test('that is killed when all has arrived leaves nothing, and the next one brings it all', async () => {
    const script = `
      import { importInto } from ${JSON.stringify(join(import.meta.dirname, '../../src/operator/import.ts'))};
      await importInto(process.argv[1], process.argv[2], async () => process.kill(process.pid, 'SIGKILL'));`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, target.url, file]);
    const [said, [, signal]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect({ said, signal }).toEqual({ said: '', signal: 'SIGKILL' });
    // PostgreSQL sees that the connection is gone when it next writes to it.
    while ((await othersConnected()) > 0) await pause(50);
    expect(await requestsThere()).toBe(0);
    expect(await importInto(target.url, file)).toMatch(/ {2}requests +2\n/);
  }, 120_000);

  test('leaves nothing where one row is refused', async () => {
    const copy = gunzipSync(await readFile(file));
    const folder = join(bot.folder, 'odd');
    await fillFolder(folder, new Blob([copy]));
    const odd = await openDatabase({ url: '', folder });
    await sql`alter table claims drop constraint claims_request_id_fkey`.execute(odd.db);
    await sql`insert into claims (tenant_id, key, request_id) values ('t', 'k', 424242)`.execute(odd.db);
    const spoilt = join(bot.folder, 'odd.backup');
    await writeFile(spoilt, gzipSync(new Uint8Array(await (await odd.copy!()).arrayBuffer())));
    await odd.close();
    await expect(importInto(target.url, spoilt)).rejects.toThrow('foreign key');
    expect(await requestsThere()).toBe(0);
  }, 120_000);

  const othersConnected = () =>
    withOpened({ url: process.env.DATABASE_URL as string }, async ({ db }) => {
      const name = new URL(target.url).pathname.slice(1);
      const { rows } = await sql`select 1 from pg_stat_activity where datname = ${name}`.execute(db);
      return rows.length;
    });
});
