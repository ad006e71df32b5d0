import { accountOf, accountsInUse, serve, tenants } from '../../src/people/organisations.ts';
import { rolesOf } from '../../src/people/roles.ts';
import { portalWorkers } from '../../src/provisioning/portal.ts';
import type { Request } from '../../src/requests/request.ts';
import { insert, move } from '../../src/requests/store.ts';
import { megan, tenantId } from '../support/people.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom();
});
afterAll(() => room.close());
afterEach(() => {
  for (const name of ['provision', 'announce', 'sync']) room.queued(name);
});

let asked = 0;
/** A request for access from a tenant of its own, approved with an account of its own. */
const approved = () =>
  room.transact(async (work) => {
    const number = String(++asked).padStart(12, '0');
    const requester = {
      tenantId: `aaaaaaaa-0000-4000-8000-${number}`,
      directoryId: `bbbbbbbb-0000-4000-8000-${number}`,
      name: 'Robin',
    };
    const content = {
      company: `Company ${asked}`,
      firstName: 'Robin',
      lastName: 'Kline',
      email: 'robin@company.example',
      tenantId: requester.tenantId,
    };
    const name = content.company;
    const pending = await insert(work, { tenantId, kind: 'access', name, content, requester });
    const decision = { directoryId: megan.aadObjectId, name: megan.name };
    return (await move(work, pending, 'approve', decision, { decision, entered: `60${asked}` })) as Request;
  });

const madeFor = async ({ requester }: Request) => ({
  account: await accountOf(room.db, requester.tenantId),
  roles: [...(await rolesOf(room.db, requester, room.clock()))].sort(),
});

test('access is set up at once: the organisation, its first administrator and requester, and no call to TeamMate', async () => {
  const request = await approved();
  const done = await room.provision(request);
  expect(done).toMatchObject({ state: 'active', reference: '601' });
  expect(await room.events(request)).toEqual(['submitted', 'approve', 'start', 'done']);
  expect(await madeFor(request)).toEqual({ account: '601', roles: ['administrator', 'requester'] });
  expect(await tenants(room.db)).toContain(request.requester.tenantId);
  expect(room.backend.called()).toEqual([]);
  // Its lists are fetched from now on, beginning at once; nothing is waited for.
  expect(room.queued('sync')).toHaveLength(1);
  expect(room.queued('follow')).toEqual([]);
});

test('a job that comes again, or twice at once, sets up one', async () => {
  const request = await approved();
  await Promise.all([room.provision(request), room.provision(request)]);
  await room.provision(request);
  expect(await room.events(request)).toEqual(['submitted', 'approve', 'start', 'done']);
  expect(room.queued('sync')).toHaveLength(1);
  expect(await madeFor(request)).toEqual({ account: '602', roles: ['administrator', 'requester'] });
});

test('a kill in the middle leaves nothing, and the job that comes again does the whole of it', async () => {
  const request = await approved();
  const kill = new Error('killed');
  room.failNextSync(kill);
  await expect(room.provision(request)).rejects.toBe(kill);
  expect(await room.reload(request)).toMatchObject({ state: 'approved' });
  expect(await madeFor(request)).toEqual({ account: undefined, roles: [] });
  expect(await room.provision(request)).toMatchObject({ state: 'active' });
});

test('an account that went to somebody else meanwhile is not given twice', async () => {
  const request = await approved();
  await serve(room.db, { tenantId: 'somebody-else', account: '604' }, 'ORGANISATIONS', room.clock());
  expect(await room.provision(request)).toMatchObject({
    state: 'failed',
    trouble: {
      code: 'access-overtaken',
      says: 'It was not set up: another organisation works with its Master Reseller Id by now.',
    },
  });
  expect(await madeFor(request)).toEqual({ account: undefined, roles: [] });
});

test('an organisation that is served meanwhile keeps its account, and nobody becomes its administrator', async () => {
  const request = await approved();
  await serve(room.db, { tenantId: request.requester.tenantId, account: '9' }, 'ORGANISATIONS', room.clock());
  expect(await room.provision(request)).toMatchObject({
    state: 'failed',
    trouble: { says: 'It was not set up: its organisation is set up already.' },
  });
  expect(await madeFor(request)).toEqual({ account: '9', roles: [] });
});

test('ORGANISATIONS may give its own tenants another account, and leaves those alone that came by request', async () => {
  const request = await room.provision(await approved());
  const set = (tenant: string, account: string) =>
    serve(room.db, { tenantId: tenant, account }, 'ORGANISATIONS', room.clock());
  expect(await set(request.requester.tenantId, '1')).toBe(false);
  expect(await madeFor(request)).toMatchObject({ account: '606' });
  expect(await set('of-the-setting', '1')).toBe(true);
  expect(await set('of-the-setting', '2')).toBe(true);
  expect(await accountOf(room.db, 'of-the-setting')).toBe('2');
  expect(await accountsInUse(room.db, ['account:606', 'account:1', 'account:2', 'email:2'])).toEqual(
    expect.arrayContaining(['account:2', 'account:606']),
  );
});

test('access is no task for an operator where TeamMate is worked with by hand', async () => {
  const request = await approved();
  const byHand = portalWorkers({ db: room.db, jobs: room.jobs, config: room.config, clock: room.clock });
  await byHand.provision({ requestId: request.id }, new AbortController().signal);
  const done = await room.reload(request);
  expect(done.state).toBe('active');
  expect(done.task).toBeUndefined();
});
