import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db, Trx } from '../db/open.ts';
import type { Happening } from './lifecycle.ts';

/** What is written down of everything that happens to a request. Nobody's id when the bot did it by itself. */
export interface AuditEvent {
  tenantId: string;
  requestId: string;
  at: Date;
  actorId: string | null;
  actorName: string | null;
  what: Happening;
  detail: object;
}

/**
 * Adds an event to its tenant's chain: its hash covers all it says and the hash before it, so that nothing can be changed,
 * left out or put in between without breaking every hash after it. What a chain alone cannot show is that its very end was
 * cut off; for that, keep the last hash elsewhere (`audit verify` tells it).
 */
export const record = (trx: Trx, event: AuditEvent): Promise<void> => recordAll(trx, event.tenantId, [event]);

/** Adds several events of one tenant, in their order, as `record` would one by one. */
export async function recordAll(trx: Trx, tenantId: string, events: readonly AuditEvent[]): Promise<void> {
  if (events.length === 0) return;
  // One at a time within a tenant, or two events would follow the same one.
  await sql`select pg_advisory_xact_lock(hashtext(${`events ${tenantId}`}))`.execute(trx);
  const last = await trx
    .selectFrom('events')
    .select('hash')
    .where('tenant_id', '=', tenantId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  let before = last?.hash ?? '';
  const rows = events.map((event) => {
    before = hashOf(before, event);
    return {
      tenant_id: tenantId,
      request_id: event.requestId,
      at: event.at,
      actor_id: event.actorId,
      actor_name: event.actorName,
      what: event.what,
      detail: JSON.stringify(event.detail),
      hash: before,
    };
  });
  await trx.insertInto('events').values(rows).execute();
}

/** What happened to a request, in order. At most `limit`, the latest. */
export async function trail(db: Db | Trx, tenantId: string, requestId: string, limit: number): Promise<AuditEvent[]> {
  const rows = await db
    .selectFrom('events')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('request_id', '=', requestId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toEvent).reverse();
}

/** Whether a tenant's events are as they were written: how many, and the last hash; or the request of the first that is not. */
export type Verdict = { whole: true; count: number; last: string } | { whole: false; requestId: string; at: Date };

/** Follows a tenant's chain from its beginning, a thousand events at a time. */
export async function verify(db: Db | Trx, tenantId: string): Promise<Verdict> {
  let [count, last, after] = [0, '', '0'];
  for (;;) {
    const rows = await db
      .selectFrom('events')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(1000)
      .execute();
    for (const row of rows) {
      if (row.hash !== hashOf(last, toEvent(row))) return { whole: false, requestId: row.request_id, at: row.at };
      last = row.hash;
      after = row.id;
      count += 1;
    }
    if (rows.length < 1000) return { whole: true, count, last };
  }
}

function hashOf(before: string, event: AuditEvent): string {
  const { tenantId, requestId, at, actorId, actorName, what, detail } = event;
  const said = [before, tenantId, requestId, at.toISOString(), actorId, actorName, what, canonical(detail)];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

/** The same value whatever the order of its keys: jsonb keeps them in an order of its own. Undefined is left out, as there. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => [key, canonical(part)]);
}

const toEvent = (row: {
  tenant_id: string;
  request_id: string;
  at: Date;
  actor_id: string | null;
  actor_name: string | null;
  what: string;
  detail: object;
}): AuditEvent => ({
  tenantId: row.tenant_id,
  requestId: row.request_id,
  at: row.at,
  actorId: row.actor_id,
  actorName: row.actor_name,
  what: row.what as Happening,
  detail: row.detail,
});
