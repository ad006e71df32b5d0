import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actions } from '../../src/teams/actions.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { approvals, type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  alex,
  channel,
  execute,
  installed,
  megan,
  message,
  personal,
  submit,
  type TestPerson,
  tenantId,
} from '../support/people.ts';

let harness: Harness;
/** How far the bot's clock is ahead of the real one. Milliseconds. */
let ahead = 0;
beforeAll(async () => {
  const clock = () => new Date(Date.now() + ahead);
  harness = await startHarness({ env: { PROVIDER_TENANT: tenantId }, replacements: { clock } });
});
afterEach(() => {
  ahead = 0;
});
afterAll(() => harness.close());

const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);

let tenants = 0;
let people = 0;
/** Somebody of a tenant nobody has heard of, or of one that is given. */
function newcomer(
  name = 'Robin',
  tenant = `aaaaaaaa-0000-4000-8000-${String(++tenants).padStart(12, '0')}`,
): TestPerson {
  const number = String(++people).padStart(8, '0');
  const aadObjectId = `${number}-eeee-4eee-8eee-eeeeeeeeeeee`;
  const person = { id: `29:1new${number}`, name, aadObjectId, tenantId: tenant, email: `${number}@new.example` };
  harness.teams.install(personal(person), [person]);
  return person;
}

let accounts = 7000;
const newAccount = () => String(++accounts);

const typed = (company: string) => ({
  company,
  firstName: 'Robin',
  lastName: 'Kline',
  email: `robin@${company.toLowerCase().replace(/\W+/g, '-')}.example`,
});

let companies = 0;
/** Asks for access. Resolves to the request's card in the place of the form. */
async function ask(robin: TestPerson, company = `Company No ${++companies}`) {
  const form = await harness.type(robin, 'request access');
  const asked = await harness.click(robin, form, 'Submit', typed(company));
  const id = /R-(\d+)/.exec(asked.says)?.[1];
  if (!id) throw new Error(`no request was made: ${asked.says}`);
  return { ...asked, id, company };
}

/** Clicks what opens a form, and resolves to the form. */
async function formFrom(robin: TestPerson, card: Posted, title: string): Promise<Posted> {
  const after = harness.teams.delivered().length;
  await harness.press(robin, card, title);
  const where = personal(robin);
  const isForm = (says: string) => says.includes('Request Access') && says.includes('Company Name');
  const { activityId = '' } = await harness.teams.waitFor(
    ({ conversationId, activity }) => conversationId === where.id && isForm(textsOf(activity).join('\n')),
    { after, what: `the form after ${title}` },
  );
  return harness.now({ ...card, where, activityId });
}

/** The approval card in the provider's channel. */
const approval = ({ company }: { company: string }) => harness.see(approvals, `Master reseller ${company}`, 'Approve');

/** Asks for access and is given it. */
async function admitted(robin: TestPerson, account = newAccount()) {
  const asked = await ask(robin);
  await harness.click(megan, await approval(asked), 'Approve', { account });
  const welcome = await harness.see(personal(robin), 'Welcome to TeamMate');
  return { ...asked, account, welcome };
}

const readIn = ({ id }: { id: string }) =>
  harness.teams
    .delivered()
    .filter(({ conversationId }) => conversationId === id)
    .map(({ activity }) => textsOf(activity).join('\n'));

