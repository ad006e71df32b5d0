import { setTimeout as pause } from 'node:timers/promises';
import type { Selectable } from 'kysely';
import type { Logger } from 'pino';
import type { Db } from '../db/open.ts';
import type { Tables } from '../db/schema.ts';
import { say } from '../language/say.ts';
import { asReadIn, channelOf } from '../people/conversations.ts';
import { loadAnyBatch } from '../requests/batch.ts';
import { pauseBefore, stateName } from '../requests/lifecycle.ts';
import { loadAny } from '../requests/store.ts';
import { atHand } from '../requests/task.ts';
import { type Connector, DeliveryFailed, type OutgoingActivity } from '../teams/connector.ts';
import { absent, type Place } from '../teams/outbox.ts';
import { about } from '../telemetry/span.ts';
import { batchCard, sized } from '../views/batch.ts';
import { cardFor } from '../views/card.ts';
import type { Audience } from '../views/request.ts';
import { TemplateError } from '../views/templates.ts';
import type { Leave } from './limits.ts';
import { cardActivity } from './outbox.ts';
import { withViewers } from './viewers.ts';

export interface Delivery {
  db: Db;
  connector: Connector;
  limits: (conversationId: string) => Leave;
  clock: () => Date;
  log: Logger;
}

/** Tries before a post that Teams keeps refusing for the moment is given up and parked: about a day, at ten minutes each. */
const mostAttempts = 150;
/** A longer pause than this is not slept through: the conversation is left alone until then. Milliseconds. */
const longestSleep = 2_000;
/** Teams' longest window is an hour: a Retry-After beyond it is a mistake, and must not silence a channel. Milliseconds. */
const longestQuiet = 3_600_000;
/** Errors of the conversation, not of one post: everything for it waits until the bot is back there. */
const conversationErrors = new Set([
  'BotNotInConversationRoster',
  'BotDisabledByAdmin',
  'ConversationBlockedByUser',
  'ForbiddenOperationException',
]);

type Row = Selectable<Tables['outbox']>;

/**
 * Sends what is queued for one conversation, in order; the dispatcher sees to it that only one runs for a conversation at
 * a time, on any node. A kill between Teams' answer and our noting it repeats one post: Teams has no way to say "only once".
 */
export async function deliver(room: Delivery, place: Place, signal: AbortSignal): Promise<void> {
  const { db, clock } = room;
  while (!signal.aborted) {
    const row = await nextOf(db, place);
    if (!row) return;
    if (row.service_url === null || row.removed) {
      await settle(db, row, 'parked', absent);
      continue;
    }
    if (row.quiet_until && row.quiet_until > clock()) return;
    if (row.card_id && (await superseded(db, row))) {
      await settle(db, row, 'superseded');
      continue;
    }
    // Limits are of the channel as a whole, whichever thread is posted to.
    const leave = room.limits(`${row.service_url} ${channelOf(place.conversationId)}`);
    if ('wait' in leave) {
      if (leave.wait > longestSleep) return hush(room, place, leave.wait);
      await pause(leave.wait);
      continue;
    }
    const to = { serviceUrl: row.service_url, conversationId: place.conversationId };
    const failed = await send(room, row, to).finally(leave.done);
    if (failed) {
      const goOn = await cope(room, place, row, failed);
      if (!goOn) return;
    }
  }
}

/** The oldest post that waits for a conversation, with what is known of the conversation. */
const nextOf = (db: Db, place: Place) =>
  db
    .selectFrom('outbox')
    .leftJoin('conversations', (join) =>
      join
        .onRef('conversations.tenant_id', '=', 'outbox.tenant_id')
        .onRef('conversations.conversation_id', '=', 'outbox.conversation_id'),
    )
    .selectAll('outbox')
    .select(['conversations.kind', 'conversations.service_url', 'conversations.removed', 'conversations.quiet_until'])
    .where('outbox.tenant_id', '=', place.tenantId)
    .where('outbox.conversation_id', '=', place.conversationId)
    .where('outbox.state', '=', 'queued')
    .orderBy('outbox.id')
    .limit(1)
    .executeTakeFirst();

/** A live card always shows the newest state, so of several updates that wait only the last one is worth sending. */
async function superseded(db: Db, row: Row): Promise<boolean> {
  const later = await db
    .selectFrom('outbox')
    .select('id')
    .where('card_id', '=', row.card_id)
    .where('state', '=', 'queued')
    .where('id', '>', row.id)
    .executeTakeFirst();
  return later !== undefined;
}

