import type { Server } from 'restify';
import * as z from 'zod';
import { billingRow, madeUpRow } from './billing.ts';
import { guards } from './guard.ts';
import { oneMistake, readQuery } from './http.ts';
import { pageFrom, pageQuery } from './paging.ts';
import type { Parts } from './simulator.ts';
import { findReseller, ownReseller } from './state.ts';

/** How many made-up rows the report has; none when it is the true one. */
export interface BillingRows {
  madeUp: number;
}

/** (I) Which parameters there are, and that a page may be this long: a report is read as a whole. */
const reportQuery = z.object({
  ...pageQuery,
  resellerId: z.coerce.number().int(),
  month: z.string().regex(/^[1-9]\d{3}-(0[1-9]|1[0-2])$/),
  size: z.coerce.number().int().min(1).max(1000).default(20),
});

/** The billing summary: (E) its path, its pages and its counters. */
export function serveBilling(server: Server, parts: Parts): void {
  const { store, clock, billing } = parts;
  const { closed } = guards(parts);

  server.get(
    '/reseller/v3/getBillingSummaryReport',
    closed((request) => {
      const { resellerId, month, page, size } = readQuery(request, reportQuery);
      const { masterReseller, enterprises } = store.state;
      const ofAll = resellerId === masterReseller.resellerId;
      if (!ofAll) ownReseller(store.state, resellerId);
      if (month > clock().toISOString().slice(0, 7))
        throw oneMistake('MONTH_NOT_BEGUN', 'month', `The month ${month} has not begun.`);
      const those = enterprises.filter(
        (one) => (ofAll || one.resellerId === resellerId) && one.createdDate.slice(0, 7) <= month,
      );
      const trueRows = (from: number, to: number) =>
        those.slice(from, to).map((one) => billingRow(findReseller(store.state, one.resellerId)!, one, month));
      const madeUp = (from: number, to: number) =>
        Array.from({ length: to - from }, (_, index) => madeUpRow(from + index, month));
      const paging = { key: 'billingSummary', page, size, query: { resellerId: String(resellerId), month } };
      const body = pageFrom(
        request,
        billing.madeUp > 0
          ? { ...paging, total: billing.madeUp, rows: madeUp }
          : { ...paging, total: those.length, rows: trueRows },
      );
      return { status: 200, body };
    }),
  );
}
