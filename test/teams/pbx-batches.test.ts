import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { cardOf, textsOf } from '../support/fake-teams.ts';
import { actionsOf, approvals, type Harness, inputsOf, type Posted, startHarness } from '../support/harness.ts';
import { fine, pbxHarness, scriptedPreflight, wrongPassword } from '../support/pbx.ts';
import { megan, personal, type TestPerson } from '../support/people.ts';

const header = 'PBX Location,Enterprise,PBX Type,PBX DNS Lookup Type,PBX SIP Domain,SIP User,SIP Password,PBX Portal';
const portal = 'Portal Authorization URL,Client ID,Client Secret';
const secretOf = (location: string) => `Geheim-${location.replace(' ', '-')}, 7 `;
const rowOf = (location: string, domain = 'sip.proseware.example') =>
  `${location},Proseware,Netsapiens,a,${domain},teammate,"${secretOf(location)}",` +
  `https://portal.proseware.example/ns-api/oauth2/token/,teammate,client-${location}-Geheim`;
const listOf = (...rows: string[]) => [header.replace('PBX Portal', portal), ...rows].join('\n');

const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const mistakes = (posted: Posted) => textsOf(posted.card).filter((line) => line.startsWith('⚠ Row'));
const batchIn = (posted: Posted) => /Batch (\d+)/.exec(posted.says)?.[1] ?? '';

