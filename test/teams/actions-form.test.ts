import { actionsOf, inputsOf } from '../support/cards.ts';
import { cardOf, textsOf } from '../support/fake-teams.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import { type Body, execute, personal, submit, type TestPerson } from '../support/people.ts';

let harness: Harness;
/** How far the bot's clock is ahead of the real one. Milliseconds. */
let ahead = 0;
beforeAll(async () => {
  const clock = () => new Date(Date.now() + ahead);
  harness = await startHarness({ bare: true, replacements: { clock } });
  // What TeamMate already has is fetched in the background.
  const kim = await harness.join('Kim', 'requester');
  while (!(await harness.type(kim, 'list resellers')).says.includes('Fabrikam'));
});
afterAll(() => harness.close());

const hour = 3_600_000;
const good = { email: 'ops@contoso.example', services: 'PBX', billingReference: '' };
const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const mistakes = (posted: Posted) => textsOf(posted.card).filter((line) => line.startsWith('⚠'));
const nonceOf = (form: Posted) => actionsOf(form.card).find(({ title }) => title === 'Submit')?.data.nonce as string;
/** The open requests a person is told of. */
const openOf = async (person: TestPerson) =>
  textsOf((await harness.type(person, 'status')).card).filter((line) => /^R-\d+ /.test(line));

/** The click on a form's Submit, as Teams would send it, to be sent more than once. */
function submission(person: TestPerson, form: Posted, inputs: Record<string, string>): Body {
  const action = actionsOf(form.card).find(({ title }) => title === 'Submit');
  if (!action || !form.activityId) throw new Error('no form');
  return execute(person, action.verb, { ...inputs, ...action.data }, { replyToId: form.activityId });
}
const cardIn = (answer: { body: Record<string, unknown> }) => textsOf(answer.body.value).join('\n');

describe('a form with mistakes', () => {
  test('comes back with all of them at once, each beside its field, and with what was typed', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const typed = { name: '  ', email: '*not* an ${address}', services: '', billingReference: 'B'.repeat(201) };
    const again = await harness.click(alex, form, 'Submit', typed);
    expect(mistakes(again)).toEqual([
      '⚠ Enter the Reseller Name.',
      '⚠ Enter a valid e-mail address, such as ops@contoso.example.',
      '⚠ Choose at least one service.',
      '⚠ The Billing Reference is too long: use at most 200 characters.',
    ]);
    expect(again.says).toContain('4 fields need mending');
    expect(inputsOf(again.card)).toEqual(typed);
    expect(await openOf(alex)).toEqual([]);
  });

  test('can be mended and submitted', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const again = await harness.click(alex, form, 'Submit', { ...good, name: 'Mended', email: 'mended' });
    expect(mistakes(again)).toHaveLength(1);
    const pending = await harness.click(alex, again, 'Submit', { email: 'mended@contoso.example' });
    expect(pending.says).toContain('Waiting for an approver');
    expect(pending.says).toContain('Mended');
  });

  test.each<[what: string, inputs: Record<string, unknown>, mistakes: number]>([
    ['nothing at all', {}, 3],
    ['numbers', { name: 1, email: 2, services: 3 }, 2],
    ['lists and objects', { name: ['x'], email: { x: 1 }, services: ['PBX'], billingReference: null }, 3],
    ['fields it does not have', { ...good, name: '', state: 'active', __proto__: { name: 'x' }, constructor: 'x' }, 1],
    ['text without end', { ...good, name: 'x'.repeat(40_000), email: 'y'.repeat(40_000) }, 2],
  ])('comes back from a client that sends %s', async (_, inputs, expected) => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const data = { verb: 'submit', kind: 'reseller', nonce: nonceOf(form), ...inputs };
    const answer = await harness.send(execute(alex, 'submit', data, { replyToId: form.activityId! }));
    expect(answer).toMatchObject({ status: 200, body: { type: 'application/vnd.microsoft.card.adaptive' } });
    expect(cardIn(answer).match(/⚠/g)).toHaveLength(expected);
    expect(Buffer.byteLength(JSON.stringify(answer.body))).toBeLessThan(25 * 1024);
  });
});

