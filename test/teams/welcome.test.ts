import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../../src/people/person.ts';
import { commands } from '../../src/teams/commands.ts';
import { courtesyIn } from '../../src/teams/greeting.ts';
import { parseCommand } from '../../src/teams/parse.ts';
import { welcomeTo } from '../../src/teams/welcome.ts';
import type { Card } from '../../src/views/templates.ts';
import { actionsOf } from '../support/cards.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  type Body,
  channel,
  groupChat,
  installed,
  megan,
  message,
  personal,
  type TestConversation,
  thread,
  uninstalled,
} from '../support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const postsIn = (where: TestConversation) =>
  harness.teams.delivered().filter(({ conversationId, kind }) => conversationId === where.id && kind === 'post');

const outstanding = (card: Card) =>
  actionsOf(card).flatMap(({ title, style }) => (style === 'positive' ? [title] : []));

describe('a welcome', () => {
  test('lets the button stand out that its first step speaks of, and no other', () => {
    const newcomer = { next: [], routed: true, app: 'TeamMate', toGetRole: '' };
    expect(outstanding(welcomeTo({ ...newcomer, roles: ['requester', 'approver'] }))).toEqual(['Add a reseller']);
    expect(outstanding(welcomeTo({ ...newcomer, roles: ['administrator'] }))).toEqual(['Who may do what']);
    // The first step is to be typed in a channel.
    expect(outstanding(welcomeTo({ ...newcomer, routed: false, roles: ['administrator'] }))).toEqual([]);
  });

  test.each<[role: Role, says: string, buttons: string[]]>([
    ['requester', 'Type **add reseller**', ['Add a reseller', 'Set up a PBX', 'My open requests', 'Help']],
    ['approver', 'Nobody decides on their own request', ['What waits for approval', 'My open requests', 'Resellers']],
    ['operator', 'in TeamMate’s portal what was approved', ['What is to be done', 'Resellers', 'Help']],
    ['administrator', 'which channel gets the approvals', ['Who may do what', 'Channels', 'Resellers', 'Help']],
  ])('of somebody who is %s says what it does for them, and does it', async (role, says, buttons) => {
    const person = await harness.join('New', role);
    await harness.send(installed(person));
    const welcome = await harness.see(personal(person), 'TeamMate is here', `Your role here: ${role}.`, says);
    expect(titles(welcome)).toEqual(expect.arrayContaining(buttons));
    expect(titles(welcome).length).toBeLessThanOrEqual(5);
    // Each of them does what it says: none is unknown, none is refused.
    for (const title of titles(welcome)) {
      const after = postsIn(personal(person)).length;
      await harness.press(person, welcome, title);
      await harness.teams.waitFor(() => postsIn(personal(person)).length > after);
      const answer = JSON.stringify(postsIn(personal(person)).at(-1)?.activity);
      expect(answer).not.toMatch(/not done|did not understand/);
    }
  });

  test('of somebody without a role names whom to ask', async () => {
    const person = await harness.join('Nobody *Yet*');
    await harness.send(installed(person));
    const welcome = await harness.see(personal(person), 'TeamMate is here', 'no role here yet');
    expect(welcome.says).toContain('Ask an administrator (Megan Approver');
    expect(welcome.says).toContain('grant requester @Nobody \\*Yet\\*');
    expect(titles(welcome)).toEqual(['Help']);
  });

  test('says what waits for them already', async () => {
    const kim = await harness.join('Kim', 'approver');
    await harness.order(await harness.join('Al', 'requester'));
    await harness.send(installed(kim));
    const welcome = await harness.see(personal(kim), 'TeamMate is here', 'Next for you');
    expect(welcome.says).toMatch(/\d+ requests? waits? for your decision/);
    expect(titles(welcome)[0]).toBe('Decide');
  });

  test('comes once, however often the app is installed and upgraded', async () => {
    const person = await harness.join('Often', 'requester');
    for (const action of ['add', 'remove', 'add', 'add-upgrade', 'add'])
      await harness.send({ ...installed(person), action });
    await harness.send(uninstalled(person));
    await harness.send(installed(person));
    await harness.type(person, 'help');
    expect(postsIn(personal(person))).toHaveLength(2);
  });

  test('of a chat of several tells nobody’s role', async () => {
    const person = await harness.join('Sociable', 'requester');
    const place = groupChat('Sales');
    harness.teams.install(place, [person, megan]);
    await harness.send(installed(person, place));
    const welcome = await harness.see(place, 'TeamMate is here', '@TeamMate status');
    expect(welcome.says).not.toMatch(/requester|Next for you/);
    expect(titles(welcome)).toEqual(['My open requests', 'Resellers', 'Help']);
  });
});

