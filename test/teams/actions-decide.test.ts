import type { Role } from '../../src/people/person.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import { channel, execute, megan, personal, submit, type TestPerson } from '../support/people.ts';

let harness: Harness;
/** How far the bot's clock is ahead of the real one. Milliseconds. */
let ahead = 0;
beforeAll(async () => {
  const clock = () => new Date(Date.now() + ahead);
  harness = await startHarness({ bare: true, replacements: { clock } });
});
// Background work is planned by the bot's clock and begun by the database's, so they part for one test only.
afterEach(() => {
  ahead = 0;
});
afterAll(() => harness.close());

const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const requester = () => harness.join('Alex', 'requester');
const approver = (name = 'Kim') => harness.join(name, 'approver');

/** The request's card in the approver's own talk with the bot. */
const cardFor = (person: TestPerson, { id }: { id: string }) => harness.type(person, `status R-${id}`);

/** The same once the bot has noted which post the card is in, so that it knows whom it is for: the next post comes after. */
async function notedCardFor(person: TestPerson, order: { id: string }) {
  const card = await cardFor(person, order);
  await harness.type(person, 'help');
  return card;
}

/** A request that waits for its activation. */
async function waiting(alex: TestPerson) {
  const kim = await approver();
  const order = await harness.order(alex);
  await harness.click(kim, await cardFor(kim, order), 'Approve');
  const card = await harness.see(personal(alex), `Waiting for ${order.email} to activate`);
  return { ...order, card };
}

/** A request that TeamMate refused. */
async function failed(alex: TestPerson) {
  const kim = await approver();
  const order = await harness.order(alex);
  harness.simulator.faults.add({ status: 400, path: '/reseller/newReseller', times: 1 });
  await harness.click(kim, await cardFor(kim, order), 'Approve');
  const card = await harness.see(personal(alex), `Reseller ${order.name}`, 'TeamMate refused', 'Retry');
  await harness.see(personal(alex), `${order.name}: failed`);
  return { ...order, card };
}

describe('Approve', () => {
  test('is taken at once, and the request goes its way', async () => {
    const [alex, kim] = [await requester(), await approver()];
    const order = await harness.order(alex);
    const approved = await harness.click(kim, await cardFor(kim, order), 'Approve');
    expect(approved.says).toContain('Approved by\nKim');
    expect(titles(approved)).toEqual([]);
    await harness.see(personal(alex), `Waiting for ${order.email} to activate`, 'Approved by');
    await harness.see(personal(kim), `Waiting for ${order.email} to activate`);
  });

  test('clicked twice by the same person is no news to them', async () => {
    const kim = await approver();
    const card = await cardFor(kim, await harness.order(await requester()));
    const answers = await Promise.all([harness.click(kim, card, 'Approve'), harness.click(kim, card, 'Approve')]);
    for (const { says } of answers) {
      expect(says).toContain('Approved by');
      expect(says).not.toContain('Too late');
    }
  });

  test.each([
    ['Approve', 'approved'],
    ['Reject', 'rejected'],
  ])('by two approvers at once is one decision, and the other (%s) sees who was faster', async (button, what) => {
    const [kim, pat] = [await approver('Kim'), await approver('Pat *Fast*')];
    const order = await harness.order(await requester());
    const [one, other] = [await cardFor(kim, order), await cardFor(pat, order)];
    const answers = await Promise.all([
      harness.click(kim, one, 'Approve'),
      harness.click(pat, other, button, { reason: 'Not now' }),
    ]);
    const late = answers.filter(({ says }) => says.includes('Too late'));
    expect(late).toHaveLength(1);
    const [done] = answers.filter((answer) => answer !== late[0]);
    const winner = done === answers[0] ? 'Kim was faster (approved, ' : `Pat \\*Fast\\* was faster (${what}, `;
    expect(late[0]?.says).toContain(`Too late: ${winner}{{DATE(`);
    // Both see the same decision, and nothing is left to click.
    expect(late.flatMap(titles)).toEqual([]);
  });

  test('in a channel changes the card that everybody reads', async () => {
    const kim = await approver();
    const place = channel('Deciding');
    harness.teams.install(place, [megan, kim]);
    await harness.type(megan, 'route approvals here', place);
    const { name } = await harness.order(await requester());
    const card = await harness.see(place, `Reseller ${name}`, 'Approve');
    await harness.click(kim, card, 'Approve');
    const after = await harness.see(place, `Reseller ${name}`, 'Approved by');
    expect(after.activityId).toBe(card.activityId);
  });
});

describe('one’s own request', () => {
  test.each(['Approve', 'Reject'])('cannot be decided on: %s is refused, and the card stays', async (button) => {
    const alex = await harness.join('Alex', 'requester', 'approver', 'administrator');
    const order = await harness.order(alex);
    const kim = await approver();
    const card = await notedCardFor(kim, order);
    const refused = await harness.click(alex, card, button, { reason: 'Mine' });
    expect(refused.says).toContain('This is your own request: somebody else has to decide on it.');
    expect(refused.says).toContain('Waiting for an approver');
    expect(titles(refused)).toEqual(['Approve', 'Reject']);
    expect(inputsOf(refused.card).reason).toBe('Mine');
    expect((await harness.click(kim, card, 'Approve')).says).toContain('Approved by\nKim');
  });
});

