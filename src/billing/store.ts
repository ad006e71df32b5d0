import { type SqlBool, sql } from 'kysely';
import type { Db, Trx } from '../db/open.ts';
import { type Bill, type BillingRow, counters, countsOf } from './bill.ts';
import { endOf, type Month } from './month.ts';

/** A replaced bill stays this long, for a file that is being made of it. Milliseconds. */
const replacedStays = 10 * 60_000;
/** What was not read to its end by then never will be: its process died. Milliseconds. */
const unfinishedStays = 60 * 60_000;

/** Rows written or read at a time; PostgreSQL takes at most 65 535 values in one statement. */
const pageSize = 1_000;

/**
 * Keeps a bill as it comes in, page by page. Nobody sees any of it before its last page is there; then it takes the place
 * of the one that was kept for the same month.
 */
export async function keepBill(
  db: Db,
  { tenantId, month, now }: { tenantId: string; month: Month; now: Date },
  pages: AsyncIterable<BillingRow[]>,
): Promise<Bill> {
  const { id } = await db
    .insertInto('bills')
    .values({ tenant_id: tenantId, month, read_at: now })
    .returning('id')
    .executeTakeFirstOrThrow();
  try {
    let position = 0;
    for await (const page of pages) {
      const rows = page.map((row) => ({ bill_id: id, position: position++, ...columnsOf(row) }));
      for (let from = 0; from < rows.length; from += pageSize)
        await db
          .insertInto('bill_rows')
          .values(rows.slice(from, from + pageSize))
          // A page may repeat an enterprise when somebody was added while the list was read.
          .onConflict((conflict) => conflict.doNothing())
          .execute();
    }
  } catch (error) {
    await db.deleteFrom('bills').where('id', '=', id).execute();
    throw error;
  }
  const size = await db.transaction().execute((trx) => complete(trx, { id, tenantId, month, now }));
  return { id, tenantId, month, readAt: now, size };
}

async function complete(
  trx: Trx,
  { id, tenantId, month, now }: { id: string; tenantId: string; month: Month; now: Date },
) {
  const { count } = await trx
    .selectFrom('bill_rows')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('bill_id', '=', id)
    .executeTakeFirstOrThrow();
  const size = Number(count);
  await trx.updateTable('bills').set({ size, complete: true }).where('id', '=', id).execute();
  await trx
    .deleteFrom('bills')
    .where('tenant_id', '=', tenantId)
    .where((where) =>
      where.or([
        where.and([
          where('month', '=', month),
          where('complete', '=', true),
          where('id', '!=', id),
          where('read_at', '<', new Date(now.getTime() - replacedStays)),
        ]),
        where.and([where('complete', '=', false), where('read_at', '<', new Date(now.getTime() - unfinishedStays))]),
      ]),
    )
    .execute();
  return size;
}

/** The newest bill of a month that was read to its end. */
export async function newestBill(db: Db | Trx, tenantId: string, month: Month): Promise<Bill | undefined> {
  const row = await db
    .selectFrom('bills')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('month', '=', month)
    .where('complete', '=', true)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { id: row.id, tenantId, month, readAt: row.read_at, size: row.size };
}

/** Whether a bill is the last word on its month, so that reading it again could tell nothing new. */
export const isFinal = ({ month, readAt }: Pick<Bill, 'month' | 'readAt'>): boolean => readAt >= endOf(month);

/** One enterprise with what it had a month before; `last` is undefined when it was not on that bill. */
export interface ComparedRow extends BillingRow {
  last: number | undefined;
}

/**
 * The rows of a bill in TeamMate's order, page by page, so that a bill of any length takes the same memory.
 * `but`: only those that are not on that other bill.
 */
export async function* rowsOf(
  db: Db,
  bill: Bill,
  { before, but }: { before?: Bill | undefined; but?: Bill } = {},
): AsyncGenerator<ComparedRow[]> {
  const { end } = await db
    .selectFrom('bill_rows')
    .select((select) => select.fn.max('position').as('end'))
    .where('bill_id', '=', bill.id)
    .executeTakeFirstOrThrow();
  // A range, not a limit: where the database has no statistics yet, it would sort all that is left for each page.
  for (let from = 0; from <= (end ?? -1); from += pageSize) {
    let query = db
      .selectFrom('bill_rows as row')
      .leftJoin('bill_rows as last', (join) =>
        join
          .onRef('last.reseller_id', '=', 'row.reseller_id')
          .onRef('last.enterprise_id', '=', 'row.enterprise_id')
          .on('last.bill_id', '=', before?.id ?? but?.id ?? '0'),
      )
      .selectAll('row')
      .select('last.licenses_in_use as last_in_use')
      .where('row.bill_id', '=', bill.id)
      .where('row.position', '>=', from)
      .where('row.position', '<', from + pageSize);
    if (but) query = query.where(sql<SqlBool>`last.bill_id is null`);
    const rows = await query.orderBy('row.position').execute();
    if (rows.length > 0)
      yield rows.map(({ last_in_use, ...row }) => ({ ...toRow(row), last: last_in_use ?? undefined }));
  }
}

type Columns = ReturnType<typeof columnsOf>;

const columnsOf = (row: BillingRow) => ({
  reseller_id: row.resellerId,
  reseller_name: row.resellerName,
  reseller_reference: row.resellerBillingReference,
  enterprise_id: row.enterpriseId,
  enterprise_name: row.enterpriseName,
  enterprise_reference: row.enterpriseBillingReference,
  services: row.services,
  ...(Object.fromEntries(counters.map(({ key, column }) => [column, row.counts[key]])) as Record<
    (typeof counters)[number]['column'],
    number
  >),
});

const toRow = (row: Columns): BillingRow => ({
  resellerId: row.reseller_id,
  resellerName: row.reseller_name,
  resellerBillingReference: row.reseller_reference,
  enterpriseId: row.enterprise_id,
  enterpriseName: row.enterprise_name,
  enterpriseBillingReference: row.enterprise_reference,
  services: row.services,
  counts: countsOf(({ column }) => row[column]),
});
