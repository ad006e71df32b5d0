import { Keyv } from 'keyv';
import { pino } from 'pino';
import { type AnyOrder, entryOf, type Kind, type Orders } from '../../src/catalog/index.ts';
import type { Thing } from '../../src/catalog/orderable.ts';
import type { ResellerOrder } from '../../src/catalog/reseller.ts';
import { readConfig } from '../../src/config.ts';
import type { Jobs } from '../../src/db/jobs.ts';
import { openDatabase } from '../../src/db/open.ts';
import type { Mailer } from '../../src/mail/mailer.ts';
import { serve } from '../../src/people/organisations.ts';
import type { Backend } from '../../src/provisioning/backend.ts';
import { mirror } from '../../src/provisioning/mirror.ts';
import { type Provisioning, provisioningWorkers } from '../../src/provisioning/workers.ts';
import type { Request } from '../../src/requests/request.ts';
import { insert, loadAny, move, type Work } from '../../src/requests/store.ts';
import { newKey, readKeys } from '../../src/secrets/keyring.ts';
import { freshDatabase } from '../support/database.ts';
import { alex, foreignTenantId, megan, tenantId } from '../support/people.ts';

/** A job as it was queued: what to do, and not before when. */
type Sent = { name: string; data: object; after: Date | undefined };

/** The background work over a real database, with a backend that does as a test tells it and a clock that stands still. */
export type Workroom = Awaited<ReturnType<typeof openWorkroom>>;

export async function openWorkroom(
  env: Record<string, string> = {},
  real: { backend?: Backend; mailer?: Mailer } = {},
) {
  const home = await freshDatabase();
  const { db, close } = await openDatabase({ ...home, folder: '' });
  const config = readConfig({
    ALLOW_UNAUTHENTICATED: 'true',
    ORGANISATIONS: `${tenantId}=5001,${foreignTenantId}=5002`,
    TEAMMATE_CLIENT_ID: 'id',
    TEAMMATE_CLIENT_SECRET: 'secret',
    TEAMMATE_USERNAME: 'user',
    TEAMMATE_PASSWORD: 'password',
    ...env,
  });
  for (const [organisation, account] of config.ORGANISATIONS)
    await serve(db, { tenantId: organisation, account }, 'ORGANISATIONS', new Date(0));
  let now = Date.parse('2026-03-04T05:06:07Z');
  const clock = () => new Date(now);
  const sent: Sent[] = [];
  let failure: Error | undefined;
  const jobs: Jobs = {
    send: async (_, name, data, after) => {
      const error = name === 'sync' ? failure : undefined;
      if (error) {
        failure = undefined;
        throw error;
      }
      sent.push({ name, data, after });
    },
    work: async () => {},
    counts: async () => [],
    stop: async () => {},
  };
  const backend = scripted();
  const cache = new Keyv();
  const log = pino({ level: 'silent' });
  const room: Provisioning = {
    ...{ db, jobs, backend: real.backend ?? backend, config, cache, clock, log, mailer: real.mailer },
    keys: readKeys(newKey()),
  };
  const workers = provisioningWorkers(room);
  const transact = <T>(run: (work: Work) => Promise<T>) =>
    db.transaction().execute((trx) => run({ trx, jobs, now: clock() }));
  const signal = new AbortController().signal;

  const reload = async ({ id }: { id: string }): Promise<Request> => {
    const request = await loadAny(db, id);
    if (!request) throw new Error(`there is no request ${id}`);
    return request;
  };

  const approved = (kind: Kind, order: AnyOrder) =>
    transact(async (work) => {
      const requester = { directoryId: alex.aadObjectId, name: alex.name };
      const pending = await insert(work, {
        tenantId,
        kind,
        name: entryOf(kind).name(order),
        content: order,
        requester,
      });
      const decision = { directoryId: megan.aadObjectId, name: megan.name };
      return (await move(work, pending, 'approve', decision, { decision })) as Request;
    });

  return {
    db,
    jobs,
    backend,
    room,
    config,
    clock,
    transact,
    reload,
    pass(ms: number) {
      now += ms;
    },

    /** A request of Alex' that Megan has approved. */
    approved: (order: ResellerOrder) => approved('reseller', order),
    /** The same of whatever kind. */
    approvedOf: <K extends Kind>(kind: K, order: Orders[K]) => approved(kind, order),

    move: (request: Request, how: Parameters<typeof move>[2]) =>
      transact(async (work) => (await move(work, request, how, undefined, { trouble: null })) as Request),

    async provision(request: Request): Promise<Request> {
      await workers.provision({ requestId: request.id }, signal);
      return reload(request);
    },
    async follow(request: Request, again = false): Promise<Request> {
      const { state } = await reload(request);
      const looks = again && (state === 'pending' || state === 'waiting');
      await workers.follow({ requestId: request.id, ...(looks && { again: state }) }, signal);
      return reload(request);
    },
    async resend(request: Request): Promise<Request> {
      await workers.resend({ requestId: request.id }, signal);
      return reload(request);
    },
    /** Looks whether what is active still works; `hint`: out of turn. */
    async watch(request: Request, hint = false): Promise<Request> {
      await workers.watch({ requestId: request.id, ...(!hint && { again: true }) }, signal);
      return reload(request);
    },
    async mirror(tenant = tenantId) {
      await cache.clear();
      await mirror(room, tenant);
    },
    /** As `mirror`, without forgetting that it was done a moment ago. */
    mirrorAgain: () => mirror(room, tenantId),

    /** The next look at what TeamMate has cannot be queued, and whatever wanted it is lost with it. */
    failNextSync(error: Error) {
      failure = error;
    },

    /** What was queued of a kind since the last time it was asked, as the milliseconds from now it is to wait. */
    queued(name: string) {
      const found = sent.filter((job) => job.name === name);
      for (const job of found) sent.splice(sent.indexOf(job), 1);
      return found.map(({ after }) => (after ? after.getTime() - now : 0));
    },
    /** What happened to a request, in order. */
    async events({ id }: { id: string }) {
      const rows = await db.selectFrom('events').select('what').where('request_id', '=', id).orderBy('id').execute();
      return rows.map(({ what }) => what);
    },

    async close() {
      await close();
      await home.drop();
    },
  };
}

