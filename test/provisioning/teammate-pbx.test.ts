import { readConfig } from '../../src/config.ts';
import { BackendRefused } from '../../src/provisioning/backend.ts';
import { createTeamMate } from '../../src/provisioning/teammate.ts';
import { demoLogin } from '../../src/simulator/seed.ts';
import { ok, pretendPbx, refused } from '../simulator/pbxes.ts';
import { atEnd, endAll, fault, listen, simulate, until } from '../simulator/start.ts';
import { headOffice } from './pbx-orders.ts';

afterEach(endAll);

function client(url: string) {
  const config = readConfig({
    ALLOW_UNAUTHENTICATED: 'true',
    ORGANISATIONS: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a=5001',
    TEAMMATE_URL: url,
    TEAMMATE_CLIENT_ID: demoLogin.clientId,
    TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
    TEAMMATE_USERNAME: demoLogin.username,
    TEAMMATE_PASSWORD: demoLogin.password,
  });
  const teammate = createTeamMate(config);
  atEnd(teammate.close);
  return teammate;
}

async function simulated() {
  const sip = pretendPbx();
  const { simulator } = await simulate({ register: sip.register });
  const { pbx, ...teammate } = client(simulator.url);
  const stand = (reference: string) => pbx.standing(reference, '5001', headOffice);
  return { ...sip, simulator, teammate, pbx, stand };
}

describe('a PBX in TeamMate', () => {
  test('is created with all that was ordered', async () => {
    const { pbx, simulator, registrations } = await simulated();
    const { reference } = await pbx.create(headOffice, '5001', 'key-1');
    const made = simulator.state.pbxes.find(({ pbxId }) => String(pbxId) === reference);
    expect(made).toMatchObject({
      enterpriseId: 5901,
      pbxTypeId: 1,
      pbxLocation: 'Head Office',
      dnsLookupType: 'A',
      sipDomain: headOffice.domain,
      sipDomainProxy: headOffice.proxy,
      transport: 'UDP',
      port: null,
      registrationExpiry: 300,
      voicemailFeatureCode: '*97',
      sipUser: 'teammate',
      authenticationId: 'teammate-auth',
      portal: {
        authorizationUrl: headOffice.authorizationUrl,
        clientId: 'proseware',
        masqueradingLogin: 'admin@proseware',
      },
      secrets: {
        sipPassword: headOffice.password,
        clientSecret: headOffice.clientSecret,
        masqueradingPassword: headOffice.masqueradingPassword,
      },
    });
    await until(() => registrations.length === 1);
  });

  test('of a type without a portal, with nothing that may be left out, is created too', async () => {
    const { pbx, simulator } = await simulated();
    const bare = { ...headOffice, proxy: '', voicemail: '', authId: '', authorizationUrl: '', port: '5080' };
    await pbx.create(bare, '5001', 'key-1');
    expect(simulator.state.pbxes[0]).toMatchObject({
      sipDomainProxy: null,
      authenticationId: null,
      portal: null,
      port: 5080,
    });
  });

  test('is found by its location in its enterprise, in any spelling, and nowhere else', async () => {
    const { pbx } = await simulated();
    expect(await pbx.find(headOffice, '5001')).toBeUndefined();
    const { reference } = await pbx.create(headOffice, '5001', 'key-1');
    expect(await pbx.find({ ...headOffice, location: 'HEAD  office' }, '5001')).toEqual({
      reference,
      same: ['location'],
    });
    expect(await pbx.find({ ...headOffice, location: 'Branch' }, '5001')).toBeUndefined();
  });

  test('whose location is taken is refused by that field', async () => {
    const { pbx } = await simulated();
    await pbx.create(headOffice, '5001', 'key-1');
    await expect(pbx.create(headOffice, '5001', 'key-2')).rejects.toMatchObject({ why: 'taken', field: 'location' });
  });

  test('is active when it is registered, and not before, and says why', async () => {
    const { pbx, stand, running } = await simulated();
    const { reference } = await pbx.create(headOffice, '5001', 'key-1');
    expect(await stand(reference)).toMatchObject({ state: 'waiting', progress: { steps: [{ state: 'now' }] } });
    await until(() => running().length === 1);
    running()[0]!.hear(refused);
    await until(async () => (await stand(reference)).says?.includes('403') ?? false);
    expect(await stand(reference)).toMatchObject({
      state: 'waiting',
      progress: { steps: [{ label: 'Registration', state: 'failed', says: expect.stringContaining('403') }] },
    });
    running()[0]!.hear(ok);
    await until(async () => (await stand(reference)).state === 'active');
  });

  test('that TeamMate no longer lists is gone; a wrong path alone is not enough', async () => {
    const { pbx, simulator, stand } = await simulated();
    const { reference } = await pbx.create(headOffice, '5001', 'key-1');
    await fault(simulator, { status: 404, times: 1, path: `/pbx/getPBX/${reference}` });
    expect((await stand(reference)).state).toBe('waiting');
    expect((await stand('999')).state).toBe('gone');
  });

  test('is listed with its enterprise, without a secret', async () => {
    const { pbx, teammate } = await simulated();
    const { reference } = await pbx.create(headOffice, '5001', 'key-1');
    const things = [];
    for await (const page of teammate.listThings('5001', 'whole')) things.push(...page);
    const thing = things.find(({ kind }) => kind === 'pbx');
    expect(thing).toMatchObject({
      reference,
      name: 'Head Office',
      parent: '5901',
      active: false,
      facts: { enterprise: '5901', location: 'Head Office', lookup: 'A', user: 'teammate' },
    });
    for (const secret of [headOffice.password, headOffice.clientSecret, headOffice.masqueradingPassword])
      expect(JSON.stringify(things)).not.toContain(secret);
  });

  test('whose password TeamMate repeats in its refusal is refused without it', async () => {
    const message = `sipPassword "${headOffice.password}" and ${headOffice.clientSecret} are too weak`;
    const { url } = await listen((heard, response) => {
      const token = heard.path === '/oauth/token';
      response.writeHead(token ? 200 : 400);
      response.end(JSON.stringify(token ? { access_token: 'token' } : { message }));
    });
    const error = await client(url)
      .pbx.create(headOffice, '5001', 'key-1')
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(BackendRefused);
    expect((error as Error).message).toBe('sipPassword "[hidden]" and [hidden] are too weak');
  });
});
