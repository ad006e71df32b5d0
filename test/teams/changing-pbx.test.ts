import { Writable } from 'node:stream';
import { sql } from 'kysely';
import { pino } from 'pino';
import { pbxAnswer, pbxThing } from '../../src/provisioning/teammate-answers.ts';
import { keep } from '../../src/requests/things.ts';
import { headOffice, pretendPbx } from '../simulator/pbxes.ts';
import { caller } from '../simulator/start.ts';
import { actionsOf, inputOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { approvals, type Harness, type Posted } from '../support/harness.ts';
import { pbxHarness } from '../support/pbx.ts';
import { megan, type TestPerson, tenantId } from '../support/people.ts';

/** What is typed here that nobody may ever read again. */
const fresh = { password: 'neu-Geheimnis-1', clientSecret: 'neu-Geheimnis-2', masqueradingPassword: 'neu-Geheimnis-3' };
const names = Object.keys(fresh);
const kept = 'Kept; type to replace';
const sip = pretendPbx();
const log: string[] = [];
let harness: Harness;
beforeAll(async () => {
  const sink = new Writable({
    write(chunk, _, done) {
      log.push(String(chunk));
      done();
    },
  });
  harness = await pbxHarness({
    simulator: { register: sip.register },
    replacements: { log: pino({ level: 'trace' }, sink) },
  });
  await fillPortal(harness, 'Head Office', 'Branch', 'Depot', 'Kiosk', 'Closing Down');
});
afterAll(() => harness.close());

/** PBXes of these locations, as somebody adds them in the portal, and our copy has them. */
async function fillPortal({ simulator, db }: Harness, ...locations: string[]) {
  const call = await caller(simulator.url);
  for (const pbxLocation of locations) {
    const { status, body } = await call('POST', '/pbx/newPBX', { ...order, pbxLocation });
    expect(status).toBe(201);
    const thing = pbxThing(pbxAnswer.parse(body));
    await db.transaction().execute((trx) => keep(trx, tenantId, [thing], new Date()));
  }
}
/** The one of the simulator's tests has a port twice, which our form does not take. */
const order = { ...headOffice, sipDomainProxy: 'proxy.proseware.example', port: 5080 };

const requester = () => harness.join('Kim', 'requester');
const stored = (location: string) => harness.simulator.state.pbxes.find((one) => one.pbxLocation === location);
const secretsOf = (location: string) => stored(location)?.secrets;
const mistakes = (posted: Posted) => textsOf(posted.card).filter((line) => line.startsWith('⚠'));
const idOf = (posted: Posted) => /R-\d+/.exec(posted.says)?.[0] as string;
const sealed = async () => (await harness.db.selectFrom('secrets').select('id').execute()).length;
const openForm = (by: TestPerson, location: string) => harness.type(by, `edit pbx ${location}`);
async function approve(pending: Posted) {
  const approval = await harness.see(approvals, idOf(pending), 'Approve');
  await harness.click(megan, approval, 'Approve');
  return approval;
}
/** Asks for something with a reason and has it approved. */
async function done(command: string, button: string, more: Record<string, string> = {}) {
  const by = await requester();
  const form = await harness.type(by, command);
  const pending = await harness.click(by, form, button, { why: 'Because', ...more });
  await approve(pending);
  return { form, pending };
}

/** Looks for what was typed and is secret in all of the database, the log and every post. */
async function nothingLeaked() {
  const tables = await sql<{ name: string }>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`.execute(harness.db);
  const rows = [];
  for (const { name } of tables.rows)
    rows.push(...(await sql<{ row: string }>`select t::text as row from ${sql.raw(name)} t`.execute(harness.db)).rows);
  const everywhere = [JSON.stringify(rows), log.join(''), JSON.stringify(harness.teams.delivered())];
  for (const secret of Object.values(fresh))
    expect(everywhere.map((text) => text.includes(secret))).toEqual([false, false, false]);
  // What is looked through is what it is said to be.
  expect(everywhere[0]).toContain('Proseware');
  expect(everywhere[1]!.length).toBeGreaterThan(1_000);
  expect(everywhere[2]).toContain('Edit the PBX');
}

describe('the edit of a PBX', () => {
  test('begins with what is there but its secrets, which stay when nothing is typed', async () => {
    const kim = await requester();
    const form = await openForm(kim, 'Head Office');
    expect(form.says).toContain('Edit the PBX Head Office');
    expect(inputsOf(form.card)).toMatchObject({
      lookup: 'A',
      domain: headOffice.sipDomain,
      port: '5080',
      voicemail: '*97',
      authorizationUrl: headOffice.portal.authorizationUrl,
    });
    for (const name of names)
      expect(inputOf(form.card, name)).toMatchObject({
        style: 'Password',
        value: '',
        placeholder: 'Empty for no change',
        isRequired: false,
      });
    const same = await harness.click(kim, form, 'Submit', {});
    expect(same.says).toContain('Nothing is different from how it is in TeamMate');

    const before = structuredClone(secretsOf('Head Office'));
    const pending = await harness.click(kim, same, 'Submit', { voicemail: '*98', proxy: '' });
    expect(pending.says).toContain('\\*97 → \\*98');
    expect(pending.says).not.toContain('replaced');
    await approve(pending);
    await harness.see(pending.where, 'Change of the PBX Head Office', '✅ Changed');
    expect(stored('Head Office')).toMatchObject({ voicemailFeatureCode: '*98', sipDomainProxy: null });
    expect(secretsOf('Head Office')).toEqual(before);
  });

  test('replaces secrets, tells that it does and no more, and forgets them', async () => {
    const kim = await requester();
    const form = await openForm(kim, 'Branch');
    const again = await harness.click(kim, form, 'Submit', { ...fresh, expiry: '5' });
    expect(mistakes(again)).toHaveLength(1);
    for (const name of names) expect(inputOf(again.card, name)).toMatchObject({ value: '', placeholder: kept });
    await nothingLeaked();

    const pending = await harness.click(kim, again, 'Submit', { expiry: '600' });
    expect(pending.says).toContain('300 seconds → 600 seconds');
    for (const label of ['SIP Password', 'Client Secret', 'Masquerading Password'])
      expect(pending.says).toContain(`${label}\nreplaced`);
    expect(await sealed()).toBe(1);
    await nothingLeaked();

    const approval = await approve(pending);
    expect(approval.says).toContain('SIP Password\nreplaced');
    await harness.see(pending.where, 'Change of the PBX Branch', '✅ Changed', 'replaced');
    expect(secretsOf('Branch')).toEqual({
      sipPassword: fresh.password,
      clientSecret: fresh.clientSecret,
      masqueradingPassword: fresh.masqueradingPassword,
    });
    const audit = await harness.type(megan, `audit ${idOf(pending)}`);
    expect(audit.says).toContain('Registration Expiry: 300 → 600; SIP Password: replaced; Client Secret: replaced');
    expect(await sealed()).toBe(0);
    await nothingLeaked();
  });

  test('of a password alone is a change, and a withdrawn one forgets it', async () => {
    const kim = await requester();
    const form = await openForm(kim, 'Depot');
    const pending = await harness.click(kim, form, 'Submit', { password: fresh.password });
    expect(pending.says).toContain('SIP Password\nreplaced');
    expect(await sealed()).toBe(1);
    await harness.click(kim, pending, 'Withdraw');
    expect(await sealed()).toBe(0);
    expect(secretsOf('Depot')?.sipPassword).toBe(headOffice.sipPassword);
  });

  test('that is cancelled forgets what was typed', async () => {
    const kim = await requester();
    const form = await openForm(kim, 'Depot');
    const again = await harness.click(kim, form, 'Submit', { password: fresh.password, expiry: '5' });
    expect(await sealed()).toBe(1);
    const cancelled = await harness.click(kim, again, 'Cancel');
    expect(await sealed()).toBe(0);
    await harness.press(kim, cancelled, 'Start again');
    const anew = await harness.see(cancelled.where, 'Edit the PBX Depot');
    expect(inputOf(anew.card, 'password')).toMatchObject({ placeholder: 'Empty for no change' });
  });

  test('says what is wrong with a secret, and asks for it anew', async () => {
    const kim = await requester();
    const form = await openForm(kim, 'Depot');
    const again = await harness.click(kim, form, 'Submit', { password: 'two\nlines' });
    expect(mistakes(again)).toEqual(['⚠ The SIP Password must be one line.']);
    expect(inputOf(again.card, 'password')).toMatchObject({ placeholder: 'Empty for no change' });
    expect(await sealed()).toBe(0);
  });

  test('keeps what was typed when its form was too old or was overtaken', async () => {
    const kim = await requester();
    const form = await openForm(kim, 'Kiosk');
    await harness.db
      .updateTable('forms')
      .set({ expires_at: new Date(0) })
      .execute();
    const renewed = await harness.click(kim, form, 'Submit', { password: fresh.password });
    expect(inputOf(renewed.card, 'password')).toMatchObject({ placeholder: kept });
    await harness.db
      .updateTable('listed')
      .set({ facts: sql`facts || '{"voicemail":"*1"}'::jsonb`, synced_at: new Date(Date.now() + 3_600_000) })
      .where('name', '=', 'Kiosk')
      .execute();
    const overtaken = await harness.click(kim, renewed, 'Submit', { user: 'kiosk' });
    expect(overtaken.says).toContain('\\*97 → \\*1');
    expect(inputsOf(overtaken.card)).toMatchObject({ voicemail: '*1', user: 'kiosk' });
    expect(inputOf(overtaken.card, 'password')).toMatchObject({ placeholder: kept });
    expect(await sealed()).toBe(1);
    const pending = await harness.click(kim, overtaken, 'Submit', {});
    expect(pending.says).toContain('SIP Password\nreplaced');
    await nothingLeaked();
    await harness.click(kim, pending, 'Withdraw');
  });

  test('of a type without a portal does not ask for one, and takes none', async () => {
    await harness.db
      .updateTable('listed')
      .set({ name: 'PortaSwitch', synced_at: new Date(Date.now() + 3_600_000) })
      .where('kind', '=', 'pbx-type')
      .where('reference', '=', String(headOffice.pbxTypeId))
      .execute();
    const kim = await requester();
    const form = await openForm(kim, 'Depot');
    expect(Object.keys(inputsOf(form.card))).toEqual(expect.arrayContaining(['user', 'authId', 'password']));
    expect(Object.keys(inputsOf(form.card))).not.toContain('clientSecret');
    const pending = await harness.click(kim, form, 'Submit', { user: 'depot', ...fresh });
    expect(pending.says).toContain('SIP Password\nreplaced');
    expect(pending.says).not.toContain('Client Secret');
    await approve(pending);
    await harness.see(pending.where, 'Change of the PBX Depot', '✅ Changed');
    expect(stored('Depot')).toMatchObject({
      sipUser: 'depot',
      portal: { clientId: 'proseware' },
      secrets: { sipPassword: fresh.password, clientSecret: headOffice.portal.clientSecret },
    });
  });
});

describe('a PBX', () => {
  test('is suspended, resumed and removed', async () => {
    const { form, pending } = await done('suspend pbx Closing Down', 'Ask to suspend');
    expect(form.says).toContain('⚠ TeamMate is no longer registered at it');
    await harness.see(pending.where, 'Suspension of the PBX Closing Down', '⏸ Suspended');
    expect(stored('Closing Down')?.suspended).toBe(true);
    const back = await done('resume pbx Closing Down', 'Ask to resume');
    await harness.see(back.pending.where, 'Resumption of the PBX Closing Down', '▶️ Resumed');
    expect(stored('Closing Down')?.suspended).toBe(false);
    const gone = await done('remove pbx Closing Down', 'Ask to remove', { name: 'closing down' });
    await harness.see(gone.pending.where, 'Removal of the PBX Closing Down', '🗑 Removed');
    expect(stored('Closing Down')).toBeUndefined();
  });

  test('of a name that several have is told by its enterprise', async () => {
    const { db, type } = harness;
    const other = { kind: 'pbx', active: true, suspended: false, facts: {} } as const;
    const enterprise = { kind: 'enterprise', active: true, suspended: false, facts: {} } as const;
    const there = new Date(Date.now() + 3_600_000);
    const things = [
      { ...enterprise, reference: '5998', name: 'Wingtip' },
      { ...other, reference: '6998', name: 'Branch', parent: '5998' },
    ];
    await db.transaction().execute((trx) => keep(trx, tenantId, things, there));
    const which = await type(await requester(), 'edit pbx branch');
    expect(which.says).toContain('Edit: which one?');
    expect(which.says).toContain('PBX · of Wingtip · 6998');
    expect(which.says).toContain('PBX · of Proseware · ');
    await db.deleteFrom('listed').where('reference', 'in', ['5998', '6998']).execute();
  });

  test('keeps its enterprise from being removed', async () => {
    const refused = await harness.type(await requester(), 'remove enterprise Proseware');
    expect(refused.says).toContain('The enterprise Proseware cannot be removed while it has 4 PBXes: ');
  });
});

test('without a key a PBX cannot be edited, for its secrets could not be kept; the rest can be done', async () => {
  const keyless = await pbxHarness({ env: { SECRETS_KEYS: '' }, simulator: { register: sip.register } });
  await fillPortal(keyless, 'Branch');
  const kim = await keyless.join('Kim', 'requester');
  expect((await keyless.type(kim, 'edit pbx Branch')).says).toContain('there is no key here yet');
  const form = await keyless.type(kim, 'suspend pbx Branch');
  expect(actionsOf(form.card).map(({ title }) => title)).toEqual(['Ask to suspend', 'Cancel']);
  await keyless.close();
});
