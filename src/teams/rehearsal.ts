import type { Config } from '../config.ts';
import type { Db, Trx } from '../db/open.ts';
import { type Conversation, route } from '../people/conversations.ts';
import { isRole, purposes } from '../people/person.ts';
import { grant } from '../people/roles.ts';

/**
 * What the demo has ready that production sets up by command: roles for its people (`DEMO_PEOPLE`: role=directory id) and
 * the routes to its channel (`DEMO_CHANNEL`: the channel's id), bound when the bot is installed there. The settings refuse
 * both unless the development switch is on; everything else is as in production.
 */
export async function rehearsal(db: Db, config: Config, clock: () => Date) {
  const [tenantId] = config.ORGANISATIONS.keys();
  for (const [role = '', directoryId = ''] of config.DEMO_PEOPLE.map((pair) => pair.split('=')))
    if (tenantId && isRole(role)) await grant(db, 'DEMO_PEOPLE', tenantId, directoryId.toLowerCase(), role, clock());

  return async (trx: Trx, conversation: Conversation, now: Date): Promise<void> => {
    if (conversation.conversationId !== config.DEMO_CHANNEL) return;
    for (const purpose of purposes) await route(trx, purpose, conversation, 'DEMO_CHANNEL', now);
  };
}
