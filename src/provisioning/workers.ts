import type { Keyv } from 'keyv';
import type { Logger } from 'pino';
import { entryOf, isLocal, type Kind, type RemoteKind } from '../catalog/index.ts';
import type { Config } from '../config.ts';
import type { Handlers, Jobs, Payloads } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import type { Trouble } from '../db/schema.ts';
import { explain } from '../errors.ts';
import { say } from '../language/say.ts';
import type { Mailer } from '../mail/mailer.ts';
import { accountOf as account } from '../people/organisations.ts';
import { nextLook, pauseBefore } from '../requests/lifecycle.ts';
import type { Request } from '../requests/request.ts';
import { openSecrets } from '../requests/secrets.ts';
import { loadAny, move, note, showProgress, type Work } from '../requests/store.ts';
import { type Keyring, SecretsLost } from '../secrets/keyring.ts';
import { askCustomer } from './asking.ts';
import {
  type Backend,
  BackendRefused,
  BackendUnavailable,
  type Ledger,
  type Operations,
  type Standing,
} from './backend.ts';
import { carryOut } from './changes.ts';
import { attemptsAt, begin, finish, forgetCall, isDone } from './ledger.ts';
import { setUp } from './local.ts';
import { mirror, remember } from './mirror.ts';
import { beginWatch, watchWorkers } from './watch.ts';

export interface Provisioning {
  db: Db;
  jobs: Jobs;
  backend: Backend;
  config: Config;
  cache: Keyv;
  clock: () => Date;
  log: Logger;
  /** What the secrets of orders are opened with. */
  keys?: Keyring | undefined;
  /** Sends the bot's own e-mails; absent: it sends none. */
  mailer?: Mailer | undefined;
}

/** The background work that talks to the backend. Each can be killed at any line and run again. */
export function provisioningWorkers(
  room: Provisioning,
): Pick<Handlers, 'provision' | 'follow' | 'watch' | 'resend' | 'sync'> {
  return {
    ...watchWorkers(room),
    provision: ({ requestId }) => provision(room, requestId),
    follow: ({ requestId, again }) => follow(room, requestId, again),
    resend: ({ requestId }) => resend(room, requestId),
    sync: ({ tenantId }) => mirror(room, tenantId),
  };
}

/** What it takes to remind somebody; the backend is not asked. */
export type Waiting = Pick<Provisioning, 'db' | 'jobs' | 'config' | 'clock'>;

const transact = <T>(room: Waiting, run: (work: Work) => Promise<T>) =>
  room.db.transaction().execute((trx) => run({ trx, jobs: room.jobs, now: room.clock() }));

/** Only what is created there is ever asked about: the rest never waits. */
const operationsOf = (room: Provisioning, kind: Kind) =>
  room.backend[kind as RemoteKind] as Operations<Request['content']>;
const accountOf = async (room: Provisioning, request: Request) => (await account(room.db, request.tenantId)) ?? '';

/** Creates what was approved: once, whatever happens in between. */
async function provision(room: Provisioning, requestId: string): Promise<void> {
  let request = await loadAny(room.db, requestId);
  if (request && isLocal(request.kind)) return transact(room, (work) => setUp(work, requestId));
  if (request?.state === 'approved') {
    const approved = request;
    request = await transact(room, (work) => move(work, approved, 'start', undefined));
  }
  if (request?.state !== 'provisioning') return;

  try {
    if (request.operation !== 'add') return await carryOut(room, request);
    const reference = await create(room, request);
    await transact(room, (work) => created(work, room, request, reference));
  } catch (error) {
    await troubled(room, request, 'provision', error);
  }
}

/**
 * Looks up before it posts. What it finds complete is the work of an earlier attempt, if there was one that may have taken
 * effect; else it is somebody else's.
 */
async function create(room: Provisioning, request: Request): Promise<string> {
  const operations = operationsOf(room, request.kind);
  const account = await accountOf(room, request);
  if (request.reference) {
    const standing = await operations.standing(request.reference, account, request.content);
    if (standing.state !== 'gone') return request.reference;
    await forgetCall(room.db, request.id, 'create');
  }
  const ours = async (attempts: number) => {
    const found = await operations.find(request.content, account);
    if (!found) return undefined;
    const whole = entryOf(request.kind)
      .claims(request.content)
      .every(({ field }) => found.same.includes(field));
    if (whole && attempts > 0) return found.reference;
    throw new BackendRefused('taken', 'already there', found.same[0]);
  };
  const there = await ours(await attemptsAt(room.db, request.id, 'create'));
  if (there) return there;
  const call = await begin(room.db, request.id, 'create', room.clock());
  try {
    const secrets = await openSecrets(room.db, room.keys, request.tenantId, { requestId: request.id });
    return (await operations.create({ ...request.content, ...secrets }, account, call.key)).reference;
  } catch (error) {
    if (error instanceof SecretsLost && call.attempts === 1) await forgetCall(room.db, request.id, 'create');
    if (!(error instanceof BackendRefused)) throw error;
    // An attempt whose answer was lost may show in the look-up only now, when the backend says that it is taken.
    const late = error.why === 'taken' && call.attempts > 1 ? await ours(call.attempts - 1) : undefined;
    if (late) return late;
    // A clear no to the only attempt: whatever is found there later, it is not ours.
    if (call.attempts === 1) await forgetCall(room.db, request.id, 'create');
    throw error;
  }
}

