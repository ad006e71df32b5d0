import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithRegistrar, startRegistrar } from '../support/registrar.ts';
import { headOffice, ok, openHeadOffice, pbxes, pretendPbx, refused } from './pbxes.ts';
import { atEnd, caller, endAll, listen, simulate, until } from './start.ts';

afterEach(endAll);

const state = (registration: unknown) => (registration as { state: string }).state;

/** The PBX is made, and being registered. */
async function made(options: Parameters<typeof pbxes>[0] = {}) {
  const all = await pbxes(options);
  await all.make();
  await until(() => all.running().length === 1);
  return all;
}

describe('the registration of a PBX', () => {
  test('is tried as the PBX says', async () => {
    const { running } = await made();
    expect(running()[0]!.account).toEqual({
      domain: 'pbx.proseware.example',
      proxy: '127.0.0.1:5070',
      lookup: 'A',
      transport: 'UDP',
      port: 5080,
      user: 'teammate',
      authId: 'teammate-auth',
      password: 'sip-secret ',
      expires: 300,
    });
  });

  test('leaves to the defaults what was left out', async () => {
    const { make, running } = await pbxes();
    await make({ sipDomainProxy: null, port: null, authenticationId: null, dnsLookupType: 'SRV' });
    await until(() => running().length === 1);
    expect(Object.keys(running()[0]!.account).toSorted()).toEqual(
      ['domain', 'expires', 'lookup', 'password', 'transport', 'user'].toSorted(),
    );
  });

  test('is pending until the PBX has answered, and then what it answered', async () => {
    const { running, registration } = await made({ clock: () => new Date('2026-01-02T03:04:05Z') });
    expect(state(await registration())).toBe('PENDING');
    running()[0]!.hear(refused);
    await until(async () => state(await registration()) === 'NOT_REGISTERED');
    expect(await registration()).toEqual({
      state: 'NOT_REGISTERED',
      reason: 'The PBX answered 403 (Forbidden): it does not let this user register.',
      changedDate: '2026-01-02T03:04:05.000Z',
    });
    running()[0]!.hear({ ok: false, cause: 'timeout', reason: `No\nanswer${'.'.repeat(500)}` });
    await until(async () => JSON.stringify(await registration()).includes('No answer'));
    expect(JSON.stringify(await registration()).length).toBeLessThan(400);
    running()[0]!.hear(ok);
    await until(async () => state(await registration()) === 'REGISTERED');
  });

  test('is shown on the enterprise’s page', async () => {
    const { simulator, running, registration } = await made();
    const page = async () => (await fetch(`${simulator.url}/enterprises/5901`)).text();
    expect(await page()).toContain('Registering');
    running()[0]!.hear(refused);
    await until(async () => state(await registration()) === 'NOT_REGISTERED');
    expect(await page()).toMatch(/Head Office[\s\S]*Not registered[\s\S]*403 \(Forbidden\)[\s\S]*Netsapiens/);
    running()[0]!.hear(ok);
    await until(async () => state(await registration()) === 'REGISTERED');
    expect(await page()).toContain('>Registered<');
  });

  test('is told to the webhook when it becomes another one', async () => {
    const { url, heard } = await listen((_, response) => void response.end());
    const { running, registration } = await made({ webhookUrl: url });
    const { hear } = running()[0]!;
    hear(refused);
    hear({ ok: false, cause: 'timeout', reason: 'No answer.' });
    hear(ok);
    hear(ok);
    await until(async () => state(await registration()) === 'REGISTERED');
    await until(() => heard.length === 2);
    const notice = { event: 'pbx.registration', enterpriseId: 5901, resellerId: 5101, pbxId: 6001 };
    expect(heard.map((one) => JSON.parse(one.body))).toEqual(
      expect.arrayContaining([
        { ...notice, registered: false },
        { ...notice, registered: true },
      ]),
    );
    hear(refused);
    await until(() => heard.length === 3);
  });

  test('begins anew with every change, and hears no more of the one before', async () => {
    const { call, registrations, running, registration } = await made();
    registrations[0]!.hear(ok);
    await until(async () => state(await registration()) === 'REGISTERED');
    const answer = await call('PUT', '/pbx/updatePBX/6001', { ...openHeadOffice, sipPassword: 'new' });
    expect(answer.body.registration).toMatchObject({ state: 'PENDING' });
    await until(() => registrations.length === 2);
    expect(running().map((one) => one.account.password)).toEqual(['new']);
    registrations[0]!.hear(refused);
    registrations[1]!.hear(ok);
    await until(async () => state(await registration()) === 'REGISTERED');
  });

  test('is not begun before the one before has ended', async () => {
    const pbx = pretendPbx();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const register: typeof pbx.register = (account, given) => {
      const one = pbx.register(account, given);
      return { stop: () => held.then(() => one.stop()) };
    };
    const { call, make } = await pbxes({ register });
    await make();
    await until(() => pbx.registrations.length === 1);
    await call('PUT', '/pbx/updatePBX/6001', headOffice);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(pbx.registrations).toHaveLength(1);
    release();
    await until(() => pbx.registrations.length === 2);
    expect(pbx.registrations.map((one) => one.stopped)).toEqual([true, false]);
  });

  test('goes on beside another PBX that cannot be ended', async () => {
    const pbx = pretendPbx();
    const failing: typeof pbx.register = (account, given) => {
      pbx.register(account, given);
      return { stop: () => Promise.reject(new Error('no answer')) };
    };
    const { call, make } = await pbxes({ register: failing });
    await make();
    await until(() => pbx.registrations.length === 1);
    await call('PUT', '/pbx/updatePBX/6001', headOffice);
    await until(() => pbx.registrations.length === 2);
  });

  test('ends when the PBX is suspended, and begins again when it is resumed', async () => {
    const { url, heard } = await listen((_, response) => void response.end());
    const { call, registrations, running, registration } = await made({ webhookUrl: url });
    registrations[0]!.hear(ok);
    await until(() => heard.length === 1);
    const suspended = await call('POST', '/pbx/suspendPBX/6001');
    expect(suspended).toMatchObject({
      status: 200,
      body: { suspended: true, registration: { state: 'NOT_REGISTERED', reason: 'The PBX is suspended.' } },
    });
    await until(() => running().length === 0);
    await until(() => heard.length === 2);
    expect(JSON.parse(heard[1]!.body)).toMatchObject({ pbxId: 6001, registered: false });
    registrations[0]!.hear(ok);
    expect((await call('POST', '/pbx/suspendPBX/6001')).body).toEqual(suspended.body);
    // A change while it is suspended is for later.
    expect((await call('PUT', '/pbx/updatePBX/6001', { ...headOffice, sipUser: 'later' })).body.suspended).toBe(true);
    expect(registrations).toHaveLength(1);
    expect((await call('POST', '/pbx/resumePBX/6001')).body).toMatchObject({
      suspended: false,
      registration: { state: 'PENDING' },
    });
    await until(() => running().length === 1);
    expect(running()[0]!.account.user).toBe('later');
    expect((await call('POST', '/pbx/resumePBX/6001')).status).toBe(200);
    expect(state(await registration())).toBe('PENDING');
    expect(registrations).toHaveLength(2);
  });

  test.each([
    ['enterprise', '/reseller/suspendEnterprise/5901', '/reseller/resumeEnterprise/5901'],
    ['reseller', '/reseller/suspendReseller/5101', '/reseller/resumeReseller/5101'],
  ])('ends while its %s is suspended', async (what, suspend, resume) => {
    const { call, running, registration } = await made();
    expect((await call('POST', suspend)).body.suspended).toBe(true);
    await until(() => running().length === 0);
    expect(await registration()).toMatchObject({ state: 'NOT_REGISTERED', reason: `The ${what} is suspended.` });
    await call('POST', suspend);
    await call('POST', resume);
    await until(() => running().length === 1);
    expect(state(await registration())).toBe('PENDING');
  });

  test('ends with the PBX', async () => {
    const { call, running, registrations } = await made();
    await call('DELETE', '/pbx/6001');
    await until(() => running().length === 0);
    registrations[0]!.hear(ok);
    expect((await call('GET', '/pbx/getPBX/6001')).status).toBe(404);
  });

  test('ends with the simulator, and is taken up again after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    const dataFile = join(folder, 'state.json');
    const before = await made({ dataFile });
    await before.make({ pbxLocation: 'Branch' });
    await before.call('POST', '/pbx/suspendPBX/6002');
    before.registrations[0]!.hear(ok);
    await until(async () => state(await before.registration()) === 'REGISTERED');
    await before.simulator.close();
    expect(before.running()).toEqual([]);

    const pbx = pretendPbx();
    const after = await simulate({ dataFile, register: pbx.register });
    const states = () => after.simulator.state.pbxes.map((one) => one.registration.state);
    expect(states()).toEqual(['PENDING', 'NOT_REGISTERED']);
    await until(() => pbx.registrations.length === 1);
    expect(pbx.registrations[0]!.account).toEqual(before.registrations[0]!.account);
    pbx.registrations[0]!.hear(ok);
    await until(() => states()[0] === 'REGISTERED');
  });
});

