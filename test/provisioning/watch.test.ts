import type { Standing } from '../../src/provisioning/backend.ts';
import { BackendUnavailable } from '../../src/provisioning/backend.ts';
import type { Request } from '../../src/requests/request.ts';
import { approvedPbx, secretsOf } from './pbx-orders.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom({ REGISTRATION_EVERY: '5m' });
});
afterAll(() => room.close());

const minute = 60_000;
const registered: Standing = { state: 'active', says: 'Registered for 300 seconds at a time.' };
const lost: Standing = { state: 'waiting', says: 'The PBX answered 403.' };
const gone: Standing = { state: 'gone' };

/** A PBX that has just become active. */
async function active(): Promise<Request> {
  const request = await room.provision(await approvedPbx(room));
  room.backend.next('standing', () => registered);
  const live = await room.follow(request);
  expect(live.state).toBe('active');
  return live;
}
/** A look that finds this, so long after the one before. */
async function look(request: Request, found: Standing | Error, { after = minute, hint = false } = {}) {
  room.pass(after);
  room.backend.next('standing', found instanceof Error ? found : () => found);
  return room.watch(request, hint);
}
const told = async (request: Request) => (await room.events(request)).filter((what) => /lost|regained/.test(what));
const planned = () => room.queued('watch');

describe('an active PBX', () => {
  beforeEach(() => planned());

  test('no longer needs its secrets, which are gone', async () => {
    expect(await secretsOf(room, await active())).toEqual([]);
  });

  test('is looked at again and again', async () => {
    const request = await active();
    expect(planned()).toEqual([5 * minute]);
    await look(request, registered);
    expect(planned()).toEqual([5 * minute]);
    expect(await told(request)).toEqual([]);
  });

  test('is lost when two looks in a row say so, which is told once, with the reason', async () => {
    const request = await active();
    planned();
    await look(request, lost);
    expect(await told(request)).toEqual([]);
    // A doubt is settled soon.
    expect(planned()).toEqual([30_000]);
    const now = await look(request, lost);
    expect(now.lostAt).toBeDefined();
    expect(planned()).toEqual([5 * minute]);
    await look(request, lost);
    await look(request, lost);
    expect(await told(request)).toEqual(['lost']);
    const [event] = await room.db
      .selectFrom('events')
      .select('detail')
      .where('request_id', '=', request.id)
      .where('what', '=', 'lost')
      .execute();
    expect(event?.detail).toEqual({ reason: 'The PBX answered 403.' });
  });

  test('comes back, which is told once', async () => {
    const request = await active();
    await look(request, lost);
    await look(request, lost);
    expect((await look(request, registered)).lostAt).toBeUndefined();
    await look(request, registered);
    expect(await told(request)).toEqual(['lost', 'regained']);
  });

  test('that flaps is not told of', async () => {
    const request = await active();
    for (const found of [lost, registered, lost, registered, lost, registered]) await look(request, found);
    expect(await told(request)).toEqual([]);
  });

  test('is not lost by two hints in the same moment', async () => {
    const request = await active();
    planned();
    await look(request, lost, { hint: true });
    // The hint's own next look settles it; the planned one stays.
    expect(planned()).toEqual([30_000]);
    await look(request, lost, { after: 10, hint: true });
    expect(planned()).toEqual([]);
    expect(await told(request)).toEqual([]);
    await look(request, lost, { after: 30_000, hint: true });
    expect(await told(request)).toEqual(['lost']);
  });

  test('is not lost because TeamMate does not answer', async () => {
    const request = await active();
    planned();
    await look(request, lost);
    for (let times = 0; times < 3; times++) await look(request, new BackendUnavailable('down'));
    expect(await told(request)).toEqual([]);
    expect(planned()).toHaveLength(4);
  });

  test('that is gone from TeamMate is told of once, and no longer looked at', async () => {
    const request = await active();
    await look(request, gone);
    planned();
    await look(request, gone);
    expect(await told(request)).toEqual(['lost']);
    expect(planned()).toEqual([]);
  });
});

test('what is not watched is not looked at', async () => {
  const order = { name: 'Contoso', email: 'ops@contoso.example', services: ['PBX' as const], billingReference: '' };
  const request = await room.provision(await room.approved(order));
  room.backend.next('standing', () => ({ state: 'active' }));
  const live = await room.follow(request);
  expect(planned()).toEqual([]);
  room.backend.called();
  await room.watch(live);
  expect(room.backend.called()).toEqual([]);
});
