import type { SipAccount } from '../../src/sip/account.ts';
import { parseAllowList } from '../../src/sip/addresses.ts';
import { type Check, preflight } from '../../src/sip/preflight.ts';
import type { Reach } from '../../src/sip/reach.ts';
import { makeAuthority } from '../support/certificates.ts';
import { startDns, type TestDns } from '../support/dns.ts';
import { describeWithRegistrar, type Registrar, startRegistrar } from '../support/registrar.ts';
import { answerTo, type FakePbx, startFakePbx } from './fake-pbx.ts';

const domain = 'pbx.contoso.example';
const authority = makeAuthority();
const loopback = parseAllowList('127.0.0.0/8');

const accountAt = (port: number, change: Partial<SipAccount> = {}): SipAccount => ({
  domain,
  proxy: `127.0.0.1:${port}`,
  lookup: 'A',
  transport: 'UDP',
  user: '1001',
  password: 'correct horse',
  expires: 300,
  ...change,
});

const check = (
  account: SipAccount,
  { reach, ...options }: { reach?: Reach; timeoutMs?: number; signal?: AbortSignal; allow?: typeof loopback } = {},
) => preflight(account, { allow: loopback, onProgress() {}, reach: { ca: [authority.cert], ...reach }, ...options });

/** The checks as a person reads them. */
const shown = (checks: readonly Check[]) =>
  checks.map(({ label, state, says, fix }) => `${label} ${state}: ${says}${fix ? ` → ${fix}` : ''}`);
const states = (checks: readonly Check[]) => checks.map(({ state }) => state).join(' ');
const named = (checks: readonly Check[], name: Check['name']) => checks.find((one) => one.name === name)!;

let dns: TestDns;
beforeAll(async () => {
  dns = await startDns({});
});
afterAll(() => dns.close());

const pbxes: FakePbx[] = [];
const fake = async (...parameters: Parameters<typeof startFakePbx>) => {
  const pbx = await startFakePbx(...parameters);
  pbxes.push(pbx);
  return pbx;
};
afterEach(() => Promise.all(pbxes.splice(0).map((pbx) => pbx.close())));

describeWithRegistrar('a PBX that is in order', () => {
  let registrar: Registrar;
  beforeAll(async () => {
    registrar = await startRegistrar({
      domain,
      users: [{ user: '1001', password: 'correct horse' }],
      minExpires: 60,
      certificate: authority.issue({ names: [domain], to: new Date('2090-01-02') }),
    });
    dns.zone = {
      [`_sips._tcp.${domain}`]: { srv: [{ port: registrar.ports.tls, name: `sip1.${domain}` }] },
      [`sip1.${domain}`]: { addresses: ['127.0.0.1'] },
    };
  });
  afterAll(() => registrar?.close());

  test('passes every check over TLS, found by SRV', async () => {
    const { proxy: _none, ...account } = accountAt(0, { transport: 'TLS', lookup: 'SRV' });
    const checks = await check(account, { reach: { dnsServers: [dns.server] } });
    expect(shown(checks)).toEqual([
      `DNS passed: SRV of ${domain}: sip1.${domain}:${registrar.ports.tls}.`,
      `Connection passed: TCP port ${registrar.ports.tls} takes connections.`,
      `Certificate passed: TLSv1.3, made out to ${domain}, valid until 2090-01-02T00:00:00.000Z.`,
      expect.stringMatching(/^SIP answer passed: Answered 200 OK by kamailio .*\.$/),
      `Registration passed: Registered 1001@${domain} for 300 s, and took it back.`,
    ]);
    expect(await registrar.contacts()).toEqual([]);
  });

  test.each([
    ['UDP', 'passed skipped skipped passed passed'],
    ['TCP', 'passed passed skipped passed passed'],
  ] as const)('skips what is not to be checked over %s', async (transport, expected) => {
    const checks = await check(accountAt(registrar.ports[transport.toLowerCase() as 'udp'], { transport }));
    expect(states(checks)).toBe(expected);
  });

  test.each([
    [
      { password: 'guess' },
      'The PBX does not take the password or the authentication id. → Check the password and the authentication id (1001) against what the PBX has for this user.',
    ],
    [
      { user: '1002' },
      `The PBX answered 404 (Not Found): it knows no user 1002 at ${domain}. → Create the user 1002 in ${domain} on the PBX, or correct the user or the SIP domain.`,
    ],
    [
      { expires: 30 },
      'The PBX answered 423 (Interval Too Brief): 30 s is shorter than it takes; the shortest is 60 s. → Raise the registration expiry to at least 60 s.',
    ],
  ])('says what to do about %p', async (change, words) => {
    const checks = await check(accountAt(registrar.ports.udp, change));
    expect(shown(checks).at(-1)).toBe(`Registration failed: ${words}`);
  });
});

