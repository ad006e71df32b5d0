import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect, sql, type Transaction } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { type ConstructorOptions, fromPglite } from 'pg-boss';
import { lockDataFolder } from './lock.ts';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';

export type Db = Kysely<Tables>;
/** A transaction. Inside one, use only it: on PGlite there is one connection, and asking `Db` would wait for ever. */
export type Trx = Transaction<Tables>;

/** An open database: queries, how pg-boss reaches it, and how to close it. */
export interface Database {
  db: Db;
  bossOptions: ConstructorOptions;
  /** Whether this process alone can have it open. */
  embedded: boolean;
  /**
   * Hears `pg_notify(channel, …)`, which PostgreSQL delivers when the notifying transaction commits. A message may be lost
   * while the connection is being mended, so whoever listens looks around by itself now and then as well.
   */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  /**
   * All of an embedded database as it is on disk between two queries, as a tar archive. Whoever opens it finds what was
   * committed: a transaction that was open is undone, as after a kill. Absent on PostgreSQL, which has its own ways.
   */
  copy?(): Promise<Blob>;
  close(): Promise<void>;
}

export interface Home {
  url: string;
  folder: string;
  /** What an embedded database in memory begins with, as `dumpDataDir` made it: tests save seconds by it. */
  snapshot?: Blob | undefined;
}

/**
 * Opens PostgreSQL at `url`, or, when it is empty, PGlite in `folder` (in memory when that is empty too), and brings the
 * tables up to date.
 * @throws DataFolderInUse when another process has the folder open.
 */
export async function openDatabase({ url, folder, snapshot }: Home): Promise<Database> {
  const database = url ? openPostgres(url) : await openPglite(folder, snapshot);
  try {
    await migrate(database.db);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

function openPostgres(url: string): Database {
  // Node's pg returns bigint as text on purpose; our ids stay text everywhere, so that both homes agree.
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  // An idle connection that breaks must not end the process; the next query gets a new one.
  pool.on('error', () => {});
  return {
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    bossOptions: { connectionString: url, max: 6, backend: 'postgres' },
    embedded: false,
    listen: (channel, heard) => listenPostgres(url, channel, heard),
    close: () => pool.end(),
  };
}

async function openPglite(folder: string, snapshot: Blob | undefined): Promise<Database> {
  const unlock = folder ? lockDataFolder(folder) : () => {};
  try {
    // bigint as text, as node-postgres gives it.
    const parsers = { 20: (text: string) => text };
    const options = { parsers, ...(snapshot && { loadDataDir: snapshot }) };
    const pglite = await PGlite.create(folder ? { ...options, dataDir: await cluster(folder) } : options);
    return {
      db: new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) }),
      bossOptions: { db: fromPglite(pglite), backend: 'pglite' },
      embedded: true,
      listen: (channel, heard) => pglite.listen(channel, heard),
      async copy() {
        // Else whoever opens it replays the log, after which each counter skips up to 32 numbers. In a transaction that has
        // failed it is refused: then they do.
        await pglite.exec('checkpoint').catch(() => {});
        return pglite.dumpDataDir('none');
      },
      async close() {
        if (folder) await pglite.exec('checkpoint');
        await pglite.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * Copies an embedded database that no process has open, as `Database.copy` does: nothing in the folder is brought up to date.
 * @throws DataFolderInUse when a process has it open, NoData when there is none
 */
export async function copyFolder(folder: string): Promise<Blob> {
  if (!existsSync(join(folder, 'pglite'))) throw new NoData(folder);
  const unlock = lockDataFolder(folder);
  try {
    const pglite = await PGlite.create({ dataDir: join(folder, 'pglite') });
    return await pglite.dumpDataDir('none').finally(() => pglite.close());
  } finally {
    unlock();
  }
}

/**
 * Makes an embedded database in `folder` out of a copy. It is there when it is complete, and not before.
 * @throws DataFolderInUse, or DataAlreadyThere: nothing is ever overwritten
 */
export async function fillFolder(folder: string, copy: Blob): Promise<void> {
  const unlock = lockDataFolder(folder);
  try {
    const complete = join(folder, 'pglite');
    if (existsSync(complete)) throw new DataAlreadyThere(folder);
    const unfinished = join(folder, 'pglite.unfinished');
    await rm(unfinished, { recursive: true, force: true });
    const pglite = await PGlite.create({ dataDir: unfinished, loadDataDir: copy });
    await pglite.exec('checkpoint');
    await pglite.close();
    await rename(unfinished, complete);
  } finally {
    unlock();
  }
}

export class NoData extends Error {
  constructor(folder: string) {
    super(`There is no embedded database in ${folder}. Set DATA_DIR to the folder that has one.`);
    this.name = 'NoData';
  }
}

export class DataAlreadyThere extends Error {
  constructor(folder: string) {
    super(
      `There is a database in ${folder} already, and it is not overwritten. Move it away, or set DATA_DIR elsewhere.`,
    );
    this.name = 'DataAlreadyThere';
  }
}

/** A connection of its own, opened again a second after it broke. */
async function listenPostgres(url: string, channel: string, heard: (payload: string) => void) {
  let client: pg.Client | undefined;
  let again: NodeJS.Timeout | undefined;
  let closed = false;
  const open = async () => {
    const fresh = new pg.Client({ connectionString: url, keepAlive: true });
    fresh.on('notification', ({ payload = '' }) => heard(payload));
    fresh.on('error', () => {});
    fresh.on('end', () => {
      if (!closed) again = setTimeout(() => open().catch(() => fresh.emit('end')), 1_000);
    });
    await fresh.connect();
    await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
    client = fresh;
  };
  await open();
  return async () => {
    closed = true;
    clearTimeout(again);
    await client?.end();
  };
}

/**
 * Where PGlite keeps its files. It makes them one by one, and takes up what it finds however little that is, so a folder
 * left half made by a kill could never be opened again: the first time they are made elsewhere, and moved when complete.
 */
async function cluster(folder: string): Promise<string> {
  const complete = join(folder, 'pglite');
  if (existsSync(complete)) return complete;
  const unfinished = join(folder, 'pglite.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  const pglite = await PGlite.create({ dataDir: unfinished });
  await pglite.close();
  await rename(unfinished, complete);
  return complete;
}

/**
 * Runs what is new, under a lock of the migrator's: of nodes that start at once, one does it and the others wait.
 * What a newer version has run already is left alone, so that a node of the version before starts (again) beside it, or
 * after it when an upgrade is taken back; test/db/migrations.test.ts holds every migration to what that one can live with.
 */
async function migrate(db: Db): Promise<void> {
  const newest = Object.keys(migrations).sort().at(-1) ?? '';
  const byNewer = (await executed(db)).filter((name) => name > newest).map((name) => [name, { up: async () => {} }]);
  const all = { ...migrations, ...Object.fromEntries(byNewer) };
  const migrator = new Migrator({ db, provider: { getMigrations: async () => all } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

async function executed(db: Db): Promise<string[]> {
  const { rows: there } = await sql`select 1 where to_regclass('kysely_migration') is not null`.execute(db);
  if (there.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map(({ name }) => name);
}
