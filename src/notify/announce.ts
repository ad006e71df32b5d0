import { entryOf } from '../catalog/index.ts';
import type { Jobs } from '../db/jobs.ts';
import type { Db, Trx } from '../db/open.ts';
import { asReadIn } from '../people/conversations.ts';
import type { Happening } from '../requests/lifecycle.ts';
import type { Request } from '../requests/request.ts';
import { loadAny } from '../requests/store.ts';
import { atHand } from '../requests/task.ts';
import type { Outbox, Place } from '../teams/outbox.ts';
import { messageCard } from '../views/message.ts';
import { tellBatch, worthSaying } from './batches.ts';
import { type Event, noticeOf, welcomeOf } from './notices.ts';
import { type Places, placesOf } from './places.ts';

/**
 * Turns a request's new events into posts: the live cards are brought up to date, a pending one is put before the
 * approvers, and whoever should hear of it does. One transaction: the events are marked announced with the posts queued.
 */
export async function announce(
  { db, outbox, jobs, clock }: { db: Db; outbox: Outbox; jobs: Jobs; clock: () => Date },
  requestId: string,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const request = await loadAny(trx, requestId);
    if (!request) return;
    const events = await newEvents(trx, requestId);
    const places = await listeners(trx, request);

    const { batchId } = request;
    if (batchId !== undefined) await tellBatch(trx, jobs, batchId, clock());
    else if (request.state === 'pending' && places.approvals)
      await askApprovers(trx, outbox, request, places.approvals);
    if (places.tasks && atHand(request)) await askOperators(trx, outbox, request, places.tasks);
    for (const event of events) {
      if (batchId !== undefined && !(await worthSaying(trx, batchId, event))) continue;
      if (event.what === 'withdraw' && !(await wasAskedFor(trx, request))) continue;
      const told = new Set<string>();
      for (const make of [noticeOf, welcomeOf])
        for (const listener of make(event, request)?.to ?? []) {
          const place = places[listener];
          // The approval card itself says it, in the channel where it is.
          const asks = ['submitted', 'passed', 'insist'].includes(event.what);
          if (!place || (asks && place.conversationId === places.approvals?.conversationId)) continue;
          // One channel may have several purposes.
          const once = `${make.name} ${place.conversationId}`;
          const notice = told.has(once) ? undefined : await asReadIn(trx, place, () => make(event, request));
          if (!notice) continue;
          told.add(once);
          const { message, summary } = notice;
          await outbox.post(trx, place, `notice:${event.id}:${listener}`, messageCard(message), summary);
        }
    }
    const last = events.at(-1);
    // Progress is shown without an event.
    await outbox.refresh(trx, `event:${last?.id ?? ''}:${await revisionOf(trx, requestId)}`, requestId);
    if (!last) return;
    await trx
      .updateTable('events')
      .set({ announced: true })
      .where('request_id', '=', requestId)
      .where('announced', '=', false)
      .where('id', '<=', last.id)
      .execute();
  });
}

const revisionOf = async (trx: Trx, requestId: string) =>
  (await trx.selectFrom('requests').select('revision').where('id', '=', requestId).executeTakeFirst())?.revision;

async function newEvents(trx: Trx, requestId: string): Promise<Event[]> {
  const rows = await trx
    .selectFrom('events')
    .selectAll()
    .where('request_id', '=', requestId)
    .where('announced', '=', false)
    .orderBy('id')
    .execute();
  return rows.map(({ id, what, actor_name, at, detail }) => ({
    id,
    what: what as Happening,
    actorName: actor_name ?? undefined,
    at,
    detail,
  }));
}

/** Whether anybody but who made it has heard of it: what is checked first is put before the approvers after that. */
async function wasAskedFor(trx: Trx, { id, kind, operation }: Request): Promise<boolean> {
  if (!entryOf(kind).checked || operation !== 'add') return true;
  const asked = await trx
    .selectFrom('events')
    .select('id')
    .where('request_id', '=', id)
    .where('what', 'in', ['passed', 'insist'])
    .executeTakeFirst();
  return asked !== undefined;
}

/** One approval card in the channel that decides; a new channel gets one of its own. */
async function askApprovers(trx: Trx, outbox: Outbox, request: Request, place: Place): Promise<void> {
  const once = `approval:${request.id}:${place.conversationId}`;
  await outbox.postLive(trx, place, once, request, 'approver');
}

/** One card a task in the operators' channel; one that comes back after a failure is a new task. */
async function askOperators(trx: Trx, outbox: Outbox, request: Request, place: Place): Promise<void> {
  const once = `task:${request.id}:${request.task?.opened}:${place.conversationId}`;
  await outbox.postLive(trx, place, once, request, 'operator');
}

/** Where each listener hears things, as far as there is such a place. */
async function listeners(trx: Trx, request: Request): Promise<Places> {
  const ownCard = async () =>
    (
      await trx
        .selectFrom('cards')
        .select('conversation_id')
        .where('request_id', '=', request.id)
        .where('tenant_id', '=', request.requester.tenantId)
        .where('audience', '=', 'requester')
        .executeTakeFirst()
    )?.conversation_id;
  return placesOf(trx, request, ownCard);
}