describe('progress', () => {
  test('is told live, in order, and waited for', async () => {
    const pbx = await fake('UDP', (request, send) => send(answerTo(request, '200 OK')));
    const told: string[] = [];
    let telling = 0;
    await preflight(accountAt(pbx.port), {
      allow: loopback,
      onProgress: async (checks) => {
        expect(telling).toBe(0);
        telling += 1;
        await new Promise((resolve) => setImmediate(resolve));
        telling -= 1;
        told.push(states(checks));
      },
    });
    expect(told).toEqual([
      'running waiting waiting waiting waiting',
      'passed waiting waiting waiting waiting',
      'passed skipped waiting waiting waiting',
      'passed skipped skipped waiting waiting',
      'passed skipped skipped running waiting',
      'passed skipped skipped passed waiting',
      'passed skipped skipped passed running',
      'passed skipped skipped passed passed',
    ]);
  });

  test('ends when it is stopped, and what was not done is skipped', async () => {
    const stop = new AbortController();
    const pbx = await fake('UDP', () => stop.abort());
    const checks = await check(accountAt(pbx.port), { signal: stop.signal });
    expect(states(checks)).toBe('passed skipped skipped skipped skipped');
    expect(checks.at(-1)?.says).toBe('It was stopped before it was done.');
  });
});

describe('an address that is not public', () => {
  test.each(['127.0.0.1', '10.1.2.3', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '0.0.0.0'])(
    '%s is not connected to, and the setting that opens it is named',
    async (proxy) => {
      const pbx = await fake('TCP', () => {});
      const checks = await check(accountAt(0, { proxy: `${proxy}:${pbx.port}`, transport: 'TCP' }), {
        allow: parseAllowList(''),
      });
      expect(states(checks)).toBe('failed skipped skipped skipped skipped');
      expect(checks[0]).toMatchObject({
        says: expect.stringContaining('Private addresses are not checked from here.'),
        fix: expect.stringContaining('PREFLIGHT_ALLOW'),
      });
      expect(pbx.connections()).toBe(0);
    },
  );

  test('stays untold when a name leads to it', async () => {
    dns.zone = { [domain]: { addresses: ['10.20.30.40', 'fd00::1234'] } };
    const { proxy: _none, ...account } = accountAt(0);
    const checks = await check(account, { reach: { dnsServers: [dns.server] }, allow: parseAllowList('') });
    expect(states(checks)).toBe('failed skipped skipped skipped skipped');
    expect(JSON.stringify(checks)).not.toMatch(/10\.20|fd00/);
  });

  test('is passed over when the name has another one', async () => {
    const pbx = await fake('UDP', (request, send) => send(answerTo(request, '200 OK')));
    dns.zone = { [domain]: { addresses: ['10.20.30.40', '127.0.0.1'] } };
    const checks = await check(accountAt(0, { proxy: `${domain}:${pbx.port}` }), {
      reach: { dnsServers: [dns.server] },
    });
    expect(states(checks)).toBe('warned skipped skipped passed passed');
  });
});