describe('a name and an address that are taken', () => {
  const taken = { name: '⚠ This name is taken', email: '⚠ This e-mail address is already used' };
  const attempt = async (typed: Record<string, string>) => {
    const bo = await harness.join('Bo', 'requester');
    const form = await harness.type(bo, 'add reseller');
    return harness.click(bo, form, 'Submit', { ...good, ...typed });
  };

  test.each(['Fabrikam', 'FABRIKAM', ' fabrikam ', 'Ｆａｂｒｉｋａｍ', 'tailspin   TOYS'])(
    'by TeamMate: the name %j is refused, whatever its case and width',
    async (name) => {
      const form = await attempt({ name, email: 'free@contoso.example' });
      expect(mistakes(form)).toEqual([expect.stringContaining(taken.name)]);
      expect(inputsOf(form.card)).toMatchObject({ name });
    },
  );

  test('by TeamMate: the address is refused, whatever its case', async () => {
    const form = await attempt({ name: 'Free', email: 'Taken@Fabrikam.Example' });
    expect(mistakes(form)).toEqual([expect.stringContaining(taken.email)]);
  });

  test('by another request: both are refused, along with what else is wrong', async () => {
    const { name, email } = await harness.order(await harness.join('Alex', 'requester'));
    const form = await attempt({ name: name.toUpperCase(), email: email.toUpperCase(), services: '' });
    expect(mistakes(form)).toEqual([
      expect.stringContaining(taken.name),
      expect.stringContaining(taken.email),
      '⚠ Choose at least one service.',
    ]);
  });

  test('by a request that was taken back are free again', async () => {
    const alex = await harness.join('Alex', 'requester');
    const { id, name, email } = await harness.order(alex);
    await harness.type(alex, `withdraw ${id}`);
    expect((await attempt({ name, email })).says).toContain('Waiting for an approver');
  });

  test('by nobody yet, and wanted by five at once, go to one of them', async () => {
    const people = await Promise.all(['A', 'B', 'C', 'D', 'E'].map((name) => harness.join(name, 'requester')));
    const forms = await Promise.all(people.map((person) => harness.type(person, 'add reseller')));
    const typed = { ...good, name: 'Wanted', email: 'wanted@contoso.example' };
    const answers = await Promise.all(people.map((person, at) => harness.click(person, forms[at]!, 'Submit', typed)));
    const got = answers.filter(({ says }) => says.includes('Waiting for an approver'));
    expect(got).toHaveLength(1);
    for (const other of answers.filter((one) => one !== got[0])) expect(mistakes(other)).toHaveLength(2);
  });
});

describe('a form submitted more than once makes one request', () => {
  const start = async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const typed = { ...good, name: `Once ${alex.aadObjectId.slice(0, 8)}`, email: `${alex.aadObjectId}@once.example` };
    return { alex, form, typed };
  };
  const expectOne = async (alex: TestPerson, answers: { status: number; body: Record<string, unknown> }[]) => {
    const requests = await openOf(alex);
    expect(requests).toHaveLength(1);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(cardIn(answer)).toContain(requests[0]?.split(' ')[0]);
      expect(cardIn(answer)).toContain('Waiting for an approver');
    }
  };

  test('when Teams sends it again with the same activity id', async () => {
    const { alex, form, typed } = await start();
    const body = submission(alex, form, typed);
    await expectOne(alex, [await harness.send(body), await harness.send(body)]);
  });

  test('when Teams sends it again with a new activity id', async () => {
    const { alex, form, typed } = await start();
    const first = submission(alex, form, typed);
    await expectOne(alex, [await harness.send(first), await harness.send({ ...first, id: `${first.id}0` })]);
  });

  test('when it is clicked five times at the same moment', async () => {
    const { alex, form, typed } = await start();
    const bodies = Array.from({ length: 5 }, () => submission(alex, form, typed));
    await expectOne(alex, await Promise.all(bodies.map(harness.send)));
  });

  test('even with other content the second time: the first one counts', async () => {
    const { alex, form, typed } = await start();
    const first = await harness.send(submission(alex, form, typed));
    const second = await harness.send(submission(alex, form, { ...typed, name: 'Something else' }));
    expect(cardIn(second)).toContain(typed.name);
    await expectOne(alex, [first, second]);
  });

  test('from a client too old for Action.Execute, whose card is updated in place', async () => {
    const { alex, form, typed } = await start();
    const data = { ...typed, verb: 'submit', kind: 'reseller', nonce: nonceOf(form) };
    for (let times = 0; times < 2; times++)
      expect((await harness.send(submit(alex, data, { replyToId: form.activityId! }))).status).toBe(202);
    const card = await harness.see(personal(alex), typed.name, 'Waiting for an approver', 'Withdraw');
    expect(card.activityId).toBe(form.activityId);
    await expectOne(alex, []);
  });
});

