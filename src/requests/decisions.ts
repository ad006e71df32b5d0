import { entryOf } from '../catalog/index.ts';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import type { Person } from '../people/person.ts';
import { requireRole, rolesOf, staleRole } from '../people/roles.ts';
import { awaitPeople, holdBatch } from './batch.ts';
import type { Happening } from './lifecycle.ts';
import { stateName } from './lifecycle.ts';
import { voidIfOvertaken } from './overtaken.ts';
import { canResend, isRequester, type Request, waitingFor } from './request.ts';
import { claim, held, load, loadFor, move, note, oneAtATime, type Work } from './store.ts';

/** The longest reason for a rejection, in characters: it has to fit a card beside everything else. */
export const reasonLimit = 500;

/** Which request a button is about, and which version of it the reader saw. */
export interface Seen {
  id: string;
  version: number;
}

/**
 * Approves, or ends a change that was overtaken. Never one's own request, never without the role, and once: @throws Refusal
 * that says which it was. `given`: what came with the click, for the kinds that need an input of the approver's.
 */
export async function approve(
  work: Work,
  person: Person,
  seen: Seen,
  given: Record<string, unknown> = {},
): Promise<Request> {
  const request = await toDecide(work, person, seen);
  const ended = await voidIfOvertaken(work, request);
  if (ended) return ended;
  const entered = await enteredFor(work, request, given);
  const moved = await move(work, request, 'approve', person, {
    decision: person,
    ...(entered && { entered: entered.text }),
  });
  if (!moved) return tooLate(work, person, seen, 'approve');
  if (entered?.key) await claim(work.trx, moved, [entered.key]);
  await work.jobs.send(work.trx, 'provision', { requestId: moved.id });
  return moved;
}

/**
 * What the approver had to enter, and the claim on it; nothing for what needs none, or is decided already.
 * @throws Refusal `approval-wrong`
 */
async function enteredFor({ trx }: Work, request: Request, given: Record<string, unknown>) {
  const { approval } = entryOf(request.kind);
  if (!approval || request.state !== 'pending') return undefined;
  const text = enteredIn(given[approval.field]);
  const refuse = (problem: string) => new Refusal('approval-wrong', { problem });
  const problem = approval.check(text);
  if (problem) throw refuse(problem);
  const wanted = approval.claim?.(text);
  if (!wanted) return { text };
  await oneAtATime(trx, request.tenantId);
  // While it was waited for, somebody may have decided: then what is taken is taken by this very request.
  if ((await load(trx, request.tenantId, request.id)).state !== 'pending') return undefined;
  if ((await held(trx, request.tenantId, [wanted.key])).length > 0) throw refuse(wanted.taken);
  return { text, key: wanted.key };
}

/** A client may send digits as a number. */
export const enteredIn = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim().slice(0, 4000) : '';

/** Rejects, with a reason the requester is told. @throws Refusal as `approve`, or that the reason is missing. */
export async function reject(work: Work, person: Person, seen: Seen, reason: string): Promise<Request> {
  const request = await toDecide(work, person, seen);
  const text = reason.trim();
  if (request.state === 'pending' && !text) throw new Refusal('reason-missing');
  if (text.length > reasonLimit) throw new Refusal('reason-too-long', { length: text.length, limit: reasonLimit });
  const moved = await move(work, request, 'reject', person, { decision: person, reason: text });
  return moved ?? tooLate(work, person, seen, 'reject');
}

/** Takes a request back: by who made it, while it is pending or after it failed. */
export async function withdraw(work: Work, person: Person, seen: Seen): Promise<Request> {
  const request = await loadFor(work.trx, person, seen.id);
  if (!isRequester(request, person)) throw new Refusal('not-yours', { requester: request.requester.name });
  // What was in its way no longer matters to anybody.
  const moved = await move(work, { ...request, version: seen.version }, 'withdraw', person, { trouble: null });
  return moved ?? tooLate(work, person, seen, 'withdraw');
}

/** Has a failed request tried again: by who made it or an approver. What was approved is unchanged, so it still holds. */
export async function retry(work: Work, person: Person, seen: Seen): Promise<Request> {
  const request = await ownOrApprover(work, person, seen.id);
  const moved = await move(work, { ...request, version: seen.version }, 'retry', person, { trouble: null, task: null });
  if (!moved) return tooLate(work, person, seen, 'retry');
  await work.jobs.send(work.trx, 'provision', { requestId: moved.id });
  return moved;
}