test('a name that leads elsewhere after it was checked is followed no more: every check goes to the address checked', async () => {
  const pbx = await fake('TCP', (request, send) => send(answerTo(request, '200 OK')));
  const trap = await startFakePbx('TCP', () => {}, { host: '127.0.0.2' }).catch(() => undefined);
  if (trap) pbxes.push(trap);
  dns.zone = { [domain]: { addresses: ['127.0.0.1'] } };
  dns.asked.length = 0;
  const asked: number[] = [];
  const checks = await preflight(accountAt(0, { proxy: `${domain}:${pbx.port}`, transport: 'TCP' }), {
    allow: parseAllowList('127.0.0.1'),
    reach: { dnsServers: [dns.server] },
    onProgress: () => {
      asked.push(dns.asked.length);
      if (dns.asked.length > 0) dns.zone = { [domain]: { addresses: ['127.0.0.2'] } };
    },
  });
  expect(states(checks)).toBe('passed passed skipped passed passed');
  expect(new Set(asked.slice(1)).size).toBe(1);
  // One for each of reach, OPTIONS and REGISTER.
  expect(pbx.connections()).toBe(3);
});

describe('a certificate', () => {
  const now = new Date();
  const days = (number: number) => new Date(now.getTime() + number * 86_400_000);
  const judged = async (
    options: Parameters<typeof authority.issue>[0] | 'self-signed',
    change: Partial<SipAccount> = {},
  ) => {
    const certificate = options === 'self-signed' ? makeAuthority() : authority.issue(options);
    const pbx = await fake('TLS', (request, send) => send(answerTo(request, '200 OK')), { certificate });
    const account = accountAt(pbx.port, { transport: 'TLS', ...change });
    const checks = await check(account, { reach: { now: () => now } });
    return { pbx, checks, certificate: named(checks, 'certificate') };
  };
  // A certificate has whole seconds.
  const iso = (date: Date) => `${date.toISOString().slice(0, 19)}.000Z`;

  test.each([
    [
      'that has expired',
      { names: [domain], from: days(-9), to: days(-2) },
      `The certificate expired on ${iso(days(-2))}.`,
      'Renew the certificate of the PBX.',
    ],
    [
      'that is not valid yet',
      { names: [domain], from: days(2), to: days(90) },
      `The certificate is not valid before ${iso(days(2))}.`,
      'check the clock',
    ],
    [
      'for another name',
      { names: ['other.example'] },
      `The certificate is made out to other.example, not to ${domain} or 127.0.0.1.`,
      'or give the name that the certificate has',
    ],
    ['of an authority unknown', 'self-signed' as const, /made out to|self-signed/, 'certificate'],
  ] as const)('%s fails, and nothing is sent through it', async (_which, options, says, fix) => {
    const { pbx, checks, certificate } = await judged(options);
    expect(states(checks)).toBe('passed passed failed skipped skipped');
    expect(certificate.says).toMatch(says);
    expect(certificate.fix).toContain(fix);
    expect(pbx.requests).toEqual([]);
  });

  test('that nobody trusted has signed fails for that', async () => {
    const other = makeAuthority('Somebody else');
    const pbx = await fake('TLS', () => {}, { certificate: other.issue({ names: [domain] }) });
    const { says, fix } = named(await check(accountAt(pbx.port, { transport: 'TLS' })), 'certificate');
    expect(says).toBe(
      'The certificate’s authority is not publicly trusted, or an intermediate certificate is missing.',
    );
    expect(fix).toBe('Install a certificate of a public authority on the PBX, with its intermediate certificates.');
  });

  test.each([
    ['soon to expire', { names: [domain], to: days(20.5) }, 'It expires in 20 days.', 'Renew'],
    [
      'with a wildcard',
      { names: ['*.contoso.example'] },
      'It is a wildcard, which SIP does not allow for',
      'Most programs take it',
    ],
  ])('%s is a warning, and the rest goes on', async (_which, options, says, fix) => {
    const { checks, certificate } = await judged(options);
    expect(states(checks)).toBe('passed passed warned passed passed');
    expect(certificate.says).toContain(says);
    expect(certificate.fix).toContain(fix);
  });

  test.each([
    ['the domain', { names: [domain] }],
    ['the domain as a SIP URI', { names: ['other.example'], uris: [`sip:${domain}`] }],
    ['the address that was given', { names: ['127.0.0.1'] }],
    ['the domain, with 21 days left', { names: [domain], to: days(21.5) }],
  ])('for %s passes', async (_which, options) => {
    const { checks } = await judged(options);
    expect(states(checks)).toBe('passed passed passed passed passed');
  });
});