describe('an old client’s form with a mistake', () => {
  test('comes back in place', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const data = { verb: 'submit', kind: 'reseller', nonce: nonceOf(form), name: 'Nearly', services: 'PBX' };
    await harness.send(submit(alex, data, { replyToId: form.activityId! }));
    const again = await harness.see(personal(alex), '⚠ Enter the Preferred Email', 'Submit');
    expect(again.activityId).toBe(form.activityId);
    expect(inputsOf(again.card)).toMatchObject({ name: 'Nearly' });
  });
});

describe('a form’s nonce', () => {
  test('that has expired gives a new form with what was typed, which works', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const typed = { ...good, name: 'Late *Ltd*', email: 'late@contoso.example', billingReference: 'B-1' };
    ahead += 24 * hour;
    const fresh = await harness.click(alex, form, 'Submit', typed);
    expect(fresh.says).toContain('This form is too old to be used. Here is a new one with what you typed.');
    expect(inputsOf(fresh.card)).toEqual(typed);
    expect(nonceOf(fresh)).not.toBe(nonceOf(form));
    expect((await harness.click(alex, fresh, 'Submit')).says).toContain('Waiting for an approver');
  });

  test('that is about to expire still works', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    ahead += 24 * hour - 60_000;
    const typed = { ...good, name: 'Just in time', email: 'in-time@contoso.example' };
    expect((await harness.click(alex, form, 'Submit', typed)).says).toContain('Waiting for an approver');
  });

  test('that nobody handed out gives a new form, and no request', async () => {
    const alex = await harness.join('Alex', 'requester');
    const data = { verb: 'submit', kind: 'reseller', nonce: 'A'.repeat(22), ...good, name: 'Forged' };
    const answer = await harness.send(execute(alex, 'submit', data, { replyToId: '1' }));
    expect(cardIn(answer)).toContain('This form is too old to be used.');
    expect(JSON.stringify(answer.body)).not.toContain('A'.repeat(22));
    expect(await openOf(alex)).toEqual([]);
  });

  test('handed out to somebody else is refused, and stays theirs', async () => {
    const alex = await harness.join('Alex', 'requester');
    const mallory = await harness.join('Mallory', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const typed = { ...good, name: 'Alex’s own', email: 'own@contoso.example' };
    for (const verb of ['submit', 'cancel']) {
      const data = { verb, kind: 'reseller', nonce: nonceOf(form), ...typed, name: 'Stolen' };
      const answer = await harness.send(execute(mallory, verb, data, { replyToId: '1' }));
      expect(answer).toMatchObject({ status: 200, body: { type: 'application/vnd.microsoft.activity.message' } });
    }
    await harness.see(personal(mallory), 'This form was not made for you. Type: add reseller, to get one of your own.');
    expect(await openOf(mallory)).toEqual([]);
    expect((await harness.click(alex, form, 'Submit', typed)).says).toContain('Alex’s own');
  });

  test('is told to nobody else once it was used', async () => {
    const alex = await harness.join('Alex', 'requester');
    const mallory = await harness.join('Mallory', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const typed = { ...good, name: 'Private', email: 'private@contoso.example' };
    await harness.click(alex, form, 'Submit', typed);
    const data = { verb: 'submit', kind: 'reseller', nonce: nonceOf(form) };
    const answer = await harness.send(execute(mallory, 'submit', data, { replyToId: '1' }));
    expect(JSON.stringify(answer.body)).not.toContain('Private');
  });
});

