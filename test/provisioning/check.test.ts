import { type CheckRoom, checkWorkers, type Preflight } from '../../src/provisioning/check.ts';
import { newKey, readKeys } from '../../src/secrets/keyring.ts';
import type { Check } from '../../src/sip/preflight.ts';
import { checked, fine, wrongPassword } from '../support/pbx.ts';
import { asked, headOffice, secretsOf } from './pbx-orders.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom();
});
afterAll(() => room.close());
beforeEach(() => {
  room.pass(3_600_000);
  room.queued('check');
  room.queued('follow');
});

const finds =
  (...checks: Check[]): Preflight =>
  async (_, { onProgress }) => {
    await onProgress(checks);
    return checks;
  };
const never: Preflight = async () => {
  throw new Error('must not be called');
};

/** Runs the check of a request once. Resolves to the request afterwards. */
async function check(
  request: { id: string },
  preflight: Preflight,
  { signal = new AbortController().signal, ...more }: Partial<CheckRoom> & { signal?: AbortSignal } = {},
) {
  const parts: CheckRoom = { ...room.room, preflight, ...more };
  await checkWorkers(parts).check({ requestId: request.id }, signal);
  return room.reload(request);
}

describe('a check', () => {
  test('tries the account out with its password', async () => {
    const accounts: object[] = [];
    const request = await asked(room);
    await check(request, async (account, options) => {
      accounts.push(account);
      return finds(fine)(account, options);
    });
    expect(accounts).toEqual([
      expect.objectContaining({ user: 'teammate', password: headOffice.password, expires: 300 }),
    ]);
  });

  test.each<[what: string, checks: Check[], state: string]>([
    ['all well', [fine], 'pending'],
    ['a warning', [checked('warned', 'Soon.'), fine], 'pending'],
    ['something that was not tried', [checked('skipped', 'UDP has none.'), fine], 'pending'],
    ['one failure', [fine, wrongPassword], 'unready'],
  ])('with %s: %s', async (_, checks, state) => {
    const request = await check(await asked(room), finds(...checks));
    expect(request.state).toBe(state);
    expect(request.progress?.steps).toHaveLength(checks.length);
    // From then on somebody is waited for, and reminded.
    expect(room.queued('follow')).toHaveLength(1);
    expect(await secretsOf(room, request)).toEqual(['clientSecret', 'masqueradingPassword', 'password']);
  });

  test('of what is no longer being checked does nothing', async () => {
    const request = await check(await asked(room), finds(fine));
    expect((await check(request, never)).version).toBe(request.version);
  });

  test('that is cut short judges nothing, and is run again by its job', async () => {
    const request = await asked(room);
    const ending = new AbortController();
    const cut: Preflight = async (_, { signal }) => {
      ending.abort();
      expect(signal.aborted).toBe(true);
      return [checked('skipped', 'It was stopped.')];
    };
    await expect(check(request, cut, { ending: ending.signal })).rejects.toThrow();
    await expect(check(request, cut, { signal: ending.signal })).rejects.toThrow();
    expect((await room.reload(request)).state).toBe('checking');
    expect((await check(request, finds(fine))).state).toBe('pending');
  });

  test('of what was taken back meanwhile ends, and changes nothing', async () => {
    const request = await asked(room);
    const after = await check(request, async (_, { onProgress, signal }) => {
      await room.move(request, 'withdraw');
      await onProgress([wrongPassword]);
      expect(signal.aborted).toBe(true);
      return [wrongPassword];
    });
    expect(after.state).toBe('withdrawn');
    expect(after.progress).toBeUndefined();
    expect(await secretsOf(room, request)).toEqual([]);
  });

  test('whose password cannot be read any more says so, and asks for it', async () => {
    const request = await check(await asked(room), never, { keys: readKeys(newKey()) });
    expect(request).toMatchObject({ state: 'unready', trouble: { code: 'secrets-lost' } });
    expect(request.trouble?.next).toContain('Change');
  });

  test('whose request nobody mends expires, after a reminder', async () => {
    const request = await check(await asked(room), finds(wrongPassword));
    room.pass(room.config.APPROVAL_REMIND_AFTER);
    expect((await room.follow(request, true)).remindedAt).toBeDefined();
    room.pass(room.config.APPROVAL_EXPIRE_AFTER);
    expect((await room.follow(request, true)).state).toBe('expired');
    expect(await secretsOf(room, request)).toEqual([]);
  });
});

describe('too many checks', () => {
  test('wait for their turn, visibly, until the oldest is a minute ago', async () => {
    const config = { PREFLIGHT_PER_MINUTE: 2 };
    await check(await asked(room), finds(fine), { config });
    room.pass(20_000);
    await check(await asked(room), finds(fine), { config });
    const third = await check(await asked(room), never, { config });
    expect(third).toMatchObject({ state: 'checking', progress: { waitingFor: 'its turn to be checked' } });
    expect(room.queued('check')).toEqual([40_000]);
    // Looking again too early does not take a turn.
    await check(third, never, { config });
    room.pass(40_000);
    expect((await check(third, finds(fine), { config })).state).toBe('pending');
    expect((await check(await asked(room), never, { config })).state).toBe('checking');
  });
});
