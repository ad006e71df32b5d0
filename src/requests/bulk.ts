import { type AnyOrder, entryOf, type Kind } from '../catalog/index.ts';
import type { Trx } from '../db/open.ts';
import { recordAll } from './audit.ts';
import { from, type Happening, type Move, open, to } from './lifecycle.ts';
import type { Request } from './request.ts';
import { type Actor, columns, type Patch, toRequest, type Work } from './store.ts';

/*
 * What store.ts does for one request, for all of a batch in a few statements: five hundred must go in while Teams waits for
 * the answer to a click. Their events are nobody's notice: the batch says it once.
 */

/** Puts the requests of a batch in, with their first events and their claims. */
export async function insertAll(
  work: Work,
  batch: { id: string; tenantId: string; kind: Kind; requester: NonNullable<Actor> },
  orders: readonly AnyOrder[],
): Promise<void> {
  const { trx, now } = work;
  const entry = entryOf(batch.kind);
  const rows = await trx
    .insertInto('requests')
    .values(
      orders.map((order) => ({
        tenant_id: batch.tenantId,
        requester_tenant_id: batch.tenantId,
        kind: batch.kind,
        operation: 'add',
        state: 'pending',
        content: JSON.stringify(order),
        name: entry.name(order),
        requester_id: batch.requester.directoryId,
        requester_name: batch.requester.name,
        batch_id: batch.id,
        since: now,
        created_at: now,
      })),
    )
    .returningAll()
    .execute();
  const requests = rows.map(toRequest);
  const claims = requests.flatMap((request) =>
    entry.claims(request.content).map(({ key }) => ({ tenant_id: batch.tenantId, key, request_id: request.id })),
  );
  if (claims.length > 0) await trx.insertInto('claims').values(claims).execute();
  await tellAll(work, requests, 'submitted', batch.requester, { batch: batch.id });
}

/** Makes a move with all requests of a batch that can make it. Resolves to those that did. */
export async function moveAll(
  work: Work,
  batch: { id: string; tenantId: string },
  how: Move,
  actor: Actor,
  patch: Patch = {},
): Promise<Request[]> {
  const { trx, now } = work;
  const rows = await trx
    .updateTable('requests')
    .set((set) => ({
      ...columns(patch, now),
      state: to(how),
      version: set('version', '+', 1),
      since: now,
      reminded_at: null,
    }))
    .where('batch_id', '=', batch.id)
    .where('tenant_id', '=', batch.tenantId)
    .where('state', 'in', [...from(how)])
    .returningAll()
    .execute();
  const moved = rows.map(toRequest).sort((a, b) => Number(BigInt(a.id) - BigInt(b.id)));
  if (!open.includes(to(how))) await releaseAll(trx, moved);
  const { reason } = patch;
  await tellAll(work, moved, how, actor, { batch: batch.id, ...(reason && { reason }) });
  return moved;
}

/** Writes the events; only of those that somebody looks at by themselves is there a card to bring up to date. */
async function tellAll(work: Work, requests: readonly Request[], what: Happening, actor: Actor, detail: object) {
  const { trx, jobs, now } = work;
  const [first] = requests;
  if (!first) return;
  await recordAll(
    trx,
    first.tenantId,
    requests.map((request) => ({
      tenantId: request.tenantId,
      requestId: request.id,
      at: now,
      actorId: actor?.directoryId ?? null,
      actorName: actor?.name ?? null,
      what,
      detail,
    })),
  );
  const looked = await trx
    .selectFrom('cards')
    .select('request_id')
    .distinct()
    .where('request_id', 'in', ids(requests))
    .execute();
  for (const { request_id } of looked) if (request_id) await jobs.send(trx, 'announce', { requestId: request_id });
}

const ids = (requests: readonly Request[]) => requests.map(({ id }) => id);

async function releaseAll(trx: Trx, requests: readonly Request[]): Promise<void> {
  if (requests.length > 0) await trx.deleteFrom('claims').where('request_id', 'in', ids(requests)).execute();
}
