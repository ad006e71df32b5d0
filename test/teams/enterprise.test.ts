import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { approvals, type Harness, type Posted, startHarness } from '../support/harness.ts';
import { alex, type Body, execute, megan, personal, type TestPerson } from '../support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
  // What TeamMate already has is fetched in the background.
  while (!(await harness.type(alex, 'list enterprises')).says.includes('Proseware'));
});
afterAll(() => harness.close());

const mistakes = (posted: Posted) => textsOf(posted.card).filter((line) => line.startsWith('⚠'));
const good = { services: 'PBX', regions: '1,2', pbxTypes: '1' };

describe('add enterprise', () => {
  test('asks for the reseller first, then for the rest with what that reseller may have', async () => {
    const first = await harness.type(alex, 'add enterprise');
    expect(Object.keys(inputsOf(first.card))).toEqual(['reseller']);
    expect(first.says).not.toContain('⚠');

    const whole = await harness.click(alex, first, 'Next', { reseller: '5102' });
    expect(Object.keys(inputsOf(whole.card))).toContain('sipDataReason');
    expect(inputsOf(whole.card)).toMatchObject({ reseller: '5102', name: '' });
    expect(whole.says).not.toContain('⚠');
    expect(JSON.stringify(whole.card)).toContain('US East 1');
    // Adventure Works sells no trunks.
    expect(JSON.stringify(whole.card)).not.toContain('SIP Trunk');
  });

  test('does not go on without a reseller', async () => {
    const first = await harness.type(alex, 'add enterprise');
    const again = await harness.click(alex, first, 'Next', { reseller: '' });
    expect(mistakes(again)).toEqual(['⚠ Choose the reseller that serves this customer.']);
    expect(actionsOf(again.card).map(({ title }) => title)).toEqual(['Next', 'Cancel']);
  });

  test('takes all of it in one line, by the names of things', async () => {
    const line =
      'add enterprise fabrikam; One Line; it@one-line.example; pbx, trunk; us east 1, UK South; Netsapiens; B-9';
    const form = await harness.type(alex, line);
    expect(inputsOf(form.card)).toMatchObject({
      reseller: '5101',
      services: 'PBX,TRUNK',
      regions: '1,6',
      pbxTypes: '1',
    });
    const pending = await harness.click(alex, form, 'Submit', {});
    expect(pending.says).toContain('Waiting for an approver');
    expect(pending.says).toContain('US East 1, UK South');
  });

  test('keeps a name it does not know, and says so beside it', async () => {
    const form = await harness.type(alex, 'add enterprise Fabrikam; X; it@x.example; pbx; Atlantis; Netsapiens');
    expect(mistakes(form)).toEqual(['⚠ TeamMate does not offer the SBC Region “Atlantis”. Choose from what is shown.']);
  });

  test('an e-mail address that a reseller has is taken for an enterprise too', async () => {
    const form = await harness.type(alex, 'add enterprise Fabrikam');
    const typed = { ...good, name: 'Fresh', email: 'Taken@Fabrikam.example' };
    const again = await harness.click(alex, form, 'Submit', typed);
    expect(mistakes(again)).toEqual([expect.stringContaining('This e-mail address is already used')]);
  });

  test('a name may be a reseller’s and an enterprise’s, as a company may be both', async () => {
    const form = await harness.type(alex, 'add enterprise Fabrikam');
    const pending = await harness.click(alex, form, 'Submit', {
      ...good,
      name: 'Litware',
      email: 'it@litware.example',
    });
    expect(pending.says).toContain('Waiting for an approver');
  });

  test('warns of a single region, and tells the approver why SIP data is asked for', async () => {
    const form = await harness.type(alex, 'add enterprise Fabrikam');
    const typed = {
      ...good,
      regions: '1',
      accessSipData: 'true',
      sipDataReason: 'Fraud',
      name: 'Thin',
      email: 'it@thin.example',
    };
    const pending = await harness.click(alex, form, 'Submit', typed);
    expect(mistakes(pending)).toEqual([
      expect.stringContaining('Only one SBC Region'),
      '⚠ Access SIP Data is asked for: Fraud',
    ]);
    await harness.see(approvals, 'Thin', 'Access SIP Data is asked for: Fraud');
  });

  test('becomes active when the customer’s administrator has registered', async () => {
    const form = await harness.type(alex, 'add enterprise Fabrikam');
    const email = 'admin@northwest.example';
    await harness.click(alex, form, 'Submit', { ...good, name: 'Northwest', email });
    const approval = await harness.see(approvals, 'Enterprise Northwest', 'Pending');
    await harness.click(megan, approval, 'Approve');
    await harness.see(personal(alex), 'Northwest', `Waiting for ${email}, the customer’s administrator, to register`);
    await harness.register(email);
    await harness.see(approvals, '✅ Northwest is active', 'Direct Routing can be set up now');
    await harness.see(personal(alex), 'Enterprise Northwest', '✅ Active');
    expect(harness.simulator.state.enterprises.filter((one) => one.enterpriseName === 'Northwest')).toHaveLength(1);
    expect((await harness.type(alex, 'list enterprises northwest')).says).toContain('✅ Northwest');
  });

  test('is not to be approved by who asked', async () => {
    const boss = await harness.join('Robin', 'requester', 'approver');
    const form = await harness.type(boss, 'add enterprise Fabrikam');
    const pending = await harness.click(boss, form, 'Submit', { ...good, name: 'Own', email: 'it@own.example' });
    const approval = await harness.see(approvals, 'Enterprise Own', 'Pending');
    const refused = await harness.click(boss, approval, 'Approve');
    expect(refused.says).toContain('your own request');
    expect(harness.now(pending).says).toContain('Pending');
  });
});

describe('a field that searches as one types', () => {
  const asked = (person: TestPerson, value: unknown): Body => ({
    ...execute(person, '', {}),
    name: 'application/search',
    value,
  });
  const found = async (person: TestPerson, value: unknown) => (await harness.send(asked(person, value))).body;
  const query = (queryText: string, dataset = 'reseller') => ({
    queryText,
    queryOptions: { skip: 0, top: 15 },
    dataset,
    kind: 'search',
  });

  test('is given what is live in the organisation', async () => {
    expect(await found(alex, query('FABRI'))).toMatchObject({
      statusCode: 200,
      type: 'application/vnd.microsoft.search.searchResponse',
      value: { results: [{ value: '5101', title: 'Fabrikam' }] },
    });
  });

  test('per cent and underscore are letters like others', async () => {
    expect(await found(alex, query('%'))).toMatchObject({ value: { results: [] } });
  });

  test.each([
    ['no data', null],
    ['a list that there is not', query('a', 'roles')],
    ['a list as an object', { queryText: { a: 1 }, dataset: ['reseller'] }],
  ])('a client that asks with %s gets nothing', async (_, value) => {
    expect(await found(alex, value)).toMatchObject({ statusCode: 400, value: { results: [] } });
  });

  test('nor does somebody who may not order', async () => {
    const guest = await harness.join('Guest');
    expect(await found(guest, query('Fab'))).toMatchObject({ value: { results: [] } });
  });
});
