import { demoMasterReseller } from '../../src/simulator/seed.ts';
import { cardOf, textsOf } from '../support/fake-teams.ts';
import { actionsOf, approvals, type Harness, inputsOf, type Posted, startHarness } from '../support/harness.ts';
import {
  alex,
  execute,
  foreignTenantId,
  megan,
  personal,
  stranger,
  type TestPerson,
  tenantId,
} from '../support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({
    env: {
      ORGANISATIONS: `${tenantId}=${demoMasterReseller.resellerId},${foreignTenantId}=5002`,
      BOOTSTRAP_ADMINS: `${megan.aadObjectId},${stranger.aadObjectId}`,
    },
  });
  harness.teams.install(personal(stranger), [stranger]);
  for (const role of ['requester', 'approver']) await harness.type(stranger, `grant ${role} ${stranger.aadObjectId}`);
});
afterAll(() => harness.close());

let numbered = 0;
/** A list of resellers that nobody has asked for yet. */
function listOf(size: number) {
  const batch = ++numbered;
  const names = Array.from({ length: size }, (_, at) => `Listed ${batch} No ${at + 1}`);
  const emails = names.map((name) => `${name.toLowerCase().replace(/\W+/g, '-')}@listed.example`);
  const rows = names.map((name, at) => `${name},${emails[at]},pbx + trunk,B-${at}`);
  return {
    names,
    emails,
    rows,
    text: ['Reseller Name,Preferred Email,Services,Billing Reference', ...rows].join('\n'),
  };
}

const check = async (by: TestPerson, rows: string) =>
  harness.click(by, await harness.type(by, 'add resellers'), 'Check', { rows });
const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const mistakes = (posted: Posted) => textsOf(posted.card).filter((line) => line.startsWith('⚠ Row'));
const batchIn = (posted: Posted) => /Batch (\d+)/.exec(posted.says)?.[1] ?? '';
/** What is posted anew in a place, without what is only brought up to date. */
const postsIn = ({ id }: { id: string }, after = 0) =>
  harness.teams
    .delivered()
    .slice(after)
    .filter(({ kind, conversationId }) => kind === 'post' && conversationId === id)
    .map(({ activity }) => textsOf(cardOf(activity)).join('\n'));

async function submitted(by: TestPerson, size: number) {
  const list = listOf(size);
  const card = await harness.click(by, await check(by, list.text), `Submit all ${size}`);
  return { ...list, card, batch: batchIn(card) };
}

describe('a batch of thirty', () => {
  test('is previewed, approved in one go, created, and told of without a flood', async () => {
    const before = harness.teams.delivered().length;
    const list = listOf(30);
    const preview = await check(alex, list.text);
    expect(preview.says).toContain('All 30 resellers are fine.');
    expect(inputsOf(preview.card).rows).toBe(list.text);
    expect(titles(await harness.type(alex, 'status'))).toEqual([]);

    const pending = await harness.click(alex, preview, 'Submit all 30');
    expect(pending.says).toContain('30 resellers');
    expect(pending.says).toContain('Waiting for an approver to decide on all of them');
    const approval = await harness.see(approvals, '30 resellers', 'Approve 30 resellers', 'Listed');
    const rows = await (async () => {
      await harness.press(alex, pending, 'Show all');
      return harness.see(personal(alex), 'Page 1 of 2.', 'Listed 1 No 15');
    })();
    expect((await harness.click(alex, rows, 'Next')).says).toContain('Listed 1 No 30');
    const approved = await harness.click(megan, approval, 'Approve 30 resellers');
    expect(approved.says).toContain('Approved by');

    await harness.see(personal(alex), '30 of 30 created, 0 active', 'and 27 more');
    for (const email of list.emails.slice(0, 2)) await harness.activate(email);
    const going = await harness.see(personal(alex), '30 of 30 created, 2 active');
    expect(going.activityId).toBe(preview.activityId);
    await harness.see(personal(alex), 'waiting for activation', '30 not active yet');
    await Promise.all(list.emails.slice(2).map((email) => harness.activate(email)));
    await harness.see(personal(alex), '✅ All 30 active');
    await harness.see(personal(alex), `Batch ${batchIn(pending)}: 30 resellers: done`);

    // For Alex two summaries; for the channel the approval, that it was given, and the same two.
    expect(postsIn(personal(alex), before).filter((text) => /^\S+ Batch/.test(text))).toHaveLength(2);
    expect(postsIn(approvals, before)).toHaveLength(4);
    const updates = harness.teams
      .delivered()
      .slice(before)
      .filter(({ kind }) => kind === 'update');
    // A hundred and twenty moves, shown on two cards.
    expect(updates.length).toBeLessThan(60);
    expect(
      harness.simulator.state.resellers.filter(({ resellerName }) => list.names.includes(resellerName)),
    ).toHaveLength(30);
  }, 120_000);
});

