import { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, sql } from 'kysely';
import { migrations } from '../../src/db/migrations.ts';
import { openDatabase } from '../../src/db/open.ts';
import { freshDatabase } from '../support/database.ts';

/**
 * While an upgrade goes on, nodes of the version before work on the tables of the new one. So a migration only adds: tables,
 * and columns that nobody has to know of. What is in the way is left for a release; when no node that uses it can be running
 * any more, it goes by an entry that is named here, with why it is safe.
 */
const mayTakeAway: Record<string, string> = {
  '2026-11-n02-chain': 'before the first release',
  '2026-11-n05-access': 'before the first release',
  '2026-11-n12-sealed-lists': 'where there is no batch_id, its check asks what the one it replaces did',
};

/** What a statement of the version before relies on: a line for each thing that makes it fail when it goes or comes. */
interface Shape {
  /** Must stay: tables and columns with their types, what has a default, what may be null. */
  kept: string[];
  /** Must not come to what was there: columns that have to be given, rules that refuse rows. */
  asked: { of: string[]; says: string }[];
  /** The columns, and `*` for the whole of a table. */
  known: Set<string>;
}

async function shapeOf(db: Kysely<unknown>): Promise<Shape> {
  const { rows: columns } = await sql<{
    table: string;
    column: string;
    type: string;
    given: boolean;
    nullable: boolean;
  }>`
    select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
      a.atthasdef or a.attidentity <> '' as given, not a.attnotnull as nullable
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`.execute(
    db,
  );
  const { rows: rules } = await sql<{ table: string; columns: string[]; rule: string }>`
    select conrelid::regclass::text as table, pg_get_constraintdef(oid) as rule,
      array(select attname::text from pg_attribute where attrelid = conrelid and attnum = any(conkey)) as columns
    from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
    union all
    select indrelid::regclass::text, 'unique ' || regexp_replace(pg_get_indexdef(indexrelid), '^.* ON ', ''),
      array(select attname::text from pg_attribute where attrelid = indrelid and attnum = any(indkey))
    from pg_index
    where indisunique and not exists (select from pg_constraint where conindid = indexrelid)
      and indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)`.execute(db);
  return {
    kept: columns.flatMap(({ table, column, type, given, nullable }) => [
      `${table}.${column} is a ${type}`,
      ...(given || nullable ? [`${table}.${column} may be left out`] : []),
      ...(nullable ? [`${table}.${column} may be null`] : []),
    ]),
    asked: [
      ...columns.flatMap(({ table, column, given, nullable }) =>
        given || nullable ? [] : [{ of: [`${table}.*`], says: `${table}.${column} has to be given` }],
      ),
      ...rules.map(({ table, columns, rule }) => ({
        of: columns.map((column) => `${table}.${column}`),
        says: `${table}: ${rule}`,
      })),
    ],
    known: new Set(columns.flatMap(({ table, column }) => [`${table}.*`, `${table}.${column}`])),
  };
}

/** What a node of the version before would stumble over. */
function inTheWay(before: Shape, after: Shape): string[] {
  const asked = new Set(before.asked.map(({ says }) => says));
  // A rule on new columns alone does not see the rows of a node that leaves them out.
  const more = after.asked.filter(({ of, says }) => !asked.has(says) && of.some((one) => before.known.has(one)));
  return [
    ...before.kept.filter((line) => !after.kept.includes(line)).map((line) => `no longer: ${line}`),
    ...more.map(({ says }) => `now: ${says}`),
  ];
}

let pglite: PGlite;
let db: Kysely<unknown>;
beforeAll(async () => {
  pglite = await PGlite.create();
  db = new Kysely<unknown>({ dialect: new PGliteDialect({ pglite }) });
});
afterAll(() => db.destroy());

/** Looks at what statements do, and undoes it. */
async function inPassing<T>(look: (trx: Kysely<unknown>) => Promise<T>): Promise<T> {
  const trx = await db.startTransaction().execute();
  return look(trx).finally(() => trx.rollback().execute());
}

test('a migration leaves what a node of the version before works with, but where it is known to be safe', async () => {
  const stumbles = await inPassing(async (trx) => {
    const found: Record<string, string[]> = {};
    let before = await shapeOf(trx);
    for (const name of Object.keys(migrations).sort()) {
      await migrations[name]?.up(trx as never);
      const after = await shapeOf(trx);
      const way = inTheWay(before, after);
      if (way.length > 0 && !(name in mayTakeAway)) found[name] = way;
      before = after;
    }
    return found;
  });
  expect(stumbles).toEqual({});
});

test.each([
  ['alter table t drop column b', 'no longer: t.b is a text'],
  ['alter table t rename column b to c', 'no longer: t.b is a text'],
  ['alter table t alter column n type bigint', 'no longer: t.n is a integer'],
  ['alter table t add column c text not null', 'now: t.c has to be given'],
  ['alter table t alter column b set not null', 'no longer: t.b may be null'],
  ['alter table t alter column n drop default', 'now: t.n has to be given'],
  ['alter table t add check (n > 0)', 'now: t: CHECK ((n > 0))'],
  ['create unique index on t (b)', 'now: t: unique public.t USING btree (b)'],
  ['alter table t add foreign key (n) references t', 'now: t: FOREIGN KEY (n) REFERENCES t(id)'],
  ['drop table t', 'no longer: t.b is a text'],
])('%s would be in the way', async (statement, says) => {
  await inPassing(async (trx) => {
    await sql`create table t (id int primary key, b text, n int not null default 1)`.execute(trx);
    const before = await shapeOf(trx);
    await sql.raw(statement).execute(trx);
    expect(inTheWay(before, await shapeOf(trx))).toContain(says);
  });
});

test.each([
  'create table another (id int primary key, t int references t)',
  'alter table t add column c text',
  "alter table t add column c text not null default ''",
  'alter table t alter column n drop not null',
  'create index on t (b)',
  'alter table t add column c int unique references t check (c > 0)',
])('%s is not', async (statement) => {
  await inPassing(async (trx) => {
    await sql`create table t (id int primary key, b text, n int not null default 1)`.execute(trx);
    const before = await shapeOf(trx);
    await sql.raw(statement).execute(trx);
    expect(inTheWay(before, await shapeOf(trx))).toEqual([]);
  });
});

test('a node starts beside one of a newer version, whose migrations it does not know', async () => {
  const fresh = await freshDatabase();
  const newer = await openDatabase({ url: fresh.url, folder: '', snapshot: fresh.snapshot });
  await sql`insert into kysely_migration (name, timestamp) values ('9999-01-newer', now()::text)`.execute(newer.db);
  const copy = await newer.copy?.();
  const older = await openDatabase({ url: fresh.url, folder: '', snapshot: copy });
  expect(await older.db.selectFrom('requests').selectAll().execute()).toEqual([]);
  await older.close();
  await newer.close();
  await fresh.drop();
});

test('a database with another history is refused', async () => {
  const fresh = await freshDatabase();
  const other = await openDatabase({ url: fresh.url, folder: '', snapshot: fresh.snapshot });
  await sql`insert into kysely_migration (name, timestamp) values ('2026-11-n02-another', now()::text)`.execute(
    other.db,
  );
  const copy = await other.copy?.();
  await expect(openDatabase({ url: fresh.url, folder: '', snapshot: copy })).rejects.toThrow('2026-11-n02-another');
  await other.close();
  await fresh.drop();
});
