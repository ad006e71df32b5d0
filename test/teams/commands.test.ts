import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Role, roles } from '../../src/people/person.ts';
import { seed } from '../../src/simulator/seed.ts';
import { commands } from '../../src/teams/commands.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  channel,
  groupChat,
  megan,
  personal,
  type TestConversation,
  type TestPerson,
  thread,
} from '../support/people.ts';

/** What TeamMate has beside the seeded five: enough for three pages, and names that SQL's LIKE could stumble over. */
const listed = [
  ...['50% Telecom', '50 Telecom', 'under_score Ltd', 'underXscore Ltd', 'back\\slash Ltd', "O'Hara & Sons"],
  ...['*Star* ${x}', 'Kahn', 'Lamna', 'Munson', 'Nod', 'Relecloud', 'VanArsdel'],
];

let folder: string;
let harness: Harness;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commands-'));
  const state = seed();
  const [pattern] = state.resellers;
  const more = listed.map((resellerName, index) => ({
    ...structuredClone(pattern!),
    resellerId: 5201 + index,
    resellerName,
    preferredEmail: `desk-${index}@listed.example`,
    billingReferences: [`L-${index}`],
  }));
  const dataFile = join(folder, 'simulator.json');
  await writeFile(dataFile, JSON.stringify({ ...state, resellers: [...state.resellers, ...more] }));
  harness = await startHarness({ bare: true, simulator: { dataFile } });
});
afterAll(async () => {
  await harness.close();
  await rm(folder, { recursive: true });
});

const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const lines = (posted: Posted) => textsOf(posted.card);
/** The commands that help names. */
const helped = ({ says }: Posted) => [...says.matchAll(/^\*\*(.+)\*\* · /gm)].map(([, words]) => words as string);

/** A channel that nobody has used yet, with these people in it. */
let channels = 0;
function newChannel(...members: TestPerson[]): TestConversation {
  const place = channel(`Room${++channels}`);
  harness.teams.install(place, members);
  return place;
}

describe('add reseller', () => {
  test.each(['add reseller', 'Add Reseller', 'new reseller', 'reseller add', '  ADD   reseller ', 'add reseller!'])(
    '“%s” gives the form',
    async (said) => {
      const alex = await harness.join('Alex', 'requester');
      const form = await harness.type(alex, said);
      expect(lines(form)).toEqual(
        expect.arrayContaining(['Reseller Name', 'Preferred Email', 'Services', 'Billing Reference']),
      );
      expect(titles(form)).toEqual(['Submit', 'Cancel']);
      expect(Object.values(inputsOf(form.card))).toEqual(['', '', '', '']);
    },
  );

  test('what follows the command is filled in beforehand', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller Contoso; ops@contoso.example; pbx, trunk; B-77');
    expect(inputsOf(form.card)).toEqual({
      name: 'Contoso',
      email: 'ops@contoso.example',
      services: 'PBX,TRUNK',
      billingReference: 'B-77',
    });
    expect(form.says).not.toContain('⚠');
  });

  test('a mistake in what was filled in is told at once, what is missing yet is not', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller Contoso; nobody; fax');
    expect(lines(form).filter((line) => line.startsWith('⚠'))).toEqual([
      '⚠ Enter a valid e-mail address, such as ops@contoso.example.',
      '⚠ Choose from PBX Connector and SIP Trunk.',
    ]);
    const beginning = await harness.type(alex, 'add reseller Contoso');
    expect(beginning.says).not.toContain('⚠');
  });
});