/** In each test somebody new, so that what is still being posted to one is no answer to another. */
let ana: TestPerson;
let max: TestPerson;
beforeEach(async () => {
  ana = await harness.join('Ana', 'requester');
  max = await harness.join('Max', 'approver');
});

describe('a list with mistakes', () => {
  const header = 'Reseller Name,Preferred Email,Services,Billing Reference';

  test('has each of them by its row, and what is fine can go', async () => {
    const { names, emails } = listOf(3);
    const text = [
      header,
      `${names[0]},${emails[0]},pbx,`,
      `${names[1]},nobody,pbx,`,
      `Fabrikam,${emails[2]},fax,=1+1`,
    ].join('\n');
    const preview = await check(ana, text);
    expect(preview.says).toContain('1 of 3 are fine; 2 rows need mending.');
    expect(mistakes(preview)).toEqual([
      '⚠ Row 3 · Preferred Email: Enter a valid e-mail address, such as ops@contoso.example.',
      '⚠ Row 4 · Services: Choose from PBX Connector and SIP Trunk.',
      expect.stringMatching(/^⚠ Row 4 · Reseller Name: This name is taken/),
    ]);
    expect(titles(preview)).toEqual(['Submit the good one', 'Check again', 'Cancel']);

    const card = await harness.click(ana, preview, 'Submit the good one');
    expect(card.says).toContain('1 reseller');
    const left = await harness.see(personal(ana), '0 of 2 are fine');
    expect(inputsOf(left.card).rows).toBe(`${header}\n${names[1]},nobody,pbx,\nFabrikam,${emails[2]},fax,'=1+1\n`);
    const mended = `${names[1]},${emails[1]},pbx,\n${names[2]},${emails[2]},trunk,=1+1`;
    const again = await harness.click(ana, left, 'Check again', { rows: mended });
    expect(again.says).toContain('All 2 resellers are fine.');
    expect((await harness.click(ana, again, 'Submit all 2')).says).toContain('2 resellers');
  });

  test('that names the same twice says so at both rows', async () => {
    const { rows, names, emails } = listOf(3);
    const text = [...rows, `${names[0]?.toUpperCase()},else@listed.example,pbx,`, `Elsewise,${emails[1]},pbx,`].join(
      '\n',
    );
    expect(mistakes(await check(ana, text))).toEqual([
      '⚠ Row 1 · Reseller Name: The same stands in row 4.',
      '⚠ Row 2 · Preferred Email: The same stands in row 5.',
      '⚠ Row 4 · Reseller Name: The same stands in row 1.',
      '⚠ Row 5 · Preferred Email: The same stands in row 2.',
    ]);
  });

  test('that is none comes back with the reason and with what was pasted', async () => {
    const card = await check(ana, `${header}\n"Contoso,ops@contoso.example`);
    expect(card.says).toContain('The list cannot be read from line 2 on.');
    expect(inputsOf(card.card).rows).toContain('"Contoso');
    expect((await check(ana, '')).says).toContain('There is no row in this list.');
  });

  test('is shown a page at a time, and never on a card too large for Teams', async () => {
    const text = Array.from({ length: 500 }, (_, at) => `*N${at}*,nobody,fax,${'B'.repeat(60)}`).join('\n');
    const first = await check(ana, text);
    expect(first.says).toContain('too long to be shown here');
    expect(inputsOf(first.card).rows).toBe('');
    const second = await harness.click(ana, first, 'Next');
    expect(second.says).toContain('page 2 of');
    expect(mistakes(second)[0]).not.toBe(mistakes(first)[0]);
    for (const { card } of [first, second]) expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(25 * 1024);
  });

  test('of five hundred rows is asked for and decided on in one turn each', async () => {
    const { batch, card } = await submitted(ana, 500);
    expect(Buffer.byteLength(JSON.stringify(card.card))).toBeLessThan(25 * 1024);
    const approval = await harness.see(approvals, `Batch ${batch} `, 'Approve 500 resellers', 'and 486 more');
    expect((await harness.click(megan, approval, 'Reject', { reason: 'x' })).says).toContain('⛔ Rejected');
    expect((await harness.type(max, 'audit verify')).says).toContain('The audit trail is whole');
  });

  test('can be typed with the command in one message', async () => {
    const { text } = listOf(2);
    expect((await harness.type(ana, `add resellers\n${text}`)).says).toContain('All 2 resellers are fine.');
  });
});

