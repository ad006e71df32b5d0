import type { SipAccount } from '../../src/sip/account.ts';
import { register } from '../../src/sip/register.ts';
import { makeAuthority } from '../support/certificates.ts';
import { startDns } from '../support/dns.ts';
import { describeWithRegistrar, type Registrar, startRegistrar } from '../support/registrar.ts';
import { answerTo, type FakePbx, header, type Send, startFakePbx } from './fake-pbx.ts';

const domain = 'pbx.contoso.example';
const password = 'pass "word\\ $1 ü';
const authority = makeAuthority();
const reach = { ca: [authority.cert] };

const accountAt = (port: number, change: Partial<SipAccount> = {}): SipAccount => ({
  domain,
  proxy: `127.0.0.1:${port}`,
  lookup: 'A',
  transport: 'UDP',
  user: '1001',
  password,
  expires: 300,
  ...change,
});

describeWithRegistrar('at a real registrar', () => {
  let registrar: Registrar;
  beforeAll(async () => {
    registrar = await startRegistrar({
      domain,
      users: [
        { user: '1001', password },
        { user: '1002', authId: 'Authentication 1002', password: 'other' },
      ],
      minExpires: 60,
      certificate: authority.issue({ names: [domain] }),
    });
  });
  afterAll(() => registrar?.close());

  const at = (transport: 'UDP' | 'TCP' | 'TLS', change: Partial<SipAccount> = {}) =>
    register(accountAt(registrar.ports[transport.toLowerCase() as 'udp'], { transport, ...change }), { reach });

  describe.each(['UDP', 'TCP', 'TLS'] as const)('over %s', (transport) => {
    test('the right password registers, and nothing stays registered', async () => {
      const server = expect.stringMatching(/^kamailio/i);
      expect(await at(transport)).toEqual({ ok: true, expires: 300, server });
      expect(await registrar.contacts()).toEqual([]);
    });

    test('an authentication id of its own is used', async () => {
      const own = { user: '1002', password: 'other' };
      expect(await at(transport, { ...own, authId: 'Authentication 1002' })).toMatchObject({ ok: true });
      expect(await at(transport, own)).toMatchObject({ ok: false, cause: 'credentials' });
    });

    test('a wrong password is told as such', async () => {
      expect(await at(transport, { password: 'guess' })).toEqual({
        ok: false,
        cause: 'credentials',
        status: 401,
        reason: 'The PBX does not take the password or the authentication id.',
      });
    });

    test('a user nobody knows is told as such', async () => {
      expect(await at(transport, { user: 'nobody' })).toEqual({
        ok: false,
        cause: 'unknown-user',
        status: 404,
        reason: `The PBX answered 404 (Not Found): it knows no user nobody at ${domain}.`,
      });
    });

    test('too brief an interval is told with the shortest that would do', async () => {
      expect(await at(transport, { expires: 59 })).toEqual({
        ok: false,
        cause: 'too-brief',
        status: 423,
        minExpires: 60,
        reason: 'The PBX answered 423 (Interval Too Brief): 59 s is shorter than it takes; the shortest is 60 s.',
      });
    });
  });

  test('the certificate has to be trusted, and made out to the domain or the host', async () => {
    const account = accountAt(registrar.ports.tls, { transport: 'TLS' });
    const untrusted = { ok: false, cause: 'certificate', reason: expect.stringContaining('not publicly trusted') };
    expect(await register(account)).toMatchObject(untrusted);
    expect(await register({ ...account, domain: 'other.example' }, { reach })).toEqual({
      ok: false,
      cause: 'certificate',
      reason: 'The certificate is made out to another name.',
    });
  });

  test('what SRV records lead to is registered at, past a target where nothing listens', async () => {
    const unused = await startFakePbx('TCP', () => {});
    await unused.close();
    const dns = await startDns({
      [`_sip._tcp.${domain}`]: {
        srv: [
          { priority: 1, port: unused.port, name: 'sip1.contoso.example' },
          { priority: 2, port: registrar.ports.tcp, name: 'sip1.contoso.example' },
        ],
      },
      'sip1.contoso.example': { addresses: ['127.0.0.1'] },
    });
    const { proxy: _none, ...account } = accountAt(0, { transport: 'TCP', lookup: 'SRV' });
    const registration = await register(account, { reach: { dnsServers: [dns.server] } });
    await dns.close();
    expect(registration).toMatchObject({ ok: true });
  });
});

