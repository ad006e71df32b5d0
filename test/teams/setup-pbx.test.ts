import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { actionsOf, inputOf, inputsOf } from '../support/cards.ts';
import { textsOf } from '../support/fake-teams.ts';
import { approvals, type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  checked,
  fine,
  openPbxForm,
  orderPbx,
  pbxHarness,
  scriptedPreflight,
  secrets,
  typed,
  wrongPassword,
} from '../support/pbx.ts';
import { megan } from '../support/people.ts';

const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const mistakes = (posted: Posted) => textsOf(posted.card).filter((line) => line.startsWith('⚠'));
const stored = async (harness: Harness) => (await harness.db.selectFrom('secrets').selectAll().execute()).length;
const stateOf = async (harness: Harness, id: string) =>
  (await harness.db.selectFrom('requests').select('state').where('id', '=', id).executeTakeFirstOrThrow()).state;

/** The n-th check that was begun, once it was. */
async function run(script: ReturnType<typeof scriptedPreflight>, at: number) {
  while (script.runs.length <= at) await pause(10);
  return script.runs[at]!;
}

test('without a key nobody can set up a PBX, and is told which setting is missing', async () => {
  const harness = await startHarness({ env: { SECRETS_KEYS: '' } });
  const alex = await harness.join('Alex', 'requester');
  const { says } = await harness.type(alex, 'setup pbx');
  expect(says).toContain('there is no key here yet');
  expect(says).toContain('SECRETS\\_KEYS'.replace('\\', ''));
  await harness.close();
});

describe('the form of a PBX', () => {
  const script = scriptedPreflight();
  let harness: Harness;
  beforeAll(async () => {
    harness = await pbxHarness({
      env: { PREFLIGHT_PER_MINUTE: '1000' },
      replacements: { preflight: script.preflight },
    });
  });
  afterAll(() => harness.close());
  beforeEach(() => harness.db.deleteFrom('secrets').execute());

  test('asks for the enterprise and the type first, then for what matters of them, begun with what is known', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'setup pbx');
    expect(Object.keys(inputsOf(form.card))).toEqual(['enterprise', 'pbxType']);
    const next = await harness.click(alex, form, 'Next', { enterprise: '5901', pbxType: '1' });
    expect(mistakes(next)).toEqual([]);
    expect(inputsOf(next.card)).toMatchObject({
      enterprise: '5901',
      lookup: 'SRV',
      transport: 'UDP',
      expiry: '300',
      voicemail: '9901',
      authorizationUrl: 'https://HOST/ns-api/oauth2/token/',
    });
    expect(inputOf(next.card, 'password')).toMatchObject({ style: 'Password', isRequired: true, value: '' });
  });

  test('says why an enterprise cannot have one yet, and stays on its first page', async () => {
    await harness.db
      .insertInto('listed')
      .values({
        tenant_id: alexTenant,
        kind: 'enterprise',
        reference: '5999',
        name: 'Unrouted',
        keys: [],
        facts: JSON.stringify({ services: 'PBX', pbxTypes: '1' }),
        active: true,
        parent: '5101',
        synced_at: new Date(Date.now() + 3_600_000),
      })
      .execute();
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'setup pbx unrouted; Netsapiens');
    expect(mistakes(form)).toEqual([expect.stringContaining('Unrouted has no active Direct Routing yet')]);
    expect(titles(form)).toEqual(['Next', 'Cancel']);
  });

  test('can be begun in one line', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'pbx setup proseware; netsapiens; Branch; sip.branch.example; branch');
    expect(inputsOf(form.card)).toMatchObject({
      location: 'Branch',
      domain: 'sip.branch.example',
      user: 'branch',
      lookup: 'SRV',
    });
    expect(titles(form)).toEqual(['Submit', 'Cancel']);
  });

  test('keeps the secrets that were typed when it comes back, and never sends them back', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await openPbxForm(harness, alex);
    const again = await harness.click(alex, form, 'Submit', { ...typed, ...secrets, location: '', expiry: '5' });
    expect(mistakes(again)).toHaveLength(2);
    for (const field of Object.keys(secrets))
      expect(inputOf(again.card, field)).toMatchObject({
        value: '',
        placeholder: 'Kept; type to replace',
        isRequired: false,
      });
    for (const secret of Object.values(secrets)) expect(JSON.stringify(again.card)).not.toContain(secret.trim());
    expect(await stored(harness)).toBe(1);

    const replaced = { clientSecret: 'another one' };
    const asked = await harness.click(alex, again, 'Submit', { location: 'Kept', expiry: '300', ...replaced });
    expect(asked.says).toContain('Being checked');
    const { account, ends } = await run(script, script.runs.length - 1);
    expect(account.password).toBe(secrets.password);
    ends(fine);
    // The form's own are gone with it.
    expect(await harness.db.selectFrom('secrets').select('nonce').execute()).toEqual([{ nonce: null }]);
  });

  test('asks anew for a secret that is wrong', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await openPbxForm(harness, alex);
    const again = await harness.click(alex, form, 'Submit', { ...typed, ...secrets, clientSecret: 'two\nlines' });
    expect(mistakes(again)).toEqual(['⚠ The Client Secret must be one line.']);
    expect(inputOf(again.card, 'clientSecret')).toMatchObject({ isRequired: true, value: '' });
    expect(inputOf(again.card, 'password')).toMatchObject({ isRequired: false });
  });

  test('forgets them when it is cancelled', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await openPbxForm(harness, alex);
    const again = await harness.click(alex, form, 'Submit', { ...typed, ...secrets, location: '' });
    expect(await stored(harness)).toBe(1);
    const cancelled = await harness.click(alex, again, 'Cancel');
    expect(await stored(harness)).toBe(0);
    // Start again opens this form, and no other kind's.
    const [anew] = actionsOf(cancelled.card);
    expect(anew).toMatchObject({ title: 'Start again', data: { command: 'setup pbx' } });
  });

  test('is another one’s to no avail: what is kept for a form is its own', async () => {
    const alex = await harness.join('Alex', 'requester');
    const bo = await harness.join('Bo', 'requester');
    const form = await openPbxForm(harness, alex);
    const kept = await harness.click(alex, form, 'Submit', { ...typed, ...secrets, location: '' });
    const own = await openPbxForm(harness, bo);
    const nothing = await harness.click(bo, own, 'Submit', { ...typed, location: 'Bo' });
    expect(mistakes(nothing)).toHaveLength(3);
    await harness.press(bo, { ...kept, where: own.where }, 'Submit', { ...typed, location: 'Bo' });
    await harness.see(own.where, 'This form was not made for you.');
  });

  test('a location that the enterprise has asked for already is refused, in any spelling', async () => {
    const alex = await harness.join('Alex', 'requester');
    await orderPbx(harness, alex, { location: 'Main Street' });
    const form = await openPbxForm(harness, alex);
    const again = await harness.click(alex, form, 'Submit', { ...typed, ...secrets, location: 'MAIN  street' });
    expect(mistakes(again)).toEqual([expect.stringContaining('already has a PBX with this location')]);
  });
});