describe('a list of enterprises', () => {
  test('names what it chooses, is checked against what TeamMate has, and warns whoever approves', async () => {
    while (!(await harness.type(ana, 'list enterprises')).says.includes('Proseware'));
    const header =
      'Enterprise Name;Reseller;Enterprise Admin Email;Services;SBC Region;PBX Type;Access SIP Data;Reason for Access to SIP Data';
    const fine = 'Batched One;fabrikam;it@batched-one.example;pbx;us east 1 + UK South;Netsapiens;;';
    const warned = 'Batched Two;Fabrikam;it@batched-two.example;pbx;UK South;Netsapiens;yes;Fraud *desk*';
    const wrong = 'Batched Three;Nobody Ltd;it@batched-three.example;pbx;Atlantis;Netsapiens;yes;';
    const form = await harness.type(ana, 'add enterprises');
    const preview = await harness.click(ana, form, 'Check', { rows: [header, fine, warned, wrong].join('\n') });
    expect(mistakes(preview)).toEqual([
      '⚠ Row 4 · Reseller: Choose the reseller that serves this customer.',
      '⚠ Row 4 · SBC Region: TeamMate does not offer the SBC Region “Atlantis”. Choose from what is shown.',
      expect.stringMatching(/^⚠ Row 4 · Reason for Access to SIP Data: Say why/),
    ]);
    const { card } = await harness.click(ana, preview, 'Submit the 2 good ones');
    expect(textsOf(card)).toContain('2 enterprises');
    const approval = await harness.see(approvals, 'Approve 2 enterprises', 'Batched One');
    expect(approval.says).toMatch(/⚠ R-\d+: .*Access SIP Data is asked for: Fraud \\\*desk\\\*/);
    await harness.click(megan, approval, 'Approve 2 enterprises');
    await harness.see(personal(ana), '2 enterprises', '2 of 2 created');
    expect(harness.simulator.state.enterprises.map(({ enterpriseName }) => enterpriseName)).toEqual(
      expect.arrayContaining(['Batched One', 'Batched Two']),
    );
  });
});

