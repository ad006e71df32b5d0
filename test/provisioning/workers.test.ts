import { BackendRefused, BackendUnavailable } from '../../src/provisioning/backend.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom({
    RETRY_FIRST: '1s',
    RETRY_LIMIT: '3',
    POLL_EVERY: '1m',
    APPROVAL_REMIND_AFTER: '2h',
    APPROVAL_EXPIRE_AFTER: '5h',
    ACTIVATION_REMIND_AFTER: '3h',
    ACTIVATION_EXPIRE_AFTER: '10h',
  });
});
afterAll(() => room.close());
afterEach(() => {
  room.backend.called();
  for (const name of ['provision', 'resend', 'follow', 'announce']) room.queued(name);
});

const order = { name: 'Contoso', email: 'ops@contoso.example', services: ['PBX' as const], billingReference: '' };
const approved = () => room.approved(order);
const waiting = async () => room.provision(await approved());
const down = (retryAfter?: number) =>
  new BackendUnavailable('TeamMate answered POST https://teammate.example/x with 503.', retryAfter, 'it answered 503');

describe('a failure that may pass', () => {
  test('is tried again with pauses that grow, and the request says which attempt and when the next one is', async () => {
    let request = await approved();
    for (const [attempt, pause] of [
      [1, 1 * second],
      [2, 2 * second],
      [3, 4 * second],
    ] as const) {
      room.backend.next('create', down());
      request = await room.provision(request);
      const nextTry = new Date(room.clock().getTime() + pause).toISOString();
      expect(request).toMatchObject({
        state: 'provisioning',
        trouble: { code: 'backend-unreachable', attempt, nextTry },
      });
      expect(room.queued('provision')).toEqual([pause]);
      room.pass(pause);
    }
    expect(await room.provision(request)).toMatchObject({ state: 'waiting' });
  });

  test('ends in failed after as many tries as are set, and Retry begins again at the first', async () => {
    const request = await approved();
    for (let attempt = 0; attempt < 4; attempt++) {
      room.backend.next('create', down());
      await room.provision(request);
    }
    const failed = await room.reload(request);
    expect(failed).toMatchObject({ state: 'failed', trouble: { code: 'backend-unreachable' } });
    expect(failed.trouble).not.toHaveProperty('nextTry');
    expect(failed.trouble?.says).toContain('it answered 503');
    expect(failed.trouble?.says).not.toContain('https://');
    expect(room.queued('provision')).toHaveLength(3);
    expect(await room.events(request)).toEqual([
      'submitted',
      'approve',
      'start',
      'troubled',
      'troubled',
      'troubled',
      'fail',
    ]);

    const retried = await room.move(failed, 'retry');
    room.backend.next('create', down());
    expect(await room.provision(retried)).toMatchObject({ state: 'provisioning', trouble: { attempt: 1 } });
    const after = await room.provision(retried);
    expect(after).toMatchObject({ state: 'waiting' });
    expect(after).not.toHaveProperty('trouble');
  });

  test('waits as long as TeamMate asks when that is longer', async () => {
    room.backend.next('create', down(90));
    await room.provision(await approved());
    expect(room.queued('provision')).toEqual([90 * second]);
  });

  test('while looking is no reason to post', async () => {
    room.backend.next('find', down());
    expect(await room.provision(await approved())).toMatchObject({ state: 'provisioning', trouble: { attempt: 1 } });
    expect(room.backend.called()).toEqual(['find']);
  });
});

