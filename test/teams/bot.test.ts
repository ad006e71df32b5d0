import Keyv from 'keyv';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { Jobs } from '../../src/db/jobs.ts';
import type { Db } from '../../src/db/open.ts';
import { type BotParts, createBot } from '../../src/teams/bot.ts';
import { createIncoming } from '../../src/teams/incoming.ts';
import type { Outbox } from '../../src/teams/outbox.ts';
import { actionsOf } from '../support/cards.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  addedToTeam,
  type Body,
  bot,
  channel,
  execute,
  foreignTenantId,
  installed,
  megan,
  message,
  personal,
  serviceUrl,
  stranger,
  submit,
  tenantId,
  uninstalled,
} from '../support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ bare: true });
  harness.teams.install(personal(stranger), [stranger]);
});
afterAll(() => harness.close());

const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);
const told = expect.stringMatching(/\w+\. \w+.+/);
const asMessage = { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: told };

describe('a request without a good token', () => {
  const good = { audience: bot.appId, serviceUrl };
  test.each<[what: string, authorization: () => Promise<Record<string, string>>]>([
    ['no token', async () => ({})],
    ['a password', async () => ({ authorization: 'Basic bWVnYW46bWVnYW4=' })],
    ['nonsense', async () => ({ authorization: 'Bearer nonsense' })],
    ['a token for another bot', async () => bearer({ ...good, audience: tenantId })],
    ['a token that is over', async () => bearer({ ...good, expiresIn: -3600 })],
    ['a token for another service URL', async () => bearer({ ...good, serviceUrl: 'https://evil.example/' })],
    ['a token signed by somebody else', async () => bearer({ ...good, key: 'other' })],
    ['a token signed by nobody', async () => bearer({ ...good, key: 'none' })],
  ])('(%s) is refused, whatever it says', async (_, authorization) => {
    // The library writes to the console of every token it refuses.
    const { error } = console;
    console.error = () => {};
    const headers = await authorization();
    const answers = await Promise.all(
      [message(megan, 'help'), { nonsense: true }].map((body) => harness.sendRaw(body, headers)),
    );
    console.error = error;
    const [known] = answers;
    expect(known?.status).toBe(401);
    expect(await known?.json()).toEqual({ error: expect.stringMatching(/token/) });
    for (const { status } of answers) expect([400, 401]).toContain(status);
  });

  const bearer = async (request: Parameters<Harness['issuer']['sign']>[0]) => ({
    authorization: `Bearer ${await harness.issuer.sign(request)}`,
  });
});

describe('an organisation that is not served', () => {
  test('is told so, with what to do', async () => {
    const answer = await harness.type(stranger, 'add reseller');
    expect(answer.says).toContain('Your organisation is not set up with TeamMate yet.');
    expect(answer.says).toContain(`add the tenant ${foreignTenantId} to ORGANISATIONS`);
    expect(titles(answer)).toEqual([]);
  });

  test('can click nothing, and learns nothing', async () => {
    const { id, name } = await harness.order(await harness.join('Alex', 'requester'));
    for (const verb of ['approve', 'show', 'withdraw', 'run', 'nonsense']) {
      const data = { verb, id, version: 1, command: 'status' };
      const answer = await harness.send(execute(stranger, verb, data, { replyToId: '1' }));
      expect(answer).toEqual({ status: 200, body: asMessage });
      expect(JSON.stringify(answer.body)).not.toContain(name);
    }
  });

  test('is told what is missing when it installs the bot, and is offered nothing', async () => {
    expect((await harness.send(installed(stranger))).status).toBe(200);
    const greeting = await harness.see(personal(stranger), 'TeamMate is here', 'Your organisation is not set up');
    expect(greeting.says).toContain(`add the tenant ${foreignTenantId} to ORGANISATIONS`);
    expect(titles(greeting)).toEqual([]);
  });
});

describe('somebody whose directory id Teams does not tell', () => {
  const anonymous = (body: Body): Body => ({ ...body, from: { ...(body.from as object), aadObjectId: undefined } });

  test('is told so, with what to do', async () => {
    const alex = await harness.join('Alex', 'requester');
    const after = harness.teams.delivered().length;
    expect((await harness.send(anonymous(message(alex, 'add reseller')))).status).toBe(202);
    const { activityId } = await harness.teams.waitFor(({ conversationId }) => conversationId === personal(alex).id, {
      after,
    });
    expect(JSON.stringify(harness.teams.card(personal(alex).id, activityId as string))).toContain(
      'Teams did not say who you are, so nothing was done.',
    );
  });

  test('keeps the form they clicked on', async () => {
    const alex = await harness.join('Alex', 'requester');
    const form = await harness.type(alex, 'add reseller');
    const submitted = actionsOf(form.card)[0];
    const body = execute(alex, 'submit', submitted?.data ?? {}, { replyToId: form.activityId! });
    expect(await harness.send(anonymous(body))).toEqual({ status: 200, body: asMessage });
    expect(titles(harness.now(form))).toEqual(['Submit', 'Cancel']);
  });
});

describe('an automatic refresh', () => {
  test.each(['approve', 'refresh', 'submit', 'run'])('of a card with the verb %s does nothing', async (verb) => {
    const kim = await harness.join('Kim', 'approver');
    const { id } = await harness.order(await harness.join('Alex', 'requester'));
    // A card that nothing else brings up to date.
    const card = await harness.type(kim, 'pending');
    const after = harness.teams.delivered().length;
    const data = { verb, id, version: 1, command: 'help' };
    const answer = await harness.send(execute(kim, verb, data, { replyToId: card.activityId!, trigger: 'automatic' }));
    expect(answer).toEqual({ status: 200, body: { ...asMessage, value: '' } });
    // What is typed next is answered first, so nothing was sent or updated before it.
    await harness.type(kim, 'help');
    const kims = harness.teams.delivered().slice(after);
    expect(kims.filter(({ conversationId }) => conversationId === personal(kim).id)).toHaveLength(1);
    const now = await harness.type(kim, `status ${id}`);
    expect(now.says).toContain('Waiting for an approver');
  });
});

