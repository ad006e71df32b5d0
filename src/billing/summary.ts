import { type SqlBool, sql } from 'kysely';
import type { Db } from '../db/open.ts';
import { type Bill, type Counts, counters, countsOf } from './bill.ts';

/** An enterprise and its licences in use, then and now. */
export interface Change {
  name: string;
  before: number;
  now: number;
}

/** How many there are of a kind of change, and the largest of them. */
export interface Changes {
  count: number;
  largest: Change[];
}

/** A bill as a card tells it; everything is counted in SQL, so that its length does not matter. */
export interface Summary {
  bill: Bill;
  resellers: number;
  totals: Counts;
  largest: { name: string; count: number }[];
  /** Undefined when the month before is not known. */
  against?: { bill: Bill; totals: Counts; fresh: Changes; gone: Changes; up: Changes; down: Changes };
}

/** Enterprises in the chart, and changes of each kind: what a phone shows without much scrolling. */
const shown = { chart: 8, changes: 5 };

export async function summarise(db: Db, bill: Bill, before: Bill | undefined): Promise<Summary> {
  const { resellers, counts: totals } = await totalsOf(db, bill);
  const largest = await db
    .selectFrom('bill_rows')
    .select(['enterprise_name as name', 'licenses_in_use as count'])
    .where('bill_id', '=', bill.id)
    .where('licenses_in_use', '>', 0)
    .orderBy('licenses_in_use', 'desc')
    .orderBy('position')
    .limit(shown.chart)
    .execute();
  if (!before) return { bill, resellers, totals, largest };
  const against = {
    bill: before,
    totals: (await totalsOf(db, before)).counts,
    fresh: await changes(db, bill, before, sql`last.bill_id is null`),
    gone: await changes(db, before, bill, sql`last.bill_id is null`),
    up: await changes(db, bill, before, sql`row.licenses_in_use > last.licenses_in_use`),
    down: await changes(db, bill, before, sql`row.licenses_in_use < last.licenses_in_use`),
  };
  // Asked of the earlier bill, then and now are the other way round.
  against.gone.largest = against.gone.largest.map(({ name, now }) => ({ name, before: now, now: 0 }));
  return { bill, resellers, totals, largest, against };
}

async function totalsOf(db: Db, bill: Bill): Promise<{ resellers: number; counts: Counts }> {
  const row = await db
    .selectFrom('bill_rows')
    .select((select) => select.fn.count<string>('reseller_id').distinct().as('resellers'))
    .select(counters.map(({ key, column }) => sql<string>`coalesce(sum(${sql.ref(column)}), 0)::bigint`.as(key)))
    .where('bill_id', '=', bill.id)
    .executeTakeFirstOrThrow();
  const sums = row as Record<string, string>;
  return { resellers: Number(row.resellers), counts: countsOf(({ key }) => Number(sums[key])) };
}

/** The enterprises of one bill that a condition on both bills holds for, the largest change first. */
async function changes(db: Db, bill: Bill, other: Bill, holds: ReturnType<typeof sql>): Promise<Changes> {
  const rows = await db
    .selectFrom('bill_rows as row')
    .leftJoin('bill_rows as last', (join) =>
      join
        .onRef('last.reseller_id', '=', 'row.reseller_id')
        .onRef('last.enterprise_id', '=', 'row.enterprise_id')
        .on('last.bill_id', '=', other.id),
    )
    .select(['row.enterprise_name as name', 'row.licenses_in_use as now'])
    .select(sql<number>`coalesce(last.licenses_in_use, 0)`.as('before'))
    .select(sql<string>`count(*) over ()`.as('count'))
    .where('row.bill_id', '=', bill.id)
    .where(sql<SqlBool>`${holds}`)
    .orderBy(sql`abs(row.licenses_in_use - coalesce(last.licenses_in_use, 0))`, 'desc')
    .orderBy('row.position')
    .limit(shown.changes)
    .execute();
  return { count: Number(rows[0]?.count ?? 0), largest: rows.map(({ name, before, now }) => ({ name, before, now })) };
}
