import { Refusal } from '../../src/errors.ts';
import { askResend } from '../../src/requests/decisions.ts';
import { byReference } from '../../src/requests/store.ts';
import { caller, endAll, fault, until } from '../simulator/start.ts';
import { alex, tenantId } from '../support/people.ts';
import { admin, approvedRouting, checklist, day, who } from './routing-desk.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom();
});
afterAll(() => room.close());
afterEach(endAll);

const requester = { tenantId, directoryId: alex.aadObjectId, teamsId: alex.id, name: alex.name };
const beginning = '/provisioning/provisionDirectRouting';

/** Approved, taken on, and looked at for the first time. */
async function begun(...args: Parameters<typeof approvedRouting> extends [Workroom, ...infer R] ? R : never) {
  const desk = await approvedRouting(room, ...args);
  const waiting = await room.provision(desk.request);
  expect(waiting).toMatchObject({ state: 'waiting' });
  return { ...desk, first: await room.follow(desk.request) };
}

/** The same, with every consent there. */
async function consented(...args: Parameters<typeof begun>) {
  const desk = await approvedRouting(room, ...args);
  await desk.grantAll();
  await room.provision(desk.request);
  return desk;
}

describe('Direct Routing', () => {
  test('goes from the order through consents, licences and Microsoft to active', async () => {
    const { request, first, mails, answer, begun: posts, control, routings, simulator } = await begun();
    expect(first.reference).toBe('6001:1,3');
    expect(first.progress).toMatchObject({
      waitingFor: `${who} to grant User Sync, Presence and Management by Service Provider`,
      asks: true,
    });
    expect(checklist(first)).toEqual([
      'done: Invitation accepted',
      'now: Consents granted (Missing: User Sync, Presence, Management by Service Provider)',
      'later: Licences present (TeamMate tells once the rest is there)',
      'later: Domain in US East 1',
      'later: Voice routes in US East 1',
      'later: Domain in US West',
      'later: Voice routes in US West',
    ]);
    const [mail] = mails();
    expect(mail).toMatchObject({
      to: [admin],
      subject: 'Fabrikam needs your permission to connect Humongous Insurance to Microsoft Teams',
    });
    expect(posts()).toBe(0);

    room.pass(5_000);
    await answer(mail!.text, 'granted', 'User Sync', 'Presence');
    expect((await room.follow(request)).progress?.waitingFor).toBe(`${who} to grant Management by Service Provider`);
    await answer(mail!.text, 'granted', 'Management by Service Provider');
    room.pass(5_000);
    const activating = await room.follow(request);
    // Each of whom it waits for has a wait of their own.
    expect(activating.progress?.since).toBe(room.clock().toISOString());
    room.pass(5_000);
    expect((await room.follow(request)).progress?.since).toBe(activating.progress?.since);
    expect(activating.progress?.waitingFor).toBe(
      'Microsoft to activate cust6001.sbc1.teammate.example and cust6001.sbc3.teammate.example',
    );
    expect(checklist(activating)?.slice(1, 5)).toEqual([
      'done: Consents granted',
      'done: Licences present',
      'now: Domain in US East 1 (Added: cust6001.sbc1.teammate.example)',
      'later: Voice routes in US East 1',
    ]);

    await control({ directRoutingMs: 0 });
    await until(() => routings().every(({ state }) => state === 'ROUTES_CREATED'));
    const active = await room.follow(request);
    expect(active.state).toBe('active');
    expect(new Set(checklist(active)?.map((line) => line.split(':')[0]))).toEqual(new Set(['done']));
    expect(posts()).toBe(2);
    expect(mails()).toHaveLength(1);
    expect(simulator.state.enterprises.at(-1)?.routings).toHaveLength(2);
    const things = await room.db.selectFrom('listed').selectAll().where('kind', '=', 'direct-routing').execute();
    expect(things.map(({ reference, name, parent, active }) => [reference, name, parent, active])).toEqual([
      ['6001:1', 'US East 1', '6001', true],
      ['6001:3', 'US West', '6001', true],
    ]);
    expect(await room.events(request)).toEqual(['submitted', 'approve', 'start', 'created', 'asked', 'activated']);
  });

  test('is looked at at once when it has begun, and is found by a notice of its enterprise', async () => {
    room.queued('follow');
    const { request } = await begun();
    expect(room.queued('follow')).toEqual([0]);
    expect((await byReference(room.db, '6001')).map(({ id }) => id)).toContain(request.id);
    expect(await byReference(room.db, '600')).toEqual([]);
  });

  test.each([
    [{ userLicence: false }, 'an unassigned user licence', 'an unassigned user licence'],
    [{ phoneSystemLicence: false }, 'a Phone System licence', 'a Phone System licence'],
    [
      { userLicence: false, phoneSystemLicence: false },
      'an unassigned user licence and a Phone System licence',
      'an unassigned user licence, a Phone System licence',
    ],
  ])('waits for licences: %p', async (missing, needed, titles) => {
    const { request, control, mails, routings, begun: posts } = await consented();
    await control({ enterpriseId: 6001, ...missing });
    const waiting = await room.follow(request);
    expect(waiting).toMatchObject({
      state: 'waiting',
      progress: { waitingFor: `${who} to buy or free ${needed}`, asks: false },
    });
    expect(checklist(waiting)?.[2]).toBe(`now: Licences present (Missing: ${titles})`);
    expect(waiting.trouble).toBeUndefined();
    // What the first gateway lacks, the second would lack too.
    expect([posts(), mails().length]).toEqual([1, 0]);

    await control({ enterpriseId: 6001, userLicence: true, phoneSystemLicence: true });
    expect((await room.follow(request)).progress?.waitingFor).toContain('Microsoft to activate');
    expect(routings()).toHaveLength(2);
  });

  test('says that a consent was declined, and goes on when it is granted after all', async () => {
    const { request, mails, answer } = await begun();
    await answer(mails()[0]!.text, 'declined', 'Presence');
    await answer(mails()[0]!.text, 'granted', 'User Sync', 'Management by Service Provider');
    const waiting = await room.follow(request);
    expect(checklist(waiting)?.[1]).toBe('now: Consents granted (Missing: Presence (declined or revoked))');
    expect(waiting.progress?.waitingFor).toBe(`${who} to grant Presence`);
    room.pass(day);
    await room.follow(request);
    await answer(mails()[1]!.text, 'granted');
    expect((await room.follow(request)).progress?.waitingFor).toContain('Microsoft to activate');
  });

  test('does not begin on a consent that was revoked; once begun it goes on without', async () => {
    const { request, call, routings, grantAll } = await consented();
    const revoke = () =>
      call('POST', '/enterprise/revokeConsent', { actionType: 'GET_PRESENCE_CONSENT', enterpriseId: 6001 });
    await revoke();
    expect((await room.follow(request)).progress?.waitingFor).toBe(`${who} to grant Presence`);
    expect(routings()).toEqual([]);

    await grantAll();
    await room.follow(request);
    expect(routings()).toHaveLength(2);
    await revoke();
    const going = await room.follow(request);
    expect(checklist(going)?.[1]).toBe('warned: Consents granted (Missing: Presence (declined or revoked))');
    expect(going.progress).toMatchObject({ waitingFor: expect.stringContaining('Microsoft'), asks: false });
  });

  test('of a customer that is not registered asks for that first', async () => {
    const { request, first, mails, submit, form } = await begun({ registered: false });
    expect(first.progress?.waitingFor).toBe(`${who} to register`);
    expect(checklist(first)?.slice(0, 2)).toEqual([
      `now: Invitation accepted (To be done by ${who.slice(0, -1)})`,
      'later: Consents granted',
    ]);
    const [, code] = /code=(\S+)/.exec(mails()[0]!.text) ?? [];
    expect(code).toBe(form.invitationCode);
    await submit();
    expect((await room.follow(request)).progress?.waitingFor).toContain('to grant User Sync');
  });

  test('takes what the portal has begun for what it is, and begins the rest', async () => {
    const { request, call, begun: posts, routings } = await consented();
    await call('POST', beginning, { enterpriseId: 6001, sbcGatewayId: 1 });
    await room.follow(request);
    expect([posts(), routings().length]).toEqual([1, 2]);
  });
});

