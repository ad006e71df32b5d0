import { actions } from '../../src/teams/actions.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  type Body,
  bot,
  channel,
  execute,
  foreignTenantId,
  megan,
  message,
  personal,
  serviceUrl,
  submit,
  type TestPerson,
  tenantId,
} from '../support/people.ts';
import { asShown } from '../views/as-shown.ts';

let harness: Harness;
let alex: TestPerson;
let kim: TestPerson;
beforeAll(async () => {
  // The other organisation is served too, with the same first administrator.
  const both = `${tenantId}=5001,${foreignTenantId}=5001`;
  harness = await startHarness({ bare: true, env: { ORGANISATIONS: both } });
  alex = await harness.join('Alex', 'requester');
  kim = await harness.join('Kim', 'approver');
});
afterAll(() => harness.close());

/** What came back is an answer in Teams' shape: 200 with something to show. Resolves to its text. */
async function answered(body: Body): Promise<string> {
  const { status, body: answer } = await harness.send(body);
  expect(status).toBe(200);
  expect(answer).toMatchObject({ statusCode: 200, type: expect.any(String), value: expect.anything() });
  return JSON.stringify(answer.value);
}
const click = (by: TestPerson, verb: string, data: Record<string, unknown>) =>
  answered(execute(by, verb, { verb, ...data }, { replyToId: '1' }));
const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);

/** Waits for what was posted to somebody after `deed`. */
async function postAfter(person: TestPerson, deed: () => Promise<unknown>): Promise<string> {
  const after = harness.teams.delivered().length;
  await deed();
  const { activityId } = await harness.teams.waitFor(({ conversationId }) => conversationId === personal(person).id, {
    after,
  });
  return textsOf(harness.teams.card(personal(person).id, activityId as string)).join('\n');
}

const verbs = Object.keys(actions);
const aboutRequests = ['approve', 'reject', 'withdraw', 'retry', 'resend', 'change', 'show'];
/** A talk takes only so many posts a second, so those who are refused a lot are many. */
const someone = () => harness.join('Mallory', 'requester', 'approver', 'administrator');

describe('an id that nobody was given', () => {
  const ids: unknown[] = [
    ...['999999', '999999999999999999', '0', '000000000000000001', '9'.repeat(19), '9'.repeat(5000)],
    ...['-1', '1.5', '1e3', '0x10', '', ' ', 'R-1001', '1001;', "1' or '1'='1", '%', '１００１', '1001\u0000'],
    ...[1001, -1, 1e21, null, true, ['1001'], { id: '1001' }],
  ];

  test.each(aboutRequests)('is of no use for %s', async (verb) => {
    const mallory = await someone();
    for (const id of ids) await click(mallory, verb, { id, version: 1, reason: 'x' });
  });

  test('nor is a version that is none: the card comes back with what to do, and stays', async () => {
    const { id } = await harness.order(await harness.join('Alex', 'requester'));
    for (const version of ['0', '-1', '1.5', 'x', '', null, 2 ** 31, 1e300, 'Infinity', {}, []]) {
      const card = await click(kim, 'approve', { id, version });
      expect(card).toContain('This button belongs to another version of the bot.');
      expect(card).toContain('Waiting for an approver');
    }
  });

  test('is answered with what to do', async () => {
    const mallory = await someone();
    const says = await postAfter(mallory, () => click(mallory, 'approve', { id: '999999', version: 1 }));
    expect(says).toContain('There is no request R-999999 in your organisation. Type: status');
  });
});

describe('a request of another organisation', () => {
  /** Of the other tenant, with every role there. */
  let foreigner: TestPerson;
  beforeAll(async () => {
    foreigner = { ...megan, id: '29:1foreign', name: 'Faye Foreign', tenantId: foreignTenantId };
    harness.teams.install({ ...personal(foreigner), tenantId: foreignTenantId }, [foreigner]);
    for (const role of ['requester', 'approver'])
      await harness.send(message(foreigner, `grant ${role} ${foreigner.aadObjectId}`, elsewhere(foreigner)));
  });
  const elsewhere = (person: TestPerson) => ({ ...personal(person), id: 'a:1elsewhere', tenantId: foreignTenantId });

  test('does not exist, whatever is clicked or typed', async () => {
    const order = await harness.order(alex);
    const place = elsewhere(foreigner);
    harness.teams.install(place, [foreigner]);
    for (const verb of aboutRequests) {
      const data = { verb, id: order.id, version: 1, reason: 'x' };
      const body = execute(foreigner, verb, data, { conversation: place, replyToId: order.activityId! });
      expect(await answered(body)).not.toContain(order.name);
    }
    for (const said of [`status ${order.id}`, `withdraw ${order.id}`, `audit ${order.id}`])
      expect((await harness.type(foreigner, said, place)).says).toContain(`There is no request R-${order.id}`);
    for (const said of ['status', 'pending', 'withdraw'])
      expect((await harness.type(foreigner, said, place)).says).not.toContain(order.name);
    expect((await harness.type(alex, `status ${order.id}`)).says).toContain('Waiting for an approver');
  });

  test('does not take the name or the address from this one', async () => {
    const place = { ...elsewhere(foreigner), id: 'a:1elsewhere-again' };
    harness.teams.install(place, [foreigner]);
    const { name, email } = await harness.order(alex);
    const form = await harness.type(foreigner, 'add reseller', place);
    const asked = await harness.click(foreigner, form, 'Submit', { name, email, services: 'PBX' });
    expect(asked.says).toContain('Waiting for an approver');
  });
});

