import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SipAccount } from '../../src/sip/account.ts';
import { parseAllowList } from '../../src/sip/addresses.ts';
import { preflight } from '../../src/sip/preflight.ts';
import { keepRegistered, register } from '../../src/sip/register.ts';
import { makeAuthority } from '../support/certificates.ts';
import { answerTo, type FakePbx, header, type Send, startFakePbx } from './fake-pbx.ts';

const run = promisify(execFile);
const password = 'Tr0ub4dor-and-3';
const authority = makeAuthority();
const certificate = authority.issue({ names: ['pbx.contoso.example'] });
const reach = { ca: [authority.cert] };
const challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"';

const accountAt = (port: number, transport: SipAccount['transport'] = 'UDP'): SipAccount => ({
  domain: 'pbx.contoso.example',
  proxy: `127.0.0.1:${port}`,
  lookup: 'A',
  transport,
  user: '1001',
  password,
  expires: 300,
});

let pbx: FakePbx | undefined;
afterEach(async () => {
  await pbx?.close();
  pbx = undefined;
});
const meet = async (transport: SipAccount['transport'], say: (request: string, send: Send) => void) => {
  pbx = await startFakePbx(transport, say, { certificate });
  return await register(accountAt(pbx.port, transport), { reach, timeoutMs: 2_000 });
};

describe.each(['UDP', 'TCP', 'TLS'] as const)('over %s', (transport) => {
  test.each([
    ['noise', () => Buffer.concat([Buffer.from([1, 255]), randomBytes(600), Buffer.from('\r\n')])],
    ['another protocol', () => 'HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n'],
    ['a line without an end', () => 'x'.repeat(40_000)],
    ['more headers than anybody needs', (r: string) => answerTo(r, '200 OK', ...Array<string>(200).fill('a: b'))],
    ['a head of any length', (r: string) => answerTo(r, '200 OK', `Contact: ${'<sip:a@b>,'.repeat(3_000)}`)],
    ['an answer that is no line', () => '\r\n\r\nSIP/2.0\r\n\r\n'],
  ])('%s is survived, and told as no SIP', async (_what, say) => {
    const registration = await meet(transport, (request, send) => send(say(request)));
    expect(registration).toMatchObject({
      ok: false,
      cause: 'other',
      reason: expect.stringMatching(/^What came back is /),
    });
  });

  test('a server that never stops talking is hung up on', async () => {
    let talking = true;
    const registration = meet(transport, (request, send) => {
      const talk = () => {
        if (!talking) return;
        for (let times = 0; times < 20; times += 1) send(answerTo(request, '100 Trying', `X: ${'x'.repeat(8_000)}`));
        setImmediate(talk);
      };
      talk();
    });
    const reason = 'The other side sends more than a SIP server has to say.';
    expect(await registration).toEqual({ ok: false, cause: 'other', reason });
    talking = false;
  });
});

test('questions without an end are no way to keep us busy', async () => {
  let asking = true;
  const registration = meet('TCP', (request, send) => {
    if (request.startsWith('SIP/2.0')) return;
    const ask = () => {
      if (!asking) return;
      for (let times = 0; times < 20; times += 1)
        send(answerTo(request, '').replace('SIP/2.0 ', `OPTIONS sip:a SIP/2.0\r\nX: ${'x'.repeat(8_000)}`));
      setImmediate(ask);
    };
    ask();
  });
  const reason = 'The other side sends more than a SIP server has to say.';
  expect(await registration).toEqual({ ok: false, cause: 'other', reason });
  asking = false;
});

test('a body that was announced and never comes is no more than a timeout', async () => {
  pbx = await startFakePbx('TCP', (request, send) =>
    send(answerTo(request, '100 Trying').replace('Length: 0', 'Length: 60000')),
  );
  expect(await register(accountAt(pbx.port, 'TCP'), { timeoutMs: 100 })).toMatchObject({ cause: 'timeout' });
});

test.each([
  ['of another branch', (answer: string) => answer.replace(/branch=[^;\s]+/, 'branch=z9hG4bK0')],
  ['of another call', (answer: string) => answer.replace(/^Call-ID: .*$/m, 'Call-ID: 1')],
  ['to another request', (answer: string) => answer.replace(/^CSeq: .*$/m, 'CSeq: 7 REGISTER')],
])('an answer %s is not ours', async (_which, forged) => {
  pbx = await startFakePbx('UDP', (request, send) => send(forged(answerTo(request, '200 OK'))));
  expect(await register(accountAt(pbx.port), { timeoutMs: 100 })).toMatchObject({ cause: 'timeout' });
});

test.each([
  ['without a CSeq', (answer: string) => answer.replace(/^CSeq: .*\r\n/m, '')],
  ['with a To that is none', (answer: string) => answer.replace(/^To: .*$/m, 'To: <<<')],
  [
    'with a Contact that is none',
    (answer: string) => answer.replace('Content-Length', 'Contact: ;;<,">,\r\nContent-Length'),
  ],
  ['with two Vias', (answer: string) => answer.replace(/^(Via: .*\r\n)/m, '$1$1')],
  [
    'with a header of JavaScript’s',
    (answer: string) => answer.replace('Content-Length', '__proto__: x\r\nconstructor: y\r\nContent-Length'),
  ],
])('a success %s ends in an answer or a timeout', async (_which, bent) => {
  pbx = await startFakePbx('UDP', (request, send) => send(bent(answerTo(request, '200 OK'))));
  const registration = await register(accountAt(pbx.port), { timeoutMs: 300 });
  expect(registration.ok || registration.cause === 'timeout').toBe(true);
});