describe('a preview', () => {
  const submission = (by: TestPerson, preview: Posted) => {
    const action = actionsOf(preview.card).find(({ title }) => title.startsWith('Submit'));
    return execute(by, action?.verb ?? '', action?.data ?? {}, { replyToId: preview.activityId ?? '' });
  };
  const countOf = async (text: string) =>
    textsOf((await harness.type(max, `find ${text}`)).card).filter((line) => line.includes(`${text} `)).length;

  test('submitted five times at once and once more makes one batch', async () => {
    const list = listOf(2);
    const preview = await check(ana, list.text);
    const bodies = Array.from({ length: 5 }, () => submission(ana, preview));
    const answers = await Promise.all(bodies.map(harness.send));
    answers.push(await harness.send(submission(ana, preview)));
    const batches = answers.map(({ body }) => /Batch (\d+)/.exec(JSON.stringify(body))?.[1]);
    expect(new Set(batches).size).toBe(1);
    expect(await countOf(`Listed ${numbered}`)).toBe(2);
  });

  test('is looked at again when something on it was taken meanwhile', async () => {
    const list = listOf(2);
    const preview = await check(ana, list.text);
    const kim = await harness.join('Kim', 'requester');
    await harness.order(kim, { name: list.names[0] ?? '' });
    const again = await harness.click(ana, preview, 'Submit all 2');
    expect(again.says).toContain('taken meanwhile');
    expect(mistakes(again)).toEqual([expect.stringContaining('Row 2 · Reseller Name: This name is taken')]);
    expect((await harness.click(ana, again, 'Submit the good one')).says).toContain('1 reseller');
  });

  test('is nobody else’s, and not of another organisation', async () => {
    const preview = await check(ana, listOf(1).text);
    const mallory = await harness.join('Mallory', 'requester');
    for (const person of [mallory, stranger]) {
      await harness.send(submission(person, preview));
      await harness.see(personal(person), 'This form was not made for you.');
    }
    expect((await harness.click(ana, preview, 'Submit')).says).toContain('Waiting for an approver');
  });

  test('that was cancelled is not submitted any more', async () => {
    const preview = await check(ana, listOf(1).text);
    expect((await harness.click(ana, preview, 'Cancel')).says).toContain('Nothing was ordered.');
    await harness.send(submission(ana, preview));
    await harness.see(personal(ana), 'This preview is no longer valid.');
  });

  test.each([
    ['batch-check', { kind: 'nonsense', rows: 'x' }],
    ['batch-check', { kind: '__proto__', rows: 'x' }],
    ['batch-check', { kind: 'reseller', rows: { a: 1 } }],
    ['batch-look', { nonce: 1, page: -1 }],
    ['batch-submit', { nonce: 'A'.repeat(22) }],
    ['batch-approve', { batch: '999999', version: 1 }],
    ['batch-approve', { batch: "1' or 1=1", version: 1 }],
    ['batch-rows', { batch: '1', page: 'x' }],
  ])('%s with %j is answered, and nothing happens', async (verb, data) => {
    const { status, body } = await harness.send(execute(max, verb, data, { replyToId: '1' }));
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('went wrong');
  });
});

