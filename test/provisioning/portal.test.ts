import type { ThingKind } from '../../src/catalog/orderable.ts';
import type { Task } from '../../src/db/schema.ts';
import { Refusal } from '../../src/errors.ts';
import { grant } from '../../src/people/roles.ts';
import { portalWorkers } from '../../src/provisioning/portal.ts';
import { active, failed, made, sentAgain, take } from '../../src/provisioning/tasks.ts';
import { type Request, waitingFor } from '../../src/requests/request.ts';
import type { Work } from '../../src/requests/store.ts';
import { keep, knownTo } from '../../src/requests/things.ts';
import { alex, megan, tenantId } from '../support/people.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

const hour = 3_600_000;
let numbered = 6000;
const nextId = () => String(++numbered);
const order = () => ({
  name: `No ${nextId()}`,
  email: 'ops@contoso.example',
  services: ['PBX' as const],
  billingReference: '',
});
const person = ({ aadObjectId, id, name }: typeof alex) => ({ tenantId, directoryId: aadObjectId, teamsId: id, name });
const olga = person(megan);
const oskar = { ...person(alex), directoryId: '44444444-dddd-4ddd-8ddd-dddddddddddd', name: 'Oskar' };

let room: Workroom;
let workers: ReturnType<typeof portalWorkers>;
beforeAll(async () => {
  room = await openWorkroom({ PROVISIONING_BACKEND: 'portal', PORTAL_PBX_TYPES: '7=Netsapiens, 8=Our own' });
  workers = portalWorkers({ db: room.db, jobs: room.jobs, config: room.config, clock: room.clock });
  for (const { directoryId } of [olga, oskar])
    await grant(room.db, 'test', tenantId, directoryId, 'operator', room.clock());
});
afterAll(() => room.close());
beforeEach(() => {
  room.queued('follow');
});
afterEach(() => {
  // Whatever happened: nobody asked TeamMate.
  expect(room.backend.called()).toEqual([]);
});

const signal = new AbortController().signal;
async function provision(request: Request): Promise<Request> {
  await workers.provision({ requestId: request.id }, signal);
  return room.reload(request);
}
async function follow(request: Request): Promise<Request> {
  const { state } = await room.reload(request);
  const again = state as 'provisioning' | 'waiting';
  await workers.follow({ requestId: request.id, again }, signal);
  return room.reload(request);
}
const seen = ({ id, version, task }: Request) => ({ id, version, hold: task?.hold ?? 0 });
const act = (does: (work: Work) => Promise<Request>) => room.transact(does);
const refusedAs = async (does: (work: Work) => Promise<Request>) => {
  const error = await act(does).catch((thrown: unknown) => thrown);
  return error instanceof Refusal ? error.code : error;
};
const opened = async () => provision(await room.approved(order()));
async function taken(by = olga): Promise<Request> {
  const request = await opened();
  return act((work) => take(work, by, seen(request)));
}
async function done(): Promise<Request> {
  const request = await taken();
  const reference = nextId();
  return act((work) => made(work, olga, seen(request), reference));
}

describe('what was approved', () => {
  test('becomes a task once, however often its job runs', async () => {
    const request = await opened();
    expect(request).toMatchObject({ state: 'provisioning', task: { what: 'make', hold: 1 } });
    expect(waitingFor(request)).toBe('an operator to create it in TeamMate’s portal');
    expect(room.queued('follow')).toEqual([4 * hour]);
    const again = await provision(request);
    expect(again.task).toEqual(request.task);
    expect(room.queued('follow')).toEqual([]);
    expect(await room.events(request)).toEqual(['submitted', 'approve', 'start']);
  });

  test('and begun by the API says that a call may have made it', async () => {
    const request = await room.move(await room.approved(order()), 'start');
    const call = { request_id: request.id, step: 'create', key: 'k', attempts: 1, started_at: room.clock() };
    await room.db.insertInto('calls').values(call).execute();
    expect((await provision(request)).task).toMatchObject({ what: 'make', tried: true });
    expect(await room.events(request)).toEqual(['submitted', 'approve', 'start', 'task']);
  });

  test('is reminded of until it is done, and does not expire', async () => {
    const request = await opened();
    room.queued('follow');
    for (let round = 0; round < 3; round++) {
      room.pass(4 * hour);
      expect((await follow(request)).state).toBe('provisioning');
      expect(room.queued('follow')).toEqual([4 * hour]);
    }
    room.pass(60 * 24 * hour);
    expect((await follow(request)).state).toBe('provisioning');
    expect((await room.events(request)).filter((what) => what === 'reminded')).toHaveLength(4);
  });

  test('that waits to become active is reminded of and expires as ever, and may be found active afterwards', async () => {
    const request = await done();
    expect(request).toMatchObject({ state: 'waiting', reference: expect.any(String), task: { what: 'confirm' } });
    room.queued('follow');
    await follow(request);
    expect(room.queued('follow')).toEqual([24 * hour]);
    room.pass(24 * hour);
    await follow(request);
    expect((await room.events(request)).at(-1)).toBe('reminded');
    room.pass(14 * 24 * hour);
    const expired = await follow(request);
    expect(expired.state).toBe('expired');
    expect(await act((work) => active(work, oskar, seen(expired)))).toMatchObject({ state: 'active' });
  });

  test('and waited already, by the API, is from now on confirmed by hand', async () => {
    const { id } = await room.approved(order());
    await room.db.updateTable('requests').set({ state: 'waiting', reference: nextId() }).where('id', '=', id).execute();
    const followed = await follow({ id } as Request);
    expect(followed.task).toMatchObject({ what: 'confirm' });
    await workers.resend({ requestId: id }, signal);
    const asked = await room.reload({ id });
    expect(asked.task?.resend).toBe(true);
    expect((await act((work) => sentAgain(work, oskar, seen(asked)))).task?.resend).toBeUndefined();
    expect((await room.events({ id })).slice(-3)).toEqual(['task', 'task', 'resent']);
  });
});