describe('what TeamMate refuses for good', () => {
  test('fails the request with its words', async () => {
    const { request } = await consented({ gateways: ['2'] });
    const failed = await room.follow(request);
    expect(failed).toMatchObject({
      state: 'failed',
      trouble: { says: 'TeamMate refused: Humongous Insurance does not have the SBC gateway 2.' },
    });
  });

  test('such as an enterprise that is suspended; Retry goes on once it is not', async () => {
    const { request, simulator, routings } = await consented();
    const call = await caller(simulator.url);
    const suspended = (is: boolean) => call('POST', `/reseller/${is ? 'suspend' : 'resume'}Enterprise/6001`, {});
    await suspended(true);
    expect(await room.follow(request)).toMatchObject({ state: 'failed' });
    await suspended(false);
    await room.provision(await room.move(await room.reload(request), 'retry'));
    expect((await room.follow(request)).progress?.waitingFor).toContain('Microsoft');
    expect(routings()).toHaveLength(2);
  });

  test('but not that TeamMate is away: that shows, and is over by itself', async () => {
    const { request, simulator, routings } = await consented();
    await fault(simulator, { status: 503, times: 3, path: '/reseller/getEnterprise' });
    expect(await room.follow(request)).toMatchObject({ state: 'waiting', trouble: { code: 'backend-unreachable' } });
    const after = await room.follow(request);
    expect([after.state, after.trouble, routings().length]).toEqual(['waiting', undefined, 2]);
  });

  test('and an enterprise that is gone fails it', async () => {
    const { request, simulator } = await consented();
    const call = await caller(simulator.url);
    await call('DELETE', '/reseller/deleteEnterprise/6001');
    expect(simulator.state.enterprises.map(({ enterpriseId }) => enterpriseId)).not.toContain(6001);
    expect(await room.follow(request)).toMatchObject({ state: 'failed', trouble: { code: 'backend-gone' } });
  });
});

