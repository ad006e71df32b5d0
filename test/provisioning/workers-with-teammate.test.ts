import { caller, fault, until } from '../simulator/start.ts';
import { approvals, type Harness, type Posted, startHarness } from '../support/harness.ts';
import { alex, channel, megan } from '../support/people.ts';

const news = channel('News');
const creation = '/reseller/newReseller';

/** Somebody new orders a reseller. A chat of their own, because Teams allows only so many posts to one. */
async function ordered(harness: Harness, name: string) {
  const by = await harness.join(`Requester of ${name}`, 'requester');
  return { ...(await harness.order(by, { name })), by };
}

/** The same, and Megan approves it. */
async function approved(harness: Harness, name: string) {
  const own = await ordered(harness, name);
  const approval = await harness.see(approvals, `Reseller ${name}`, 'Approve');
  await harness.click(megan, approval, 'Approve');
  return own;
}

/** Waits until the requester's own card says all of this. */
const sees = (harness: Harness, own: Posted & { name: string }, ...says: string[]) =>
  harness.see(own.where, `Reseller ${own.name}`, ...says);

/** How often TeamMate was asked to create it, and how many there are. */
function creations({ simulator: { state } }: Harness, { name, email }: { name: string; email: string }) {
  const tally = state.creations.byNaturalKey[`${name.toLowerCase()}|${email}`];
  return {
    calls: tally?.calls ?? 0,
    there: state.resellers.filter(({ resellerName }) => resellerName === name).length,
  };
}

describe('an approved request', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({
      env: {
        RETRY_FIRST: '500ms',
        RETRY_LIMIT: '1',
        TEAMMATE_TIMEOUT: '1s',
        POLL_EVERY: '200ms',
        RESEND_INTERVAL: '1ms',
      },
    });
    // One channel for all of it would get more than the 60 posts in 30 seconds that Teams allows, and have to wait.
    harness.teams.install(news, [alex, megan]);
    await harness.type(megan, 'route notifications here', news);
  });
  afterAll(() => harness.close());
  afterEach(() => fault(harness.simulator, { clear: true }));

  test('whose answer is lost after the deed is created once, and its trouble shows until it is over', async () => {
    await fault(harness.simulator, { after: 'commit', times: 1, path: creation });
    const own = await approved(harness, 'Lost Answer');
    await sees(harness, own, 'Attempt 1 did not succeed; the next one is at {{DATE(');
    const waiting = await sees(harness, own, `Waiting for ${own.email} to activate`);
    expect(waiting.says).not.toContain('Attempt 1');
    expect(creations(harness, own)).toEqual({ calls: 1, there: 1 });
    expect((await harness.smtp.mailTo(own.email)).subject).toContain('Lost Answer');
  });

  test('that TeamMate carries out only after we gave up waiting is created once', async () => {
    await fault(harness.simulator, { delayMs: 1_400, times: 1, path: creation });
    const own = await approved(harness, 'Slow Coach');
    await sees(harness, own, 'no answer within 1 s', 'Attempt 1 did not succeed');
    await sees(harness, own, `Waiting for ${own.email} to activate`);
    expect(creations(harness, own).there).toBe(1);
  });

  test('fails after the last try with what TeamMate said, and Retry brings it through', async () => {
    await fault(harness.simulator, { status: 503, times: 2, path: creation });
    const own = await approved(harness, 'Second Wind');
    await sees(harness, own, 'Attempt 1 did not succeed', '503');
    const failed = await sees(harness, own, '❌ Failed', 'somebody to Retry, Change or Withdraw it', '503');
    await harness.see(news, 'Second Wind: failed');
    const retried = await harness.click(own.by, failed, 'Retry');
    expect(retried.says).toContain('Waiting for TeamMate to create it');
    await sees(harness, own, `Waiting for ${own.email} to activate`);
    expect(creations(harness, own)).toEqual({ calls: 1, there: 1 });
  });

  test('that TeamMate refuses for good fails at once with the reason', async () => {
    await fault(harness.simulator, { status: 400, times: 1, path: creation });
    const own = await approved(harness, 'Turned Down');
    const failed = await sees(harness, own, '❌ Failed', 'TeamMate refused: A fault that was asked for.');
    expect(failed.says).not.toContain('Attempt');
    await harness.see(news, 'Turned Down: failed', 'TeamMate refused: A fault that was asked for.');
  });

  test('whose address somebody took in the portal meanwhile fails, and Change asks for it under another one', async () => {
    const own = await ordered(harness, 'Late Comer');
    const call = await caller(harness.simulator.url);
    const rival = { masterResellerId: 5001, resellerName: 'Early Riser', preferredEmail: own.email, services: ['PBX'] };
    expect((await call('POST', creation, rival)).status).toBe(201);
    const approval = await harness.see(approvals, 'Reseller Late Comer', 'Approve');
    await harness.click(megan, approval, 'Approve');
    const failed = await sees(harness, own, '❌ Failed', 'already has a reseller with this Preferred Email');

    await harness.click(own.by, failed, 'Change');
    const form = await harness.see(own.where, 'Add Reseller', 'Late Comer', own.email);
    const email = 'later@late-comer.example';
    const anew = await harness.click(own.by, form, 'Submit', { email });
    expect(anew.says).toContain('Waiting for an approver');
    await sees(harness, own, '↩️ Withdrawn');
    const second = await harness.see(approvals, 'Reseller Late Comer', email, 'Approve');
    await harness.click(megan, second, 'Approve');
    await sees(harness, own, `Waiting for ${email} to activate`);
    expect(creations(harness, { name: 'Late Comer', email })).toEqual({ calls: 1, there: 1 });
  });

  test('fails when TeamMate does not accept our login, says who can mend it, and Retry works once it is mended', async () => {
    await fault(harness.simulator, { expireTokens: true });
    await fault(harness.simulator, { status: 400, times: 100, path: '/oauth/token' });
    const own = await approved(harness, 'Locked Out');
    const failed = await sees(
      harness,
      own,
      '❌ Failed',
      'did not accept the bot’s own login',
      'An operator has to check',
    );
    await fault(harness.simulator, { clear: true });
    await harness.click(own.by, failed, 'Retry');
    await sees(harness, own, `Waiting for ${own.email} to activate`);
  });

  test('gets its activation e-mail sent again, a real one, whose link works', async () => {
    const own = await approved(harness, 'Mail Again');
    const waiting = await sees(harness, own, 'Resend activation e-mail');
    const first = await harness.smtp.mailTo(own.email);
    await harness.click(own.by, waiting, 'Resend activation e-mail');
    const second = await harness.smtp.mailTo(own.email, 2);
    const code = ({ text }: { text: string }) => /code=(\S+)/.exec(text)?.[1];
    expect(code(second)).toBeTruthy();
    expect(code(second)).not.toBe(code(first));
    await harness.see(news, 'Mail Again: e-mail sent again');
    await sees(harness, own, 'The e-mail was sent again');
  });

  test('blocks its name and address; so does what somebody adds in the portal, once it was seen there', async () => {
    const call = await caller(harness.simulator.url);
    const added = {
      masterResellerId: 5001,
      resellerName: 'From The Portal',
      preferredEmail: 'x@portal.example',
      services: ['PBX'],
    };
    await call('POST', creation, added);
    const listed = async () => (await harness.type(alex, 'list resellers from the portal')).says;
    await until(async () => (await listed()).includes('x@portal.example'));
    const form = await harness.type(alex, 'add reseller FROM  the portal; X@portal.example; pbx');
    const refused = await harness.click(alex, form, 'Submit');
    expect(refused.says).toContain('This name is taken');
    expect(refused.says).toContain('This e-mail address is already used');
  });
});