describe('what a PBX may do', () => {
  let pbx: FakePbx | undefined;
  afterEach(async () => {
    await pbx?.close();
    pbx = undefined;
  });
  const meet = async (
    say: (request: string, send: Send) => void,
    change: Partial<SipAccount> = {},
    timeoutMs = 5_000,
  ) => {
    pbx = await startFakePbx(change.transport ?? 'UDP', say);
    return await register(accountAt(pbx.port, change), { timeoutMs });
  };
  const answering =
    (status: string, ...headers: string[]) =>
    (request: string, send: Send) =>
      send(answerTo(request, status, ...headers));

  test('not answering over UDP is a timeout, after it was asked more than once', async () => {
    const registration = await meet(() => {}, {}, 1_200);
    expect(registration).toEqual({ ok: false, cause: 'timeout', reason: 'The PBX does not answer a REGISTER.' });
    expect(pbx!.requests.length).toBeGreaterThan(1);
    expect(new Set(pbx!.requests).size).toBe(1);
  });

  test.each(['TCP', 'TLS'] as const)('not answering over %s is a timeout', async (transport) => {
    pbx = await startFakePbx('TCP', () => {});
    const registration = await register(accountAt(pbx.port, { transport }), { timeoutMs: 100 });
    expect(registration).toMatchObject({ ok: false, cause: 'timeout' });
  });

  test.each(['UDP', 'TCP', 'TLS'] as const)('not listening on %s is unreachable', async (transport) => {
    const gone = await startFakePbx(transport === 'UDP' ? 'UDP' : 'TCP', () => {});
    await gone.close();
    expect(await register(accountAt(gone.port, { transport }))).toEqual({
      ok: false,
      cause: 'unreachable',
      reason: `The connection was refused: nothing listens on ${transport === 'UDP' ? 'UDP' : 'TCP'} port ${gone.port}.`,
    });
  });

  test.each([
    ['403 Forbidden', 'refused', 'The PBX answered 403 (Forbidden): it does not let this user register.'],
    ['408 Request Timeout', 'timeout', 'it got no answer in time from what stands behind it.'],
    ['503 Service Unavailable', 'other', 'it has trouble of its own.'],
    ['302 Moved Temporarily', 'other', 'it wants the registration to go elsewhere.'],
    ['606 Not Acceptable', 'refused', 'it does not take the registration.'],
    ['423 Interval Too Brief', 'too-brief', 'and it does not say what it takes.'],
  ])('answering %s is %s', async (status, cause, says) => {
    const reason = expect.stringContaining(says);
    expect(await meet(answering(status))).toEqual({ ok: false, cause, status: Number(status.slice(0, 3)), reason });
  });

  test.each(['-1', '0', '99999999999', '1e9', ''])('asking for an interval of %p asks for none', async (least) => {
    const registration = await meet(answering('423 Interval Too Brief', `Min-Expires: ${least}`));
    expect(registration).toMatchObject({ cause: 'too-brief' });
    expect(registration).not.toHaveProperty('minExpires');
  });

  test('challenging by 407 is answered, and a second 407 is told as wrong credentials', async () => {
    const challenge = 'Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth"';
    const registration = await meet(answering('407 Proxy Authentication Required', challenge));
    expect(registration).toMatchObject({ cause: 'credentials', status: 407 });
    expect(pbx!.requests).toHaveLength(2);
    expect(header(pbx!.requests[1]!, 'Proxy-Authorization')).toContain('username="1001", realm="r", nonce="n"');
  });

  test('challenging whoever has no password is wrong credentials, not silence', async () => {
    const challenge = 'WWW-Authenticate: Digest realm="r", nonce="n"';
    const registration = await meet(answering('401 Unauthorized', challenge), { password: '' });
    expect(registration).toMatchObject({ cause: 'credentials', status: 401 });
  });

  test('offering MD5 beside what cannot be computed is answered with MD5', async () => {
    const offers = [
      'WWW-Authenticate: Digest realm="r", nonce="a", algorithm=MD5',
      'WWW-Authenticate: Digest realm="r", nonce="b", algorithm=SHA-256',
    ];
    await meet(answering('401 Unauthorized', ...offers));
    expect(header(pbx!.requests[1]!, 'Authorization')).toContain('nonce="a"');
  });

  test.each([
    ['another digest', 'Digest realm="r", nonce="n", algorithm=SHA-256', 'asks for the digest algorithm SHA-256'],
    ['a login of another kind', 'Basic realm="r"', 'asks for a login, which'],
    ['a challenge of any length', `Digest realm="r", nonce="${'n'.repeat(600)}"`, 'asks for a login, which'],
  ])('asking for %s is told', async (_what, challenge, says) => {
    const registration = await meet(answering('401 Unauthorized', `WWW-Authenticate: ${challenge}`));
    expect(registration).toMatchObject({
      ok: false,
      cause: 'other',
      status: 401,
      reason: expect.stringContaining(says),
    });
  });

  test('granting another interval to us than to other devices is understood', async () => {
    const registration = await meet((request, send) => {
      const own = header(request, 'Contact').split('>')[0];
      const others = '"a, <b>;expires=7" <sip:x@192.0.2.1>;expires=1234, <sip:y@192.0.2.1>';
      send(answerTo(request, '200 OK', `Contact: ${others}, ${own}>;expires=120, <sip:z@192.0.2.1>;expires=5`));
    });
    expect(registration).toEqual({ ok: true, expires: 120 });
  });

  test('granting without naming a contact is a success, and taken back', async () => {
    expect(await meet(answering('200 OK', 'Expires: 90'))).toEqual({ ok: true, expires: 90 });
    expect(pbx!.requests.map((request) => header(request, 'Expires'))).toEqual(['300', '0']);
  });
});

