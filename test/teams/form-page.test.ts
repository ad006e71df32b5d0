import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { answerSchema, foundSchema, refusedSchema } from '../../src/dialog/contract.ts';
import { ticketLifetime } from '../../src/dialog/ticket.ts';
import { pbxAnswer, pbxThing } from '../../src/provisioning/teammate-answers.ts';
import { keep } from '../../src/requests/things.ts';
import { headOffice } from '../simulator/pbxes.ts';
import { caller } from '../simulator/start.ts';
import { callsOf, fetchPage, openPage, pageButton } from '../support/form-page.ts';
import { actionsOf, approvals, type Harness } from '../support/harness.ts';
import { checked, fine, openPbxForm, pbxHarness, scriptedPreflight, secrets, typed } from '../support/pbx.ts';
import { alex, channel, groupChat, stranger, submit, taskInvoke, tenantId } from '../support/people.ts';

const first = { enterprise: '5901', pbxType: '1' };
const script = scriptedPreflight();
const log: string[] = [];
/** What the clock is ahead of the real one, in milliseconds. */
let ahead = 0;
let harness: Harness;
beforeAll(async () => {
  const sink = new Writable({
    write(chunk, _, done) {
      log.push(String(chunk));
      done();
    },
  });
  harness = await pbxHarness({
    env: { PREFLIGHT_PER_MINUTE: '1000', PUBLIC_URL: 'https://bot.northwind.example/' },
    replacements: {
      preflight: script.preflight,
      log: pino({ level: 'trace' }, sink),
      clock: () => new Date(Date.now() + ahead),
    },
  });
});
afterAll(() => harness.close());
afterEach(() => {
  ahead = 0;
});

const requester = () => harness.join('Kim', 'requester');
const requests = async () => Number((await harness.db.selectFrom('requests').select('id').execute()).length);

describe('the button that opens a form as a page', () => {
  test('is on the form of whatever has secrets, and on no other', async () => {
    const kim = await requester();
    expect(pageButton((await harness.type(kim, 'setup pbx')).card)).toMatchObject({ msteams: { type: 'task/fetch' } });
    expect(pageButton((await openPbxForm(harness, kim)).card)).toBeDefined();
    expect(pageButton((await harness.type(kim, 'add reseller')).card)).toBeUndefined();
  });

  test('opens it at an address that no server sees the ticket of', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'setup pbx');
    const { type, value } = await fetchPage(harness, kim, form);
    expect(type).toBe('continue');
    expect(value).toMatchObject({ title: 'Set up PBX', fallbackUrl: (value as { url: string }).url });
    const address = new URL((value as { url: string }).url);
    expect(address.origin + address.pathname).toBe('https://bot.northwind.example/tab/dialog');
    expect(address.search).toBe('');
    expect(address.hash.length).toBeGreaterThan(100);
  });

  test('opens nobody else’s, and says so in its place', async () => {
    const form = await harness.type(await requester(), 'setup pbx');
    const other = await requester();
    const task = await fetchPage(harness, other, { ...form, where: groupChat('Sales') });
    expect(task).toEqual({ type: 'message', value: expect.stringContaining('not made for you') });
  });

  test('opens nothing for whoever may not order', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'setup pbx');
    await harness.db.deleteFrom('roles').where('directory_id', '=', kim.aadObjectId).execute();
    const task = await fetchPage(harness, kim, form);
    expect(task).toMatchObject({ type: 'message', value: expect.stringContaining('requester') });
  });

  test('opens nothing of a form that is too old, cancelled, or used', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'setup pbx');
    ahead = 25 * 3_600_000;
    expect((await fetchPage(harness, kim, form)).value).toContain('too old');
    ahead = 0;
    await harness.click(kim, form, 'Cancel');
    expect((await fetchPage(harness, kim, form)).value).toContain('Type: setup pbx');
    const used = await openPbxForm(harness, kim);
    await harness.click(kim, used, 'Submit', { ...typed, ...secrets, location: 'Used On The Card' });
    expect((await fetchPage(harness, kim, used)).value).toMatch(/became R-\d+/);
  });

  test.each([
    ['nothing', undefined],
    ['another verb', { verb: 'approve', nonce: 'x'.repeat(22) }],
    ['no nonce', { verb: 'dialog' }],
    ['a nonce that nobody has', { verb: 'dialog', nonce: 'x'.repeat(22) }],
    ['a nonce of another shape', { verb: 'dialog', nonce: { $ne: '' } }],
  ])('opens nothing when it brings %s', async (_what, data) => {
    const { status, body } = await harness.send(taskInvoke(alex, 'task/fetch', data));
    expect({ status, body }).toMatchObject({ status: 200, body: { task: { type: 'message' } } });
  });

  test('opens nothing for a tenant that is not served', async () => {
    const { body } = await harness.send(taskInvoke(stranger, 'task/fetch', { verb: 'dialog', nonce: 'x'.repeat(22) }));
    expect(body).toMatchObject({ task: { type: 'message', value: expect.stringContaining('not set up') } });
  });

  test('is answered with words where a client sends it as any other button', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'setup pbx');
    await harness.send(submit(kim, pageButton(form.card) ?? {}, { replyToId: form.activityId ?? '' }));
    await harness.see(form.where, 'This app cannot show the page.');
  });
});

