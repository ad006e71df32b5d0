import type { Keyv } from 'keyv';
import type { Logger } from 'pino';
import { entryOf, isLocal, type Kind, type RemoteKind } from '../catalog/index.ts';
import type { Config } from '../config.ts';
import type { Handlers, Jobs, Payloads } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import { explain } from '../errors.ts';
import { accountOf as account } from '../people/organisations.ts';
import { nextLook, pauseBefore } from '../requests/lifecycle.ts';
import type { Request } from '../requests/request.ts';
import { loadAny, move, note, showProgress, type Work } from '../requests/store.ts';
import { type Backend, BackendRefused, BackendUnavailable, type Operations, type Standing } from './backend.ts';
import { attemptsAt, begin, finish, forgetCall } from './ledger.ts';
import { setUp } from './local.ts';
import { mirror, remember } from './mirror.ts';

export interface Provisioning {
  db: Db;
  jobs: Jobs;
  backend: Backend;
  config: Config;
  cache: Keyv;
  clock: () => Date;
  log: Logger;
}

/** The background work that talks to the backend. Each can be killed at any line and run again. */
export function provisioningWorkers(room: Provisioning): Pick<Handlers, 'provision' | 'follow' | 'resend' | 'sync'> {
  return {
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
    return (await operations.create(request.content, account, call.key)).reference;
  } catch (error) {
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
  const moved = await move(work, request, 'created', undefined, { reference, trouble: null });
  if (!moved) return;
  await finish(work.trx, request.id, 'create');
  await remember(work.trx, moved, false, work.now);
  await work.jobs.send(
    work.trx,
    'follow',
    { requestId: request.id, again: 'waiting' },
    soon(work.now, room.config.POLL_EVERY),
  );
}

/** Sees how a pending or waiting request stands, and plans the next look. */
async function follow(room: Provisioning, requestId: string, again: Again): Promise<void> {
  const request = await loadAny(room.db, requestId);
  if (!request) return;
  // A task that operators have is theirs to the end, whatever the setting says meanwhile.
  if (request.state === 'pending' || request.task) return wait(room, request, again);
  if ((request.state !== 'waiting' && request.state !== 'expired') || !request.reference) return;

  let standing: Standing;
  try {
    const account = await accountOf(room, request);
    standing = await operationsOf(room, request.kind).standing(request.reference, account, request.content);
  } catch (error) {
    if (request.state === 'waiting' && !request.trouble)
      await transact(room, (work) => note(work, request, 'troubled', undefined, { trouble: describe(request, error) }));
    return wait(room, request, again);
  }
  const { state, progress } = standing;
  await transact(room, async (work) => {
    if (progress) await showProgress(work, request, progress);
    // Trouble with a next try belongs to that try, which counts by it; a look that succeeds says nothing about it.
    if (request.trouble && !request.trouble.nextTry) await note(work, request, 'cleared', undefined, { trouble: null });
    if (state === 'active') {
      const moved = await move(work, request, 'activated', undefined, { trouble: null });
      if (moved) await remember(work.trx, moved, true, work.now);
    }
    if (state === 'gone' && request.state === 'waiting') {
      const { noun } = entryOf(request.kind);
      await move(work, request, 'fail', undefined, { trouble: explain('backend-gone', { noun }) });
    }
  });
  if (state === 'waiting') await wait(room, request, again);
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
    if (now >= expiry) return void (await move(work, request, 'expire', undefined, { trouble: null }));
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
  if (state === 'pending') return [config.APPROVAL_REMIND_AFTER, config.APPROVAL_EXPIRE_AFTER, never];
  // What was approved does not lapse because an operator is slow.
  if (state === 'provisioning' && task) return [config.TASK_REMIND_AFTER, never, never];
  if (state !== 'waiting') return undefined;
  // By hand there is nothing to be looked at.
  return [config.ACTIVATION_REMIND_AFTER, config.ACTIVATION_EXPIRE_AFTER, task ? never : config.POLL_EVERY];
}

async function resend(room: Provisioning, requestId: string): Promise<void> {
  const request = await loadAny(room.db, requestId);
  if (request?.state !== 'waiting' || !request.reference) return;
  try {
    await operationsOf(room, request.kind).resend(request.reference, await accountOf(room, request), request.content);
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
  if (error instanceof BackendUnavailable) return explain('backend-unreachable', { reason: error.brief });
  if (!(error instanceof BackendRefused)) throw error;
  if (error.why === 'login') return explain('backend-login');
  if (error.why === 'taken')
    return explain('backend-taken', { noun, what: fields[error.field ?? '']?.label ?? 'name or e-mail address' });
  return explain('backend-refused', { reason: error.message });
}

export type Again = Payloads['follow']['again'];

const soon = (now: Date, ms: number) => new Date(now.getTime() + ms);
