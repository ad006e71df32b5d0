import { takeNotice } from '../../src/provisioning/webhook.ts';
import { approvals, type Harness, startHarness } from '../support/harness.ts';
import { alex, megan } from '../support/people.ts';

const token = 'a-token-that-nobody-guesses';

let harness: Harness;
beforeAll(async () => {
  // Longer than the test: whatever is learnt is learnt from a notice.
  harness = await startHarness({ env: { POLL_EVERY: '1h', WEBHOOK_TOKEN: token } });
});
afterAll(() => harness.close());

const notify = (body: unknown, query = `?token=${token}`) =>
  fetch(`${harness.app.url}/webhooks/teammate${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** A reseller that is ordered, approved, created, and waits. Resolves with TeamMate's id of it. */
async function created(name: string) {
  const by = await harness.join(`Requester of ${name}`, 'requester');
  const own = await harness.order(by, { name });
  const approval = await harness.see(approvals, `Reseller ${name}`, 'Approve');
  await harness.click(megan, approval, 'Approve');
  await harness.see(own.where, `Reseller ${name}`, `Waiting for ${own.email} to activate`);
  const reseller = harness.simulator.state.resellers.find((one) => one.resellerName === name);
  if (!reseller) throw new Error(`TeamMate has no ${name}`);
  return { own, id: reseller.resellerId, email: own.email };
}

describe('a notice from TeamMate', () => {
  test('makes a request active long before the next look', async () => {
    const { own, id, email } = await created('Noticed');
    await harness.activate(email);
    const response = await notify({ event: 'reseller.activated', resellerId: id });
    expect(response.status).toBe(202);
    await harness.see(approvals, '✅ Noticed is active');
    const card = await harness.see(own.where, 'Reseller Noticed', '✅ Active');
    expect(card.activityId).toBe(own.activityId);
  });

  test('is only a hint: what it says is not believed', async () => {
    const { own, id, email } = await created('Forged');
    const calls = harness.teams.calls.length;
    for (const forged of [
      { resellerId: id, activated: true },
      { resellerId: String(id), state: 'active' },
    ])
      expect((await notify({ event: 'reseller.activated', ...forged })).status).toBe(202);
    // The real one comes after the forged ones, so that these have been looked into by then.
    const other = await created('Genuine');
    await harness.activate(other.email);
    await notify({ resellerId: other.id });
    await harness.see(approvals, '✅ Genuine is active');
    expect(harness.now(own).says).toContain(`Waiting for ${email} to activate`);
    const about = harness.teams.calls
      .slice(calls)
      .filter((call) => JSON.stringify(call.activity).includes('Forged is active'));
    expect(about).toEqual([]);
  });

  test('of a reseller that nobody asked for here is taken, and nobody hears of it', async () => {
    // The first is one that TeamMate has.
    for (const resellerId of [5101, '999999999999', 'no such id', "1'; drop table requests; --"])
      expect((await notify({ resellerId })).status).toBe(202);
    const own = await harness.order(alex);
    await harness.see(approvals, `Reseller ${own.name}`, 'Approve');
    expect(JSON.stringify(harness.teams.calls)).not.toContain('Fabrikam');
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{"resellerId":'],
    ['no id', '{}'],
    ['an id that is none', '{"resellerId":{"$ne":null}}'],
    ['a list', '[6001]'],
    ['an id without end', JSON.stringify({ resellerId: '6'.repeat(101) })],
  ])('that holds %s is answered 400', async (_, body) => {
    const response = await notify(body);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toMatch(/ {4}at |node_modules/);
  });

  test.each([
    ['without a token', ''],
    ['with an empty token', '?token='],
    ['with another token of the same length', `?token=${'x'.repeat(token.length)}`],
    ['with the beginning of the token', `?token=${token.slice(0, -1)}`],
    ['with the token twice', `?token=x&token=${token}`],
  ])('%s is answered 403, whatever it says', async (_, query) => {
    expect((await notify({ resellerId: 6001 }, query)).status).toBe(403);
    expect((await notify({}, query)).status).toBe(403);
  });

  test('is answered 404 where no token is set, even with an empty one', async () => {
    // Nothing is looked up for it.
    const room = { db: undefined as never, jobs: undefined as never, token: '' };
    for (const given of [null, '', token])
      expect(await takeNotice(room, { token: given, body: { resellerId: 1 } })).toMatchObject({ status: 404 });
  });
});
