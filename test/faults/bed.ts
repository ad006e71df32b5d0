import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import { actionsOf, inputsOf } from '../support/cards.ts';
import { freshDatabase } from '../support/database.ts';
import { type Call, type Card, cardOf, type FakeTeams, startFakeTeams, textsOf } from '../support/fake-teams.ts';
import {
  alex,
  type Body,
  channel,
  execute,
  megan,
  message,
  personal,
  type TestConversation,
  type TestPerson,
} from '../support/people.ts';
import { type Mail, type SmtpTestServer, startSmtp } from '../support/smtp.ts';
import { BotProcess, freePort, settings } from './bot-process.ts';

export const approvals = channel('Approvals');
export const news = channel('News');

/** Nothing that is awaited takes longer, however often the bot is killed meanwhile. Milliseconds. */
export const longest = 100_000;

/** A card somebody sees, and where. */
export interface Seen {
  where: TestConversation;
  activityId: string;
  card: Card;
}

/** The bot as a process of its own, between a stand-in for Teams and one for TeamMate that outlive it. */
export interface Bed {
  /** The bot's own address. */
  address: string;
  bot: BotProcess;
  teams: FakeTeams;
  simulator: Simulator;
  smtp: SmtpTestServer;
  /** Types something; resolves when the bot has taken it. */
  type(person: TestPerson, text: string, where?: TestConversation): Promise<void>;
  /** Clicks a button. Resolves to the card in the answer. */
  click(person: TestPerson, on: Seen, title: string): Promise<Card>;
  /** Waits for a card, posted or updated, that is so. */
  see(where: TestConversation, what: string, isSo: (card: Card) => boolean): Promise<Seen>;
  /** Waits for a post or update that matches, among those from the number `after` on. */
  hear(matches: (call: Call) => boolean, what: string, options?: { after?: number; within?: number }): Promise<Call>;
  /** Waits for the mail with the activation link. */
  mail(email: string): Promise<Mail>;
  /** Fills in the activation page the mail's link leads to. */
  activate(email: string): Promise<void>;
  /** What /metrics says at the moment, or undefined when nobody answers. */
  metric(name: string, labels: string): Promise<number | undefined>;
  /** The bot's database, while the bot is down. The caller closes it. */
  database(): Promise<Database>;
  close(): Promise<void>;
}

/**
 * Starts everything and gives Alex and Megan their roles and the two channels their purposes.
 * `getsLost` is asked of each answer of the bot whether Teams gets it.
 */
export async function makeBed(getsLost: () => boolean = () => false, env: Record<string, string> = {}): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'teammate-'));
  const fresh = await freshDatabase();
  const home = { url: fresh.url, folder: join(folder, 'data') };
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const webhookToken = randomUUID();
  const smtp = await startSmtp();
  const teams = await startFakeTeams();
  const simulator = await startSimulator({
    port: 0,
    smtp,
    pausesMs: [5, 5, 5],
    webhookUrl: `${address}/webhooks/teammate?token=${webhookToken}`,
  });
  const bot = new BotProcess(
    {
      ...settings,
      PORT: String(port),
      BOOTSTRAP_ADMINS: megan.aadObjectId,
      DATABASE_URL: home.url,
      DATA_DIR: home.folder,
      TEAMMATE_URL: simulator.url,
      WEBHOOK_TOKEN: webhookToken,
      POLL_EVERY: '500ms',
      RETRY_FIRST: '50ms',
      ...env,
    },
    folder,
  );
  const over = new AbortController();
  const send = sender(`${address}/api/messages`, { serviceUrl: teams.serviceUrl, getsLost, over: over.signal });

  const bed: Bed = {
    address,
    bot,
    teams,
    simulator,
    smtp,
    async type(person, text, where = personal(person)) {
      await send(message(person, text, where));
    },
    async click(person, on, title) {
      const action = actionsOf(on.card).find((one) => one.title === title);
      if (!action) throw new Error(`there is no button ${title} on: ${says(on.card)}`);
      const data = { ...inputsOf(on.card), ...action.data };
      const answer = await send(
        execute(person, action.verb, data, { conversation: on.where, replyToId: on.activityId }),
      );
      return answer.value as Card;
    },
    async see(where, what, isSo) {
      const call = await bed.hear(({ conversationId, activity }) => {
        const card = cardOf(activity);
        return conversationId === where.id && card !== undefined && isSo(card);
      }, what);
      return { where, activityId: call.activityId as string, card: cardOf(call.activity) as Card };
    },
    hear: (matches, what, { after = 0, within = longest } = {}) =>
      teams.waitFor(matches, { what, after, timeout: within }),
    mail: (email) =>
      Promise.race([
        smtp.mailTo(email),
        sleep(longest, undefined, { ref: false }).then(() => {
          throw new Error(`no mail came to ${email} within ${longest} ms`);
        }),
      ]),
    async activate(email) {
      const { text } = await bed.mail(email);
      const code = /code=([\w-]+)/.exec(text)?.[1] ?? '';
      const password = 'correct-horse-battery';
      const { status } = await fetch(`${simulator.url}/activate`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({
          invitationCode: code,
          adminEmail: email,
          userName: email.replace(/\W+/g, '-'),
          password,
          confirmPassword: password,
        }),
      });
      if (status !== 303) throw new Error(`the activation page answered ${status}`);
    },
    async metric(name, labels) {
      const text = await fetch(`${address}/metrics`)
        .then((response) => response.text())
        .catch(() => undefined);
      if (text === undefined) return undefined;
      const line = text.split('\n').find((one) => one.startsWith(`${name}{${labels}} `));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    database: () => openDatabase(home),
    async close() {
      over.abort();
      await bot.end('SIGKILL');
      await Promise.all([simulator.close(), smtp.close(), teams.close()]);
      await fresh.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  teams.install(personal(alex), [alex]);
  teams.install(personal(megan), [megan]);
  teams.install(approvals, [alex, megan]);
  teams.install(news, [alex, megan]);
  try {
    await bot.start();
    await bed.type(megan, `grant requester ${alex.aadObjectId}`);
    await bed.type(megan, `grant approver ${megan.aadObjectId}`);
    await bed.type(megan, 'route approvals here', approvals);
    await bed.type(megan, 'route notifications here', news);
    return bed;
  } catch (error) {
    await bed.close();
    throw error;
  }
}

export const says = (card: Card | undefined) => textsOf(card).join('\n');

/**
 * Sends to the bot as Teams does (botbuilder-dotnet#5005): what is not answered is sent again with the same activity id,
 * and after that as a new activity. People click again for longer than Teams repeats, so this gives up only when `over`.
 */
function sender(
  url: string,
  { serviceUrl, getsLost, over }: { serviceUrl: string; getsLost: () => boolean; over: AbortSignal },
): (body: Body) => Promise<Record<string, unknown>> {
  const post = async (body: Body) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`answered ${response.status}: ${text}`);
    if (getsLost()) throw new Error('the answer got lost');
    return text ? (JSON.parse(text) as Record<string, unknown>) : {};
  };
  return async (body) => {
    for (let attempt = 0; ; attempt++) {
      over.throwIfAborted();
      const id = attempt < 2 ? body.id : `${body.id}-${attempt}`;
      try {
        return await post({ ...body, id, serviceUrl });
      } catch {
        await sleep(attempt === 0 ? 50 : 200);
      }
    }
  };
}