/** All that the database holds and all that was posted, as text. */
async function everythingIn(harness: Harness): Promise<string> {
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`.execute(harness.db);
  const dumps = [JSON.stringify(harness.teams.delivered())];
  for (const { schema, name } of tables) {
    const { rows } = await sql`select * from ${sql.table(`${schema}.${name}`)}`.execute(harness.db);
    dumps.push(JSON.stringify(rows));
  }
  return dumps.join('\n');
}

test('without a key there is no list of PBXes, and which setting is missing is told', async () => {
  const harness = await startHarness({ env: { SECRETS_KEYS: '' } });
  const alex = await harness.join('Alex', 'requester');
  for (const said of ['setup pbxes', `setup pbxes\n${listOf(rowOf('Keyless'))}`])
    expect((await harness.type(alex, said)).says).toContain('there is no key here yet');
  await harness.see(personal(alex), 'there is no key here yet', 'Your message holds passwords');
  expect(await harness.db.selectFrom('batches').selectAll().execute()).toEqual([]);
  await harness.close();
});

describe('several PBXes', () => {
  const script = scriptedPreflight();
  let harness: Harness;
  let ana: TestPerson;
  let joined = 0;
  beforeAll(async () => {
    harness = await pbxHarness({
      env: { PREFLIGHT_PER_MINUTE: '1000' },
      replacements: { preflight: script.preflight },
    });
  });
  afterAll(() => harness.close());
  beforeEach(async () => {
    ana = await harness.join(`Ana ${++joined}`, 'requester');
  });

  const check = async (rows: string) => harness.click(ana, await harness.type(ana, 'setup pbxes'), 'Check', { rows });
  const secretsKept = (column: 'batch_id' | 'request_id') =>
    harness.db.selectFrom('secrets').select(column).where(column, 'is not', null).execute();
  /** Has the check of a location find this, once it was begun. */
  async function ends(location: string, finding: typeof fine) {
    const mine = () => script.runs.find(({ account, ended }) => account.password === secretOf(location) && !ended);
    while (!mine()) await pause(10);
    mine()?.ends(finding);
  }

  test('are tried out, the good ones approved together and created; the other is mended and goes on alone', async () => {
    const [one, two, three] = ['Tried One', 'Tried Two', 'Tried Three'] as const;
    const preview = await check(listOf(...[one, two, three].map((location) => rowOf(location))));
    expect(mistakes(preview)).toEqual([]);
    expect(preview.says).toContain('All 3 PBXes are fine.');
    expect(inputsOf(preview.card).rows).toBe('');
    expect(await secretsKept('batch_id')).toHaveLength(1);
    expect(await everythingIn(harness)).not.toContain('Geheim');

    const card = await harness.click(ana, preview, 'Submit all 3');
    expect(card.says).toContain('Being checked');
    expect(card.says).toContain('Waiting for the check of 3; an approver is asked after that.');
    expect(await secretsKept('batch_id')).toEqual([]);
    expect(await secretsKept('request_id')).toHaveLength(3);
    await ends(one, fine);
    await harness.see(personal(ana), 'Waiting for the check of 2');
    await ends(two, wrongPassword);
    await harness.see(personal(ana), 'Waiting for the check of 1', 'to mend 1', 'The PBX does not take this password.');
    const early = await harness.type(megan, `batch ${batchIn(card)}`);
    expect(titles(early)).not.toContain('Approve 1 PBX');
    expect(JSON.stringify(harness.teams.delivered())).not.toContain('Approve 1 PBX');
    await ends(three, fine);

    const approval = await harness.see(approvals, '3 PBXes', 'Approve 2 PBXes', one, three);
    expect(approval.says).toContain('the 2 that are ready');
    await harness.see(personal(ana), `Batch ${batchIn(card)}: 3 PBXes: the check found something`);
    const approved = await harness.click(megan, approval, 'Approve 2 PBXes');
    expect(approved.says).toContain('1 of the 3 that were asked for was not ready then, and goes on alone');
    await harness.see(personal(ana), '2 of 2 created');
    const made = () => harness.simulator.state.pbxes.map(({ pbxLocation }) => pbxLocation);
    expect(made()).toEqual(expect.arrayContaining([one, three]));
    expect(made()).not.toContain(two);

    const { id } = await harness.db
      .selectFrom('requests')
      .select('id')
      .where('name', '=', two)
      .executeTakeFirstOrThrow();
    expect((await harness.type(ana, 'status')).says).toContain(`R-${id}`);
    const alone = await harness.type(ana, `status R-${id}`);
    expect(titles(alone)).toEqual(['Check again', 'Change', 'Ask anyway', 'Withdraw']);
    await harness.press(ana, alone, 'Check again');
    await ends(two, fine);
    const own = await harness.see(approvals, `PBX ${two}`, 'Approve');
    await harness.click(megan, own, 'Approve');
    await harness.see(approvals, `${two}: waiting for activation`);
    expect(made()).toContain(two);
    expect(await everythingIn(harness)).not.toContain('Geheim');
  }, 120_000);

  test('an approval of the batch as it was does not hold for what has joined it since', async () => {
    const [one, two] = ['Joins First', 'Joins Later'] as const;
    const card = await harness.click(ana, await check(listOf(rowOf(one), rowOf(two))), 'Submit all 2');
    await ends(one, fine);
    await ends(two, wrongPassword);
    const seen = await harness.see(approvals, 'Approve 1 PBX', one);
    const { id } = await harness.db
      .selectFrom('requests')
      .select('id')
      .where('name', '=', two)
      .executeTakeFirstOrThrow();
    await harness.press(ana, await harness.type(ana, `status R-${id}`), 'Ask anyway');
    await harness.see(approvals, 'Approve 2 PBXes', one, two, 'does not take this password');
    const refused = await harness.click(megan, seen, 'Approve 1 PBX');
    expect(refused.says).toContain('More of the batch came before the approvers');
    expect(titles(refused)).toContain('Approve 2 PBXes');
    await harness.click(ana, await harness.type(ana, `batch ${batchIn(card)}`), 'Withdraw');
    expect(await secretsKept('request_id')).not.toContainEqual({ request_id: id });
  }, 120_000);

  test('what is wrong comes back without its passwords, and a row with a cell too many keeps none of it', async () => {
    const bad = rowOf('Bad Host', 'no host!');
    const torn = rowOf('Torn').replaceAll('"', '');
    const preview = await check(listOf(rowOf('Good Host'), bad, torn));
    expect(mistakes(preview)).toHaveLength(2);
    expect(preview.says).toContain('kept sealed and not shown again');
    const before = harness.teams.delivered().length;
    await harness.press(ana, preview, 'Submit the good one');
    const left = await harness.see(personal(ana), 'Their passwords are not shown: type them in again.');
    expect(inputsOf(left.card).rows).toContain('Bad Host');
    expect(harness.teams.delivered().length).toBeGreaterThan(before);
    expect(await everythingIn(harness)).not.toContain('Geheim');
    await ends('Good Host', fine);
    await harness.click(ana, left, 'Cancel');
    expect(await secretsKept('batch_id')).toEqual([]);
  }, 120_000);

  test('brought as something else are not shown either', async () => {
    const refused = await harness.type(ana, `add resellers\n${listOf(rowOf('Mistaken'))}`);
    expect(refused.says).toContain('Your message holds passwords');
    expect(inputsOf(refused.card).rows).toBe('');
    expect(await everythingIn(harness)).not.toContain('Geheim');
  });

  test('in a message are read, and the message is said to be one to delete', async () => {
    const preview = await harness.type(ana, `add pbxes\n${listOf(rowOf('In Chat'))}`);
    expect(preview.says).toContain('Your message holds passwords');
    expect(preview.says).toContain('The one row is fine.');
    expect(JSON.stringify(harness.teams.delivered().map(({ activity }) => cardOf(activity)))).not.toContain('Geheim');
    expect(await everythingIn(harness)).not.toContain('Geheim');
  });
});

test('what nobody mends is reminded of as a whole, ends, and its requester is told', async () => {
  const preflight = async () => [wrongPassword];
  const harness = await pbxHarness({
    env: { PREFLIGHT_PER_MINUTE: '1000', APPROVAL_REMIND_AFTER: '1s', APPROVAL_EXPIRE_AFTER: '6s' },
    replacements: { preflight },
  });
  const alex = await harness.join('Alex', 'requester');
  const preview = await harness.click(alex, await harness.type(alex, 'setup pbxes'), 'Check', {
    rows: listOf(rowOf('Left One'), rowOf('Left Two')),
  });
  const batch = batchIn(await harness.click(alex, preview, 'Submit all 2'));
  await harness.see(personal(alex), `Batch ${batch}: 2 PBXes: the check found something`);
  await harness.see(personal(alex), `Batch ${batch}: 2 PBXes: still to be mended`, 'Waiting for you to mend 2 PBXes');
  await harness.see(personal(alex), `Batch ${batch}: 2 PBXes: expired`, 'was not mended in time');
  const posts = harness.teams.delivered().filter(({ kind }) => kind === 'post');
  expect(JSON.stringify(posts.filter(({ conversationId }) => conversationId === approvals.id))).not.toContain(
    'Approve',
  );
  // One more reminder when an hour ends meanwhile.
  const told = posts.filter(({ activity }) => JSON.stringify(activity).includes(`Batch ${batch}: 2 PBXes: `));
  expect(told.filter(({ conversationId }) => conversationId === personal(alex).id).length).toBeLessThanOrEqual(4);
  expect(await harness.db.selectFrom('secrets').selectAll().execute()).toEqual([]);
  await harness.close();
}, 120_000);
