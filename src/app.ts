import { join } from 'node:path';
import KeyvRedis from '@keyv/redis';
import { Keyv } from 'keyv';
import { type Logger, pino } from 'pino';
import type { Dispatcher } from 'undici';
import { download } from './billing/download.ts';
import { tidyOffers } from './billing/offers.ts';
import { createTab } from './board/routes.ts';
import type { Config } from './config.ts';
import { openHatch } from './db/hatch.ts';
import { openJobs } from './db/jobs.ts';
import { openDatabase } from './db/open.ts';
import { createDirectory, type DirectoryTokens } from './directory/graph.ts';
import { readGroups } from './directory/reading.ts';
import { createMailer } from './mail/mailer.ts';
import { announce } from './notify/announce.ts';
import { followBatch } from './notify/batches.ts';
import { billWorkers } from './notify/bills.ts';
import { startDispatcher } from './notify/dispatcher.ts';
import { handOver } from './notify/hand-over.ts';
import { createLimits } from './notify/limits.ts';
import { createOutbox } from './notify/outbox.ts';
import { withTyping } from './notify/typing.ts';
import { serve, tenants } from './people/organisations.ts';
import { grant } from './people/roles.ts';
import { freshLinks } from './provisioning/asking.ts';
import { checkWorkers, type Preflight, preflightOf } from './provisioning/check.ts';
import { portalWorkers } from './provisioning/portal.ts';
import { createTeamMate } from './provisioning/teammate.ts';
import { takeNotice } from './provisioning/webhook.ts';
import { provisioningWorkers } from './provisioning/workers.ts';
import { asRequestersRead } from './requests/spoken.ts';
import { tidy } from './requests/tidy.ts';
import { findKeys } from './secrets/vault.ts';
import { readAttached } from './teams/attached.ts';
import { createBot } from './teams/bot.ts';
import { createConnector, serviceUrlAllowed, type TokenSupplier } from './teams/connector.ts';
import { createDirectoryTokens, createTokenSupplier } from './teams/credentials.ts';
import { tellOfGroup } from './teams/following.ts';
import { formPageCalls } from './teams/form-page.ts';
import { createIncoming } from './teams/incoming.ts';
import { introduce } from './teams/introduce.ts';
import { rehearsal } from './teams/rehearsal.ts';
import { createUploader } from './teams/upload.ts';
import { tellNumbers } from './telemetry/numbers.ts';
import { traceIds } from './telemetry/span.ts';
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
  /** Takes the files that people attach, and those that are saved in somebody's OneDrive. */
  files?: Dispatcher;
  /** Teams' limits as the bot keeps them by itself. */
  limits?: ReturnType<typeof createLimits>;
  /** What an embedded database in memory begins with. */
  snapshot?: Blob | undefined;
  /** Opens the database, so that a test can look into it. */
  openDatabase?: typeof openDatabase;
  preflight?: Preflight;
  /** Where the tab's page is that was built. */
  tabFolder?: string;
}

/** Nothing secret is logged on purpose; this catches what slips into an object that is. */
const secrets = ['authorization', 'password', 'client_secret', 'token', 'access_token', 'nonce'];

export const createLog = (level: string) =>
  pino({
    level,
    mixin: traceIds,
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[secret]' },
  });