describe('a form whose owner lost the role meanwhile', () => {
  test('is refused and stays as it is', async () => {
    const alex = await harness.join('Alex', 'requester');
    const admin = await harness.join('Ada', 'administrator');
    const form = await harness.type(alex, 'add reseller');
    await harness.type(admin, `revoke requester ${alex.aadObjectId}`);
    const answer = await harness.press(alex, form, 'Submit', { ...good, name: 'Too late' });
    expect(answer.body).toMatchObject({ type: 'application/vnd.microsoft.activity.message' });
    await harness.see(personal(alex), 'This needs the role requester');
    expect(titles(harness.now(form))).toEqual(['Submit', 'Cancel']);
  });
});

describe('Cancel', () => {
  test('takes the form away and orders nothing', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const cancelled = await harness.click(alex, form, 'Cancel');
    expect(cancelled.says).toContain('Nothing was ordered.');
    expect(titles(cancelled)).toEqual(['Start again', 'Help']);
    expect(await openOf(alex)).toEqual([]);
  });

  test('on another screen after the Submit shows the request instead of denying it', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const typed = { ...good, name: 'Two screens', email: 'screens@contoso.example' };
    await harness.click(alex, form, 'Submit', typed);
    const late = await harness.click(alex, form, 'Cancel');
    expect(late.says).toContain('Reseller Two screens');
    expect(titles(late)).toEqual(['Change', 'Withdraw']);
  });

  test('on another screen before the Submit gives a new form with what was typed', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    await harness.click(alex, form, 'Cancel');
    const again = await harness.click(alex, form, 'Submit', { ...good, name: 'Changed my mind' });
    expect(again.says).toContain('This form is too old to be used.');
    expect(inputsOf(again.card)).toMatchObject({ name: 'Changed my mind' });
  });
});

