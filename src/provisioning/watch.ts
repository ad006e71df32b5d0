import { entryOf, type RemoteKind } from '../catalog/index.ts';
import type { Handlers } from '../db/jobs.ts';
import { accountOf } from '../people/organisations.ts';
import { outOfService } from '../requests/out-of-service.ts';
import type { Request } from '../requests/request.ts';
import { loadAny, note, showProgress, type Work } from '../requests/store.ts';
import { BackendRefused, BackendUnavailable, type Operations, type Standing } from './backend.ts';
import type { Provisioning } from './workers.ts';

/** A loss is believed when it is still there so much later, or at the next look if that is sooner. Milliseconds. */
const doubtFor = 30_000;

/**
 * Looks for good at what is active and can stop working by itself, so that its loss is told once, and its return too. A
 * look that finds nothing wrong, or no backend, says nothing.
 */
export const watchWorkers = (room: Provisioning): Pick<Handlers, 'watch'> => ({
  watch: ({ requestId, again }) => watch(room, requestId, again ?? false),
});

/** Whether it is active, and looked at for good: a change to something is done once it is made. */
export const isWatched = ({ state, operation, kind }: Pick<Request, 'state' | 'operation' | 'kind'>): boolean =>
  state === 'active' && operation === 'add' && (entryOf(kind).watched ?? false);

/** Begins to watch what has just become active. */
export async function beginWatch(work: Work, room: Provisioning, request: Request): Promise<void> {
  if (isWatched(request)) await plan(work, room, request);
}

const plan = ({ trx, jobs, now }: Work, room: Provisioning, { id }: Request) =>
  jobs.send(trx, 'watch', { requestId: id, again: true }, new Date(now.getTime() + room.config.REGISTRATION_EVERY));

async function watch(room: Provisioning, requestId: string, again: boolean): Promise<void> {
  const request = await loadAny(room.db, requestId);
  if (!request?.reference || !isWatched(request)) return;
  const { kind, reference } = request;
  const out = await outOfService(room.db, request.tenantId, { kind: kind as RemoteKind, reference });
  if (out === 'removed') return;
  if (out === 'suspended') return pause(room, request, again);
  const standing = await look(room, request, reference);
  const every = room.config.REGISTRATION_EVERY;
  const patience = Math.min(doubtFor, every);
  await room.db.transaction().execute(async (trx) => {
    const work: Work = { trx, jobs: room.jobs, now: room.clock() };
    const found = standing && (await judge(work, request, standing, patience));
    if (standing?.progress) await showProgress(work, request, standing.progress);
    // What is gone from TeamMate for sure does not come back under the same id.
    if (standing?.state === 'gone' && found === 'lost') return;
    const doubted = found === 'doubtful';
    // A hint that raises a doubt has no next look of its own, and the planned one may be far off.
    if (!(again || doubted)) return;
    const after = new Date(work.now.getTime() + (doubted ? patience : every));
    await work.jobs.send(trx, 'watch', { requestId, ...(again && { again: true }) }, after);
  });
}

/** That it does not work is what was asked for. A doubt of before is about another time, and would be believed too soon. */
const pause = (room: Provisioning, request: Request, again: boolean): Promise<void> =>
  room.db.transaction().execute(async (trx) => {
    const work: Work = { trx, jobs: room.jobs, now: room.clock() };
    if (request.doubtedAt && !request.lostAt) await doubt(work, request, null);
    if (again) await plan(work, room, request);
  });

/** How it stands; nothing when that cannot be said now. */
async function look(room: Provisioning, request: Request, reference: string): Promise<Standing | undefined> {
  try {
    const operations = room.backend[request.kind as RemoteKind] as Operations<Request['content']>;
    const account = (await accountOf(room.db, request.tenantId)) ?? '';
    return await operations.standing(reference, account, request.content);
  } catch (error) {
    if (!(error instanceof BackendUnavailable || error instanceof BackendRefused)) throw error;
    room.log.warn({ err: error, request: request.id }, 'could not look whether it still works');
    return undefined;
  }
}

/** Tells what has changed. `doubtful`: only another look can tell, after a while. */
async function judge(
  work: Work,
  request: Request,
  { state, says }: Standing,
  patience: number,
): Promise<'works' | 'doubtful' | 'unsettled' | 'lost'> {
  if (state === 'active') {
    if (request.lostAt) await note(work, request, 'regained', undefined, { lostAt: null, doubtedAt: null });
    else if (request.doubtedAt) await doubt(work, request, null);
    return 'works';
  }
  if (request.lostAt) return 'lost';
  const { doubtedAt } = request;
  if (!doubtedAt) {
    await doubt(work, request, work.now);
    return 'doubtful';
  }
  if (work.now.getTime() < doubtedAt.getTime() + patience) return 'unsettled';
  const reason = says ?? 'TeamMate no longer knows it.';
  await note(work, request, 'lost', undefined, { lostAt: doubtedAt, doubtedAt: null }, { reason });
  return 'lost';
}

/** Told to nobody yet, so no event. */
const doubt = ({ trx }: Work, { id }: Request, at: Date | null) =>
  trx.updateTable('requests').set({ doubted_at: at }).where('id', '=', id).execute();