describe('a courtesy', () => {
  test.each(['hi', 'Hello!', 'hallo 👋', 'Guten Morgen, Bot', 'hello there', 'こんにちは'])(
    '(%s) is answered with what waits',
    async (said) => {
      const alex = await harness.join('Alex', 'requester');
      const answer = await harness.type(alex, said);
      expect(answer.says).toContain('Hello Alex');
      expect(answer.says).toContain('Nothing waits for you.');
      expect(titles(answer)).toEqual(['Help']);
    },
  );

  test('says how many requests wait for an approver, and leads there', async () => {
    const kim = await harness.join('Kim', 'approver');
    await harness.order(await harness.join('Al', 'requester'));
    const answer = await harness.type(kim, 'thanks');
    expect(answer.says).toMatch(/You are welcome\n\d+ requests? waits? for your decision/);
    await harness.press(kim, answer, 'Decide');
    await harness.see(personal(kim), 'Waiting for approval');
  });

  test('counts nobody’s own request, nor for who may not decide', async () => {
    const both = await harness.join('Both', 'requester', 'approver');
    const before = (await harness.type(both, 'hello')).says;
    await harness.order(both);
    expect((await harness.type(both, 'hello')).says).toBe(before);
    expect((await harness.type(await harness.join('Al', 'requester'), 'hello')).says).not.toContain('decision');
  });

  test('of somebody without a role is a welcome', async () => {
    const person = await harness.join('Nobody');
    expect((await harness.type(person, 'hello')).says).toContain('You have no role here yet');
  });

  test('and a command behind it is the command', async () => {
    const alex = await harness.join('Alex', 'requester');
    expect((await harness.type(alex, 'Hello, add reseller Contoso')).says).toContain('Add Reseller');
  });

  test('in a channel tells nothing of what waits for one person', async () => {
    await harness.order(await harness.join('Al', 'requester'));
    const place = channel('Lobby');
    harness.teams.install(place, [megan]);
    const answer = await harness.type(megan, 'hi', place);
    expect(answer.says).toContain('Hello Megan Approver');
    expect(answer.says).not.toContain('decision');
  });

  test.each([
    ['history', undefined],
    ['hierarchy', undefined],
    ['thanksgiving', undefined],
    ['', undefined],
    ['hi', { courtesy: 'hello', rest: '' }],
    ['THANK  YOU!!', { courtesy: 'thanks', rest: '' }],
    ['good morning: status', { courtesy: 'hello', rest: 'status' }],
  ])('%j is read as %j', (said, read) => {
    expect(courtesyIn(said)).toEqual(read);
  });

  test('that goes on and on is answered as what is not understood', async () => {
    const alex = await harness.join('Alex', 'requester');
    const answer = await harness.type(alex, `hello ${'la '.repeat(4000)}`);
    expect(answer.says).toContain('I did not understand that');
  });
});

describe('the manifest', () => {
  interface Menu {
    scopes: string[];
    commands: { title: string; type?: string; prompt?: string }[];
  }
  const text = readFileSync(join(import.meta.dirname, '../../manifest/manifest.json'), 'utf8');
  const menus = (JSON.parse(text) as { bots: [{ commandLists: Menu[] }] }).bots[0].commandLists;

  test('suggests what can be typed', () => {
    const offered = menus.flatMap(({ commands: listed }) => listed.map(({ title, prompt }) => prompt ?? title));
    expect(offered.filter((said) => !parseCommand(said, commands))).toEqual([]);
  });

  test('begins a talk by prompts only where the bot does not welcome anybody, as Teams asks', () => {
    const starting = menus.filter(({ commands: listed }) => listed.some(({ type }) => type === 'prompt'));
    expect(starting.map(({ scopes }) => scopes)).toEqual([['team']]);
  });
});

describe('help', () => {
  test('begins with what waits for the reader', async () => {
    const kim = await harness.join('Kim', 'approver');
    await harness.order(await harness.join('Al', 'requester'));
    const help = await harness.type(kim, 'help');
    expect(help.says).toMatch(/Next for you\n\d+ requests? waits? for your decision/);
    expect(titles(help)[0]).toBe('Decide');
  });
});

describe('what people say to each other in a channel', () => {
  test.each(['help', 'hello', 'approve R-1', 'thanks'])('(%s) is neither answered nor kept', async (said) => {
    const place = channel('Coffee');
    harness.teams.install(place, [megan]);
    for (const where of [place, thread(place, '1'), groupChat('Lunch')]) {
      const overheard: Body = { ...message(megan, said, where), text: said, entities: [] };
      expect(await harness.send(overheard)).toEqual({ status: 202, body: {} });
    }
    const kept = await harness.db
      .selectFrom('conversations')
      .select('conversation_id')
      .where('conversation_id', 'like', '%coffee%')
      .execute();
    expect(kept).toEqual([]);
    expect(postsIn(place)).toEqual([]);
  });

  test('is answered when it mentions the bot', async () => {
    const place = channel('Tea');
    harness.teams.install(place, [megan]);
    expect((await harness.type(megan, 'hello', place)).says).toContain('Hello Megan');
  });
});

describe('a chat between two people', () => {
  test('is never taken for somebody’s own chat with the bot', async () => {
    const alex = await harness.join('Alex', 'requester');
    const order = await harness.order(alex);
    const between = { ...personal(alex), id: `19:${alex.aadObjectId}_${megan.aadObjectId}@unq.gbl.spaces` };
    harness.teams.install(between, [alex, megan]);
    await harness.send(installed(alex, between));
    const kim = await harness.join('Kim', 'approver');
    await harness.click(kim, await harness.type(kim, `status ${order.id}`), 'Reject', { reason: 'Not now' });
    await harness.see(personal(alex), `${order.name}: rejected`);
    expect(JSON.stringify(postsIn(between))).not.toContain(order.name);
  });
});
