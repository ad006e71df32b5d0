import { Agent, type Dispatcher, request } from 'undici';
import * as z from 'zod';
import { inSpan } from '../telemetry/span.ts';

/** Where a message goes: both halves come from an activity that was authenticated, and are kept together. */
export type ConversationAddress = { serviceUrl: string; conversationId: string };

/** A Bot Framework activity as it is sent: plain data, `type` is the only property every one of them has. */
export type OutgoingActivity = { readonly type: string; readonly [property: string]: unknown };

/** A person in a conversation's roster. `id` is the `29:…` id, `aadObjectId` the directory id. */
export type Member = {
  id: string;
  name: string | undefined;
  aadObjectId: string | undefined;
  email: string | undefined;
  userPrincipalName: string | undefined;
};

/** A channel of a team. Teams gives the General channel no name, and its id is the team's id. */
export type Channel = { id: string; name: string | undefined };

/**
 * Gives the token for the next call; undefined means: call without one (development only).
 * @param refused a token Teams answered 401 to: it must not be given again.
 */
export type TokenSupplier = (refused?: string) => Promise<string | undefined>;

/** The outgoing half of the Bot Connector. Every method rejects with `DeliveryFailed` and nothing else. */
export type Connector = {
  /** Posts an activity; the id is what `update` wants later, and is missing when Teams answered without one. */
  post(conversation: ConversationAddress, activity: OutgoingActivity): Promise<{ id: string | undefined }>;
  /** Replaces an activity that was posted before. */
  update(conversation: ConversationAddress, activityId: string, activity: OutgoingActivity): Promise<void>;
  /** Looks a person up in a conversation's roster, by `29:…` id or directory id. */
  member(conversation: ConversationAddress, userId: string): Promise<Member>;
  /** The standard channels of a team. */
  channels(serviceUrl: string, teamId: string): Promise<Channel[]>;
  /** Lets calls under way finish, then closes the kept-alive connections. Does not close a dispatcher handed in. */
  close(): Promise<void>;
};

export type ConnectorOptions = {
  token: TokenSupplier;
  /** Asked before every call: the bot's token is never sent to an address this refuses. See `serviceUrlAllowed`. */
  serviceUrlAllowed: (url: string) => boolean;
  /** For tests: takes the calls instead of the connector's own pool. */
  dispatcher?: Dispatcher;
  /** Milliseconds one call may take from its start to the last byte of its answer. */
  timeout?: number;
  /** For tests: the clock that a Retry-After given as a date is compared with, in milliseconds. */
  now?: () => number;
};

/**
 * Why a call to Teams did not succeed, and whether it is worth repeating.
 * `again`: it may succeed later, not before `retryAfterSeconds`. `parked`: repeating it cannot help until somebody
 * changes something (installs the app, unblocks the bot, mends the settings).
 */