test('challenges without an end are answered once, and once more when the nonce was stale', async () => {
  const registration = await meet('UDP', (request, send) => {
    const stale = header(request, 'Authorization') ? ', stale=true' : '';
    send(answerTo(request, '401 Unauthorized', `${challenge}${stale}`));
  });
  expect(registration).toMatchObject({ cause: 'credentials' });
  expect(pbx!.requests).toHaveLength(3);
});

test('requests to us are not obeyed', async () => {
  const registration = await meet('UDP', (request, send) => {
    for (const method of ['INVITE', 'NOTIFY', 'BYE', 'MESSAGE', 'REFER'])
      send(answerTo(request, '200 OK').replace('SIP/2.0 200 OK', `${method} sip:1001@127.0.0.1 SIP/2.0`));
    if (!request.startsWith('SIP/2.0')) send(answerTo(request, '403 Forbidden'));
  });
  expect(registration).toMatchObject({ cause: 'refused' });
  expect(pbx!.requests).toHaveLength(1);
});

describe('neither password nor digest', () => {
  const secrets = (requests: readonly string[]) => [
    password,
    ...requests.flatMap((request) => /response="([^"]+)"/.exec(header(request, 'Authorization'))?.[1] ?? []),
  ];
  const said: string[] = [];
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  const ways = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => ({ name, print: console[name] }));
  beforeEach(() => {
    said.length = 0;
    const hear = (...words: unknown[]) => said.push(words.map(String).join(' ')) > 0;
    for (const { stream } of streams) stream.write = hear;
    for (const { name } of ways) console[name] = hear;
  });
  afterEach(() => {
    for (const { stream, write } of streams) stream.write = write;
    for (const { name, print } of ways) console[name] = print;
  });

  test.each(['200 OK', '401 Unauthorized', '403 Forbidden', '423 Interval Too Brief', '503 Down'])(
    'is in anything that comes of %s, even from a server that sends them back',
    async (status) => {
      pbx = await startFakePbx('UDP', (request, send) => {
        const authorization = header(request, 'Authorization');
        if (!authorization && request.startsWith('REGISTER'))
          return send(answerTo(request, '401 Unauthorized', challenge));
        const echo = `${password} ${/response="[^"]+"/.exec(authorization)?.[0] ?? ''}`;
        send(answerTo(request, `${status} ${echo}`, `Server: ${echo}`, challenge));
      });
      const account = accountAt(pbx.port);
      const checks = await preflight(account, { allow: parseAllowList('127.0.0.1'), onProgress() {} });
      const all = JSON.stringify([await register(account), checks, said]);
      const found = secrets(pbx.requests);
      expect(found.length).toBeGreaterThan(2);
      expect(found.filter((secret) => all.includes(secret))).toEqual([]);
    },
  );
});

test('JsSIP prints nothing when the environment asks for all debugging there is', async () => {
  pbx = await startFakePbx('UDP', (request, send) => send(answerTo(request, '401 Unauthorized', challenge)));
  const room = new URL('../../src/sip/register.ts', import.meta.url);
  const script = `
    const { register } = await import(${JSON.stringify(room.href)});
    console.log(JSON.stringify(await register(${JSON.stringify(accountAt(pbx.port))})));
  `;
  const parameters = ['--input-type=module', '-e', script];
  const { stdout, stderr } = await run(process.execPath, parameters, { env: { ...process.env, DEBUG: '*' } });
  expect(JSON.parse(stdout)).toMatchObject({ cause: 'credentials' });
  // Its first line, before anybody can turn it off, is its version.
  expect(stderr).not.toMatch(/REGISTER|response=|JsSIP:/);
});

test('nothing is left behind: no socket, no timer, whatever happened', async () => {
  const left = () =>
    process
      .getActiveResourcesInfo()
      .filter((name) => /TCP|UDP|TLS|Timeout|Immediate|REQ|Channel/.test(name))
      .sort();
  /** A socket is gone one turn of the event loop after it was closed. */
  const settled = async (atMost: number) => {
    for (let turn = 0; turn < 20 && left().length > atMost; turn += 1) await pause(5);
    return left();
  };
  const before = await settled(0);
  for (const transport of ['UDP', 'TCP', 'TLS'] as const) {
    const says: ((request: string, send: Send) => void)[] = [
      (request, send) => send(answerTo(request, '200 OK', 'Expires: 300')),
      (request, send) => send(answerTo(request, '401 Unauthorized', challenge)),
      (_request, send) => send('garbage\r\n\r\n'),
      () => {},
    ];
    for (const say of says) {
      const stop = new AbortController();
      const server = await startFakePbx(
        transport,
        (request, send) => {
          say(request, send);
          if (server.requests.length === 3) stop.abort();
        },
        { certificate },
      );
      const account = accountAt(server.port, transport);
      await register(account, { reach, timeoutMs: 50, signal: stop.signal });
      const allow = parseAllowList('127.0.0.1');
      await preflight(account, { allow, onProgress() {}, reach, timeoutMs: 50, signal: stop.signal });
      const kept = keepRegistered(account, { onChange() {}, reach });
      await server.came(server.requests.length + 1);
      await kept.stop();
      await server.close();
    }
  }
  expect(await settled(before.length)).toEqual(before);
});