describe('without the role approver', () => {
  test.each<[Role[]]>([[[]], [['requester']], [['administrator']]])(
    'somebody with %j cannot decide, and is told',
    async (roles) => {
      const bo = await harness.join('Bo', ...roles);
      const card = await notedCardFor(await approver(), await harness.order(await requester()));
      for (const button of ['Approve', 'Reject']) {
        const refused = await harness.click(bo, card, button, { reason: 'x' });
        expect(refused.says).toContain('This needs the role approver, which you do not have.');
        expect(titles(refused)).toEqual(['Approve', 'Reject']);
      }
    },
  );

  test('one that was taken away counts no longer', async () => {
    const [kim, admin] = [await approver(), await harness.join('Ada', 'administrator')];
    const card = await cardFor(kim, await harness.order(await requester()));
    await harness.type(admin, `revoke approver ${kim.aadObjectId}`);
    expect((await harness.click(kim, card, 'Approve')).says).toContain('This needs the role approver');
  });
});

describe('Reject', () => {
  test.each(['', ' \n\t '])('without a reason (%j) is refused beside it, and nothing is decided', async (reason) => {
    const kim = await approver();
    const card = await cardFor(kim, await harness.order(await requester()));
    const refused = await harness.click(kim, card, 'Reject', { reason });
    expect(refused.says).toContain('⚠ A rejection needs a reason');
    expect(titles(refused)).toEqual(['Approve', 'Reject']);
    expect((await harness.click(kim, card, 'Approve')).says).toContain('Approved by');
  });

  test('without a reason is refused when the client sends something else in its place', async () => {
    const kim = await approver();
    const card = await cardFor(kim, await harness.order(await requester()));
    for (const reason of [null, 5, ['x'], { text: 'x' }])
      expect((await harness.click(kim, card, 'Reject', { reason })).says).toContain('⚠ A rejection needs a reason');
  });

  test('with too long a reason is refused, and the reason is kept', async () => {
    const kim = await approver();
    const card = await cardFor(kim, await harness.order(await requester()));
    const refused = await harness.click(kim, card, 'Reject', { reason: 'x'.repeat(501) });
    expect(refused.says).toContain('⚠ The reason is too long (501 characters). Use at most 500.');
    expect(inputsOf(refused.card).reason).toBe('x'.repeat(500));
  });

  test('with a reason is told to whoever asked, as it was written', async () => {
    const [alex, kim] = [await requester(), await approver()];
    const order = await harness.order(alex);
    const reason = 'No *budget*\n    until ${date} <b>2026</b>';
    const rejected = await harness.click(kim, await cardFor(kim, order), 'Reject', { reason });
    const shown = 'No \\*budget\\*\n\n\u00a0\u00a0\u00a0\u00a0until $\\{date\\} \\<b\\>2026\\</b\\>';
    expect(rejected.says).toContain('Rejected by\nKim');
    expect(rejected.says).toContain(shown);
    const own = await harness.see(personal(alex), `Reseller ${order.name}`, shown);
    expect(titles(own)).toEqual(['Ask again']);
    await harness.see(personal(alex), `${order.name}: rejected`, `Reason: ${shown}`);
  });

  test('of the longest reason there is fits the card', async () => {
    const kim = await approver();
    const card = await cardFor(kim, await harness.order(await requester()));
    const rejected = await harness.click(kim, card, 'Reject', { reason: '👩'.repeat(250) });
    expect(rejected.says).toContain('👩'.repeat(250));
  });
});

describe('Withdraw', () => {
  test('clicked twice is no news', async () => {
    const alex = await requester();
    const order = await harness.order(alex);
    for (const { says } of [
      await harness.click(alex, order, 'Withdraw'),
      await harness.click(alex, order, 'Withdraw'),
    ]) {
      expect(says).toContain('Withdrawn');
      expect(says).not.toContain('Too late');
    }
  });

  test('is too late once somebody approved', async () => {
    const [alex, kim] = [await requester(), await approver()];
    const order = await harness.order(alex);
    await harness.click(kim, await cardFor(kim, order), 'Approve');
    const refused = await harness.click(alex, order, 'Withdraw');
    expect(refused.says).toContain('Too late: Kim was faster (approved, ');
    expect(refused.says).toContain('Approved by\nKim');
  });

  test('of a failed request takes it back, and what was in its way is forgotten', async () => {
    const alex = await requester();
    const { card } = await failed(alex);
    const withdrawn = await harness.click(alex, card, 'Withdraw');
    expect(withdrawn.says).toContain('Withdrawn');
    expect(withdrawn.says).not.toContain('TeamMate refused');
  });
});

