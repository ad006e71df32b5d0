import { sql } from 'kysely';
import { isLocal } from '../catalog/index.ts';
import type { Task } from '../db/schema.ts';
import { explain, Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import type { Person } from '../people/person.ts';
import { requireRole } from '../people/roles.ts';
import { reasonLimit, type Seen } from '../requests/decisions.ts';
import { type Happening, open, stateName } from '../requests/lifecycle.ts';
import { type Request, shown } from '../requests/request.ts';
import { byReference, load, locked, move, note, type Work } from '../requests/store.ts';
import { atHand, referenceLimit } from '../requests/task.ts';
import { drop, knownTo } from '../requests/things.ts';
import { bringUpToDate } from './changes.ts';
import { remember } from './mirror.ts';

/** A request with what is to be done for it. */
type Tasked = Request & { task: Task };

/**
 * Takes a task, so that no two operators do it; or takes it over from who has it. Only from whom the button was about
 * (`hold`): of two at once the first one has it, and the other is told.
 */
export function take(work: Work, person: Person, seen: Seen & { hold: number }): Promise<Request> {
  return onTask(work, person, seen, 'taken', async (request) => {
    const { task } = request;
    if (task.what !== 'make') return undefined;
    if (task.holder?.directoryId === person.directoryId) return request;
    if (task.hold !== seen.hold) throw heldBy(task);
    const holder = { directoryId: person.directoryId, name: person.name, at: work.now.toISOString() };
    const taken = { ...task, hold: task.hold + 1, holder };
    await note(work, request, task.holder ? 'taken-over' : 'taken', person, { task: taken });
    return { ...request, task: taken };
  });
}

/**
 * It is made, by who has the task: under this id, and from now on waited for to become active. A change is over with that.
 */
export function made(work: Work, person: Person, seen: Seen, typed: string): Promise<Request> {
  return onTask(work, person, seen, 'created', async (request) => {
    requireHeld(request, person);
    const over = { trouble: null, progress: null };
    if (request.operation !== 'add') {
      const done = await move(work, request, 'done', person, { ...over, task: null });
      const { kind, reference = '' } = request;
      // What the bot sets up by itself is no task.
      const thing = isLocal(kind) ? undefined : await knownTo(work.trx, person.tenantId).thing(kind, reference);
      if (done && thing) await bringUpToDate(work, done, thing);
      return done;
    }
    const reference = await freeReference(work, person.tenantId, typed, request.id);
    const { opened, portal, hold } = request.task;
    const task: Task = { what: 'confirm', opened, portal, hold };
    const moved = await move(work, request, 'created', person, { ...over, reference, task });
    if (!moved) return undefined;
    await remember(work.trx, moved, false, work.now);
    // Reminders of an activation are planned in one place, by a look that finds nothing yet.
    await work.jobs.send(work.trx, 'follow', { requestId: moved.id, again: 'waiting' }, work.now);
    return moved;
  });
}

/** It cannot be done, or did not become active, for a reason that the requester reads. */
export function failed(work: Work, person: Person, seen: Seen, typed: string): Promise<Request> {
  return onTask(work, person, seen, 'fail', async (request) => {
    if (request.task.what === 'make') requireHeld(request, person);
    const reason = typed.trim();
    if (!reason) throw new Refusal('failure-unexplained');
    if (reason.length > reasonLimit)
      throw new Refusal('reason-too-long', { length: reason.length, limit: reasonLimit });
    const trouble = explain('task-failed', { who: person.name, reason });
    const moved = await move(work, request, 'fail', person, { trouble, task: null, progress: null });
    // Whether TeamMate has it is no longer known. Its names stay taken as long as the request can be tried again.
    if (moved?.reference && !isLocal(moved.kind)) await drop(work.trx, moved.tenantId, moved.kind, moved.reference);
    return moved;
  });
}

/** An operator saw in the portal that it is live. */
export function active(work: Work, person: Person, seen: Seen): Promise<Request> {
  return onTask(work, person, seen, 'activated', async (request) => {
    const moved = await move(work, request, 'activated', person, { trouble: null, progress: null, task: null });
    if (moved) await remember(work.trx, moved, true, work.now);
    return moved;
  });
}

/** The e-mail that was asked for was sent once more. */
export function sentAgain(work: Work, person: Person, seen: Seen): Promise<Request> {
  return onTask(work, person, seen, 'resent', async (request) => {
    const { resend, ...task } = request.task;
    if (!resend) return request;
    await note(work, request, 'resent', person, { task, trouble: null });
    return { ...request, task };
  });
}

/**
 * An id or invitation code of TeamMate that nothing else of the tenant has.
 * @throws Refusal that says what is wrong with it.
 */
export async function freeReference(work: Work, tenantId: string, typed: string, of?: string): Promise<string> {
  const reference = typed.trim();
  if (!reference) throw new Refusal('reference-missing');
  if (reference.length > referenceLimit || !/^[a-z0-9](-?[a-z0-9])*$/i.test(reference))
    throw new Refusal('reference-unfit', { limit: referenceLimit });
  // One at a time within a tenant, or two would find it free.
  await sql`select pg_advisory_xact_lock(hashtext(${`references ${tenantId}`}))`.execute(work.trx);
  const other = (await byReference(work.trx, reference)).find(
    (one) => one.tenantId === tenantId && one.id !== of && (open.includes(one.state) || one.state === 'active'),
  );
  if (other) throw new Refusal('reference-taken', { reference, other: shown(other.id) });
  return reference;
}

/**
 * Does something about a task, for an operator, if the card they clicked is how it still stands. The row is held
 * meanwhile, so of two clicks at once the second one finds what the first one did.
 * @throws Refusal that says why not.
 */
async function onTask(
  work: Work,
  person: Person,
  seen: Seen,
  wanted: Happening,
  does: (request: Tasked) => Promise<Request | undefined>,
): Promise<Request> {
  await requireRole(work.trx, person, work.now, 'operator');
  await load(work.trx, person.tenantId, seen.id);
  const request = (await locked(work.trx, seen.id)) as Request;
  if (request.version !== seen.version) return tooLate(work, person, request, wanted);
  if (!isTasked(request)) throw new Refusal('task-over');
  const done = await does(request);
  if (!done) throw new Refusal('state-moved', { state: stateName(request.state) });
  return done;
}

const isTasked = (request: Request): request is Tasked => atHand(request);

function requireHeld({ task }: Tasked, person: Person): void {
  if (!task.holder) throw new Refusal('task-untaken');
  if (task.holder.directoryId !== person.directoryId) throw heldBy(task);
}

const heldBy = ({ holder }: Task) =>
  holder ? new Refusal('task-held', { who: holder.name, when: holder.at }) : new Refusal('task-untaken');

/** Says who was faster. The same person's own repeat is no news to them, so it gets the request as it is. */
async function tooLate(work: Work, person: Person, request: Request, wanted: Happening): Promise<Request> {
  const last = await work.trx
    .selectFrom('events')
    .select(['what', 'actor_id', 'actor_name', 'at'])
    .where('request_id', '=', request.id)
    .where('what', 'in', [...past])
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (!last) throw new Refusal('state-moved', { state: stateName(request.state) });
  const same = last.what === wanted || (last.what === 'done' && wanted === 'created');
  if (same && last.actor_id === person.directoryId) return request;
  throw new Refusal('already-decided', {
    who: last.actor_name ?? say('work.bot'),
    what: say(`work.past.${last.what as (typeof past)[number]}`),
    when: last.at.toISOString(),
  });
}

/** What ends a task, or the part of it that a card was about. */
const past = ['created', 'done', 'fail', 'activated', 'expire', 'retry', 'void'] as const;
