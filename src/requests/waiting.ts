import { sql } from 'kysely';
import type { Db, Trx } from '../db/open.ts';
import type { Person } from '../people/person.ts';
import { openBatches } from './batch.ts';

/** How much waits for one person, by what they would have to do; what their roles let them do is not asked here. */
export interface Waiting {
  /** Requests and batches of others that an approver has to decide on. */
  toDecide: number;
  /** Their own requests whose check found something. */
  toMend: number;
  /** Their own requests that failed. */
  failed: number;
  /** Tasks that no operator has taken. */
  toTake: number;
  /** Tasks that they have taken. */
  toFinish: number;
}

/** A batch counts as one; nobody counts more of them than this. */
const mostBatches = 100;

export async function waitingOn(db: Db | Trx, person: Pick<Person, 'tenantId' | 'directoryId'>): Promise<Waiting> {
  const { tenantId, directoryId } = person;
  const mine = sql<boolean>`requester_tenant_id = ${tenantId} and requester_id = ${directoryId}`;
  const task = sql<boolean>`task is not null and state in ('provisioning', 'waiting')`;
  const counted = (where: ReturnType<typeof sql<boolean>>) => sql<string>`count(*) filter (where ${where})`;
  const row = await db
    .selectFrom('requests')
    .select([
      counted(sql`state = 'pending' and batch_id is null and not (${mine})`).as('toDecide'),
      counted(sql`state = 'unready' and ${mine}`).as('toMend'),
      counted(sql`state = 'failed' and ${mine}`).as('failed'),
      counted(sql`${task} and task -> 'holder' is null`).as('toTake'),
      counted(sql`${task} and task -> 'holder' ->> 'directoryId' = ${directoryId}`).as('toFinish'),
    ])
    .where('tenant_id', '=', tenantId)
    .where('state', 'in', ['pending', 'unready', 'failed', 'provisioning', 'waiting'])
    .executeTakeFirstOrThrow();
  const batches = await openBatches(db, tenantId, { pending: true, limit: mostBatches });
  return {
    toDecide: Number(row.toDecide) + batches.filter(({ requester }) => requester.directoryId !== directoryId).length,
    toMend: Number(row.toMend),
    failed: Number(row.failed),
    toTake: Number(row.toTake),
    toFinish: Number(row.toFinish),
  };
}