describe('what is no command and no click', () => {
  const bodyOf = (type: string, other: object = {}): Body => ({ ...message(megan, ''), type, ...other });

  test.each([
    'conversationUpdate',
    'messageReaction',
    'typing',
    'messageUpdate',
    'endOfConversation',
    'event',
    'tomorrow',
  ])('a %s is accepted and not answered', async (type) => {
    expect(await harness.send(bodyOf(type))).toEqual({ status: 202, body: {} });
  });

  test('being added to a team is accepted', async () => {
    const place = channel('Added');
    harness.teams.install(place, [megan]);
    expect((await harness.send(addedToTeam(megan, place))).status).toBe(202);
  });

  test.each(['composeExtension/fetchTask', 'signin/verifyState', 'tab/fetch'])(
    'the invoke %s is answered: it is not offered',
    async (name) => {
      const answer = await harness.send(bodyOf('invoke', { name, value: {} }));
      expect(answer).toEqual({ status: 501, body: { error: `${name} is not offered.` } });
    },
  );
});

describe('being installed', () => {
  test('greets once with what the person may do', async () => {
    const alex = await harness.join('Alex', 'requester');
    for (let times = 0; times < 2; times++)
      expect(await harness.send(installed(alex))).toEqual({ status: 200, body: {} });
    const greeting = await harness.see(personal(alex), 'TeamMate is here', 'Your role here: requester.');
    expect(titles(greeting)).toEqual(['Add a reseller', 'Set up a PBX', 'My open requests', 'Help']);
    await harness.type(alex, 'help');
    const posts = harness.teams.delivered().filter(({ conversationId }) => conversationId === personal(alex).id);
    expect(posts).toHaveLength(2);
  });

  test('in a channel says nothing before somebody asks', async () => {
    const place = channel('Quiet');
    harness.teams.install(place, [megan]);
    await harness.send(installed(megan, place));
    await harness.type(megan, 'help', place);
    expect(harness.teams.delivered().filter(({ conversationId }) => conversationId === place.id)).toHaveLength(1);
  });

  test('again sends what was held back while the bot was away', async () => {
    const alex = await harness.join('Alex', 'requester');
    const kim = await harness.join('Kim', 'approver');
    const order = await harness.order(alex);
    await harness.send(uninstalled(alex));
    harness.teams.uninstall(personal(alex));
    await harness.click(kim, await harness.type(kim, `status ${order.id}`), 'Reject', { reason: 'While away' });
    await harness.see(personal(kim), `Reseller ${order.name}`, 'While away');
    harness.teams.install(personal(alex), [alex]);
    await harness.send(installed(alex));
    const card = await harness.see(personal(alex), `Reseller ${order.name}`, 'While away');
    expect(card.activityId).toBe(order.activityId);
  });
});

describe('somebody with an unusual name', () => {
  test.each(['', '*Al* ${x} <b>', '29:1234', 'x'.repeat(1000), 'Al\u0000ex\ud800', '{{DATE(2025-01-01T00:00:00Z)}}'])(
    '(%j) is served all the same',
    async (name) => {
      const alex = { ...(await harness.join('Alex', 'requester')), name };
      const { id } = await harness.order(alex);
      const kim = await harness.join('Kim', 'approver');
      const card = await harness.type(kim, `status ${id}`);
      expect(card.says).toContain('requested by');
      expect(card.says).not.toMatch(/requested by +on|requested by \*|(?<!\\)\{\{DATE\(2025-01-01/);
    },
  );
});

describe('when something breaks that nobody foresaw', () => {
  const config = readConfig({
    ALLOW_UNAUTHENTICATED: 'true',
    ORGANISATIONS: `${tenantId}=5001`,
    TEAMMATE_CLIENT_ID: 'x',
    TEAMMATE_CLIENT_SECRET: 'x',
    TEAMMATE_USERNAME: 'x',
    TEAMMATE_PASSWORD: 'x',
  });
  const away = () => Promise.reject(new Error('the database is away, password=hunter2'));
  const incoming = createIncoming(config);

  async function answerTo(body: Body) {
    const parts: BotParts = {
      db: { transaction: () => ({ execute: away }) } as unknown as Db,
      jobs: {} as Jobs,
      outbox: {} as Outbox,
      config,
      cache: new Keyv(),
      clock: () => new Date(),
      log: pino({ level: 'silent' }),
    };
    const read = await incoming({ authorization: undefined, body });
    if (!('activity' in read)) throw new Error(read.error);
    return createBot(parts)(read.activity);
  }
  const sorry = expect.stringMatching(
    /^Something went wrong on our side; nothing was changed\. .* this number: \w{8}$/,
  );

  test('a click is answered with a sentence, and the card stays as it is', async () => {
    expect(await answerTo(execute(megan, 'submit', { nonce: 'x'.repeat(22), kind: 'reseller' }))).toEqual({
      status: 200,
      body: { ...asMessage, value: sorry },
    });
  });

  test.each([message(megan, 'help'), submit(megan, { verb: 'approve' }), installed(megan)])(
    'a %p that cannot even be answered gets a status that Teams tries again after, with a body',
    async (body) => {
      expect(await answerTo(body)).toEqual({ status: 503, body: { error: sorry } });
    },
  );
});