describeWithRegistrar('the registration at a real registrar', () => {
  /** A registrar that knows the PBX's user, and what a PBX says to be found there over UDP. */
  async function registered() {
    const { sipDomain: domain, sipUser: user, authenticationId: authId, sipPassword: password } = headOffice;
    const registrar = await startRegistrar({ domain, users: [{ user, authId, password }] });
    atEnd(registrar.close);
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const order = { ...headOffice, sipDomainProxy: `${registrar.host}:${registrar.ports.udp}`, port: null };
    expect((await call('POST', '/pbx/newPBX', order)).status).toBe(201);
    const becomes = async (wanted: string) => {
      const read = async () => (await call('GET', '/pbx/getPBX/6001')).body.registration;
      await until(async () => state(await read()) === wanted);
      return (await read()) as { reason: string };
    };
    await becomes('REGISTERED');
    expect(await registrar.contacts()).toHaveLength(1);
    return { registrar, simulator, call, order, becomes };
  }

  test('is refused with a wrong password, and granted with the right one', async () => {
    const { registrar, call, order, becomes } = await registered();
    await call('PUT', '/pbx/updatePBX/6001', { ...order, sipPassword: 'wrong' });
    const { reason } = await becomes('NOT_REGISTERED');
    expect(reason).toBe('The PBX does not take the password or the authentication id.');
    expect(await registrar.contacts()).toEqual([]);
    const changed = { ...order, sipDomainProxy: `${registrar.host}:${registrar.ports.tcp}`, transport: 'TCP' };
    await call('PUT', '/pbx/updatePBX/6001', changed);
    await becomes('REGISTERED');
    expect(await registrar.contacts()).toEqual([expect.stringMatching(/transport=tcp/i)]);
  });

  test('is taken back when the PBX is suspended or removed', async () => {
    const { registrar, call, becomes } = await registered();
    const gone = () => until(async () => (await registrar.contacts()).length === 0);
    await call('POST', '/pbx/suspendPBX/6001');
    await gone();
    await call('POST', '/pbx/resumePBX/6001');
    await becomes('REGISTERED');
    await call('DELETE', '/pbx/6001');
    await gone();
  });

  test('ends with the simulator', async () => {
    const { registrar, simulator } = await registered();
    await simulator.close();
    expect(await registrar.contacts()).toEqual([]);
  });
});
