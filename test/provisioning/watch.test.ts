import type { Thing } from '../../src/catalog/orderable.ts';
import type { Standing } from '../../src/provisioning/backend.ts';
import { BackendUnavailable } from '../../src/provisioning/backend.ts';
import { orderOf } from '../../src/requests/difference.ts';
import type { Change } from '../../src/requests/lifecycle.ts';
import type { Request } from '../../src/requests/request.ts';
import { insert, move } from '../../src/requests/store.ts';
import { keep } from '../../src/requests/things.ts';
import { alex, tenantId } from '../support/people.ts';
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

describe('a PBX that is taken out of service here', () => {
  afterEach(() => {
    room.backend.forget();
    planned();
  });
  const pbx = (request: Request, suspended = false): Thing => ({
    kind: 'pbx',
    reference: request.reference!,
    name: 'Head Office',
    active: true,
    suspended,
    parent: '5901',
    facts: { enterprise: '5901', location: 'Head Office' },
  });
  const enterprise: Thing = {
    kind: 'enterprise',
    reference: '5901',
    name: 'Proseware',
    active: true,
    suspended: false,
    facts: {},
  };
  /** A change that was asked for here, carried out but for its call when it is `begun` only. */
  async function change(operation: Change, thing: Thing, how: 'begun' | 'done' = 'done') {
    const content = orderOf(thing.kind as 'pbx', { ...thing.facts, name: thing.name });
    const made = await room.transact(async (work) => {
      await keep(work.trx, tenantId, [thing], work.now);
      const asked = await insert(work, {
        tenantId,
        kind: thing.kind as 'pbx',
        operation,
        name: thing.name,
        content,
        before: { order: content, suspended: thing.suspended },
        reference: thing.reference,
        requester: { directoryId: alex.aadObjectId, name: alex.name },
      });
      const approved = (await move(work, asked, 'approve', undefined)) as Request;
      return how === 'begun' ? ((await move(work, approved, 'start', undefined)) as Request) : approved;
    });
    if (how === 'begun') return made;
    room.backend.next('read', () => thing);
    const done = await room.provision(made);
    expect(done.state).toBe('active');
    room.backend.called();
    planned();
    return done;
  }

  test('is neither looked at nor lost while it is suspended, and is again once it is resumed', async () => {
    const request = await active();
    await change('suspend', pbx(request));
    for (let times = 0; times < 3; times++) {
      await look(request, lost);
      expect(planned()).toEqual([5 * minute]);
    }
    expect(await told(request)).toEqual([]);
    expect(room.backend.called()).toEqual([]);
    room.backend.forget();
    await change('resume', pbx(request, true));
    await look(request, lost);
    await look(request, lost);
    expect(await told(request)).toEqual(['lost']);
  });

  test('is no longer looked at once it is removed', async () => {
    const request = await active();
    planned();
    await change('remove', pbx(request));
    await look(request, gone);
    expect(planned()).toEqual([]);
    expect([await told(request), room.backend.called()]).toEqual([[], []]);
  });

  test('is not lost by what TeamMate tells before the change is noted as done', async () => {
    const request = await active();
    await look(request, lost, { hint: true });
    const suspension = await change('suspend', pbx(request), 'begun');
    await look(request, lost, { hint: true });
    // The doubt is forgotten, or the first look after it is resumed would be sure at once.
    expect((await room.reload(request)).doubtedAt).toBeUndefined();
    expect(await told(request)).toEqual([]);
    await room.move(suspension, 'fail');
    room.backend.forget();
    await look(request, lost);
    await look(request, lost);
    expect(await told(request)).toEqual(['lost']);
  });

  test('is not lost when what it belongs to is suspended', async () => {
    const request = await active();
    await room.transact((work) => keep(work.trx, tenantId, [pbx(request)], work.now));
    await change('suspend', enterprise);
    await look(request, lost);
    await look(request, lost);
    expect(await told(request)).toEqual([]);
    room.backend.forget();
    await change('resume', { ...enterprise, suspended: true });
    await look(request, lost);
    await look(request, lost);
    expect(await told(request)).toEqual(['lost']);
  });

  test('and was resumed in TeamMate’s portal is looked at again', async () => {
    const request = await active();
    await change('suspend', pbx(request));
    await room.transact((work) => keep(work.trx, tenantId, [pbx(request)], work.now));
    await look(request, lost);
    await look(request, lost);
    expect(await told(request)).toEqual(['lost']);
  });

  test('is lost when somebody suspended it in TeamMate’s portal, for nobody here knows', async () => {
    const request = await active();
    await room.transact((work) => keep(work.trx, tenantId, [pbx(request, true)], work.now));
    await look(request, lost);
    await look(request, lost);
    expect(await told(request)).toEqual(['lost']);
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