describe('help', () => {
  test.each<[role: Role | 'nobody', may: string[], mayNot: string[]]>([
    ['nobody', ['help'], ['add reseller', 'status', 'pending', 'list resellers', 'grant', 'roles', 'route', 'audit']],
    ['requester', ['add reseller', 'status', 'withdraw', 'list resellers'], ['pending', 'grant', 'roles', 'audit']],
    [
      'approver',
      ['status', 'pending', 'list resellers', 'roles', 'routes', 'audit'],
      ['add reseller', 'grant', 'route'],
    ],
    ['administrator', ['pending', 'grant', 'revoke', 'roles', 'route', 'routes'], ['add reseller', 'withdraw']],
  ])('shows a %s what they may do, and nothing else', async (role, may, mayNot) => {
    const person = await harness.join('Kim', ...(role === 'nobody' ? [] : [role]));
    const help = await harness.type(person, 'help');
    expect(helped(help)).toEqual(expect.arrayContaining(may));
    expect(helped(help).filter((words) => mayNot.includes(words))).toEqual([]);
    expect(help.says).toContain(role === 'nobody' ? 'You have no role here yet' : `Your role here: ${role}.`);
  });

  test('fits a card even for who may do everything', async () => {
    const person = await harness.join('Kim', ...roles);
    const { card } = await harness.type(person, 'help');
    expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(25 * 1024);
    expect(helped({ card, says: textsOf(card).join('\n') } as Posted)).toHaveLength(
      commands.filter(({ outside }) => !outside).length,
    );
  });

  test('has a button for what needs no more words, which does what typing it does', async () => {
    const alex = await harness.join('Alex', 'requester');
    const help = await harness.type(alex, 'help');
    const before = harness.teams.delivered().length;
    const [open] = actionsOf(help.card);
    expect(open).toMatchObject({ title: 'add reseller', data: { verb: 'run', command: 'add reseller' } });
    await harness.press(alex, help, 'add reseller');
    await harness.teams.waitFor(({ conversationId, kind }) => conversationId === personal(alex).id && kind === 'post', {
      after: before,
    });
    await harness.see(personal(alex), 'Add Reseller', 'Submit');
  });
});

describe('help and the name of a command', () => {
  test('shows an example, its other names and who may use it', async () => {
    const alex = await harness.join('Alex', 'requester');
    const help = await harness.type(alex, 'help new reseller');
    expect(help.says).toContain('Example: add reseller Contoso; ops@contoso.example; pbx, trunk; B-77');
    expect(help.says).toContain('Also: new reseller, reseller add, create reseller');
    expect(help.says).toContain('For: requester');
  });

  test('that there is not shows what there is', async () => {
    const alex = await harness.join('Alex', 'requester');
    expect((await harness.type(alex, 'help me please')).says).toContain('What you can do here');
  });
});

