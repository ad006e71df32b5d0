import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import pLimit from 'p-limit';
import * as z from 'zod';
import type { Database } from '../db/open.ts';
import type { Place } from '../teams/outbox.ts';
import { type Delivery, deliver } from './deliver.ts';
import { outboxChannel } from './outbox.ts';

/** Conversations posted to at the same time by this process. */
const lanesAtOnce = 32;
/** How often it looks around for what no notification told of: after a pause, a restart, a broken connection. ms */
const lookEvery = 1_000;
/** How long a conversation stays with a node that no longer renews its hold, which it does every third of this. ms */
const holdFor = 10_000;

const placeSchema = z.object({ tenantId: z.string(), conversationId: z.string() });

/**
 * Empties the outbox, a lane for each conversation: what is queued is posted as soon as its transaction is committed.
 * A lane belongs to one node at a time by a hold on its conversation's row; a node that dies loses its holds with time.
 * (pg-boss would do this too, but a fetched and settled job for every post costs several times what the post itself does.)
 */
export async function startDispatcher(database: Database, room: Delivery): Promise<{ stop(): Promise<void> }> {
  const { db, clock, log } = room;
  const node = randomUUID();
  const limit = pLimit(lanesAtOnce);
  const stopping = new AbortController();
  // A lane that is told of more while it runs looks once more before it ends.
  const lanes = new Map<string, { more: boolean; done: Promise<void> }>();

  function wake(place: Place) {
    if (stopping.signal.aborted) return;
    const key = `${place.tenantId} ${place.conversationId}`;
    const running = lanes.get(key);
    if (running) {
      running.more = true;
      return;
    }
    const lane = { more: false, done: Promise.resolve() };
    lane.done = limit(async () => {
      do {
        lane.more = false;
        await run(place);
      } while (lane.more && !stopping.signal.aborted);
    })
      // The next look around tries again.
      .catch((error) => log.error({ err: error, ...place }, 'could not deliver'))
      .finally(() => lanes.delete(key));
    lanes.set(key, lane);
  }

  async function run(place: Place) {
    if (!(await hold(place))) return;
    const renewal = setInterval(() => hold(place).catch(() => {}), holdFor / 3);
    try {
      await deliver(room, place, stopping.signal);
    } finally {
      clearInterval(renewal);
      await conversation(place).set({ held_by: null, held_until: null }).where('held_by', '=', node).execute();
    }
  }

  const conversation = (place: Place) =>
    db
      .updateTable('conversations')
      .where('tenant_id', '=', place.tenantId)
      .where('conversation_id', '=', place.conversationId);

  async function hold(place: Place): Promise<boolean> {
    const now = clock();
    const { numUpdatedRows } = await conversation(place)
      .set({ held_by: node, held_until: new Date(now.getTime() + holdFor) })
      .where((where) =>
        where.or([where('held_until', 'is', null), where('held_until', '<', now), where('held_by', '=', node)]),
      )
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async function lookAround() {
    const now = clock();
    const { rows } = await sql<Place>`
      select distinct o.tenant_id as "tenantId", o.conversation_id as "conversationId"
      from outbox o join conversations c using (tenant_id, conversation_id)
      where o.state = 'queued' and (c.quiet_until is null or c.quiet_until <= ${now})
        and (c.held_until is null or c.held_until < ${now} or c.held_by = ${node})
      limit 1000`.execute(db);
    for (const place of rows) wake(place);
  }

  // On the embedded database no other process can be alive: what the last one held is free.
  if (database.embedded) await db.updateTable('conversations').set({ held_by: null, held_until: null }).execute();
  const unlisten = await database.listen(outboxChannel, (payload) => wake(placeSchema.parse(JSON.parse(payload))));
  const looking = setInterval(() => lookAround().catch((error) => log.error({ err: error }, 'outbox')), lookEvery);
  await lookAround();

  return {
    async stop() {
      stopping.abort();
      clearInterval(looking);
      await Promise.all([...lanes.values()].map(({ done }) => done));
      await unlisten();
    },
  };
}
