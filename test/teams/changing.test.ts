import { caller, fault, until } from '../simulator/start.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import { type Body, channel, execute, megan, type TestPerson } from '../support/people.ts';

let harness: Harness;
const decisions = channel('Decisions');
const news = channel('News');
beforeAll(async () => {
  harness = await startHarness({ bare: true, env: { TEAMMATE_TIMEOUT: '1s', RETRY_FIRST: '200ms' } });
  for (const place of [decisions, news]) harness.teams.install(place, [megan]);
  await harness.type(megan, `grant approver ${megan.aadObjectId}`);
  await harness.type(megan, 'route approvals here', decisions);
  await harness.type(megan, 'route notifications here', news);
  await fillPortal();
  const kim = await requester();
  // What TeamMate already has is fetched in the background.
  await until(async () => (await harness.type(kim, 'list enterprises')).says.includes('Proseware'));
  await until(async () => (await harness.type(kim, 'list resellers portal.example')).says.includes('7 found'));
});
afterAll(() => harness.close());
afterEach(() => fault(harness.simulator, { clear: true }));

/** Somebody new: a talk takes only so many posts. */
const requester = () => harness.join('Kim', 'requester');
/** Types it in a talk that gets no news, which could be taken for the answer. */
const typed = async (command: string) => harness.type(await requester(), command);
const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const mistakes = (posted: Posted) => textsOf(posted.card).filter((line) => line.startsWith('⚠'));
const reseller = (id: number) => harness.simulator.state.resellers.find((one) => one.resellerId === id);
const enterprise = (id: number) => harness.simulator.state.enterprises.find((one) => one.enterpriseId === id);
const idOf = (posted: Posted) => /R-\d+/.exec(posted.says)?.[0] as string;

/** Asks for a change by its form and has it approved. Resolves to the requester's card. */
async function approved(by: TestPerson, command: string, button: string, inputs: Record<string, unknown>) {
  const form = await harness.type(by, command);
  const pending = await harness.click(by, form, button, inputs);
  const approval = await harness.see(decisions, idOf(pending), 'Approve');
  await harness.click(megan, approval, 'Approve');
  return pending;
}

/** Resellers of their own for the tests, as somebody adds them in the portal. */
const portal = ['Moving House', 'Late Payer', 'Much Wanted', 'Full House', 'Two Hands', 'Double Click', 'Lost Again'];
const addressOf = (name: string) => `${name.toLowerCase().replace(/\W+/g, '-')}@portal.example`;
async function fillPortal() {
  const call = await caller(harness.simulator.url);
  for (const name of portal) {
    const body = { masterResellerId: 5001, resellerName: name, preferredEmail: addressOf(name), services: ['PBX'] };
    expect((await call('POST', '/reseller/newReseller', body)).status).toBe(201);
  }
}
const portalReseller = (name: string) =>
  harness.simulator.state.resellers.find((one) => one.resellerName === name)?.resellerId as number;

