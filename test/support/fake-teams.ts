import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import type { TestConversation, TestPerson } from './people.ts';

export type Activity = { type: string; id?: string; [property: string]: unknown };
export type Card = { type: 'AdaptiveCard'; [property: string]: unknown };

/** One call to the connector as it was answered, in the order of arrival. */
export type Call = {
  kind: 'post' | 'update' | 'delete' | 'read';
  conversationId: string;
  activityId: string | undefined;
  activity: Activity | undefined;
  status: number;
};

/** What the next calls meet instead of an answer. `drop` cuts the connection, `hang` never answers. */
export type Fault = {
  status: number | 'hang' | 'drop';
  times?: number;
  code?: string;
  /** As the header has it: seconds or an HTTP date. */
  retryAfter?: string;
  /** Does what was asked for, and only then misbehaves: the message is posted, its answer is lost. */
  afterwards?: boolean;
  only?: Call['kind'];
};

type Limit = { calls: number; seconds: number };

/** "Optimize your bot with rate limiting in Teams", per bot and thread: send to conversation. */
const postLimits: Limit[] = [
  { calls: 7, seconds: 1 },
  { calls: 8, seconds: 2 },
  { calls: 60, seconds: 30 },
  { calls: 1800, seconds: 3600 },
];

/** The same page: get conversation members, get conversations. */
const readLimits: Limit[] = [
  { calls: 14, seconds: 1 },
  { calls: 16, seconds: 2 },
  { calls: 120, seconds: 30 },
  { calls: 3600, seconds: 3600 },
];

/** "Limits and specifications for Microsoft Teams": about 100 KB, and Teams counts UTF-16. */
const largestMessage = 100 * 1024;

type Answer = { status: number; body?: unknown; retryAfter?: string | undefined };

const refuse = (status: number, code: string, message = code): Answer => ({
  status,
  body: { error: { code, message } },
});

/** A channel's threads are one place to Teams' roster and to us. */
const placeOf = (conversationId: string) => conversationId.replace(/;messageid=.*$/, '');

type Place = { conversation: TestConversation; members: TestPerson[]; activities: Map<string, Activity> };

export type FakeTeamsOptions = {
  /** Whether a call's bearer token is good; without it, calls need none. */
  authorized?: (bearer: string | undefined) => boolean;
  /** Answers 429 as Teams documents it. */
  limits?: boolean;
  /** The clock of the limits, in milliseconds. */
  now?: () => number;
};

export type FakeTeams = Awaited<ReturnType<typeof startFakeTeams>>;

/**
 * Stands in for Teams' Bot Connector, over HTTP on a free port of this machine. It knows only conversations that were
 * installed and refuses what Teams refuses; it keeps what was posted, so that a test sees what a person would see.
 */