export class DeliveryFailed extends Error {
  readonly kind: 'again' | 'parked';
  /** The HTTP status, undefined when there was no answer. */
  readonly status: number | undefined;
  /** Teams' own code, such as BotNotInConversationRoster, or one of ours: TokenUnavailable, ServiceUrlRefused, … */
  readonly code: string;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: 'again' | 'parked',
    code: string,
    message: string,
    details: { status?: number; retryAfterSeconds?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'DeliveryFailed';
    this.kind = kind;
    this.status = details.status;
    this.code = code;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Microsoft's list for bots in Teams: "Optimize your bot with rate limiting in Teams", handling HTTP 429 responses. */
const worthRepeating = new Set([412, 429, 502, 503, 504]);

// A roster page or a message's answer is a few kilobytes; more than this is not Teams talking.
const largestAnswer = 1024 * 1024;

const posted = z.looseObject({ id: z.string().min(1) });
const refusal = z.looseObject({ error: z.looseObject({ code: z.string().min(1), message: z.string().optional() }) });
const text = z
  .string()
  .nullish()
  .transform((given) => given || undefined);
const rosterEntry = z
  .looseObject({
    id: z.string().min(1),
    name: text,
    aadObjectId: text,
    // The roster calls the directory id `objectId`, activities call it `aadObjectId`; some answers carry both.
    objectId: text,
    email: text,
    userPrincipalName: text,
  })
  .transform(
    ({ id, name, aadObjectId, objectId, email, userPrincipalName }): Member => ({
      id,
      name,
      aadObjectId: (aadObjectId ?? objectId)?.toLowerCase(),
      email,
      userPrincipalName,
    }),
  );
const channelList = z.looseObject({
  conversations: z.array(
    z.looseObject({ id: z.string().min(1), name: text }).transform(({ id, name }): Channel => ({ id, name })),
  ),
});

/**
 * Whether the bot may send its token to this serviceUrl.
 * Only https, and only a host that is listed, letter for letter: anybody can register a `*.trafficmanager.net` name, so a
 * suffix proves nothing. In development plain http to this machine is allowed as well, for the Agents Playground.
 */
export function serviceUrlAllowed(url: string, hosts: readonly string[], development: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, hostname, host, search, hash } = new URL(url);
  if (username || password || search || hash) return false;
  // `host` has no port when it is the usual one, so a listed name does not open its other ports.
  if (protocol === 'https:') return hosts.some((listed) => listed.toLowerCase() === host);
  return development && protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/**
 * Opens a client for the Bot Connector's REST API with one pool of kept-alive connections.
 * It calls once (a second time only after a 401, with a new token): when to repeat is the caller's to decide, who knows
 * the order of a conversation's messages.
 */
export function createConnector(options: ConnectorOptions): Connector {
  const { token, timeout = 15_000, now = Date.now } = options;
  // Below the minutes after which Teams' front ends drop an idle connection, so that a post does not meet a dead one.
  const own = options.dispatcher
    ? undefined
    : new Agent({ connections: 64, keepAliveTimeout: 30_000, maxResponseSize: largestAnswer });
  const dispatcher = options.dispatcher ?? own!;

  async function call(method: 'GET' | 'POST' | 'PUT', serviceUrl: string, path: string, activity?: OutgoingActivity) {
    if (!options.serviceUrlAllowed(serviceUrl))
      throw new DeliveryFailed('parked', 'ServiceUrlRefused', `${serviceUrl} is not in SERVICE_URL_HOSTS`);
    const url = `${serviceUrl.replace(/\/+$/, '')}/v3/${path}`;
    const body = activity && JSON.stringify(activity);
    let bearer = await tokenOr(undefined);
    let answer = await send(method, url, body, bearer);
    if (answer.status === 401 && bearer !== undefined) {
      bearer = await tokenOr(bearer);
      answer = await send(method, url, body, bearer);
    }
    if (answer.status >= 200 && answer.status < 300) return answer.text;
    throw failure(method, answer, now());
  }

  async function tokenOr(refused: string | undefined) {
    try {
      return await token(refused);
    } catch (cause) {
      throw new DeliveryFailed('again', 'TokenUnavailable', 'the bot could not get a token for Teams', { cause });
    }
  }

  async function send(method: Dispatcher.HttpMethod, url: string, body: string | undefined, bearer?: string) {
    const signal = AbortSignal.timeout(timeout);
    try {
      return await inSpan(`Teams ${method}`, 'asks', { 'http.request.method': method }, async (tell) => {
        const response = await request(url, {
          method,
          dispatcher,
          body: body ?? null,
          headers: {
            accept: 'application/json',
            'user-agent': 'teammate-bot',
            ...(body !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
            ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          },
          signal,
        });
        // The body is read even when nobody wants it: the connection is free for the next call only after that.
        const text = await response.body.text();
        tell({ 'http.response.status_code': response.statusCode });
        return { status: response.statusCode, retryAfter: String(response.headers['retry-after'] ?? ''), text };
      });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw signal.aborted
        ? new DeliveryFailed('again', 'TimedOut', `Teams did not answer within ${timeout} ms`, { cause })
        : new DeliveryFailed('again', 'NetworkError', `Teams could not be reached: ${reason}`, { cause });
    }
  }

  return {
    async post({ serviceUrl, conversationId }, activity) {
      const answer = await call('POST', serviceUrl, `conversations/${part(conversationId)}/activities`, activity);
      // Teams has the message by now: an answer that cannot be read must not lead to a second one.
      return { id: posted.safeParse(json(answer)).data?.id };
    },
    async update({ serviceUrl, conversationId }, activityId, activity) {
      const path = `conversations/${part(conversationId)}/activities/${part(activityId)}`;
      await call('PUT', serviceUrl, path, { ...activity, id: activityId });
    },
    async member({ serviceUrl, conversationId }, userId) {
      const path = `conversations/${part(conversationId)}/members/${part(userId)}`;
      return understood(rosterEntry, await call('GET', serviceUrl, path));
    },
    async channels(serviceUrl, teamId) {
      const path = `teams/${part(teamId)}/conversations`;
      return understood(channelList, await call('GET', serviceUrl, path)).conversations;
    },
    async close() {
      await own?.close();
    },
  };
}

/** One part of a path. `.` and `..` survive encoding and would be resolved away, leading to another resource. */
function part(value: string): string {
  if (/^\.{0,2}$/.test(value))
    throw new DeliveryFailed('parked', 'BadAddress', `"${value}" is not an id that Teams gave out`);
  return encodeURIComponent(value);
}

/** Teams' refusal as an error: what to do with it follows from the status, the code is for whoever reads it. */
function failure(method: string, answer: { status: number; retryAfter: string; text: string }, now: number) {
  const { status } = answer;
  const said = refusal.safeParse(json(answer.text)).data?.error;
  const message = `Teams answered ${status} to ${method}${said ? `: ${said.code} ${said.message ?? ''}`.trimEnd() : ''}`;
  const kind = worthRepeating.has(status) ? 'again' : 'parked';
  const retryAfterSeconds = kind === 'again' ? secondsUntil(answer.retryAfter, now) : undefined;
  return new DeliveryFailed(kind, said?.code ?? `Http${status}`, message, { status, retryAfterSeconds });
}

/** Retry-After is a number of seconds or an HTTP date (RFC 9110, 10.2.3). */
function secondsUntil(retryAfter: string, now: number): number | undefined {
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter);
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What an answer says, or a failure worth repeating: a proxy's error page with status 200 passes by itself. */
function understood<T>(schema: z.ZodType<T>, answer: string): T {
  const parsed = schema.safeParse(json(answer));
  if (parsed.success) return parsed.data;
  throw new DeliveryFailed('again', 'AnswerNotUnderstood', 'Teams answered something else than it documents', {
    cause: parsed.error,
  });
}