describe('the check', () => {
  const script = scriptedPreflight();
  let harness: Harness;
  beforeAll(async () => {
    harness = await pbxHarness({
      env: { PREFLIGHT_PER_MINUTE: '1000' },
      replacements: { preflight: script.preflight },
    });
  });
  afterAll(() => harness.close());

  /** Asks for a PBX of a location of its own, in a chat of its own. */
  async function asked(location: string) {
    const by = await harness.join(`Requester of ${location}`, 'requester');
    const before = script.runs.length;
    const own = await orderPbx(harness, by, { location });
    return { ...own, by, check: await run(script, before) };
  }

  test('shows how far it is, and nobody is asked to approve before it is over', async () => {
    const own = await asked('Step By Step');
    expect(own.says).toContain('Waiting for the check of its settings');
    expect(titles(own)).toEqual(['Withdraw']);
    await own.check.shows({ ...checked('running', 'Asking DNS.'), name: 'dns', label: 'DNS' }, checked('waiting'));
    await harness.see(own.where, 'Step By Step', 'Asking DNS.');
    expect(textOfAll(harness, approvals)).not.toContain('Step By Step');
    own.check.ends(fine);
    const approval = await harness.see(approvals, 'PBX Step By Step', 'Approve', 'and took it back.');
    expect(titles(approval)).toContain('Reject');
    expect(await stateOf(harness, own.id)).toBe('pending');
  });

  test('with a warning alone goes on, and the approver reads it', async () => {
    const own = await asked('Warned');
    own.check.ends(checked('warned', 'The certificate ends soon.', 'Renew it.'), fine);
    await harness.see(approvals, 'PBX Warned', 'The certificate ends soon. Renew it.');
  });

  test('that finds something stops the request, with its cause and what to do about it', async () => {
    const own = await asked('Wrong Password');
    own.check.ends(wrongPassword);
    const unready = await harness.see(own.where, 'PBX Wrong Password', 'Needs mending', 'Type it again.');
    expect(unready.says).toContain('The PBX does not take this password.');
    expect(titles(unready)).toEqual(['Check again', 'Change', 'Ask anyway', 'Withdraw']);
    await harness.see(own.where, 'Wrong Password: the check found something');
    expect(textOfAll(harness, approvals)).not.toContain('Wrong Password');
  });

  test('can be done again, with the same secrets', async () => {
    const own = await asked('Second Try');
    own.check.ends(wrongPassword);
    const unready = await harness.see(own.where, 'PBX Second Try', 'Needs mending', 'Check again');
    const before = script.runs.length;
    const again = await harness.click(own.by, unready, 'Check again');
    expect(again.says).toContain('Being checked');
    // A second click, as impatient people do, is the same one.
    expect((await harness.click(own.by, unready, 'Check again')).says).not.toContain('Too late');
    const check = await run(script, before);
    expect(check.account.password).toBe(secrets.password);
    check.ends(fine);
    await harness.see(approvals, 'PBX Second Try', 'Approve');
    expect(script.runs.length).toBe(before + 1);
  });

  test('can be overruled, and then the approver sees what it found', async () => {
    const own = await asked('Insisted');
    own.check.ends(wrongPassword);
    const unready = await harness.see(own.where, 'PBX Insisted', 'Needs mending', 'Ask anyway');
    await harness.click(own.by, unready, 'Ask anyway');
    const approval = await harness.see(approvals, 'PBX Insisted', 'Approve', '✖');
    expect(approval.says).toContain('The PBX does not take this password.');
  });

  test('is nobody else’s to repeat or to overrule', async () => {
    const own = await asked('Not Yours');
    own.check.ends(wrongPassword);
    const unready = await harness.see(own.where, 'PBX Not Yours', 'Needs mending', 'Ask anyway');
    for (const title of ['Check again', 'Ask anyway'])
      expect((await harness.click(megan, { ...unready, where: approvals }, title)).says).toContain(
        'who made this request',
      );
    expect(await stateOf(harness, own.id)).toBe('unready');
  });

  test('is followed by a change that keeps the secrets, and that request is checked anew', async () => {
    const own = await asked('To Be Changed');
    own.check.ends(wrongPassword);
    const unready = await harness.see(own.where, 'PBX To Be Changed', 'Needs mending', 'Change');
    const pressed = await harness.press(own.by, unready, 'Change');
    expect(pressed.status).toBe(200);
    const form = await harness.see(own.where, 'Set up PBX', 'SIP Password', 'Submit');
    expect(inputOf(form.card, 'password')).toMatchObject({ placeholder: 'Kept; type to replace', isRequired: false });
    expect(inputsOf(form.card)).toMatchObject({ location: 'To Be Changed', clientId: 'teammate' });
    const before = script.runs.length;
    await harness.click(own.by, form, 'Submit', { password: 'the right one' });
    const check = await run(script, before);
    expect(check.account.password).toBe('the right one');
    check.ends(fine);
    await harness.see(approvals, 'PBX To Be Changed', 'Approve');
    expect(await stateOf(harness, own.id)).toBe('withdrawn');
    const left = await harness.db.selectFrom('secrets').select('request_id').where('request_id', '=', own.id).execute();
    expect(left).toEqual([]);
  });

  test('ends when the request is taken back, and finds nothing any more', async () => {
    const own = await asked('Taken Back');
    const withdrawn = await harness.click(own.by, own, 'Withdraw');
    expect(withdrawn.says).toContain('Withdrawn');
    await own.check.shows(checked('running'));
    expect(own.check.signal.aborted).toBe(true);
    expect(await stateOf(harness, own.id)).toBe('withdrawn');
    const left = await harness.db.selectFrom('secrets').select('id').where('request_id', '=', own.id).execute();
    expect(left).toEqual([]);
    // Nobody was asked for it, so nobody is told.
    const untold = () =>
      harness.db
        .selectFrom('events')
        .select('id')
        .where('request_id', '=', own.id)
        .where('announced', '=', false)
        .execute();
    while ((await untold()).length > 0) await pause(20);
    const posts = [await harness.db.selectFrom('outbox').selectAll().execute(), harness.teams.delivered()];
    expect(JSON.stringify(posts)).not.toContain('Taken Back: withdrawn');
  });
});

