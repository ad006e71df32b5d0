import type { Logger } from 'pino';
import type { Jobs, Payloads } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import { say } from '../language/say.ts';
import { asReadIn, personalChat } from '../people/conversations.ts';
import { BackendRefused, BackendUnavailable } from '../provisioning/backend.ts';
import { loadAny } from '../requests/store.ts';
import type { Outbox } from '../teams/outbox.ts';
import { linksCard } from '../views/links.ts';

/** A moment for TeamMate to come back. Milliseconds. */
const pause = 60_000;

/**
 * Gives whoever made a request the links for the customer's administrator, in their own chat. A repeat of a turn that is
 * queued already makes no new links: they would make the queued ones useless.
 */
export async function handOver(
  room: {
    db: Db;
    jobs: Jobs;
    outbox: Outbox;
    freshLinks: (requestId: string) => Promise<Parameters<typeof linksCard>[0] | undefined>;
    clock: () => Date;
    log: Logger;
  },
  asked: Payloads['hand-over'],
): Promise<void> {
  const { db, jobs, outbox, clock, log } = room;
  const request = await loadAny(db, asked.requestId);
  if (request?.state !== 'waiting') return;
  const { tenantId, requester } = request;
  const once = `links:${request.id}:${asked.turn}`;
  const repeated = await db.selectFrom('outbox').select('id').where('once', '=', once).executeTakeFirst();
  const conversationId = await personalChat(db, tenantId, requester.directoryId);
  if (repeated || !conversationId) return;
  try {
    const links = await room.freshLinks(request.id);
    if (!links) return;
    const place = { tenantId, conversationId };
    await db
      .transaction()
      .execute((trx) =>
        asReadIn(trx, place, () =>
          outbox.post(trx, place, once, linksCard(links), say('notices.links', { name: request.name })),
        ),
      );
  } catch (error) {
    if (!(error instanceof BackendUnavailable || error instanceof BackendRefused)) throw error;
    log.warn({ err: error, request: request.id }, 'could not get the links to hand over');
    const later = new Date(clock().getTime() + pause);
    await db.transaction().execute((trx) => jobs.send(trx, 'hand-over', asked, later));
  }
}
