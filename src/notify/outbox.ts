import { sql } from 'kysely';
import type { Trx } from '../db/open.ts';
import type { Outbox, Place } from '../teams/outbox.ts';
import type { Card } from '../views/templates.ts';
import { cut } from '../views/text.ts';

/** An activity that carries one card and nothing else: beside a text, Teams may answer without an id to update it by. */
export const cardActivity = (card: Card, summary?: string) => ({
  type: 'message' as const,
  ...(summary && { summary: cut(summary, 250) }),
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
});

/** The channel on which the dispatcher hears, once the transaction is committed, which conversation has something to post. */
export const outboxChannel = 'outbox';

const wake = (trx: Trx, place: Place) => sql`select pg_notify(${outboxChannel}, ${JSON.stringify(place)})`.execute(trx);

/** The queue of everything that is posted to Teams, in SQL, one lane a conversation. `dispatcher.ts` empties it. */
export function createOutbox(clock: () => Date): Outbox {
  async function enqueue(
    trx: Trx,
    place: Place,
    once: string,
    what: { card_id?: string; activity_id?: string; activity?: object },
  ) {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('outbox')
      .values({
        tenant_id: place.tenantId,
        conversation_id: place.conversationId,
        once,
        card_id: what.card_id ?? null,
        activity_id: what.activity_id ?? null,
        activity: what.activity ? JSON.stringify(what.activity) : null,
        created_at: clock(),
      })
      .onConflict((conflict) => conflict.column('once').doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows) await wake(trx, place);
  }

  const addCard = (trx: Trx, place: Place, requestId: string, audience: string, activityId: string | null) =>
    trx
      .insertInto('cards')
      .values({
        tenant_id: place.tenantId,
        request_id: requestId,
        audience,
        conversation_id: place.conversationId,
        activity_id: activityId,
      })
      .returning('id')
      .executeTakeFirstOrThrow();

  return {
    post: (trx, place, once, card, summary) => enqueue(trx, place, once, { activity: cardActivity(card, summary) }),

    attach: (trx, place, once, attachment, summary) =>
      enqueue(trx, place, once, {
        activity: { type: 'message', summary: cut(summary, 250), attachments: [attachment] },
      }),

    replace: (trx, place, once, activityId, card) =>
      enqueue(trx, place, once, { activity_id: activityId, activity: cardActivity(card) }),

    async postLive(trx, place, once, request, audience) {
      const repeated = await trx.selectFrom('outbox').select('id').where('once', '=', once).executeTakeFirst();
      if (repeated) return;
      const { id } = await addCard(trx, place, request.id, audience, null);
      await enqueue(trx, place, once, { card_id: id });
    },

    async adopt(trx, place, activityId, request, audience) {
      // Not known is also a post whose answer a killed process never noted, or that is being noted now: it gets a row of its
      // own, so that it is brought up to date whatever becomes of the other. At worst one post is updated twice.
      const known = await trx
        .selectFrom('cards')
        .select('id')
        .where('request_id', '=', request.id)
        .where('activity_id', '=', activityId)
        .executeTakeFirst();
      const { id } = known ?? (await addCard(trx, place, request.id, audience, activityId));
      // The click's answer shows it to who clicked; this shows it to everybody else who reads the same post.
      await enqueue(trx, place, `card:${id}:${request.version}`, { card_id: id });
    },

    async refresh(trx, once, requestId) {
      const cards = await trx
        .selectFrom('cards')
        .selectAll()
        .where('request_id', '=', requestId)
        .orderBy('id')
        .execute();
      for (const card of cards) {
        const place = { tenantId: card.tenant_id, conversationId: card.conversation_id };
        await enqueue(trx, place, `card:${card.id}:${once}`, { card_id: card.id });
      }
    },

    async resume(trx, place) {
      // An app is in a team as a whole: Teams tells of it once, naming one channel, and all of them are meant.
      const back = await trx
        .updateTable('conversations')
        .set({ removed: false })
        .where('tenant_id', '=', place.tenantId)
        .where((where) =>
          where.or([
            where('conversation_id', '=', place.conversationId),
            where('team_id', '=', (select) =>
              select
                .selectFrom('conversations as named')
                .select('named.team_id')
                .where('named.tenant_id', '=', place.tenantId)
                .where('named.conversation_id', '=', place.conversationId),
            ),
          ]),
        )
        .returning('conversation_id')
        .execute();
      if (back.length === 0) return;
      const rows = await trx
        .updateTable('outbox')
        .set({ state: 'queued', attempts: 0 })
        .where('tenant_id', '=', place.tenantId)
        .where(
          'conversation_id',
          'in',
          back.map((one) => one.conversation_id),
        )
        .where('state', '=', 'parked')
        .returning('conversation_id')
        .execute();
      for (const conversationId of new Set(rows.map((row) => row.conversation_id)))
        await wake(trx, { ...place, conversationId });
    },
  };
}
