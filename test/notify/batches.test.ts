import { followBatch } from '../../src/notify/batches.ts';
import { remember, route } from '../../src/people/conversations.ts';
import { grant } from '../../src/people/roles.ts';
import { type Batch, loadAnyBatch, loadBatch } from '../../src/requests/batch.ts';
import { approveBatch } from '../../src/requests/batch-decisions.ts';
import { withdraw } from '../../src/requests/decisions.ts';
import { lookAgain, preview, submitBatch } from '../../src/requests/preview.ts';
import { tidy } from '../../src/requests/tidy.ts';
import { alex, megan, personal, serviceUrl, tenantId } from '../support/people.ts';
import { openRoom, type Room } from './room.ts';

const hour = 3_600_000;
const config = { APPROVAL_REMIND_AFTER: 24 * hour, APPROVAL_EXPIRE_AFTER: 72 * hour };
const personOf = ({ aadObjectId, id, name }: typeof alex) => ({
  tenantId,
  directoryId: aadObjectId,
  teamsId: id,
  name,
});
const [ana, meg] = [personOf(alex), personOf(megan)];
const rows = 'Contoso,ops@contoso.example,pbx,\nFabrikam,ops@fabrikam.example,trunk,';

let room: Room;
/** What was sent to the job queue, by name, with what and when. */
let sent: { name: string; data: object; after: Date | undefined }[];
beforeEach(async () => {
  room = await openRoom();
  sent = [];
  await grant(room.db, 'test', tenantId, ana.directoryId, 'requester', room.clock());
  await grant(room.db, 'test', tenantId, meg.directoryId, 'approver', room.clock());
  const approvals = await room.place('Approvals');
  await room.transact(async ({ trx, now }) => {
    for (const purpose of ['approvals', 'notifications'] as const) await route(trx, purpose, approvals, 'test', now);
    const own = { tenantId, conversationId: personal(alex).id, kind: 'personal' as const, serviceUrl };
    await remember(trx, { ...own, directoryId: ana.directoryId }, ana, now);
  });
});
afterEach(() => room.close());

const jobs = () => ({
  send: async (_: unknown, name: string, data: object, after?: Date) => void sent.push({ name, data, after }),
  work: async () => {},
  counts: async () => [],
  stop: async () => {},
});
const transact: Room['transact'] = (run) => room.transact((work) => run({ ...work, jobs: jobs() }));
const follow = (id: string, again = true) =>
  followBatch({ db: room.db, outbox: room.outbox, jobs: jobs(), config, clock: room.clock }, id, again);
const previewed = (lifetime = hour) => transact((work) => preview(work, ana, 'reseller', rows, lifetime));
async function submitted(): Promise<Batch> {
  const { nonce } = await previewed();
  const outcome = await transact((work) => submitBatch(work, ana, nonce, hour));
  if (!('batch' in outcome)) throw new Error('nothing was submitted');
  return outcome.batch;
}
/** What is queued for people: a live card, or what a message is titled. */
async function posts(): Promise<string[]> {
  const queued = await room.db.selectFrom('outbox').select(['once', 'activity']).orderBy('id').execute();
  return queued.map(
    ({ once, activity }) => (activity as { summary?: string } | null)?.summary ?? once.split(':')[0] ?? '',
  );
}

test('a look at a batch that is repeated, as after a kill, says nothing twice', async () => {
  const { id } = await submitted();
  for (let times = 0; times < 3; times++) await follow(id);
  // The approval card, and its first refresh.
  expect(await posts()).toEqual(['approval', 'card']);
});

test('approvers are reminded of the whole, once in its time, and nobody’s decision ends it', async () => {
  const { id, requests } = await submitted();
  await follow(id);
  expect(sent.at(-1)).toMatchObject({ name: 'batch', data: { batchId: id, again: true } });
  expect(sent.at(-1)?.after?.getTime()).toBe(room.clock().getTime() + 24 * hour);
  room.pass(25 * 3600);
  for (let times = 0; times < 2; times++) await follow(id);
  expect((await posts()).filter((text) => text.includes('still waiting'))).toHaveLength(1);
  room.pass(48 * 3600);
  for (let times = 0; times < 2; times++) await follow(id);
  const batch = await loadBatch(room.db, tenantId, id);
  expect(batch.state).toBe('expired');
  expect(batch.requests.map(({ state }) => state)).toEqual(requests.map(() => 'expired'));
  expect((await posts()).filter((text) => text.includes('expired'))).toHaveLength(2);
  expect(await room.db.selectFrom('claims').selectAll().execute()).toEqual([]);
});

test('each row is provisioned by one job, whoever approves again', async () => {
  const { id, version, requests } = await submitted();
  for (let times = 0; times < 2; times++) await transact((work) => approveBatch(work, meg, { id, version }));
  const provisioned = sent.filter(({ name }) => name === 'provision').map(({ data }) => data);
  expect(provisioned).toEqual(requests.map((request) => ({ requestId: request.id })));
});

test('a batch of which each is withdrawn by itself is over', async () => {
  const { id, requests } = await submitted();
  for (const request of requests) await transact((work) => withdraw(work, ana, request));
  await follow(id);
  expect(await loadAnyBatch(room.db, id)).toMatchObject({ state: 'withdrawn' });
});

test('a preview is good for its lifetime, and gone after it', async () => {
  const { nonce } = await previewed();
  room.pass(3599);
  await expect(transact((work) => lookAgain(work, ana, nonce))).resolves.toMatchObject({ good: 2 });
  room.pass(1);
  const expired = { code: 'list-expired' };
  await expect(transact((work) => lookAgain(work, ana, nonce))).rejects.toMatchObject(expired);
  await expect(transact((work) => submitBatch(work, ana, nonce, hour))).rejects.toMatchObject(expired);
  room.pass(1);
  await tidy(room.db, room.clock());
  expect(await room.db.selectFrom('batches').select('id').execute()).toEqual([]);
  expect(await room.db.selectFrom('requests').select('id').execute()).toEqual([]);
});

test('a batch is never tidied away, however old', async () => {
  const { id } = await submitted();
  room.pass(400 * 86_400);
  await tidy(room.db, room.clock());
  expect(await loadAnyBatch(room.db, id)).toMatchObject({ requests: [{ name: 'Contoso' }, { name: 'Fabrikam' }] });
});
