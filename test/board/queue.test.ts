import * as contract from '../../src/board/contract.ts';
import { demoMasterReseller } from '../../src/simulator/seed.ts';
import { until } from '../simulator/start.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { alex, bot, foreignTenantId, megan, personal, stranger, type TestPerson, tenantId } from '../support/people.ts';
import { signOnToken } from '../support/token-issuer.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({
    env: {
      ORGANISATIONS: `${tenantId}=${demoMasterReseller.resellerId}`,
      PROVIDER_TENANT: tenantId,
    },
  });
});
afterAll(() => harness.close());

const call = async (person: TestPerson, path: string, body?: object) =>
  fetch(harness.app.url + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${await signOnToken(harness.issuer, { person, audience: bot.appId })}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
const boardOf = async (person: TestPerson) =>
  contract.boardSchema.parse(await (await call(person, contract.paths.board)).json());
const batchOf = async (person: TestPerson, id: string) => {
  const found = (await boardOf(person)).queue.find((one) => one.type === 'batch' && one.batch.id === id);
  return found?.type === 'batch' ? found.batch : undefined;
};

let listed = 0;
/** Asks for several resellers together. Resolves to the batch's number. */
async function submitted(by: TestPerson, size: number): Promise<string> {
  const rows = Array.from({ length: size }, () => `Many ${++listed},many-${listed}@listed.example,pbx,B-${listed}`);
  const rowsAs = ['Reseller Name,Preferred Email,Services,Billing Reference', ...rows].join('\n');
  const preview = await harness.click(by, await harness.type(by, 'add resellers'), 'Check', { rows: rowsAs });
  const card = await harness.click(by, preview, `Submit all ${size}`);
  return /Batch (\d+)/.exec(card.says)?.[1] ?? '';
}

describe('a batch in the queue', () => {
  test('is one thing to decide on, and is decided on as a whole', async () => {
    const id = await submitted(alex, 20);
    const batch = await batchOf(megan, id);
    expect(batch).toMatchObject({
      title: '20 resellers',
      state: 'pending',
      requester: { name: alex.name, you: false },
      more: 4,
      actions: [
        { verb: 'approve', title: 'Approve 20 resellers' },
        { verb: 'reject', title: 'Reject' },
      ],
    });
    expect(batch?.names).toHaveLength(16);
    const board = await boardOf(megan);
    expect(board.counts.queue).toBe(board.queue.length);
    const body = { version: batch?.version ?? 0 };
    const response = await call(megan, contract.paths.decideBatch(id, 'approve'), body);
    expect(contract.decidedBatchSchema.parse(await response.json()).batch).toMatchObject({ state: 'approved' });
    expect(await batchOf(megan, id)).toBeUndefined();
    const late = contract.refusedSchema.parse(
      await (await call(megan, contract.paths.decideBatch(id, 'reject'), { ...body, reason: 'Too late' })).json(),
    );
    expect(late).toMatchObject({ refusal: { code: 'already-decided' }, batch: { id, state: 'approved' } });
  });

  test('is not for whoever asked for it to decide on, nor for who may not', async () => {
    const both = await harness.join('Both', 'requester', 'approver');
    const id = await submitted(both, 2);
    const own = await batchOf(both, id);
    expect(own).toMatchObject({ requester: { you: true }, actions: [{ verb: 'withdraw', title: 'Withdraw' }] });
    const refused = async (person: TestPerson) => {
      const response = await call(person, contract.paths.decideBatch(id, 'approve'), { version: own?.version ?? 0 });
      return [response.status, contract.refusedSchema.parse(await response.json()).refusal.code];
    };
    expect(await refused(both)).toEqual([403, 'own-request']);
    expect(await refused(alex)).toEqual([403, 'role-missing']);
    const unknown = await call(megan, contract.paths.decideBatch('999999', 'approve'), { version: 1 });
    expect(unknown.status).toBe(404);
  });
});

test('whoever approves access enters the account, as on the card, and is told what is wrong with it', async () => {
  harness.teams.install(personal(stranger), [stranger]);
  const form = await harness.type(stranger, 'request access Adventure Works; Sam; Stranger; sam@elsewhere.example');
  const asked = await harness.click(stranger, form, 'Submit');
  const id = /R-(\d+)/.exec(asked.says)?.[1] ?? '';
  const found = (await boardOf(megan)).queue.find((one) => one.type === 'request' && one.request.id === id);
  expect(found).toMatchObject({
    request: { kind: 'access', approval: { label: 'Master Reseller Id', maxLength: expect.any(Number) } },
  });
  // Of a tenant that is not served, so the tab is not for them yet.
  expect((await call(stranger, contract.paths.board)).status).toBe(403);

  const decide = (entered?: string) =>
    call(megan, contract.paths.decide(id, 'approve'), { version: 1, ...(entered !== undefined && { entered }) });
  for (const wrong of [undefined, '', 'x', '007']) {
    const response = await decide(wrong);
    expect(response.status).toBe(422);
    expect(contract.refusedSchema.parse(await response.json()).refusal).toMatchObject({
      code: 'approval-wrong',
      says: expect.stringContaining('Master Reseller Id'),
    });
  }
  expect((await decide('7007')).status).toBe(200);
  await until(async () => (await call(stranger, contract.paths.board)).status === 200);
  const { organisation, you } = await boardOf(stranger);
  expect(organisation).toEqual({ tenantId: foreignTenantId, name: 'Adventure Works' });
  expect(you.roles).toEqual(expect.arrayContaining(['requester', 'administrator']));
});