describe('a batch', () => {
  test('is not decided on by who asked for it, nor seen in another organisation', async () => {
    const boss = await harness.join('Boss', 'requester', 'approver');
    const { batch } = await submitted(boss, 2);
    const approval = await harness.see(approvals, `Batch ${batch} `, 'Approve 2 resellers');
    const refused = await harness.click(boss, approval, 'Approve 2 resellers');
    expect(refused.says).toContain('This is your own request');
    for (const verb of ['batch-approve', 'batch-reject', 'batch-withdraw', 'batch-retry', 'batch-show', 'batch-rows']) {
      const before = harness.teams.delivered().length;
      await harness.send(execute(stranger, verb, { batch, version: 1, page: 0, reason: 'x' }, { replyToId: '1' }));
      const said = await harness.teams.waitFor((call) => call.conversationId === personal(stranger).id, {
        after: before,
      });
      expect(textsOf(cardOf(said.activity)).join()).toContain('There is no batch');
    }
    expect(harness.now(approval).says).toContain('⏳ Pending');
  });

  test('is rejected as a whole, with a reason, and its names are free again', async () => {
    const { batch, names, text } = await submitted(ana, 3);
    const approval = await harness.see(approvals, `Batch ${batch} `, 'Approve 3 resellers');
    expect((await harness.click(megan, approval, 'Reject')).says).toContain('A rejection needs a reason');
    expect((await harness.click(megan, approval, 'Reject', { reason: 'Not *now*' })).says).toContain('⛔ Rejected');
    await harness.see(personal(ana), `Batch ${batch}: 3 resellers: rejected`, 'Reason: Not \\*now\\*');
    expect((await harness.click(megan, approval, 'Approve 3 resellers')).says).toContain('Too late');
    const found = await harness.type(max, `find ${names[0]}`);
    expect(found.says).toContain('Rejected');
    expect((await check(ana, text)).says).toContain('All 3 resellers are fine.');
  });

  test('approved twice at the same moment is approved once, and every row is ordered once', async () => {
    const { batch, names } = await submitted(ana, 3);
    const approval = await harness.see(approvals, `Batch ${batch} `, 'Approve 3 resellers');
    const kim = await harness.join('Kim', 'approver');
    const answers = await Promise.all(
      [megan, kim, megan].map((who) => harness.click(who, approval, 'Approve 3 resellers')),
    );
    expect(answers.filter(({ says }) => says.includes('Too late'))).not.toHaveLength(0);
    await harness.see(personal(ana), `Batch ${batch} `, '3 of 3 created');
    const made = harness.simulator.state.resellers.map(({ resellerName }) => resellerName);
    for (const name of names) expect(made.filter((one) => one === name)).toHaveLength(1);
    expect((await harness.type(max, 'audit verify')).says).toContain('The audit trail is whole');
  });

  test('is one row of status, pending and batches, and withdrawn by who asked for it', async () => {
    const kim = await harness.join('Kim', 'requester');
    const { batch, card } = await submitted(kim, 4);
    for (const [who, command] of [
      [kim, 'status'],
      [max, 'pending'],
      [max, 'batches'],
    ] as const) {
      const list = await harness.type(who, command);
      expect(list.says.split(`Batch ${batch}: 4 resellers`)).toHaveLength(2);
      expect(list.says).not.toContain(`Listed ${numbered} `);
    }
    const shown = await harness.type(max, `batch ${batch}`);
    const rows = await harness.press(max, shown, 'Show all');
    expect(rows.status).toBe(200);
    await harness.see(personal(max), `Batch ${batch}: 4 resellers`, `Listed ${numbered} No 4`);
    expect((await harness.click(kim, card, 'Withdraw')).says).toContain('↩️ Withdrawn');
    await harness.see(personal(max), `Batch ${batch} `, '↩️ Withdrawn');
    expect((await harness.type(kim, 'status')).says).toContain('You have no open requests.');
  });

  test('tells what failed and why, and retries that alone', async () => {
    const { batch, emails } = await submitted(ana, 4);
    const approval = await harness.see(approvals, `Batch ${batch} `, 'Approve 4 resellers');
    harness.simulator.faults.add({ status: 400, path: '/reseller/newReseller', times: 2 });
    await harness.click(megan, approval, 'Approve 4 resellers');
    const card = await harness.see(
      personal(ana),
      `Batch ${batch} `,
      '2 of 4 created',
      'Retry failed (2)',
      'TeamMate refused',
    );
    const before = harness.simulator.state.resellers.length;
    await harness.see(personal(ana), ': failed', 'could not be provisioned');

    // One by its own card, the other by the batch's.
    const [id] = /R-\d+/.exec(card.says.slice(card.says.indexOf('❌ R-'))) ?? [];
    await harness.click(ana, await harness.type(ana, `status ${id}`), 'Retry');
    const one = await harness.see(personal(ana), `Batch ${batch} `, '3 of 4 created', 'Retry failed (1)');
    await harness.click(ana, one, 'Retry failed (1)');
    await harness.see(personal(ana), `Batch ${batch} `, '4 of 4 created');
    expect(harness.simulator.state.resellers.length).toBe(before + 2);
    for (const email of emails) await harness.smtp.mailTo(email);
  });

  test('of which everything fails says so five times and on its card', async () => {
    const before = harness.teams.delivered().length;
    const { batch } = await submitted(ana, 9);
    const approval = await harness.see(approvals, `Batch ${batch} `, 'Approve 9 resellers');
    harness.simulator.faults.add({ status: 400, path: '/reseller/newReseller', times: 9 });
    await harness.click(megan, approval, 'Approve 9 resellers');
    await harness.see(personal(ana), `Batch ${batch}: 9 resellers: 9 failed`, '❌ 9 failed');
    const said = postsIn(personal(ana), before).filter((text) => text.includes('could not be provisioned'));
    expect(said).toHaveLength(5);
  });
});
