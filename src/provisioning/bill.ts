import type { Bill } from '../billing/bill.ts';
import { type Month, monthBefore } from '../billing/month.ts';
import { isFinal, keepBill, newestBill } from '../billing/store.ts';
import type { Db } from '../db/open.ts';
import { explain } from '../errors.ts';
import { accountOf } from '../people/organisations.ts';
import { type Backend, BackendRefused, BackendUnavailable } from './backend.ts';

export interface BillReading {
  db: Db;
  backend: Pick<Backend, 'billing'>;
  clock: () => Date;
}

/** A running month's bill that was read this short a time ago is not read again. Milliseconds. */
const freshFor = 60_000;

/** Why there is no bill, as a card tells it. */
export type Trouble = ReturnType<typeof explain>;
/** The bill asked for, with the one before it or the reason why that is missing. */
export type Read = { bill: Bill; before: Bill | Trouble } | { trouble: Trouble };

/** Reads a month's bill and the one before it, as far as they are not kept already. */
export async function readBill(room: BillReading, tenantId: string, month: Month, signal: AbortSignal): Promise<Read> {
  const bill = await ensure(room, tenantId, month, signal);
  if ('says' in bill) return { trouble: bill };
  return { bill, before: await ensure(room, tenantId, monthBefore(month), signal) };
}

async function ensure(
  { db, backend, clock }: BillReading,
  tenantId: string,
  month: Month,
  signal: AbortSignal,
): Promise<Bill | Trouble> {
  const now = clock();
  const kept = await newestBill(db, tenantId, month);
  if (kept && (isFinal(kept) || kept.readAt.getTime() > now.getTime() - freshFor)) return kept;
  const account = await accountOf(db, tenantId);
  if (account === undefined) return explain('tenant-unknown', { tenant: tenantId });
  try {
    return await keepBill(db, { tenantId, month, now }, until(signal, backend.billing(account, month)));
  } catch (error) {
    if (error instanceof BackendUnavailable) return explain('bill-unreachable', { reason: error.brief });
    if (!(error instanceof BackendRefused)) throw error;
    return error.why === 'login' ? explain('bill-login') : explain('bill-refused', { reason: error.message });
  }
}

/** Ends between two pages when the job is taken away from us: another process may already be at it. */
async function* until<T>(signal: AbortSignal, pages: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const page of pages) {
    signal.throwIfAborted();
    yield page;
  }
}
