import type { Db } from '../db/open.ts';
import type { Person, Role } from '../people/person.ts';

/** Who looks at the board: what they may do decides what they are shown of it. */
export interface Reader {
  person: Person;
  roles: ReadonlySet<Role>;
  /** The Teams app's id; empty when it is not known. */
  appId: string;
}

/** A card in a conversation, as far as a link to it matters. */
interface Placed {
  tenantId: string;
  conversationId: string;
  activityId: string;
  kind: string;
}

const origin = 'https://teams.microsoft.com/l';

/**
 * Opens a card's message in Teams, in the forms that Microsoft documents ("Deep link to a Teams chat", "Deep link to an
 * application"). Of a personal chat a bot knows an id (`a:…`) that no link takes, so there it opens the chat with the app.
 */
export function linkTo({ tenantId, conversationId, activityId, kind }: Placed, appId: string): string | undefined {
  const query = new URLSearchParams({ tenantId });
  if (kind === 'personal')
    return appId ? `${origin}/entity/${encodeURIComponent(appId)}/conversations?${query}` : undefined;
  // The id of a channel's thread names its first message behind the channel.
  const [place = '', root] = conversationId.split(';messageid=');
  if (!place.startsWith('19:')) return undefined;
  if (kind === 'groupChat') query.set('context', JSON.stringify({ contextType: 'chat' }));
  else query.set('parentMessageId', root ?? activityId);
  return `${origin}/message/${encodeURIComponent(place)}/${encodeURIComponent(activityId)}?${query}`;
}

/** The links by what they lead to: `request 1001`, `batch 12`. */
export type Links = ReadonlyMap<string, string>;

/**
 * Where this reader finds the cards of these requests and batches. The bot does not know who is in a channel, so it leads
 * there only whom the card was posted for: approvers to what they decide on, operators to their tasks, and whoever asked to
 * what they asked for; and nobody to another's personal chat.
 */
export async function linksFor(
  db: Db,
  { person, roles, appId }: Reader,
  of: { requests: readonly string[]; batches: readonly string[] },
): Promise<Links> {
  const links = new Map<string, string>();
  if (of.requests.length + of.batches.length === 0) return links;
  const rows = await db
    .selectFrom('cards')
    .innerJoin('conversations', (join) =>
      join
        .onRef('conversations.tenant_id', '=', 'cards.tenant_id')
        .onRef('conversations.conversation_id', '=', 'cards.conversation_id'),
    )
    .leftJoin('requests', 'requests.id', 'cards.request_id')
    .leftJoin('batches', 'batches.id', 'cards.batch_id')
    .select((select) => [
      'cards.request_id',
      'cards.batch_id',
      'cards.audience',
      'cards.conversation_id',
      'cards.activity_id',
      'conversations.kind',
      'conversations.directory_id',
      select.fn.coalesce('requests.requester_id', 'batches.requester_id').as('requester_id'),
    ])
    .where('cards.tenant_id', '=', person.tenantId)
    .where('conversations.removed', '=', false)
    .where((where) =>
      where.or([
        ...(of.requests.length > 0 ? [where('cards.request_id', 'in', [...of.requests])] : []),
        ...(of.batches.length > 0 ? [where('cards.batch_id', 'in', [...of.batches])] : []),
      ]),
    )
    .orderBy('cards.id')
    .execute();
  // What is looked for first wins: where they decide, else their own chat, else where else it was posted for them.
  const found = new Map<string, { rank: number; link: string }>();
  for (const row of rows) {
    if (row.activity_id === null) continue;
    const rank = rankOf(row, { person, roles });
    if (rank === undefined) continue;
    const link = linkTo(
      { tenantId: person.tenantId, conversationId: row.conversation_id, activityId: row.activity_id, kind: row.kind },
      appId,
    );
    const key = row.request_id === null ? `batch ${row.batch_id}` : `request ${row.request_id}`;
    const before = found.get(key);
    if (link && (!before || before.rank > rank)) found.set(key, { rank, link });
  }
  for (const [key, { link }] of found) links.set(key, link);
  return links;
}

function rankOf(
  card: { audience: string; kind: string; directory_id: string | null; requester_id: string | null },
  { person, roles }: Pick<Reader, 'person' | 'roles'>,
): number | undefined {
  if (card.kind === 'personal') return card.directory_id === person.directoryId ? 1 : undefined;
  switch (card.audience) {
    case 'approver':
      return roles.has('approver') ? 0 : roles.has('administrator') ? 2 : undefined;
    case 'operator':
      return roles.has('operator') ? 2 : undefined;
    case 'requester':
      return card.requester_id === person.directoryId ? 2 : undefined;
    default:
      return undefined;
  }
}
