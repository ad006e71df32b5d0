import type { SrvRecord } from 'node:dns';
import type { SipAccount } from '../../src/sip/account.ts';
import { findNextHop, inOrder, parseHostPort } from '../../src/sip/targets.ts';
import { startDns, type TestDns } from '../support/dns.ts';

const account: SipAccount = {
  domain: 'pbx.contoso.example',
  lookup: 'SRV',
  transport: 'UDP',
  user: '1001',
  password: 'secret',
  expires: 300,
};

let dns: TestDns;
beforeAll(async () => {
  dns = await startDns({});
});
afterAll(() => dns.close());
beforeEach(() => {
  dns.asked.length = 0;
});

const find = async (change: Partial<SipAccount>, signal = new AbortController().signal) => {
  const { targets, ...rest } = await findNextHop({ ...account, ...change }, { dnsServers: [dns.server] }, signal);
  return { ...rest, at: targets.map(({ host, address, port }) => `${host} ${address} ${port}`) };
};

describe('the next hop of a domain with SRV records', () => {
  beforeEach(() => {
    dns.zone = {
      '_sip._udp.pbx.contoso.example': {
        srv: [
          { priority: 20, port: 5070, name: 'sip2.contoso.example' },
          { priority: 10, port: 5060, name: 'sip1.contoso.example' },
        ],
      },
      '_sip._tcp.pbx.contoso.example': { srv: [{ port: 5080, name: 'sip2.contoso.example' }] },
      '_sips._tcp.pbx.contoso.example': { srv: [{ port: 5061, name: 'sip2.contoso.example' }] },
      'sip1.contoso.example': { addresses: ['203.0.113.1', '2001:db8::1'] },
      'sip2.contoso.example': { addresses: ['203.0.113.2'] },
      'pbx.contoso.example': { addresses: ['203.0.113.9'] },
      'proxy.contoso.example': { addresses: ['203.0.113.8'] },
    };
  });

  test('is all of their addresses, by priority, with their ports', async () => {
    expect(await find({})).toEqual({
      says: 'SRV of pbx.contoso.example: sip1.contoso.example:5060, sip2.contoso.example:5070.',
      at: [
        'sip1.contoso.example 203.0.113.1 5060',
        'sip1.contoso.example 2001:db8::1 5060',
        'sip2.contoso.example 203.0.113.2 5070',
      ],
    });
  });

  test.each([
    ['TCP', 5080],
    ['TLS', 5061],
  ] as const)('follows the transport: %s', async (transport, port) => {
    expect((await find({ transport })).at).toEqual([`sip2.contoso.example 203.0.113.2 ${port}`]);
  });

  test.each([
    ['with lookup A', { lookup: 'A' }, 'pbx.contoso.example 203.0.113.9 5060'],
    ['with lookup A over TLS', { lookup: 'A', transport: 'TLS' }, 'pbx.contoso.example 203.0.113.9 5061'],
    ['with a port', { lookup: 'A', port: 5099 }, 'pbx.contoso.example 203.0.113.9 5099'],
    ['with a proxy that has a port', { proxy: 'proxy.contoso.example:5555' }, 'proxy.contoso.example 203.0.113.8 5555'],
  ] as const)('is the address of the name %s', async (_when, change, at) => {
    expect((await find(change)).at).toEqual([at]);
    expect(dns.asked.filter((question) => question.startsWith('SRV'))).toEqual([]);
  });

  test.each([
    ['192.0.2.7', '192.0.2.7 192.0.2.7 5060'],
    ['192.0.2.7:5070', '192.0.2.7 192.0.2.7 5070'],
    ['[2001:db8::7]:5070', '2001:db8::7 2001:db8::7 5070'],
    ['[2001:db8::7]', '2001:db8::7 2001:db8::7 5060'],
  ])('is a proxy’s address as it stands: %s', async (proxy, at) => {
    expect((await find({ proxy })).at).toEqual([at]);
    expect(dns.asked).toEqual([]);
  });

  test('is that of the proxy’s own records when it has no port', async () => {
    dns.zone['_sip._udp.proxy.contoso.example'] = { srv: [{ port: 5090, name: 'sip2.contoso.example' }] };
    expect((await find({ proxy: 'proxy.contoso.example' })).at).toEqual(['sip2.contoso.example 203.0.113.2 5090']);
  });

  test('is the address of the name itself, with a warning, without records for that transport', async () => {
    delete dns.zone['_sip._tcp.pbx.contoso.example'];
    expect(await find({ transport: 'TCP' })).toEqual({
      at: ['pbx.contoso.example 203.0.113.9 5060'],
      says: 'There is no SRV record _sip._tcp.pbx.contoso.example; the address of pbx.contoso.example itself serves, at port 5060.',
      warning: {
        says: 'There is no SRV record _sip._tcp.pbx.contoso.example.',
        fix: 'Have the SRV record _sip._tcp.pbx.contoso.example published, or choose the DNS lookup type A.',
      },
    });
  });

  test.each(['localhost', 'pbx.localhost'])('is this machine for %s, without asking', async (name) => {
    const { at } = await find({ domain: name, lookup: 'A' });
    expect(at).toEqual([`${name} 127.0.0.1 5060`, `${name} ::1 5060`]);
    expect(dns.asked).toEqual([]);
  });

  test('is of few targets, whatever a zone lists', async () => {
    const addresses = Array.from({ length: 20 }, (_, index) => `203.0.113.${index + 1}`);
    dns.zone = { 'many.example': { addresses } };
    expect((await find({ domain: 'many.example', lookup: 'A' })).at).toHaveLength(16);
  });
});