export async function startFakeTeams(options: FakeTeamsOptions = {}) {
  const { authorized, limits = false, now = Date.now } = options;
  const places = new Map<string, Place>();
  const removed = new Set<string>();
  const calls: Call[] = [];
  const faults: { fault: Fault; left: number }[] = [];
  const history = new Map<string, number[]>();
  const watchers = new Set<() => void>();
  const agents: Agent[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let numbered = 0;

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ error: { code: 'FakeTeamsBroke', message: String(error) } }));
    });
  });
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    // A serviceUrl has a region and sometimes a tenant before /v3.
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const path = pathname.slice(pathname.indexOf('/v3/') + 4).split('/');
    const [collection, id, things, thing] = path.map(decodeURIComponent);
    const kind =
      request.method === 'POST'
        ? 'post'
        : request.method === 'PUT'
          ? 'update'
          : request.method === 'DELETE'
            ? 'delete'
            : 'read';
    const activity = body ? (JSON.parse(body) as Activity) : undefined;
    const call: Call = { kind, conversationId: id ?? '', activityId: thing, activity, status: 0 };

    const fault = takeFault(kind);
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const answer = (): Answer => {
      if (!pathname.includes('/v3/')) return refuse(404, 'NotFound', 'no such address');
      if (authorized && !authorized(bearer)) return refuse(401, 'Unauthorized', 'Authorization has been denied');
      const tooMany = limits && overLimit(kind, placeOf(call.conversationId));
      if (tooMany) return tooMany;
      if (body.length * 2 > largestMessage) return refuse(413, 'MessageSizeTooBig');
      if (collection === 'teams' && things === 'conversations') return channelsOf(id!);
      if (collection === 'conversations' && id === undefined) return create(call);
      if (collection === 'conversations') return inConversation(call, things, thing, searchParams);
      return refuse(404, 'NotFound', 'no such address');
    };

    // What was done before its answer got lost counts as done.
    const done = fault && !fault.afterwards ? undefined : answer();
    const given: Answer | undefined =
      typeof fault?.status === 'number'
        ? { ...refuse(fault.status, fault.code ?? `Fault${fault.status}`), retryAfter: fault.retryAfter }
        : done;
    calls.push({ ...call, status: (done ?? given)?.status ?? 0 });
    for (const look of [...watchers]) look();
    if (fault?.status === 'hang') return;
    if (!given || fault?.status === 'drop') return request.socket.destroy();
    const { retryAfter } = given;
    response.writeHead(given.status, {
      'content-type': 'application/json; charset=utf-8',
      ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
    });
    response.end(given.body === undefined ? '' : JSON.stringify(given.body));
  }

  function takeFault(kind: Call['kind']): Fault | undefined {
    const waiting = faults.find(({ fault, left }) => left > 0 && (fault.only ?? kind) === kind);
    if (!waiting) return undefined;
    waiting.left--;
    return waiting.fault;
  }

  function overLimit(kind: Call['kind'], place: string): Answer | undefined {
    if (kind === 'update' || kind === 'delete') return undefined;
    const key = `${kind} ${place}`;
    const times = history.get(key) ?? [];
    for (const { calls: most, seconds } of kind === 'post' ? postLimits : readLimits) {
      const recent = times.filter((time) => time > now() - seconds * 1000);
      if (recent.length < most) continue;
      const wait = Math.ceil((recent[recent.length - most]! + seconds * 1000 - now()) / 1000);
      return { ...refuse(429, 'TooManyRequests'), retryAfter: String(Math.max(1, wait)) };
    }
    history.set(key, [...times, now()]);
    return undefined;
  }

  function channelsOf(teamId: string): Answer {
    const channels = [...places.values()].map(({ conversation }) => conversation);
    const [first] = channels.filter(({ team }) => team?.id === teamId);
    if (!first) return refuse(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
    const named = channels
      .filter(({ team, channelId }) => team?.id === teamId && channelId !== teamId)
      .map(({ channelId, name }) => ({ id: channelId, name }));
    return { status: 200, body: { conversations: [{ id: teamId, name: null }, ...named] } };
  }

  /** A person's own talk with the bot, or with `channelData.channel` a new thread in a channel. */
  function create(call: Call): Answer {
    const { members, channelData, activity } = (call.activity ?? {}) as {
      members?: { id: string }[];
      channelData?: { channel?: { id: string } };
      activity?: Activity;
    };
    const wanted = channelData?.channel?.id;
    const place = [...places.values()].find(({ conversation, members: roster }) =>
      wanted === undefined
        ? conversation.kind === 'personal' && roster.some(({ id }) => id === members?.[0]?.id)
        : conversation.id === wanted,
    );
    if (!place) return refuse(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
    call.conversationId = place.conversation.id;
    call.activity = activity;
    if (!activity) return { status: 201, body: { id: place.conversation.id } };
    call.activityId = keep(place, activity);
    const id = wanted === undefined ? place.conversation.id : `${wanted};messageid=${call.activityId}`;
    call.conversationId = id;
    return { status: 201, body: { id, activityId: call.activityId } };
  }

  function inConversation(call: Call, things = '', thing: string | undefined, query: URLSearchParams): Answer {
    const where = placeOf(call.conversationId);
    const place = places.get(where);
    if (removed.has(where))
      return refuse(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.');
    if (!place) return refuse(404, 'ConversationNotFound', 'Conversation not found.');
    if (things === 'members' || things === 'pagedmembers') return roster(place, things, thing, query);
    if (things !== 'activities') return refuse(404, 'NotFound', 'no such address');
    if (call.kind === 'post' && call.activity?.type === 'typing') return { status: 201, body: { id: '' } };
    if (call.kind === 'post') {
      call.activityId = keep(place, call.activity ?? { type: 'message' });
      return { status: 201, body: { id: call.activityId } };
    }
    if (!thing || !place.activities.has(thing))
      return refuse(404, 'ActivityNotFoundInConversation', 'The activity is not in this conversation.');
    if (call.kind === 'delete') place.activities.delete(thing);
    else place.activities.set(thing, { ...(call.activity ?? { type: 'message' }), id: thing });
    return { status: 200, body: { id: thing } };
  }

  function keep(place: Place, activity: Activity): string {
    const id = String(1_760_000_000_000 + numbered++);
    place.activities.set(id, { ...activity, id });
    return id;
  }

  function roster(place: Place, things: string, who: string | undefined, query: URLSearchParams): Answer {
    const members = place.members.map(({ id, name, aadObjectId, email, tenantId }) => ({
      id,
      name,
      objectId: aadObjectId,
      aadObjectId,
      email,
      userPrincipalName: email,
      tenantId,
      userRole: 'user',
    }));
    if (things === 'pagedmembers') {
      const from = Number(query.get('continuationToken') ?? 0);
      const to = from + Number(query.get('pageSize') ?? 200);
      const next = to < members.length ? { continuationToken: String(to) } : {};
      return { status: 200, body: { members: members.slice(from, to), ...next } };
    }
    if (who === undefined) return { status: 200, body: members };
    const found = members.find(({ id, aadObjectId }) => id === who || aadObjectId === who);
    return found ? { status: 200, body: found } : refuse(404, 'MemberNotFoundInConversation');
  }

  const accepted = () => calls.filter(({ kind, status }) => kind !== 'read' && status >= 200 && status < 300);
  // That somebody is typing is shown and gone: nobody can look it up.
  const delivered = () => accepted().filter(({ activity }) => activity?.type !== 'typing');
  const current = (conversationId: string, activityId: string) =>
    places.get(placeOf(conversationId))?.activities.get(activityId);

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    /** For a bot in development. A bot that wants https gets `dispatcher()` instead and believes to talk to Teams. */
    serviceUrl: `http://127.0.0.1:${port}/emea/`,

    /** Takes calls to any host, https too, to this fake. Closed with it. */
    dispatcher(): Dispatcher {
      const agent = new Agent({
        connect: (_, done) => {
          const socket = connect(port, '127.0.0.1');
          socket.once('connect', () => done(null, socket)).once('error', (error) => done(error, null));
        },
      });
      agents.push(agent);
      return agent;
    },

    /** The app is installed in a conversation with these people in its roster. */
    install(conversation: TestConversation, members: TestPerson[] = []) {
      const where = placeOf(conversation.id);
      removed.delete(where);
      places.set(where, { conversation, members, activities: places.get(where)?.activities ?? new Map() });
    },

    /** The app was removed: what was posted stays, the bot is out of the roster. */
    uninstall(conversation: TestConversation) {
      removed.add(placeOf(conversation.id));
    },

    /** The next calls go wrong. Several faults are used up in the order they were set. */
    fault(fault: Fault) {
      faults.push({ fault, left: fault.times ?? 1 });
    },

    /** Every call in order, refused ones too. */
    calls: calls as readonly Call[],
    /** The posts, updates and deletions that Teams accepted, in order. */
    delivered,
    /** How many connections were opened so far. */
    connections: () => connections,
    /** The activity as it stands after updates. */
    activity: current,

    /** The card of an activity as it stands after updates; undefined when there is none. */
    card(conversationId: string, activityId: string): Card | undefined {
      return cardOf(current(conversationId, activityId));
    },

    /**
     * The first accepted post, update or deletion that matches, now or in future.
     * @param options.after looks only at deliveries from this number on (`delivered().length` before the deed).
     * @param options.typing looks at signs of typing, which are no deliveries.
     * @throws when it has not come within the limit, with a list of what came instead.
     */
    waitFor(
      matches: (call: Call) => boolean,
      { after = 0, timeout = 60_000, what = 'the awaited message', typing = false } = {},
    ): Promise<Call> {
      return new Promise((resolve, reject) => {
        const look = () => {
          const found = (typing ? accepted() : delivered()).slice(after).find(matches);
          if (!found) return;
          stop();
          resolve(found);
        };
        const timer = setTimeout(() => {
          stop();
          const came = calls.map(describeCall).join('\n  ') || 'nothing';
          reject(new Error(`${what} did not come within ${timeout} ms. What came:\n  ${came}`));
        }, timeout);
        const stop = () => {
          clearTimeout(timer);
          watchers.delete(look);
        };
        watchers.add(look);
        look();
      });
    },

    async close() {
      await Promise.all(agents.map((agent) => agent.destroy()));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The Adaptive Card of an activity. */
export function cardOf(activity: Activity | undefined): Card | undefined {
  const attachments = (activity?.attachments ?? []) as { contentType: string; content: Card }[];
  return attachments.find(({ contentType }) => contentType === 'application/vnd.microsoft.card.adaptive')?.content;
}

/** All texts of a card in reading order, for looking into it and for messages of failed tests. */
export function textsOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(textsOf);
  if (part === null || typeof part !== 'object') return [];
  return Object.entries(part).flatMap(([key, value]) =>
    ['text', 'title', 'value', 'label', 'errorMessage'].includes(key) && typeof value === 'string'
      ? [value]
      : textsOf(value),
  );
}

function describeCall({ kind, status, conversationId, activityId, activity }: Call): string {
  const said = activity?.text ?? textsOf(cardOf(activity)).join(' | ');
  return `${status} ${kind} ${conversationId} ${activityId ?? ''} ${activity?.type ?? ''} ${String(said).slice(0, 300)}`;
}