describe('a failure that will not pass', () => {
  test.each([
    ['a refusal', new BackendRefused('invalid', 'Services is required.'), 'backend-refused', 'Services is required.'],
    ['a taken address', new BackendRefused('taken', 'no', 'email'), 'backend-taken', 'with this Preferred Email'],
    ['a taken something', new BackendRefused('taken', 'no'), 'backend-taken', 'with this name or e-mail address'],
    ['a login that is not accepted', new BackendRefused('login', 'secret words'), 'backend-login', 'own login'],
  ])('(%s) is not tried again, and the request says why', async (_, error, code, says) => {
    room.backend.next('create', error);
    const request = await room.provision(await approved());
    expect(request).toMatchObject({ state: 'failed', trouble: { code, says: expect.stringContaining(says) } });
    expect(request.trouble?.says).not.toContain('secret words');
    expect(room.queued('provision')).toEqual([]);
  });

  test('that is our own mistake is not blamed on TeamMate: the job comes back', async () => {
    const request = await approved();
    room.backend.next('create', new TypeError('undefined is not a function'));
    await expect(room.provision(request)).rejects.toThrow(TypeError);
    expect(await room.reload(request)).toMatchObject({ state: 'provisioning' });
    expect(await room.reload(request)).not.toHaveProperty('trouble');
  });
});

test('a request that is not approved, or no longer, is not provisioned', async () => {
  const request = await waiting();
  room.backend.called();
  await room.provision(await room.follow(request));
  await room.provision({ ...request, id: '999999999' }).catch(() => {});
  expect(room.backend.called()).toEqual(['standing']);
});

describe('a request that waits for its activation', () => {
  test('is looked at often while it is fresh, and more rarely the older it is', async () => {
    const request = await waiting();
    expect(room.queued('follow')).toEqual([minute]);
    room.pass(minute);
    await room.follow(request, true);
    expect(room.queued('follow')).toEqual([minute]);
    room.pass(99 * minute);
    await room.follow(request, true);
    expect(room.queued('follow')).toEqual([5 * minute]);
  });

  test('is active as soon as a look finds it so, and is not looked at again', async () => {
    const request = await waiting();
    room.queued('follow');
    room.backend.next('standing', () => ({ state: 'active' }));
    expect(await room.follow(request, true)).toMatchObject({ state: 'active' });
    expect(room.queued('follow')).toEqual([]);
    room.backend.called();
    await room.follow(request, true);
    expect(room.backend.called()).toEqual([]);
  });

  test('is reminded of after a while and then again, but not twice for the same wait', async () => {
    const request = await waiting();
    room.queued('follow');
    room.pass(3 * hour - second);
    await room.follow(request, true);
    expect(room.queued('follow')).toEqual([second]);
    room.pass(second);
    const reminded = await room.follow(request, true);
    expect(reminded).toMatchObject({ state: 'waiting', remindedAt: room.clock() });
    await room.follow(request);
    room.pass(3 * hour);
    await room.follow(request);
    expect((await room.events(request)).filter((what) => what === 'reminded')).toHaveLength(2);
  });

  test('expires in the end, and nobody looks again by themselves', async () => {
    const request = await waiting();
    room.queued('follow');
    room.pass(10 * hour);
    expect(await room.follow(request, true)).toMatchObject({ state: 'expired' });
    expect(room.queued('follow')).toEqual([]);
  });

  test('becomes active even after it expired, when somebody used the old link and TeamMate tells', async () => {
    const request = await waiting();
    room.pass(10 * hour);
    await room.follow(request);
    expect(await room.follow(request)).toMatchObject({ state: 'expired' });
    room.backend.next('standing', () => ({ state: 'active' }));
    expect(await room.follow(request)).toMatchObject({ state: 'active' });
  });

  test('fails when TeamMate no longer knows it; an expired one stays expired', async () => {
    const request = await waiting();
    const expired = await waiting();
    room.pass(9 * hour);
    room.backend.next('standing', () => ({ state: 'gone' }));
    expect(await room.follow(request, true)).toMatchObject({ state: 'failed', trouble: { code: 'backend-gone' } });
    room.pass(hour);
    await room.follow(expired);
    room.backend.next('standing', () => ({ state: 'gone' }));
    expect(await room.follow(expired)).toMatchObject({ state: 'expired' });
  });

  test('says once that TeamMate does not answer, goes on looking, and says when it answers again', async () => {
    const request = await waiting();
    room.queued('follow');
    for (let look = 0; look < 3; look++) {
      room.backend.next('standing', down());
      await room.follow(request, true);
    }
    expect(await room.reload(request)).toMatchObject({ state: 'waiting', trouble: { code: 'backend-unreachable' } });
    expect(room.queued('follow')).toHaveLength(3);
    expect(await room.follow(request, true)).not.toHaveProperty('trouble');
    expect((await room.events(request)).slice(-2)).toEqual(['troubled', 'cleared']);
  });

  test('is reminded of and expires even when TeamMate does not answer', async () => {
    const request = await waiting();
    room.pass(10 * hour);
    room.backend.next('standing', down());
    expect(await room.follow(request, true)).toMatchObject({ state: 'expired' });
  });
});