type Step = 'read' | 'change' | 'suspend' | 'resume' | 'remove' | 'find' | 'create' | 'standing' | 'resend' | 'list';

/** A backend whose next answers can be told; without being told, it has nothing, creates what is asked, and waits. */
function scripted() {
  const plans: { step: Step; answer: () => unknown }[] = [];
  const calls: { step: Step; asked: unknown[] }[] = [];
  const answer = <T>(step: Step, asked: unknown[], otherwise: T): T => {
    calls.push({ step, asked });
    const index = plans.findIndex((plan) => plan.step === step);
    return index < 0 ? otherwise : (plans.splice(index, 1)[0]?.answer() as T);
  };
  let numbered = 6001;
  let things: Thing[][] = [];
  const operations = () => ({
    find: async (...asked: unknown[]) => answer('find', asked, undefined),
    create: async (...asked: unknown[]) => answer('create', asked, { reference: String(numbered++) }),
    standing: async (...asked: unknown[]) => answer('standing', asked, { state: 'waiting' as const }),
    resend: async (...asked: unknown[]) => answer('resend', asked, undefined),
    read: async (...asked: unknown[]) => answer('read', asked, undefined),
    change: async (...asked: unknown[]) => answer('change', asked, undefined),
    suspend: async (...asked: unknown[]) => answer('suspend', asked, undefined),
    resume: async (...asked: unknown[]) => answer('resume', asked, undefined),
    remove: async (...asked: unknown[]) => answer('remove', asked, undefined),
  });
  const backend: Backend = {
    ready: async () => {},
    async *billing() {},
    async *listThings(account, depth) {
      for (const page of things) yield answer('list', [account, depth], page);
    },
    reseller: operations(),
    enterprise: operations(),
    pbx: operations(),
    'direct-routing': operations(),
  };
  return {
    ...backend,
    /** The next call of a step throws this, or does this and gives what it returns. */
    next(step: Step, does: Error | (() => unknown)) {
      const throws = () => {
        throw does;
      };
      plans.push({ step, answer: does instanceof Error ? throws : does });
    },
    /** What it lists, page by page. */
    lists(...pages: Thing[][]) {
      things = pages;
    },
    /** What was planned and did not happen does not happen any more. */
    forget: () => void plans.splice(0),
    /** The steps called since the last time it was asked. */
    called: () => calls.splice(0).map(({ step }) => step),
    /** What a step was asked with, each time since the last `called`. */
    asked: (wanted: Step) => calls.filter(({ step }) => step === wanted).map(({ asked }) => asked),
  };
}
