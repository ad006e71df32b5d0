import { actionsOf } from '../support/cards.ts';
import { approvals, type Harness, startHarness } from '../support/harness.ts';
import { personal } from '../support/people.ts';

const webhookToken = 'a-webhook-token-of-the-tests';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({
    env: {
      APPROVAL_REMIND_AFTER: '1s',
      APPROVAL_EXPIRE_AFTER: '3s',
      ACTIVATION_REMIND_AFTER: '1s',
      ACTIVATION_EXPIRE_AFTER: '3s',
      POLL_EVERY: '1s',
      WEBHOOK_TOKEN: webhookToken,
    },
  });
});
afterAll(() => harness.close());

describe('a request on which nobody decides', () => {
  test('is brought to mind, and ends; its name is free again', async () => {
    const alex = await harness.join('Alex', 'requester');
    const kim = await harness.join('Kim', 'approver');
    const order = await harness.order(alex);
    const asked = await harness.see(approvals, `Reseller ${order.name}`, 'Approve');
    await harness.see(approvals, `${order.name}: still waiting`, 'waiting for an approver');
    const expired = await harness.see(personal(alex), `Reseller ${order.name}`, 'Nobody decided in time');
    expect(expired.activityId).toBe(order.activityId);
    await harness.see(personal(alex), `${order.name}: expired`);
    const late = await harness.click(kim, asked, 'Approve');
    expect(late.says).toContain('Too late: the bot was faster (expired, ');
    expect(actionsOf(late.card)).toEqual([]);
    expect((await harness.order(alex, { name: order.name, email: order.email })).id).not.toBe(order.id);
  });
});

describe('an activation that nobody opens', () => {
  test('is brought to mind, and is no longer followed; used all the same, it counts', async () => {
    const alex = await harness.join('Alex', 'requester');
    const kim = await harness.join('Kim', 'approver');
    const order = await harness.order(alex);
    await harness.click(kim, await harness.type(kim, `status ${order.id}`), 'Approve');
    await harness.see(personal(alex), `${order.name}: still waiting`, `${order.email} to activate`);
    await harness.see(personal(alex), `Reseller ${order.name}`, 'A reminder was posted');
    await harness.see(personal(alex), `Reseller ${order.name}`, 'Nobody activated it in time');

    await harness.activate(order.email);
    const { resellerId } = harness.simulator.state.resellers.find(
      ({ preferredEmail }) => preferredEmail === order.email,
    )!;
    const notice = await fetch(`${harness.app.url}/webhooks/teammate?token=${webhookToken}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ event: 'reseller.activated', resellerId }),
    });
    expect(notice.status).toBeLessThan(300);
    await harness.see(personal(alex), `✅ ${order.name} is active`);
  });
});