describe('a command nobody knows', () => {
  test('that is nearly one gets the right one on a button', async () => {
    const alex = await harness.join('Alex', 'requester');
    const answer = await harness.type(alex, 'ad reseler Contoso; ops@b.example');
    expect(answer.says).toContain('Did you mean: **add reseller Contoso; ops@b.example**?');
    expect(titles(answer)).toEqual(['add reseller Contoso; ops@b.example', 'Help']);
    await harness.press(alex, answer, 'add reseller Contoso; ops@b.example');
    const form = await harness.see(personal(alex), 'Add Reseller', 'Submit');
    expect(inputsOf(form.card)).toMatchObject({ name: 'Contoso', email: 'ops@b.example' });
  });

  test('and is long gets a button that still says little', async () => {
    const alex = await harness.join('Alex', 'requester');
    const answer = await harness.type(alex, `add resellr ${'Contoso '.repeat(20)}`);
    expect(titles(answer)).toEqual(['Yes', 'Help']);
  });

  test.each([
    'what is the weather',
    '*bold* <at>Megan</at> ${x} {{DATE(1)}}',
    'x'.repeat(50_000),
    `${'x'.repeat(59)}👩`,
  ])('like %j gets help', async (said) => {
    const alex = await harness.join('Alex', 'requester');
    const answer = await harness.type(alex, said);
    expect(answer.says).toContain('I did not understand that');
    expect(titles(answer)).toEqual(['Help']);
    expect(answer.says).not.toMatch(/\*bold\*|<at>|(?<!\\)\{\{/);
    expect(answer.says.length).toBeLessThan(300);
  });

  test('and is too long for a button gets help', async () => {
    const alex = await harness.join('Alex', 'requester');
    const answer = await harness.type(alex, `ad reseler ${'x'.repeat(5_000)}`);
    expect(titles(answer)).toEqual(['Help']);
  });

  test('because there is none in the message gets help as well', async () => {
    const alex = await harness.join('Alex', 'requester');
    expect((await harness.type(alex, '')).says).toContain('There was no text in your message.');
  });
});

describe('without the role', () => {
  const needing = commands.filter(({ roles }) => roles.length > 0).map(({ words, roles }) => [words.en[0], roles[0]]);

  test.each(needing)('%s is refused, naming the role and who can grant it', async (word, role) => {
    const nobody = await harness.join('Norman');
    const answer = await harness.type(nobody, word as string);
    expect(answer.says).toContain(`This needs the role ${role}, which you do not have.`);
    expect(answer.says).toContain(`to type: grant ${role} @Norman`);
    expect(answer.says).toContain(megan.name);
    expect(titles(answer)).toEqual(['Help']);
  });
});

describe('status', () => {
  test('of somebody without requests says so', async () => {
    const alex = await harness.join('Alex', 'requester');
    expect((await harness.type(alex, 'status')).says).toContain('You have no open requests.');
  });

  test('lists one’s own open requests, each with whom it waits for and a button', async () => {
    const alex = await harness.join('Alex', 'requester');
    const [one, two] = [await harness.order(alex), await harness.order(alex)];
    const other = await harness.order(await harness.join('Bo', 'requester'));
    const status = await harness.type(alex, 'status');
    for (const { id, name } of [one, two]) expect(lines(status)).toContain(`R-${id} ${name}`);
    expect(status.says).toContain('waiting for an approver since {{DATE(');
    expect(status.says).not.toContain(`R-${other.id}`);
    expect(titles(status)).toEqual(['Show', 'Show']);
    await harness.press(alex, status, 'Show');
    await harness.see(personal(alex), `Reseller ${one.name}`, 'Withdraw');
  });

  test('leaves out what is over', async () => {
    const alex = await harness.join('Alex', 'requester');
    const { id } = await harness.order(alex);
    await harness.type(alex, `withdraw R-${id}`);
    expect((await harness.type(alex, 'status')).says).toContain('You have no open requests.');
  });

  test('of one request shows its card, to its requester with what they can do', async () => {
    const alex = await harness.join('Alex', 'requester');
    const { id, name } = await harness.order(alex);
    for (const said of [`status R-${id}`, `status r${id}`, `Status ${id}.`]) {
      const card = await harness.type(alex, said);
      expect(card.says).toContain(`Reseller ${name}`);
      expect(titles(card)).toEqual(['Change', 'Withdraw']);
    }
  });

  test.each<[role: Role, buttons: string[]]>([
    ['approver', ['Approve', 'Reject']],
    ['requester', []],
    ['administrator', []],
  ])('of somebody else’s request shows a %s what they can do: %j', async (role, buttons) => {
    const { id } = await harness.order(await harness.join('Alex', 'requester'));
    const card = await harness.type(await harness.join('Kim', role), `status R-${id}`);
    expect(titles(card)).toEqual(buttons);
  });

  test.each(['R-999999', '999999999999999999', 'R-1 R-2', 'x', '-1', "1' or 1=1", '2025-99-99T99:99:99.999Z'])(
    'of %p says that there is no such request',
    async (id) => {
      const alex = await harness.join('Alex', 'requester');
      const answer = await harness.type(alex, `status ${id}`);
      expect(answer.says).toContain('There is no request');
      expect(answer.says).toContain('Type: status, to see the open ones with their ids.');
    },
  );
});

describe('list resellers', () => {
  /** The list once TeamMate's resellers have arrived: they are fetched in the background when the bot starts. */
  async function resellers(person: TestPerson, search = ''): Promise<Posted> {
    for (;;) {
      const card = await harness.type(person, `list resellers ${search}`);
      if (!card.says.includes('TeamMate lists no reseller yet')) return card;
    }
  }
  const names = (posted: Posted) => lines(posted).flatMap((line) => /^[✅⏳] (.+)/u.exec(line)?.[1] ?? []);
  const all = 5 + listed.length;

  test('shows them a page at a time, there and back', async () => {
    const kim = await harness.join('Kim', 'approver');
    const first = await resellers(kim);
    expect(first.says).toContain(`${all} in all, page 1 of 3.`);
    expect(titles(first)).toEqual(['Search', 'Next']);
    const second = await harness.click(kim, first, 'Next');
    expect(titles(second)).toEqual(['Search', 'Previous', 'Next']);
    const third = await harness.click(kim, second, 'Next');
    expect(titles(third)).toEqual(['Search', 'Previous']);
    const seen = [first, second, third].flatMap(names);
    expect(new Set(seen).size).toBe(all);
    expect(names(await harness.click(kim, third, 'Previous'))).toEqual(names(second));
  });

  test.each<[search: string, found: string[]]>([
    ['fabrikam', ['Fabrikam']],
    ['TELECOM', ['50 Telecom', '50% Telecom']],
    ['50%', ['50% Telecom']],
    ['r_s', ['under\\_score Ltd']],
    ['\\', ['back\\\\slash Ltd']],
    ["o'hara &", ["O'Hara & Sons"]],
    ['${x}', ['\\*Star\\* $\\{x\\}']],
    ['taken@fabrikam', ['Fabrikam']],
    ['NW-1003', ['Litware']],
    ['billingReference', []],
    ['"', []],
    ['nobody', []],
  ])('finds by name, e-mail or billing reference: %s', async (search, found) => {
    const kim = await harness.join('Kim', 'approver');
    const card = await resellers(kim, search);
    expect(names(card).sort()).toEqual(found);
    expect(card.says).toContain(found.length > 0 ? `${found.length} found` : 'None matches.');
    expect(inputsOf(card.card).search).toBe(search);
  });

  test('is searched on the card, and a new search begins at its first page', async () => {
    const kim = await harness.join('Kim', 'requester');
    const second = await harness.click(kim, await resellers(kim), 'Next');
    const found = await harness.click(kim, second, 'Next', { search: 'telecom' });
    expect(found.says).toContain('2 found');
    const again = await harness.click(kim, found, 'Search', { search: '' });
    expect(again.says).toContain(`${all} in all, page 1 of 3.`);
  });

  test('takes a page that does not exist for the last one', async () => {
    const kim = await harness.join('Kim', 'requester');
    const list = await resellers(kim);
    const next = actionsOf(list.card).find(({ title }) => title === 'Next');
    next!.data.page = 1_000_000;
    expect((await harness.click(kim, list, 'Next')).says).toContain('page 3 of 3');
  });
});

describe('withdraw', () => {
  test('with an id takes the request back', async () => {
    const alex = await harness.join('Alex', 'requester');
    const { id } = await harness.order(alex);
    const card = await harness.type(alex, `withdraw R-${id}`);
    expect(card.says).toContain('Withdrawn');
    expect(titles(card)).toEqual(['Ask again']);
    // Typing it again is no mistake.
    expect((await harness.type(alex, `withdraw ${id}`)).says).toContain('Withdrawn');
  });

  test('without one asks which, and the button takes it back', async () => {
    const alex = await harness.join('Alex', 'requester');
    expect((await harness.type(alex, 'withdraw')).says).toContain('You have nothing that could be withdrawn.');
    const { id, name } = await harness.order(alex);
    const asked = await harness.type(alex, 'withdraw');
    expect(lines(asked)).toContain(`R-${id} ${name}`);
    expect((await harness.click(alex, asked, 'Withdraw')).says).toContain('Withdrawn');
  });

  test('is refused on somebody else’s request, naming who can', async () => {
    const alex = await harness.join('Alex Owner', 'requester');
    const { id } = await harness.order(alex);
    const other = await harness.join('Bo', 'requester', 'administrator');
    expect((await harness.type(other, `withdraw R-${id}`)).says).toContain('Only Alex Owner, who made this request');
  });

  test.each(['R-999999', 'everything'])('of %s says that there is no such request', async (id) => {
    const alex = await harness.join('Alex', 'requester');
    expect((await harness.type(alex, `withdraw ${id}`)).says).toContain('There is no request');
  });
});

describe('pending', () => {
  test('shows an approver what waits, and Show opens it with its buttons', async () => {
    const { id, name } = await harness.order(await harness.join('Alex', 'requester'));
    const kim = await harness.join('Kim', 'approver');
    const pending = await harness.type(kim, 'pending');
    // The oldest ten: others of this file may stand before it.
    expect(pending.says).toMatch(/Waiting for approval/);
    expect(titles(pending)).toContain('Show');
    const card = await harness.type(kim, `status ${id}`);
    expect(card.says).toContain(`Reseller ${name}`);
    expect(titles(card)).toEqual(['Approve', 'Reject']);
  });
});

describe('grant, revoke and roles', () => {
  const roleOf = async (person: TestPerson) => (await harness.type(person, 'help')).says;

  test('by directory id, in any case, gives and takes a role', async () => {
    const admin = await harness.join('Ada', 'administrator');
    const kim = await harness.join('Kim');
    expect((await harness.type(admin, `grant Approver ${kim.aadObjectId.toUpperCase()}`)).says).toContain(
      `${kim.aadObjectId} is approver now.`,
    );
    expect(await roleOf(kim)).toContain('Your role here: approver.');
    expect((await harness.type(admin, `revoke approver ${kim.aadObjectId}`)).says).toContain('is no longer approver.');
    expect((await harness.type(admin, `revoke approver ${kim.aadObjectId}`)).says).toContain('was not approver.');
    expect(await roleOf(kim)).toContain('You have no role here yet');
  });

  test('by a mention of somebody the bot has met', async () => {
    const admin = await harness.join('Ada', 'administrator');
    const kim = await harness.join('Kim Known');
    await harness.type(kim, 'help');
    const place = newChannel(admin, kim);
    const says = async (text: string) => (await harness.type(admin, text, place, [kim])).says;
    expect(await says('grant requester <at>Kim Known</at>')).toContain('Kim Known is requester now.');
    expect(await roleOf(kim)).toContain('Your role here: requester.');
    expect(await says('revoke requester <at>Kim Known</at>')).toContain('Kim Known is no longer requester.');
  });

  test('by a mention of somebody the bot has not met, found in the roster', async () => {
    const admin = await harness.join('Ada', 'administrator');
    const nina = await harness.join('Nina New');
    const place = newChannel(admin, nina);
    const answer = await harness.type(admin, 'grant approver <at>Nina New</at>', place, [nina]);
    expect(answer.says).toContain('Looking up Nina New in Teams.');
    await harness.see(place, 'Role granted', 'Nina New is approver now.');
    expect(await roleOf(nina)).toContain('Your role here: approver.');
  });

  test('of somebody who is not even in the conversation is refused', async () => {
    const admin = await harness.join('Ada', 'administrator');
    const gone = await harness.join('Gone Fishing');
    const place = newChannel(admin);
    await harness.type(admin, 'grant approver <at>Gone Fishing</at>', place, [gone]);
    await harness.see(place, 'I cannot tell who Gone Fishing is.');
    expect(await roleOf(gone)).toContain('You have no role here yet');
  });

  test.each<[said: string, says: string]>([
    ['grant approver', 'I cannot tell who that is.'],
    ['grant approver Kim', 'I cannot tell who Kim is.'],
    ['grant approver 1234', 'Mention them (@Name), or give their directory id'],
    ['grant', 'There is no role "".'],
    ['grant emperor Kim', 'There is no role "emperor". Roles are: requester, approver, operator, administrator.'],
    ['grant toString Kim', 'There is no role "tostring".'],
    ['revoke approver Kim', 'I cannot tell who Kim is.'],
    ['revoke emperor', 'There is no role "emperor".'],
    [`grant ${'x'.repeat(39)}👩`, 'There is no role "xxxxx'],
    [`grant approver ${'x'.repeat(59)}👩`, 'I cannot tell who xxxxx'],
  ])('“%s” is refused with what to write', async (said, says) => {
    const admin = await harness.join('Ada', 'administrator');
    expect((await harness.type(admin, said)).says).toContain(says);
  });

  test('roles shows who may do what, strangers by their directory id', async () => {
    const admin = await harness.join('Ada Admin', 'administrator');
    const unmet = await harness.join('Unmet', 'approver');
    const roles = await harness.type(admin, 'roles');
    const [requester, approver, administrator] = ['requester', 'approver', 'administrator'].map(
      (role) => lines(roles)[lines(roles).indexOf(role) + 1],
    );
    expect(requester).toBeTruthy();
    expect(approver).toContain(unmet.aadObjectId);
    expect(administrator).toContain('Ada Admin');
  });

  test('an approver may look at the roles and not change them', async () => {
    const kim = await harness.join('Kim', 'approver');
    expect((await harness.type(kim, 'roles')).says).toContain('approver');
    expect((await harness.type(kim, `grant approver ${kim.aadObjectId}`)).says).toContain(
      'needs the role administrator',
    );
  });
});

describe('route and routes', () => {
  test.each([
    ['approvals', 'route approvals here'],
    ['approvals', 'route approvals'],
    ['approvals', 'Route Approval to here.'],
    ['notifications', 'route notifications here'],
    ['notifications', 'route notification here!'],
    ['tasks', 'route tasks here'],
    ['tasks', 'Route task to here'],
  ])('binds %s to the channel it is typed in: “%s”', async (purpose, said) => {
    const admin = await harness.join('Ada', 'administrator');
    const place = newChannel(admin);
    expect((await harness.type(admin, said, place)).says).toContain('Route set');
    const routes = await harness.type(admin, 'routes');
    expect(lines(routes)[lines(routes).indexOf(purpose) + 1]).toContain(`${place.name}, since {{DATE(`);
  });

  test('in a thread binds the channel it is in', async () => {
    const admin = await harness.join('Ada', 'administrator');
    const place = newChannel(admin);
    const answer = await harness.type(admin, 'route approvals here', thread(place, '1700000000000'));
    expect(answer.says).toContain('Approvals of your organisation will come to this channel.');
    const { name } = await harness.order(await harness.join('Alex', 'requester'));
    await harness.see(place, `Reseller ${name}`, 'Approve');
  });

  test('sends what has waited to the new channel', async () => {
    const admin = await harness.join('Ada', 'administrator');
    const { name } = await harness.order(await harness.join('Alex', 'requester'));
    const place = newChannel(admin);
    await harness.type(admin, 'route approvals here', place);
    await harness.see(place, `Reseller ${name}`, 'Approve');
  });

  test.each(['personal', 'groupChat'])('is refused in a %s', async (kind) => {
    const admin = await harness.join('Ada', 'administrator');
    const chat = kind === 'personal' ? personal(admin) : groupChat('Friends');
    harness.teams.install(chat, [admin]);
    const answer = await harness.type(admin, 'route approvals here', chat);
    expect(answer.says).toContain('This command works in a channel only.');
  });

  test.each(['route', 'route here', 'route nonsense here', 'route approvals elsewhere', 'route approvals there now'])(
    '“%s” is refused with what to write',
    async (said) => {
      const admin = await harness.join('Ada', 'administrator');
      const answer = await harness.type(admin, said, newChannel(admin));
      expect(answer.says).toContain('Type: route approvals here, route notifications here, or route tasks here.');
    },
  );
});