describe('a request that waits for an approver', () => {
  const pending = async () => {
    const { id } = await approved();
    // The quickest way to one that nobody has decided on.
    await room.db.updateTable('requests').set({ state: 'pending', decided_by: null }).where('id', '=', id).execute();
    return room.reload({ id });
  };

  test('is looked at when it is due for a reminder or has expired, and not before', async () => {
    const request = await pending();
    await room.follow(request, true);
    expect(room.queued('follow')).toEqual([2 * hour]);
    room.pass(2 * hour);
    expect(await room.follow(request, true)).toMatchObject({ state: 'pending', remindedAt: room.clock() });
    expect(room.queued('follow')).toEqual([2 * hour]);
    room.pass(2 * hour);
    await room.follow(request, true);
    expect(room.queued('follow')).toEqual([hour]);
    room.pass(hour);
    expect(await room.follow(request, true)).toMatchObject({ state: 'expired' });
    expect(room.queued('follow')).toEqual([]);
    expect(room.backend.called()).toEqual([]);
  });

  test('stays expired: nobody can activate what was never created', async () => {
    const request = await pending();
    room.pass(5 * hour);
    await room.follow(request);
    expect(await room.follow(request)).toMatchObject({ state: 'expired' });
    expect(room.backend.called()).toEqual([]);
  });
});

describe('the activation e-mail, asked for once more,', () => {
  test('is sent by TeamMate, and the request says so', async () => {
    const request = await waiting();
    room.backend.called();
    await room.resend(request);
    expect(room.backend.called()).toEqual(['resend']);
    expect((await room.events(request)).at(-1)).toBe('resent');
  });

  test('is tried again while TeamMate does not answer, then given up; the request waits on', async () => {
    const request = await waiting();
    for (let attempt = 0; attempt < 4; attempt++) {
      room.backend.next('resend', down());
      await room.resend(request);
    }
    expect(room.queued('resend')).toEqual([1 * second, 2 * second, 4 * second]);
    const after = await room.reload(request);
    expect(after).toMatchObject({ state: 'waiting', trouble: { code: 'backend-unreachable' } });
    expect(after.trouble).not.toHaveProperty('nextTry');
  });

  test('counts its tries through, although TeamMate answers every look in between', async () => {
    const request = await waiting();
    for (let attempt = 0; attempt < 4; attempt++) {
      room.backend.next('resend', down());
      await room.resend(request);
      await room.follow(request, true);
    }
    expect(room.queued('resend')).toEqual([1 * second, 2 * second, 4 * second]);
    expect((await room.events(request)).filter((what) => what === 'troubled')).toHaveLength(4);
  });

  test('is not sent to somebody who has activated meanwhile', async () => {
    const request = await waiting();
    room.backend.next('standing', () => ({ state: 'active' }));
    await room.follow(request);
    room.backend.called();
    await room.resend(request);
    expect(room.backend.called()).toEqual([]);
  });

  test('that TeamMate refuses is told with its reason, and not tried again', async () => {
    const request = await waiting();
    room.backend.next('resend', new BackendRefused('invalid', 'Contoso is active: nobody to invite.'));
    expect(await room.resend(request)).toMatchObject({
      state: 'waiting',
      trouble: { says: expect.stringContaining('nobody to invite') },
    });
    expect(room.queued('resend')).toEqual([]);
  });
});