describe('NAPTR', () => {
  beforeEach(() => {
    dns.zone = {
      'pbx.contoso.example': {
        naptr: [
          { order: 20, service: 'SIP+D2U', replacement: '_sip._udp.second.example' },
          { order: 10, service: 'SIP+D2T', replacement: '_sip._tcp.other.example' },
          { order: 10, service: 'SIP+D2U', replacement: '_sip._udp.first.example' },
        ],
      },
      '_sip._udp.first.example': { srv: [{ port: 5062, name: 'sip1.contoso.example' }] },
      '_sip._udp.pbx.contoso.example': { srv: [{ port: 5063, name: 'sip1.contoso.example' }] },
      'sip1.contoso.example': { addresses: ['203.0.113.1'] },
    };
  });

  test('leads to the SRV records of the first service for the transport', async () => {
    expect(await find({ lookup: 'NAPTR' })).toEqual({
      at: ['sip1.contoso.example 203.0.113.1 5062'],
      says: 'NAPTR and SRV of pbx.contoso.example: sip1.contoso.example:5062.',
    });
  });

  test('that has nothing for the transport leaves SRV alone, with a warning', async () => {
    dns.zone['_sips._tcp.pbx.contoso.example'] = { srv: [{ port: 5064, name: 'sip1.contoso.example' }] };
    const { at, warning } = await find({ lookup: 'NAPTR', transport: 'TLS' });
    expect(at).toEqual(['sip1.contoso.example 203.0.113.1 5064']);
    expect(warning?.says).toBe(
      'No NAPTR record of pbx.contoso.example is for SIP over TLS, only for something else; SRV alone serves.',
    );
  });

  test('that is not there leaves SRV alone', async () => {
    dns.zone['pbx.contoso.example'] = {};
    expect((await find({ lookup: 'NAPTR' })).at).toEqual(['sip1.contoso.example 203.0.113.1 5063']);
  });
});

describe('no next hop', () => {
  test.each([
    [
      'for a name DNS does not know',
      {},
      {},
      'DNS knows neither SRV records (_sip._udp.pbx.contoso.example) nor an address of pbx.contoso.example.',
    ],
    [
      'for a name without an address',
      {},
      { lookup: 'A' },
      'pbx.contoso.example has no address in DNS (neither an A nor an AAAA record).',
    ],
    [
      'for records that lead nowhere',
      { '_sip._udp.pbx.contoso.example': { srv: [{ port: 5060, name: 'gone.example' }] } },
      {},
      'SRV of _sip._udp.pbx.contoso.example: gone.example:5060, and none of these names has an address in DNS.',
    ],
    [
      'for a service that is decidedly not there',
      { '_sip._udp.pbx.contoso.example': { srv: [{ port: 0, name: '.' }] } },
      {},
      'DNS says that there is no SIP over UDP at pbx.contoso.example (_sip._udp.pbx.contoso.example points to “.”).',
    ],
    [
      'when the servers cannot tell',
      { '_sip._udp.pbx.contoso.example': { servfail: true } },
      {},
      'The DNS servers cannot tell where _sip._udp.pbx.contoso.example is (ESERVFAIL).',
    ],
    ['for a proxy that is no host', {}, { proxy: 'not a host' }, '“not a host” is neither a host name nor an address.'],
    [
      'for a domain that carries more',
      {},
      { domain: 'a.example\r\nX: y' },
      '“a.example X: y” is neither a host name nor an address.',
    ],
    ['for port 0', {}, { proxy: 'pbx.contoso.example:0' }, '0 is no port: 1–65535.'],
    ['for a port above all', {}, { proxy: 'pbx.contoso.example:70000' }, '70000 is no port: 1–65535.'],
  ] as const)('%s', async (_when, zone, change, says) => {
    dns.zone = zone;
    await expect(find(change as Partial<SipAccount>)).rejects.toMatchObject({
      name: 'Failure',
      kind: 'name',
      message: says,
    });
  });

  test('when it is stopped, with what it was stopped for', async () => {
    const reason = new Error('enough');
    await expect(find({}, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

test.each([
  '127.1',
  '0x7f000001',
  '2130706433',
  '0x7f.0.0.1',
  'a:b:c',
  '[1.2.3.4]',
  '::1',
  '',
  '-a.example',
  `${'a'.repeat(64)}.example`,
])('%p is no host: programs read it in several ways', (text) =>
  expect(() => parseHostPort(text)).toThrow('neither a host name nor an address'),
);

describe('SRV records of one priority', () => {
  const record = (name: string, weight: number, priority = 10): SrvRecord => ({ name, weight, priority, port: 5060 });
  const names = (records: SrvRecord[]) => records.map(({ name }) => name);

  test('are drawn by lot, by their weights', () => {
    const records = [record('heavy', 75), record('light', 25), record('last', 100, 20)];
    expect(names(inOrder(records, () => 0.1))).toEqual(['light', 'heavy', 'last']);
    expect(names(inOrder(records, () => 0.5))).toEqual(['heavy', 'light', 'last']);
    expect(names(inOrder(records, () => 0.999))).toEqual(['heavy', 'light', 'last']);
  });

  test('all come, those without a weight too', () => {
    const records = [record('a', 0), record('b', 0), record('c', 10)];
    expect(names(inOrder(records)).sort()).toEqual(['a', 'b', 'c']);
  });
});