/** Puts the bot together from its settings and starts it: database, jobs, outbox, HTTP. */
export async function startApp(config: Config, replacements: Replacements = {}): Promise<App> {
  const { log = createLog(config.LOG_LEVEL), clock = () => new Date() } = replacements;
  const development = config.ALLOW_UNAUTHENTICATED;

  const { snapshot } = replacements;
  // First of all: what cannot be opened later must not be sealed now.
  const keys = await findKeys(config);
  const database = await (replacements.openDatabase ?? openDatabase)({
    url: config.DATABASE_URL,
    folder: config.DATA_DIR,
    snapshot,
  });
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

  const metrics = createMetrics(db, jobs, () => tab.streams());
  const backend = createTeamMate(config, { log, observe: metrics.called, now: () => clock().getTime() });
  const byHand = config.PROVISIONING_BACKEND === 'portal';
  const mailer = createMailer(config);
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
  const bot = createBot({ db, jobs, keys, outbox, config, cache, clock, log, ...(onInstalled && { onInstalled }) });
  const incoming = createIncoming(config);
  const formPage = formPageCalls({ db, jobs, keys, outbox, config, clock, log });
  const ready = createReadiness({ db, jobs, backend: byHand ? { ready: async () => {} } : backend });
  const limits = replacements.limits ?? createLimits();
  const dispatcher = await startDispatcher(database, {
    db,
    connector,
    limits,
    clock,
    log,
  });

  const ending = new AbortController();
  const provisioning = { db, jobs, keys, backend, config, cache, clock, log, mailer };
  await jobs.work(
    withTyping(
      { db, connector, limits, clock, log },
      asRequestersRead(db, {
        ...provisioningWorkers(provisioning),
        ...checkWorkers({
          ...{ db, jobs, keys, config, clock, log, ending: ending.signal },
          preflight: replacements.preflight ?? preflightOf(config),
        }),
        'hand-over': (asked) =>
          handOver({ db, jobs, outbox, freshLinks: (id) => freshLinks(provisioning, id), clock, log }, asked),
        ...(byHand && portalWorkers({ db, jobs, config, clock })),
        ...billWorkers({ db, keys, backend, outbox, uploader, config, clock, log }),
        announce: ({ requestId }) => announce({ db, outbox, jobs, clock }, requestId),
        batch: ({ batchId, again }) => followBatch({ db, outbox, jobs, config, clock }, batchId, again ?? false),
        attached: (asked) =>
          readAttached({ db, outbox, jobs, config, keys, clock, log, files: replacements.files }, asked),
        introduce: (asked) => introduce({ db, connector, outbox, clock }, asked),
        groups: (asked, signal) =>
          readGroups({ db, jobs, directory, config, clock, log, tell: tellOfGroup(outbox, config) }, asked, signal),
        tidy: async () => {
          await tidy(db, clock());
          await tidyOffers(db, clock());
        },
      }),
    ),
    metrics.failed,
  );
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

  const tab = await createTab({
    ...{ database, jobs, keys, config, clock, log },
    folder: replacements.tabFolder ?? join(import.meta.dirname, '../dist/tab'),
    refused: metrics.signOnRefused,
  });
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
      'GET /api/dialog/form': formPage.show,
      'POST /api/dialog/form': formPage.take,
      'GET /api/dialog/choices': formPage.find,
      ...tab.routes,
      'GET /healthz': async () => ({ status: 200, body: { alive: true } }),
      'GET /readyz': ready,
      'GET /metrics': async () => ({ status: 200, body: await metrics.text(), type: metrics.type }),
    },
  ).catch(async (error) => {
    rounds.forEach(clearInterval);
    await tab.stop();
    await jobs.stop(1_000);
    await dispatcher.stop();
    await database.close();
    throw error;
  });
  const closeHatch =
    database.copy && config.DATA_DIR ? await openHatch(config.DATA_DIR, database.copy, log) : undefined;
  const untellNumbers = config.APPLICATIONINSIGHTS_CONNECTION_STRING ? await tellNumbers(metrics.numbers) : undefined;
  log.info({ url: web.url, database: config.DATABASE_URL ? 'postgres' : 'pglite', development }, 'listening');

  return {
    url: web.url,
    async close() {
      rounds.forEach(clearInterval);
      await closeHatch?.();
      await web.close();
      await tab.stop();
      ending.abort();
      untellNumbers?.();
      await jobs.stop();
      await dispatcher.stop();
      mailer?.close();
      await Promise.all([connector.close(), uploader.close(), backend.close(), directory.close(), cache.disconnect()]);
      await database.close();
      log.info('closed');
    },
  };
}
