import { isLocal } from '../catalog/index.ts';
import type { Thing, ThingKind } from '../catalog/orderable.ts';
import type { Config } from '../config.ts';
import type { Handlers } from '../db/jobs.ts';
import type { Task } from '../db/schema.ts';
import type { Request } from '../requests/request.ts';
import { loadAny, locked, move, note, type Work } from '../requests/store.ts';
import { dropOlder, keep } from '../requests/things.ts';
import { attemptsAt } from './ledger.ts';
import { setUp } from './local.ts';
import { type Again, type Waiting, wait } from './workers.ts';

/**
 * The background work where there is no API: nothing is called. What was approved becomes a task, which an operator does in
 * TeamMate's portal and reports (tasks.ts); here it is put before them, and they are reminded of it.
 */
export function portalWorkers(room: Waiting): Pick<Handlers, 'provision' | 'follow' | 'resend' | 'sync'> {
  return {
    provision: ({ requestId }) => provision(room, requestId),
    follow: ({ requestId, again }) => follow(room, requestId, again),
    resend: ({ requestId }) => resend(room, requestId),
    sync: ({ tenantId }) => offer(room, tenantId),
  };
}

const transact = <T>(room: Waiting, run: (work: Work) => Promise<T>) =>
  room.db.transaction().execute((trx) => run({ trx, jobs: room.jobs, now: room.clock() }));

/** Puts before the operators what was approved. */
async function provision(room: Waiting, requestId: string): Promise<void> {
  const request = await loadAny(room.db, requestId);
  if (request && isLocal(request.kind)) return transact(room, (work) => setUp(work, requestId));
  if (request?.state !== 'approved' && (request?.state !== 'provisioning' || request.task)) return;
  const tried = (await attemptsAt(room.db, requestId, 'create')) > 0;
  await transact(room, async (work) => {
    const task = opened(room.config, 'make', work.now, tried);
    const patch = { task, trouble: null, progress: null };
    // One that was being provisioned has come over from the API.
    if (request.state === 'provisioning') await note(work, request, 'task', undefined, patch);
    else if (!(await move(work, request, 'start', undefined, patch))) return;
    const after = new Date(work.now.getTime() + room.config.TASK_REMIND_AFTER);
    await work.jobs.send(work.trx, 'follow', { requestId, again: 'provisioning' }, after);
  });
}

const opened = (config: Config, what: Task['what'], now: Date, tried = false): Task => ({
  what,
  opened: now.toISOString(),
  portal: config.TEAMMATE_PORTAL_URL,
  hold: 1,
  ...(tried && { tried }),
});

/** Nobody can look how it stands; what is left of following is to remind, and to give up. */
async function follow(room: Waiting, requestId: string, again: Again): Promise<void> {
  const request = await loadAny(room.db, requestId);
  if (!request) return;
  if (request.state === 'waiting' && !request.task) await confirmByHand(room, request, {});
  await wait(room, (await loadAny(room.db, requestId)) ?? request, again);
}

/** The e-mail is to be sent again: by whoever has the portal open. */
async function resend(room: Waiting, requestId: string): Promise<void> {
  const request = await loadAny(room.db, requestId);
  if (request?.state === 'waiting' && !request.task?.resend) await confirmByHand(room, request, { resend: true });
}

/** Leaves it to the operators to say that it is active, as long as it is waited for. */
const confirmByHand = (room: Waiting, { id }: Request, more: Pick<Task, 'resend'>) =>
  transact(room, async (work) => {
    const request = await locked(work.trx, id);
    if (request?.state !== 'waiting') return;
    const task = { ...(request.task ?? opened(room.config, 'confirm', work.now)), ...more };
    await note(work, request, 'task', undefined, { task });
  });

/**
 * What can be chosen where TeamMate's lists cannot be read: as the settings say. Everything else in our copy is what the
 * operators reported or taught it, so it stays.
 */
async function offer({ db, config, clock }: Waiting, tenantId: string): Promise<void> {
  const now = clock();
  const things = (kind: ThingKind, offers: Config['PORTAL_SBC_REGIONS']): Thing[] =>
    offers.map(({ id, name }) => ({ kind, reference: id, name, active: true, suspended: false, facts: {} }));
  await db.transaction().execute(async (trx) => {
    await keep(
      trx,
      tenantId,
      [...things('sbc-region', config.PORTAL_SBC_REGIONS), ...things('pbx-type', config.PORTAL_PBX_TYPES)],
      now,
    );
    await dropOlder(trx, tenantId, ['sbc-region', 'pbx-type'], now);
  });
}
