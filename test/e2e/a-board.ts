import { sql } from 'kysely';
import { ok, pretendPbx } from '../simulator/pbxes.ts';
import { approvals, type Harness } from '../support/harness.ts';
import { fine, orderPbx, pbxHarness, scriptedPreflight } from '../support/pbx.ts';
import { alex, megan, personal } from '../support/people.ts';
import { eventually } from './outside.ts';

/**
 * A bot in development, with an organisation at work: orders of the last three weeks in each of their states, two of which
 * wait for an approver. What they went through happened just now; it is only dated back.
 */
export async function startABoard(): Promise<Harness> {
  const sip = pretendPbx();
  const script = scriptedPreflight();
  const harness = await pbxHarness({
    env: { ALLOW_UNAUTHENTICATED: 'true', BOT_ID: '', APP_ID: '6d1f3a52-7c84-4e0b-9f26-b8a05c3e71d5' },
    simulator: { register: sip.register },
    replacements: { preflight: script.preflight },
  });
  const pasts: [id: string, hoursAgo: readonly number[]][] = [];
  const approve = async (what: string) => {
    await harness.click(megan, await harness.see(approvals, what, 'Approve'), 'Approve');
  };
  const reseller = (name: string, billingReference: string) =>
    harness.order(alex, { name, email: `voice@${name.toLowerCase().replace(/\W+/g, '-')}.example`, billingReference });

  for (const [name, reference, ...ago] of [
    ['Contoso', 'NW-1010', 500, 497, 497, 497, 480],
    ['Northwind Voice', 'NW-1011', 400, 399, 399, 398.9, 340],
    ['Alpine Ski House', 'NW-1012', 300, 274, 274, 273.99, 265],
  ] as const) {
    const order = await reseller(name, reference);
    await approve(`Reseller ${name}`);
    await harness.see(personal(alex), `Waiting for ${order.email} to activate`);
    await harness.activate(order.email);
    await harness.see(approvals, `${name} is active`);
    pasts.push([order.id, ago]);
  }

  const office = await orderPbx(harness, alex, { location: 'Head Office' });
  (await eventually('a check', async () => script.runs[0])).ends(fine);
  await approve('PBX Head Office');
  (await eventually('a registration', async () => sip.running()[0])).hear(ok);
  await harness.see(approvals, 'Head Office is active');
  pasts.push([office.id, [170, 169.9, 168, 168, 167.9, 167.5]]);

  const form = await harness.type(
    alex,
    'add enterprise Fabrikam; Humongous Insurance; admin@humongous.example; pbx; US East 1, US West; Netsapiens',
  );
  const enterprise = await harness.click(alex, form, 'Submit');
  await approve('Enterprise Humongous Insurance');
  await harness.see(personal(alex), 'Enterprise Humongous Insurance', 'Waiting for admin@humongous.example');
  pasts.push([/R-(\d+)/.exec(enterprise.says)?.[1] ?? '', [100, 95, 95, 94.9]]);

  const waiting = await reseller('Woodgrove Telecom', 'NW-1013');
  await approve('Reseller Woodgrove Telecom');
  await harness.see(personal(alex), `Waiting for ${waiting.email} to activate`);
  pasts.push([waiting.id, [30, 26, 26, 25.9]]);

  pasts.push([(await reseller('Bellows College', '')).id, [27]]);
  const last = await reseller('A. Datum Corporation', 'NW-1014; the branch in Zürich is billed apart');
  pasts.push([last.id, [0.1]]);
  // Last of all: what is old is reminded of at once.
  for (const [id, hoursAgo] of pasts) await dateBack(harness, id, hoursAgo);
  return harness;
}

/** Has the events of a request have happened so many hours ago, in their order; further ones as the last of them. */
async function dateBack({ db }: Harness, id: string, hours: readonly number[]): Promise<void> {
  const [first = 0] = hours;
  const last = hours.at(-1) ?? 0;
  const ago = sql<number[]>`${`{${hours.join(',')}}`}::float8[]`;
  await db.transaction().execute(async (trx) => {
    // The trail lets nobody do this, which is right; here it makes a past.
    await sql`alter table events disable trigger events_append_only`.execute(trx);
    await sql`
      update events set at = now() - make_interval(secs => 3600 * coalesce((${ago})[numbered.place], ${last}::float8))
      from (select id, row_number() over (order by id) as place from events where request_id = ${id}) as numbered
      where events.id = numbered.id`.execute(trx);
    await sql`
      update requests set
        created_at = now() - make_interval(secs => 3600 * ${first}::float8),
        since = now() - make_interval(secs => 3600 * ${last}::float8)
      where id = ${id}`.execute(trx);
    await sql`alter table events enable trigger events_append_only`.execute(trx);
  });
}