/** Has a check done again: by who made the request. */
export async function checkAgain(work: Work, person: Person, seen: Seen): Promise<Request> {
  const request = await toMend(work, person, seen);
  const moved = await move(work, request, 'check', person, { trouble: null, progress: null });
  if (!moved) return tooLate(work, person, seen, 'check');
  await work.jobs.send(work.trx, 'check', { requestId: moved.id });
  return moved;
}

/** Puts a request before the approvers in spite of what its check found, which they see: by who made it. */
export async function insist(work: Work, person: Person, seen: Seen): Promise<Request> {
  const request = await toMend(work, person, seen);
  await holdBatch(work.trx, request);
  const moved = await move(work, request, 'insist', person, { trouble: null });
  if (!moved) return tooLate(work, person, seen, 'insist');
  await awaitPeople(work, moved);
  return moved;
}

async function toMend(work: Work, person: Person, seen: Seen): Promise<Request> {
  const request = await load(work.trx, person.tenantId, seen.id);
  if (request.requester.directoryId !== person.directoryId)
    throw new Refusal('not-yours', { requester: request.requester.name });
  return { ...request, version: seen.version };
}

/** Asks for the activation e-mail once more, at most every `intervalMs`. */
export async function askResend(work: Work, person: Person, seen: Seen, intervalMs: number): Promise<Request> {
  // Locks the row, so that of two clicks at once the second one sees the first.
  await work.trx.selectFrom('requests').select('id').where('id', '=', seen.id).forUpdate().execute();
  const request = await ownOrApprover(work, person, seen.id);
  if (request.state !== 'waiting') throw new Refusal('state-moved', { state: stateName(request.state) });
  if (!canResend(request))
    throw new Refusal('nothing-to-resend', { who: waitingFor(request) ?? say('work.waiting-for.nobody') });
  const next = (request.resentAt?.getTime() ?? 0) + intervalMs;
  if (work.now.getTime() < next) throw new Refusal('recently-sent', { when: new Date(next).toISOString() });
  await note(work, request, 'resend-asked', person, { resentAt: work.now });
  await work.jobs.send(work.trx, 'resend', { requestId: request.id });
  return { ...request, resentAt: work.now };
}

async function toDecide(work: Work, person: Person, seen: Seen): Promise<Request> {
  const request = await load(work.trx, person.tenantId, seen.id);
  if (isRequester(request, person)) throw new Refusal('own-request');
  await requireRole(work.trx, person, work.now, 'approver');
  return { ...request, version: seen.version };
}

async function ownOrApprover(work: Work, person: Person, id: string): Promise<Request> {
  const request = await loadFor(work.trx, person, id);
  if (isRequester(request, person)) return request;
  // Whoever did not make it is of its tenant, so the role counts there.
  const has = await rolesOf(work.trx, person, work.now);
  if (!has.has('approver'))
    throw (
      (await staleRole(work.trx, person, work.now, ['approver'])) ??
      new Refusal('not-yours', { requester: request.requester.name })
    );
  return request;
}

/**
 * Nothing was changed: says who was faster. The same person's own repeat (a double click, or Teams delivering twice) is
 * no news to them, so it gets the request as it is.
 */
async function tooLate(work: Work, person: Person, seen: Seen, wanted: Happening): Promise<Request> {
  const request = await loadFor(work.trx, person, seen.id);
  const last = await work.trx
    .selectFrom('events')
    .select(['what', 'actor_id', 'actor_name', 'at'])
    .where('request_id', '=', request.id)
    .where('what', 'in', [...past])
    .orderBy('id', 'desc')
    .executeTakeFirst();
  if (last && last.actor_id === person.directoryId && last.what === wanted) return request;
  if (!last) throw new Refusal('state-moved', { state: stateName(request.state) });
  throw new Refusal('already-decided', {
    who: last.actor_name ?? say('work.bot'),
    what: say(`work.past.${last.what as (typeof past)[number]}`),
    when: last.at.toISOString(),
  });
}

/** What decides on a request. */
const past = ['approve', 'reject', 'withdraw', 'retry', 'expire', 'check', 'insist'] as const;
