import KeyvRedis from '@keyv/redis';
import { Keyv } from 'keyv';
import { type Logger, pino } from 'pino';
import type { Dispatcher } from 'undici';
import { download } from './billing/download.ts';
import { tidyOffers } from './billing/offers.ts';
import type { Config } from './config.ts';
import { openJobs } from './db/jobs.ts';
import { openDatabase } from './db/open.ts';
import { createDirectory, type DirectoryTokens } from './directory/graph.ts';
import { readGroups } from './directory/reading.ts';
import { announce } from './notify/announce.ts';
import { billWorkers } from './notify/bills.ts';
import { startDispatcher } from './notify/dispatcher.ts';
import { createLimits } from './notify/limits.ts';
import { createOutbox } from './notify/outbox.ts';
import { serve, tenants } from './people/organisations.ts';
import { grant } from './people/roles.ts';
import { portalWorkers } from './provisioning/portal.ts';
import { createTeamMate } from './provisioning/teammate.ts';
import { takeNotice } from './provisioning/webhook.ts';
import { provisioningWorkers } from './provisioning/workers.ts';
import { tidy } from './requests/tidy.ts';
import { createBot } from './teams/bot.ts';
import { createConnector, serviceUrlAllowed, type TokenSupplier } from './teams/connector.ts';
import { createDirectoryTokens, createTokenSupplier } from './teams/credentials.ts';
import { tellOfGroup } from './teams/following.ts';
import { createIncoming } from './teams/incoming.ts';
import { introduce } from './teams/introduce.ts';
import { rehearsal } from './teams/rehearsal.ts';
import { createUploader } from './teams/upload.ts';
import { createMetrics } from './web/metrics.ts';
import { createReadiness } from './web/ready.ts';
import { startWeb } from './web/server.ts';

