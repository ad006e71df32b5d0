import { sql } from 'kysely';
import type { Work } from '../requests/store.ts';

/** What a limit a minute counts in. Milliseconds. */
const window = 60_000;

/**
 * When a tenant's next check may begin: now, and then it counts as begun; or later, when as many as are allowed a minute
 * have begun already. Counted in the database, so that several nodes share one limit.
 */
export async function turnAt({ trx, now }: Work, tenantId: string, mostPerMinute: number): Promise<Date> {
  // One at a time within a tenant, or two would both be the last one allowed.
  await sql`select pg_advisory_xact_lock(hashtext(${`checks ${tenantId}`}))`.execute(trx);
  const since = new Date(now.getTime() - window);
  await trx.deleteFrom('checks').where('tenant_id', '=', tenantId).where('at', '<=', since).execute();
  const begun = await trx
    .selectFrom('checks')
    .select('at')
    .where('tenant_id', '=', tenantId)
    .orderBy('at', 'desc')
    .limit(mostPerMinute)
    .execute();
  const oldest = begun.length < mostPerMinute ? undefined : begun.at(-1);
  if (oldest) return new Date(oldest.at.getTime() + window);
  await trx.insertInto('checks').values({ tenant_id: tenantId, at: now }).execute();
  return now;
}