describe('the page of a form', () => {
  test('asks for the same as the card does, and the request’s card takes the place of the form’s', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'setup pbx');
    const page = await openPage(harness, kim, form);

    const shown = await page.show();
    expect(shown.status).toBe(200);
    const begun = answerSchema.parse(shown.body);
    expect(begun.form).toMatchObject({ title: 'Set up PBX', page: 'first' });
    expect(begun.form?.fields.map(({ name }) => name)).toEqual(['enterprise', 'pbxType']);
    expect(begun.form?.fields[0]).toMatchObject({ label: 'Enterprise', input: 'one', required: true, searched: false });
    expect(begun.form?.fields[0]?.choices).toContainEqual({ value: '5901', title: 'Proseware' });

    const whole = answerSchema.parse((await page.send(first, 'first')).body).form;
    expect(whole).toMatchObject({ page: 'whole' });
    expect(whole?.notice).toBeUndefined();
    const begins = Object.fromEntries(whole?.fields.map(({ name, value }) => [name, value]) ?? []);
    expect(begins).toMatchObject({ enterprise: '5901', lookup: 'SRV', expiry: '300', password: '' });

    const wrong = await page.send({ ...first, ...typed, ...secrets, location: '', expiry: '5' });
    const back = answerSchema.parse(wrong.body).form;
    expect(wrong.status).toBe(200);
    expect(back?.notice).toContain('2 fields need mending');
    const errors = Object.fromEntries(back?.fields.map(({ name, error }) => [name, error]) ?? []);
    expect(errors).toMatchObject({
      location: 'Enter the PBX Location.',
      expiry: expect.stringContaining('60 to 3600'),
    });
    const kept = back?.fields.find(({ name }) => name === 'password');
    expect(kept).toMatchObject({ kept: true, required: false, value: '', hint: 'Kept; type to replace' });
    for (const secret of Object.values(secrets)) expect(JSON.stringify(wrong.body)).not.toContain(secret.trim());

    const runs = script.runs.length;
    const sent = await page.send({ ...first, ...typed, location: 'By Page', expiry: '300' });
    const { request } = answerSchema.parse(sent.body);
    expect(request?.shown).toBe(`R-${request?.id}`);
    const card = await harness.see(form.where, 'PBX By Page', 'Being checked');
    expect(card.activityId).toBe(form.activityId);
    while (script.runs.length <= runs) await pause(10);
    const run = script.runs[runs]!;
    expect(run.account.password).toBe(secrets.password);
    run.ends(fine);
    await harness.see(approvals, 'PBX By Page', 'Approve');
    expect((await harness.see(form.where, 'PBX By Page', 'Waiting for an approver')).activityId).toBe(form.activityId);
  });

  test('is used up by sending it: again it makes nothing more and tells of the same request', async () => {
    const kim = await requester();
    const page = await openPage(harness, kim, await harness.type(kim, 'setup pbx'));
    const values = { ...first, ...typed, ...secrets, location: 'Sent Twice' };
    const both = await Promise.all([page.send(values), page.send(values)]);
    const ids = both.map(({ body }) => answerSchema.parse(body).request?.id);
    expect(ids[0]).toBeDefined();
    expect(ids[1]).toBe(ids[0]);
    const before = await requests();
    const again = await page.send({ ...values, location: 'Another' });
    expect(answerSchema.parse(again.body).request?.id).toBe(ids[0]);
    expect(answerSchema.parse((await page.show()).body)).toMatchObject({ request: { id: ids[0] } });
    expect(await requests()).toBe(before);
  });

  test('begins with what the card began with, and keeps what was typed into either', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'setup pbx proseware; netsapiens; Branch; sip.branch.example; branch');
    const page = await openPage(harness, kim, form);
    const { form: begun } = answerSchema.parse((await page.show()).body);
    expect(begun?.page).toBe('whole');
    const begins = Object.fromEntries(begun?.fields.map(({ name, value }) => [name, value]) ?? []);
    expect(begins).toMatchObject({ location: 'Branch', domain: 'sip.branch.example', user: 'branch', lookup: 'SRV' });
    await page.send({ ...begins, ...secrets, location: '', voicemail: '77' });
    const later = answerSchema.parse((await page.show()).body).form;
    expect(later?.fields.find(({ name }) => name === 'voicemail')?.value).toBe('77');
    expect(later?.fields.find(({ name }) => name === 'clientSecret')).toMatchObject({ kept: true, value: '' });
  });

  test('is in the language of the chat', async () => {
    const kim = await requester();
    await harness.type(kim, 'language de');
    const page = await openPage(harness, kim, await harness.type(kim, 'setup pbx'));
    expect((await page.show()).body.language).toBe('de');
  });

  test('finds what there are too many of to show', async () => {
    const many = Array.from({ length: 101 }, (_, at) => ({
      tenant_id: tenantId,
      kind: 'enterprise' as const,
      reference: `7${String(at).padStart(3, '0')}`,
      name: `Enterprise ${at}`,
      keys: [],
      facts: JSON.stringify({ services: 'PBX', pbxTypes: '1' }),
      active: true,
      parent: '5101',
      synced_at: new Date(Date.now() + 3_600_000),
    }));
    await harness.db.insertInto('listed').values(many).execute();
    const kim = await requester();
    const page = await openPage(harness, kim, await harness.type(kim, 'setup pbx'));
    const { form } = answerSchema.parse((await page.show()).body);
    expect(form?.fields[0]).toMatchObject({ name: 'enterprise', searched: true });
    const { choices } = foundSchema.parse((await page.find('enterprise', 'prosew')).body);
    expect(choices).toEqual([{ value: '5901', title: 'Proseware' }]);
    expect((await page.find('password', 'a')).body).toEqual({ choices: [] });
    expect((await page.find('__proto__', 'a')).body).toEqual({ choices: [] });
    await harness.db.deleteFrom('listed').where('reference', 'like', '7%').where('kind', '=', 'enterprise').execute();
  });

  test('takes an edit as well, with secrets that are replaced', async () => {
    const call = await caller(harness.simulator.url);
    const { body } = await call('POST', '/pbx/newPBX', { ...headOffice, sipDomainProxy: 'proxy.proseware.example' });
    const thing = pbxThing(pbxAnswer.parse(body));
    await harness.db.transaction().execute((trx) => keep(trx, tenantId, [thing], new Date()));
    const kim = await requester();
    const form = await harness.type(kim, `edit pbx ${thing.name}`);
    const page = await openPage(harness, kim, form);
    const shown = answerSchema.parse((await page.show()).body).form;
    expect(shown?.title).toContain(thing.name);
    expect(shown?.fields.find(({ name }) => name === 'password')).toMatchObject({ required: false, value: '' });
    const values = Object.fromEntries(shown?.fields.map(({ name, value }) => [name, value]) ?? []);
    const nothing = answerSchema.parse((await page.send(values)).body).form;
    expect(nothing?.notice).toContain('Nothing is different');
    const { request } = answerSchema.parse((await page.send({ ...values, password: 'neu-Geheimnis' })).body);
    expect(request).toBeDefined();
    const card = await harness.see(form.where, `R-${request?.id}`, 'SIP Password');
    expect(card.activityId).toBe(form.activityId);
    expect(JSON.stringify(card.card)).not.toContain('neu-Geheimnis');
  });

  test('that became too old while it was typed goes on with a new form and a new ticket', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'setup pbx');
    ahead = 24 * 3_600_000 - 60_000;
    const page = await openPage(harness, kim, form);
    ahead += 120_000;
    const { body } = await page.send({ ...first, ...typed, ...secrets, location: 'Late' });
    const answer = answerSchema.parse(body);
    expect(answer.form?.notice).toContain('too old');
    expect(answer.ticket).not.toBe(page.ticket);
    const sent = await callsOf(harness, answer.ticket ?? '').send({ ...first, ...typed, location: 'Late' });
    expect(answerSchema.parse(sent.body).request).toBeDefined();
  });

  test('closes by itself when it is done', async () => {
    const { status, body } = await harness.send(taskInvoke(alex, 'task/submit', { requestId: '1001' }));
    expect({ status, body }).toEqual({ status: 200, body: {} });
  });

  test('in a channel keeps the request’s card where the form was', async () => {
    const kim = await requester();
    const place = channel('Sales');
    harness.teams.install(place, [kim]);
    const form = await harness.type(kim, 'setup pbx', place);
    const page = await openPage(harness, kim, form);
    await page.send({ ...first, ...typed, ...secrets, location: 'In A Channel' });
    expect((await harness.see(form.where, 'PBX In A Channel')).activityId).toBe(form.activityId);
  });
});

