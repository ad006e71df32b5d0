import { invitedEnterprise, registeredEnterprise } from './enterprises.ts';
import { caller, endAll, errorsOf, listen, post, simulate, until } from './start.ts';

afterEach(endAll);

const consentTypes = [
  'GET_USER_SYNC_CONSENT',
  'GET_PRESENCE_CONSENT',
  'GET_CALL_APP_CONSENT',
  'GET_CONTACTS_CONSENT',
  'GET_CDR_CONSENT',
  'GET_SERVICE_PROVIDER_CONSENT',
];
const text = async (url: string) => (await fetch(url)).text();
const tokenIn = (url: unknown) => new URL(url as string).searchParams.get('token')!;

type Consents = { actionType: string; mandatory: boolean; state: string }[];

describe('POST /enterprise/getActionItemUrl', () => {
  test('gives the registration page to who is not registered', async () => {
    const { simulator, call, form } = await invitedEnterprise();
    const ask = () => call('POST', '/enterprise/getActionItemUrl', { actionType: 'REGISTRATION', enterpriseId: 6001 });
    const { status, body } = await ask();
    expect([status, body]).toEqual([
      200,
      {
        enterpriseId: 6001,
        actionType: 'REGISTRATION',
        url: `${simulator.url}/register?code=${form.invitationCode}`,
      },
    ]);
  });

  test('links to the public address', async () => {
    const { ask } = await registeredEnterprise({ publicUrl: 'https://teammate.example/' });
    expect((await ask('GET_CDR_CONSENT')).body.url).toMatch(/^https:\/\/teammate\.example\/consent\?token=/);
  });

  test.each(consentTypes)('gives a page that asks for %s', async (actionType) => {
    const { ask } = await registeredEnterprise();
    const { status, body } = await ask(actionType);
    const page = await fetch(body.url as string);
    expect([status, page.status]).toEqual([200, 200]);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    const shown = await page.text();
    for (const words of ['Humongous Insurance', 'Fabrikam', 'Signed in as it@humongous.example', 'Accept', 'Decline'])
      expect(shown).toContain(words);
  });

  test('asks for nothing but the registration before the registration', async () => {
    const { call } = await invitedEnterprise();
    for (const actionType of ['LOGIN_ENTERPRISE_ADMIN', ...consentTypes]) {
      const answer = await call('POST', '/enterprise/getActionItemUrl', { actionType, enterpriseId: 6001 });
      expect([answer.status, answer.body.code]).toEqual([400, 'NOT_REGISTERED']);
    }
  });

  test('asks for no registration after it, and for no consent twice', async () => {
    const { ask, answer } = await registeredEnterprise();
    expect(await ask('REGISTRATION')).toMatchObject({ status: 400, body: { code: 'ALREADY_REGISTERED' } });
    await answer('GET_CDR_CONSENT', 'granted');
    expect(await ask('GET_CDR_CONSENT')).toMatchObject({ status: 400, body: { code: 'ALREADY_GRANTED' } });
  });

  test.each([
    ['actionType', { actionType: 'GET_EVERYTHING', enterpriseId: 6001 }],
    ['enterpriseId', { actionType: 'REGISTRATION' }],
    ['callbackUrl', { actionType: 'REGISTRATION', enterpriseId: 6001, callbackUrl: 'javascript:alert(1)' }],
  ])('is refused when %s is wrong', async (field, body) => {
    const { call } = await invitedEnterprise();
    const answer = await call('POST', '/enterprise/getActionItemUrl', body);
    expect([answer.status, answer.body.errors?.map((error) => error.field)]).toEqual([400, [field]]);
  });

  test('needs a token, an enterprise that is there, and one’s own', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const body = { actionType: 'GET_CDR_CONSENT', enterpriseId: 5901 };
    for (const path of ['/enterprise/getActionItemUrl', '/enterprise/revokeConsent']) {
      expect((await fetch(simulator.url + path, { method: 'POST' })).status).toBe(401);
      expect((await call('POST', path, { ...body, enterpriseId: 1 })).status).toBe(404);
    }
    simulator.state.resellers[0]!.masterResellerId = 7;
    expect((await call('POST', '/enterprise/getActionItemUrl', body)).status).toBe(403);
  });
});

