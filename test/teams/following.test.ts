import { type FakeGraph, startGraph } from '../support/graph.ts';
import { approvals, type Harness, startHarness } from '../support/harness.ts';
import { alex, foreignTenantId, megan, personal, type TestPerson, tenantId } from '../support/people.ts';

let graph: FakeGraph;
let harness: Harness;
let ahead = 0;
beforeAll(async () => {
  graph = await startGraph({ page: 2 });
  harness = await startHarness({
    // Nothing is read by itself here, but where a test wants it: each sees only its own readings.
    env: { GRAPH_URL: graph.url, GROUPS_EVERY: '1h', GROUPS_VALID: '2h' },
    replacements: { directoryToken: graph.token, clock: () => new Date(Date.now() + ahead) },
  });
}, 120_000);
afterAll(async () => {
  await harness.close();
  await graph.close();
});
afterEach(() => graph.bend(undefined));

const says = async (person: TestPerson, text: string) => (await harness.type(person, text)).says;
const admin = personal(megan);
const nobodys = '5d1c3f80-b751-4eb6-86ae-3268e7bb197d';
let groups = 0;
/** A group with a name of its own. */
const groupOf = (...members: TestPerson[]) => {
  const name = `Group No ${++groups}`;
  return { name, id: graph.group(tenantId, { name, members: members.map(({ aadObjectId }) => aadObjectId) }) };
};
const grantTo = async ({ id, name }: { id: string; name: string }, role = 'approver') => {
  await harness.type(megan, `grant ${role} group ${id}`);
  return harness.see(admin, 'Role granted to a group', name);
};

describe('grant approver group', () => {
  test('says that the group is read, then how many are in it, and they can approve', async () => {
    const kim = await harness.join('Kim');
    const { id, name } = groupOf(kim, await harness.join('Lee'), await harness.join('Max'));
    expect(await says(megan, `Grant Approver group  ${id.toUpperCase()}`)).toContain(
      `Reading the group ${id} in the directory. Its members are approver once that is done.`,
    );
    const card = await harness.see(admin, name);
    expect(card.says).toContain(`${name} has 3 members, who are approver now.`);
    expect(card.says).toContain(
      'It is read again every 1 hour. Whoever manages the group in the directory decides from now on who is approver.',
    );
    expect(await says(kim, 'help')).toContain('Your role here: approver.');

    const order = await harness.order(alex);
    const asked = await harness.see(approvals, `R-${order.id}`);
    const approved = await harness.click(kim, { ...asked, where: approvals }, 'Approve');
    expect(approved.says).toContain('Kim');
    await harness.see(personal(alex), order.name, 'Approved');
  });

  test('with one member, and with none', async () => {
    const one = groupOf(await harness.join('Kim'));
    expect((await grantTo(one)).says).toContain(`${one.name} has 1 member, who is approver now.`);
    const none = groupOf();
    expect((await grantTo(none)).says).toContain(`${none.name} has no members yet, so nobody is approver by it.`);
  });

  test('a name is shown as it is written in the directory, and not in full if it is endless', async () => {
    const id = graph.group(tenantId, { name: `**Sales** [x](https://evil.example) ${'x'.repeat(300)}` });
    const card = await grantTo({ id, name: 'Sales' });
    expect(card.says).toContain('\\*\\*Sales\\*\\* \\[x\\]');
    expect(card.says).not.toContain('x'.repeat(60));
  });

  test.each([
    ['grant approver group', 'A group is named by its object id; “” is none.'],
    ['grant approver group Approvers', 'A group is named by its object id; “Approvers” is none.'],
    ['revoke approver group 1234', 'type: grant approver group, then the id.'],
    [`grant approver group ${nobodys} please`, 'is none.'],
    [`grant approver group ${nobodys}/../../users`, 'is none.'],
    [`grant emperor group ${nobodys}`, 'There is no role "emperor".'],
  ])('“%s” is refused with what to write', async (typed, answer) => {
    expect(await says(megan, typed)).toContain(answer);
  });

  test('is for administrators', async () => {
    const kim = await harness.join('Kim', 'approver');
    const { id } = groupOf(kim);
    for (const verb of ['grant', 'revoke'])
      expect(await says(kim, `${verb} approver group ${id}`)).toContain('needs the role administrator');
    expect(await says(megan, 'roles')).not.toContain(id);
  });
});

