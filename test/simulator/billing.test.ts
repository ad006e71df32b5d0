import { humongous } from './enterprises.ts';
import { caller, endAll, simulate } from './start.ts';

afterEach(endAll);

type Row = Record<string, number> & { enterpriseName: string; services: string[] };
interface Report {
  billingSummary: Row[];
  page: { number: number; size: number; totalElements: number; totalPages: number };
  _links: { self: { href: string }; next?: { href: string } };
}

async function called() {
  const { simulator } = await simulate({ clock: () => new Date('2026-03-15T12:00:00Z') });
  const call = await caller(simulator.url);
  const get = async (path: string) => (await call('GET', path)).body as unknown as Report;
  const report = (query: string) => get(`/reseller/v3/getBillingSummaryReport?${query}`);
  const status = async (query: string) => (await call('GET', `/reseller/v3/getBillingSummaryReport?${query}`)).status;
  const control = (body: object) => fetch(`${simulator.url}/_controls`, { method: 'POST', body: JSON.stringify(body) });
  return { simulator, call, get, report, status, control };
}

describe('GET /reseller/v3/getBillingSummaryReport', () => {
  test('has a row with every counter for each enterprise', async () => {
    const { report } = await called();
    const { billingSummary, page, _links } = await report('resellerId=5001&month=2026-02');
    expect(billingSummary).toEqual([
      {
        resellerId: 5101,
        resellerName: 'Fabrikam',
        resellerBillingReference: 'NW-1001',
        enterpriseId: 5901,
        enterpriseName: 'Proseware',
        enterpriseBillingReference: 'NW-1001-A',
        services: ['PBX'],
        licensesInUse: expect.any(Number),
        pbx: expect.any(Number),
        trunk: 0,
        valet: expect.any(Number),
        sms: 0,
        chat: 0,
        operatorConnect: 0,
        externalTrunk: 0,
        callRecording: expect.any(Number),
      },
    ]);
    expect(billingSummary[0]!.licensesInUse).toBeGreaterThan(0);
    expect(page).toEqual({ number: 0, size: 20, totalElements: 1, totalPages: 1 });
    expect(_links.next).toBeUndefined();
  });

  test('is of one reseller or of all, and of nobody else’s', async () => {
    const { simulator, call, report, status } = await called();
    await call('POST', '/reseller/newEnterprise', { ...humongous, resellerId: 5102 });
    const names = async (id: number) =>
      (await report(`resellerId=${id}&month=2026-03`)).billingSummary.map((row) => row.enterpriseName);
    expect(await names(5001)).toEqual(['Proseware', 'Humongous Insurance']);
    expect(await names(5101)).toEqual(['Proseware']);
    expect(await names(5102)).toEqual(['Humongous Insurance']);
    expect(await names(5103)).toEqual([]);
    simulator.state.resellers[0]!.masterResellerId = 7;
    expect(await status('resellerId=5101&month=2026-03')).toBe(403);
    expect(await status('resellerId=1&month=2026-03')).toBe(403);
    expect((await fetch(`${simulator.url}/reseller/v3/getBillingSummaryReport`)).status).toBe(401);
  });

  test('says the same each time, nothing before there was the enterprise, and never less than the month before', async () => {
    const { report } = await called();
    const inUse = async (month: string) =>
      (await report(`resellerId=5101&month=${month}`)).billingSummary[0]!.licensesInUse!;
    for (const month of ['2024-12', '2025-01'])
      expect((await report(`resellerId=5101&month=${month}`)).billingSummary).toEqual([]);
    const months = ['2025-02', '2025-05', '2025-09', '2026-03'];
    const counts: number[] = [];
    for (const month of months) counts.push(await inUse(month));
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts.toSorted((one, other) => one - other)).toEqual(counts);
    expect(await inUse('2026-03')).toBe(counts.at(-1));
  });

  test('does not go over a user limit', async () => {
    const { call, report } = await called();
    await call('PUT', '/reseller/updateEnterprise/5901', { userLimit: 2 });
    expect((await report('resellerId=5101&month=2026-03')).billingSummary[0]).toMatchObject({
      licensesInUse: 2,
      pbx: 2,
    });
  });

  test.each(['2026-04', '2027-01', '2026-13', '2026-00', '2026-3', '202603', 'x', ''])(
    'is refused for the month %p',
    async (month) => {
      const { status } = await called();
      expect(await status(`resellerId=5001&month=${month}`)).toBe(400);
    },
  );

  test.each(['resellerId=5001', 'month=2026-03', 'resellerId=5001&month=2026-03&size=1001'])(
    'is refused with the query %s',
    async (query) => {
      const { status } = await called();
      expect(await status(query)).toBe(400);
    },
  );
});

describe('a long report', () => {
  test('is made up as it is read, page by page, the same each time', async () => {
    const { get, report, control } = await called();
    expect((await control({ billingRows: 2_500 })).status).toBe(204);
    const rows: Row[] = [];
    let next: string | undefined = '/reseller/v3/getBillingSummaryReport?resellerId=5001&month=2026-02&size=1000';
    for (let pages = 0; next && pages < 10; pages += 1) {
      const answer: Report = await get(next);
      expect(answer.page).toEqual({ number: pages, size: 1000, totalElements: 2_500, totalPages: 3 });
      rows.push(...answer.billingSummary);
      next = answer._links.next?.href;
    }
    expect(new Set(rows.map((row) => row.enterpriseId)).size).toBe(2_500);
    expect(new Set(rows.map((row) => row.resellerId)).size).toBe(100);
    for (const row of rows) expect(row.pbx! + row.trunk!).toBe(row.licensesInUse);
    const page = await report('resellerId=5001&month=2026-02&size=10&page=249');
    expect(page.billingSummary).toEqual(rows.slice(-10));
    expect((await report('resellerId=5001&month=2026-02&page=125')).billingSummary).toEqual([]);
    await control({ billingRows: 0 });
    expect((await report('resellerId=5001&month=2026-02')).page.totalElements).toBe(1);
  });

  test.each([-1, 1.5, '5'])('is refused with %p rows', async (billingRows) => {
    const { control } = await called();
    expect((await control({ billingRows })).status).toBe(400);
  });
});