/** Sends one post. Resolves to what went wrong, if anything did. */
async function send(
  { db, connector, clock }: Delivery,
  row: Row & { kind: string | null },
  to: { serviceUrl: string; conversationId: string },
): Promise<DeliveryFailed | undefined> {
  const place = { tenantId: row.tenant_id, conversationId: row.conversation_id };
  const content = await asReadIn(db, place, () => contentOf(db, row, clock())).catch((error) => {
    if (error instanceof TemplateError) return error;
    throw error;
  });
  // A mistake of ours in a card must not hold up everything behind it.
  if (content instanceof TemplateError) return void (await settle(db, row, 'parked', content.message));
  const { activity, activityId, of = {} } = content;
  try {
    if (activityId) await about(of, () => connector.update(to, activityId, activity));
    const posted = activityId ? undefined : await about(of, () => connector.post(to, activity));
    await db.transaction().execute(async (trx) => {
      if (row.card_id && posted)
        await trx
          .updateTable('cards')
          .set({ activity_id: posted.id ?? null })
          .where('id', '=', row.card_id)
          .execute();
      await settle(trx, row, 'sent');
    });
    return undefined;
  } catch (error) {
    if (error instanceof DeliveryFailed) return error;
    throw error;
  }
}

/** What to send, rendered now, so that a live card never shows yesterday's state. */
async function contentOf(
  db: Db,
  row: Row & { kind: string | null },
  now: Date,
): Promise<{
  activity: OutgoingActivity;
  activityId: string | undefined;
  of?: { requestId: string } | { batchId: string };
}> {
  if (!row.card_id) return { activity: row.activity as OutgoingActivity, activityId: row.activity_id ?? undefined };
  const card = await db.selectFrom('cards').selectAll().where('id', '=', row.card_id).executeTakeFirstOrThrow();
  const activityId = card.activity_id ?? undefined;
  const batch = card.batch_id === null ? undefined : await loadAnyBatch(db, card.batch_id);
  const audience = card.audience as Audience;
  // Alone with somebody, the card is theirs already.
  const several = row.kind !== 'personal';
  if (batch) {
    const look = (reader: Audience) => batchCard(batch, reader);
    const shown = several
      ? await withViewers(db, batch, audience, { verb: 'view', batch: batch.id }, now, look)
      : look(audience);
    return { activity: cardActivity(shown, sized(batch)), activityId, of: { batchId: batch.id } };
  }
  const request = card.request_id === null ? undefined : await loadAny(db, card.request_id);
  if (!request) throw new Error(`card ${card.id} is of no request`);
  const todo = audience === 'operator' && atHand(request);
  const { name } = request;
  const summary = todo
    ? say('notices.card.task', { name })
    : say('notices.card', { name, state: stateName(request.state) });
  const look = (reader: Audience) => cardFor(request, reader);
  const shown = several
    ? await withViewers(db, request, audience, { verb: 'view', id: request.id }, now, look)
    : look(audience);
  return { activity: cardActivity(shown, summary), activityId, of: { requestId: request.id } };
}

/** Decides what follows from a failure. Resolves to whether the conversation's next post may be tried. */
async function cope(room: Delivery, place: Place, row: Row, failed: DeliveryFailed): Promise<boolean> {
  const { db, log } = room;
  const facts = { outbox: row.id, status: failed.status, code: failed.code, attempts: row.attempts + 1 };
  if (failed.kind === 'again' && row.attempts + 1 < mostAttempts) {
    log.warn(facts, 'Teams did not take a post, it is tried again');
    await db
      .updateTable('outbox')
      .set({ attempts: row.attempts + 1 })
      .where('id', '=', row.id)
      .execute();
    const asked = Math.min((failed.retryAfterSeconds ?? 0) * 1000, longestQuiet);
    await hush(room, place, Math.max(asked, pauseBefore(row.attempts + 1, 1_000)));
    return false;
  }
  // The post with the card is gone (somebody deleted it): its reader gets a new one.
  if (failed.status === 404 && (await detached(db, row))) return true;
  log.error({ ...facts, err: failed }, 'a post to Teams was given up');
  await settle(db, row, 'parked', failed.code ?? failed.message);
  if (conversationErrors.has(failed.code ?? ''))
    await db
      .updateTable('conversations')
      .set({ removed: true })
      .where('tenant_id', '=', place.tenantId)
      .where('conversation_id', '=', place.conversationId)
      .execute();
  return true;
}

/** Parts a live card from the post it was in. Resolves to whether it was in one: without, there is nothing to post anew. */
async function detached(db: Db, row: Row): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('cards')
    .set({ activity_id: null })
    .where('id', '=', row.card_id)
    .where('activity_id', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Leaves a conversation alone for a while; the dispatcher takes it up again. */
async function hush({ db, clock }: Delivery, place: Place, ms: number): Promise<void> {
  await db
    .updateTable('conversations')
    .set({ quiet_until: new Date(clock().getTime() + ms) })
    .where('tenant_id', '=', place.tenantId)
    .where('conversation_id', '=', place.conversationId)
    .execute();
}

const settle = (db: Db, row: Row, state: 'sent' | 'superseded' | 'parked', problem: string | null = null) =>
  db
    .updateTable('outbox')
    .set({ state, problem, attempts: row.attempts + 1 })
    .where('id', '=', row.id)
    .execute();