describe('an edit', () => {
  test('shows what it was and is to be, is approved, and TeamMate has it, changed in what was changed alone', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'edit enterprise proseware');
    expect(form.says).toContain('Edit the enterprise Proseware');
    expect(inputsOf(form.card)).toMatchObject({ userLimit: '', musicOnHold: 'true', billingReference: 'NW-1001-A' });
    expect(Object.keys(inputsOf(form.card))).not.toContain('name');
    const pending = await harness.click(kim, form, 'Submit', { userLimit: '50', musicOnHold: 'false' });
    expect(pending.says).toContain('Change of the enterprise Proseware');
    expect(pending.says).toContain('Waiting for an approver');
    expect(pending.says).toContain('Unlimited → 50');
    expect(pending.says).toContain('Yes → No');
    expect(pending.says).toMatch(/Enterprise Name\nProseware\n/);
    expect(titles(pending)).toEqual(['Withdraw']);

    const approval = await harness.see(decisions, 'Change of the enterprise Proseware', 'Unlimited → 50');
    await harness.see(news, 'asks for the change of the enterprise **Proseware**');
    const before = structuredClone(enterprise(5901));
    await harness.click(megan, approval, 'Approve');
    await harness.see(pending.where, 'Change of the enterprise Proseware', '✅ Changed');
    expect(enterprise(5901)).toEqual({ ...before, userLimit: 50, pbxMOH: false });
    await harness.see(news, '✅ Proseware: changed');
    const audit = await harness.type(megan, `audit ${idOf(pending)}`);
    expect(audit.says).toContain('User Limit: — → 50; PBX Music on Hold: true → false');
    // Our copy is up to date at once.
    expect(inputsOf((await typed('edit proseware')).card)).toMatchObject({ userLimit: '50' });
  });

  test('comes back with what is wrong beside its field, as an order’s form does, and with what was typed', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'edit enterprise proseware');
    const again = await harness.click(kim, form, 'Submit', { userLimit: 'many', accessSipData: 'true' });
    expect(mistakes(again)).toEqual([
      expect.stringContaining('Enter a whole number'),
      expect.stringContaining('Say why its administrators need'),
    ]);
    expect(inputsOf(again.card)).toMatchObject({ userLimit: 'many', accessSipData: 'true' });
    const taken = await harness.type(kim, 'edit Litware');
    const refused = await harness.click(kim, taken, 'Submit', { email: 'taken@fabrikam.example', services: '' });
    expect(mistakes(refused)).toEqual([
      expect.stringContaining('This e-mail address is already used'),
      '⚠ Choose at least one service.',
    ]);
  });

  test('of nothing is said to be so, and asks nobody', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'edit Litware');
    const same = await harness.click(kim, form, 'Submit', {});
    expect(same.says).toContain('Nothing is different from how it is in TeamMate');
    expect((await harness.type(kim, 'status')).says).toContain('You have no open requests.');
  });

  test('may keep its own name and address; a new address is taken from then on, and the old one free at the end', async () => {
    const id = portalReseller('Moving House');
    const kim = await requester();
    const own = await approved(kim, 'edit Moving House', 'Submit', { email: 'new@portal.example' });
    await harness.see(own.where, 'Change of the reseller Moving House', '✅ Changed');
    expect(reseller(id)?.preferredEmail).toBe('new@portal.example');
    const lee = await requester();
    const order = await harness.type(lee, 'add reseller Other; new@portal.example; pbx');
    expect((await harness.click(lee, order, 'Submit')).says).toContain('already used');
    const free = await harness.type(lee, 'add reseller Another; moving-house@portal.example; pbx');
    expect((await harness.click(lee, free, 'Submit')).says).toContain('Waiting for an approver');
  });

  test('of what a request made goes by its id, and corrects whom that one waits for', async () => {
    const kim = await requester();
    const ordered = await harness.order(kim, { name: 'Wrong Address' });
    const approval = await harness.see(decisions, 'Reseller Wrong Address', 'Approve');
    await harness.click(megan, approval, 'Approve');
    await harness.see(ordered.where, 'Reseller Wrong Address', `Waiting for ${ordered.email}`);
    const own = await approved(await requester(), `edit r-${ordered.id}`, 'Submit', { email: 'right@address.example' });
    await harness.see(own.where, 'Change of the reseller Wrong Address', '✅ Changed');
    await harness.see(ordered.where, 'Reseller Wrong Address', 'Waiting for right@address.example to activate');
  });
});

describe('naming the thing', () => {
  test('by its id, its name in any case, or a part of it that only one has', async () => {
    const kim = await requester();
    for (const named of ['edit 5102', 'edit reseller adventure works', 'EDIT  Adventure', 'edit nw-1002'])
      expect((await harness.type(kim, named)).says).toContain('Edit the reseller Adventure Works');
  });

  test('by what several have gives a button for each', async () => {
    const kim = await requester();
    const which = await harness.type(kim, 'edit wor');
    expect(which.says).toContain('Edit: which one?');
    expect(which.says).toContain('Adventure Works');
    expect(which.says).toContain('Wide World Importers');
    expect(titles(which)).toEqual(['Edit', 'Edit']);
    await harness.press(kim, which, 'Edit');
    await harness.see(which.where, 'Edit the reseller Adventure Works');
  });

  test('by what nothing is called says what to type; by nothing at all, how to', async () => {
    const kim = await requester();
    const nothing = await harness.type(kim, 'suspend enterprise *Nowhere*');
    expect(nothing.says).toContain('I found no enterprise like that');
    const howTo = await harness.type(kim, 'remove');
    expect(howTo.says).toContain('Remove what?');
    expect(titles(howTo)).toEqual(['List resellers', 'List enterprises', 'List PBXs', 'Help']);
    expect((await harness.type(kim, 'edit R-999999')).says).toContain('There is no request R-999999');
  });

  test('is for requesters', async () => {
    const reader = await harness.join('Reader', 'administrator');
    for (const command of ['edit', 'suspend', 'resume', 'remove'])
      expect((await harness.type(reader, `${command} Litware`)).says).toContain('This needs the role requester');
  });
});

