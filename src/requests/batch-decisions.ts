import { Refusal } from '../errors.ts';
import type { Person } from '../people/person.ts';
import { requireRole, rolesOf, staleRole } from '../people/roles.ts';
import { asksApprover, type Batch, type BatchState, loadBatch, tally } from './batch.ts';
import { letGo, moveAll } from './bulk.ts';
import { reasonLimit, type Seen } from './decisions.ts';
import { stateName } from './lifecycle.ts';
import type { Request } from './request.ts';
import type { Work } from './store.ts';

/** Approves all that is pending of a batch. Never one's own, never without the role, and once: @throws Refusal. */
export async function approveBatch(work: Work, person: Person, seen: Seen): Promise<Batch> {
  const batch = await toDecide(work, person, seen.id);
  if (!(await settle(work, batch, seen, 'approved', person))) return tooLate(work, batch, person, 'approved');
  await provisionAll(work, await moveAll(work, batch, 'approve', person, { decision: person }));
  return loadBatch(work.trx, person.tenantId, batch.id);
}

/** Rejects all that is pending of a batch, with a reason the requester is told. */
export async function rejectBatch(work: Work, person: Person, seen: Seen, reason: string): Promise<Batch> {
  const batch = await toDecide(work, person, seen.id);
  const text = reason.trim();
  if (batch.state === 'pending' && !text) throw new Refusal('reason-missing');
  if (text.length > reasonLimit) throw new Refusal('reason-too-long', { length: text.length, limit: reasonLimit });
  if (!(await settle(work, batch, seen, 'rejected', person, text))) return tooLate(work, batch, person, 'rejected');
  await moveAll(work, batch, 'reject', person, { decision: person, reason: text });
  return loadBatch(work.trx, person.tenantId, batch.id);
}

/** Takes a pending batch back: by who asked for it. */
export async function withdrawBatch(work: Work, person: Person, seen: Seen): Promise<Batch> {
  const batch = await loadBatch(work.trx, person.tenantId, seen.id);
  if (batch.requester.directoryId !== person.directoryId)
    throw new Refusal('not-yours', { requester: batch.requester.name });
  if (!(await settle(work, batch, seen, 'withdrawn', person))) return tooLate(work, batch, person, 'withdrawn');
  await moveAll(work, batch, 'withdraw', person);
  return loadBatch(work.trx, person.tenantId, batch.id);
}

/** Has what failed of a batch tried again, and nothing else of it: by who asked for it or an approver. */
export async function retryBatch(work: Work, person: Person, id: string): Promise<Batch> {
  const batch = await loadBatch(work.trx, person.tenantId, id);
  if (
    batch.requester.directoryId !== person.directoryId &&
    !(await rolesOf(work.trx, person, work.now)).has('approver')
  )
    throw (
      (await staleRole(work.trx, person, work.now, ['approver'])) ??
      new Refusal('not-yours', { requester: batch.requester.name })
    );
  const again = await moveAll(work, batch, 'retry', person, { trouble: null });
  if (again.length === 0) return batch;
  await work.trx
    .updateTable('batches')
    .set((set) => ({ version: set('version', '+', 1) }))
    .where('id', '=', id)
    .execute();
  await provisionAll(work, again);
  await work.jobs.send(work.trx, 'batch', { batchId: id });
  return loadBatch(work.trx, person.tenantId, id);
}

/** Ends a batch on which nobody decided in time. */
export async function expireBatch(work: Work, batch: Batch): Promise<void> {
  if (await settle(work, batch, batch, 'expired')) await moveAll(work, batch, 'expire', undefined, { trouble: null });
}

/** Nothing of it is pending any more, because each was decided on by itself: then so is the whole. */
export async function conclude(work: Work, batch: Batch): Promise<void> {
  const { checking, mending, pending, over } = tally(batch.requests);
  if (batch.state !== 'pending' || checking + mending + pending > 0) return;
  await settle(work, batch, batch, over === batch.requests.length ? 'withdrawn' : 'approved');
}

async function toDecide(work: Work, person: Person, id: string): Promise<Batch> {
  const batch = await loadBatch(work.trx, person.tenantId, id);
  if (batch.requester.directoryId === person.directoryId) throw new Refusal('own-request');
  await requireRole(work.trx, person, work.now, 'approver');
  // Decided on already is another matter, and told by who did.
  if (batch.state === 'pending' && !asksApprover(batch, tally(batch.requests))) throw new Refusal('batch-unready');
  return batch;
}

/** Decides on the whole, by one conditional UPDATE. Resolves to whether nobody was faster. */
async function settle(
  work: Work,
  { id, tenantId }: Batch,
  { version }: { version: number },
  state: BatchState,
  person?: Person,
  reason?: string,
): Promise<boolean> {
  const { trx, jobs, now } = work;
  const { numUpdatedRows } = await trx
    .updateTable('batches')
    .set((set) => ({
      state,
      version: set('version', '+', 1),
      since: now,
      decided_at: person ? now : null,
      decided_by: person?.directoryId ?? null,
      decided_by_name: person?.name ?? null,
      reason: reason ?? null,
    }))
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .where('state', '=', 'pending')
    .where('version', '=', version)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  if (state !== 'withdrawn') await letGo(work, { id, tenantId });
  await jobs.send(trx, 'batch', { batchId: id });
  return true;
}

async function provisionAll({ trx, jobs }: Work, requests: readonly Request[]): Promise<void> {
  for (const { id } of requests) await jobs.send(trx, 'provision', { requestId: id });
}

/** Nothing was changed: says who was faster. One's own repeat is no news, so it gets the batch as it is. */
async function tooLate({ trx }: Work, { id }: Batch, person: Person, wanted: BatchState): Promise<Batch> {
  const batch = await loadBatch(trx, person.tenantId, id);
  const { decision, state } = batch;
  if (state === wanted && decision?.by === person.directoryId) return batch;
  // Nobody decided: one that was to be mended has joined the others.
  if (state === 'pending') throw new Refusal('batch-moved');
  if (!decision) throw new Refusal('state-moved', { state: stateName(state) });
  throw new Refusal('already-decided', { who: decision.name, what: stateName(state), when: decision.at.toISOString() });
}
