import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { approvals, type Harness, type Posted, startHarness } from '../support/harness.ts';
import { alex, channel, execute, megan, personal, type TestPerson } from '../support/people.ts';

const tasks = channel('Tasks');
const portal = 'https://portal.example/app';

let harness: Harness;
let olga: TestPerson;
let oskar: TestPerson;
beforeAll(async () => {
  harness = await startHarness({
    env: {
      PROVISIONING_BACKEND: 'portal',
      TEAMMATE_PORTAL_URL: portal,
      TEAMMATE_URL: 'http://127.0.0.1:9',
      TEAMMATE_CLIENT_ID: '',
      TEAMMATE_CLIENT_SECRET: '',
      TEAMMATE_USERNAME: '',
      TEAMMATE_PASSWORD: '',
      RESEND_INTERVAL: '1ms',
    },
  });
  olga = await harness.join('Olga Operator', 'operator');
  oskar = await harness.join('Oskar Operator', 'operator');
  harness.teams.install(tasks, [olga, oskar, megan]);
  await harness.type(megan, 'route tasks here', tasks);
});
afterAll(() => harness.close());

const titles = ({ card }: Posted) => actionsOf(card).map(({ title }) => title);
let numbered = 7000;
const nextId = () => String(++numbered);

/** A request that was approved, with its card in the operators' channel. */
async function tasked() {
  // A talk takes only so many posts a second, so those who ask a lot are many.
  const by = await harness.join('Ada', 'requester');
  const request = await harness.order(by);
  const approval = await harness.see(approvals, `R-${request.id}`, 'Approve');
  await harness.click(megan, approval, 'Approve');
  return { ...request, by, task: await harness.see(tasks, request.name, 'Click Take before you begin') };
}
/** One that Olga has taken. */
async function taken() {
  const request = await tasked();
  return { ...request, task: await harness.click(olga, request.task, 'Take') };
}
/** One that Olga has done. */
async function done() {
  const request = await taken();
  const reference = nextId();
  return { ...request, reference, task: await harness.click(olga, request.task, 'Done', { reference }) };
}

