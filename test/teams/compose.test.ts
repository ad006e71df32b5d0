import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cardProblems } from '../../cards/rules.ts';
import { findCommand, linkedTo } from '../../src/teams/links.ts';
import { actionsOf } from '../support/cards.ts';
import { type Card, textsOf } from '../support/fake-teams.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import {
  alex,
  type Body,
  bot,
  composing,
  execute,
  groupChat,
  megan,
  personal,
  stranger,
  type TestPerson,
  tenantId,
} from '../support/people.ts';

const publicUrl = 'https://bot.northwind.example';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ env: { PUBLIC_URL: publicUrl } });
  await list('reseller', '88101', 'Adatum *Inc*', { email: 'ops@adatum.example', billingReference: 'B-101' });
  await list('reseller', '88102', 'Wide World <b>', { email: 'ops@wideworld.example' });
  await list('enterprise', '88901', 'Southridge', { email: 'it@southridge.example' }, '88101');
  for (let at = 0; at < 30; at++)
    await list('enterprise', `77${at}`, `Zeta ${String(at).padStart(2, '0')}`, {}, '88101');
  await list('reseller', '9901', 'Elsewhere', { email: 'secret@elsewhere.example' }, undefined, stranger.tenantId);
});
afterAll(() => harness.close());

function list(
  kind: 'reseller' | 'enterprise',
  reference: string,
  name: string,
  facts: object,
  parent?: string,
  of = tenantId,
) {
  const row = { tenant_id: of, kind, reference, name, keys: [], facts: JSON.stringify(facts), active: true };
  // Later than any look at TeamMate, which does not have them.
  const synced_at = new Date(Date.now() + 86_400_000);
  return harness.db
    .insertInto('listed')
    .values({ ...row, parent: parent ?? null, synced_at })
    .execute();
}

interface Attachment {
  contentType: string;
  content: Card;
  preview: { contentType: string; content: { title: string; text: string; tap?: { type: string; value: unknown } } };
}
interface Extension {
  type: string;
  text?: string;
  attachmentLayout?: string;
  attachments?: Attachment[];
}

async function asked(body: Body): Promise<Extension> {
  const { status, body: answer } = await harness.send(body);
  expect(status).toBe(200);
  return answer.composeExtension as Extension;
}
const query = (search: unknown, queryOptions?: unknown) => ({
  commandId: 'find',
  parameters: [{ name: 'search', value: search }],
  ...(queryOptions !== undefined && { queryOptions }),
});
const find = (by: TestPerson, search: unknown, options?: unknown) =>
  asked(composing(by, 'query', query(search, options)));
const unfold = (by: TestPerson, url: unknown) => asked(composing(by, 'queryLink', { url }));
const namesOf = ({ attachments = [] }: Extension) => attachments.map(({ preview }) => preview.content.title);
const saysOf = (part: unknown) => textsOf(part).join('\n');

/** What must not be read by everybody in a chat. */
const confidential = /adatum\.example|B-101|southridge\.example|88101|waiting for/;

async function counts() {
  const count = (table: 'outbox' | 'conversations' | 'people') =>
    harness.db
      .selectFrom(table)
      .select((select) => select.fn.countAll<string>().as('count'))
      .executeTakeFirstOrThrow();
  return Promise.all((['outbox', 'conversations', 'people'] as const).map(count));
}

