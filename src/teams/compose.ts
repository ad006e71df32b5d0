import * as z from 'zod';
import { isKind } from '../catalog/index.ts';
import type { Thing } from '../catalog/orderable.ts';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { anyRole } from '../people/person.ts';
import { requireRole } from '../people/roles.ts';
import { open } from '../requests/lifecycle.ts';
import type { Request } from '../requests/request.ts';
import { list, search as searchRequests } from '../requests/store.ts';
import { knownTo, search as searchThings } from '../requests/things.ts';
import { closedLink, found, type Shared } from '../views/live.ts';
import { cut } from '../views/text.ts';
import { standsOf } from './finding.ts';
import { anonymousLink, type IncomingActivity, storable } from './incoming.ts';
import { findCommand, type LiveSubject, linkedTo, subject } from './links.ts';
import { insertedCard, listedCard, sharedOf, sharedRequest } from './live.ts';
import type { Turn } from './turn.ts';

/*
 * The box in which people write a message (a message extension): finding a thing to put it into the message as a card that
 * stays up to date, and the card of a link to our tab. What Teams asks here it asks from any chat, those too in which the bot
 * is not: nothing is written down of it, and every answer is for whoever asked.
 */

/** Teams asks for 25 at a time. */
const mostAtOnce = 25;
/** Requests that are looked through behind the things that TeamMate has. */
const mostRequests = 100;

const query = z.object({
  commandId: z.literal(findCommand.id),
  parameters: z.array(z.object({ name: z.string().max(100), value: z.unknown() })).max(10),
  queryOptions: z
    .object({
      skip: z.coerce.number().int().min(0).max(1e6).catch(0),
      count: z.coerce.number().int().min(1).catch(mostAtOnce),
    })
    .nullish(),
});
const link = z.object({ url: z.string().max(4000) });

type Asking = (turn: Turn, value: unknown) => Promise<object>;

const asked: Readonly<Record<string, Asking>> = {
  'composeExtension/query': async (turn, value) => {
    const { parameters, queryOptions } = read(query, value);
    const text = parameters.find(({ name }) => name === findCommand.parameter)?.value;
    const { skip, count } = queryOptions ?? { skip: 0, count: mostAtOnce };
    // At first nothing is typed yet: everything there is, by name.
    const page = { skip, count: Math.min(count, mostAtOnce) };
    const all = await matching(turn, typeof text === 'string' ? storable(cut(text.trim(), 200)) : '', page);
    if (all.length === 0 && skip === 0) return message(say('chat.find.none'));
    return results(all.map(({ about, shared }) => found(listedCard(turn, about, shared), shared, about)));
  },

  'composeExtension/selectItem': async (turn, value) => {
    const about = read(subject, value);
    const shared = await sharedOf(turn, about);
    return results([found(await insertedCard(turn, about, shared), shared)]);
  },

  'composeExtension/queryLink': async (turn, value) => {
    const about = linkedTo(read(link, value).url, turn.config);
    // A link to the board as a whole tells no more than that it is one.
    if (!about) return results([closedLink()]);
    const shared = await sharedOf(turn, about);
    return results([found(await insertedCard(turn, about, shared), shared)]);
  },
};

export const isCompose = ({ type, name = '' }: IncomingActivity) =>
  type === 'invoke' && (Object.hasOwn(asked, name) || name === anonymousLink);

/** Answers what the box asks for, as far as whoever asks may know it; never throws a refusal, it tells it. */
export async function compose(turn: Omit<Turn, 'person'> & Partial<Turn>, refused?: Refusal): Promise<object> {
  const { name = '', value } = turn.activity;
  const isLink = name !== 'composeExtension/query';
  const { person } = turn;
  if (name === anonymousLink) return results([closedLink()]);
  try {
    if (refused) throw refused;
    if (!person) throw new Refusal('identity-unknown');
    await requireRole(turn.trx, person, turn.now, ...anyRole);
    const does = Object.hasOwn(asked, name) ? asked[name] : undefined;
    if (!does) throw new Refusal('action-unknown');
    return await does({ ...turn, person }, value);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A link unfolds for all who read the message: why it does not unfold for this one is nothing to be put there.
    return isLink ? results([closedLink()]) : message(`${error.says} ${error.next}`);
  }
}

const results = (attachments: object[]) => ({
  composeExtension: { type: 'result', attachmentLayout: 'list', attachments },
});

/** Teams shows it as plain text. */
export const message = (text: string) => ({ composeExtension: { type: 'message', text } });

function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Refusal('action-unknown');
  return parsed.data;
}

type Found = { about: LiveSubject; shared: Shared };

/** The things TeamMate has by name, then the requests for what it has not yet, as `find` has them; a page of it. */
async function matching(turn: Turn, text: string, { skip, count }: { skip: number; count: number }): Promise<Found[]> {
  const { tenantId } = turn.person;
  const { things, total } = await searchThings(turn.trx, tenantId, text, count, skip);
  const page = things.flatMap(foundThing);
  if (things.length === count) return page;
  const coming = await notListed(turn, text);
  const from = Math.max(0, skip - total);
  return [...page, ...coming.slice(from, from + count - things.length).map(foundRequest)];
}

const foundThing = (thing: Thing): Found[] =>
  isKind(thing.kind) ? [{ about: { kind: thing.kind, reference: thing.reference }, shared: standsOf(thing) }] : [];

const foundRequest = (request: Request): Found => ({
  about: { kind: 'request', reference: request.id },
  shared: sharedRequest(request),
});

async function notListed({ trx, person }: Turn, text: string): Promise<Request[]> {
  const { tenantId } = person;
  const requests = text
    ? await searchRequests(trx, tenantId, text, mostRequests)
    : await list(trx, tenantId, { states: open, limit: mostRequests });
  const known = knownTo(trx, tenantId);
  const coming: Request[] = [];
  for (const request of requests)
    if (!request.reference || request.kind === 'access' || !(await known.thing(request.kind, request.reference)))
      coming.push(request);
  return coming;
}