describe('suspending, resuming and removing', () => {
  test('say what they mean, want a reason, and are told by what was done', async () => {
    const id = portalReseller('Late Payer');
    const kim = await requester();
    const form = await harness.type(kim, 'suspend Late Payer');
    expect(form.says).toContain('⚠ Calls of the users of all its enterprises stop');
    const empty = await harness.click(kim, form, 'Ask to suspend', { why: '  ' });
    expect(mistakes(empty)).toContain('⚠ Say why: the approver decides by it.');
    const pending = await harness.click(kim, empty, 'Ask to suspend', { why: 'Three bills are *open*' });
    expect(pending.says).toContain('Suspension of the reseller Late Payer');
    const approval = await harness.see(decisions, 'Suspension of the reseller Late Payer', 'Approve');
    expect(approval.says).toContain('Not suspended → Suspended');
    expect(approval.says).toContain('Three bills are \\*open\\*');
    expect(approval.says).toContain('⚠ Calls of the users of all its enterprises stop');
    await harness.click(megan, approval, 'Approve');
    await harness.see(pending.where, 'Suspension of the reseller Late Payer', '⏸ Suspended');
    await harness.see(news, '⏸ Late Payer: suspended');
    expect(reseller(id)?.suspended).toBe(true);
    expect((await typed('list resellers late payer')).says).toContain('⏸ Late Payer');

    expect((await typed('suspend Late Payer')).says).toContain('is suspended already');
    const back = await approved(await requester(), 'resume Late Payer', 'Ask to resume', { why: 'Paid' });
    await harness.see(back.where, 'Resumption of the reseller Late Payer', '▶️ Resumed');
    expect(reseller(id)?.suspended).toBe(false);
    expect((await typed('resume Late Payer')).says).toContain('is not suspended');

    const lee = await requester();
    const remove = await harness.type(lee, 'remove Late Payer');
    const wrong = await harness.click(lee, remove, 'Ask to remove', { why: 'Gone', name: 'Late' });
    expect(mistakes(wrong)).toContain('⚠ Type the name as it is: Late Payer');
    const asked = await harness.click(lee, wrong, 'Ask to remove', { name: 'late payer' });
    const last = await harness.see(decisions, 'Removal of the reseller Late Payer', 'Approve');
    await harness.click(megan, last, 'Approve');
    await harness.see(asked.where, 'Removal of the reseller Late Payer', '🗑 Removed');
    expect(reseller(id)).toBeUndefined();
    expect((await typed('list resellers late payer')).says).toContain('None matches.');
    // Its name and address are free at once.
    const max = await requester();
    const anew = await harness.type(max, 'add reseller Late Payer; late-payer@portal.example; pbx');
    expect((await harness.click(max, anew, 'Submit')).says).toContain('Waiting for an approver');
  });

  test('of a reseller keep it from getting customers, and the audit trail has both', async () => {
    const kim = await requester();
    const own = await approved(kim, 'suspend 5104', 'Ask to suspend', { why: 'In *debt*' });
    await harness.see(own.where, 'Suspension of the reseller Tailspin Toys', '⏸ Suspended');
    const form = await typed('add enterprise 5104');
    expect(mistakes(form)).toContainEqual(expect.stringContaining('Tailspin Toys is suspended, so it cannot have new'));
    const back = await approved(await requester(), 'resume 5104', 'Ask to resume', { why: 'Paid' });
    await harness.see(back.where, 'Resumption of the reseller Tailspin Toys', '▶️ Resumed');
    const audit = await harness.type(megan, `audit ${idOf(own)}`);
    expect(audit.says).toContain('In \\*debt\\* · State: active → suspended');
  });

  test('cannot remove what something belongs to, and says what', async () => {
    const refused = await harness.type(await requester(), 'remove fabrikam');
    expect(refused.says).toContain('The reseller Fabrikam cannot be removed while it has 1 enterprise: Proseware.');
  });

  test('of one thing are one at a time, until the first is over', async () => {
    const kim = await requester();
    const [one, two] = [await harness.type(kim, 'edit much wanted'), await harness.type(kim, 'suspend much wanted')];
    const first = await harness.click(kim, one, 'Submit', { billingReference: 'X-1' });
    expect((await harness.type(kim, 'remove much wanted')).says).toContain(`is not over yet: ${idOf(first)}`);
    await harness.press(kim, two, 'Ask to suspend', { why: 'Because' });
    await harness.see(two.where, `is not over yet: ${idOf(first)}`);
    await harness.click(kim, first, 'Withdraw');
    const second = await harness.click(kim, two, 'Ask to suspend', { why: 'Because' });
    expect(second.says).toContain('Waiting for an approver');
  });

  test('that TeamMate refuses fail with its words, and Withdraw ends them', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'remove full house');
    const pending = await harness.click(kim, form, 'Ask to remove', { why: 'Gone', name: 'Full House' });
    const approval = await harness.see(decisions, 'Removal of the reseller Full House', 'Approve');
    await fault(harness.simulator, { status: 409, times: 1, path: '/reseller/deleteReseller' });
    await harness.click(megan, approval, 'Approve');
    const failed = await harness.see(pending.where, 'Full House', '❌ Failed', 'TeamMate refused');
    expect(failed.says).toContain('Waiting for somebody to Retry or Withdraw it');
    expect(titles(failed)).toEqual(['Retry', 'Withdraw']);
    const withdrawn = await harness.click(kim, failed, 'Withdraw');
    expect(titles(withdrawn)).toEqual(['Start again']);
    await harness.press(kim, withdrawn, 'Start again');
    await harness.see(withdrawn.where, 'Remove the reseller Full House');
  });
});

