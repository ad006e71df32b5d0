import { until } from '../simulator/start.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import { channel, execute, foreignTenantId, megan, personal, type TestPerson, tenantId } from '../support/people.ts';

let harness: Harness;
let kim: TestPerson;
const place = channel('Decisions');
beforeAll(async () => {
  harness = await startHarness({ bare: true, env: { ORGANISATIONS: `${tenantId}=5001,${foreignTenantId}=5777` } });
  harness.teams.install(place, [megan]);
  await harness.type(megan, `grant approver ${megan.aadObjectId}`);
  await harness.type(megan, 'route approvals here', place);
  kim = await requester();
  await until(async () => (await harness.type(kim, 'list enterprises')).says.includes('Proseware'));
});
afterAll(() => harness.close());

const requester = (...also: ('approver' | 'administrator')[]) => harness.join('Kim', 'requester', ...also);
const dataOf = (posted: Posted) => actionsOf(posted.card)[0]!.data;

/** What a click with this data is answered with: the card, or what is posted below it. */
async function click(by: TestPerson, verb: string, data: Record<string, unknown>): Promise<string> {
  const after = harness.teams.delivered().length;
  const { status, body } = await harness.send(execute(by, verb, { verb, ...data }, { replyToId: '1' }));
  expect(status).toBe(200);
  if (typeof body.value === 'object') return textsOf(body.value).join('\n');
  const where = ({ conversationId }: { conversationId: string }) => conversationId === personal(by).id;
  const { activityId } = await harness.teams.waitFor(where, { after });
  return textsOf(harness.teams.card(personal(by).id, activityId as string)).join('\n');
}
const requests = async () => {
  const resellers = await harness.type(kim, 'status');
  return textsOf(resellers.card).filter((line) => /^R-\d+ /.test(line)).length;
};

describe('a button’s data', () => {
  const aim = { operation: 'edit', kind: 'reseller', reference: '5101' };
  test.each<[what: string, data: Record<string, unknown>]>([
    ['an operation that is none', { ...aim, operation: 'add' }],
    ['an operation of Object’s', { ...aim, operation: 'constructor' }],
    ['a kind that is none', { ...aim, kind: 'toString' }],
    ['a kind that cannot be ordered', { ...aim, kind: 'sbc-region', reference: '1' }],
    ['an endless reference', { ...aim, reference: '5'.repeat(101) }],
    ['a reference that is a list', { ...aim, reference: ['5101'] }],
    ['nothing', {}],
  ])('with %s is no card’s of ours', async (_, data) => {
    const mallory = await requester();
    expect(await click(mallory, 'begin-change', data)).toContain('another version of the bot');
    expect(await click(mallory, 'submit-change', { ...data, nonce: 'x'.repeat(22) })).toContain('another version');
  });

  test.each(['1', '0', "' or '1'='1", '5101%', '5901', '\0', '\ud800'])(
    'with the reference %j, which no reseller has, opens nothing',
    async (reference) => {
      const says = await click(await requester(), 'begin-change', { ...aim, reference });
      expect(says).toContain('TeamMate no longer lists this reseller.');
    },
  );

  test('with another thing than its form’s is of no use: the form says which', async () => {
    const mallory = await requester();
    const form = await harness.type(mallory, 'edit Litware');
    const data = {
      ...dataOf(form),
      ...inputsOf(form.card),
      reference: '5102',
      operation: 'remove',
      kind: 'enterprise',
    };
    const says = await click(mallory, 'submit-change', { ...data, billingReference: 'HERS', why: 'x', name: 'x' });
    expect(says).toContain('Change of the reseller Litware');
    expect(says).toContain('NW-1003 → HERS');
    await harness.type(mallory, `withdraw ${/R-\d+/.exec(says)?.[0]}`);
  });

  test('with fields that may not be changed changes none of them', async () => {
    const mallory = await requester();
    const form = await harness.type(mallory, 'edit enterprise Proseware');
    const data = { ...dataOf(form), ...inputsOf(form.card), name: 'Mine', email: 'me@x.example', reseller: '5102' };
    const says = await click(mallory, 'submit-change', { ...data, regions: '3', userLimit: ['9'], names: { x: 'y' } });
    expect(says).toContain('Nothing is different');
  });

  test('with text without end, numbers or objects comes back as mistakes', async () => {
    const mallory = await requester();
    const form = await harness.type(mallory, 'suspend Litware');
    for (const why of ['x'.repeat(50_000), { x: 1 }, null, ['x'], '\n\n'])
      expect(await click(mallory, 'submit-change', { ...dataOf(form), why })).toContain('⚠');
  });
});

