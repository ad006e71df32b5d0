import { approvals, type Harness, startHarness } from './support/harness.ts';
import { alex, megan, personal } from './support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
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
