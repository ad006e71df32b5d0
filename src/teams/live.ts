import * as z from 'zod';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { channelOf } from '../people/conversations.ts';
import { met } from '../people/met.ts';
import { anyRole } from '../people/person.ts';
import { requireRole, rolesOf } from '../people/roles.ts';
import { loadBatch } from '../requests/batch.ts';
import { chainOf } from '../requests/chain.ts';
import { isRequester, type Request, shown } from '../requests/request.ts';
import { loadFor } from '../requests/store.ts';
import { knownTo } from '../requests/things.ts';
import { batchCard } from '../views/batch.ts';
import { cardFor } from '../views/card.ts';
import { subjectOf } from '../views/change.ts';
import { listCard } from '../views/list.ts';
import { type Shared, sharedCard } from '../views/live.ts';
import { type LiveData, mostViewers, type RefreshData, refreshedFor, viewFor } from '../views/refresh.ts';
import { type Audience, labelOf, requestCard } from '../views/request.ts';
import type { Card } from '../views/templates.ts';
import { plain } from '../views/text.ts';
import { linkRow, standsOf, subtitleOf } from './finding.ts';
import { type LiveSubject, subject } from './links.ts';
import type { Turn } from './turn.ts';

const id = z.string().regex(/^\d{1,18}$/);

const asked = z.union([
  z.object({ verb: z.literal('view'), id }),
  z.object({ verb: z.literal('view'), batch: id }),
  z.object({ verb: z.literal('show-live') }).and(subject),
]);

/** The verbs of what a client does to have a card made anew; they change nothing. */
export const isRefresh = (verb: string) => verb === 'view' || verb === 'show-live';

/** A card anew for whoever looks at it. @throws Refusal for what they may not see. */
export async function seenBy(turn: Turn, verb: string, data: Record<string, unknown>): Promise<Card> {
  const parsed = asked.safeParse({ ...data, verb });
  if (!parsed.success) throw new Refusal('action-unknown');
  if (parsed.data.verb === 'show-live') return liveCard(turn, parsed.data);
  return 'id' in parsed.data ? requestSeen(turn, parsed.data) : batchSeen(turn, parsed.data);
}

async function requestSeen(turn: Turn, data: { verb: 'view'; id: string }): Promise<Card> {
  const request = await loadFor(turn.trx, turn.person, data.id);
  return own(turn, data, await audienceHere(turn, request, { request_id: request.id }), (audience) =>
    cardFor(request, audience),
  );
}

async function batchSeen(turn: Turn, data: { verb: 'view'; batch: string }): Promise<Card> {
  const batch = await loadBatch(turn.trx, turn.person.tenantId, data.batch);
  return own(turn, data, await audienceHere(turn, batch, { batch_id: batch.id }), (audience) =>
    batchCard(batch, audience),
  );
}

/**
 * Their own look of it, which is made anew in its turn; but for one that is written into, for that would take away what was
 * written. Clients wait a minute before they ask again, and nothing is sent or written here, so nothing goes round.
 */
function own(turn: Turn, data: RefreshData, audience: Audience, look: (audience: Audience) => Card): Card {
  const card = look(audience);
  const written = JSON.stringify(card).includes('"type":"Input.');
  return refreshedFor(card, data, written ? [] : mine(turn));
}

const mine = ({ person }: Turn) => [person.teamsId].filter(isRefreshable);
/** The kind of id that a refresh takes. */
const isRefreshable = (teamsId: string) => teamsId.startsWith('29:');

/**
 * Whose look they get of a card of ours. Without a role they get the plain one of a card that is posted where they are, for
 * they can read it there; of any other nothing. @throws Refusal `role-missing`
 */
async function audienceHere(
  turn: Turn,
  about: Pick<Request, 'requester'>,
  of: { request_id: string } | { batch_id: string },
): Promise<Audience> {
  const { trx, person, activity, now } = turn;
  const [column, value] = Object.entries(of)[0] as ['request_id' | 'batch_id', string];
  const posted = await trx
    .selectFrom('cards')
    .select(['audience', 'conversation_id'])
    .where(column, '=', value)
    .where('tenant_id', '=', person.tenantId)
    .where('activity_id', '=', activity.replyToId ?? '')
    .executeTakeFirst();
  const roles = await rolesOf(trx, person, now);
  const requester = isRequester(about, person);
  const here = posted && channelOf(posted.conversation_id) === channelOf(activity.conversation.id);
  if (!requester && !here) await requireRole(trx, person, now, ...anyRole);
  return viewFor((posted?.audience as Audience | undefined) ?? 'reader', { requester, roles });
}

/** All that somebody with a role may read of it. It is for them alone, so nothing on it posts anything into the chat. */
async function liveCard(turn: Turn, about: LiveSubject): Promise<Card> {
  const { trx, person, now } = turn;
  await requireRole(trx, person, now, ...anyRole);
  const data: LiveData = { verb: 'show-live', kind: about.kind, reference: about.reference };
  if (about.kind === 'request')
    return refreshedFor(requestCard(await requestOf(turn, about.reference), 'reader'), data, mine(turn));
  const thing = await knownTo(trx, person.tenantId).thing(about.kind, about.reference);
  if (!thing) throw new Refusal('thing-unknown');
  const { links, more } = await chainOf(trx, person.tenantId, thing);
  const card = listCard({
    title: plain(thing.name),
    intro: await subtitleOf(thing, knownTo(trx, person.tenantId)),
    rows: links.map(linkRow).map(({ title, subtitle }) => ({ title, subtitle })),
    ...(more > 0 && { notice: say('chat.chain.more', { count: more }) }),
  });
  return refreshedFor(card, data, mine(turn));
}

/** Of the organisation alone: one's own request elsewhere is nobody's business in a chat. */
async function requestOf({ trx, person }: Turn, requestId: string): Promise<Request> {
  const request = await loadFor(trx, person, requestId);
  if (request.tenantId !== person.tenantId) throw new Refusal('request-unknown', { id: shown(requestId) });
  return request;
}

/** What everybody in the chat sees of it. */
export async function sharedOf(turn: Turn, about: LiveSubject): Promise<Shared> {
  if (about.kind === 'request') return sharedRequest(await requestOf(turn, about.reference));
  const thing = await knownTo(turn.trx, turn.person.tenantId).thing(about.kind, about.reference);
  if (!thing) throw new Refusal('thing-unknown');
  return standsOf(thing);
}

export function sharedRequest(request: Request): Shared {
  const { icon, label } = labelOf(request);
  return { icon, name: `${shown(request.id)} ${request.name}`, says: [subjectOf(request), label] };
}

/** The card that is put into a message; for those who have a role it is made anew with all that they may read. */
export async function insertedCard(turn: Turn, about: LiveSubject, shared: Shared): Promise<Card> {
  const people = await met(turn.trx, turn.person.tenantId, turn.now, turn.person);
  const viewers = people.filter(({ roles }) => roles.size > 0).map(({ teamsId }) => teamsId);
  return sharedCard(shared, liveData(about), [...new Set([...mine(turn), ...viewers])].slice(0, mostViewers));
}

/** The same for one of many that are looked through: only for whoever looks, the list would grow too long. */
export const listedCard = (turn: Turn, about: LiveSubject, shared: Shared): Card =>
  sharedCard(shared, liveData(about), mine(turn));

const liveData = ({ kind, reference }: LiveSubject): LiveData => ({ verb: 'show-live', kind, reference });