describe('a form of somebody else’s, or of another kind', () => {
  test('does not serve', async () => {
    const form = await harness.type(kim, 'edit Litware');
    const mallory = await requester();
    const says = await click(mallory, 'submit-change', { ...dataOf(form), billingReference: 'HERS' });
    expect(says).toContain('This form was not made for you. Type: edit, to get one of your own.');
    expect(await click(mallory, 'drop-change', dataOf(form))).toContain('not made for you');
  });

  test('an order’s does not change, and a change’s does not order', async () => {
    const before = await requests();
    const order = await harness.type(kim, 'add reseller Twist; twist@x.example; pbx');
    const aim = { operation: 'remove', kind: 'reseller', reference: '5103', why: 'x', name: 'Litware' };
    const { nonce } = dataOf(order);
    expect(await click(kim, 'submit-change', { ...aim, nonce })).toContain('another version of the bot');
    const change = await harness.type(kim, 'edit Litware');
    const values = { kind: 'reseller', name: 'Twist', email: 'twist@x.example', services: 'PBX' };
    expect(await click(kim, 'submit', { ...values, nonce: dataOf(change).nonce })).toContain('another version');
    expect(await requests()).toBe(before);
  });

  test('that nobody knows any more gives a fresh one, and asks nobody', async () => {
    const aim = { operation: 'suspend', kind: 'reseller', reference: '5103', why: 'Kept', nonce: 'x'.repeat(22) };
    const says = await click(await requester(), 'submit-change', aim);
    expect(says).toContain('This form is too old to be used.');
    expect(says).toContain('Kept');
  });

  test('that was cancelled gives a fresh one as well', async () => {
    const mallory = await requester();
    const form = await harness.type(mallory, 'remove Litware');
    expect((await harness.click(mallory, form, 'Cancel')).says).toContain('Nothing was changed.');
    expect(await click(mallory, 'submit-change', { ...dataOf(form), why: 'x', name: 'Litware' })).toContain('too old');
  });
});

describe('who may', () => {
  test('ask is a requester, at the form’s opening as at its submission', async () => {
    const approver = await harness.join('Pat', 'approver');
    const aim = { operation: 'remove', kind: 'reseller', reference: '5103' };
    expect(await click(approver, 'begin-change', aim)).toContain('This needs the role requester');
    const mallory = await requester();
    const form = await harness.type(mallory, 'edit Litware');
    await harness.type(megan, `revoke requester ${mallory.aadObjectId}`);
    const says = await click(mallory, 'submit-change', { ...dataOf(form), billingReference: 'x' });
    expect(says).toContain('This needs the role requester');
  });

  test('approve is an approver, and never whoever asked', async () => {
    const both = await requester('approver');
    const form = await harness.type(both, 'suspend Litware');
    const pending = await harness.click(both, form, 'Ask to suspend', { why: 'x' });
    const approval = await harness.see(place, 'Suspension of the reseller Litware', 'Approve');
    const { id, version } = dataOf(approval);
    expect(await click(both, 'approve', { id, version })).toContain('This is your own request');
    expect(await click(kim, 'approve', { id, version })).toContain('This needs the role approver');
    expect(await click(both, 'change', { id, version })).toContain('another version of the bot');
    expect((await harness.click(both, pending, 'Withdraw')).says).toContain('Withdrawn');
  });

  test('of another organisation finds nothing of this one', async () => {
    const foreigner = { ...megan, id: '29:1foreign', name: 'Faye Foreign', tenantId: foreignTenantId };
    const elsewhere = { ...personal(foreigner), id: 'a:1elsewhere', tenantId: foreignTenantId };
    harness.teams.install(elsewhere, [foreigner]);
    await harness.type(foreigner, `grant requester ${foreigner.aadObjectId}`, elsewhere);
    for (const said of ['edit Litware', 'remove 5103', 'suspend enterprise Proseware'])
      expect((await harness.type(foreigner, said, elsewhere)).says).toContain('I found no');
    const aim = { verb: 'begin-change', operation: 'edit', kind: 'reseller', reference: '5103' };
    const body = execute(foreigner, 'begin-change', aim, { replyToId: '1', conversation: elsewhere });
    await harness.send(body);
    await harness.see(elsewhere, 'TeamMate no longer lists this reseller.');
  });
});

test.each(['edit \0', 'remove \ud800', 'edit R-', 'suspend reseller %', `resume ${'x'.repeat(5000)}`, 'edit *_`'])(
  'the command %j is answered',
  async (said) => {
    expect((await harness.type(await requester(), said)).says).toMatch(/I found no|what\?/);
  },
);