describe('finding something from where a message is written', () => {
  test('finds what `find` finds, each with a line for the list and a card for the message', async () => {
    const { type, attachmentLayout, attachments = [] } = await find(alex, 'adatu');
    expect({ type, attachmentLayout }).toEqual({ type: 'result', attachmentLayout: 'list' });
    expect(attachments).toHaveLength(1);
    const [{ contentType, content, preview } = {} as Attachment] = attachments;
    expect(contentType).toBe('application/vnd.microsoft.card.adaptive');
    expect(preview.contentType).toBe('application/vnd.microsoft.card.thumbnail');
    expect(preview.content).toEqual({
      title: '✅ Adatum *Inc*',
      text: 'reseller · Active',
      tap: { type: 'invoke', value: { kind: 'reseller', reference: '88101' } },
    });
    expect(cardProblems(content)).toEqual([]);
    expect(saysOf(content)).toContain('✅ Adatum \\*Inc\\*');
    expect(saysOf(content.body)).not.toMatch(confidential);
  });

  test.each([
    ['by e-mail address', 'ops@wideworld', ['✅ Wide World ‹b›']],
    ['by billing reference', 'B-101', ['✅ Adatum *Inc*']],
    ['by id', '88901', ['✅ Southridge']],
    ['letters that mean something to a database', '%_\\', []],
  ])('%s', async (_, text, names) => {
    expect(namesOf(await find(alex, text))).toEqual(names);
  });

  test('finds requests for what TeamMate has not yet', async () => {
    const order = await harness.order(await harness.join('Al', 'requester'), { name: 'Wingtip' });
    const { attachments = [] } = await find(megan, 'wingtip');
    expect(attachments[0]?.preview.content).toMatchObject({
      title: `⏳ R-${order.id} Wingtip`,
      text: 'reseller · Pending',
      tap: { value: { kind: 'request', reference: order.id } },
    });
  });

  test('shows all there is before anything is typed, a page at a time, and nothing beyond the end', async () => {
    const initial = { commandId: 'find', parameters: [{ name: 'initialRun', value: 'true' }] };
    const first = namesOf(await asked(composing(alex, 'query', { ...initial, queryOptions: { skip: 0, count: 25 } })));
    const second = namesOf(
      await asked(composing(alex, 'query', { ...initial, queryOptions: { skip: 25, count: 25 } })),
    );
    expect(first).toHaveLength(25);
    expect(second.length).toBeGreaterThan(5);
    expect(new Set([...first, ...second]).size).toBe(first.length + second.length);
    for (const skip of [50, 10_000, 999_999])
      expect(namesOf(await asked(composing(alex, 'query', { ...initial, queryOptions: { skip, count: 25 } })))).toEqual(
        [],
      );
  });

  test('goes from the things to the requests without leaving one out or showing one twice', async () => {
    const al = await harness.join('Al', 'requester');
    for (const at of [1, 2, 3]) await harness.order(al, { name: `Zeta Order ${at}` });
    const pages = [];
    for (let skip = 0; skip < 40; skip += 7) pages.push(...namesOf(await find(alex, 'zeta', { skip, count: 7 })));
    expect(pages).toHaveLength(33);
    expect(new Set(pages).size).toBe(33);
  });

  test('says so when there is nothing', async () => {
    expect(await find(alex, 'no such thing')).toEqual({ type: 'message', text: expect.stringMatching(/^Nothing has/) });
  });

  test.each([
    ['no value', undefined],
    ['nonsense', 'nonsense'],
    ['another command', { ...query('x'), commandId: 'drop' }],
    ['no parameters', { commandId: 'find' }],
    ['parameters that are none', { commandId: 'find', parameters: [1, null] }],
    ['too many parameters', { commandId: 'find', parameters: Array(11).fill({ name: 'search', value: 'x' }) }],
  ])('with %s is refused by a sentence', async (_, value) => {
    expect(await asked(composing(alex, 'query', value))).toEqual({
      type: 'message',
      text: expect.stringMatching(/\w+\. \w+/),
    });
  });

  test.each([
    ['a text of fifty thousand letters', 'x'.repeat(50_000), undefined],
    ['half a letter and a NUL', '\ud800\0', undefined],
    ['a text that is none', { $gt: '' }, undefined],
    ['a page before the first', 'adatu', { skip: -1, count: 25 }],
    ['a page of none', 'adatu', { skip: 0, count: 0 }],
    ['a page of a million', 'zeta', { skip: 0, count: 1_000_000 }],
    ['a page that is no number', 'adatu', { skip: 'x', count: [] }],
  ])('with %s is answered all the same', async (_, text, options) => {
    const { type, text: told = '', attachments = [] } = await find(alex, text, options);
    expect(['result', 'message']).toContain(type);
    expect(told).not.toContain('went wrong');
    expect(attachments.length).toBeLessThanOrEqual(25);
  });

  test('of another organisation’s things finds nothing', async () => {
    expect(JSON.stringify(await find(alex, 'elsewhere'))).not.toContain('9901');
  });

  test('without a role is told what to do', async () => {
    const { type, text } = await find(await harness.join('Nobody'), 'adatu');
    expect(type).toBe('message');
    expect(text).toMatch(/Ask an administrator \(Megan Approver/);
  });

  test('in an organisation that is not served is told what to do', async () => {
    const { type, text } = await find(stranger, 'elsewhere');
    expect(type).toBe('message');
    expect(text).toContain('not set up with TeamMate');
  });

  test('by somebody whom Teams does not name is refused', async () => {
    const body = composing(alex, 'query', query('adatu'));
    const { text } = await asked({ ...body, from: { ...(body.from as object), aadObjectId: undefined } });
    expect(text).toContain('Teams did not say who you are');
  });

  test('leaves no trace of the chat it is done in, whose people the bot does not talk to', async () => {
    const between = { ...personal(alex), id: '19:11111111_22222222@unq.gbl.spaces' };
    const before = await counts();
    for (const by of [alex, megan, stranger])
      await asked(composing(by, 'query', query('x'), { ...between, tenantId: by.tenantId }));
    await asked(composing(alex, 'selectItem', { kind: 'reseller', reference: '88101' }, between));
    expect(await counts()).toEqual(before);
  });
});

describe('choosing what was found', () => {
  const choose = (by: TestPerson, value: unknown) => asked(composing(by, 'selectItem', value));

  test('puts a card into the message that is made anew for those who have a role', async () => {
    const nobody = await harness.join('Nobody');
    await harness.type(nobody, 'help');
    const { attachments: [inserted] = [] } = await choose(alex, { kind: 'enterprise', reference: '88901' });
    const { content } = inserted!;
    const { action, userIds } = content.refresh as { action: { verb: string; data: object }; userIds: string[] };
    expect(action).toMatchObject({ verb: 'show-live', data: { kind: 'enterprise', reference: '88901' } });
    expect(userIds[0]).toBe(alex.id);
    expect(userIds).toContain(megan.id);
    expect(userIds).not.toContain(nobody.id);
    expect(actionsOf(content)).toEqual([]);
    expect(cardProblems(content)).toEqual([]);
    expect(saysOf(content.body)).not.toMatch(confidential);
  });

  test('shows whoever has a role all of it, wherever the card is, and goes on doing so', async () => {
    const where = groupChat('Customers');
    const look = (by: TestPerson) =>
      harness.send(
        execute(
          by,
          'show-live',
          { verb: 'show-live', kind: 'reseller', reference: '88101' },
          {
            conversation: { ...where, tenantId: by.tenantId },
            trigger: 'automatic',
            replyToId: '1',
          },
        ),
      );
    const { body } = await look(megan);
    const card = body.value as Card;
    expect(saysOf(card)).toContain('ops@adatum.example');
    expect(saysOf(card)).toContain('Southridge');
    expect(card.refresh).toMatchObject({ userIds: [megan.id] });
    // Nothing on it can post what only one may read into the chat.
    expect(actionsOf(card)).toEqual([]);
    expect(cardProblems(card)).toEqual([]);
    for (const person of [await harness.join('Nobody'), stranger])
      expect((await look(person)).body).toEqual({
        statusCode: 200,
        type: 'application/vnd.microsoft.activity.message',
        value: '',
      });
  });

  test('of a request shows how it stands, without its buttons', async () => {
    const order = await harness.order(await harness.join('Al', 'requester'), { name: 'Tailspin' });
    const about = { kind: 'request', reference: order.id };
    const { attachments: [inserted] = [] } = await choose(megan, about);
    expect(saysOf(inserted?.content.body)).toContain(`⏳ R-${order.id} Tailspin\nreseller · Pending`);
    const conversation = groupChat('Customers');
    const { body } = await harness.send(execute(megan, 'show-live', { verb: 'show-live', ...about }, { conversation }));
    expect(saysOf(body.value)).toContain('Waiting for an approver');
    expect(actionsOf(body.value)).toEqual([]);
  });

  test.each([
    ['nothing', undefined],
    ['nonsense', 'x'],
    ['a kind that is none', { kind: 'constructor', reference: '1' }],
    ['a kind that is no link of the chain', { kind: 'pbx-type', reference: '1' }],
    ['an id that is none', { kind: 'request', reference: "1' or 1=1" }],
    ['an id of thousands of letters', { kind: 'reseller', reference: '5'.repeat(5000) }],
    ['what TeamMate no longer has', { kind: 'reseller', reference: '1' }],
    ['what is another organisation’s', { kind: 'reseller', reference: '9901' }],
  ])('that is %s puts no more than the name of the app there', async (_, value) => {
    const { attachments: [inserted] = [] } = await choose(alex, value);
    expect(saysOf(inserted?.content.body)).toMatch(/^TeamMate\nA link to/);
    expect(JSON.stringify(inserted)).not.toContain('secret@');
  });
});

describe('a link to the tab', () => {
  const entity = (context: unknown) =>
    `https://teams.microsoft.com/l/entity/${bot.appId}/board?context=${encodeURIComponent(JSON.stringify(context))}`;

  test.each([
    ['the page', `${publicUrl}/tab#reseller:88101`],
    ['a place on the page', `${publicUrl}/tab?x=1#view=board&row=reseller%3A88101`],
    ['the tab in Teams', entity({ subEntityId: 'reseller:88101' })],
  ])('as %s unfolds into the card of what it leads to', async (_, url) => {
    const { type, attachments: [unfolded] = [] } = await unfold(megan, url);
    expect(type).toBe('result');
    expect(unfolded?.preview.content).toEqual({ title: '✅ Adatum *Inc*', text: 'reseller · Active' });
    expect(unfolded?.content.refresh).toMatchObject({ action: { verb: 'show-live' } });
    expect(saysOf(unfolded?.content.body)).not.toMatch(confidential);
  });

  test('of a request unfolds into its own', async () => {
    const order = await harness.order(await harness.join('Al', 'requester'), { name: 'Northgate' });
    for (const place of [`R-${order.id}`, `request:${order.id}`]) {
      const { attachments: [unfolded] = [] } = await unfold(megan, `${publicUrl}/tab#${place}`);
      expect(unfolded?.preview.content.title).toBe(`⏳ R-${order.id} Northgate`);
    }
  });

  const closed = (extension: Extension) => {
    expect(extension.type).toBe('result');
    expect(extension.attachments).toHaveLength(1);
    const [{ content, preview } = {} as Attachment] = extension.attachments ?? [];
    expect(preview).toBeDefined();
    expect(content.refresh).toBeUndefined();
    expect(saysOf(content)).toMatch(/^TeamMate\nA link to orders/);
  };

  test('is closed to whoever has no role, and to other organisations', async () => {
    for (const person of [await harness.join('Nobody'), stranger])
      closed(await unfold(person, `${publicUrl}/tab#reseller:88101`));
  });

  test.each([
    ['the board as a whole', `${publicUrl}/tab`],
    ['another page', `${publicUrl}/files/x#reseller:88101`],
    ['a page that is not ours', 'https://evil.example/tab#reseller:88101'],
    ['another app', 'https://teams.microsoft.com/l/entity/00000000-0000-4000-8000-000000000000/board?context=%7B%7D'],
    ['a context that is none', `${entity({})}%7B`],
    ['a context of another shape', entity({ subEntityId: { a: 1 } })],
    ['another organisation’s thing', `${publicUrl}/tab#reseller:9901`],
    ['a broken escape', `${publicUrl}/tab#%E0%A4%A`],
    ['no address', 'reseller:88101'],
    ['nothing', undefined],
    ['a link of a hundred thousand letters', `${publicUrl}/tab#${'x'.repeat(100_000)}`],
  ])('to %s unfolds into nothing that is anybody’s', async (_, url) => {
    closed(await unfold(alex, url));
  });

  test('that Teams asks for without saying who for is closed', async () => {
    const body = composing(alex, 'anonymousQueryLink', { url: `${publicUrl}/tab#reseller:88101` });
    const redacted = {
      ...body,
      from: { id: 'redacted', name: 'redacted' },
      conversation: { id: ' redacted', isGroup: true, conversationType: 'groupChat', tenantId: 'redacted' },
      channelData: { tenant: { id: ' redacted' }, source: { name: 'compose' } },
    };
    const before = await counts();
    closed(await asked(redacted));
    // Whoever it says it is from.
    closed(await asked(body));
    expect(await counts()).toEqual(before);
  });

  test('is read as it is written, and as nothing else', () => {
    const config = { PUBLIC_URL: publicUrl, BOT_ID: bot.appId, APP_ID: '' };
    expect(linkedTo(`${publicUrl}/tab#pbx:P-1.2`, config)).toEqual({ kind: 'pbx', reference: 'P-1.2' });
    expect(linkedTo(`${publicUrl}/tab/#R-1001`, config)).toEqual({ kind: 'request', reference: '1001' });
    expect(linkedTo(entity({ subEntityId: 'R-1001' }), { ...config, APP_ID: tenantId })).toBeUndefined();
    expect(linkedTo(`${publicUrl}/table#R-1001`, config)).toBeUndefined();
    expect(linkedTo(`${publicUrl}/tab#R-${'1'.repeat(19)}`, config)).toBeUndefined();
    expect(linkedTo(`${publicUrl}/tab#toString:1`, config)).toBeUndefined();
  });
});

test('the manifest has the command that the bot understands', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../manifest/manifest.json'), 'utf8'));
  const [{ commands }] = manifest.composeExtensions;
  expect(commands).toHaveLength(1);
  expect(commands[0]).toMatchObject({ id: findCommand.id, parameters: [{ name: findCommand.parameter }] });
});
