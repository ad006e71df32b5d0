import { fromKysely, type Job, type JobWithMetadata, PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { about, apart, inSpan } from '../telemetry/span.ts';
import type { Database, Trx } from './open.ts';

/** Every kind of background work, and what it is told. Only ids travel: the worker reads the state it finds. */
export interface Payloads {
  /** Try out the settings of a request that is being checked. */
  check: { requestId: string };
  /** Call the backend for an approved request. */
  provision: { requestId: string };
  /**
   * See how a request stands: activated, due for a reminder, expired. `again`: it plans its own next look, as long as the
   * request is in that state; without it, it is a look out of turn.
   */
  follow: { requestId: string; again?: 'unready' | 'pending' | 'provisioning' | 'waiting' };
  /** See whether what is active still works. `again`: it plans its own next look. */
  watch: { requestId: string; again?: true };
  /** Have the backend send the activation e-mail once more. */
  resend: { requestId: string };
  /** Give whoever asked the links that the customer's administrator needs; `turn`: once for each. */
  'hand-over': { requestId: string; turn: string };
  /** See how a batch stands: its cards, who is to hear of it, reminders, expiry. `again`: it plans its own next look. */
  batch: { batchId: string; again?: true };
  /** Download a list that somebody attached, and show what is in it. */
  attached: {
    person: { tenantId: string; directoryId: string; teamsId: string; name: string };
    conversationId: string;
    activityId: string;
    kind?: string;
    name: string;
    url: string;
  };
  /** Turn a request's new events into posts. */
  announce: { requestId: string };
  /** Find out who was mentioned, then grant them a role; the answer goes to the conversation. */
  introduce: { tenantId: string; conversationId: string; teamsId: string; name: string; role: string; by: string };
  /** Mirror what the backend has for a tenant. */
  sync: { tenantId: string };
  /** Read a month's bill and post it. `asked`: the same for every delivery of who asked. */
  bill: { tenantId: string; conversationId: string; month: string; asked: string };
  /** Make a file of a bill and offer it to who asked. */
  'bill-file': {
    tenantId: string;
    conversationId: string;
    directoryId: string;
    month: string;
    format: 'csv' | 'xlsx';
    asked: string;
  };
  /** Save a file where somebody let us. `file`: the hash of its offer's token. */
  upload: { file: string };
  /**
   * Read who is in the followed groups of a tenant, or in one of them. `attempt`: how many went before this one. `tell`:
   * where an administrator waits to hear what came of it, and by which name that is said once.
   */
  groups: {
    tenantId: string;
    groupId?: string;
    attempt?: number;
    tell?: { conversationId: string; role: string; once: string };
  };
  /** Drop what is over: forms, delivered posts. */
  tidy: Record<string, never>;
}
export type JobName = keyof Payloads;

/** How many of each run at once in this process. Jobs with the same key never run together, on any node. */
const queues: { [N in JobName]: { atOnce: number; key?: (data: Payloads[N]) => string } } = {
  check: { atOnce: 4, key: (data) => data.requestId },
  provision: { atOnce: 4, key: (data) => data.requestId },
  follow: { atOnce: 4, key: (data) => data.requestId },
  watch: { atOnce: 2, key: (data) => data.requestId },
  resend: { atOnce: 2, key: (data) => data.requestId },
  'hand-over': { atOnce: 1, key: (data) => data.requestId },
  announce: { atOnce: 2, key: (data) => data.requestId },
  batch: { atOnce: 1, key: (data) => data.batchId },
  attached: { atOnce: 2, key: (data) => `${data.conversationId} ${data.activityId}` },
  introduce: { atOnce: 1, key: (data) => data.teamsId },
  sync: { atOnce: 1, key: (data) => data.tenantId },
  // The reading of one tenant's bills, one after the other: the second finds what the first has read.
  bill: { atOnce: 2, key: (data) => data.tenantId },
  'bill-file': { atOnce: 2, key: (data) => data.asked },
  upload: { atOnce: 2, key: (data) => data.file },
  groups: { atOnce: 1, key: (data) => data.tenantId },
  tidy: { atOnce: 1 },
};

export type Handlers = { [N in JobName]: (data: Payloads[N], signal: AbortSignal) => Promise<void> };

/** Background work in the same database as the state, so that a change and its jobs are committed together. */
export interface Jobs {
  /** Queues a job in a transaction. `after`: not before then. */
  send<N extends JobName>(trx: Trx, name: N, data: Payloads[N], after?: Date): Promise<void>;
  /** Starts working on everything. `failed`: told of every job that threw. */
  work(handlers: Handlers, failed?: (name: JobName) => void): Promise<void>;
  /** How many jobs wait and run, for metrics and readiness. */
  counts(): Promise<{ name: string; queued: number; active: number }[]>;
  /** Finishes what is running (up to `graceMs`) and stops. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Opens the job queues.
 * A worker that dies stops its heartbeat and its job comes back after about `heartbeatSeconds` (pg-boss's least is 10);
 * on the embedded database, where no other process can be at work, it comes back at the next start.
 * A job that throws is tried again with a growing pause, practically for ever: only a broken database makes one throw,
 * every answer of TeamMate and Teams is handled inside.
 */
export async function openJobs(database: Database, log: Logger): Promise<Jobs> {
  const boss = new PgBoss({
    ...database.bossOptions,
    useListenNotify: true,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    registerInstance: false,
    monitorVacuum: false,
    reindex: false,
    // A job that is to run at once goes on with the trace of what it was sent in.
    openTelemetry: { propagateContext: true },
  });
  boss.on('error', (error) => log.error({ err: error }, 'job queue'));
  await boss.start();
  for (const name of Object.keys(queues) as JobName[]) {
    await boss.createQueue(name, {
      policy: queues[name].key ? 'singleton' : 'standard',
      notify: true,
      retryLimit: 1000,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
      heartbeatSeconds: 10,
      expireInSeconds: 600,
      retentionSeconds: 90 * 86_400,
      deleteAfterSeconds: 86_400,
    });
    if (database.embedded) await takeBack(boss, name);
  }

  return {
    async send(trx, name, data, after) {
      const key = queues[name].key?.(data);
      const queue = () =>
        boss.send(name, data, {
          db: fromKysely(trx),
          ...(key === undefined ? {} : { singletonKey: key }),
          ...(after ? { startAfter: after } : {}),
        });
      await about(data, () => (after ? apart(queue) : queue()));
    },
    async work(handlers, failed = () => {}) {
      const start = async <N extends JobName>(name: N) => {
        let worker = '';
        const handle = async ([job]: Job<Payloads[N]>[]) => {
          if (!job) return;
          try {
            await about(job.data, () => inSpan(`job ${name}`, 'does', {}, () => handlers[name](job.data, job.signal)));
          } catch (error) {
            failed(name);
            log.error({ err: error, job: name, data: job.data }, 'job failed, will be tried again');
            throw error;
          } finally {
            // Else it would sleep before it looks for the next one, and many jobs of one commit are one notification.
            boss.notifyWorker(worker);
          }
        };
        // Polling is only the floor under LISTEN/NOTIFY: a job with a start time has no notification.
        worker = await boss.work<Payloads[N]>(
          name,
          { pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 2 },
          handle,
        );
      };
      for (const name of Object.keys(queues) as JobName[])
        for (let number = 0; number < queues[name].atOnce; number++) await start(name);
      await boss.schedule('tidy', '17 * * * *');
    },
    async counts() {
      const all = await boss.getQueues();
      return all
        .filter(({ name }) => name in queues)
        .map(({ name, queuedCount, activeCount }) => ({ name, queued: queuedCount, active: activeCount }));
    },
    stop: (graceMs = 15_000) => boss.stop({ graceful: true, timeout: graceMs }),
  };
}

/** Has what a killed process was working on tried again, in a second or two. */
async function takeBack(boss: PgBoss, name: JobName): Promise<void> {
  const limit = 1000;
  let page: JobWithMetadata<unknown>[] = [];
  do {
    const after = page.at(-1)?.id;
    page = await boss.findJobs(name, { limit, ...(after && { after }) });
    const left = page.filter(({ state }) => state === 'active').map(({ id }) => id);
    if (left.length > 0) await boss.fail(name, left, { message: 'the process was killed' });
  } while (page.length === limit);
}