describe('a task', () => {
  test('is the whole way from add reseller to active, and to an enterprise under it, without a call to TeamMate', async () => {
    const form = await harness.type(alex, 'add reseller Contoso; ops@contoso.example; pbx, trunk; B_77*');
    const mine = await harness.click(alex, form, 'Submit');
    await harness.click(megan, await harness.see(approvals, 'Reseller Contoso', 'Approve'), 'Approve');
    await harness.see(personal(alex), 'Reseller Contoso', 'Waiting for an operator to create it in TeamMate’s portal');

    const task = await harness.see(tasks, 'Reseller Contoso', 'Click Take before you begin');
    expect(titles(task)).toEqual(['Take']);
    expect(JSON.stringify(task.card)).toContain(`"url":"${portal}"`);
    const hers = await harness.click(olga, task, 'Take');
    expect(titles(hers)).toEqual(['Done', 'Failed', 'Take over from Olga Operator']);
    // As they are typed: an input reads no Markdown.
    expect(inputsOf(hers.card)).toEqual({
      copy0: 'Contoso',
      copy1: 'ops@contoso.example',
      copy2: 'B_77*',
      reference: '',
      reason: '',
    });
    expect(hers.says).toContain('PBX Connector, SIP Trunk');
    await harness.see(personal(alex), 'Contoso', 'Waiting for Olga Operator to create it in TeamMate’s portal');

    const made = await harness.click(olga, hers, 'Done', { reference: ' 6001 ' });
    expect(titles(made)).toEqual(['It is active', 'Failed']);
    await harness.see(approvals, 'Contoso: waiting for activation', 'Olga Operator has created the reseller');
    await harness.see(personal(alex), 'Waiting for ops@contoso.example to activate', 'Resend activation e-mail');
    await harness.click(oskar, made, 'It is active');
    await harness.see(approvals, '✅ Contoso is active');
    const own = await harness.see(personal(alex), 'Reseller Contoso', '✅ Active');
    expect(own.activityId).toBe(mine.activityId);
    expect(titles(await harness.see(tasks, 'Reseller Contoso', '✅ Active'))).toEqual([]);

    const line = 'add enterprise Contoso; Fabricam; it@fabricam.example; pbx; us east 1, UK South; Netsapiens';
    const ordered = await harness.click(alex, await harness.type(alex, line), 'Submit');
    expect(ordered.says).toContain('US East 1, UK South');
    await harness.click(megan, await harness.see(approvals, 'Enterprise Fabricam', 'Approve'), 'Approve');
    const second = await harness.click(olga, await harness.see(tasks, 'Enterprise Fabricam', 'Click Take'), 'Take');
    expect(second.says).toContain('US East 1, UK South');
    await harness.click(olga, second, 'Done', { reference: '7KQM-2XWD-PHRA' });
    await harness.click(olga, await harness.see(tasks, 'Fabricam', 'whether it is active'), 'It is active');
    await harness.see(approvals, '✅ Fabricam is active');
    expect((await harness.type(alex, 'list enterprises')).says).toContain('✅ Fabricam');
    const audit = await harness.type(megan, `audit ${/R-\d+/.exec(mine.says)?.[0]}`);
    for (const says of ['Taken by an operator', 'Created in TeamMate', 'Olga Operator', 'Oskar Operator'])
      expect(audit.says).toContain(says);
    expect(harness.simulator.state.resellers.map((one) => one.resellerName)).not.toContain('Contoso');
  });

  test('is had by one: who is later reads who has it, and may take it over', async () => {
    const { task } = await tasked();
    const [first, second] = await Promise.all([harness.click(olga, task, 'Take'), harness.click(oskar, task, 'Take')]);
    const lost = first.says.includes('has this task') ? first : second;
    const [winner, loser] = lost === second ? [olga, oskar] : [oskar, olga];
    expect(lost.says).toContain(`${winner.name} has this task, since`);

    const refused = await harness.click(loser, lost, 'Done', { reference: nextId() });
    expect(refused.says).toContain(`${winner.name} has this task`);
    expect((await harness.click(loser, refused, 'Failed', { reason: 'No' })).says).toContain('has this task');

    const over = await harness.click(loser, refused, `Take over from ${winner.name}`);
    expect(over.says).toContain(`Taken by ${loser.name}`);
    // The button that was about the winner is of no use any more.
    expect((await harness.click(winner, lost, `Take over from ${winner.name}`)).says).toContain(
      `${loser.name} has this task`,
    );
  });

  test('is done by the first: the other one reads so, and a second click changes nothing', async () => {
    const { task, id } = await taken();
    const reference = nextId();
    const over = await harness.click(oskar, task, 'Take over from Olga Operator');
    const [mine, again, late] = await Promise.all([
      harness.click(oskar, over, 'Done', { reference }),
      harness.click(oskar, over, 'Done', { reference: nextId() }),
      harness.click(olga, task, 'Take over from Olga Operator').catch(() => undefined),
    ]);
    for (const one of [mine, again]) expect(one.says).not.toContain('⚠');
    expect(late).toBeDefined();
    const read = await harness.click(olga, task, 'Done', { reference: nextId() });
    expect(read.says).toContain('Too late: Oskar Operator was faster (done in TeamMate');
    const audit = await harness.type(megan, `audit R-${id}`);
    expect(audit.says.split('Created in TeamMate')).toHaveLength(2);
  });

  test('is not done under what is no id; what was typed stays', async () => {
    const { task } = await taken();
    const table = [
      ...['', '   '].map((text) => [text, 'TeamMate’s id of it is needed']),
      ...['6001; drop', '../6001', '６００１', '-', 'a--b', '9'.repeat(65)].map((text) => [text, 'That is no id']),
    ];
    for (const [reference = '', says] of table) {
      const again = await harness.click(olga, task, 'Done', { reference, reason: 'kept' });
      expect(again.says).toContain(`⚠ ${says}`);
      expect(inputsOf(again.card)).toMatchObject({ reference: reference.slice(0, 64), reason: 'kept' });
      expect(titles(again)).toContain('Done');
    }
  });

  test('is not done under the id of another living request', async () => {
    const { reference, id } = await done();
    const { task } = await taken();
    const again = await harness.click(olga, task, 'Done', { reference });
    expect(again.says).toContain(`⚠ The id ${reference} belongs to R-${id} already.`);
    const both = await taken();
    const same = nextId();
    const answers = await Promise.all(
      [task, both.task].map((one) => harness.click(olga, one, 'Done', { reference: same })),
    );
    expect(answers.filter(({ says }) => says.includes('already'))).toHaveLength(1);
  });

  test('that failed needs a reason; the requester reads it and may have it tried again', async () => {
    const { task, name, by } = await taken();
    expect((await harness.click(olga, task, 'Failed')).says).toContain('⚠ A failure needs a reason');
    const long = await harness.click(olga, task, 'Failed', { reason: 'x'.repeat(501) });
    expect(long.says).toContain('⚠ The reason is too long (501 characters).');
    const failed = await harness.click(olga, task, 'Failed', { reason: 'The *name* is taken' });
    expect(titles(failed)).toEqual([]);
    const mine = await harness.see(personal(by), name, 'Olga Operator could not do it', 'Approved by');
    const before = harness.teams.delivered().length;
    await harness.click(by, mine, 'Retry');
    const call = await harness.teams.waitFor((one) => one.conversationId === tasks.id && one.kind === 'post', {
      after: before,
    });
    const anew = harness.now({ ...task, activityId: call.activityId });
    expect(titles(anew)).toEqual(['Take']);
    expect(anew.activityId).not.toBe(task.activityId);
  });

  test('may fail while it waits to become active; what was reported is remembered for who does it again', async () => {
    const { task, name, reference, by } = await done();
    await harness.click(oskar, task, 'Failed', { reason: 'It was deleted' });
    const mine = await harness.see(personal(by), name, 'It was deleted', 'Approved by');
    await harness.click(by, mine, 'Retry');
    const anew = await harness.see(tasks, name, `reported as ${reference} before`);
    const again = await harness.click(olga, anew, 'Take');
    expect(inputsOf(again.card).reference).toBe(reference);
    expect(titles(await harness.click(olga, again, 'Done'))).toContain('It is active');
  });

  test('is to send the e-mail again, when somebody asks for it', async () => {
    const { name, task, by } = await done();
    const mine = await harness.see(personal(by), name, 'Resend activation e-mail');
    await harness.click(by, mine, 'Resend activation e-mail');
    await harness.see(tasks, `${name}: e-mail to be sent again`, 'Ada asks for it');
    const card = await harness.see(tasks, name, 'Somebody asked for it');
    expect(card.activityId).toBe(task.activityId);
    const sent = await harness.click(oskar, card, 'Sent again');
    expect(titles(sent)).toEqual(['It is active', 'Failed']);
    await harness.see(approvals, `${name}: e-mail sent again`);
  });

  test('comes with the approvals where operators have no channel, and moves when they get one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portal-'));
    const two = await startHarness({
      env: { PROVISIONING_BACKEND: 'portal', DATA_DIR: folder, TASK_REMIND_AFTER: '2s' },
      replacements: { snapshot: undefined },
    });
    try {
      await two.type(megan, `grant operator ${megan.aadObjectId}`);
      const { name } = await two.order(alex);
      await two.click(megan, await two.see(approvals, name, 'Approve'), 'Approve');
      const task = await two.see(approvals, name, 'Click Take before you begin');
      expect(titles(task)).toEqual(['Take']);
      await two.see(approvals, `⏰ ${name}: still waiting`, 'an operator to create it in TeamMate’s portal');
      await two.restart({ TASK_REMIND_AFTER: '4h' });
      two.teams.install(tasks, [megan]);
      await two.type(megan, 'route tasks here', tasks);
      const moved = await two.see(tasks, name, 'Click Take before you begin');
      // The requester may be the operator: four eyes are for approving.
      const hers = await two.click(megan, moved, 'Take');
      expect(titles(await two.click(megan, hers, 'Done', { reference: '6001' }))).toContain('It is active');
      expect((await fetch(`${two.app.url}/readyz`)).status).toBe(200);
      expect((await two.type(megan, 'routes')).says).toContain('tasks');
    } finally {
      await two.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the commands of operators', () => {
  test('tasks: what is to be done, each to be opened', async () => {
    const { name, id } = await tasked();
    const all = await harness.type(olga, 'tasks');
    // The oldest ten stand on the card; this one is the newest.
    expect(all.says).toMatch(/R-\d+ .+\nWaiting for/);
    const data = { ...actionsOf(all.card)[0]?.data, id };
    await harness.send(execute(olga, 'task', data));
    const card = await harness.see(personal(olga), name, 'Click Take');
    expect(titles(await harness.click(olga, card, 'Take'))).toContain('Done');
  });

  test('learn: what was there before can be chosen, and is not asked for twice', async () => {
    const learned = await harness.type(olga, 'learn reseller 5101; Old Timer; old@timer.example; pbx');
    expect(learned.says).toContain('The reseller **Old Timer** is known under the id 5101');
    expect((await harness.type(alex, 'list resellers old')).says).toContain('✅ Old Timer');
    const form = await harness.type(alex, 'add enterprise Old Timer; New; it@new.example; pbx; US West; Viirtue');
    expect((await harness.click(alex, form, 'Submit')).says).toContain('Waiting for an approver');
    const twice = await harness.click(
      alex,
      await harness.type(alex, 'add reseller old timer; x@y.example; pbx'),
      'Submit',
    );
    expect(twice.says).toContain('This name is taken');
    // Mended under the same id.
    const mended = await harness.type(olga, 'learn reseller 5101; Old Timer Ltd; old@timer.example; pbx, trunk');
    expect(mended.says).toContain('Old Timer Ltd');
  });

  test.each([
    ['learn', 'I can learn: reseller, enterprise, Direct Routing, PBX.'],
    ['learn castle 5; X', 'I can learn: reseller'],
    ['learn reseller ; Name; a@b.example; pbx', 'TeamMate’s id of it is needed'],
    ['learn reseller 1/2; Name; a@b.example; pbx', 'That is no id'],
    ['learn reseller 5105; Name; nonsense; pbx', 'Preferred Email: Enter a valid e-mail address'],
    ['learn reseller 5106; Name; a@b.example; phone', 'Services: '],
    ['learn enterprise 5107; Nobody; X; a@b.example; pbx; US West; Viirtue', 'Reseller: '],
  ])('%s is not learned', async (said, says) => {
    expect((await harness.type(olga, said)).says).toContain(says);
  });

  test('learn: an id or a name of a living request is its own', async () => {
    const { reference, id, name } = await done();
    const line = `learn reseller ${reference}; Other; o@other.example; pbx`;
    expect((await harness.type(olga, line)).says).toContain(`belongs to R-${id} already`);
    const other = await harness.type(olga, `learn reseller ${nextId()}; ${name}; o@other.example; pbx`);
    expect(other.says).toContain('This name is taken');
  });

  test('are theirs alone', async () => {
    const kim = await harness.join('Kim', 'requester', 'approver', 'administrator');
    for (const said of ['tasks', 'learn reseller 5108; X; x@x.example; pbx'])
      expect((await harness.type(kim, said)).says).toContain('needs the role operator');
    const read = await harness.type(olga, 'status R-999999');
    expect(read.says).toContain('There is no request');
  });
});
