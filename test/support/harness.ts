import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { type App, type Replacements, startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import type { Role } from '../../src/people/person.ts';
import { newKey } from '../../src/secrets/keyring.ts';
import { demoLogin, demoMasterReseller } from '../../src/simulator/seed.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { actionsOf, inputsOf } from './cards.ts';
import { freshDatabase } from './database.ts';
import { type Card, cardOf, type FakeTeams, startFakeTeams, textsOf } from './fake-teams.ts';
import {
  alex,
  type Body,
  bot,
  channel,
  execute,
  installed,
  megan,
  message,
  personal,
  serviceUrl,
  type TestPerson,
  tenantId,
} from './people.ts';
import { type SmtpTestServer, startSmtp } from './smtp.ts';
import { startTokenIssuer, type TokenIssuer } from './token-issuer.ts';

export { actionsOf, inputsOf };

/** The channel where approvals are decided and news is read, unless a test routes otherwise. */
export const approvals = channel('Approvals');

export interface HarnessOptions {
  env?: Record<string, string>;
  replacements?: Replacements;
  simulator?: Partial<SimulatorOptions>;
  /** Leaves out the roles and routes that a story takes for granted. */
  bare?: boolean;
  /** The bot sends e-mails of its own, to where the simulator's go. */
  mail?: boolean;
  /** Teams' limits on, as documented. */
  limits?: boolean;
}

/** The bot with everything real behind it but Teams and TeamMate, which are stood in for over HTTP. */
export interface Harness {
  app: App;
  teams: FakeTeams;
  simulator: Simulator;
  smtp: SmtpTestServer;
  issuer: TokenIssuer;
  databaseUrl: string;
  /** The bot's own database, while it runs. */
  db: Database['db'];
  /** Sends an activity with a good token. Resolves to the HTTP answer. */
  send(body: Body): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Sends anything, with any token. */
  sendRaw(body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Types something and resolves to the card it is answered with. */
  type(...args: Parameters<typeof message>): Promise<Posted>;
  /** Clicks a button of a card, with the inputs a person filled in. Resolves to the card in the answer. */
  click(
    by: Parameters<typeof execute>[0],
    on: Posted,
    title: string,
    inputs?: Record<string, unknown>,
  ): Promise<Posted>;
  /** Clicks as `click` does, and resolves to the bare HTTP answer: for what is answered without a card. */
  press(...args: Parameters<Harness['click']>): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Somebody new, with a talk of their own with the bot and these roles, which Megan grants. */
  join(name: string, ...roles: Role[]): Promise<TestPerson>;
  /** Asks for a reseller that nobody has asked for yet. Resolves to the request's card in the place of the form. */
  order(by: TestPerson, typed?: Record<string, string>): Promise<Posted & { id: string; name: string; email: string }>;
  /** A card as it stands now, with all that was updated since. */
  now(posted: Posted): Posted;
  /** Waits for a post or update whose card says all of this. */
  see(where: { id: string }, ...says: string[]): Promise<Posted>;
  /** Fills in the activation page the mail's link leads to. */
  activate(email: string, userName?: string): Promise<void>;
  /** Registers an enterprise at the page the invitation's link leads to, as the customer's administrator. */
  register(email: string): Promise<void>;
  /** Stops the bot alone and starts it again on the same data. */
  restart(env?: Record<string, string>): Promise<void>;
  close(): Promise<void>;
}

/** A card somebody can see: where it is, its id, what it says. */
export interface Posted {
  where: { id: string };
  activityId: string | undefined;
  card: Card;
  says: string;
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const teams = await startFakeTeams({ limits: options.limits ?? false });
  const smtp = await startSmtp();
  const issuer = await startTokenIssuer();
  const webhookToken = randomUUID();
  const simulator = await startSimulator({ port: 0, smtp, pausesMs: [5, 5, 5], ...options.simulator });
  const database = await freshDatabase();
  const env = {
    PORT: '0',
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
    BOT_ID: bot.appId,
    BOT_TENANT_ID: tenantId,
    BOT_OPENID_METADATA_URL: issuer.metadataUrl,
    TAB_AUTHORITY: issuer.authority,
    ORGANISATIONS: `${tenantId}=${demoMasterReseller.resellerId}`,
    BOOTSTRAP_ADMINS: megan.aadObjectId,
    DATABASE_URL: database.url,
    DATA_DIR: '',
    TEAMMATE_URL: simulator.url,
    TEAMMATE_CLIENT_ID: demoLogin.clientId,
    TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
    TEAMMATE_USERNAME: demoLogin.username,
    TEAMMATE_PASSWORD: demoLogin.password,
    WEBHOOK_TOKEN: webhookToken,
    SECRETS_KEYS: newKey(),
    POLL_EVERY: '300ms',
    RETRY_FIRST: '50ms',
    ...(options.mail && { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, MAIL_FROM: 'bot@northwind.example' }),
    ...options.env,
  };
  let db: Database['db'];
  const replacements: Replacements = {
    openDatabase: async (home) => {
      const opened = await openDatabase(home);
      db = opened.db;
      return opened;
    },
    token: async () => 'a-token',
    // Where Teams does not refuse, nothing is gained by waiting.
    ...(!options.limits && { limits: () => ({ done() {} }) }),
    teams: teams.dispatcher(),
    ...options.replacements,
  };
  const start = (more: Record<string, string> = {}) =>
    startApp(configOf({ ...env, ...more }), {
      log: pino({ level: env.LOG_LEVEL }),
      snapshot: database.snapshot,
      ...replacements,
    });
  let app = await start();

  const sendRaw = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const send = async (body: Body) => {
    const token = await issuer.sign({ audience: bot.appId, serviceUrl });
    const response = await sendRaw(body, { authorization: `Bearer ${token}` });
    const text = await response.text();
    return { status: response.status, body: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
  };
  const see: Harness['see'] = async (where, ...says) => {
    const found = await teams.waitFor(
      (call) => call.conversationId === where.id && says.every((text) => textOf(cardOf(call.activity)).includes(text)),
      { what: `a card in ${where.id} that says ${says.join(' and ')}` },
    );
    return posted(where, found.activityId, cardOf(found.activity));
  };

  let joined = 0;
  let ordered = 0;
  const harness: Harness = {
    get app() {
      return app;
    },
    teams,
    simulator,
    smtp,
    issuer,
    databaseUrl: database.url,
    get db() {
      return db;
    },
    send,
    sendRaw,
    async type(...args) {
      const [person, , where = personal(person)] = args;
      const before = teams.delivered().length;
      const { status } = await send(message(...args));
      if (status !== 202) throw new Error(`the message was answered with ${status}`);
      const call = await teams.waitFor((one) => one.conversationId === where.id && one.kind === 'post', {
        after: before,
        what: `an answer to “${args[1]}”`,
      });
      return posted(where, call.activityId, cardOf(call.activity));
    },
    async press(by, on, title, inputs = {}) {
      const action = actionsOf(on.card).find((one) => one.title === title);
      if (!action) throw new Error(`there is no button ${title} on: ${on.says}`);
      const data = { ...inputsOf(on.card), ...inputs, ...action.data };
      const body = execute(by, action.verb, data, {
        conversation: on.where as ReturnType<typeof personal>,
        ...(on.activityId && { replyToId: on.activityId }),
      });
      return send(body);
    },
    async click(by, on, title, inputs) {
      const answer = await harness.press(by, on, title, inputs);
      if (answer.status !== 200) throw new Error(`${title} was answered with ${answer.status}`);
      return posted(on.where, on.activityId, answer.body.value as Card);
    },
    async join(name, ...roles) {
      const number = String(++joined);
      const person = {
        id: `29:1${name}${number}`,
        name,
        aadObjectId: `${number.padStart(8, '0')}-dddd-4ddd-8ddd-dddddddddddd`,
        tenantId,
        email: `${name.toLowerCase().replace(/\W+/g, '.')}@master.example`,
      };
      teams.install(personal(person), [person]);
      for (const role of roles) await send(message(megan, `grant ${role} ${person.aadObjectId}`));
      return person;
    },
    async order(by, typed = {}) {
      const name = typed.name ?? `Reseller No ${++ordered}`;
      const email = typed.email ?? `${name.toLowerCase().replace(/\W+/g, '-')}@ordered.example`;
      const form = await harness.type(by, 'add reseller');
      const card = await harness.click(by, form, 'Submit', { services: 'PBX', ...typed, name, email });
      const id = /R-(\d+)/.exec(card.says)?.[1];
      if (!id) throw new Error(`no request was made: ${card.says}`);
      return { ...card, id, name, email };
    },
    now: ({ where, activityId = '' }) => posted(where, activityId, teams.card(where.id, activityId)),
    see,
    async activate(email, userName = email.replace(/\W+/g, '-')) {
      const mail = await smtp.mailTo(email);
      const link = /https?:\/\/\S+code=\S+/.exec(mail.text)?.[0];
      const code = link && new URL(link).searchParams.get('code');
      if (!code) throw new Error(`no link in: ${mail.text}`);
      const page = await fetch(link).then((response) => response.text());
      const names = [...page.matchAll(/<input[^>]*name="([^"]+)"/g)].map((match) => match[1] as string);
      const fields: Record<string, string> = {};
      for (const name of names)
        fields[name] = /code/i.test(name)
          ? code
          : /mail/i.test(name)
            ? email
            : /pass/i.test(name)
              ? 'correct-horse-battery'
              : userName;
      const response = await fetch(link.split('?')[0] as string, { method: 'POST', body: new URLSearchParams(fields) });
      if (response.status >= 400) throw new Error(`the activation page answered ${response.status}`);
    },
    async register(email) {
      const { text } = await smtp.mailTo(email);
      const link = new URL(/https?:\/\/\S+register\S+/.exec(text)?.[0] ?? '');
      const invitationCode = link.searchParams.get('code') ?? '';
      const body = new URLSearchParams({ invitationCode, adminName: 'Pat', adminEmail: email, accept: 'yes' });
      const response = await fetch(`${link.origin}${link.pathname}`, { method: 'POST', body });
      if (response.status >= 400) throw new Error(`the registration page answered ${response.status}`);
    },
    async restart(more) {
      await app.close();
      app = await start(more);
    },
    async close() {
      await app.close();
      await Promise.all([simulator.close(), smtp.close(), issuer.close(), teams.close()]);
      await database.drop();
    },
  };
  teams.install(personal(alex), [alex]);
  teams.install(personal(megan), [megan]);
  teams.install(approvals, [alex, megan]);
  if (!options.bare) {
    await send(installed(alex));
    await send(installed(megan));
    await harness.type(megan, `grant requester ${alex.aadObjectId}`);
    await harness.type(megan, `grant approver ${megan.aadObjectId}`);
    await harness.type(megan, 'route approvals here', approvals);
    await harness.type(megan, 'route notifications here', approvals);
  }
  return harness;
}

const configOf = (env: Record<string, string>) => ({ ...readConfig(env), DATA_DIR: env.DATA_DIR ?? '' });

const posted = (where: { id: string }, activityId: string | undefined, card: Card | undefined): Posted => {
  if (!card) throw new Error('there is no card');
  return { where, activityId, card, says: textOf(card) };
};

const textOf = (card: unknown) => textsOf(card).join('\n');