test('a task stays with the operators when the setting changes to the API', async () => {
  const made = await done();
  room.queued('follow');
  expect(await room.follow(made, true)).toMatchObject({ state: 'waiting', task: { what: 'confirm' } });
  expect(room.queued('follow')).toEqual([24 * hour]);
  const begun = await opened();
  room.queued('follow');
  room.pass(4 * hour);
  await workers.follow({ requestId: begun.id, again: 'provisioning' }, signal);
  expect((await room.events(begun)).at(-1)).toBe('reminded');
});

describe('an operator', () => {
  test.each<[string, (work: Work, request: Request) => Promise<Request>]>([
    ['take', (work, request) => take(work, person(alex), seen(request))],
    ['made', (work, request) => made(work, person(alex), seen(request), '1')],
    ['failed', (work, request) => failed(work, person(alex), seen(request), 'x')],
    ['active', (work, request) => active(work, person(alex), seen(request))],
    ['sentAgain', (work, request) => sentAgain(work, person(alex), seen(request))],
  ])('is who has the role: %s', async (_, does) => {
    const request = await opened();
    expect(await refusedAs((work) => does(work, request))).toBe('role-missing');
  });

  test('takes over from the one the button was about', async () => {
    const request = await taken();
    expect(await refusedAs((work) => take(work, oskar, { ...seen(request), hold: 1 }))).toBe('task-held');
    const over = await act((work) => take(work, oskar, seen(request)));
    expect(over.task).toMatchObject({ hold: 3, holder: { name: 'Oskar' } });
    expect(waitingFor(over)).toBe('Oskar to create it in TeamMate’s portal');
    expect((await room.events(request)).slice(-2)).toEqual(['taken', 'taken-over']);
    expect(await refusedAs((work) => made(work, olga, seen(request), '1'))).toBe('task-held');
  });

  test('does it once: the same click again is no news, another one’s comes too late', async () => {
    const request = await taken();
    const reference = nextId();
    const by = (work: Work) => made(work, olga, seen(request), reference);
    expect((await act(by)).state).toBe('waiting');
    expect((await act(by)).reference).toBe(reference);
    expect(await refusedAs((work) => made(work, oskar, seen(request), nextId()))).toBe('already-decided');
    expect(await refusedAs((work) => failed(work, olga, seen(request), 'x'))).toBe('already-decided');
    expect((await room.events(request)).filter((what) => what === 'created')).toHaveLength(1);
  });

  test('may not report one id twice, but the same again for the same request', async () => {
    const first = await done();
    const other = await provision(await room.approved(order()));
    const mine = await act((work) => take(work, olga, seen(other)));
    const reference = first.reference as string;
    expect(await refusedAs((work) => made(work, olga, seen(mine), reference))).toBe('reference-taken');
    const over = await act((work) => failed(work, olga, seen(first), 'Gone'));
    expect(over).toMatchObject({ state: 'failed', reference, trouble: { code: 'task-failed' } });
    expect(over.task).toBeUndefined();
    expect(await knownTo(room.db, tenantId).thing('reseller', reference)).toBeUndefined();
    const anew = await provision(await room.move(over, 'retry'));
    const again = await act((work) => take(work, olga, seen(anew)));
    expect((await act((work) => made(work, olga, seen(again), reference))).state).toBe('waiting');
  });

  test('is done with a change without an id', async () => {
    const approved = await room.approved(order());
    await room.db.updateTable('requests').set({ operation: 'suspend' }).where('id', '=', approved.id).execute();
    const request = await provision(approved);
    expect(waitingFor(request)).toBe('an operator to suspend it in TeamMate’s portal');
    const mine = await act((work) => take(work, olga, seen(request)));
    expect(await act((work) => made(work, olga, seen(mine), ''))).toMatchObject({ state: 'active' });
  });

  test('has nothing to do for a request without a task', async () => {
    const request = await room.move(await room.approved(order()), 'start');
    expect(await refusedAs((work) => active(work, olga, seen(request)))).toBe('task-over');
  });
});

describe('what can be chosen without TeamMate’s lists', () => {
  test('is what the settings say, and what the bot has learned stays', async () => {
    const learned = { kind: 'reseller' as const, name: 'Old', active: true, suspended: false, facts: {} };
    const gone = { kind: 'pbx-type' as const, name: 'Gone', active: true, suspended: false, facts: {} };
    const long = new Date(0);
    await room.transact(({ trx }) =>
      keep(
        trx,
        tenantId,
        [
          { ...learned, reference: '5101' },
          { ...gone, reference: '1' },
        ],
        long,
      ),
    );
    const { name } = await done();
    room.pass(hour);
    await workers.sync({ tenantId }, signal);
    const names = async (kind: ThingKind) =>
      (await knownTo(room.db, tenantId).things(kind, { limit: 100 })).map((thing) => thing.name);
    expect(await names('pbx-type')).toEqual(['Netsapiens', 'Our own']);
    expect(await names('sbc-region')).toHaveLength(6);
    expect(await names('reseller')).toEqual(expect.arrayContaining([name, 'Old']));
  });
});

test('a task says where it is done', async () => {
  const { task } = await opened();
  expect((task as Task).portal).toBe('https://service.connecttoteams.com');
});
