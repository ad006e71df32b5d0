import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Trx } from '../db/open.ts';

/** One step of a request that changes something in the backend. */
export interface Call {
  /** The same for every attempt, so that a backend which honours idempotency keys can tell a repeat. */
  key: string;
  /** 1 for the first; more means that an earlier one may have taken effect without our learning of it. */
  attempts: number;
}

/** How many attempts at a step may have taken effect so far. */
export async function attemptsAt(db: Db, requestId: string, step: string): Promise<number> {
  const call = await db
    .selectFrom('calls')
    .select('attempts')
    .where('request_id', '=', requestId)
    .where('step', '=', step)
    .executeTakeFirst();
  return call?.attempts ?? 0;
}

/** Writes down that a call is about to be made. Committed before the call, so that a crash in between is known. */
export async function begin(db: Db, requestId: string, step: string, now: Date): Promise<Call> {
  return db
    .insertInto('calls')
    .values({ request_id: requestId, step, key: randomUUID(), attempts: 1, started_at: now })
    .onConflict((conflict) =>
      conflict.columns(['request_id', 'step']).doUpdateSet({ attempts: sql`calls.attempts + 1`, started_at: now }),
    )
    .returning(['key', 'attempts'])
    .executeTakeFirstOrThrow();
}

/** The call took effect and its result is stored with the request. */
export async function finish(trx: Trx, requestId: string, step: string): Promise<void> {
  await trx
    .updateTable('calls')
    .set({ done: true })
    .where('request_id', '=', requestId)
    .where('step', '=', step)
    .execute();
}

/** It took no effect, or what it made is gone from the backend: the next call is a new one, with a new key. */
export async function forgetCall(db: Db, requestId: string, step: string): Promise<void> {
  await db.deleteFrom('calls').where('request_id', '=', requestId).where('step', '=', step).execute();
}
