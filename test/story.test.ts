import { approvals, type Harness, startHarness } from './support/harness.ts';
import { alex, megan, personal, stranger, tenantId } from './support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ env: { PROVIDER_TENANT: tenantId } });
});
afterAll(() => harness.close());

describe('a reseller, from a chat command to active', () => {
  test('is asked for on a form, approved in the channel, activated from the mail, and everybody is told', async () => {
    const form = await harness.type(alex, 'add reseller');
    expect(form.says).toContain('Reseller Name');
    const pending = await harness.click(alex, form, 'Submit', {
      name: 'Contoso',
      email: 'ops@contoso.example',
      services: 'PBX,TRUNK',
      billingReference: 'B-77',
    });
    expect(pending.says).toContain('Waiting for an approver');

    const approval = await harness.see(approvals, 'Reseller Contoso', 'Approve');
    const approved = await harness.click(megan, approval, 'Approve');
    expect(approved.says).toContain('Approved by');

    await harness.see(personal(alex), 'Waiting for ops@contoso.example to activate', 'Resend activation e-mail');
    await harness.activate('ops@contoso.example');
    await harness.see(approvals, '✅ Contoso is active');
    const own = await harness.see(personal(alex), 'Reseller Contoso', '✅ Active');
    expect(own.activityId).toBe(form.activityId);
    const others = await harness.see(approvals, 'Reseller Contoso', '✅ Active');
    expect(others.activityId).toBe(approval.activityId);
  });
});

describe('a company that nobody has heard of', () => {
  test('requests access, is approved with its account, and works with TeamMate from then on', async () => {
    const robin = { ...stranger, name: 'Robin Kline' };
    harness.teams.install(personal(robin), [robin]);
    const greeting = await harness.type(robin, 'hello');
    expect(greeting.says).toContain('Your organisation is not set up yet.');
    const form = await harness.type(robin, 'request access');
    const pending = await harness.click(robin, form, 'Submit', {
      company: 'Coho Telecom',
      firstName: 'Robin',
      lastName: 'Kline',
      email: 'robin@coho.example',
    });
    expect(pending.says).toContain('Waiting for an approver');

    const approval = await harness.see(approvals, 'Master reseller Coho Telecom', 'Approve');
    const wrong = await harness.click(megan, approval, 'Approve');
    expect(wrong.says).toContain('⚠ Not approved yet. Enter the Master Reseller Id');
    const approved = await harness.click(megan, approval, 'Approve', { account: '5002' });
    expect(approved.says).toContain('Approved by');

    await harness.see(approvals, '✅ Coho Telecom is active');
    const welcome = await harness.see(personal(robin), 'Welcome to TeamMate', 'first administrator and requester');
    const own = await harness.see(personal(robin), 'Master reseller Coho Telecom', '✅ Active');
    expect(own.activityId).toBe(form.activityId);
    await harness.press(robin, welcome, 'Add Reseller');
    await harness.see(personal(robin), 'Add Reseller', 'Reseller Name');

    // A colleague approves what Robin orders, and it is created under the new account.
    const sasha = { ...robin, id: '29:1sasha', name: 'Sasha', aadObjectId: '44444444-cccc-4ccc-8ccc-cccccccccccc' };
    harness.teams.install(personal(sasha), [sasha]);
    await harness.type(robin, `grant approver ${sasha.aadObjectId}`);
    const order = await harness.order(robin, { name: 'Lucerne', email: 'ops@lucerne.example' });
    await harness.click(sasha, await harness.type(sasha, `status ${order.id}`), 'Approve');
    await harness.see(personal(robin), 'Waiting for ops@lucerne.example to activate');
    const made = harness.simulator.state.resellers.find(({ resellerName }) => resellerName === 'Lucerne');
    expect(made?.masterResellerId).toBe(5002);
    expect((await harness.type(robin, 'list resellers')).says).toContain('1 in all.');
  });
});