describe('a request that waits', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({
      env: {
        POLL_EVERY: '200ms',
        WEBHOOK_TOKEN: 'a-token-that-nobody-guesses',
        APPROVAL_REMIND_AFTER: '1500ms',
        APPROVAL_EXPIRE_AFTER: '5s',
        ACTIVATION_REMIND_AFTER: '1500ms',
        ACTIVATION_EXPIRE_AFTER: '5s',
      },
    });
  });
  afterAll(() => harness.close());

  test('becomes active without any notice, because the bot looks by itself', async () => {
    const own = await approved(harness, 'Quiet One');
    await sees(harness, own, `Waiting for ${own.email} to activate`);
    await harness.activate(own.email);
    await sees(harness, own, '✅ Active');
    await harness.see(approvals, '✅ Quiet One is active');
  });

  test('is reminded of and expires when nobody acts, before its approval as before its activation; an old link still counts', async () => {
    const waiting = await approved(harness, 'Unopened Mail');
    const pending = await ordered(harness, 'Undecided');
    await harness.see(approvals, 'Undecided: still waiting', 'waiting for an approver');
    await harness.see(waiting.where, 'Unopened Mail: still waiting', `waiting for ${waiting.email} to activate`);
    await sees(harness, waiting, 'A reminder was posted');

    await sees(harness, pending, '⌛ Expired', 'Nobody decided in time');
    await sees(harness, waiting, '⌛ Expired', 'Nobody activated it in time');
    await harness.see(approvals, 'Undecided: expired');
    await harness.see(approvals, 'Unopened Mail: expired');

    await harness.activate(waiting.email);
    const { resellerId } =
      harness.simulator.state.resellers.find(({ resellerName }) => resellerName === 'Unopened Mail') ?? {};
    await fetch(`${harness.app.url}/webhooks/teammate?token=a-token-that-nobody-guesses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resellerId }),
    });
    await sees(harness, waiting, '✅ Active');
    await harness.see(approvals, '✅ Unopened Mail is active');
  });
});