async function created(work: Work, room: Provisioning, request: Request, reference: string): Promise<void> {
  // What was found before it was created is no news of how it comes to life.
  const moved = await move(work, request, 'created', undefined, { reference, trouble: null, progress: null });
  if (!moved) return;
  await finish(work.trx, request.id, 'create');
  await remember(work.trx, moved, false, work.now);
  await work.jobs.send(
    work.trx,
    'follow',
    { requestId: request.id, again: 'waiting' },
    // What is only begun has to be gone on with at once.
    operationsOf(room, request.kind).advance ? work.now : soon(work.now, room.config.POLL_EVERY),
  );
}

/** Sees how a pending or waiting request stands, and plans the next look. */
async function follow(room: Provisioning, requestId: string, again: Again): Promise<void> {
  const request = await loadAny(room.db, requestId);
  if (!request) return;
  // A task that operators have is theirs to the end, whatever the setting says meanwhile.
  if (request.state === 'pending' || request.state === 'unready' || request.task) return wait(room, request, again);
  if ((request.state !== 'waiting' && request.state !== 'expired') || !request.reference) return;
  // What expired of a change was its approval.
  if (request.operation !== 'add') return;

  let standing: Standing;
  let unasked: Trouble | undefined;
  try {
    standing = await look(room, request, request.reference);
    if (request.state === 'waiting' && standing.state === 'waiting' && standing.progress?.asks && !standing.refusal) {
      const since = soon(room.clock(), -room.config.CONSENT_REMIND_AFTER);
      unasked = await askCustomer(room, request, { since, again: false });
    }
  } catch (error) {
    if (request.state === 'waiting' && !request.trouble)
      await transact(room, (work) => note(work, request, 'troubled', undefined, { trouble: describe(request, error) }));
    return wait(room, request, again);
  }
  const { state, progress, refusal } = standing;
  await transact(room, async (work) => {
    if (progress) await showProgress(work, request, progress);
    if (progress?.overdue && request.state === 'waiting') await tellOverdue(work, request, progress.overdue);
    if (unasked && request.trouble?.code !== unasked.code)
      await note(work, request, 'troubled', undefined, { trouble: unasked });
    // Trouble with a next try belongs to that try, which counts by it; a look that succeeds says nothing about it.
    if (request.trouble && !request.trouble.nextTry && !unasked)
      await note(work, request, 'cleared', undefined, { trouble: null });
    if (refusal && request.state === 'waiting')
      return void (await move(work, request, 'fail', undefined, { trouble: describe(request, refusal) }));
    if (state === 'active') {
      const moved = await move(work, request, 'activated', undefined, { trouble: null });
      if (moved) {
        await remember(work.trx, moved, true, work.now);
        await beginWatch(work, room, moved);
      }
    }
    if (state === 'gone' && request.state === 'waiting') {
      const { noun } = entryOf(request.kind);
      await move(work, request, 'fail', undefined, { trouble: explain('backend-gone', { noun }) });
    }
  });
  if (state === 'waiting' && !refusal) await wait(room, request, again);
}

/** How it stands, after doing what can be done by now; what is no longer followed is looked at only. */
async function look(room: Provisioning, request: Request, reference: string): Promise<Standing> {
  const operations = operationsOf(room, request.kind);
  const account = await accountOf(room, request);
  if (request.state !== 'waiting' || !operations.advance)
    return operations.standing(reference, account, request.content);
  const { db, clock } = room;
  const ledger: Ledger = {
    begin: (step) => begin(db, request.id, step, clock()),
    done: (step) => isDone(db, request.id, step),
    finish: (step) => transact(room, ({ trx }) => finish(trx, request.id, step)),
    forget: (step) => forgetCall(db, request.id, step),
  };
  return operations.advance(reference, account, request.content, ledger);
}

/** Says once that it takes longer than it should; the card says it for as long as it does. */
async function tellOverdue(work: Work, request: Request, says: string): Promise<void> {
  const told = await work.trx
    .selectFrom('events')
    .select('id')
    .where('request_id', '=', request.id)
    .where('what', '=', 'overdue')
    .executeTakeFirst();
  if (!told) await note(work, request, 'overdue', undefined, {}, { says });
}

