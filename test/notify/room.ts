import { pino } from 'pino';
import type { Jobs } from '../../src/db/jobs.ts';
import { openDatabase } from '../../src/db/open.ts';
import { type Delivery, deliver } from '../../src/notify/deliver.ts';
import { createLimits } from '../../src/notify/limits.ts';
import { createOutbox } from '../../src/notify/outbox.ts';
import { remember } from '../../src/people/conversations.ts';
import { insert, move, type Work } from '../../src/requests/store.ts';
import { createConnector } from '../../src/teams/connector.ts';
import type { Place } from '../../src/teams/outbox.ts';
import { messageCard } from '../../src/views/message.ts';
import { freshDatabase } from '../support/database.ts';
import { cardOf, type FakeTeams, type FakeTeamsOptions, startFakeTeams, textsOf } from '../support/fake-teams.ts';
import { alex, channel, serviceUrl, type TestConversation, tenantId } from '../support/people.ts';

/** The outbox over a real database and a Teams that can be told to misbehave; nothing else of the bot. */
export type Room = Awaited<ReturnType<typeof openRoom>>;

export async function openRoom(options: FakeTeamsOptions = {}) {
  const teams: FakeTeams = await startFakeTeams(options);
  const home = await freshDatabase();
  const database = await openDatabase({ ...home, folder: '' });
  const { db } = database;
  const log = pino({ level: 'silent' });
  const urls: string[] = [];
  const connector = createConnector({
    token: async () => 'a-token',
    dispatcher: teams.dispatcher(),
    timeout: 500,
    serviceUrlAllowed(url) {
      urls.push(url);
      return true;
    },
  });
  // Stands still unless a test lets time pass, so that no pause has to be waited for.
  let now = Date.parse('2026-03-04T05:06:07Z');
  const clock = () => new Date(now);
  const outbox = createOutbox(clock);
  const jobs: Jobs = { send: async () => {}, work: async () => {}, counts: async () => [], stop: async () => {} };
  // Counted only where they are what is looked at: they go by real time.
  const limits = options.limits ? createLimits() : () => ({ done() {} });
  const delivery: Delivery = { db, connector, limits, clock, log };
  const transact = <T>(run: (work: Work) => Promise<T>) =>
    db.transaction().execute((trx) => run({ trx, jobs, now: clock() }));

  const room = {
    teams,
    database,
    db,
    outbox,
    delivery,
    transact,
    clock,
    /** The service URLs that were called, in order. */
    urls,
    pass(seconds: number) {
      now += seconds * 1000;
    },

    /** A channel the bot is installed in, as the test's own place to post to. */
    async place(name: string, { tenant = tenantId, url = serviceUrl } = {}): Promise<Place> {
      const conversation = channel(name, tenant);
      teams.install(conversation, [alex]);
      await room.heardFrom(conversation, url);
      return { tenantId: tenant, conversationId: conversation.id };
    },

    /** Teams told of a conversation: by a message, or by installing the bot there. */
    async heardFrom({ id, kind, team, name, tenantId: tenant }: TestConversation, url = serviceUrl) {
      const conversation = { tenantId: tenant, conversationId: id, kind, serviceUrl: url, teamId: team?.id, name };
      await remember(db, conversation, undefined, clock());
    },

    /** Queues messages, each in a transaction of its own. `once` defaults to a name nobody else has. */
    async queue(place: Place, ...titles: string[]) {
      for (const title of titles) await room.queueOnce(place, `${title} ${queued++}`, title);
    },
    queueOnce: (place: Place, once: string, title: string) =>
      transact(({ trx }) => outbox.post(trx, place, once, messageCard({ title, lines: [] }), title)),

    /** Sends what is due for a conversation now. */
    deliver: (place: Place) => deliver(delivery, place, new AbortController().signal),

    /** What people read there, oldest first, each post as it came. */
    said: ({ conversationId }: Place) =>
      teams
        .delivered()
        .filter((call) => call.conversationId === conversationId)
        .map(({ activity }) => textsOf(cardOf(activity))[0]),

    /** The queue of a conversation as an operator could see it. */
    async lane({ tenantId: tenant, conversationId }: Place) {
      const rows = await db
        .selectFrom('outbox')
        .select(['state', 'problem', 'attempts'])
        .where('tenant_id', '=', tenant)
        .where('conversation_id', '=', conversationId)
        .orderBy('id')
        .execute();
      return rows.map(({ state, problem }) => (problem ? `${state}: ${problem}` : state));
    },

    async quietUntil({ conversationId }: Place) {
      const row = await db
        .selectFrom('conversations')
        .select('quiet_until')
        .where('conversation_id', '=', conversationId)
        .executeTakeFirstOrThrow();
      return row.quiet_until ?? undefined;
    },

    /** A pending request of Alex', with its live card queued for a conversation. */
    request: (place: Place, name: string) =>
      transact(async (work) => {
        const content = { name, email: 'ops@contoso.example', services: ['PBX' as const], billingReference: '' };
        const requester = { directoryId: alex.aadObjectId, name: alex.name };
        const request = await insert(work, { tenantId, kind: 'reseller', name, content, requester });
        await outbox.postLive(work.trx, place, `live ${request.id}`, request, 'approver');
        return request;
      }),
    move: (request: Parameters<typeof move>[1], how: Parameters<typeof move>[2]) =>
      transact(async (work) => {
        const moved = await move(work, request, how, undefined);
        if (!moved) throw new Error(`${how} is not possible`);
        await outbox.refresh(work.trx, `moved ${moved.version}`, moved.id);
        return moved;
      }),

    async close() {
      await connector.close();
      await database.close();
      await teams.close();
      await home.drop();
    },
  };
  let queued = 0;
  return room;
}