describe('what does not answer as it should', () => {
  test('is a failure of each check over UDP, with the firewall named', async () => {
    const pbx = await fake('UDP', () => {});
    const checks = await check(accountAt(pbx.port), { timeoutMs: 100 });
    expect(states(checks)).toBe('passed skipped skipped failed failed');
    expect(named(checks, 'options')).toMatchObject({
      says: 'Nothing answers a SIP OPTIONS.',
      fix: expect.stringContaining('Let a firewall pass UDP from outside'),
    });
    expect(named(checks, 'register').says).toBe('The PBX does not answer a REGISTER.');
  });

  test('is not asked further when nothing listens', async () => {
    const pbx = await startFakePbx('TCP', () => {});
    await pbx.close();
    const checks = await check(accountAt(pbx.port, { transport: 'TCP' }));
    expect(states(checks)).toBe('passed failed skipped skipped skipped');
    expect(shown(checks)[1]).toMatch(/nothing listens on TCP port \d+\. → Check the transport \(TCP\) and the port/);
  });

  test('is forgiven for OPTIONS when it registers', async () => {
    const pbx = await fake('UDP', (request, send) => {
      if (request.startsWith('REGISTER')) send(answerTo(request, '200 OK'));
    });
    const checks = await check(accountAt(pbx.port), { timeoutMs: 150 });
    expect(states(checks)).toBe('passed skipped skipped warned passed');
    expect(named(checks, 'options').says).toBe('Nothing answers a SIP OPTIONS. It registers all the same.');
  });

  test.each([
    ['404 Not Found', 'Answered 404 Not Found: SIP is spoken there, which is all that is asked.'],
    [
      '503 Service Unavailable',
      'Answered 503 Service Unavailable: SIP is spoken there, but it reports trouble of its own.',
    ],
  ])('but with %s to OPTIONS is SIP all the same', async (status, says) => {
    const pbx = await fake('UDP', (request, send) =>
      send(answerTo(request, request.startsWith('O') ? status : '200 OK')),
    );
    const checks = await check(accountAt(pbx.port));
    expect(named(checks, 'options')).toMatchObject({ state: 'passed', says });
  });

  test('by TLS is told as what speaks no TLS', async () => {
    const pbx = await fake('TCP', (_request, send) => send('SIP/2.0 400 Bad Request\r\n\r\n'));
    const checks = await check(accountAt(pbx.port, { transport: 'TLS' }));
    expect(states(checks)).toBe('passed passed failed skipped skipped');
    expect(named(checks, 'certificate').says).toBe(`What listens on TCP port ${pbx.port} does not speak TLS.`);
  });

  test('in DNS fails there, with what to check', async () => {
    dns.zone = {};
    const { proxy: _none, ...account } = accountAt(0, { lookup: 'SRV' });
    const checks = await check(account, { reach: { dnsServers: [dns.server] } });
    expect(shown(checks)[0]).toBe(
      `DNS failed: DNS knows neither SRV records (_sip._udp.${domain}) nor an address of ${domain}. → Check the SIP domain, the proxy and the DNS lookup type, and that the records are published.`,
    );
    expect(states(checks)).toBe('failed skipped skipped skipped skipped');
  });
});