/** Reminds, expires, and plans the next look, for a request that somebody is still to act on. */
export async function wait(room: Waiting, request: Request, again: Again): Promise<void> {
  const times = timesOf(room.config, request);
  if (!times) return;
  const [remindAfter, expireAfter, every] = times;
  await transact(room, async (work) => {
    const now = work.now.getTime();
    const since = request.since.getTime();
    const expiry = since + expireAfter;
    if (now >= expiry) {
      const reason = request.state === 'unready' ? say('work.reason.not-mended') : undefined;
      return void (await move(work, request, 'expire', undefined, { trouble: null, ...(reason && { reason }) }));
    }
    let reminded = request.remindedAt?.getTime() ?? since;
    if (now >= reminded + remindAfter) {
      reminded = now;
      await note(work, request, 'reminded', undefined, { remindedAt: work.now });
    }
    // A look that was planned while it was pending ends here once it is waiting: that wait has looks of its own.
    if (again !== request.state) return;
    const look = Number.isFinite(every) ? now + nextLook(now - since, every) : Number.POSITIVE_INFINITY;
    const after = new Date(Math.min(look, reminded + remindAfter, expiry));
    await work.jobs.send(work.trx, 'follow', { requestId: request.id, again }, after);
  });
}

/** When to remind, when to give up, how often to look; nothing for a state in which nobody is waited for. Milliseconds. */
function timesOf(config: Config, { state, task }: Request): [number, number, number] | undefined {
  const never = Number.POSITIVE_INFINITY;
  if (state === 'pending' || state === 'unready')
    return [config.APPROVAL_REMIND_AFTER, config.APPROVAL_EXPIRE_AFTER, never];
  // What was approved does not lapse because an operator is slow.
  if (state === 'provisioning' && task) return [config.TASK_REMIND_AFTER, never, never];
  if (state !== 'waiting') return undefined;
  // By hand there is nothing to be looked at.
  return [config.ACTIVATION_REMIND_AFTER, config.ACTIVATION_EXPIRE_AFTER, task ? never : config.POLL_EVERY];
}

async function resend(room: Provisioning, requestId: string): Promise<void> {
  const request = await loadAny(room.db, requestId);
  if (request?.state !== 'waiting' || !request.reference) return;
  const operations = operationsOf(room, request.kind);
  try {
    if (operations.asking) {
      // Since the click: a repeat of this work finds that it has been done.
      const since = new Date((request.resentAt ?? room.clock()).getTime() - 1);
      const trouble = await askCustomer(room, request, { since, again: true });
      if (trouble) await transact(room, (work) => note(work, request, 'troubled', undefined, { trouble }));
      return;
    }
    if (!operations.resend) return;
    await operations.resend(request.reference, await accountOf(room, request), request.content);
    await transact(room, (work) => note(work, request, 'resent', undefined, { trouble: null }));
  } catch (error) {
    await troubled(room, request, 'resend', error);
  }
}

/** A temporary failure is tried again, visibly and with growing pauses; a lasting one ends in `failed` with its reason. */
async function troubled(
  room: Provisioning,
  request: Request,
  job: 'provision' | 'resend',
  error: unknown,
): Promise<void> {
  const trouble = describe(request, error);
  const attempt = (request.trouble?.attempt ?? 0) + 1;
  const temporary = error instanceof BackendUnavailable && attempt <= room.config.RETRY_LIMIT;
  room.log.warn({ err: error, request: request.id, attempt, temporary }, `${job} did not succeed`);
  await transact(room, async (work) => {
    if (temporary) {
      const pause = Math.max(pauseBefore(attempt, room.config.RETRY_FIRST), (error.retryAfter ?? 0) * 1000);
      const nextTry = soon(work.now, pause);
      await note(work, request, 'troubled', undefined, {
        trouble: { ...trouble, attempt, nextTry: nextTry.toISOString() },
      });
      await work.jobs.send(work.trx, job, { requestId: request.id }, nextTry);
    } else if (job === 'provision') {
      await move(work, request, 'fail', undefined, { trouble });
    } else {
      await note(work, request, 'troubled', undefined, { trouble });
    }
  });
}

/** @throws what is not the backend's doing, so that the job comes back instead of blaming TeamMate. */
function describe(request: Request, error: unknown) {
  const { noun, fields } = entryOf(request.kind);
  if (error instanceof SecretsLost) return explain('secrets-lost');
  if (error instanceof BackendUnavailable) return explain('backend-unreachable', { reason: error.brief });
  if (!(error instanceof BackendRefused)) throw error;
  if (error.why === 'login') return explain('backend-login');
  if (error.why === 'taken')
    return explain('backend-taken', { noun, what: fields[error.field ?? '']?.label ?? say('work.name-or-email') });
  return explain(request.operation === 'add' ? 'backend-refused' : 'change-refused', { reason: error.message });
}

export type Again = Payloads['follow']['again'];

const soon = (now: Date, ms: number) => new Date(now.getTime() + ms);
