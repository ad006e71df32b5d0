import { Writable } from 'node:stream';
import { sql } from 'kysely';
import { pino } from 'pino';
import type { Database } from '../src/db/open.ts';
import { ok, pretendPbx, refused } from './simulator/pbxes.ts';
import { fault, until } from './simulator/start.ts';
import { textsOf } from './support/fake-teams.ts';
import { approvals, type Harness } from './support/harness.ts';
import { fine, openPbxForm, orderPbx, pbxHarness, scriptedPreflight, secrets, typed } from './support/pbx.ts';
import { alex, megan } from './support/people.ts';
import { describeWithRegistrar, startRegistrar } from './support/registrar.ts';

/** Every row of every table, the job queue's too, as one text. */
async function dump(db: Database['db']): Promise<string> {
  const tables = await sql<{ name: string }>`
    select format('%I.%I', table_schema, table_name) as name from information_schema.tables
    where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`.execute(db);
  const rows = [];
  for (const { name } of tables.rows)
    rows.push(...(await sql<{ row: string }>`select t::text as row from ${sql.raw(name)} t`.execute(db)).rows);
  return rows.map(({ row }) => row).join('\n');
}

const everyPost = ({ teams }: Harness) => JSON.stringify(teams.delivered());
const secretRows = async ({ db }: Harness) => (await db.selectFrom('secrets').select('id').execute()).length;
const readIn = ({ teams }: Harness, { id }: { id: string }, text: string) =>
  teams.delivered().filter((call) => call.conversationId === id && textsOf(call.activity).join('\n').includes(text))
    .length;

/** Megan approves it, and TeamMate has it. */
async function approve(harness: Harness, location: string) {
  const approval = await harness.see(approvals, `PBX ${location}`, 'Approve');
  await harness.click(megan, approval, 'Approve');
}

describe('a PBX from the command to its registration, and after', () => {
  const sip = pretendPbx();
  const script = scriptedPreflight();
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
      env: { REGISTRATION_EVERY: '300ms', TEAMMATE_TIMEOUT: '1s', RETRY_FIRST: '200ms' },
      simulator: { register: sip.register },
      replacements: { log: pino({ level: 'trace' }, sink), preflight: script.preflight },
    });
  });
  afterAll(() => harness.close());

  /** Looks for what was typed and is secret, wherever it could have come to. */
  async function nothingLeaked() {
    const metrics = await fetch(`${harness.app.url}/metrics`).then((response) => response.text());
    const everywhere = [await dump(harness.db), log.join(''), everyPost(harness), metrics];
    for (const secret of Object.values(secrets))
      expect(everywhere.map((text) => text.includes(secret.trim()))).toEqual([false, false, false, false]);
    // What is looked through is what it is said to be.
    expect(everywhere[0]).toContain('Proseware');
    expect(everywhere[1]!.length).toBeGreaterThan(1_000);
    expect(everywhere[2]).toContain('Set up PBX');
  }

  test('is told step by step, and its secrets are nowhere to be read', async () => {
    const form = await openPbxForm(harness, alex);
    const again = await harness.click(alex, form, 'Submit', { ...typed, ...secrets, expiry: '1' });
    await nothingLeaked();
    const checking = await harness.click(alex, again, 'Submit', { expiry: '300' });
    expect(checking.says).toContain('Being checked');
    await nothingLeaked();
    await until(() => script.runs.length === 1);
    expect(script.runs[0]?.account.password).toBe(secrets.password);
    script.runs[0]?.ends(fine);
    await approve(harness, 'Head Office');
    await harness.see(checking.where, 'PBX Head Office', 'Waiting for the PBX to accept the registration');
    await nothingLeaked();

    await until(() => sip.running().length === 1);
    expect(sip.running()[0]?.account.password).toBe(secrets.password);
    sip.running()[0]?.hear(refused);
    await harness.see(checking.where, 'PBX Head Office', 'Not active yet', 'it does not let this user register');
    sip.running()[0]?.hear(ok);
    await harness.see(checking.where, 'PBX Head Office', 'Head Office of Proseware is registered.');
    await harness.see(approvals, 'Head Office is active');
    await nothingLeaked();
    expect(await secretRows(harness)).toBe(0);
  });

  test('and its loss and its return are told once each', async () => {
    sip.running()[0]?.hear(refused);
    await harness.see(approvals, 'Head Office: registration lost', '403');
    const own = await harness.see(
      { id: approvals.id },
      'PBX Head Office',
      'Registration lost',
      'It is no longer registered',
    );
    expect(own.says).not.toContain('is registered.');
    sip.running()[0]?.hear(ok);
    await harness.see(approvals, 'Head Office: registered again');
    expect(readIn(harness, approvals, 'registration lost')).toBe(1);
    expect(readIn(harness, approvals, 'registered again')).toBe(1);
  });

  test('is created once though TeamMate’s answer is lost', async () => {
    await fault(harness.simulator, { after: 'commit', times: 1, path: '/pbx/newPBX' });
    const own = await orderPbx(harness, alex, { location: 'Lost Answer' });
    await until(() => script.runs.length === 2);
    script.runs[1]?.ends(fine);
    await approve(harness, 'Lost Answer');
    await harness.see(own.where, 'PBX Lost Answer', 'Waiting for the PBX to accept the registration');
    expect(harness.simulator.state.pbxes.filter(({ pbxLocation }) => pbxLocation === 'Lost Answer')).toHaveLength(1);
  });

  test('that is rejected leaves no secret behind', async () => {
    await harness.db.deleteFrom('secrets').execute();
    const own = await orderPbx(harness, alex, { location: 'Rejected' });
    expect(await secretRows(harness)).toBe(1);
    await until(() => script.runs.length === 3);
    script.runs[2]?.ends(fine);
    const approval = await harness.see(approvals, 'PBX Rejected', 'Approve');
    await harness.click(megan, approval, 'Reject', { reason: 'Not now.' });
    await harness.see(own.where, 'PBX Rejected', 'Not now.');
    expect(await secretRows(harness)).toBe(0);
    await nothingLeaked();
  });
});

describeWithRegistrar('a PBX with a real registrar', () => {
  test('is checked, mended, approved, created, and registered there by TeamMate', async () => {
    const domain = 'pbx.proseware.example';
    const registrar = await startRegistrar({ domain, users: [{ user: 'teammate', password: secrets.password }] });
    const harness = await pbxHarness({
      env: { REGISTRATION_EVERY: '500ms', PREFLIGHT_ALLOW: '127.0.0.0/8' },
    });
    try {
      const account = { domain, proxy: `127.0.0.1:${registrar.ports.udp}`, lookup: 'SRV' };
      const wrong = await orderPbx(harness, alex, { ...account, password: 'wrong' });
      const unready = await harness.see(wrong.where, 'PBX Head Office', 'Needs mending', '✖');
      expect(unready.says).toContain('Registration');
      expect(readIn(harness, approvals, 'PBX Head Office')).toBe(0);

      await harness.press(alex, unready, 'Change');
      const form = await harness.see(wrong.where, 'Set up PBX', 'SIP Password', 'Submit');
      await harness.click(alex, form, 'Submit', { password: secrets.password });
      await approve(harness, 'Head Office');
      await harness.see(wrong.where, 'PBX Head Office', 'Head Office of Proseware is registered.');
      expect(await registrar.contacts()).toHaveLength(1);
      expect(await secretRows(harness)).toBe(0);
    } finally {
      await harness.close();
      await registrar.close();
    }
  });
});
