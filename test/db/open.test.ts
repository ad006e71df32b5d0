import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { pino } from 'pino';
import { openJobs } from '../../src/db/jobs.ts';
import { type Database, type Db, openDatabase } from '../../src/db/open.ts';
import type { Tables } from '../../src/db/schema.ts';
import { freshDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
/** What only PostgreSQL can be asked: there is a second connection, a second node. */
const onPostgres: typeof test | (() => void) = process.env.DATABASE_URL ? test : () => {};

let home: { url: string; folder: string };
let drop: () => Promise<void>;
let database: Database;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'teammate-'));
  const fresh = await freshDatabase();
  home = { url: fresh.url, folder: join(folder, 'data') };
  drop = async () => {
    await fresh.drop();
    await rm(folder, { recursive: true, force: true });
  };
  database = await openDatabase(home);
});
afterAll(async () => {
  await database.close();
  await drop();
});

/** A request with one event. Resolves to the event's id. */
async function anEvent(db: Db): Promise<string> {
  const now = new Date();
  const { id: request_id } = await db
    .insertInto('requests')
    .values({
      tenant_id: 'a-tenant',
      kind: 'reseller',
      state: 'pending',
      content: '{}',
      name: 'Contoso',
      requester_tenant_id: 't',
      requester_id: 'alex',
      requester_name: 'Alex',
      since: now,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id } = await db
    .insertInto('events')
    .values({ tenant_id: 'a-tenant', request_id, at: now, what: 'submitted', detail: '{}', hash: 'a-hash' })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

describe('a database', () => {
  test('that is opened again keeps what is in it, and its tables are not made twice', async () => {
    const id = await anEvent(database.db);
    await database.close();
    database = await openDatabase(home);
    expect(await database.db.selectFrom('events').select('id').where('id', '=', id).execute()).toEqual([{ id }]);
    const done = await (database.db as unknown as Kysely<{ kysely_migration: { name: string } }>)
      .selectFrom('kysely_migration')
      .select('name')
      .execute();
    expect(new Set(done.map(({ name }) => name)).size).toBe(done.length);
  });

  test('gives ids as text in both homes, because they may be larger than a number can hold', async () => {
    const id = await anEvent(database.db);
    expect(typeof id).toBe('string');
    const { rows } = await sql<{ large: unknown }>`select 9007199254740993::bigint as large`.execute(database.db);
    expect(rows[0]?.large).toBe('9007199254740993');
  });

  test('lets no event be changed or deleted, but for the mark that it was announced', async () => {
    const { db } = database;
    const id = await anEvent(db);
    const change = (set: Partial<{ what: string; at: Date; detail: string; hash: string; announced: boolean }>) =>
      db.updateTable('events').set(set).where('id', '=', id).execute();
    await expect(change({ what: 'approve' })).rejects.toThrow('events are append-only');
    await expect(change({ at: new Date(0) })).rejects.toThrow('events are append-only');
    await expect(change({ detail: '{"reason":"another"}' })).rejects.toThrow('events are append-only');
    await expect(change({ hash: 'another', announced: true })).rejects.toThrow('events are append-only');
    await expect(db.deleteFrom('events').where('id', '=', id).execute()).rejects.toThrow('events are append-only');
    await change({ announced: true });
    const events = await db.selectFrom('events').select(['what', 'announced']).where('id', '=', id).execute();
    expect(events).toEqual([{ what: 'submitted', announced: true }]);
  });

  test('tells a listener what was committed, and nothing of what was rolled back', async () => {
    const heard: string[] = [];
    const last = Promise.withResolvers<void>();
    const unlisten = await database.listen('a_channel', (payload) => {
      heard.push(payload);
      if (payload === 'last') last.resolve();
    });
    const notify = (db: Kysely<Tables>, payload: string) => sql`select pg_notify('a_channel', ${payload})`.execute(db);
    await database.db.transaction().execute((trx) => notify(trx, 'first'));
    const rolledBack = database.db.transaction().execute(async (trx) => {
      await notify(trx, 'rolled back');
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await database.db.transaction().execute((trx) => notify(trx, 'last'));
    await last.promise;
    await unlisten();
    expect(heard).toEqual(['first', 'last']);
  });

  onPostgres('is made ready by several nodes at once, when they start at the same time', async () => {
    const fresh = await freshDatabase();
    const nodes = await Promise.all(
      [1, 2, 3].map(async () => {
        const node = await openDatabase({ url: fresh.url, folder: '' });
        return { node, jobs: await openJobs(node, log) };
      }),
    );
    for (const { node, jobs } of nodes) {
      expect(await node.db.selectFrom('requests').selectAll().execute()).toEqual([]);
      await jobs.stop();
      await node.close();
    }
    await fresh.drop();
  });

  onPostgres('outlives the loss of its connections, and its listeners hear again', async () => {
    const heard = new Set<string>();
    const unlisten = await database.listen('a_channel', (payload) => heard.add(payload));
    // A connection that kills its own kind loses itself too; what matters is what comes afterwards.
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(database.db);
    for (let number = 0; !heard.size; number++) {
      await sql`select pg_notify('a_channel', ${String(number)})`.execute(database.db);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await unlisten();
  });
});

describe('the embedded database', () => {
  test('opens a folder whose first start was killed while its files were being made', async () => {
    const folder = join(home.folder, 'interrupted');
    // PGlite takes a folder with this file in it for a whole one, and does not get any further than that.
    await mkdir(join(folder, 'pglite.unfinished', 'base'), { recursive: true });
    await writeFile(join(folder, 'pglite.unfinished', 'PG_VERSION'), '17\n');
    const opened = await openDatabase({ url: '', folder });
    await anEvent(opened.db);
    await opened.close();
    expect((await readdir(folder)).sort()).toEqual(['lock', 'pglite']);
  });
});
