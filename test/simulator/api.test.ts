import { demoLogin } from '../../src/simulator/seed.ts';
import { caller, contoso, endAll, fault, post, simulate, tokenOf } from './start.ts';

afterEach(endAll);

const { clientId, clientSecret, username, password } = demoLogin;
const basic = (id: string, secret: string) => ({ authorization: `Basic ${btoa(`${id}:${secret}`)}` });
const good = { username, password, grant_type: 'password' };

describe('POST /oauth/token', () => {
  test('gives a bearer token and its life in seconds', async () => {
    const { simulator } = await simulate({ tokenLifetime: 77 });
    const response = await post(`${simulator.url}/oauth/token`, good, basic(clientId, clientSecret));
    expect(await response.json()).toMatchObject({
      token_type: 'bearer',
      expires_in: 77,
      access_token: expect.any(String),
    });
  });

  test.each([
    ['no client', {}, good, 401, 'invalid_client'],
    ['a wrong client', basic('someone', clientSecret), good, 401, 'invalid_client'],
    ['a wrong secret', basic(clientId, 'x'), good, 401, 'invalid_client'],
    ['another grant', basic(clientId, clientSecret), { ...good, grant_type: 'x' }, 400, 'unsupported_grant_type'],
    ['no password', basic(clientId, clientSecret), { ...good, password: '' }, 400, 'invalid_request'],
    ['a wrong password', basic(clientId, clientSecret), { ...good, password: 'x' }, 400, 'invalid_grant'],
    ['a wrong user', basic(clientId, clientSecret), { ...good, username: 'x' }, 400, 'invalid_grant'],
  ])('refuses %s', async (_, headers, form, status, error) => {
    const { simulator } = await simulate();
    const response = await post(`${simulator.url}/oauth/token`, form, headers as Record<string, string>);
    expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([status, error]);
  });
});

describe('every other call', () => {
  const calls: [string, string][] = [
    ['PUT', '/reseller/getAuthenticatedUser'],
    ['GET', '/reseller/getAvailableSBCGatewayRegionsByResellerId/5001'],
    ['GET', '/pbx/getPBXTypesByResellerId?resellerId=5001'],
    ['GET', '/reseller/v3/getResellersOrMasterResellers'],
    ['POST', '/reseller/newReseller'],
    ['GET', '/reseller/getReseller/5101'],
    ['POST', '/reseller/resendInvitationEmail/5101'],
  ];

  test.each(calls)('%s %s needs a token', async (method, path) => {
    const { simulator } = await simulate();
    for (const headers of [{}, { authorization: 'Bearer unknown' }] as Record<string, string>[]) {
      const response = await fetch(simulator.url + path, { method, headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('invalid_token');
    }
  });

  test('is refused when the token has expired', async () => {
    let now = 0;
    const { simulator } = await simulate({ tokenLifetime: 60, clock: () => new Date(now) });
    const call = await caller(simulator.url);
    now = 59_999;
    expect((await call('GET', '/reseller/getReseller/5101')).status).toBe(200);
    now = 60_000;
    expect((await call('GET', '/reseller/getReseller/5101')).status).toBe(401);
  });
});

describe('the documented reads', () => {
  test('tell who is logged in', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    expect((await call('PUT', '/reseller/getAuthenticatedUser', username)).body).toEqual({
      username,
      type: 'RESELLER',
      resellerId: 5001,
    });
    expect((await call('PUT', '/reseller/getAuthenticatedUser', 'someone')).status).toBe(404);
    expect((await call('PUT', '/reseller/getAuthenticatedUser', { username })).status).toBe(400);
  });

  test('tell the regions and the types of PBX', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const regions = await call('GET', '/reseller/getAvailableSBCGatewayRegionsByResellerId/5001');
    expect(regions.body).toContainEqual({ sbcGatewayId: 5, sbcGatewayRegion: 'DE WestCentral' });
    const types = await call('GET', '/pbx/getPBXTypesByResellerId?resellerId=5001');
    expect(types.body).toContainEqual(expect.objectContaining({ pbxLabel: 'Netsapiens', isDefault: true }));
    expect((await call('GET', '/pbx/getPBXTypesByResellerId?resellerId=7')).status).toBe(403);
    expect((await call('GET', '/pbx/getPBXTypesByResellerId')).status).toBe(400);
  });

  test('tell one reseller, without its code and password', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    expect((await call('GET', '/reseller/getReseller/5101')).body).toEqual({
      resellerId: 5101,
      resellerName: 'Fabrikam',
      preferredEmail: 'taken@fabrikam.example',
      services: ['PBX', 'TRUNK'],
      billingReferences: ['NW-1001'],
      masterResellerId: 5001,
      type: 'RESELLER',
      activated: true,
      suspended: false,
      createdDate: '2025-02-11T09:12:00.000Z',
    });
    expect((await call('GET', '/reseller/getReseller/1')).status).toBe(404);
    expect((await call('GET', '/reseller/getReseller/x')).status).toBe(404);
  });

  test('list resellers in pages that link to the next one', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const ids: unknown[] = [];
    let path: string | undefined = '/reseller/v3/getResellersOrMasterResellers?masterResellerId=5001&size=2';
    for (let pages = 0; path && pages < 10; pages += 1) {
      const body = (await call('GET', path)).body as unknown as {
        resellers: { resellerId: number }[];
        _links: { next?: { href: string } };
      };
      ids.push(body.resellers.map((one) => one.resellerId));
      path = body._links.next?.href;
    }
    expect(ids).toEqual([[5101, 5102], [5103, 5104], [5105]]);
    for (const query of ['size=0', 'size=101', 'page=-1', 'page=x']) {
      expect((await call('GET', `/reseller/v3/getResellersOrMasterResellers?${query}`)).status).toBe(400);
    }
    expect((await call('GET', '/reseller/v3/getResellersOrMasterResellers?masterResellerId=7')).status).toBe(403);
  });
});

