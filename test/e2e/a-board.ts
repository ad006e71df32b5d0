import { ok, pretendPbx } from '../simulator/pbxes.ts';
import { approvals, type Harness } from '../support/harness.ts';
import { fine, orderPbx, pbxHarness, scriptedPreflight } from '../support/pbx.ts';
import { alex, megan, personal } from '../support/people.ts';
import { eventually } from './outside.ts';

const hour = 3_600_000;

export interface ABoard {
  harness: Harness;
  /** Puts the bot's clock forward. Milliseconds. */
  later(by: number): void;
}

/**
 * A bot in development, with an organisation at work: orders of the last three weeks in each of their states, two of which
 * wait for an approver.
 */
export async function startABoard(): Promise<ABoard> {
  let behind = 21 * 24 * hour;
  const sip = pretendPbx();
  const script = scriptedPreflight();
  const harness = await pbxHarness({
    env: { ALLOW_UNAUTHENTICATED: 'true', BOT_ID: '', APP_ID: '6d1f3a52-7c84-4e0b-9f26-b8a05c3e71d5' },
    simulator: { register: sip.register },
    replacements: { clock: () => new Date(Date.now() - behind), preflight: script.preflight },
  });
  const later = (by: number) => {
    behind -= Math.min(by, behind);
  };
  const approve = async (what: string) => {
    await harness.click(megan, await harness.see(approvals, what, 'Approve'), 'Approve');
  };
  const reseller = (name: string, billingReference: string) =>
    harness.order(alex, { name, email: `voice@${name.toLowerCase().replace(/\W+/g, '-')}.example`, billingReference });

  for (const [name, reference, decidedAfter, activatedAfter] of [
    ['Contoso', 'NW-1010', 3, 20],
    ['Northwind Voice', 'NW-1011', 1, 52],
    ['Alpine Ski House', 'NW-1012', 26, 8],
  ] as const) {
    const order = await reseller(name, reference);
    later(decidedAfter * hour);
    await approve(`Reseller ${name}`);
    await harness.see(personal(alex), `Waiting for ${order.email} to activate`);
    later(activatedAfter * hour);
    await harness.activate(order.email);
    await harness.see(approvals, `${name} is active`);
    later(40 * hour);
  }
  later(24 * hour);
  const office = orderPbx(harness, alex, { location: 'Head Office' });
  await eventually('a check', async () => script.runs[0]);
  script.runs[0]?.ends(fine);
  await office;
  later(2 * hour);
  await approve('PBX Head Office');
  sipAnswers(await eventually('a registration', async () => sip.running()[0]));
  await harness.see(approvals, 'Head Office is active');

  later(30 * hour);
  await harness.type(alex, 'list enterprises');
  const enterprise = await harness.type(
    alex,
    'add enterprise Fabrikam; Humongous Insurance; admin@humongous.example; pbx; US East 1, US West; Netsapiens',
  );
  await harness.click(alex, enterprise, 'Submit');
  later(5 * hour);
  await approve('Enterprise Humongous Insurance');
  await harness.see(approvals, 'Enterprise Humongous Insurance', 'Waiting for admin@humongous.example');
  later(20 * hour);
  const waiting = await reseller('Woodgrove Telecom', 'NW-1013');
  later(4 * hour);
  await approve('Reseller Woodgrove Telecom');
  await harness.see(personal(alex), `Waiting for ${waiting.email} to activate`);

  later(26 * hour);
  await reseller('Bellows College', '');
  later(3 * hour);
  await reseller('A. Datum Corporation', 'NW-1014; the branch in Zürich is billed apart');
  later(behind - 300_000);
  return { harness, later };
}

const sipAnswers = (registration: ReturnType<ReturnType<typeof pretendPbx>['running']>[number]) =>
  registration.hear(ok);