test('a check whose process ended in the middle of it is done again by the next', async () => {
  const script = scriptedPreflight();
  const folder = await mkdtemp(join(tmpdir(), 'pbx-check-'));
  const harness = await pbxHarness({
    env: { DATA_DIR: folder },
    replacements: { preflight: script.preflight, snapshot: undefined },
  });
  const own = await orderPbx(harness, await harness.join('Alex', 'requester'));
  await run(script, 0);
  await harness.restart();
  expect(await stateOf(harness, own.id)).toBe('checking');
  const check = await run(script, 1);
  expect(check.account.password).toBe(secrets.password);
  check.ends(fine);
  await harness.see(approvals, 'PBX Head Office', 'Approve');
  await harness.close();
  await rm(folder, { recursive: true, force: true });
});

test('more checks than are allowed a minute wait for their turn, and say so', async () => {
  const script = scriptedPreflight();
  const { preflight } = script;
  const harness = await pbxHarness({ env: { PREFLIGHT_PER_MINUTE: '1' }, replacements: { preflight } });
  const alex = await harness.join('Alex', 'requester');
  await orderPbx(harness, alex, { location: 'First' });
  (await run(script, 0)).ends(fine);
  const second = await orderPbx(harness, alex, { location: 'Second' });
  await harness.see(second.where, 'PBX Second', 'its turn to be checked');
  expect(script.runs).toHaveLength(1);
  expect(await stateOf(harness, second.id)).toBe('checking');
  await harness.close();
});

const alexTenant = megan.tenantId;
const textOfAll = (harness: Harness, { id }: { id: string }) =>
  harness.teams
    .delivered()
    .filter((call) => call.conversationId === id)
    .map(({ activity }) => textsOf(activity).join('\n'))
    .join('\n');
