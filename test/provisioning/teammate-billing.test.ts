import type { BillingRow } from '../../src/billing/bill.ts';
import { BackendRefused, BackendUnavailable } from '../../src/provisioning/backend.ts';
import { readBilling } from '../../src/provisioning/teammate-billing.ts';
import { TeamMateHttp } from '../../src/provisioning/teammate-http.ts';
import { demoLogin, demoMasterReseller } from '../../src/simulator/seed.ts';
import { atEnd, endAll, type Heard, listen, simulate } from '../simulator/start.ts';

afterEach(endAll);

function http(url: string) {
  const client = new TeamMateHttp({
    TEAMMATE_URL: url,
    TEAMMATE_CLIENT_ID: demoLogin.clientId,
    TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
    TEAMMATE_USERNAME: demoLogin.username,
    TEAMMATE_PASSWORD: demoLogin.password,
    TEAMMATE_TIMEOUT: 10_000,
  });
  atEnd(() => client.close());
  return client;
}

async function read(client: TeamMateHttp): Promise<BillingRow[]> {
  const rows: BillingRow[] = [];
  for await (const page of readBilling(client, '5001', '2026-10')) rows.push(...page);
  return rows;
}

/** A service that grants every login and answers the rest as told. */
async function scripted(script: (heard: Heard) => unknown) {
  const service = await listen((heard, response) => {
    const body = heard.path === '/oauth/token' ? { access_token: 'token' } : script(heard);
    response.end(JSON.stringify(body));
  });
  return { ...service, client: http(service.url) };
}

const entry = { resellerId: 6001, enterpriseId: 7001, enterpriseName: 'Fabrikam', licensesInUse: 3 };

describe('the billing summary', () => {
  test('is read from the simulator to its last page', async () => {
    const { simulator } = await simulate();
    const body = JSON.stringify({ billingRows: 1_203 });
    await fetch(`${simulator.url}/_controls`, { method: 'POST', body });
    const rows: BillingRow[] = [];
    const sizes: number[] = [];
    for await (const page of readBilling(http(simulator.url), String(demoMasterReseller.resellerId), '2026-10')) {
      rows.push(...page);
      sizes.push(page.length);
    }
    expect(sizes).toEqual([500, 500, 203]);
    expect(new Set(rows.map((row) => row.enterpriseId)).size).toBe(1_203);
    expect(rows[0]).toMatchObject({
      resellerName: 'Reseller 1',
      resellerBillingReference: 'R-1',
      enterpriseName: 'Enterprise 1',
      enterpriseBillingReference: 'E-1',
      services: ['PBX'],
    });
    expect(rows.some((row) => row.counts.licensesInUse > 0 && row.counts.callRecording >= 0)).toBe(true);
  });

  test('asks for the account and the month', async () => {
    const { client, heard } = await scripted(() => ({ billingSummary: [] }));
    expect(await read(client)).toEqual([]);
    expect(heard.at(-1)?.path).toBe(
      '/reseller/v3/getBillingSummaryReport?resellerId=5001&month=2026-10&page=0&size=500',
    );
  });

  test('takes what is left out as none', async () => {
    const { client } = await scripted(() => ({ billingSummary: [{ ...entry, sms: null }] }));
    const [row] = await read(client);
    expect(row).toMatchObject({ resellerId: '6001', resellerName: '', services: [], enterpriseId: '7001' });
    expect(row?.counts).toMatchObject({ licensesInUse: 3, sms: 0, chat: 0 });
  });

  test('cuts what is too long, and what no database takes', async () => {
    const { client } = await scripted(() => ({
      billingSummary: [{ ...entry, enterpriseName: 'x'.repeat(5_000), resellerName: 'a\0b\ud800' }],
    }));
    const [row] = await read(client);
    expect(row?.enterpriseName).toHaveLength(300);
    expect(row?.resellerName).toBe('a\ufffdb\ufffd');
  });

  test.each<[string, unknown]>([
    ['a list that is none', { billingSummary: {} }],
    ['no list', {}],
    ['a count below nothing', { billingSummary: [{ ...entry, pbx: -1 }] }],
    ['half a licence', { billingSummary: [{ ...entry, licensesInUse: 1.5 }] }],
    ['a count as text', { billingSummary: [{ ...entry, licensesInUse: '3' }] }],
    ['a count beyond any', { billingSummary: [{ ...entry, licensesInUse: 2 ** 31 }] }],
    ['no id', { billingSummary: [{ ...entry, enterpriseId: null }] }],
    ['another month', { billingSummary: [entry], month: '2026-11' }],
    ['pages without an end', { billingSummary: [], _links: { next: { href: '?page=0' } } }],
    ['pages elsewhere', { billingSummary: [], _links: { next: 'https://evil.example/' } }],
  ])('with %s is no usable answer', async (_, body) => {
    const { client } = await scripted(() => body);
    await expect(read(client)).rejects.toThrow(BackendUnavailable);
  });

  test('of a month that TeamMate refuses is refused', async () => {
    const { simulator } = await simulate();
    const pages = readBilling(http(simulator.url), String(demoMasterReseller.resellerId), '2999-01');
    await expect(pages.next()).rejects.toThrow(BackendRefused);
  });
});
