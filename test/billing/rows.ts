import { type BillingRow, countsOf } from '../../src/billing/bill.ts';

/** An enterprise on a bill; what a test does not name is the same for all. */
export const row = (enterpriseName: string, licensesInUse: number, other: Partial<BillingRow> = {}): BillingRow => ({
  resellerId: '6001',
  resellerName: 'Contoso',
  resellerBillingReference: 'B-77',
  enterpriseId: `id of ${enterpriseName}`,
  enterpriseName,
  enterpriseBillingReference: 'E-1',
  services: ['PBX', 'SMS'],
  counts: countsOf(({ key }) => (key === 'licensesInUse' ? licensesInUse : 1)),
  ...other,
});

export async function* pagesOf(...pages: BillingRow[][]): AsyncGenerator<BillingRow[]> {
  yield* pages;
}
