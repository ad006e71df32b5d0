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

/** Whether a step's call took effect. */
export async function isDone(db: Db, requestId: string, step: string): Promise<boolean> {
  const call = await db
    .selectFrom('calls')
    .select('done')
    .where('request_id', '=', requestId)
    .where('step', '=', step)
    .executeTakeFirst();
  return call?.done ?? false;
}

/** Whether nobody has had a turn at something since a moment; `takeTurn` decides. */
export async function isDue(db: Db, requestId: string, step: string, since: Date): Promise<boolean> {
  const call = await db
    .selectFrom('calls')
    .select('started_at')
    .where('request_id', '=', requestId)
    .where('step', '=', step)
    .executeTakeFirst();
  return !call || call.started_at <= since;
}

/**
 * Takes the turn at something that is done again and again, such as a mail a day: one statement, so that of several nodes
 * one gets it. Undefined for who comes too late: somebody has had a turn since the moment given.
 */
export async function takeTurn(
  db: Db | Trx,
  requestId: string,
  step: string,
  { now, since }: { now: Date; since: Date },
): Promise<Call | undefined> {
  return db
    .insertInto('calls')
    .values({ request_id: requestId, step, key: randomUUID(), attempts: 1, started_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['request_id', 'step'])
        .doUpdateSet({ attempts: sql`calls.attempts + 1`, started_at: now, done: false })
        .where('calls.started_at', '<=', since),
    )
    .returning(['key', 'attempts'])
    .executeTakeFirst();
}