describe('creating a reseller', () => {
  test('answers with what was made', async () => {
    const { simulator } = await simulate({ clock: () => new Date('2026-01-02T03:04:05Z') });
    const call = await caller(simulator.url);
    expect(await call('POST', '/reseller/newReseller', contoso)).toMatchObject({
      status: 201,
      body: { ...contoso, resellerId: 6001, activated: false, createdDate: '2026-01-02T03:04:05.000Z' },
    });
  });

  test.each([
    ['a reseller', 'TAKEN@fabrikam.example'],
    ['the master reseller', 'Office@northwind.example'],
    ['an enterprise', 'admin@PROSEWARE.example'],
    ['with spaces around it', ' taken@fabrikam.example '],
  ])('is a conflict when %s has the e-mail address', async (_, preferredEmail) => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const answer = await call('POST', '/reseller/newReseller', { ...contoso, preferredEmail });
    expect(answer).toMatchObject({ status: 409, body: { field: 'preferredEmail' } });
    expect(simulator.state.resellers).toHaveLength(5);
  });

  test('is a conflict with an address that was given in capitals', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    await call('POST', '/reseller/newReseller', { ...contoso, preferredEmail: 'OPS@contoso.example' });
    const answer = await call('POST', '/reseller/newReseller', { ...contoso, resellerName: 'Other' });
    expect(answer).toMatchObject({ status: 409, body: { field: 'preferredEmail' } });
  });

  test('takes an alias of a taken address, as the documentation advises', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const answer = await call('POST', '/reseller/newReseller', {
      ...contoso,
      preferredEmail: 'taken+2@fabrikam.example',
    });
    expect(answer.status).toBe(201);
  });

  test.each(['Fabrikam', 'fabrikam', ' FABRIKAM  ', 'Wide  world importers'])(
    'is a conflict when a reseller has the name %p',
    async (resellerName) => {
      const { simulator } = await simulate();
      const call = await caller(simulator.url);
      const answer = await call('POST', '/reseller/newReseller', { ...contoso, resellerName });
      expect(answer).toMatchObject({ status: 409, body: { field: 'resellerName' } });
    },
  );

  test.each([
    ['resellerName', undefined],
    ['resellerName', ' '],
    ['resellerName', 'x'.repeat(101)],
    ['resellerName', 'a\nb'],
    ['preferredEmail', undefined],
    ['preferredEmail', 'nobody'],
    ['preferredEmail', `${'a'.repeat(250)}@x.example`],
    ['services', undefined],
    ['services', []],
    ['services', 'PBX'],
    ['services.0', ['SMS']],
    ['billingReferences.0', ['x'.repeat(201)]],
    ['masterResellerId', undefined],
    ['masterResellerId', '5001'],
  ])('is refused when %s is %p', async (field, value) => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const body = { ...contoso, [field.split('.')[0]!]: value };
    const answer = await call('POST', '/reseller/newReseller', body);
    expect([answer.status, answer.body.errors?.map((error) => error.field)]).toEqual([400, [field]]);
  });

  test('names everything that is wrong at once', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const answer = await call('POST', '/reseller/newReseller', {});
    expect(answer.body.errors?.map((error) => error.field)).toEqual([
      'masterResellerId',
      'resellerName',
      'preferredEmail',
      'services',
    ]);
  });

  test('is refused for somebody else’s master reseller', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    expect((await call('POST', '/reseller/newReseller', { ...contoso, masterResellerId: 7 })).status).toBe(403);
  });

  test('counts every call by its natural key and its idempotency key', async () => {
    const { simulator } = await simulate();
    const headers = { authorization: `Bearer ${await tokenOf(simulator.url)}`, 'idempotency-key': 'request-7' };
    for (const name of ['Contoso', 'CONTOSO']) {
      const body = JSON.stringify({ ...contoso, resellerName: name });
      await fetch(`${simulator.url}/reseller/newReseller`, { method: 'POST', headers, body });
    }
    const state = (await (await fetch(`${simulator.url}/_state`)).json()) as { creations: Record<string, unknown> };
    expect(state.creations).toEqual({
      byNaturalKey: { 'contoso|ops@contoso.example': { calls: 2, created: 1 } },
      byIdempotencyKey: { 'request-7': { calls: 2, created: 1 } },
    });
  });
});

