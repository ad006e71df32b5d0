import { BackendRefused, BackendUnavailable } from '../../src/provisioning/backend.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom({ RETRY_FIRST: '1s', RETRY_LIMIT: '3' });
});
afterAll(() => room.close());
afterEach(() => room.backend.called());

const order = { name: 'Contoso', email: 'ops@contoso.example', services: ['PBX' as const], billingReference: '' };
const both = { reference: '7001', same: ['name', 'email'] };
const gone = () => new BackendUnavailable('TeamMate gave no answer (ECONNRESET).');
const taken = () => new BackendRefused('taken', 'is already in use', 'email');

describe('what is approved is created once', () => {
  test('after a look whether it is there, under a key of its own', async () => {
    const requests = [await room.approved(order), await room.approved(order)];
    for (const request of requests) {
      const after = await room.provision(request);
      expect(after).toMatchObject({ state: 'waiting', reference: expect.stringMatching(/^60\d\d$/) });
    }
    const keys = room.backend.asked('create').map(([, , key]) => key);
    expect(new Set(keys).size).toBe(2);
    expect(room.backend.called()).toEqual(['find', 'create', 'find', 'create']);
  });

  test('and never again once it is there, however often the job runs', async () => {
    const request = await room.provision(await room.approved(order));
    room.backend.called();
    await room.provision(request);
    expect(room.backend.called()).toEqual([]);
  });

  test('when the answer was lost after the deed: it is found, and taken for what it is', async () => {
    const request = await room.approved(order);
    room.backend.next('create', gone());
    expect(await room.provision(request)).toMatchObject({ state: 'provisioning' });
    room.backend.next('find', () => both);
    const after = await room.provision(request);
    expect(after).toMatchObject({ state: 'waiting', reference: '7001' });
    expect(after).not.toHaveProperty('trouble');
    expect(room.backend.called()).toEqual(['find', 'create', 'find']);
  });

  test('when the answer was lost before the deed: it is asked for again under the same key', async () => {
    const request = await room.approved(order);
    room.backend.next('create', gone());
    await room.provision(request);
    await room.provision(request);
    const [first, second] = room.backend.asked('create').map(([, , key]) => key);
    expect(second).toBe(first);
  });

  test('when the first attempt shows only after the look: the conflict is with ourselves', async () => {
    const request = await room.approved(order);
    room.backend.next('create', gone());
    await room.provision(request);
    room.backend.next('create', taken());
    room.backend.next('find', () => undefined);
    room.backend.next('find', () => both);
    expect(await room.provision(request)).toMatchObject({ state: 'waiting', reference: '7001' });
  });

  test('when the process was killed between the deed and the note of it', async () => {
    const request = await room.approved(order);
    // A kill leaves what a throw of anything but a backend error leaves: nothing is noted.
    room.backend.next('create', new Error('killed'));
    await expect(room.provision(request)).rejects.toThrow('killed');
    room.backend.next('find', () => both);
    expect(await room.provision(request)).toMatchObject({ state: 'waiting', reference: '7001' });
  });

  test('and once more, under a new key, when somebody removed it in TeamMate and the requester retries', async () => {
    const request = await room.provision(await room.approved(order));
    const [[, , before] = []] = room.backend.asked('create');
    room.backend.next('standing', () => ({ state: 'gone' }));
    const failed = await room.follow(request);
    expect(failed).toMatchObject({ state: 'failed', trouble: { code: 'backend-gone' } });
    room.backend.called();
    room.backend.next('standing', () => ({ state: 'gone' }));
    const after = await room.provision(await room.move(failed, 'retry'));
    expect(after).toMatchObject({ state: 'waiting' });
    expect(after.reference).not.toBe(request.reference);
    const [[, , key] = []] = room.backend.asked('create');
    expect(key).not.toBe(before);
  });
});

describe('what somebody else has created is not taken for ours', () => {
  test.each([
    ['the same name and address', both, 'Reseller Name'],
    ['the same name', { reference: '7001', same: ['name'] }, 'Reseller Name'],
    ['the same address', { reference: '7001', same: ['email'] }, 'Preferred Email'],
  ])('with %s, at the first try', async (_, found, what) => {
    const request = await room.approved(order);
    room.backend.next('find', () => found);
    const failed = await room.provision(request);
    expect(failed).toMatchObject({ state: 'failed', trouble: { code: 'backend-taken' } });
    expect(failed.trouble?.says).toContain(what);
    expect(room.backend.called()).toEqual(['find']);
  });

  test('nor at Retry, because nothing was sent before', async () => {
    const request = await room.approved(order);
    room.backend.next('find', () => both);
    const failed = await room.provision(request);
    room.backend.next('find', () => both);
    const again = await room.provision(await room.move(failed, 'retry'));
    expect(again).toMatchObject({ state: 'failed', trouble: { code: 'backend-taken' } });
  });

  test('nor after a look that failed, because nothing was sent before', async () => {
    const request = await room.approved(order);
    room.backend.next('find', gone());
    await room.provision(request);
    room.backend.next('find', () => both);
    expect(await room.provision(request)).toMatchObject({ state: 'failed', trouble: { code: 'backend-taken' } });
  });

  test('nor at Retry after TeamMate said no, because that attempt did nothing', async () => {
    const request = await room.approved(order);
    room.backend.next('create', taken());
    const failed = await room.provision(request);
    expect(failed).toMatchObject({ state: 'failed', trouble: { code: 'backend-taken' } });
    room.backend.next('find', () => both);
    const again = await room.provision(await room.move(failed, 'retry'));
    expect(again).toMatchObject({ state: 'failed', trouble: { code: 'backend-taken' } });
  });

  test('nor when it has the same address and another name, though an answer was lost before', async () => {
    const request = await room.approved(order);
    room.backend.next('create', gone());
    await room.provision(request);
    room.backend.next('find', () => ({ reference: '7001', same: ['email'] }));
    expect(await room.provision(request)).toMatchObject({ state: 'failed', trouble: { code: 'backend-taken' } });
  });
});
