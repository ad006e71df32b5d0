import type { ExpressionBuilder, Selectable } from 'kysely';
import type { Kind } from '../catalog/index.ts';
import type { Db, Trx } from '../db/open.ts';
import type { Tables } from '../db/schema.ts';
import { Refusal } from '../errors.ts';
import { open } from './lifecycle.ts';
import type { Request } from './request.ts';
import { toRequest, type Work } from './store.ts';

/** What became of the whole; how each of its requests stands says the request itself. */
export type BatchState = 'pending' | 'approved' | 'rejected' | 'withdrawn' | 'expired';

/** Several requests that are decided on together. From then on each goes its own way. */
export interface Batch {
  id: string;
  tenantId: string;
  kind: Kind;
  state: BatchState;
  /** Grows with every decision on the whole. */
  version: number;
  requester: Request['requester'];
  /** By whom as a whole: nobody when it ended by itself, or by what became of each. */
  decision?: { by: string; name: string; at: Date; reason?: string };
  /** In the order of the list. */
  requests: Request[];
  /** As many as were asked for: those that were not ready when the rest was decided on go their own way. */
  size: number;
  since: Date;
  remindedAt?: Date;
  createdAt: Date;
}

/** How far a batch has come, in requests. */
export interface Tally {
  /** Tried out, before an approver is asked. */
  checking: number;
  /** Their requester has to mend what the check found. */
  mending: number;
  pending: number;
  working: number;
  waiting: number;
  active: number;
  failed: number;
  /** Rejected, withdrawn, expired, void. */
  over: number;
}

const stageOf: Record<Request['state'], keyof Tally> = {
  checking: 'checking',
  unready: 'mending',
  pending: 'pending',
  approved: 'working',
  provisioning: 'working',
  waiting: 'waiting',
  active: 'active',
  failed: 'failed',
  rejected: 'over',
  withdrawn: 'over',
  expired: 'over',
  void: 'over',
};

export function tally(requests: readonly Request[]): Tally {
  const counts: Tally = { checking: 0, mending: 0, pending: 0, working: 0, waiting: 0, active: 0, failed: 0, over: 0 };
  for (const { state } of requests) counts[stageOf[state]] += 1;
  return counts;
}

/** Whether an approver is waited for: not before the checks are over, and not while there is nothing to decide on. */
export const asksApprover = ({ state }: Pick<Batch, 'state'>, { checking, pending }: Tally): boolean =>
  state === 'pending' && checking === 0 && pending > 0;

/**
 * Holds the batch of a request about to come before the approvers until the transaction ends, so that nobody decides on the
 * whole meanwhile. Always before the request itself is touched, as whoever decides on the whole does.
 */
export async function holdBatch(trx: Trx, { batchId }: Pick<Request, 'batchId'>): Promise<void> {
  if (batchId !== undefined)
    await trx.selectFrom('batches').select('id').where('id', '=', batchId).forUpdate().execute();
}

/**
 * A request has come before the approvers, or its requester is to mend it: they are reminded. Of what is pending in a batch
 * the batch does that, and an approval of the batch as it was before does not hold for it.
 */
export async function awaitPeople({ trx, jobs, now }: Work, { id, batchId, state }: Request): Promise<void> {
  if (state === 'unready' || (state === 'pending' && batchId === undefined))
    await jobs.send(trx, 'follow', { requestId: id, again: state });
  if (state === 'pending' && batchId !== undefined)
    await trx
      .updateTable('batches')
      .set((set) => ({ version: set('version', '+', 1), since: now, reminded_at: null }))
      .where('id', '=', batchId)
      .execute();
}

/** @throws Refusal `batch-unknown` for an id of another tenant as for one that does not exist. */
export async function loadBatch(db: Db | Trx, tenantId: string, id: string): Promise<Batch> {
  const batch = await loadAnyBatch(db, id);
  if (batch?.tenantId !== tenantId) throw new Refusal('batch-unknown', { id });
  return batch;
}

/** For the bot's own work, which is told an id by its own job and not by a person. */
export async function loadAnyBatch(db: Db | Trx, id: string): Promise<Batch | undefined> {
  const row = await db
    .selectFrom('batches')
    .selectAll()
    .where('id', '=', id)
    .where('state', '!=', 'preview')
    .executeTakeFirst();
  return row && withRequests(db, row);
}

/**
 * The batches on which somebody is still expected to do something, oldest first; of one person, or of the whole tenant;
 * `pending`: only those that wait for an approver.
 */
export async function openBatches(
  db: Db | Trx,
  tenantId: string,
  { requesterId, pending, limit }: { requesterId?: string; pending?: true; limit: number },
): Promise<Batch[]> {
  let query = db
    .selectFrom('batches')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('state', 'in', pending ? ['pending'] : ['pending', 'approved'])
    .where((where) =>
      where.exists(
        where
          .selectFrom('requests')
          .select('requests.id')
          .whereRef('requests.batch_id', '=', 'batches.id')
          .where('requests.state', 'in', [...open]),
      ),
    );
  if (pending)
    query = query.where((where) =>
      where.and([where.exists(inState(where, 'pending')), where.not(where.exists(inState(where, 'checking')))]),
    );
  if (requesterId) query = query.where('requester_id', '=', requesterId);
  const rows = await query.orderBy('id').limit(limit).execute();
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const requests = await db.selectFrom('requests').selectAll().where('batch_id', 'in', ids).orderBy('id').execute();
  const of = Map.groupBy(requests.map(toRequest), ({ batchId }) => batchId);
  return rows.map((row) => toBatch(row, of.get(row.id) ?? []));
}

const inState = (where: ExpressionBuilder<Tables, 'batches'>, state: Request['state']) =>
  where
    .selectFrom('requests')
    .select('requests.id')
    .whereRef('requests.batch_id', '=', 'batches.id')
    .where('requests.state', '=', state);

async function withRequests(db: Db | Trx, row: Selectable<Tables['batches']>): Promise<Batch> {
  const requests = await db.selectFrom('requests').selectAll().where('batch_id', '=', row.id).orderBy('id').execute();
  return toBatch(row, requests.map(toRequest));
}

function toBatch(row: Selectable<Tables['batches']>, requests: Request[]): Batch {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    kind: row.kind,
    state: row.state as BatchState,
    version: row.version,
    requester: { tenantId: row.tenant_id, directoryId: row.requester_id, name: row.requester_name },
    ...(row.decided_by !== null &&
      row.decided_at && {
        decision: {
          by: row.decided_by,
          name: row.decided_by_name ?? row.decided_by,
          at: row.decided_at,
          ...(row.reason !== null && { reason: row.reason }),
        },
      }),
    requests,
    size: row.size,
    since: row.since,
    ...(row.reminded_at && { remindedAt: row.reminded_at }),
    createdAt: row.created_at,
  };
}