describe('what is sent in disorder', () => {
  test('is refused in JSON, without a stack trace', async () => {
    const { simulator } = await simulate();
    const headers = { authorization: `Bearer ${await tokenOf(simulator.url)}` };
    const tries: [string, string, string | undefined, number][] = [
      ['GET', '/nowhere', undefined, 404],
      ['DELETE', '/reseller/newReseller', undefined, 405],
      ['GET', '/reseller/getReseller/%E0%A4%A', undefined, 404],
      ['POST', '/reseller/newReseller', '{', 400],
      ['POST', '/reseller/newReseller', undefined, 400],
      ['POST', '/reseller/newReseller', 'null', 400],
      ['POST', '/reseller/newReseller', `"${'x'.repeat(40_000)}"`, 413],
      ['POST', '/_faults', '{"times":1,"wrong":true}', 400],
    ];
    for (const [method, path, body, status] of tries) {
      const response = await fetch(simulator.url + path, { method, headers, ...(body ? { body } : {}) });
      const text = await response.text();
      expect([method, path, response.status]).toEqual([method, path, status]);
      expect(JSON.parse(text)).toEqual(expect.objectContaining({ status, message: expect.any(String) }));
      expect(text).not.toMatch(/\bat .*\.[jt]s/);
    }
  });
});

describe('faults', () => {
  test('answer with the status the next so many times, on one path', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    await fault(simulator, { status: 502, times: 2, path: '/reseller/getReseller' });
    const statuses = [];
    for (const path of [
      '/pbx/getPBXTypesByResellerId?resellerId=5001',
      ...Array(3).fill('/reseller/getReseller/5101'),
    ]) {
      statuses.push((await call('GET', path)).status);
    }
    expect(statuses).toEqual([200, 502, 502, 200]);
  });

  test('send Retry-After, and are taken back', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    await fault(simulator, { status: 429, retryAfter: '3', times: 9 });
    expect((await call('GET', '/reseller/getReseller/5101')).headers.get('retry-after')).toBe('3');
    await fault(simulator, { clear: true });
    expect((await call('GET', '/reseller/getReseller/5101')).status).toBe(200);
  });

  test('drop the connection after the creation took effect', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    await fault(simulator, { after: 'commit', times: 1 });
    await expect(call('POST', '/reseller/newReseller', contoso)).rejects.toThrow();
    expect(simulator.state.resellers.at(-1)?.resellerName).toBe('Contoso');
  });

  test('make every token invalid', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    await fault(simulator, { expireTokens: true });
    expect((await call('GET', '/reseller/getReseller/5101')).status).toBe(401);
  });

  test('delay an answer, and do not hold up the close', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    await fault(simulator, { delayMs: 600_000, times: 1, path: '/reseller/getReseller/5102' });
    const slow = call('GET', '/reseller/getReseller/5102').then(
      (answer) => answer.status,
      () => 503,
    );
    await call('GET', '/reseller/getReseller/5101');
    await simulator.close();
    expect(await slow).toBe(503);
  });
});

test('a body that says it is gzip and is not is refused, and the simulator lives on', async () => {
  const { simulator } = await simulate();
  const headers = { 'content-encoding': 'gzip' };
  const refused = await fetch(`${simulator.url}/oauth/token`, { method: 'POST', body: 'no gzip', headers });
  expect(refused.status).toBe(415);
  expect((await fetch(simulator.url)).status).toBe(200);
});