describe('Change', () => {
  /** Clicks a button that is answered below, and resolves to the form that comes. */
  async function formAfter(person: TestPerson, on: Posted, button: string): Promise<Posted> {
    const after = harness.teams.delivered().length;
    await harness.press(person, on, button);
    const call = await harness.teams.waitFor(
      ({ conversationId, kind, activity }) =>
        conversationId === personal(person).id && kind === 'post' && textsOf(cardOf(activity)).includes('Submit'),
      { after },
    );
    return harness.now({ ...on, activityId: call.activityId });
  }

  test('on a pending request opens its form, and the new request takes the place of the old one', async () => {
    const alex = await harness.join('Alex', 'requester');
    const kim = await harness.join('Kim', 'approver');
    const old = await harness.order(alex, { billingReference: 'B-77' });
    const asked = await harness.type(kim, `status ${old.id}`);
    const form = await formAfter(alex, old, 'Change');
    expect(inputsOf(form.card)).toEqual({
      name: old.name,
      email: old.email,
      services: 'PBX',
      billingReference: 'B-77',
    });
    // Its own name and address are not taken.
    const changed = await harness.click(alex, form, 'Submit', { services: 'PBX,TRUNK' });
    expect(changed.says).toContain('PBX Connector, SIP Trunk');
    const requests = await openOf(alex);
    expect(requests).toHaveLength(1);
    expect(requests[0]).not.toContain(`R-${old.id} `);
    // The approver's old card is void.
    const refused = await harness.click(kim, asked, 'Approve');
    expect(refused.says).toContain('Too late: Alex was faster (withdrawn');
    expect(titles(refused)).toEqual([]);
    expect((await harness.type(kim, `status ${old.id}`)).says).toContain('Withdrawn');
  });

  test('keeps a name that others have taken apart from its own', async () => {
    const alex = await harness.join('Alex', 'requester');
    const [one, other] = [await harness.order(alex), await harness.order(alex)];
    const form = await formAfter(alex, one, 'Change');
    expect(mistakes(await harness.click(alex, form, 'Submit', { name: other.name }))).toHaveLength(1);
    // Nothing happened to the request meanwhile.
    expect(await openOf(alex)).toHaveLength(2);
  });

  test('is too late once the request was approved, and the form stays', async () => {
    const alex = await harness.join('Alex', 'requester');
    const kim = await harness.join('Kim', 'approver');
    const old = await harness.order(alex);
    const form = await formAfter(alex, old, 'Change');
    await harness.click(kim, await harness.type(kim, `status ${old.id}`), 'Approve');
    // By now TeamMate has a reseller of this very name: that is not what is wrong.
    while (!(await harness.type(alex, 'list resellers')).says.includes(old.name));
    const answer = await harness.press(alex, form, 'Submit');
    expect(answer.body).toMatchObject({ type: 'application/vnd.microsoft.activity.message' });
    await harness.see(personal(alex), 'That is no longer possible: the request is');
    expect(titles(harness.now(form))).toEqual(['Submit', 'Cancel']);
    expect(await openOf(alex)).toHaveLength(1);
  });

  test('on the card of a request that was approved meanwhile says so on the card', async () => {
    const alex = await harness.join('Alex', 'requester');
    const kim = await harness.join('Kim', 'approver');
    const old = await harness.order(alex);
    await harness.click(kim, await harness.type(kim, `status ${old.id}`), 'Approve');
    const refused = await harness.click(alex, old, 'Change');
    expect(refused.says).toContain('That is no longer possible: the request is');
    expect(refused.says).toContain('Approved by');
  });

  test('is for who made the request', async () => {
    const old = await harness.order(await harness.join('Alex Owner', 'requester'));
    const bo = await harness.join('Bo', 'requester');
    const refused = await harness.click(bo, { ...old, where: personal(bo) }, 'Change');
    expect(refused.says).toContain('Only Alex Owner, who made this request, can do that.');
  });

  test('on a failed request asks anew, and the failure is no longer on the old card', async () => {
    const alex = await harness.join('Alex', 'requester');
    const kim = await harness.join('Kim', 'approver');
    harness.simulator.faults.add({ status: 400, path: '/reseller/newReseller', times: 1 });
    const old = await harness.order(alex);
    await harness.click(kim, await harness.type(kim, `status ${old.id}`), 'Approve');
    const failed = await harness.see(personal(alex), old.name, 'TeamMate refused', 'Withdraw');
    await harness.see(personal(alex), `${old.name}: failed`);
    const form = await formAfter(alex, failed, 'Change');
    await harness.click(alex, form, 'Submit', { billingReference: 'second try' });
    expect(await openOf(alex)).toHaveLength(1);
    const over = await harness.type(alex, `status ${old.id}`);
    expect(over.says).toContain('Withdrawn');
    expect(over.says).not.toContain('TeamMate refused');
  });

  test('of what is over is called Ask again, and leaves the old request as it is', async () => {
    const alex = await harness.join('Alex', 'requester');
    const old = await harness.order(alex);
    const withdrawn = await harness.click(alex, old, 'Withdraw');
    const form = await formAfter(alex, withdrawn, 'Ask again');
    expect(inputsOf(form.card)).toMatchObject({ name: old.name });
    expect((await harness.click(alex, form, 'Submit')).says).toContain('Waiting for an approver');
    expect((await harness.type(alex, `status ${old.id}`)).says).toContain('Withdrawn');
  });
});