describe('somebody of an organisation that is not served', () => {
  test.each(['hello', 'help', 'add reseller Contoso', 'status R-1001', 'roles', 'accessories', ''])(
    'who types %j reads what this is, with a button to request access',
    async (said) => {
      const answer = await harness.type(newcomer(), said);
      expect(answer.says).toContain('TeamMate connects phone systems and SIP trunks to Teams.');
      expect(answer.says).toContain('Your organisation is not set up yet.');
      expect(titles(answer)).toEqual(['Request access']);
    },
  );

  test('is greeted with the same when they install the bot, and the button opens the form', async () => {
    const robin = newcomer();
    await harness.send(installed(robin));
    const greeting = await harness.see(personal(robin), 'Your organisation is not set up yet.');
    await harness.press(robin, greeting, 'Request access');
    const form = await harness.see(personal(robin), 'Company Name', 'First Name', 'Last Name', 'E-mail');
    expect(form.says).toContain('Your TeamMate provider reads this and decides.');
    expect(titles(form)).toEqual(['Submit', 'Cancel']);
  });

  test.each(['request access', 'Access', ' JOIN! '])('gets the form for %j', async (said) => {
    expect(inputsOf((await harness.type(newcomer(), said)).card)).toEqual({
      company: '',
      firstName: '',
      lastName: '',
      email: '',
    });
  });

  test('gets it filled in with what they add', async () => {
    const form = await harness.type(newcomer(), 'request access Northwind; Robin; Kline; robin@northwind.example');
    expect(inputsOf(form.card)).toEqual(typed('Northwind'));
  });

  test('reads every mistake beside its field, and nothing is sent', async () => {
    const robin = newcomer();
    const form = await harness.type(robin, 'request access');
    const wrong = await harness.click(robin, form, 'Submit', { company: ' ', firstName: 'R', email: 'robin' });
    expect(wrong.says).toContain('Nothing was sent yet: 3 fields need mending.');
    const lines = textsOf(wrong.card);
    for (const says of ['Enter the Company Name.', 'Enter the Last Name.', 'Enter a valid e-mail address'])
      expect(lines.join('\n')).toContain(`⚠ ${says}`);
    expect(inputsOf(wrong.card)).toMatchObject({ firstName: 'R', email: 'robin' });
    expect((await harness.click(robin, wrong, 'Submit', typed('Mended'))).says).toContain('Waiting for an approver');
  });

  test('may cancel, and nothing was sent', async () => {
    const robin = newcomer();
    const cancelled = await harness.click(robin, await harness.type(robin, 'access'), 'Cancel');
    expect(cancelled.says).toContain('Nothing was sent.');
    expect(titles(cancelled)).toEqual(['Start again']);
  });

  test('gets no form in a channel, where everybody would read it', async () => {
    const robin = newcomer();
    const place = channel('Anywhere', robin.tenantId);
    harness.teams.install(place, [robin]);
    const answer = await harness.type(robin, 'request access', place);
    expect(answer.says).toContain('write to this app in a chat of your own');
    expect(titles(answer)).toEqual([]);
    const data = { verb: 'run', command: 'request access' };
    await harness.send(execute(robin, 'run', data, { conversation: place, replyToId: answer.activityId! }));
    await harness.see(place, 'Your organisation is not set up with TeamMate yet.');
    expect(readIn(place).join('\n')).not.toContain('Company Name');
  });
});