export interface App {
  url: string;
  /** Takes no more requests, finishes what is under way, and closes everything. */
  close(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
export interface Replacements {
  log?: Logger;
  clock?: () => Date;
  token?: TokenSupplier;
  directoryToken?: DirectoryTokens;
  /** Takes the calls to Teams. */
  teams?: Dispatcher;
  /** Takes the files that are saved in somebody's OneDrive. */
  files?: Dispatcher;
  /** What an embedded database in memory begins with. */
  snapshot?: Blob | undefined;
}

/** Nothing secret is logged on purpose; this catches what slips into an object that is. */
const secrets = ['authorization', 'password', 'client_secret', 'token', 'access_token', 'nonce'];

export const createLog = (level: string) =>
  pino({ level, redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' } });

/** Puts the bot together from its settings and starts it: database, jobs, outbox, HTTP. */
export async function startApp(config: Config, replacements: Replacements = {}): Promise<App> {
  const { log = createLog(config.LOG_LEVEL), clock = () => new Date() } = replacements;
  const development = config.ALLOW_UNAUTHENTICATED;

  const { snapshot } = replacements;
  const database = await openDatabase({ url: config.DATABASE_URL, folder: config.DATA_DIR, snapshot });
  const { db } = database;
  const jobs = await openJobs(database, log);
  const cache = new Keyv({
    namespace: 'teammate',
    ...(config.REDIS_URL && { store: new KeyvRedis(config.REDIS_URL) }),
  });
  cache.on('error', (error: unknown) => log.warn({ err: error }, 'cache'));
  for (const [tenantId, account] of config.ORGANISATIONS) {
    await serve(db, { tenantId, account }, 'ORGANISATIONS', clock());
    for (const admin of config.BOOTSTRAP_ADMINS)
      await grant(db, 'BOOTSTRAP_ADMINS', tenantId, admin.toLowerCase(), 'administrator', clock());
  }

  const backend = createTeamMate(config, { log });
  const byHand = config.PROVISIONING_BACKEND === 'portal';
  const connector = createConnector({
    token: replacements.token ?? createTokenSupplier(config),
    serviceUrlAllowed: (url) => serviceUrlAllowed(url, config.SERVICE_URL_HOSTS, development),
    ...(replacements.teams && { dispatcher: replacements.teams }),
  });
  const directory = createDirectory(config, {
    token: replacements.directoryToken ?? createDirectoryTokens(config),
    log,
  });
  const outbox = createOutbox(clock);
  const uploader = createUploader({ dispatcher: replacements.files });
  const onInstalled =
    config.DEMO_CHANNEL || config.DEMO_PEOPLE.length > 0 ? await rehearsal(db, config, clock) : undefined;
  const bot = createBot({ db, jobs, outbox, config, cache, clock, log, ...(onInstalled && { onInstalled }) });
  const incoming = createIncoming(config);
  const metrics = createMetrics(db, jobs);
  const ready = createReadiness({ db, jobs, backend: byHand ? { ready: async () => {} } : backend });
  const dispatcher = await startDispatcher(database, { db, connector, limits: createLimits(), clock, log });

  await jobs.work({
    ...provisioningWorkers({ db, jobs, backend, config, cache, clock, log }),
    ...(byHand && portalWorkers({ db, jobs, config, clock })),
    ...billWorkers({ db, backend, outbox, uploader, config, clock, log }),
    announce: ({ requestId }) => announce({ db, outbox }, requestId),
    introduce: (asked) => introduce({ db, connector, outbox, clock }, asked),
    groups: (asked, signal) =>
      readGroups({ db, jobs, directory, config, clock, log, tell: tellOfGroup(outbox, config) }, asked, signal),
    tidy: async () => {
      await tidy(db, clock());
      await tidyOffers(db, clock());
    },
  });
  const everyTenant = async (name: 'sync' | 'groups') => {
    for (const tenantId of await tenants(db))
      await db.transaction().execute((trx) => jobs.send(trx, name, { tenantId }));
  };
  const rounds: NodeJS.Timeout[] = [];
  for (const [name, every] of [
    ['sync', config.SYNC_EVERY],
    ['groups', config.GROUPS_EVERY],
  ] as const) {
    await everyTenant(name);
    rounds.push(setInterval(() => everyTenant(name).catch((error) => log.warn({ err: error }, name)), every));
  }

  const web = await startWeb(
    { port: config.PORT, host: development ? '127.0.0.1' : '0.0.0.0', log, observe: metrics.observe },
    {
      'POST /api/messages': async (asked) => {
        const read = await incoming(asked);
        if ('activity' in read) return bot(read.activity);
        metrics.refused(read.status);
        log.warn({ status: read.status, reason: read.reason ?? read.error }, 'activity refused');
        return { status: read.status, body: { error: read.error } };
      },
      'POST /webhooks/teammate': async ({ query, body }) => {
        const { status, says } = await takeNotice(
          { db, jobs, token: config.WEBHOOK_TOKEN },
          { token: query.get('token'), body },
        );
        return { status, body: { says } };
      },
      'GET /files/:token': ({ params }) => download(db, params.token ?? '', clock()),
      'GET /healthz': async () => ({ status: 200, body: { alive: true } }),
      'GET /readyz': ready,
      'GET /metrics': async () => ({ status: 200, body: await metrics.text(), type: metrics.type }),
    },
  ).catch(async (error) => {
    rounds.forEach(clearInterval);
    await jobs.stop(1_000);
    await dispatcher.stop();
    await database.close();
    throw error;
  });
  log.info({ url: web.url, database: config.DATABASE_URL ? 'postgres' : 'pglite', development }, 'listening');

  return {
    url: web.url,
    async close() {
      rounds.forEach(clearInterval);
      await web.close();
      await jobs.stop();
      await dispatcher.stop();
      await Promise.all([connector.close(), uploader.close(), backend.close(), directory.close(), cache.disconnect()]);
      await database.close();
      log.info('closed');
    },
  };
}
