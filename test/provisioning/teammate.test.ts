import { Writable } from 'node:stream';
import pino from 'pino';
import type { ResellerOrder } from '../../src/catalog/reseller.ts';
import { BackendRefused, BackendUnavailable } from '../../src/provisioning/backend.ts';
import { createTeamMate, type TeamMateSettings } from '../../src/provisioning/teammate.ts';
import { type HttpOptions, retryAfter } from '../../src/provisioning/teammate-http.ts';
import { demoLogin } from '../../src/simulator/seed.ts';
import { atEnd, endAll, fault, type Heard, listen, simulate, until } from '../simulator/start.ts';

const account = '5001';
const order: ResellerOrder = {
  name: 'Contoso',
  email: 'ops@contoso.example',
  services: ['PBX', 'TRUNK'],
  billingReference: 'B-77',
};

const settings = (url: string, other: Partial<TeamMateSettings> = {}): TeamMateSettings => ({
  TEAMMATE_URL: url,
  TEAMMATE_CLIENT_ID: demoLogin.clientId,
  TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
  TEAMMATE_USERNAME: demoLogin.username,
  TEAMMATE_PASSWORD: demoLogin.password,
  TEAMMATE_TIMEOUT: 10_000,
  TEAMMATE_PATH_CREATE_RESELLER: '/reseller/newReseller',
  TEAMMATE_PATH_RESELLER: '/reseller/getReseller/{id}',
  TEAMMATE_PATH_RESEND: '/reseller/resendInvitationEmail/{id}',
  TEAMMATE_PATH_UPDATE_RESELLER: '/reseller/updateReseller/{id}',
  TEAMMATE_PATH_SUSPEND_RESELLER: '/reseller/suspendReseller/{id}',
  TEAMMATE_PATH_RESUME_RESELLER: '/reseller/resumeReseller/{id}',
  TEAMMATE_PATH_DELETE_RESELLER: '/reseller/deleteReseller/{id}',
  TEAMMATE_PATH_LIST_RESELLERS: '/reseller/v3/getResellersOrMasterResellers',
  TEAMMATE_PATH_CREATE_PBX: '/pbx/newPBX',
  TEAMMATE_PATH_PBX: '/pbx/getPBX/{id}',
  TEAMMATE_PATH_LIST_PBXES: '/pbx/getPBXsForEnterprise',
  ...other,
});

function client(url: string, other: Partial<TeamMateSettings> = {}, options: HttpOptions = {}) {
  const teammate = createTeamMate(settings(url, other), options);
  atEnd(teammate.close);
  return teammate;
}

async function simulated(...rest: Parameters<typeof simulate>) {
  const { simulator, smtp } = await simulate(...rest);
  return { simulator, smtp, teammate: client(simulator.url) };
}

type Scripted = { status?: number; body?: unknown; headers?: Record<string, string> };