describe('however it is killed', () => {
  test.each([1, 2])('after the answer to call %i was lost, each gateway is begun once', async (lost) => {
    const { request, simulator, routings, begun: posts } = await consented();
    for (let before = 1; before < lost; before++) {
      // The first gateway is through, the second is not.
      await fault(simulator, { delayMs: 1, times: 1, path: beginning });
    }
    await fault(simulator, { after: 'commit', times: 1, path: beginning });
    const troubled = await room.follow(request);
    expect(troubled).toMatchObject({ state: 'waiting', trouble: { code: 'backend-unreachable' } });
    expect(routings()).toHaveLength(lost);
    const after = await room.follow(request);
    expect(after.trouble).toBeUndefined();
    expect(routings().map(({ sbcGatewayId }) => sbcGatewayId)).toEqual([1, 3]);
    // Looked up, not posted again.
    expect(posts()).toBe(2);
  });

  test('a gateway that was seen and is not there any more is not begun again by itself', async () => {
    const { request, simulator, begun: posts } = await consented();
    await room.follow(request);
    await room.follow(request);
    (simulator.state.enterprises.at(-1) as { routings: unknown[] }).routings.pop();
    expect(await room.follow(request)).toMatchObject({ state: 'failed', trouble: { code: 'backend-gone' } });
    expect(posts()).toBe(2);
  });
});

describe('Microsoft', () => {
  test('taking more than 36 hours is told, once', async () => {
    const { request } = await consented();
    await room.follow(request);
    room.pass(36 * 3_600_000);
    expect((await room.follow(request)).progress?.overdue).toBeUndefined();
    room.pass(1);
    const late = await room.follow(request);
    expect(late.progress?.overdue).toBe(
      'Microsoft has had more than the 36 hours that it takes at most for cust6001.sbc1.teammate.example and cust6001.sbc3.teammate.example. Ask TeamMate’s support to look into it.',
    );
    room.pass(day);
    await room.follow(request);
    expect((await room.events(request)).filter((what) => what === 'overdue')).toHaveLength(1);
  });
});

describe('Resend consent links', () => {
  test('sends a new e-mail, whose links work, and counts for the day', async () => {
    const { request, mails, answer } = await begun();
    room.pass(3_600_000);
    const seen = await room.reload(request);
    await room.transact((work) => askResend(work, requester, seen, 60_000));
    await room.resend(request);
    // The job comes back after a kill.
    await room.resend(request);
    expect(mails()).toHaveLength(2);
    expect(await room.events(request)).toContain('resent');
    room.pass(day - 1);
    await room.follow(request);
    expect(mails()).toHaveLength(2);
    await answer(mails()[1]!.text, 'granted');
    expect((await room.follow(request)).progress?.waitingFor).toContain('Microsoft');
  });

  test('is refused while nobody has to open a link', async () => {
    const { request } = await consented();
    const waiting = await room.follow(request);
    const asked = room.transact((work) => askResend(work, requester, waiting, 60_000));
    await expect(asked).rejects.toThrow(Refusal);
    await expect(asked).rejects.toMatchObject({ code: 'nothing-to-resend' });
  });
});