describe('what somebody changes in the portal meanwhile', () => {
  test('makes the request void at the approver’s click, once our copy shows it; nothing is done', async () => {
    const id = portalReseller('Two Hands');
    const kim = await requester();
    const form = await harness.type(kim, 'edit two hands');
    const pending = await harness.click(kim, form, 'Submit', { billingReference: 'OURS' });
    const approval = await harness.see(decisions, 'Change of the reseller Two Hands', 'Approve');
    const call = await caller(harness.simulator.url);
    await call('PUT', `/reseller/updateReseller/${id}`, { services: ['PBX', 'TRUNK'], billingReferences: ['THEIRS'] });
    await until(async () => (await harness.type(kim, 'list resellers two hands')).says.includes('THEIRS'));
    const answer = await harness.click(megan, approval, 'Approve');
    expect(answer.says).toContain('🚫 Void');
    expect(answer.says).toContain('Services: PBX Connector → PBX Connector, SIP Trunk');
    const ended = await harness.see(pending.where, 'Change of the reseller Two Hands', '🚫 Void', 'SIP Trunk');
    await harness.see(news, '🚫 Two Hands: void', 'PBX Connector → PBX Connector, SIP Trunk', 'Start again');
    expect(reseller(id)).toMatchObject({ billingReferences: ['THEIRS'], services: ['PBX', 'TRUNK'] });
    await harness.press(kim, ended, 'Start again');
    const anew = await harness.see(ended.where, 'Edit the reseller Two Hands', 'THEIRS');
    expect(inputsOf(anew.card)).toMatchObject({ services: 'PBX,TRUNK', billingReference: 'THEIRS' });
  });

  test('makes it void at the worker’s look, when our copy does not show it yet', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'edit proseware');
    const pending = await harness.click(kim, form, 'Submit', { billingReference: 'OURS' });
    const approval = await harness.see(decisions, 'Change of the enterprise Proseware', 'OURS', 'Approve');
    const call = await caller(harness.simulator.url);
    await call('POST', '/reseller/suspendEnterprise/5901');
    await harness.click(megan, approval, 'Approve');
    await harness.see(pending.where, 'Change of the enterprise Proseware', '🚫 Void', 'Not suspended → Suspended');
    expect(enterprise(5901)?.billingReferences).toEqual(['NW-1001-A']);
    await call('POST', '/reseller/resumeEnterprise/5901');
  });
});

describe('a repeat', () => {
  const submission = (person: TestPerson, form: Posted, inputs: Record<string, string>): Body => {
    const action = actionsOf(form.card)[0]!;
    return execute(person, action.verb, { ...inputs, ...action.data }, { replyToId: form.activityId! });
  };

  test('of Submit, however often Teams sends it, is one request', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'suspend double click');
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => harness.send(submission(kim, form, { why: 'Twice is once' }))),
    );
    const ids = answers.map(({ body }) => /R-\d+/.exec(textsOf(body.value).join('\n'))?.[0]);
    expect(new Set(ids).size).toBe(1);
    const open = textsOf((await harness.type(kim, 'status')).card).filter((line) => /^R-\d+ /.test(line));
    expect(open).toHaveLength(1);
  });

  test('after a lost answer finds it done', async () => {
    const id = portalReseller('Lost Again');
    await fault(harness.simulator, { after: 'commit', times: 1, path: '/reseller/suspendReseller' });
    const own = await approved(await requester(), 'suspend lost again', 'Ask to suspend', { why: 'x' });
    await harness.see(own.where, 'Suspension of the reseller Lost Again', '⏸ Suspended');
    expect(reseller(id)?.suspended).toBe(true);
  });
});
