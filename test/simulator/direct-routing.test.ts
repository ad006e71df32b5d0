import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invitedEnterprise, readyEnterprise, registeredEnterprise } from './enterprises.ts';
import { atEnd, caller, endAll, listen, post, simulate, until } from './start.ts';

afterEach(endAll);

const token = { authenticationResult: { authenticationResult: { accessToken: 'of-microsoft', idToken: 'x' } } };
const order = { enterpriseId: 6001, sbcGatewayId: 1 };
const path = '/provisioning/provisionDirectRouting';

type Missing = { code: string; actionType?: string }[];
const missing = (body: object) =>
  (body as { errors: Missing }).errors.map(({ code, actionType }) => actionType ?? code);

describe('POST /provisioning/provisionDirectRouting', () => {
  test('begins with the domain', async () => {
    const { provision } = await readyEnterprise({ directRoutingMs: 600_000 });
    const { status, body } = await provision();
    expect([status, body]).toEqual([
      200,
      {
        enterpriseId: 6001,
        directRouting: {
          sbcGatewayId: 1,
          sbcGatewayRegion: 'US East 1',
          domain: 'cust6001.sbc1.teammate.example',
          state: 'DOMAIN_ADDED',
          startedDate: expect.any(String),
          changedDate: expect.any(String),
          voiceRoutes: [],
          dialPlan: null,
        },
      },
    ]);
  });

  test('needs the registration first', async () => {
    const { call } = await invitedEnterprise();
    const { status, body } = await call('POST', path, { ...order, ...token });
    expect([status, missing(body)]).toEqual([400, ['NOT_REGISTERED']]);
    expect(body.message).toBe('Humongous Insurance is not registered yet.');
  });

  test('needs every mandatory consent, and names all that are missing', async () => {
    const { call, answer } = await registeredEnterprise();
    const asked = async (more: object = {}) => missing((await call('POST', path, { ...order, ...more })).body);
    expect(await asked()).toEqual(['GET_USER_SYNC_CONSENT', 'GET_PRESENCE_CONSENT', 'GET_SERVICE_PROVIDER_CONSENT']);
    await answer('GET_USER_SYNC_CONSENT', 'granted');
    await answer('GET_PRESENCE_CONSENT', 'declined');
    expect(await asked(token)).toEqual(['GET_PRESENCE_CONSENT']);
    expect((await call('POST', path, order)).body.errors).toContainEqual({
      code: 'CONSENT_MISSING',
      message: 'Humongous Insurance has not granted Presence.',
      actionType: 'GET_PRESENCE_CONSENT',
    });
  });

  test('needs the consent to manage, or the administrator’s own Microsoft token', async () => {
    const { call, answer } = await registeredEnterprise({ directRoutingMs: 600_000 });
    for (const consent of ['GET_USER_SYNC_CONSENT', 'GET_PRESENCE_CONSENT']) await answer(consent, 'granted');
    expect(missing((await call('POST', path, order)).body)).toEqual(['GET_SERVICE_PROVIDER_CONSENT']);
    expect((await call('POST', path, { ...order, ...token })).status).toBe(200);
  });

  test('keeps no Microsoft token', async () => {
    const { simulator, provision } = await readyEnterprise();
    expect((await provision(token)).status).toBe(200);
    expect(JSON.stringify(simulator.state)).not.toContain('of-microsoft');
  });

  test('needs consents that were not revoked', async () => {
    const { call, provision } = await readyEnterprise();
    await call('POST', '/enterprise/revokeConsent', { actionType: 'GET_USER_SYNC_CONSENT', enterpriseId: 6001 });
    expect(missing((await provision()).body)).toEqual(['GET_USER_SYNC_CONSENT']);
  });

  test('needs both licences, which the controls and the portal give and take', async () => {
    const { simulator, provision, control } = await readyEnterprise({ directRoutingMs: 600_000 });
    await control({ enterpriseId: 6001, userLicence: false, phoneSystemLicence: false });
    expect(missing((await provision()).body)).toEqual(['USER_LICENCE_MISSING', 'PHONE_SYSTEM_LICENCE_MISSING']);
    const page = await (await fetch(`${simulator.url}/enterprises/6001`)).text();
    expect(page).toContain('to get an unassigned user licence and a Phone System licence');
    await control({ enterpriseId: 6001, userLicence: true });
    expect(missing((await provision()).body)).toEqual(['PHONE_SYSTEM_LICENCE_MISSING']);
    const give = (headers: Record<string, string>) =>
      post(`${simulator.url}/enterprises/6001/licence`, { licence: 'phoneSystem', there: 'yes' }, headers);
    expect((await give({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await give({})).status).toBe(303);
    expect((await provision()).status).toBe(200);
  });

  test('is for a gateway the enterprise has, once each', async () => {
    const { provision, routings } = await readyEnterprise({ directRoutingMs: 600_000 });
    expect(await provision({ sbcGatewayId: 2 })).toMatchObject({ status: 400, body: { code: 'NO_SUCH_GATEWAY' } });
    const answers = await Promise.all([provision(), provision(), provision({ sbcGatewayId: 3 })]);
    expect(answers.map((one) => one.status).toSorted()).toEqual([200, 200, 409]);
    expect(await provision()).toMatchObject({ status: 409, body: { code: 'ALREADY_PROVISIONED' } });
    expect(await routings()).toHaveLength(2);
  });

  test.each([
    ['enterpriseId', { sbcGatewayId: 1 }],
    ['sbcGatewayId', { enterpriseId: 6001 }],
    ['authenticationResult', { ...order, authenticationResult: 'token' }],
  ])('is refused when %s is wrong', async (field, body) => {
    const { call } = await registeredEnterprise();
    const answer = await call('POST', path, body);
    expect([answer.status, answer.body.errors?.map((error) => error.field)]).toEqual([400, [field]]);
  });

  test('needs a token, and an enterprise that is there', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    expect((await fetch(simulator.url + path, { method: 'POST' })).status).toBe(401);
    expect((await fetch(`${simulator.url}/provisioning/getDirectRoutingStatus/5901`)).status).toBe(401);
    expect((await call('POST', path, { ...order, enterpriseId: 1 })).status).toBe(404);
    expect((await call('GET', '/provisioning/getDirectRoutingStatus/1')).status).toBe(404);
  });
});

describe('Direct Routing under way', () => {
  test('goes through its states one by one', async () => {
    const { simulator, provision, routings, enterprise } = await readyEnterprise({ directRoutingMs: 450 });
    await provision();
    const seen: string[] = [];
    await until(async () => {
      const state = (await routings())[0]!.state;
      if (seen.at(-1) !== state) seen.push(state);
      return state === 'ROUTES_CREATED';
    });
    expect(seen).toEqual(['DOMAIN_ADDED', 'DOMAIN_ACTIVATING', 'DOMAIN_ACTIVE', 'ROUTES_CREATED']);
    expect((await routings())[0]).toMatchObject({ voiceRoutes: ['TeamMate US East 1'], dialPlan: 'TeamMate' });
    await until(() => enterprise().routings[0]?.mail === 'sent');
    expect(await (await fetch(simulator.url)).text()).toContain('Direct Routing active');
  });

  test('says in the portal that Microsoft is waited for', async () => {
    const { simulator, provision } = await readyEnterprise({ directRoutingMs: 600_000 });
    await provision();
    const page = await (await fetch(`${simulator.url}/enterprises/6001`)).text();
    expect(page).toContain('Waiting for Microsoft to activate cust6001.sbc1.teammate.example');
    expect(page).toContain('Domain added');
  });

  test('ends with an e-mail to the administrator, tried again when it is refused, and with no webhook', async () => {
    const { url, heard } = await listen((_, response) => void response.end());
    const { smtp, provision, enterprise } = await readyEnterprise({ webhookUrl: url });
    await until(() => heard.length === 4);
    smtp.refuse(2);
    await provision();
    const mail = await smtp.mailTo('it@humongous.example', 2);
    expect(mail.subject).toBe('Direct Routing of Humongous Insurance is active');
    expect(mail.text).toContain('Domain: cust6001.sbc1.teammate.example');
    await until(() => enterprise().routings[0]?.mail === 'sent');
    expect(heard).toHaveLength(4);
  });

  test('becomes quicker when it is told to', async () => {
    const { provision, routings, control } = await readyEnterprise({ directRoutingMs: 600_000 });
    await provision();
    expect((await routings())[0]!.state).toBe('DOMAIN_ADDED');
    expect((await control({ directRoutingMs: 0 })).status).toBe(204);
    await until(async () => (await routings())[0]!.state === 'ROUTES_CREATED');
  });

  test('does not hold up the close, and goes on after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    const dataFile = join(folder, 'state.json');
    const before = await readyEnterprise({ dataFile, directRoutingMs: 600_000 });
    await before.provision();
    await before.simulator.close();
    expect(before.enterprise().routings[0]?.state).toBe('DOMAIN_ADDED');

    const after = await simulate({ dataFile, directRoutingMs: 0 });
    await after.smtp.mailTo('it@humongous.example');
    expect(after.simulator.state.enterprises.at(-1)?.routings[0]?.state).toBe('ROUTES_CREATED');
  });

  test('mails its end after a restart that came in between', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    const dataFile = join(folder, 'state.json');
    const before = await readyEnterprise({ dataFile, pausesMs: [600_000] });
    before.smtp.refuse(1);
    await before.provision();
    await until(() => before.enterprise().routings[0]?.mail === 'queued');
    await before.simulator.close();

    const after = await simulate({ dataFile });
    await after.smtp.mailTo('it@humongous.example');
  });
});

describe('the controls', () => {
  test.each([{ directRoutingMs: -1 }, { enterpriseId: 5901 }, { enterpriseId: 5901, licence: true }, {}])(
    'refuse %p',
    async (body) => {
      const { simulator } = await simulate();
      const response = await fetch(`${simulator.url}/_controls`, { method: 'POST', body: JSON.stringify(body) });
      expect(response.status).toBe(400);
    },
  );
});