describe('what is asked for', () => {
  test('says where the answer has to go, through a NAT too', async () => {
    const pbx = await startFakePbx('UDP', (request, send) => send(answerTo(request, '403 Forbidden')));
    await register(accountAt(pbx.port));
    await pbx.close();
    const [request = ''] = pbx.requests;
    expect(header(request, 'Via')).toMatch(/^SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;rport;branch=z9hG4bK\d+$/);
    expect(header(request, 'Contact')).toMatch(/^<sip:[0-9a-f]{12}@127\.0\.0\.1:\d+;transport=udp>;/);
    expect(request).toMatch(/^REGISTER sip:pbx\.contoso\.example SIP\/2\.0\r\n/);
  });

  test.each([
    ['a user with quotes', { user: 'a"b', authId: 'a"b' }],
    ['an authentication id of two lines', { authId: 'a\r\nX: y' }],
    ['a domain of two lines', { domain: 'a.example\r\nX: y', proxy: '127.0.0.1:1' }],
    ['an empty user', { user: '' }],
  ])('%s never gets into a message', async (_what, change) => {
    const pbx = await startFakePbx('UDP', (request, send) => send(answerTo(request, '200 OK')));
    const registration = await register({ ...accountAt(pbx.port), ...change, proxy: `127.0.0.1:${pbx.port}` });
    await pbx.close();
    expect(registration).toMatchObject({ ok: false, cause: 'other' });
    expect(pbx.requests).toEqual([]);
  });

  test('an abort ends it at once', async () => {
    const pbx = await startFakePbx('UDP', () => stop.abort());
    const stop = new AbortController();
    const registration = await register(accountAt(pbx.port), { signal: stop.signal });
    await pbx.close();
    expect(registration).toEqual({ ok: false, cause: 'other', reason: 'It was stopped before it was done.' });
    expect(await register(accountAt(1), { signal: AbortSignal.abort() })).toMatchObject({ ok: false, cause: 'other' });
  });
});
