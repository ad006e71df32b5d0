import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { cardOf } from '../support/fake-teams.ts';
import { alex, megan, message, personal } from '../support/people.ts';
import { approvals, type Bed, makeBed, news, says } from './bed.ts';

let bed: Bed;
beforeAll(async () => {
  bed = await makeBed();
}, 120_000);
afterAll(() => bed?.close());

/** Asks for a reseller and has it approved. Resolves to the cards. */
async function approved(name: string) {
  const email = `ops@${name.toLowerCase()}.example`;
  await bed.type(alex, `add reseller ${name}; ${email}; pbx`);
  const own = await bed.see(personal(alex), `the form for ${name}`, (card) => inputsOf(card).name === name);
  await bed.click(alex, own, 'Submit');
  const approval = await bed.see(
    approvals,
    `the approval card for ${name}`,
    (card) => says(card).includes(`Reseller ${name}`) && actionsOf(card).some(({ title }) => title === 'Approve'),
  );
  await bed.click(megan, approval, 'Approve');
  return { email, own, approval };
}

describe('told to stop with SIGTERM, the bot', () => {
  test('finishes what it has begun with TeamMate and with Teams, and goes on with the rest when it is back', async () => {
    bed.simulator.faults.add({ path: '/reseller/newReseller', delayMs: 2_000, times: 1 });
    const { email, own, approval } = await approved('Northwind');
    await bed.see(personal(alex), 'the creation under way', (card) => says(card).includes('Being created'));

    expect(await bed.bot.end('SIGTERM')).toEqual({ code: 0, signal: null });
    const database = await bed.database();
    const requests = await database.db.selectFrom('requests').select(['name', 'state', 'reference']).execute();
    await database.close();
    const [created] = bed.simulator.state.resellers.filter(({ preferredEmail }) => preferredEmail === email);
    expect(requests).toEqual([{ name: 'Northwind', state: 'waiting', reference: String(created?.resellerId) }]);

    await bed.activate(email);
    await bed.bot.start();
    await bed.see(news, 'the news', (card) => says(card).includes('✅ Northwind is active'));
    for (const { activityId } of [own, approval])
      await bed.hear(
        (call) => call.activityId === activityId && says(cardOf(call.activity)).includes('✅ Active'),
        'the end on the live card',
      );
  }, 120_000);

  test('answers the request that is being sent to it, and no further one', async () => {
    const { hostname, port } = new URL(bed.address);
    const body = JSON.stringify({ ...message(alex, 'status'), serviceUrl: bed.teams.serviceUrl });
    const client = connect(Number(port), hostname);
    await once(client, 'connect');
    client.write(
      `POST /api/messages HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 10)}`,
    );
    // What is asked afterwards is answered afterwards: the bot has the first half by now.
    await fetch(`${bed.address}/healthz`);
    const ended = bed.bot.end('SIGTERM');
    await bed.bot.logs(({ msg }) => msg === 'closing');
    await expect(fetch(`${bed.address}/healthz`)).rejects.toThrow();
    client.write(body.slice(10));

    expect(await text(client)).toMatch(/^HTTP\/1\.1 202 /);
    expect(await ended).toEqual({ code: 0, signal: null });
    await bed.bot.start();
    await bed.see(personal(alex), 'the answer', (card) => says(card).includes('Your open requests'));
  }, 120_000);

  test('has no error to report', () => {
    expect(bed.bot.errors).toEqual([]);
    expect(bed.bot.said).toBe('');
  });
});
