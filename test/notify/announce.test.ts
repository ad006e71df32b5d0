import { demoMasterReseller } from '../../src/simulator/seed.ts';
import { until } from '../simulator/start.ts';
import { cardOf, textsOf } from '../support/fake-teams.ts';
import { approvals, type Harness, startHarness } from '../support/harness.ts';
import {
  alex,
  channel,
  foreignTenantId,
  installed,
  megan,
  personal,
  stranger,
  tenantId,
  uninstalled,
} from '../support/people.ts';

const news = channel('News');
const foreign = channel('Approvals', foreignTenantId);

/** Everything people read in a place, as one text. */
const readIn = (harness: Harness, { id }: { id: string }) =>
  harness.teams
    .delivered()
    .filter((call) => call.conversationId === id)
    .flatMap(({ activity }) => textsOf(cardOf(activity)))
    .join('\n');

/** How many posts were given up, as an operator's monitoring sees it. */
async function parked(harness: Harness): Promise<number> {
  const text = await fetch(`${harness.app.url}/metrics`).then((response) => response.text());
  return Number(/^teammate_posts\{state="parked"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

describe('an organisation with its channels bound', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({
      env: {
        ORGANISATIONS: `${tenantId}=${demoMasterReseller.resellerId},${foreignTenantId}=5002`,
        BOOTSTRAP_ADMINS: `${megan.aadObjectId},${stranger.aadObjectId}`,
      },
    });
    harness.teams.install(news, [alex, megan]);
    harness.teams.install(foreign, [stranger]);
    await harness.type(stranger, 'route approvals here', foreign);
    await harness.type(stranger, 'route notifications here', foreign);
  });
  afterAll(() => harness.close());

  test('reads of a request once in the channel that decides and reads along as well', async () => {
    const pending = await harness.order(alex, { name: 'Once Only' });
    await harness.see(approvals, 'Reseller Once Only', 'Approve');
    await harness.click(alex, pending, 'Withdraw');
    await harness.see(approvals, 'Once Only: withdrawn');
    expect(readIn(harness, approvals)).not.toContain('Once Only: approval asked for');
  });

  test('reads of it in the channel for news too when that is another one', async () => {
    await harness.type(megan, 'route notifications here', news);
    await harness.order(alex, { name: 'Two Channels' });
    await harness.see(news, 'Two Channels: approval asked for', 'Alex Reseller asks for');
    const approval = await harness.see(approvals, 'Reseller Two Channels', 'Approve');
    await harness.click(megan, approval, 'Reject', { reason: 'Not this year' });
    await harness.see(news, 'Two Channels: rejected', 'Reason: Not this year');
    await harness.see(personal(alex), 'Two Channels: rejected', 'Reason: Not this year');
    await harness.type(megan, 'route notifications here', approvals);
  });

  test('is the only one to hear of its requests', async () => {
    const pending = await harness.order(alex, { name: 'Confidential' });
    await harness.see(approvals, 'Reseller Confidential');
    await harness.click(alex, pending, 'Withdraw');
    await harness.see(approvals, 'Confidential: withdrawn');
    expect(readIn(harness, foreign)).not.toContain('Confidential');
    expect(readIn(harness, foreign)).toContain('Route set');
  });

  test('sees on `routes` and in the metrics what could not be posted, and gets it when the bot is back', async () => {
    harness.teams.uninstall(approvals);
    await harness.order(alex, { name: 'Parked First' });
    await harness.order(alex, { name: 'Parked Second' });
    await until(async () => (await parked(harness)) >= 2);
    const routes = await harness.type(megan, 'routes');
    expect(routes.says).toContain('1 not delivered');
    expect(routes.says).toContain('BotNotInConversationRoster');
    expect(routes.says).toContain('the bot is not in this conversation');
    expect(routes.says).toContain('the bot was removed from it');

    harness.teams.install(approvals, [alex, megan]);
    await harness.send(installed(megan, approvals));
    await harness.see(approvals, 'Reseller Parked First', 'Approve');
    await harness.see(approvals, 'Reseller Parked Second', 'Approve');
    const read = readIn(harness, approvals);
    expect(read.indexOf('Parked First')).toBeLessThan(read.indexOf('Parked Second'));
    expect(await parked(harness)).toBe(0);
    expect((await harness.type(megan, 'routes')).says).not.toContain('not delivered');
  });

  test('is not posted to while the bot is removed, and not even tried', async () => {
    await harness.send(uninstalled(megan, approvals));
    const calls = harness.teams.calls.length;
    const pending = await harness.order(alex, { name: 'Unheard' });
    await until(async () => (await parked(harness)) > 0);
    expect((await harness.type(megan, 'routes')).says).toContain('the bot was removed from it');
    expect(harness.teams.calls.slice(calls).filter(({ conversationId }) => conversationId === approvals.id)).toEqual(
      [],
    );
    await harness.send(installed(megan, approvals));
    await harness.see(approvals, 'Reseller Unheard', 'Approve');
    await harness.click(alex, pending, 'Withdraw');
  });
});

describe('an organisation without any channel', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await startHarness({ bare: true });
    await harness.type(megan, `grant requester ${alex.aadObjectId}`);
    await harness.type(megan, `grant approver ${megan.aadObjectId}`);
  });
  afterAll(() => harness.close());

  test('can ask all the same, and gets the approval card as soon as there is a channel for it', async () => {
    const pending = await harness.order(alex, { name: 'Early Bird' });
    expect(pending.says).toContain('Waiting for an approver');
    await harness.see(personal(alex), 'Reseller Early Bird', 'Waiting for an approver');

    await harness.type(megan, 'route approvals here', approvals);
    const approval = await harness.see(approvals, 'Reseller Early Bird', 'Approve');
    const approved = await harness.click(megan, approval, 'Approve');
    expect(approved.says).toContain('Approved by');
  });

  test('tells who asked in a channel there, when they never opened a chat with the bot', async () => {
    const place = channel('Sales');
    harness.teams.install(place, [alex, megan]);
    harness.teams.uninstall(personal(alex));
    await harness.send(uninstalled(alex));
    const form = await harness.type(alex, 'add reseller Asked Aloud; aloud@contoso.example; pbx', place);
    const pending = await harness.click(alex, form, 'Submit');
    expect(pending.says).toContain('Waiting for an approver');
    await harness.type(megan, 'route approvals here', approvals);
    const approval = await harness.see(approvals, 'Reseller Asked Aloud', 'Approve');
    await harness.click(megan, approval, 'Reject', { reason: 'Ask in private' });
    await harness.see(place, 'Asked Aloud: rejected', 'Reason: Ask in private');
  });
});