describe('a call of the page', () => {
  const anybody = async () => {
    const kim = await requester();
    return { kim, page: await openPage(harness, kim, await harness.type(kim, 'setup pbx')) };
  };
  const codeOf = (body: unknown) => refusedSchema.parse(body).refusal.code;

  test.each([
    ['without a ticket', () => ''],
    ['with another’s text', () => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.'],
    ['with a ticket that was altered', (ticket: string) => `${ticket.slice(0, 60)}A${ticket.slice(61)}`],
  ])('%s is refused', async (_what, alter) => {
    const { page } = await anybody();
    for (const { status, body } of [
      await callsOf(harness, alter(page.ticket)).show(),
      await callsOf(harness, alter(page.ticket)).send({ ...first, ...typed, ...secrets }),
      await callsOf(harness, alter(page.ticket)).find('enterprise', ''),
    ]) {
      expect({ status, code: codeOf(body) }).toEqual({ status: 401, code: 'page-over' });
    }
  });

  test('is refused half an hour later', async () => {
    const { page } = await anybody();
    ahead = ticketLifetime + 1000;
    expect((await page.show()).status).toBe(401);
  });

  test('is refused once the role is gone', async () => {
    const { kim, page } = await anybody();
    await harness.db.deleteFrom('roles').where('directory_id', '=', kim.aadObjectId).execute();
    const { status, body } = await page.send({ ...first, ...typed, ...secrets });
    expect({ status, code: codeOf(body) }).toEqual({ status: 403, code: 'role-missing' });
  });

  test('is refused for a form that was cancelled since', async () => {
    const kim = await requester();
    const form = await harness.type(kim, 'setup pbx');
    const page = await openPage(harness, kim, form);
    await harness.click(kim, form, 'Cancel');
    const { status, body } = await page.show();
    expect({ status, code: codeOf(body) }).toEqual({ status: 410, code: 'form-over' });
  });

  test.each([
    ['nothing', undefined],
    ['a list', []],
    ['another page', { page: 'last', values: {} }],
    ['values that are no text', { page: 'whole', values: { location: { $ne: '' } } }],
    ['more than was asked for', { page: 'whole', values: {}, nonce: 'x' }],
    ['a value without end', { page: 'whole', values: { location: 'x'.repeat(5000) } }],
  ])('with %s in it is refused', async (_what, sent) => {
    const { page } = await anybody();
    const { status, body } = await page.sendRaw(sent);
    expect({ status, code: codeOf(body) }).toEqual({ status: 400, code: 'action-unknown' });
  });
});

test('in development, where the Playground shows no pages, the button is answered with a link', async () => {
  const local = await pbxHarness({ env: { ALLOW_UNAUTHENTICATED: 'true', BOT_ID: '' } });
  const kim = await local.join('Kim', 'requester');
  const form = await local.type(kim, 'setup pbx');
  expect(pageButton(form.card)).toBeUndefined();
  const { nonce } = actionsOf(form.card)[0]?.data ?? {};
  await local.send(submit(kim, { verb: 'dialog', nonce }, { replyToId: form.activityId ?? '' }));
  const { says } = await local.see(form.where, 'Open the page', '/tab/dialog#');
  const ticket = /#([\w.-]+)/.exec(says)?.[1] ?? '';
  expect((await callsOf(local, ticket).show()).status).toBe(200);
  await local.close();
});

test('nothing secret was logged, went through Teams, or is stored as it was typed', async () => {
  const run = script.runs.at(-1);
  if (run && !run.ended) run.ends(checked('passed'));
  const stored = await Promise.all(
    (['forms', 'requests', 'events', 'outbox', 'secrets'] as const).map((table) =>
      harness.db.selectFrom(table).selectAll().execute(),
    ),
  );
  const everywhere = [log.join('\n'), JSON.stringify(harness.teams.delivered()), JSON.stringify(stored)].join('\n');
  expect(everywhere).toContain('By Page');
  for (const secret of [...Object.values(secrets), 'neu-Geheimnis']) expect(everywhere).not.toContain(secret.trim());
});
