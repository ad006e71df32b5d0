import type { Db, Trx } from '../db/open.ts';
import { isLanguage, type Language, languageOf, languages } from '../language/languages.ts';
import { inLanguage } from '../language/reader.ts';
import type { Person, Purpose } from './person.ts';

/** A place in Teams the bot was spoken to or installed in: what a proactive post needs (a conversation reference). */
export interface Conversation {
  tenantId: string;
  conversationId: string;
  kind: 'personal' | 'groupChat' | 'channel';
  /** Changes now and then: the newest one seen is the one to use. */
  serviceUrl: string;
  /** Of the person, in a personal chat. */
  directoryId?: string | undefined;
  teamId?: string | undefined;
  /** The channel's or chat's name, as far as Teams told it. */
  name?: string | undefined;
  /** Of whoever is speaking, as their client has it: de-AT. */
  locale?: string | undefined;
}

/** A post in a channel's thread names its root after a semicolon; the channel itself is what stands before it. */
export const channelOf = (conversationId: string) => conversationId.split(';')[0] as string;

/** Keeps who spoke and where, with the newest service URL; a bot that was removed there counts as back. */
export async function remember(trx: Db | Trx, conversation: Conversation, person: Person | undefined, now: Date) {
  await trx
    .insertInto('conversations')
    .values({
      tenant_id: conversation.tenantId,
      conversation_id: conversation.conversationId,
      kind: conversation.kind,
      service_url: conversation.serviceUrl,
      directory_id: conversation.directoryId ?? null,
      team_id: conversation.teamId ?? null,
      name: conversation.name ?? null,
      locale: conversation.locale ?? null,
      seen_at: now,
    })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'conversation_id']).doUpdateSet((set) => ({
        service_url: conversation.serviceUrl,
        directory_id: set.fn.coalesce(set.ref('excluded.directory_id'), set.ref('conversations.directory_id')),
        team_id: set.fn.coalesce(set.ref('excluded.team_id'), set.ref('conversations.team_id')),
        name: set.fn.coalesce(set.ref('excluded.name'), set.ref('conversations.name')),
        // A channel does not change its language with everybody who says something there.
        locale:
          conversation.kind === 'personal'
            ? set.fn.coalesce(set.ref('excluded.locale'), set.ref('conversations.locale'))
            : set.fn.coalesce(set.ref('conversations.locale'), set.ref('excluded.locale')),
        removed: false,
        seen_at: now,
      })),
    )
    .execute();
  if (!person) return;
  await trx
    .insertInto('people')
    .values({
      tenant_id: person.tenantId,
      directory_id: person.directoryId,
      teams_id: person.teamsId,
      name: person.name,
      seen_at: now,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['tenant_id', 'directory_id'])
        .doUpdateSet({ teams_id: person.teamsId, name: person.name, seen_at: now }),
    )
    .execute();
}

/**
 * The language of what is posted in a conversation: the one that was chosen there, else that of whoever it is with.
 * `locale`: of whoever speaks there right now, where nothing is known of the conversation yet.
 */
export async function spokenIn(
  db: Db | Trx,
  { tenantId, conversationId }: Pick<Conversation, 'tenantId' | 'conversationId'>,
  locale?: string,
): Promise<Language> {
  const row = await db
    .selectFrom('conversations')
    .select(['language', 'locale'])
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', channelOf(conversationId))
    .executeTakeFirst();
  if (isLanguage(row?.language)) return row.language;
  return languageOf(locale) ?? languageOf(row?.locale ?? undefined) ?? languages[0];
}

/** Makes what is posted in a conversation, in the language of those who read it there. */
export const asReadIn = async <Made>(
  db: Db | Trx,
  place: Pick<Conversation, 'tenantId' | 'conversationId'>,
  make: () => Made,
): Promise<Awaited<Made>> => await inLanguage(await spokenIn(db, place), make);

/** Chooses the language of a conversation; undefined: as it comes, by whoever it is with. */
export async function speak(
  trx: Trx,
  { tenantId, conversationId }: Pick<Conversation, 'tenantId' | 'conversationId'>,
  language: Language | undefined,
): Promise<void> {
  await trx
    .updateTable('conversations')
    .set({ language: language ?? null })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', channelOf(conversationId))
    .execute();
}

/** The bot was taken out of a conversation: nothing is posted there until it is back. */
export async function forget(trx: Db | Trx, tenantId: string, conversationId: string) {
  await trx
    .updateTable('conversations')
    .set({ removed: true })
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .execute();
}

/** The person a mention names, if the bot has met them in this tenant. */
export async function byTeamsId(db: Db | Trx, tenantId: string, teamsId: string) {
  return db
    .selectFrom('people')
    .select(['directory_id as directoryId', 'name'])
    .where('tenant_id', '=', tenantId)
    .where('teams_id', '=', teamsId)
    .orderBy('seen_at', 'desc')
    .executeTakeFirst();
}

/** The personal chat with somebody, if they have ever opened one. */
export async function personalChat(db: Db | Trx, tenantId: string, directoryId: string) {
  const row = await db
    .selectFrom('conversations')
    .select('conversation_id')
    .where('tenant_id', '=', tenantId)
    .where('directory_id', '=', directoryId)
    .where('kind', '=', 'personal')
    .where('removed', '=', false)
    .orderBy('seen_at', 'desc')
    .executeTakeFirst();
  return row?.conversation_id;
}

/** Binds a channel to a purpose; a purpose has one channel, the newest. */
export async function route(
  trx: Trx,
  purpose: Purpose,
  place: { tenantId: string; conversationId: string },
  by: string,
  now: Date,
) {
  const binding = { conversation_id: place.conversationId, routed_by: by, routed_at: now };
  await trx
    .insertInto('routes')
    .values({ tenant_id: place.tenantId, purpose, ...binding })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'purpose']).doUpdateSet(binding))
    .execute();
}

/** Where a tenant's approvals and notifications go. */
export async function listRoutes(db: Db | Trx, tenantId: string) {
  return db
    .selectFrom('routes')
    .leftJoin('conversations', (join) =>
      join
        .onRef('conversations.tenant_id', '=', 'routes.tenant_id')
        .onRef('conversations.conversation_id', '=', 'routes.conversation_id'),
    )
    .select([
      'routes.purpose',
      'routes.conversation_id as conversationId',
      'routes.routed_at as routedAt',
      'conversations.name',
      'conversations.removed',
    ])
    .where('routes.tenant_id', '=', tenantId)
    .orderBy('routes.purpose')
    .execute();
}
