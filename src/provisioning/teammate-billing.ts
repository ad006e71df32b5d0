import * as z from 'zod';
import { type BillingRow, type Counter, type Counts, counters } from '../billing/bill.ts';
import type { Month } from '../billing/month.ts';
import { say } from '../language/say.ts';
import { BackendUnavailable } from './backend.ts';
import type { TeamMateHttp } from './teammate-http.ts';

/** Enterprises a page, and pages before we stop believing that a list ends: two million enterprises. */
const list = { size: 500, pages: 4_000 };

/** PostgreSQL keeps neither NUL nor half a character; nothing that TeamMate names is longer than this by right. */
const text = z
  .string()
  .nullish()
  .transform((value) => (value ?? '').slice(0, 300).toWellFormed().replaceAll('\0', '\ufffd'));
const id = z.union([z.number().int(), z.string().min(1).max(100)]).transform((value) => String(value).toWellFormed());

/** A service that is not in use may be left out; what is counted below nothing, or in halves, is no count. */
const count = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .nullish()
  .transform((value) => value ?? 0);
const counts = Object.fromEntries(counters.map(({ key }) => [key, count])) as Record<Counter, typeof count>;

/**
 * One enterprise of the billing summary. (E) the counters and enterpriseBillingReference; (I) every other name, after the
 * portal's billing report and the calls beside it.
 */
const rowAnswer = z
  .object({
    resellerId: id,
    resellerName: text,
    resellerBillingReference: text,
    enterpriseId: id,
    enterpriseName: text,
    enterpriseBillingReference: text,
    services: z
      .array(text)
      .max(100)
      .nullish()
      .transform((value) => value ?? []),
    ...counts,
  })
  .transform(
    (row): BillingRow => ({
      resellerId: row.resellerId,
      resellerName: row.resellerName,
      resellerBillingReference: row.resellerBillingReference,
      enterpriseId: row.enterpriseId,
      enterpriseName: row.enterpriseName,
      enterpriseBillingReference: row.enterpriseBillingReference,
      services: row.services,
      counts: Object.fromEntries(counters.map(({ key }) => [key, row[key]])) as Counts,
    }),
  );

/** (E) that it is paged with `_links`; (I) the list's own name, and that a month may be named. */
const pageAnswer = z.object({
  billingSummary: z.array(rowAnswer),
  month: z.string().nullish(),
  _links: z
    .object({ next: z.union([z.string(), z.object({ href: z.string() }).transform((link) => link.href)]).nullish() })
    .nullish(),
});

/**
 * The billing summary of a master reseller, page by page. (E) `GET /reseller/v3/getBillingSummaryReport` exists; (I) its
 * parameters.
 */
export async function* readBilling(
  http: TeamMateHttp,
  account: string,
  month: Month,
  first = '/reseller/v3/getBillingSummaryReport',
): AsyncGenerator<BillingRow[]> {
  const query = new URLSearchParams({ resellerId: account, month, page: '0', size: String(list.size) });
  const seen = new Set<string>();
  let path = `${first}?${query}`;
  while (!seen.has(path) && seen.size < list.pages) {
    seen.add(path);
    const page = await http.call({ method: 'GET', path, answer: pageAnswer, repeatable: true });
    // One that does not know our parameter would answer with some month of its own.
    if (page.month && page.month !== month)
      throw new BackendUnavailable(
        `TeamMate answered with the bill of ${page.month.slice(0, 20)} instead of ${month}.`,
        undefined,
        say('work.trouble.other-month'),
      );
    yield page.billingSummary;
    const next = page._links?.next;
    if (!next) return;
    path = http.sameOrigin(next, path);
  }
  throw new BackendUnavailable(
    `TeamMate’s billing summary did not end after ${seen.size} pages.`,
    undefined,
    say('work.trouble.endless'),
  );
}
