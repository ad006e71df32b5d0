import { post, until } from './simulator/start.ts';
import { approvals, type Harness, startHarness } from './support/harness.ts';
import { alex, megan, personal } from './support/people.ts';

const admin = 'it@humongous.example';
let harness: Harness;
afterEach(() => harness?.close());

/** Humongous Insurance as a customer of Fabrikam's that has registered, and listed by the bot. */
async function registered() {
  const { state, url } = harness.simulator;
  const { invitation } = state.enterprises.find(({ adminEmail }) => adminEmail === admin) ?? {};
  await post(`${url}/register`, {
    invitationCode: invitation?.code ?? '',
    adminName: 'Robin Counts',
    adminEmail: admin,
    accept: 'yes',
  });
}

/** Orders the enterprise in the chat, has it approved, and registers it. */
async function customer() {
  // What TeamMate has comes with the first look.
  await until(async () => (await harness.type(alex, 'list resellers')).says.includes('Fabrikam'));
  const line = `add enterprise Fabrikam; Humongous Insurance; ${admin}; pbx; US East 1, US West; Netsapiens`;
  const form = await harness.type(alex, line);
  await harness.click(alex, form, 'Submit');
  const approval = await harness.see(approvals, 'Enterprise Humongous Insurance', 'Approve');
  await harness.click(megan, approval, 'Approve');
  await harness.smtp.mailTo(admin);
  await registered();
  await harness.see(approvals, '✅ Humongous Insurance is active');
}

async function grant(text: string) {
  for (const [, url = ''] of text.matchAll(/:\n(https?:\/\/\S+\/consent\?\S+)/g)) {
    const token = new URL(url).searchParams.get('token') ?? '';
    await post(url.replace(/\?.*/, ''), { token, answer: 'granted' });
  }
}

const start = async (mail: boolean) => {
  harness = await startHarness({ simulator: { directRoutingMs: 600 }, mail });
};

describe('Direct Routing, from a chat command to active', () => {
  test('asks the customer by e-mail, and the card says at any time who is waited for', async () => {
    await start(true);
    await customer();
    const form = await harness.type(alex, 'connect teams Humongous Insurance; US East 1');
    const pending = await harness.click(alex, form, 'Submit');
    expect(pending.says).toContain('Only one SBC Region is chosen');
    const approval = await harness.see(approvals, 'Direct Routing Humongous Insurance (US East 1)', 'Approve');
    await harness.click(megan, approval, 'Approve');

    const waiting = await harness.see(
      personal(alex),
      `Waiting for ${admin}, the customer’s administrator, to grant User Sync, Presence and Management by Service Provider`,
      'Resend consent links',
    );
    expect(waiting.says).toContain('Domain in US East 1');
    await harness.see(approvals, 'the customer is asked', `went to ${admin}`);
    const chain = await harness.type(alex, 'show Humongous Insurance');
    expect(chain.says).toMatch(/↳ ⏳ (US East 1|Humongous Insurance \(US East 1\))/);
    expect(chain.says).toMatch(/R-\d+ · Direct Routing · Not active yet · waiting for .* to grant User Sync/);
    const mail = await harness.smtp.mailTo(admin, 2);
    await grant(mail.text);

    await harness.see(personal(alex), 'Waiting for Microsoft to activate');
    await harness.see(approvals, '✅ Humongous Insurance (US East 1) is active');
    const active = await harness.see(personal(alex), 'Direct Routing Humongous Insurance', '✅ Active');
    expect(active.activityId).toBe(form.activityId);
    expect(JSON.stringify(harness.teams.calls)).not.toContain('/consent?');

    const again = await harness.type(alex, 'direct routing Humongous Insurance; US East 1, US West');
    const refused = await harness.click(alex, again, 'Submit');
    expect(refused.says).toContain('Direct Routing in US East 1 is there already');
  });

  test('without a mail server the links come to the chat of who asked, and to no channel', async () => {
    await start(false);
    await customer();
    const form = await harness.type(alex, 'setup direct routing Humongous Insurance; US East 1, US West');
    await harness.click(alex, form, 'Submit');
    const approval = await harness.see(approvals, 'Direct Routing Humongous Insurance', 'Approve');
    await harness.click(megan, approval, 'Approve');
    const links = await harness.see(personal(alex), 'links to forward', admin, '/consent?token=');
    await harness.see(approvals, 'the customer is asked', 'has the links in their chat');
    const elsewhere = harness.teams.calls.filter(({ conversationId }) => conversationId !== personal(alex).id);
    expect(JSON.stringify(elsewhere)).not.toContain('/consent?');
    const urls = [...links.says.matchAll(/\]\((http[^)]+)\)/g)].map(([, url]) => `x:\n${url}`);
    expect(urls).toHaveLength(3);
    await grant(urls.join('\n\n'));
    await harness.see(approvals, '✅ Humongous Insurance (US East 1, US West) is active');
  });

  test('of an enterprise that is not registered says who is waited for', async () => {
    await start(true);
    await until(async () => (await harness.type(alex, 'list resellers')).says.includes('Fabrikam'));
    const line = `add enterprise Fabrikam; Humongous Insurance; ${admin}; pbx; US East 1, US West; Netsapiens`;
    await harness.click(alex, await harness.type(alex, line), 'Submit');
    const approval = await harness.see(approvals, 'Enterprise Humongous Insurance', 'Approve');
    await harness.click(megan, approval, 'Approve');
    await harness.see(personal(alex), `Waiting for ${admin}, the customer’s administrator, to register`);
    const form = await harness.type(alex, 'direct routing Humongous Insurance');
    expect(form.says).toContain(`Humongous Insurance is not registered yet: waiting for ${admin}.`);
  });
});