describe('Retry', () => {
  test.each(['who asked', 'an approver'])('by %s tries again, and this time it works', async (who) => {
    const alex = await requester();
    const order = await failed(alex);
    const kim = await approver();
    const [person, card] = who === 'who asked' ? [alex, order.card] : [kim, await cardFor(kim, order)];
    const retried = await harness.click(person, card, 'Retry');
    expect(retried.says).not.toContain('TeamMate refused');
    await harness.see(personal(alex), `Waiting for ${order.email} to activate`);
  });

  test('by anybody else is refused', async () => {
    const order = await failed(await requester());
    const bo = await harness.join('Bo', 'requester', 'administrator');
    const refused = await harness.click(bo, { ...order.card, where: personal(bo) }, 'Retry');
    expect(refused.says).toContain('Only Alex, who made this request, can do that.');
    expect(refused.says).toContain('TeamMate refused');
  });

  test('clicked twice tries once more and not twice', async () => {
    const alex = await requester();
    const order = await failed(alex);
    await Promise.all([harness.click(alex, order.card, 'Retry'), harness.click(alex, order.card, 'Retry')]);
    await harness.see(personal(alex), `Waiting for ${order.email} to activate`);
    const mine = harness.simulator.state.resellers.filter(({ preferredEmail }) => preferredEmail === order.email);
    expect(mine).toHaveLength(1);
  });
});

describe('Resend activation e-mail', () => {
  const button = 'Resend activation e-mail';

  test('sends it once more, and not again within a minute', async () => {
    const alex = await requester();
    const { email, card } = await waiting(alex);
    const sent = await harness.click(alex, card, button);
    expect(sent.says).toContain('The e-mail was sent again {{DATE(');
    await harness.smtp.mailTo(email, 2);
    const refused = await harness.click(alex, card, button);
    expect(refused.says).toMatch(/sent again only a moment ago\. Try again after \{\{DATE\(/);
    expect(titles(refused)).toEqual([button]);
    ahead += 61_000;
    await harness.click(alex, card, button);
    await harness.smtp.mailTo(email, 3);
  });

  test('clicked twice at once sends one', async () => {
    const alex = await requester();
    const { card } = await waiting(alex);
    const answers = await Promise.all([harness.click(alex, card, button), harness.click(alex, card, button)]);
    expect(answers.filter(({ says }) => says.includes('only a moment ago'))).toHaveLength(1);
  });

  test('is for who asked and for approvers', async () => {
    const order = await waiting(await requester());
    const [bo, kim] = [await harness.join('Bo', 'requester'), await approver()];
    const refused = await harness.click(bo, { ...order.card, where: personal(bo) }, button);
    expect(refused.says).toContain('who made this request, can do that.');
    expect((await harness.click(kim, await cardFor(kim, order), button)).says).toContain('The e-mail was sent again');
  });

  test('of what is not waiting says how it stands', async () => {
    const alex = await requester();
    const { id, email, card } = await waiting(alex);
    await harness.activate(email);
    await harness.see(personal(alex), 'is active', `R-${id}`);
    const refused = await harness.click(alex, card, button);
    expect(refused.says).toContain('That is no longer possible: the request is active now.');
    expect(titles(refused)).toEqual([]);
  });
});

describe('a version that was never seen', () => {
  test.each([2, 99, 2 ** 31 - 1])('%d decides nothing', async (version) => {
    const kim = await approver();
    const order = await harness.order(await requester());
    const card = await cardFor(kim, order);
    for (const verb of ['approve', 'reject']) {
      const data = { verb, id: order.id, version, reason: 'x' };
      const answer = await harness.send(execute(kim, verb, data, { replyToId: card.activityId! }));
      expect(JSON.stringify(answer.body)).toContain('That is no longer possible');
    }
    expect((await harness.click(kim, card, 'Approve')).says).toContain('Approved by');
  });
});

describe('a client too old for Action.Execute', () => {
  test('decides as well, and its card is updated in place', async () => {
    const kim = await approver();
    const order = await harness.order(await requester());
    const card = await cardFor(kim, order);
    const data = { verb: 'approve', id: order.id, version: 1 };
    expect(await harness.send(submit(kim, data, { replyToId: card.activityId! }))).toEqual({ status: 202, body: {} });
    const after = await harness.see(personal(kim), `Reseller ${order.name}`, 'Approved by');
    expect(after.activityId).toBe(card.activityId);
  });

  test('sends the version as text, which is the same', async () => {
    const kim = await approver();
    const order = await harness.order(await requester());
    const data = { verb: 'approve', id: order.id, version: '1' };
    await harness.send(submit(kim, data, { replyToId: (await cardFor(kim, order)).activityId! }));
    await harness.see(personal(kim), `Reseller ${order.name}`, 'Approved by');
  });

  test('sees on the card why not', async () => {
    const alex = await harness.join('Alex', 'requester', 'approver');
    const order = await harness.order(alex);
    const data = { verb: 'approve', id: order.id, version: 1 };
    await harness.send(submit(alex, data, { replyToId: order.activityId! }));
    const after = await harness.see(personal(alex), `Reseller ${order.name}`, 'This is your own request');
    expect(after.activityId).toBe(order.activityId);
  });
});
