import { BackendUnavailable } from '../../src/provisioning/backend.ts';
import { takeNotice } from '../../src/provisioning/webhook.ts';
import { provisioningWorkers } from '../../src/provisioning/workers.ts';
import { newKey, readKeys } from '../../src/secrets/keyring.ts';
import { approvedPbx, headOffice, secretsOf } from './pbx-orders.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom();
});
afterAll(() => room.close());
beforeEach(() => room.backend.called());

describe('an order with secrets', () => {
  test('is created with them, and looked up without', async () => {
    await room.provision(await approvedPbx(room));
    expect(room.backend.asked('create')[0]?.[0]).toEqual(headOffice);
    expect(JSON.stringify(room.backend.asked('find'))).not.toContain(headOffice.password);
  });

  test('keeps them until TeamMate has it for sure', async () => {
    const request = await approvedPbx(room);
    room.backend.next('create', new BackendUnavailable('down'));
    await room.provision(request);
    expect(await secretsOf(room, request)).toHaveLength(3);
    room.pass(3_600_000);
    expect((await room.provision(request)).state).toBe('waiting');
    expect(room.backend.asked('create').map(([order]) => (order as typeof headOffice).password)).toEqual([
      headOffice.password,
      headOffice.password,
    ]);
  });

  test('fails when they cannot be read any more, and says what to do; nothing was sent', async () => {
    const request = await approvedPbx(room);
    const rotated = provisioningWorkers({ ...room.room, keys: readKeys(newKey()) });
    await rotated.provision({ requestId: request.id }, new AbortController().signal);
    const failed = await room.reload(request);
    expect(failed).toMatchObject({ state: 'failed', trouble: { code: 'secrets-lost' } });
    expect(room.backend.called()).toEqual(['find']);
    // With the old key back, Retry is a first attempt.
    const retried = await room.move(failed, 'retry');
    expect((await room.provision(retried)).state).toBe('waiting');
  });
});

test('a notice of TeamMate’s has what is active looked at, and what is not yet followed', async () => {
  const token = 'a-token-that-nobody-guesses';
  const waiting = await room.provision(await approvedPbx(room));
  const notify = () =>
    takeNotice(
      { db: room.db, jobs: room.room.jobs, token },
      { token, body: { event: 'pbx.registration', pbxId: Number(waiting.reference) } },
    );
  for (const name of ['follow', 'watch']) room.queued(name);
  await notify();
  expect([room.queued('follow'), room.queued('watch')]).toEqual([[0], []]);
  room.backend.next('standing', () => ({ state: 'active' }));
  await room.follow(waiting);
  room.queued('watch');
  await notify();
  expect([room.queued('follow'), room.queued('watch')]).toEqual([[], [0]]);
});