describe('a consent', () => {
  test('is pending until the administrator grants it', async () => {
    const { call, answer } = await registeredEnterprise();
    const consents = async () =>
      ((await call('GET', '/reseller/getEnterprise/6001')).body.consents as Consents).map(
        ({ actionType, mandatory, state }) => [actionType, mandatory, state],
      );
    expect(await consents()).toEqual([
      ['GET_USER_SYNC_CONSENT', true, 'Pending Consent'],
      ['GET_PRESENCE_CONSENT', true, 'Pending Consent'],
      ['GET_CONTACTS_CONSENT', false, 'Pending Consent'],
      ['GET_CDR_CONSENT', false, 'Pending Consent'],
    ]);
    await answer('GET_USER_SYNC_CONSENT', 'granted');
    await answer('GET_PRESENCE_CONSENT', 'declined');
    expect((await consents()).map(([, , state]) => state)).toEqual([
      'Granted Consent',
      'Pending Consent',
      'Pending Consent',
      'Pending Consent',
    ]);
  });

  test('of management is listed when the provider requests it', async () => {
    const { call } = await registeredEnterprise({}, { canResellerManageEnterpriseProvisioning: true });
    const { body } = await call('GET', '/reseller/getEnterprise/6001');
    expect((body.consents as Consents).map((one) => one.actionType)).toContain('GET_SERVICE_PROVIDER_CONSENT');
  });

  test('is answered once, and the page says how', async () => {
    const { simulator, ask, enterprise } = await registeredEnterprise();
    const { url } = (await ask('GET_PRESENCE_CONSENT')).body;
    const form = { token: tokenIn(url), answer: 'granted' };
    const response = await post(`${simulator.url}/consent`, form);
    expect([response.status, response.headers.get('location')]).toEqual([303, `/consent?token=${form.token}`]);
    expect(await text(url as string)).toContain('Granted Consent');
    await post(`${simulator.url}/consent`, { ...form, answer: 'declined' });
    expect(enterprise().consents.GET_PRESENCE_CONSENT?.answer).toBe('granted');
  });

  test('has only one link that works, for one day', async () => {
    let now = Date.parse('2026-01-02T03:04:05Z');
    const { simulator, ask, enterprise } = await registeredEnterprise({
      clock: () => new Date(now),
      tokenLifetime: 1e6,
    });
    const first = (await ask('GET_PRESENCE_CONSENT')).body.url as string;
    const second = (await ask('GET_PRESENCE_CONSENT')).body.url as string;
    expect([(await fetch(first)).status, (await fetch(second)).status]).toEqual([404, 200]);
    now += 24 * 60 * 60 * 1000;
    expect((await fetch(second)).status).toBe(410);
    for (const url of [first, second])
      await post(`${simulator.url}/consent`, { token: tokenIn(url), answer: 'granted' });
    expect(enterprise().consents).toEqual({});
  });

  test('needs an answer, and a link', async () => {
    const { simulator, ask, enterprise } = await registeredEnterprise();
    const token = tokenIn((await ask('GET_PRESENCE_CONSENT')).body.url);
    expect((await post(`${simulator.url}/consent`, { token, answer: 'revoked' })).status).toBe(422);
    for (const unknown of ['', 'x']) await post(`${simulator.url}/consent`, { token: unknown, answer: 'granted' });
    expect(enterprise().consents).toEqual({});
    expect((await fetch(`${simulator.url}/consent`)).status).toBe(404);
  });

  test('is not given by the link for signing in', async () => {
    const { simulator, ask, enterprise } = await registeredEnterprise();
    const token = tokenIn((await ask('LOGIN_ENTERPRISE_ADMIN')).body.url);
    await post(`${simulator.url}/consent`, { token, answer: 'granted' });
    expect(enterprise().consents).toEqual({});
    expect((await fetch(`${simulator.url}/consent?token=${token}`)).status).toBe(404);
  });

  test('leads back to where its link came from', async () => {
    const { simulator, ask } = await registeredEnterprise();
    const callbackUrl = 'https://bot.example/done?a=1&b="2"';
    const { url } = (await ask('GET_CDR_CONSENT', { callbackUrl })).body;
    await post(`${simulator.url}/consent`, { token: tokenIn(url), answer: 'granted' });
    expect(await text(url as string)).toContain('href="https://bot.example/done?a=1&amp;b=&quot;2&quot;"');
  });

  test('is told to the webhook, whatever the answer', async () => {
    const { url, heard } = await listen((_, response) => void response.end());
    const { call, answer } = await registeredEnterprise({ webhookUrl: url });
    const one = { event: 'enterprise.consent', enterpriseId: 6001, resellerId: 5101 };
    await answer('GET_USER_SYNC_CONSENT', 'granted');
    await answer('GET_CDR_CONSENT', 'declined');
    await call('POST', '/enterprise/revokeConsent', { actionType: 'GET_USER_SYNC_CONSENT', enterpriseId: 6001 });
    await until(() => heard.length === 4);
    const told = heard.map(({ body }) => JSON.parse(body)).filter(({ event }) => event === one.event);
    const wanted = [
      { ...one, actionType: 'GET_USER_SYNC_CONSENT', result: 'granted' },
      { ...one, actionType: 'GET_CDR_CONSENT', result: 'declined' },
      { ...one, actionType: 'GET_USER_SYNC_CONSENT', result: 'revoked' },
    ];
    // Nothing promises that one notice overtakes no other.
    expect(told).toHaveLength(3);
    expect(told).toEqual(expect.arrayContaining(wanted));
  });

  test('can be revoked, and granted again', async () => {
    const { call, ask, answer, enterprise } = await registeredEnterprise();
    const revoke = () =>
      call('POST', '/enterprise/revokeConsent', { actionType: 'GET_CDR_CONSENT', enterpriseId: 6001 });
    expect(await revoke()).toMatchObject({ status: 400, body: { code: 'NOT_GRANTED' } });
    await answer('GET_CDR_CONSENT', 'granted');
    const { status, body } = await revoke();
    expect(status).toBe(200);
    expect(body.consents).toContainEqual(
      expect.objectContaining({ actionType: 'GET_CDR_CONSENT', state: 'Pending Consent' }),
    );
    expect((await ask('GET_CDR_CONSENT')).status).toBe(200);
    await answer('GET_CDR_CONSENT', 'granted');
    expect(enterprise().consents.GET_CDR_CONSENT?.answer).toBe('granted');
  });

  test('is there after a restart, as everything is', async () => {
    const { simulator, answer } = await registeredEnterprise();
    await answer('GET_CDR_CONSENT', 'granted');
    const { stateSchema } = await import('../../src/simulator/state.ts');
    expect(stateSchema.parse(JSON.parse(JSON.stringify(simulator.state)))).toEqual(simulator.state);
  });
});