describe('a request for access', () => {
  test('is for the provider’s approvers, who read who asks and of which tenant', async () => {
    const robin = newcomer('Robin *Kline*');
    const asked = await ask(robin);
    expect(asked.says).toContain('Waiting for an approver');
    expect(titles(asked)).toEqual(['Change', 'Withdraw']);
    const card = await approval(asked);
    for (const part of [asked.company, typed(asked.company).email, robin.tenantId, 'requested by Robin \\*Kline\\*'])
      expect(card.says).toContain(part);
    expect(card.says).toContain('“Add to TeamMate Portal”');
    expect(inputsOf(card.card)).toEqual({ account: '', reason: '' });
    expect((await harness.type(megan, 'pending')).says).toContain(asked.company);
    expect((await harness.type(megan, `audit ${asked.id}`)).says).toContain('Requested');
  });

  test('submitted twice is one', async () => {
    const robin = newcomer();
    const form = await harness.type(robin, 'request access');
    const [one, other] = await Promise.all([
      harness.click(robin, form, 'Submit', typed('Twice')),
      harness.click(robin, form, 'Submit', typed('Twice')),
    ]);
    expect(/R-\d+/.exec(one.says)).toEqual(/R-\d+/.exec(other.says));
  });

  test('is one for each tenant: a colleague reads who has asked already, and when', async () => {
    const robin = newcomer();
    const sasha = newcomer('Sasha', robin.tenantId);
    const [first, second] = [await harness.type(robin, 'access'), await harness.type(sasha, 'access')];
    await harness.click(robin, first, 'Submit', typed('Only One'));
    const told = /Robin has requested access for your organisation already, on \{\{DATE\(/;
    const late = await harness.click(sasha, second, 'Submit', typed('Only Two'));
    expect(late.says).toMatch(told);
    for (const said of ['request access', 'hello']) {
      const answer = await harness.type(sasha, said);
      expect(answer.says).toMatch(told);
      expect(titles(answer)).toEqual([]);
    }
    // Whoever asked finds it again.
    const again = await harness.type(robin, 'request access');
    expect(again.says).toContain('Master reseller Only One');
    expect(titles(await harness.type(robin, 'hello'))).toEqual(['Show my request']);
  });

  test('of two tenants for the same company are two: a name proves nothing', async () => {
    const [one, other] = [await ask(newcomer(), 'Same Name'), await ask(newcomer(), 'Same Name')];
    expect(one.id).not.toBe(other.id);
  });

  test('can be changed while it is pending, by whoever made it', async () => {
    const robin = newcomer();
    const asked = await ask(robin);
    const form = await formFrom(robin, asked, 'Change');
    expect(inputsOf(form.card)).toEqual(typed(asked.company));
    const changed = await harness.click(robin, form, 'Submit', typed('Changed Company'));
    expect(changed.says).toContain('Master reseller Changed Company');
    await harness.see(personal(robin), `Master reseller ${asked.company}`, 'Withdrawn');
  });

  test('can be withdrawn, and then made again', async () => {
    const robin = newcomer();
    const asked = await ask(robin);
    const withdrawn = await harness.click(robin, asked, 'Withdraw');
    expect(withdrawn.says).toContain('Withdrawn');
    await harness.see(approvals, `Master reseller ${asked.company}`, 'Withdrawn');
    const form = await formFrom(robin, withdrawn, 'Ask again');
    expect((await harness.click(robin, form, 'Submit')).says).toContain('Waiting for an approver');
  });

  test('can be made three times a day, and no more', async () => {
    const robin = newcomer();
    for (let times = 0; times < 3; times++) await harness.click(robin, await ask(robin), 'Withdraw');
    const refused = await harness.type(robin, 'request access');
    expect(refused.says).toMatch(
      /has made 3 requests within a day, which is as many as it can\. Ask again after \{\{DATE/,
    );
    // Nor by a colleague, nor with a form from before.
    const sasha = newcomer('Sasha', robin.tenantId);
    expect((await harness.type(sasha, 'join')).says).toContain('has made 3 requests within a day');
    ahead = 24 * 3_600_000;
    expect((await harness.type(sasha, 'join')).says).toContain('Company Name');
  });

  test('cannot be made a fourth time with forms that were opened before', async () => {
    const robin = newcomer();
    const forms: Posted[] = [];
    for (let number = 0; number < 4; number++) forms.push(await harness.type(robin, 'access'));
    for (const form of forms.slice(1))
      await harness.click(robin, await harness.click(robin, form, 'Submit', typed('Often')), 'Withdraw');
    await harness.press(robin, forms[0]!, 'Submit', typed('Often'));
    await harness.see(personal(robin), 'has made 3 requests within a day');
  });
});

describe('Approve', () => {
  test.each([
    undefined,
    '',
    '  ',
    'five',
    '05001',
    '-1',
    '1.5',
    '5 001',
    '５００２',
    '1'.repeat(16),
    'x'.repeat(3000),
    ['5002'],
    null,
  ])('with %j for the Master Reseller Id is refused beside it, and what was written is kept', async (account) => {
    const card = await approval(await ask(newcomer()));
    const refused = await harness.click(megan, card, 'Approve', { account, reason: 'Perhaps' });
    expect(refused.says).toContain(
      '⚠ Not approved yet. Enter the Master Reseller Id: its number in TeamMate, at most 15 digits.',
    );
    expect(refused.says).toContain('Waiting for an approver');
    expect(titles(refused)).toEqual(['Approve', 'Reject']);
    const kept = typeof account === 'string' ? account.trim().slice(0, 15) : '';
    expect(inputsOf(refused.card)).toEqual({ account: kept, reason: 'Perhaps' });
  });

  test.each([
    ['the provider’s own', async () => '5001'],
    ['another organisation’s', async () => (await admitted(newcomer())).account],
  ])('with an account that is %s is refused', async (_, accountOf) => {
    const account = await accountOf();
    const card = await approval(await ask(newcomer()));
    const refused = await harness.click(megan, card, 'Approve', { account });
    expect(refused.says).toContain(
      '⚠ Not approved yet. Another organisation works with this Master Reseller Id already.',
    );
    expect((await harness.click(megan, refused, 'Approve', { account: newAccount() })).says).toContain('Approved by');
  });

  test('gives one account to one of two who are approved at once', async () => {
    const [one, other] = [await approval(await ask(newcomer())), await approval(await ask(newcomer()))];
    const account = newAccount();
    const answers = await Promise.all([one, other].map((card) => harness.click(megan, card, 'Approve', { account })));
    expect(answers.filter(({ says }) => says.includes('Approved by'))).toHaveLength(1);
    expect(answers.filter(({ says }) => says.includes('Another organisation works with'))).toHaveLength(1);
  });

  test('clicked twice at once is no news', async () => {
    const card = await approval(await ask(newcomer()));
    const data = { account: newAccount() };
    const answers = await Promise.all([
      harness.click(megan, card, 'Approve', data),
      harness.click(megan, card, 'Approve', data),
    ]);
    for (const { says } of answers) {
      expect(says).toContain('Approved by');
      expect(says).not.toMatch(/Too late|Another organisation/);
    }
  });

  test('is for approvers of the provider', async () => {
    const asked = await ask(newcomer());
    const refused = await harness.click(alex, await approval(asked), 'Approve', { account: newAccount() });
    expect(refused.says).toContain('This needs the role approver');
  });

  test('welcomes whoever asked, once, and they can do what an administrator and requester can', async () => {
    const robin = newcomer();
    const { id, company, account, welcome } = await admitted(robin);
    expect(welcome.says).toContain(`${company} is set up, and you are its first administrator and requester.`);
    expect(welcome.says).toContain('grant approver');
    expect(welcome.says).toContain('route approvals here');
    expect(titles(welcome)).toEqual(['Add Reseller', 'Roles', 'Routes', 'Help']);
    const own = await harness.see(personal(robin), `Master reseller ${company}`, '✅ Active');
    expect(own.says).toContain(`Master Reseller Id\n${account}`);
    expect(own.says).not.toContain('Activation');
    expect(titles(own)).toEqual([]);
    await harness.see(approvals, `✅ ${company} is active`);
    expect((await harness.type(megan, `audit ${id}`)).says).toMatch(new RegExp(`Megan Approver · ${account}\\b`));

    const help = await harness.type(robin, 'help');
    expect(help.says).toContain('Your role here: requester, administrator.');
    expect(help.says).not.toContain('request access');
    expect((await harness.type(robin, 'roles')).says).toContain('administrator\nRobin');
    expect((await harness.type(robin, `status ${id}`)).says).toContain(`Master reseller ${company}`);
    expect((await harness.type(robin, 'request access')).says).toContain('is set up with TeamMate already');
    expect((await harness.type(robin, 'status')).says).toContain('You have no open requests.');
    expect(readIn(personal(robin)).filter((text) => text.includes('Welcome to TeamMate'))).toHaveLength(1);
  });

  test('makes nobody else anything, in either organisation', async () => {
    const robin = newcomer();
    const { id } = await admitted(robin);
    const sasha = newcomer('Sasha', robin.tenantId);
    expect((await harness.type(sasha, 'help')).says).toContain('You have no role here yet.');
    // Nor may their colleagues look into what the provider decided on.
    await harness.type(robin, `grant approver ${sasha.aadObjectId}`);
    expect((await harness.type(sasha, `status ${id}`)).says).toContain(
      `There is no request R-${id} in your organisation.`,
    );
    expect((await harness.type(robin, `audit ${id}`)).says).toContain(
      `There is no request R-${id} in your organisation.`,
    );
  });

  test('with a form still open from before opens nothing more', async () => {
    const robin = newcomer();
    const form = await harness.type(robin, 'access');
    await admitted(robin);
    await harness.press(robin, form, 'Submit', typed('Again'));
    await harness.see(personal(robin), 'Your organisation is set up with TeamMate already.');
  });
});

describe('Reject', () => {
  test('needs a reason and no account, reaches whoever asked, and they may ask again', async () => {
    const robin = newcomer();
    const asked = await ask(robin);
    const card = await approval(asked);
    expect((await harness.click(megan, card, 'Reject', { account: '7' })).says).toContain('A rejection needs a reason');
    await harness.click(megan, card, 'Reject', { reason: 'Who *are* you?' });
    await harness.see(personal(robin), `${asked.company}: rejected`, 'Reason: Who \\*are\\* you?');
    const own = await harness.see(personal(robin), `Master reseller ${asked.company}`, 'Who \\*are\\* you?');
    expect(titles(own)).toEqual(['Ask again']);
    expect((await harness.type(robin, 'help')).says).toContain('Your organisation is not set up yet.');
    const form = await formFrom(robin, own, 'Ask again');
    const again = await harness.click(robin, form, 'Submit');
    expect(again.says).toContain('Waiting for an approver');
  });

  test('is shown by the button of the news', async () => {
    const robin = newcomer();
    const asked = await ask(robin);
    await harness.click(megan, await approval(asked), 'Reject', { reason: 'No' });
    const news = await harness.see(personal(robin), `${asked.company}: rejected`);
    const before = readIn(personal(robin)).length;
    await harness.press(robin, news, 'Show');
    await harness.teams.waitFor(({ conversationId }) => conversationId === personal(robin).id, {
      after: harness.teams.delivered().length - (readIn(personal(robin)).length - before),
    });
    expect(readIn(personal(robin)).at(-1)).toContain(`Master reseller ${asked.company}`);
  });
});

describe('one’s own request', () => {
  test('is one’s own by tenant and directory id: the same id elsewhere is somebody else', async () => {
    const robin = newcomer();
    const asked = await ask(robin);
    const twin = { ...newcomer('Twin', tenantId), aadObjectId: robin.aadObjectId };
    await harness.send(message(megan, `grant requester ${twin.aadObjectId}`));
    await harness.send(message(megan, `grant approver ${twin.aadObjectId}`));
    harness.teams.install(personal(twin), [twin]);
    expect((await harness.type(twin, 'status')).says).toContain('You have no open requests.');
    const card = await harness.type(twin, `status ${asked.id}`);
    expect(titles(card)).toEqual(['Approve', 'Reject']);
    const data = { verb: 'withdraw', id: asked.id, version: 1 };
    const answer = await harness.send(execute(twin, 'withdraw', data, { replyToId: card.activityId! }));
    expect(JSON.stringify(answer.body)).toContain('who made this request, can do that.');
    expect((await harness.click(twin, card, 'Approve', { account: newAccount() })).says).toContain('Approved by');
  });
});

describe('whatever else a stranger sends', () => {
  /** Something of the provider's, something of another stranger's, and a form that was handed out to somebody else. */
  let order: Awaited<ReturnType<Harness['order']>>;
  let foreign: Awaited<ReturnType<typeof ask>>;
  let form: Posted;
  let mallory: TestPerson;
  beforeAll(async () => {
    order = await harness.order(alex);
    foreign = await ask(newcomer());
    form = await harness.type(newcomer(), 'access');
  });
  beforeEach(() => {
    // A talk takes only so many posts a second.
    mallory = newcomer('Mallory');
  });

  const verbs = [...Object.keys(actions), 'nonsense', 'toString', '__proto__', 'constructor'];
  const ids = () => [order.id, foreign.id, '1', '999999', '0', "1' or '1'='1"];

  test.each(verbs)('%s with the id of somebody else’s is refused, and shows nothing of it', async (verb) => {
    const nonce = actionsOf(form.card)[0]?.data.nonce;
    const kinds = ['reseller', 'enterprise', 'access', 'toString'];
    const commands = [
      'status',
      'pending',
      'roles',
      'add reseller',
      `status ${order.id}`,
      'grant administrator @Mallory',
    ];
    const tries = [
      ...ids().map((id) => ({ id, version: 1, reason: 'x', account: '8999' })),
      ...kinds.map((kind) => ({ kind, nonce, page: 'whole', ...typed('Stolen'), name: 'Stolen', services: 'PBX' })),
      ...commands.map((command) => ({ command, page: 0, kind: 'reseller', nonce: 'x'.repeat(22), version: 1 })),
    ];
    for (const data of tries) {
      const replyToId = order.activityId!;
      const { status, body } = await harness.send(execute(mallory, verb, { verb, ...data }, { replyToId }));
      expect(status).toBe(200);
      expect(body.type).toMatch(/message|card/);
      expect(JSON.stringify(body)).not.toMatch(
        new RegExp(`${order.name}|${foreign.company}|Stolen.*Waiting|Reseller Name`),
      );
    }
    const read = readIn(personal(mallory)).join('\n');
    expect(read).not.toMatch(new RegExp(`${order.name}|${foreign.company}|Your role here|Role granted|Reseller Name`));
    expect((await harness.type(alex, `status ${order.id}`)).says).toContain('Waiting for an approver');
    expect((await harness.type(megan, `status ${foreign.id}`)).says).toContain('Waiting for an approver');
  });

  test.each(verbs)('%s from an old client is refused as well', async (verb) => {
    for (const id of ids())
      expect((await harness.send(submit(mallory, { verb, id, version: 1 }, { replyToId: '1' }))).status).toBe(202);
    await harness.send(message(mallory, 'hello'));
    await harness.see(personal(mallory), 'TeamMate in Microsoft Teams', 'Your organisation is not set up yet.');
  });

  test('does not approve their own request, nor choose who decides or whose tenant it is', async () => {
    const id = await (async () => {
      const opened = await harness.type(mallory, 'access');
      const forged = { ...typed('Forged'), tenantId, tenant_id: tenantId, provider: mallory.tenantId, account: '5001' };
      const asked = await harness.click(mallory, opened, 'Submit', forged);
      expect(asked.says).toContain(`Teams tenant\n${mallory.tenantId}`);
      return /R-(\d+)/.exec(asked.says)?.[1] as string;
    })();
    const card = await approval({ company: 'Forged' });
    for (const verb of ['approve', 'reject', 'resend', 'list'])
      for (const replyToId of ['1', card.activityId!]) {
        const data = { verb, id, version: 1, account: '8998', reason: 'x', kind: 'reseller', page: 0 };
        const { body } = await harness.send(execute(mallory, verb, data, { replyToId }));
        expect(JSON.stringify(body)).toMatch(/See below|not set up with TeamMate yet/);
      }
    expect((await harness.type(megan, `status ${id}`)).says).toContain('Waiting for an approver');
    expect((await harness.type(mallory, 'help')).says).not.toContain('Your role here');
  });

  test('is of no use to whoever was admitted either', async () => {
    const robin = newcomer();
    await admitted(robin);
    await harness.type(robin, `grant approver ${robin.aadObjectId}`);
    for (const verb of ['approve', 'reject', 'withdraw', 'show', 'change', 'retry', 'resend'])
      for (const id of [order.id, foreign.id]) {
        const data = { verb, id, version: 1, account: newAccount(), reason: 'x' };
        const { body } = await harness.send(execute(robin, verb, data, { replyToId: '1' }));
        expect(JSON.stringify(body)).not.toMatch(new RegExp(`${order.name}|${foreign.company}`));
      }
    await harness.send(message(robin, 'pending'));
    await harness.see(personal(robin), 'Nothing waits for approval.');
    expect((await harness.type(megan, `status ${foreign.id}`)).says).toContain('Waiting for an approver');
  });

  test('without saying who they are is refused', async () => {
    const body = message(mallory, 'request access');
    await harness.send({ ...body, from: { ...(body.from as object), aadObjectId: undefined } });
    await harness.see(personal(mallory), 'Teams did not say who you are, so nothing was done.');
  });
});

describe('an organisation that came by request', () => {
  const folder = mkdtempSync(join(tmpdir(), 'teammate-outside-'));
  let first: Harness;
  beforeAll(async () => {
    first = harness;
    const env = { PROVIDER_TENANT: tenantId, DATA_DIR: folder };
    harness = await startHarness({ env, replacements: { snapshot: undefined } });
  });
  afterAll(async () => {
    await harness.close();
    harness = first;
    rmSync(folder, { recursive: true, force: true });
  });

  test('outlives a restart, at which ORGANISATIONS neither removes nor overwrites it', async () => {
    const robin = newcomer();
    const { account } = await admitted(robin);
    await harness.restart({ ORGANISATIONS: `${tenantId}=5001,${robin.tenantId}=9999` });
    expect((await harness.type(robin, 'help')).says).toContain('Your role here: requester, administrator.');
    await harness.restart();
    expect((await harness.type(robin, 'help')).says).toContain('Your role here: requester, administrator.');
    const card = await approval(await ask(newcomer()));
    expect((await harness.click(megan, card, 'Approve', { account })).says).toContain(
      'Another organisation works with',
    );
    expect((await harness.click(megan, card, 'Approve', { account: '9999' })).says).toContain('Approved by');
  });
});
