import { type Kysely, sql } from 'kysely';
import type { Db, Trx } from './open.ts';

/** What was brought over, by table. */
export type Transferred = Map<string, number>;

interface Table {
  name: string;
  columns: { name: string; type: string }[];
}

/** Of the job queue's own tables; what else it has are counts and its settings, which it makes by itself. */
const ofJobs = ['pgboss.job', 'pgboss.schedule'];
/** Made by the migrations themselves. */
const ofMigrations = ['kysely_migration', 'kysely_migration_lock'];
/** How many rows travel together: some of them are cards of 25 KB. */
const atOnce = 200;

export class NotEmpty extends Error {
  constructor(tables: string[]) {
    super(
      `The target is not empty (${tables.join(', ')}): an import goes into a new database only, which no bot has used. ` +
        'Nothing was changed.',
    );
    this.name = 'NotEmpty';
  }
}

/**
 * Brings every row of one database into another one that has the same tables and no rows, and its counters with them. Both
 * must be up to date, queues included. Runs in a transaction of the target's: all of it arrives, or nothing.
 * @throws NotEmpty
 */
export async function transfer(source: Db, target: Trx): Promise<Transferred> {
  const tables = [...(await ownTables(target)), ...ofJobs];
  await assertEmpty(target, tables);
  const ordered = inOrder(tables, await references(target));
  const transferred: Transferred = new Map();
  for (const name of ordered) transferred.set(name, await transferTable(source, target, await described(source, name)));
  await transferCounters(source, target);
  return transferred;
}

async function ownTables(db: Kysely<never> | Trx): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`.execute(db as Trx);
  return rows.map(({ name }) => name).filter((name) => !ofMigrations.includes(name));
}

/** Nobody writes there from now on, so that what is found empty stays so. */
async function assertEmpty(target: Trx, tables: string[]): Promise<void> {
  const found: string[] = [];
  for (const name of tables) {
    await sql`lock table ${sql.table(name)} in share row exclusive mode`.execute(target);
    // The job queue may have begun to look after itself.
    const ours = name === 'pgboss.job' ? sql`name not like '\\_\\_pgboss%'` : sql`true`;
    const { rows } = await sql`select 1 from ${sql.table(name)} where ${ours} limit 1`.execute(target);
    if (rows.length > 0) found.push(name);
  }
  if (found.length > 0) throw new NotEmpty(found);
}

/** Which table refers to which. */
async function references(target: Trx): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ from: string; to: string }>`
    select conrelid::regclass::text as "from", confrelid::regclass::text as "to" from pg_constraint
    where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid`.execute(target);
  return new Map(
    [...Map.groupBy(rows, ({ from }) => from)].map(([from, all]) => [from, all.map(({ to }) => to)] as const),
  );
}

/** Each after those it refers to. */
function inOrder(tables: string[], refersTo: Map<string, string[]>): string[] {
  const ordered: string[] = [];
  while (ordered.length < tables.length) {
    const next = tables.filter(
      (name) => !ordered.includes(name) && (refersTo.get(name) ?? []).every((to) => ordered.includes(to)),
    );
    if (next.length === 0) throw new Error('the tables refer to each other in a circle');
    ordered.push(...next);
  }
  return ordered;
}

async function described(source: Db, name: string): Promise<Table> {
  const { rows } = await sql<{ name: string; type: string }>`
    select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = ${name}::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum`.execute(source);
  return { name, columns: rows };
}

/** As text, which every type of PostgreSQL's is written as and read from again without loss; as JSON null would be lost. */
async function transferTable(source: Db, target: Trx, { name, columns }: Table): Promise<number> {
  const texts = columns.map((column) => sql`${sql.ref(column.name)}::text as ${sql.ref(column.name)}`);
  const values = columns.map((column) => sql`r.${sql.ref(column.name)}::${sql.raw(column.type)}`);
  const names = columns.map((column) => sql.ref(column.name));
  let count = 0;
  await source.transaction().execute(async (reading) => {
    await sql`declare rows no scroll cursor for select ${sql.join(texts)} from ${sql.table(name)}`.execute(reading);
    for (;;) {
      const { rows } = await sql<Record<string, string | null>>`
        fetch ${sql.raw(String(atOnce))} from rows`.execute(reading);
      if (rows.length === 0) return;
      const columnwise = columns.map((column) => sql`${rows.map((row) => row[column.name] ?? null)}::text[]`);
      await sql`
        insert into ${sql.table(name)} (${sql.join(names)}) overriding system value
        select ${sql.join(values)} from unnest(${sql.join(columnwise)}) as r(${sql.join(names)})`.execute(target);
      count += rows.length;
    }
  });
  return count;
}

/** An id that was given out is never given out again, even where its row is gone. */
async function transferCounters(source: Db, target: Trx): Promise<void> {
  const { rows } = await sql<{ name: string; last: string | null }>`
    select sequencename as name, last_value::text as last from pg_sequences where schemaname = 'public'`.execute(
    source,
  );
  for (const { name, last } of rows)
    if (last !== null) await sql`select setval(${name}::regclass, ${last}::bigint)`.execute(target);
}
