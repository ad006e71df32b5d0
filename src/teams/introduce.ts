import type { Payloads } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { asReadIn, remember } from '../people/conversations.ts';
import { isRole } from '../people/person.ts';
import { grant } from '../people/roles.ts';
import { refusalCard } from '../views/message.ts';
import { grantedCard } from './administration.ts';
import { type Connector, DeliveryFailed, type Member } from './connector.ts';
import type { Outbox } from './outbox.ts';

/**
 * Finds out who a mention names (it carries no directory id) and grants them the role an administrator asked for. It was
 * authorised when it was asked; only people in the same conversation can be found.
 */
export async function introduce(
  { db, connector, outbox, clock }: { db: Db; connector: Connector; outbox: Outbox; clock: () => Date },
  asked: Payloads['introduce'],
): Promise<void> {
  const place = { tenantId: asked.tenantId, conversationId: asked.conversationId };
  const conversation = await db
    .selectFrom('conversations')
    .select('service_url')
    .where('tenant_id', '=', place.tenantId)
    .where('conversation_id', '=', place.conversationId)
    .executeTakeFirst();
  if (!conversation || !isRole(asked.role)) return;
  const { role } = asked;
  const member = await look(connector, conversation.service_url, asked);
  const once = `introduce:${asked.tenantId}:${asked.teamsId}:${role}:${clock().toISOString()}`;

  await db.transaction().execute(async (trx) => {
    if (!member?.aadObjectId) {
      const unknown = new Refusal('person-unknown', { who: asked.name });
      return asReadIn(trx, place, () => outbox.post(trx, place, once, refusalCard(unknown), say('chat.grant.none')));
    }
    const directoryId = member.aadObjectId.toLowerCase();
    const name = member.name ?? asked.name;
    await remember(
      trx,
      { ...place, kind: 'channel', serviceUrl: conversation.service_url },
      { tenantId: asked.tenantId, directoryId, teamsId: asked.teamsId, name },
      clock(),
    );
    await grant(trx, asked.by, asked.tenantId, directoryId, role, clock());
    await asReadIn(trx, place, () => outbox.post(trx, place, once, grantedCard(name, role), say('chat.grant.title')));
  });
}

/** Undefined for somebody who is not there. @throws DeliveryFailed when it is worth another try, so that the job comes back. */
async function look(
  connector: Connector,
  serviceUrl: string,
  asked: Payloads['introduce'],
): Promise<Member | undefined> {
  try {
    return await connector.member({ serviceUrl, conversationId: asked.conversationId }, asked.teamsId);
  } catch (error) {
    if (error instanceof DeliveryFailed && error.kind === 'parked') return undefined;
    throw error;
  }
}