describe('a verb or data that no card of ours has', () => {
  test.each([
    'nonsense',
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '',
    ' approve',
    'APPROVE',
    'x'.repeat(200),
  ])('the verb %j is refused with what to do', async (verb) => {
    const mallory = await someone();
    const says = await postAfter(mallory, () => click(mallory, verb, { id: '1001', nonce: 'x'.repeat(22) }));
    expect(says).toContain('This button belongs to another version of the bot. Type: help');
  });

  const odd: [what: string, data: Record<string, unknown>][] = [
    ['nothing', {}],
    ['numbers', { id: 1, version: 1, nonce: 1, kind: 1, page: 1.5, search: 1, command: 1, reason: 1 }],
    ['nulls', { id: null, version: null, nonce: null, kind: null, page: null, search: null, command: null }],
    ['lists', { id: ['1'], version: [1], nonce: ['x'], kind: ['reseller'], page: [0], command: ['help'] }],
    ['objects', { id: {}, version: {}, nonce: {}, kind: {}, page: {}, search: {}, command: {}, reason: {} }],
    [
      'NUL',
      { id: '\0', version: '\0', nonce: '\0'.repeat(22), kind: 'reseller', page: 0, search: '\0', command: '\0' },
    ],
    [
      'half a character',
      { nonce: '\ud800'.repeat(22), kind: 'reseller', page: 0, search: '\ud800', command: '\udc00' },
    ],
    ['a kind that is none', { nonce: 'x'.repeat(22), kind: 'toString', page: '-1', command: '__proto__' }],
    ['too much', { nonce: 'x'.repeat(50_000), search: 'x'.repeat(50_000), page: 1e21, command: 'x'.repeat(50_000) }],
    ['a search cut within a character', { page: 0, search: `${'x'.repeat(99)}👩` }],
  ];
  const cases = verbs.flatMap((verb) => odd.map(([what, data]) => [verb, what, data] as const));
  test.each(cases)('%s with %s is answered', async (verb, _, data) => {
    await click(kim, verb, data);
  });

  test.each(cases.filter(([verb]) => ['submit', 'approve', 'list'].includes(verb)))(
    '%s with %s is answered to an old client as well',
    async (verb, _, data) => {
      const { status } = await harness.send(submit(kim, { ...data, verb }, { replyToId: '1' }));
      expect(status).toBe(202);
    },
  );

  test.each<[what: string, value: unknown]>([
    ['text', 'approve'],
    ['a list', ['approve']],
    ['a verb that is a number', { verb: 5 }],
    ['an empty object', {}],
  ])('a message whose value is %s is answered', async (_, value) => {
    const mallory = await someone();
    const body = { ...submit(mallory, {}), value };
    expect(await postAfter(mallory, () => harness.send(body))).toMatch(/did not understand|another version of the bot/);
  });
});

