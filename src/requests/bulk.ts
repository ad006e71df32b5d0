import { type AnyOrder, entryOf, type Kind } from '../catalog/index.ts';
import type { Trx } from '../db/open.ts';
import { recordAll } from './audit.ts';
import { from, type Happening, type Move, open, to } from './lifecycle.ts';
import type { Request } from './request.ts';
import { apart, keepNewSecrets } from './secrets.ts';
import { type Actor, columns, type Patch, toRequest, type Work } from './store.ts';

/*
 * What store.ts does for one request, for all of a batch in a few statements: five hundred must go in while Teams waits for
 * the answer to a click. Their events are nobody's notice: the batch says it once.
 */

/**
 * Puts the requests of a batch in, with their first events, their claims and their secrets; what is checked before an
 * approver is asked begins with that.
 */
export async function insertAll(
  work: Work,
  batch: { id: string; tenantId: string; kind: Kind; requester: NonNullable<Actor> },
  orders: readonly AnyOrder[],
): Promise<void> {
  const { trx, now } = work;
  const entry = entryOf(batch.kind);
  const parts = orders.map((order) => apart(batch.kind, order));
  const rows = await trx
    .insertInto('requests')
    .values(
      parts.map(({ open: order }) => ({
        tenant_id: batch.tenantId,
        requester_tenant_id: batch.tenantId,
        kind: batch.kind,
        operation: 'add',
        state: entry.checked ? 'checking' : 'pending',
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
  // Ids are given in the order of the list.
  const requests = rows.map(toRequest).sort(byId);
  const claims = requests.flatMap((request) =>
    entry.claims(request.content).map(({ key }) => ({ tenant_id: batch.tenantId, key, request_id: request.id })),
  );
  if (claims.length > 0) await trx.insertInto('claims').values(claims).execute();
  const sealed = requests.map(({ id }, at) => ({ owner: { requestId: id }, secrets: parts[at]?.secrets ?? {} }));
  if (work.keys) await keepNewSecrets(trx, work.keys, batch.tenantId, sealed);
  if (entry.checked) for (const { id } of requests) await work.jobs.send(trx, 'check', { requestId: id });
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
  const moved = rows.map(toRequest).sort(byId);
  if (!open.includes(to(how))) await releaseAll(trx, moved);
  const { reason } = patch;
  await tellAll(work, moved, how, actor, { batch: batch.id, ...(reason && { reason }) });
  return moved;
}

/**
 * Lets those of a batch go their own way that are not before the approvers when it is decided on: what is still checked, or
 * to be mended. From then on they are requests like any other.
 */
export async function letGo({ trx, jobs }: Work, batch: { id: string; tenantId: string }): Promise<void> {
  const rows = await trx
    .updateTable('requests')
    .set((set) => ({ batch_id: null, revision: set('revision', '+', 1) }))
    .where('batch_id', '=', batch.id)
    .where('tenant_id', '=', batch.tenantId)
    .where('state', 'in', ['checking', 'unready'])
    .returning('id')
    .execute();
  for (const { id } of rows) await jobs.send(trx, 'announce', { requestId: id });
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

const byId = (a: Request, b: Request) => Number(BigInt(a.id) - BigInt(b.id));

const ids = (requests: readonly Request[]) => requests.map(({ id }) => id);

async function releaseAll(trx: Trx, requests: readonly Request[]): Promise<void> {
  if (requests.length === 0) return;
  await trx.deleteFrom('claims').where('request_id', 'in', ids(requests)).execute();
  await trx.deleteFrom('secrets').where('request_id', 'in', ids(requests)).execute();
}
