import type { Logger } from 'pino';
import type { Handlers, JobName, Payloads } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import { channelOf } from '../people/conversations.ts';
import type { Connector } from '../teams/connector.ts';
import type { Place } from '../teams/outbox.ts';
import type { Leave } from './limits.ts';

/** What is over by then is answered sooner than anybody wonders. Milliseconds. */
const patience = 1_000;
/** A client shows it for a few seconds, so it is shown again while the work goes on. Milliseconds. */
const again = 4_000;
/** After so many it is no longer believed; what takes longer has a card that says how far it is. */
const most = 8;

/** The work that somebody waits for, and where they wait. */
const waitedFor: { [Name in JobName]?: (db: Db, asked: Payloads[Name]) => Promise<Place | undefined> } = {
  bill: async (_, asked) => asked,
  'bill-file': async (_, asked) => asked,
  attached: async (_, { person, conversationId }) => ({ tenantId: person.tenantId, conversationId }),
  check: (db, { requestId }) => requestersPlace(db, requestId),
};

/** Where who asked has the request's card; of one in a batch nobody waits for a single check. */
async function requestersPlace(db: Db, requestId: string): Promise<Place | undefined> {
  const card = await db
    .selectFrom('cards')
    .innerJoin('requests', 'requests.id', 'cards.request_id')
    .select(['cards.tenant_id', 'cards.conversation_id'])
    .where('cards.request_id', '=', requestId)
    .where('cards.audience', '=', 'requester')
    .where('requests.batch_id', 'is', null)
    .orderBy('cards.id', 'desc')
    .executeTakeFirst();
  return card && { tenantId: card.tenant_id, conversationId: card.conversation_id };
}

export interface TypingRoom {
  db: Db;
  connector: Pick<Connector, 'post'>;
  limits: (conversationId: string) => Leave;
  clock: () => Date;
  log: Logger;
  /** For tests. */
  after?: number;
  every?: number;
}

/**
 * The same work, but whoever waits for it sees the bot typing when it takes longer than a moment. That is no post: nobody
 * misses it when it is lost, so it is not queued, is tried once, and gives way where Teams' limits leave no room.
 */
export function withTyping(room: TypingRoom, handlers: Handlers): Handlers {
  const wrapped = (Object.keys(waitedFor) as JobName[]).map((name) => [name, typingFor(room, name, handlers[name])]);
  return { ...handlers, ...(Object.fromEntries(wrapped) as Partial<Handlers>) };
}

const typingFor =
  <Name extends JobName>(room: TypingRoom, name: Name, work: Handlers[Name]) =>
  async (asked: Payloads[Name], signal: AbortSignal): Promise<void> => {
    const over = new AbortController();
    const place = () => waitedFor[name]?.(room.db, asked) ?? Promise.resolve(undefined);
    const wait = (ms: number, left: number) => {
      const timer = setTimeout(() => {
        show(room, place, over.signal).catch((error) => room.log.debug({ err: error, job: name }, 'typing not shown'));
        if (left > 1) wait(room.every ?? again, left - 1);
      }, ms);
      timer.unref();
      over.signal.addEventListener('abort', () => clearTimeout(timer));
    };
    wait(room.after ?? patience, most);
    try {
      await work(asked, signal);
    } finally {
      over.abort();
    }
  };

async function show(room: TypingRoom, where: () => Promise<Place | undefined>, over: AbortSignal): Promise<void> {
  const { db, connector, limits, clock } = room;
  const place = await where();
  const conversation =
    place &&
    (await db
      .selectFrom('conversations')
      .select(['service_url', 'removed', 'quiet_until'])
      .where('tenant_id', '=', place.tenantId)
      .where('conversation_id', '=', place.conversationId)
      .executeTakeFirst());
  // Behind the answer it would make people wait for another one.
  if (!conversation || over.aborted || conversation.removed) return;
  // Where Teams has asked for quiet, that is for whatever is posted there.
  if (conversation.quiet_until && conversation.quiet_until > clock()) return;
  const leave = limits(`${conversation.service_url} ${channelOf(place.conversationId)}`);
  if ('wait' in leave) return;
  const to = { serviceUrl: conversation.service_url, conversationId: place.conversationId };
  await connector.post(to, { type: 'typing' }).finally(leave.done);
}