describe('a group that cannot be read', () => {
  test('because it is not there, or another organisation’s, is told to who granted it', async () => {
    const theirs = graph.group(foreignTenantId, { name: 'Theirs', members: [alex.aadObjectId] });
    await harness.type(megan, `grant administrator group ${theirs}`);
    const card = await harness.see(admin, 'The group could not be read', theirs);
    expect(card.says).toContain('The directory of your organisation has no such group.');
    expect(card.says).toContain(`The group ${theirs} stays granted and is tried again every 1 hour.`);
    expect(await says(alex, 'help')).not.toContain('administrator');
    expect(await says(megan, 'roles')).toContain('not read: nobody has the role by it\n\n⚠ The directory of your');
    await harness.type(megan, `revoke administrator group ${theirs}`);
  });

  test('for want of consent is told, with who has to consent; once it is there, it is read', async () => {
    const kim = await harness.join('Kim');
    const group = groupOf(kim);
    graph.consent(tenantId, false);
    await harness.type(megan, `grant approver group ${group.id}`);
    const card = await harness.see(admin, 'The group could not be read', group.id);
    expect(card.says).toContain(
      'The directory does not let the bot read groups. An administrator of your Microsoft 365',
    );
    expect(card.says).toContain('consent to the application permission GroupMember.Read.All');
    graph.consent(tenantId, true);
    expect((await grantTo(group)).says).toContain('has 1 member');
    expect(await says(kim, 'help')).toContain('Your role here: approver.');
  });

  test('for a moment is tried again, and what is told is told once', async () => {
    const group = groupOf(await harness.join('Kim'));
    let refusals = 2;
    graph.bend((path) =>
      path.includes(group.id) && refusals-- > 0
        ? { status: 429, body: '', headers: { 'retry-after': '0' } }
        : undefined,
    );
    const before = harness.teams.delivered().length;
    await grantTo(group);
    await harness.type(megan, 'help');
    const about = harness.teams
      .delivered()
      .slice(before)
      .filter(({ activity }) => JSON.stringify(activity).includes('group'));
    expect(about.map(({ activity }) => /Reading the group|has 1 member/.exec(JSON.stringify(activity))?.[0])).toEqual([
      'Reading the group',
      'has 1 member',
    ]);
  });
});

describe('roles', () => {
  test('shows each group with its role, how many are in it and when that was read', async () => {
    const group = groupOf(await harness.join('Kim'), await harness.join('Lee'));
    await grantTo(group, 'requester');
    const card = await says(megan, 'roles');
    expect(card).toContain(`requester, by the group ${group.name}\n2 members, read {{DATE(`);
    expect(card).toContain(group.id);
    await harness.type(megan, `revoke requester group ${group.id}`);
  });
});

describe('revoke approver group', () => {
  test('takes the role from its members at once, and says whom it leaves', async () => {
    const kim = await harness.join('Kim');
    const lee = await harness.join('Lee', 'approver');
    const group = groupOf(kim, lee);
    await grantTo(group);
    const card = await says(megan, `revoke approver group ${group.id}`);
    expect(card).toContain(`The group ${group.name} no longer makes anybody approver.`);
    expect(card).toContain('Who was granted the role by name still has it');
    expect(await says(kim, 'help')).toContain('You have no role here yet');
    expect(await says(lee, 'help')).toContain('Your role here: approver.');
    expect(await says(megan, 'roles')).not.toContain(group.id);
    expect(await says(megan, `revoke approver group ${group.id}`)).toContain('did not make anybody approver.');
  });

  test('a group of administrators can grant, and cannot remove the last one who was granted it by name', async () => {
    const kim = await harness.join('Kim');
    const group = groupOf(kim, megan);
    await grantTo(group, 'administrator');
    expect(await says(kim, `grant requester ${kim.aadObjectId}`)).toContain('is requester now.');
    expect(await says(kim, `revoke administrator ${megan.aadObjectId}`)).toContain(
      'The last administrator cannot be removed.',
    );
    expect(await says(kim, `revoke administrator group ${group.id}`)).toContain(
      'no longer makes anybody administrator',
    );
    expect(await says(megan, 'roles')).toContain(megan.name);
  });
});

test('groups are read by themselves, every GROUPS_EVERY', async () => {
  const other = await startHarness({
    env: { GRAPH_URL: graph.url, GROUPS_EVERY: '300ms' },
    replacements: { directoryToken: graph.token },
  });
  try {
    const kim = await other.join('Kim');
    const group = groupOf();
    await other.type(megan, `grant approver group ${group.id}`);
    const until = async (text: string) => {
      while (!(await other.type(kim, 'help')).says.includes(text));
    };
    graph.group(tenantId, { name: group.name, members: [kim.aadObjectId] }, group.id);
    await until('Your role here: approver.');
    graph.group(tenantId, { name: group.name }, group.id);
    await until('You have no role here yet');
  } finally {
    await other.close();
  }
}, 120_000);

// The last one: the clock goes on from here.
test('what the directory has not confirmed for GROUPS_VALID no longer counts, and the refusal says so', async () => {
  const kim = await harness.join('Kim');
  const group = groupOf(kim);
  await grantTo(group);
  expect(await says(kim, 'pending')).toContain('Waiting for approval');
  graph.bend(() => ({ status: 503, body: '' }));
  await harness.type(megan, `grant approver group ${group.id}`);
  await harness.see(admin, 'The group could not be read', group.name);
  expect(await says(megan, 'roles')).toContain('It is tried again by itself. What was read counts until {{DATE(');
  expect(await says(kim, 'help')).toContain('Your role here: approver.');
  ahead = 2 * 3_600_000;
  const refused = await says(kim, 'pending');
  expect(refused).toContain(
    `Your role approver comes from the group ${group.name}, and the directory could not be read`,
  );
  expect(refused).toMatch(/could not be read since \{\{DATE\(.+\)\}\}: it does not count for now\./);
  expect(refused).toContain(`An administrator (${megan.name}) sees the reason when they type roles.`);
  expect(await says(kim, 'help')).toContain('the directory could not be read since');
  expect(await says(megan, 'roles')).toContain(': too long ago, so nobody has the role by it');
});