describe('signing in', () => {
  test('leads the administrator to the dashboard, and tells the webhook', async () => {
    const { url: webhookUrl, heard } = await listen((_, response) => void response.end());
    const { simulator, ask, enterprise } = await registeredEnterprise({ webhookUrl });
    const url = (await ask('LOGIN_ENTERPRISE_ADMIN')).body.url as string;
    expect(await text(url)).toContain('Sign in for Humongous Insurance');
    const sign = (adminEmail: string) => post(`${simulator.url}/login`, { token: tokenIn(url), adminEmail });
    const wrong = await sign('someone@else.example');
    expect([wrong.status, Object.keys(errorsOf(await wrong.text()))]).toEqual([422, ['adminEmail']]);
    const right = await sign(' IT@humongous.example ');
    expect(right.headers.get('location')).toBe(`/dashboard?key=${enterprise().portalKey}`);
    expect((await sign('it@humongous.example')).status).toBe(404);
    await until(() => heard.length === 2);
    expect(heard.map(({ body }) => JSON.parse(body).event).toSorted()).toEqual([
      'enterprise.login',
      'enterprise.registered',
    ]);
  });

  test('shows the action items, each with a button while it is pending', async () => {
    const { simulator, enterprise } = await registeredEnterprise();
    const dashboard = `${simulator.url}/dashboard?key=${enterprise().portalKey}`;
    expect((await text(dashboard)).match(/Grant Consent:/g)).toHaveLength(4);
    const form = { key: enterprise().portalKey, actionType: 'GET_USER_SYNC_CONSENT' };
    const asked = await post(`${simulator.url}/dashboard`, form);
    const token = new URLSearchParams(asked.headers.get('location')!.split('?')[1]).get('token')!;
    await post(`${simulator.url}/consent`, { token, answer: 'granted' });
    expect(await text(`${simulator.url}/consent?token=${token}`)).toContain(`href="/dashboard?key=`);
    expect((await text(dashboard)).match(/Grant Consent:/g)).toHaveLength(3);
    expect((await post(`${simulator.url}/dashboard`, { ...form, key: '' })).status).toBe(404);
    expect((await post(`${simulator.url}/dashboard`, { key: form.key })).status).toBe(400);
  });
});

describe('the portal', () => {
  test('says which consent is waited for, until the mandatory ones are there', async () => {
    const { simulator, answer } = await registeredEnterprise();
    const page = () => text(`${simulator.url}/enterprises/6001`);
    expect(await page()).toContain('Waiting for it@humongous.example to grant consent: User Sync, Presence');
    await answer('GET_USER_SYNC_CONSENT', 'granted');
    expect(await page()).toContain('to grant consent: Presence');
    await answer('GET_PRESENCE_CONSENT', 'granted');
    expect(await page()).toContain('Ready for Direct Routing');
  });

  test('revokes a consent, for its own button only', async () => {
    const { simulator, answer, enterprise } = await registeredEnterprise();
    await answer('GET_USER_SYNC_CONSENT', 'granted');
    const path = `${simulator.url}/enterprises/6001/revoke`;
    const form = { actionType: 'GET_USER_SYNC_CONSENT' };
    expect((await post(path, form, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(enterprise().consents.GET_USER_SYNC_CONSENT?.answer).toBe('granted');
    expect((await post(path, form)).status).toBe(303);
    expect(await text(`${simulator.url}/enterprises/6001`)).toContain('Revoked');
    expect((await post(path, { actionType: 'x' })).status).toBe(400);
  });

  test('gives the API’s callers no key to a customer’s pages', async () => {
    const { call, enterprise } = await registeredEnterprise();
    const { body } = await call('GET', '/reseller/getEnterprise/6001');
    expect(JSON.stringify(body)).not.toContain(enterprise().portalKey);
    expect(body).not.toHaveProperty('links');
  });
});