/** A service that grants every login and answers the rest as told. */
async function scripted(script: (heard: Heard, calls: number) => Scripted, token: object = { access_token: 'token' }) {
  let calls = 0;
  const service = await listen((heard, response) => {
    const answer = heard.path === '/oauth/token' ? { body: token } : script(heard, ++calls);
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  const logins = () => service.heard.filter((one) => one.path === '/oauth/token').length;
  return { ...service, teammate: client(service.url), logins, calls: () => calls };
}

const entry = (resellerId: number, resellerName: string, preferredEmail: string, other: object = {}) => ({
  resellerId,
  resellerName,
  preferredEmail,
  services: ['PBX'],
  activated: false,
  ...other,
});

const errorOf = (promise: Promise<unknown>): Promise<BackendRefused & BackendUnavailable> =>
  promise.then(
    () => Promise.reject(new Error('it was expected to fail')),
    (error) => error,
  );

afterEach(endAll);

describe('the login', () => {
  test('asks for one token, however many calls begin at once', async () => {
    const { simulator, teammate } = await simulated();
    await Promise.all(Array.from({ length: 20 }, () => teammate.ready()));
    expect(simulator.tokens.issued).toBe(1);
  });

  test('keeps a token until shortly before it expires', async () => {
    let now = 0;
    const { simulator } = await simulate({ tokenLifetime: 100, clock: () => new Date(0) });
    const teammate = client(simulator.url, {}, { now: () => now });
    await teammate.ready();
    now = 89_000;
    await teammate.ready();
    expect(simulator.tokens.issued).toBe(1);
    now = 91_000;
    await teammate.ready();
    expect(simulator.tokens.issued).toBe(2);
  });

  test('renews a long-lived token a minute early, not a tenth of its life', async () => {
    let now = 0;
    const { simulator } = await simulate({ tokenLifetime: 3600, clock: () => new Date(0) });
    const teammate = client(simulator.url, {}, { now: () => now });
    await teammate.ready();
    now = 3_539_000;
    await teammate.ready();
    expect(simulator.tokens.issued).toBe(1);
    now = 3_541_000;
    await teammate.ready();
    expect(simulator.tokens.issued).toBe(2);
  });

  test('keeps a token of unknown life until it is refused', async () => {
    let now = 0;
    const service = await scripted(() => ({ body: { username: 'x', resellerId: 5001 } }));
    const teammate = client(service.url, {}, { now: () => now });
    await teammate.ready();
    now = 1e12;
    await teammate.ready();
    expect(service.logins()).toBe(1);
  });

  test('gets one new token for all the calls whose token was refused, and repeats them', async () => {
    const { simulator, teammate } = await simulated();
    await teammate.ready();
    await fault(simulator, { expireTokens: true });
    await Promise.all(Array.from({ length: 10 }, () => teammate.ready()));
    expect(simulator.tokens.issued).toBe(2);
  });

  test('keeps a new token when an older one is refused late', async () => {
    let logins = 0;
    let refuseLate: () => void = () => {};
    const service = await listen(({ path, headers }, response) => {
      const answer = (status: number, body: object) => {
        response.statusCode = status;
        response.end(JSON.stringify(body));
      };
      if (path === '/oauth/token') return answer(200, { access_token: `token${++logins}` });
      if (headers.authorization !== 'Bearer token1') return answer(200, entry(1, 'A', 'a@a.example'));
      if (path.endsWith('/late')) refuseLate = () => answer(401, {});
      else answer(401, {});
    });
    const teammate = client(service.url);
    const late = teammate.reseller.standing('late', account, order);
    await until(() => service.heard.some((one) => one.path.endsWith('/late')));
    await teammate.reseller.standing('soon', account, order);
    refuseLate();
    await expect(late).resolves.toEqual({ state: 'waiting' });
    expect(logins).toBe(2);
  });

  test('repeats a creation whose token was refused, because it did nothing', async () => {
    const { simulator, teammate } = await simulated();
    await teammate.ready();
    simulator.tokens.expireAll();
    await expect(teammate.reseller.create(order, account, 'key')).resolves.toEqual({ reference: '6001' });
    expect(simulator.state.creations.byIdempotencyKey).toEqual({ key: { calls: 1, created: 1 } });
  });

  test('takes a second 401 for a refusal of our login', async () => {
    const service = await scripted(() => ({ status: 401, body: { message: 'No.' } }));
    const error = await errorOf(service.teammate.ready());
    expect(error).toBeInstanceOf(BackendRefused);
    expect(error.why).toBe('login');
    expect([service.calls(), service.logins()]).toEqual([2, 2]);
  });

  test.each([
    ['password', { TEAMMATE_PASSWORD: 'not the password' }],
    ['client secret', { TEAMMATE_CLIENT_SECRET: 'not the secret' }],
  ])('says that the login is refused when the %s is wrong, and does not say what it was', async (_, wrong) => {
    const { simulator } = await simulate();
    const error = await errorOf(client(simulator.url, wrong).ready());
    expect(error).toBeInstanceOf(BackendRefused);
    expect(error.why).toBe('login');
    expect(error.message).not.toMatch(/not the/);
  });

  test('tries again after a failed login, and does not keep the failure', async () => {
    const { simulator, teammate } = await simulated();
    await fault(simulator, { status: 500, times: 3, path: '/oauth/token' });
    await expect(teammate.ready()).rejects.toBeInstanceOf(BackendUnavailable);
    await expect(teammate.ready()).resolves.toBeUndefined();
  });
});

describe('an answer that is no answer', () => {
  test.each([408, 425, 429, 500, 502, 503, 504])('%i is worth another try', async (status) => {
    const { simulator, teammate } = await simulated();
    await fault(simulator, { status, times: 1, path: '/reseller/newReseller' });
    await expect(teammate.reseller.create(order, account, 'key')).rejects.toBeInstanceOf(BackendUnavailable);
  });

  test.each([400, 403, 404, 405, 410, 422])('%i is a no that stays a no', async (status) => {
    const { simulator, teammate } = await simulated();
    await fault(simulator, { status, times: 1, path: '/reseller/newReseller' });
    const error = await errorOf(teammate.reseller.create(order, account, 'key'));
    expect(error).toBeInstanceOf(BackendRefused);
    expect(error.why).toBe('invalid');
    expect(error.message).toBe('A fault that was asked for.');
  });

  test('an answer that takes too long is worth another try', async () => {
    const { simulator } = await simulate();
    await fault(simulator, { delayMs: 60_000, times: 1, path: '/reseller/newReseller' });
    // Long enough for the login before it.
    const error = await errorOf(
      client(simulator.url, { TEAMMATE_TIMEOUT: 500 }).reseller.create(order, account, 'key'),
    );
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toMatch(/^TeamMate did not answer http.*newReseller within 0\.5 s\.$/);
  });

  test('a body that never ends takes too long as well', async () => {
    const service = await listen((_, response) => {
      // A little at a time, so that it never falls silent.
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    });
    const error = await errorOf(client(service.url, { TEAMMATE_TIMEOUT: 100 }).ready());
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toContain('within 0.1 s');
  });

  test('a service that is not there is worth another try', async () => {
    const service = await listen(() => {});
    await endAll();
    const error = await errorOf(client(service.url).ready());
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toContain('ECONNREFUSED');
  });

  test.each([
    ['HTML', '<html>Welcome</html>'],
    ['nothing', ''],
    ['half of it', '{"resellerId":'],
    ['no id', '{"resellerName":"Contoso"}'],
    ['an empty id', '{"resellerId":""}'],
    ['a list', '[]'],
  ])('a creation answered with %s is worth a look, not a success', async (_, body) => {
    const service = await scripted(() => ({ body }));
    const error = await errorOf(service.teammate.reseller.create(order, account, 'key'));
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toContain('not in the expected form');
    expect(service.calls()).toBe(1);
  });

  test('a malformed entry of a list is named by its place', async () => {
    const service = await scripted(() => ({ body: { resellers: [entry(1, 'A', 'a@a.example'), { resellerId: 2 }] } }));
    const error = await errorOf(service.teammate.reseller.find(order, account));
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toContain('resellers.1.resellerName');
  });

  test('a token answer without a token is malformed', async () => {
    const service = await scripted(() => ({}), { token: 'elsewhere' });
    const error = await errorOf(service.teammate.ready());
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toContain('access_token');
  });

  test('a redirect is not followed: our token belongs nowhere else', async () => {
    const other = await listen((_, response) => void response.end('{}'));
    const service = await scripted(() => ({ status: 302, headers: { location: other.url } }));
    const error = await errorOf(service.teammate.ready());
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toContain('TEAMMATE_URL');
    expect(other.heard).toEqual([]);
  });

  test('an answer without end does not fill the memory', async () => {
    const service = await scripted(() => ({ body: 'x'.repeat(5 * 1024 * 1024) }));
    const error = await errorOf(service.teammate.ready());
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toContain('UND_ERR');
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  test.each([
    ['120', 120],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:01:30 GMT', 90],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['999999999', 3600],
    [' 7 ', 7],
    ['-5', undefined],
    ['soon', undefined],
    ['1.5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%p is %p seconds', (header, seconds) => {
    expect(retryAfter(header, now)).toBe(seconds);
  });

  test('is handed on to whoever tries again', async () => {
    const { simulator, teammate } = await simulated();
    await fault(simulator, { status: 429, retryAfter: '17', times: 1, path: '/reseller/newReseller' });
    expect(await errorOf(teammate.reseller.create(order, account, 'key'))).toMatchObject({ retryAfter: 17 });
  });

  test('is not waited for in place when it is long', async () => {
    const { simulator, teammate } = await simulated();
    await fault(simulator, { status: 503, retryAfter: '17', times: 1, path: '/reseller/getAuthenticatedUser' });
    expect(await errorOf(teammate.ready())).toMatchObject({ retryAfter: 17 });
  });
});

describe('trying again in place', () => {
  test('a read is tried three times in all', async () => {
    const { simulator, teammate } = await simulated();
    await fault(simulator, { status: 503, times: 2, path: '/reseller/getAuthenticatedUser' });
    await expect(teammate.ready()).resolves.toBeUndefined();
    await fault(simulator, { status: 503, times: 3, path: '/reseller/v3' });
    await expect(teammate.reseller.find(order, account)).rejects.toBeInstanceOf(BackendUnavailable);
    await expect(teammate.reseller.find(order, account)).resolves.toBeUndefined();
  });

  test.each([
    ['creation', (teammate: ReturnType<typeof client>) => teammate.reseller.create(order, account, 'key')],
    ['resend', (teammate: ReturnType<typeof client>) => teammate.reseller.resend?.('6001', account, order)],
  ])('a %s is never tried again', async (_, call) => {
    const service = await scripted(() => ({ status: 503 }));
    await expect(call(service.teammate)).rejects.toBeInstanceOf(BackendUnavailable);
    expect(service.calls()).toBe(1);
  });
});

describe('a creation', () => {
  test('gives the id, sends the key, and asks for what was ordered', async () => {
    const { simulator, teammate } = await simulated();
    await expect(teammate.reseller.create(order, account, 'request-7')).resolves.toEqual({ reference: '6001' });
    expect(simulator.state.creations.byIdempotencyKey).toEqual({ 'request-7': { calls: 1, created: 1 } });
    expect(simulator.state.resellers.at(-1)).toMatchObject({
      resellerName: 'Contoso',
      preferredEmail: 'ops@contoso.example',
      services: ['PBX', 'TRUNK'],
      billingReferences: ['B-77'],
      masterResellerId: 5001,
    });
  });

  test('goes to the path that is set', async () => {
    const service = await scripted(() => ({ body: { resellerId: 1 } }));
    const teammate = client(service.url, {
      TEAMMATE_URL: `${service.url}/gateway/`,
      TEAMMATE_PATH_TOKEN: '/../oauth/token',
    });
    await teammate.reseller.create(order, account, 'key').catch(() => {});
    const other = client(service.url, { TEAMMATE_PATH_CREATE_RESELLER: '/v9/resellers' });
    await other.reseller.create(order, account, 'key');
    expect(service.heard.map((one) => one.path)).toEqual([
      '/oauth/token',
      '/gateway/reseller/newReseller',
      '/oauth/token',
      '/v9/resellers',
    ]);
  });

  test('that was dropped after it took effect is found by the look-up', async () => {
    const { simulator, teammate } = await simulated();
    await fault(simulator, { after: 'commit', times: 1, path: '/reseller/newReseller' });
    await expect(teammate.reseller.create(order, account, 'key')).rejects.toBeInstanceOf(BackendUnavailable);
    await expect(teammate.reseller.find(order, account)).resolves.toEqual({
      reference: '6001',
      same: ['name', 'email'],
    });
    expect(simulator.state.creations.byIdempotencyKey).toEqual({ key: { calls: 1, created: 1 } });
  });

  test.each([
    ['a reseller’s', 'Taken@Fabrikam.example'],
    ['the master reseller’s', 'office@northwind.example'],
    ['an enterprise’s', 'ADMIN@proseware.example'],
  ])('is refused with %s e-mail address, naming the field', async (_, email) => {
    const { teammate } = await simulated();
    const error = await errorOf(teammate.reseller.create({ ...order, email }, account, 'key'));
    expect(error).toBeInstanceOf(BackendRefused);
    expect(error).toMatchObject({ why: 'taken', field: 'email' });
    expect(error.message).toContain('already in use');
  });

  test('is refused with a taken name, naming the field', async () => {
    const { teammate } = await simulated();
    const error = await errorOf(teammate.reseller.create({ ...order, name: 'FABRIKAM' }, account, 'key'));
    expect(error).toBeInstanceOf(BackendRefused);
    expect(error).toMatchObject({ why: 'taken', field: 'name' });
  });

  test.each([
    ['409 without a word', 409, '', undefined],
    ['409 with a sentence', 409, { message: 'Email address exists' }, 'email'],
    ['400 that says it exists', 400, { message: 'Reseller name already exists' }, 'name'],
    ['422 that names the field', 422, { errors: [{ field: 'preferredEmail', message: 'is already in use' }] }, 'email'],
    ['400 in plain text', 400, 'User name or e-mail is already registered', 'email'],
  ])('takes a %s for taken', async (_, status, body, field) => {
    const service = await scripted(() => ({ status, body }));
    const error = await errorOf(service.teammate.reseller.create(order, account, 'key'));
    expect(error).toMatchObject({ why: 'taken', field });
  });

  test('does not take another operation’s conflict for a taken value', async () => {
    const service = await scripted(() => ({ status: 409, body: { message: 'The e-mail is already in use' } }));
    const resent = async () => service.teammate.reseller.resend?.('1', account, order);
    expect(await errorOf(resent())).toMatchObject({ why: 'invalid' });
  });
});

describe('the backend’s words', () => {
  const refusal = async (body: unknown) => {
    const service = await scripted(() => ({ status: 400, body }));
    return (await errorOf(service.teammate.reseller.create(order, account, 'key'))).message;
  };

  test.each([
    ['message', { message: 'Not so.' }],
    ['error_description', { error: 'bad', error_description: 'Not so.' }],
    ['error', { error: 'Not so.' }],
    ['errors', { message: 'Validation', errors: [{ message: 'Not' }, { message: 'so.' }] }],
    ['plain text', 'Not so.'],
    ['a JSON text', '"Not so."'],
  ])('are found in %s', async (_, body) => {
    expect(await refusal(body)).toBe('Not so.');
  });

  test('are one line without control characters and direction overrides', async () => {
    expect(await refusal({ message: 'a\r\n\tb\u0000c\u001b[31md\u202ee\u2028f' })).toBe('a b c [31md e f');
  });

  test('are cut to three hundred characters', async () => {
    const message = await refusal({ message: '😀'.repeat(400) });
    expect([...message]).toHaveLength(300);
    expect(message.endsWith('😀…')).toBe(true);
  });

  test('are not some proxy’s HTML page', async () => {
    expect(await refusal('<html><h1>Blocked</h1></html>')).toMatch(/^TeamMate answered POST http.*with 400\.$/);
  });

  test('never hold our secrets, even when they are echoed', async () => {
    const { clientSecret, password } = demoLogin;
    expect(await refusal({ message: `bad ${password} ${clientSecret} Bearer token!` })).toBe(
      'bad [hidden] [hidden] Bearer [hidden]!',
    );
  });
});

test('nothing secret is logged, whatever happens', async () => {
  let logged = '';
  const sink = new Writable({
    write(chunk, _, done) {
      logged += chunk;
      done();
    },
  });
  const { simulator } = await simulate();
  const teammate = client(simulator.url, {}, { log: pino({ level: 'trace' }, sink) });
  await fault(simulator, { after: 'commit', times: 1, path: '/reseller/newReseller' });
  await teammate.reseller.create(order, account, 'key').catch(() => {});
  await teammate.reseller.find(order, account);
  expect(logged).toContain('/reseller/newReseller');
  for (const secret of [demoLogin.password, demoLogin.clientSecret, 'Bearer', 'Basic'])
    expect(logged).not.toContain(secret);
});

describe('the look-up', () => {
  test('finds nothing where there is nothing', async () => {
    const { teammate } = await simulated();
    await expect(teammate.reseller.find(order, account)).resolves.toBeUndefined();
  });

  test.each([
    ['all', { name: ' fabriKAM', email: 'Taken@FABRIKAM.example' }, ['name', 'email']],
    ['the name', { name: 'Ｆabrikam' }, ['name']],
    ['the e-mail', { email: 'TAKEN@fabrikam.example' }, ['email']],
  ])('finds what is the same in %s, without regard to case', async (_, change, same) => {
    const { teammate } = await simulated();
    await expect(teammate.reseller.find({ ...order, ...change }, account)).resolves.toEqual({
      reference: '5101',
      same,
    });
  });

  test('prefers what is the same in all, on whatever page it is', async () => {
    const pages = [
      [entry(1, 'Contoso', 'other@contoso.example'), entry(2, 'Other', order.email)],
      [entry(3, 'contoso', 'OPS@contoso.example')],
    ];
    const service = await scripted(({ path }) => {
      const number = Number(new URL(path, 'http://x').searchParams.get('page'));
      const next = number === 0 ? { next: { href: '/reseller/v3/getResellersOrMasterResellers?page=1' } } : {};
      return { body: { resellers: pages[number], _links: next } };
    });
    await expect(service.teammate.reseller.find(order, account)).resolves.toEqual({
      reference: '3',
      same: ['name', 'email'],
    });
  });

  test('compares the name with our own resellers only, the e-mail with everybody', async () => {
    const service = await scripted(() => ({
      body: {
        resellers: [
          entry(1, 'Contoso', 'a@a.example', { masterResellerId: 7 }),
          entry(2, 'Contoso', 'b@b.example', { type: 'MASTER_RESELLER' }),
          entry(3, 'Contoso', order.email, { masterResellerId: 7 }),
        ],
      },
    }));
    await expect(service.teammate.reseller.find(order, account)).resolves.toEqual({ reference: '3', same: ['email'] });
  });
});

describe('a list of several pages', () => {
  const collect = async (teammate: ReturnType<typeof client>) => {
    const names: string[] = [];
    for await (const page of teammate.listThings(account, 'top'))
      names.push(...page.filter(({ kind }) => kind === 'reseller').map((one) => one.name));
    return names;
  };

  test('is read to its end', async () => {
    const { simulator, teammate } = await simulated();
    for (let number = 1; number <= 120; number += 1) {
      await teammate.reseller.create(
        { ...order, name: `R${number}`, email: `r${number}@contoso.example` },
        account,
        `${number}`,
      );
    }
    const names = await collect(teammate);
    expect(names).toEqual(simulator.state.resellers.map((one) => one.resellerName));
    expect(names).toHaveLength(125);
    await expect(
      teammate.reseller.find({ ...order, name: 'r120', email: 'R120@contoso.example' }, account),
    ).resolves.toMatchObject({ same: ['name', 'email'] });
  });

  test('shows our own resellers in the port’s words', async () => {
    const service = await scripted(() => ({
      body: {
        resellers: [
          entry(1, 'A', 'a@a.example', { billingReferences: ['x', 'y'], activated: true, masterResellerId: 5001 }),
          entry(2, 'B', 'b@b.example', { type: 'MASTER_RESELLER' }),
          entry(3, 'C', 'c@c.example', { masterResellerId: 7 }),
        ],
      },
    }));
    const { value } = await service.teammate.listThings(account, 'top')[Symbol.asyncIterator]().next();
    expect(value).toEqual([
      {
        kind: 'reseller',
        reference: '1',
        name: 'A',
        active: true,
        suspended: false,
        facts: { email: 'a@a.example', services: 'PBX', billingReference: 'x, y' },
      },
    ]);
  });

  test.each([
    ['another host', (other: string) => other],
    ['another scheme', () => 'file:///etc/passwd'],
    ['nowhere', () => 'http://['],
    ['a host without scheme', (other: string) => other.replace('http:', '')],
  ])('is not followed to %s, where our token would go', async (_, link) => {
    const other = await listen((_heard, response) => void response.end('{}'));
    const service = await scripted(() => ({
      body: { resellers: [], _links: { next: { href: link(`${other.url}/x`) } } },
    }));
    const error = await errorOf(collect(service.teammate));
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error.message).toContain('not TeamMate’s');
    expect(other.heard).toEqual([]);
  });

  test.each([
    ['a whole', (url: string) => ({ href: `${url}/next` })],
    ['a relative', () => ({ href: '/next' })],
    ['a bare', () => '/next'],
  ])('is followed by %s link to TeamMate itself', async (_, link) => {
    const service = await scripted(({ path, headers }) =>
      /SBCGateway|PBXTypes/.test(path)
        ? { body: [] }
        : path === '/next'
          ? { body: { resellers: [entry(2, 'B', 'b@b.example')], _links: {} } }
          : { body: { resellers: [entry(1, 'A', 'a@a.example')], _links: { next: link(`http://${headers.host}`) } } },
    );
    expect(await collect(service.teammate)).toEqual(['A', 'B']);
  });

  test('that goes in a circle is an error, not an end', async () => {
    const service = await scripted(() => ({ body: { resellers: [], _links: { next: { href: '/next' } } } }));
    await expect(service.teammate.reseller.find(order, account)).rejects.toBeInstanceOf(BackendUnavailable);
    expect(service.calls()).toBe(2);
  });

  test('that never ends is an error after two hundred pages', async () => {
    const service = await scripted((_, calls) => ({
      body: { resellers: [], _links: { next: { href: `/${calls}` } } },
    }));
    const error = await errorOf(service.teammate.reseller.find(order, account));
    expect(error.message).toContain('did not end after 200 pages');
    expect(service.calls()).toBe(200);
  });
});

describe('how a reseller stands', () => {
  test('is active when activated, waiting before', async () => {
    const { teammate } = await simulated();
    const { reference } = await teammate.reseller.create(order, account, 'key');
    await expect(teammate.reseller.standing(reference, account, order)).resolves.toEqual({ state: 'waiting' });
    await expect(teammate.reseller.standing('5101', account, order)).resolves.toEqual({ state: 'active' });
  });

  test('is gone when nothing knows it', async () => {
    const { teammate } = await simulated();
    await expect(teammate.reseller.standing('9999', account, order)).resolves.toEqual({ state: 'gone' });
  });

  test('is not gone while the list has it: then the path is wrong', async () => {
    const { simulator } = await simulate();
    const teammate = client(simulator.url, { TEAMMATE_PATH_RESELLER: '/no/such/path/{id}' });
    await expect(teammate.reseller.standing('5101', account, order)).resolves.toEqual({ state: 'active' });
  });

  test('is unknown, not gone, while nobody answers', async () => {
    const { simulator, teammate } = await simulated();
    await fault(simulator, { status: 503, times: 3, path: '/reseller/getReseller' });
    await expect(teammate.reseller.standing('5101', account, order)).rejects.toBeInstanceOf(BackendUnavailable);
  });

  test('is asked for with an id that cannot leave its place in the path', async () => {
    const service = await scripted(() => ({ body: entry(1, 'A', 'a@a.example') }));
    await service.teammate.reseller.standing('../../x?y=$&', account, order);
    expect(service.heard.at(-1)?.path).toBe('/reseller/getReseller/..%2F..%2Fx%3Fy%3D%24%26');
  });
});

test('a resend brings a second e-mail with another link', async () => {
  const { smtp, teammate } = await simulated();
  const { reference } = await teammate.reseller.create(order, account, 'key');
  const first = await smtp.mailTo(order.email);
  await teammate.reseller.resend?.(reference, account, order);
  const second = await smtp.mailTo(order.email, 2);
  expect(second.text).toContain('/activate?code=');
  expect(second.text).not.toBe(first.text);
});
