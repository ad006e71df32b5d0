import { actionsOf } from '../support/cards.ts';
import { cardOf, textsOf } from '../support/fake-teams.ts';
import { approvals, type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  alex,
  execute,
  foreignTenantId,
  megan,
  message,
  personal,
  type TestPerson,
  tenantId,
} from '../support/people.ts';

let harness: Harness;
let olga: TestPerson;
let task: Posted;
let id: string;
let version: number;
beforeAll(async () => {
  // The other organisation is served too.
  const both = `${tenantId}=5001,${foreignTenantId}=5001`;
  harness = await startHarness({ env: { PROVISIONING_BACKEND: 'portal', ORGANISATIONS: both } });
  olga = await harness.join('Olga', 'operator');
  const request = await harness.order(alex);
  await harness.click(megan, await harness.see(approvals, request.name, 'Approve'), 'Approve');
  task = await harness.see(approvals, request.name, 'Click Take before you begin');
  id = request.id;
  version = actionsOf(task.card)[0]?.data.version as number;
});
afterAll(() => harness.close());
afterEach(() => {
  // Whatever was tried, it is still there to be taken.
  expect(actionsOf(harness.now(task).card).map(({ title }) => title)).toEqual(['Take']);
});

describe('a button of a task', () => {
  const verbs = ['task-take', 'task-done', 'task-failed', 'task-active', 'task-resent'];
  const press = async (by: TestPerson, verb: string, data: Record<string, unknown>) => {
    const { status, body } = await harness.send(execute(by, verb, { verb, ...data }, { replyToId: '1' }));
    expect(status).toBe(200);
    return JSON.stringify(body.value);
  };
  const whole = { hold: 1, reference: '1', reason: 'x' };

  test.each(verbs)('%s does nothing for who is no operator', async (verb) => {
    const kim = await harness.join('Kim', 'requester', 'approver', 'administrator');
    const guest = await harness.join('Guest');
    for (const by of [kim, guest, alex])
      expect(await press(by, verb, { id, version, ...whole })).toContain('role operator');
  });

  test.each(verbs)('%s is of no use with data that no card has', async (verb) => {
    const oskar = await harness.join('Oskar', 'operator');
    const ids = ['999999', '0', '-1', '1e3', '', 'R-1', '9'.repeat(19), null, {}, [id], true];
    for (const wrong of ids) await press(oskar, verb, { ...whole, id: wrong, version });
    for (const wrong of [0, -1, '1.5', 'x', null, 2 ** 31, {}])
      await press(oskar, verb, { ...whole, id, version: wrong });
    for (const wrong of [version + 1, version - 1]) await press(oskar, verb, { ...whole, id, version: wrong });
    for (const hold of [0, -1, '1.5', 'x', null, 7, 2 ** 31, {}]) await press(oskar, verb, { id, version, hold });
  });

  test.each(['task-done', 'task-failed', 'task-active'])('%s is of no use before its time', async (verb) => {
    const says = await press(olga, verb, { id, version, reference: '1', reason: 'x' });
    expect(says).toMatch(/Nobody has taken this task yet|no longer possible/);
  });

  test.each(verbs)('%s is of no use for an operator of another organisation', async (verb) => {
    const spy = { ...olga, tenantId: foreignTenantId };
    await harness.send(message({ ...megan, tenantId: foreignTenantId }, `grant operator ${olga.aadObjectId}`));
    const after = harness.teams.delivered().length;
    expect(await press(spy, verb, { id, version, ...whole })).toContain('See below.');
    const { activity } = await harness.teams.waitFor((one) => one.conversationId === personal(spy).id, { after });
    expect(textsOf(cardOf(activity)).join()).toContain(`There is no request R-${id} in your organisation`);
  });

  test('that opens it shows nothing to who is no operator', async () => {
    const guest = await harness.join('Guest');
    expect(await press(guest, 'task', { id })).not.toContain('ordered.example');
  });
});