describe('an activity that is malformed', () => {
  const good = () => message(megan, 'help');
  const without = (name: string) => ({ ...good(), [name]: undefined });
  const invoke = (value: unknown) => ({ ...execute(megan, 'run', {}), value });
  test.each<[what: string, body: unknown]>([
    ['nothing', {}],
    ['null', null],
    ['a list', []],
    ['text', '"help"'],
    ['a number', 5],
    ...['type', 'id', 'from', 'recipient', 'conversation', 'serviceUrl', 'channelId'].map((name): [string, unknown] => [
      `no ${name}`,
      without(name),
    ]),
    ['an empty type', { ...good(), type: '' }],
    ['text that is a list', { ...good(), text: ['help'] }],
    ['text without end', { ...good(), text: 'x'.repeat(60_000) }],
    ['a sender that is text', { ...good(), from: 'alex' }],
    ['entities that are none', { ...good(), entities: 'none' }],
    ['a service URL that is none', { ...good(), serviceUrl: 'teams' }],
    ['a click without a value', invoke(undefined)],
    ['a click with an empty value', invoke({})],
    ['a click with a list', invoke([])],
    ['a click without an action', invoke({ action: null })],
    ['a click on something else', invoke({ action: { type: 'Action.Submit', data: {} } })],
    ['a click whose data is text', invoke({ action: { type: 'Action.Execute', verb: 'run', data: 'help' } })],
    ['a click whose verb is a list', invoke({ action: { type: 'Action.Execute', verb: ['run'], data: {} } })],
    ['an invoke without a name', { ...execute(megan, 'run', {}), name: undefined }],
    ['two tenants', { ...good(), channelData: { tenant: { id: foreignTenantId } } }],
    ['another channel', { ...good(), channelId: 'webchat' }],
  ])('(%s) is refused with a sentence', async (_, body) => {
    const token = await harness.issuer.sign({ audience: bot.appId, serviceUrl });
    const response = await harness.sendRaw(body ?? 'null', { authorization: `Bearer ${token}` });
    expect([400, 403]).toContain(response.status);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/\w+.*\.$/) });
  });

  test.each<[what: string, body: string, headers: Record<string, string>]>([
    ['no JSON', '{"type":', {}],
    ['nothing', '', {}],
    ['a form', 'type=message', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['XML', '<activity/>', { 'content-type': 'application/xml' }],
    ['two megabytes', JSON.stringify({ text: 'x'.repeat(2_000_000) }), {}],
    ['what claims to be compressed', '{}', { 'content-encoding': 'gzip' }],
    ['ten thousand brackets', '['.repeat(10_000), {}],
  ])('a body that is %s is refused', async (_, body, headers) => {
    const token = await harness.issuer.sign({ audience: bot.appId, serviceUrl });
    const response = await harness.sendRaw(body, { authorization: `Bearer ${token}`, ...headers });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).not.toBe('');
  });

  test.each<[what: string, more: object]>([
    ['five hundred entities', { entities: Array.from({ length: 500 }, () => ({ type: 'mention' })) }],
    ['a mention of nothing', { entities: [{ type: 'mention', text: '', mentioned: null }, null, 5, 'x'] }],
    ['properties nobody has heard of', { constructor: 1, __proto__: { type: 'x' }, toString: null, x: {} }],
    ['nulls for what is not there', { name: null, replyToId: null, value: null, entities: null, locale: null }],
  ])('but for %s is understood', async (_, more) => {
    const person = await harness.join('Alex', 'requester');
    const body = { ...message(person, 'help'), ...more };
    expect(await postAfter(person, () => harness.send(body))).toMatch(
      /What you can do here|another version of the bot/,
    );
  });

  test.each([
    '\0',
    'help\0',
    '\ud800',
    'status \0',
    'status \ud800',
    'list resellers \0\ud800',
    'add reseller \0; \ud800',
  ])('a message of %j is answered', async (said) => {
    expect((await harness.type(await harness.join('Alex', 'requester'), said)).says).not.toContain('went wrong');
  });

  test('a conversation with such a name is answered as well', async () => {
    const place = { ...channel('Odd'), name: 'Odd \0 \ud800' };
    harness.teams.install(place, [megan]);
    expect((await harness.type(megan, 'route notifications here', place)).says).toContain('Route set');
    expect((await harness.type(megan, 'routes', place)).says).toContain('Odd \ufffd \ufffd');
  });
});

describe('what a person types', () => {
  const texts = [
    '*bold* _italic_ ~~gone~~ `code`',
    '[Sign in](https://evil.example)',
    '<b>bold</b> <at>Megan</at>',
    '${name} ${$root.title} ${',
    '{{DATE(2025-01-01T00:00:00Z, SHORT)}}',
    '# Heading',
    '1. List',
    '&lt;b&gt; & Sons',
    '"quoted" \\escaped\\ \'single\'',
    "Robert'); drop table requests;--",
    '字'.repeat(100),
    '👩'.repeat(50),
    '*'.repeat(100),
  ];

  const place = channel('Reading');
  beforeAll(async () => {
    harness.teams.install(place, [megan]);
    await harness.type(megan, 'route approvals here', place);
  });

  test.each(texts)('is on the approver’s card in the channel as it was typed: %p', async (text) => {
    const person = { ...(await harness.join('Alex', 'requester')), name: text };
    const form = await harness.type(person, 'add reseller');
    const email = `${person.aadObjectId}@typed.example`;
    // With a mistake in it, it comes back into the form's inputs, which show their values as they are.
    const again = await harness.click(person, form, 'Submit', { name: text, billingReference: text });
    expect(inputsOf(again.card)).toMatchObject({ name: text, billingReference: text });
    const pending = await harness.click(person, again, 'Submit', { email, services: 'PBX' });
    expect(pending.says).toContain('Waiting for an approver');

    const card = await harness.see(place, email, 'Approve');
    const lines = textsOf(card.card);
    expect(asShown(lines[0] ?? '')).toBe(`Reseller ${text}`);
    expect(asShown(lines[lines.indexOf('Reseller Name') + 1] ?? '')).toBe(text);
    expect(asShown(lines[lines.indexOf('Billing Reference') + 1] ?? '')).toBe(text);
    expect(asShown((lines[1] ?? '').replace(/\{\{(DATE|TIME)\([^)]*\)\}\}/g, ''))).toContain(`requested by ${text} on`);
    expect(Buffer.byteLength(JSON.stringify(card.card))).toBeLessThan(25 * 1024);
  });
});

describe('after all this', () => {
  test('the bot does its work', async () => {
    const person = await harness.join('Alex', 'requester');
    const pat = await harness.join('Pat', 'approver');
    const order = await harness.order(person);
    const card = await harness.type(pat, `status ${order.id}`);
    expect(titles(card)).toEqual(['Approve', 'Reject']);
    expect((await harness.click(pat, card, 'Approve')).says).toContain('Approved by');
    expect((await fetch(`${harness.app.url}/healthz`)).status).toBe(200);
  });
});
