import { Agent, type Dispatcher, request } from 'undici';
import * as z from 'zod';
import type { Config } from '../config.ts';
import { type ErrorCode, type ErrorDetails, explain } from '../errors.ts';

/**
 * Gives a token for Microsoft Graph in a tenant; undefined when the bot has no login of its own (development only).
 * @param refused a token Graph answered 401 or 403 to: it must not be given again.
 */
export type DirectoryTokens = (tenantId: string, refused?: string) => Promise<string | undefined>;

/** A group as the directory has it: its name, and the directory ids of everybody who is in it or in a group within it. */
export interface Group {
  name: string | null;
  members: string[];
}

export interface Directory {
  /** @throws DirectoryFailed and nothing else, unless the signal ends it. */
  group(tenantId: string, groupId: string, signal: AbortSignal): Promise<Group>;
  close(): Promise<void>;
}

export interface DirectoryOptions {
  token: DirectoryTokens;
  log?: { debug(details: object, message: string): void };
  /** Takes the calls instead of a pool of our own; then whoever made it closes it. */
  dispatcher?: Dispatcher;
  /** Milliseconds that one call may take. */
  timeout?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** Why a group could not be read, in a person's words, and whether that may be otherwise in a moment. */
export class DirectoryFailed extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly temporary: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    details: ErrorDetails = {},
    { temporary = false, after, cause }: { temporary?: boolean; after?: number | undefined; cause?: unknown } = {},
  ) {
    super(explain(code, details).says, { cause });
    this.name = 'DirectoryFailed';
    this.code = code;
    this.details = details;
    this.temporary = temporary;
    this.retryAfterSeconds = after;
  }
}

/**
 * What keeps the bot from reading a tenant's directory, as far as the settings tell it: a managed identity gets tokens in
 * its own tenant only, and in development there is no login at all.
 */
export function outOfReach(
  config: Pick<Config, 'ALLOW_UNAUTHENTICATED' | 'BOT_CREDENTIAL' | 'BOT_TENANT_ID'>,
  tenantId: string,
): 'directory-no-login' | 'directory-out-of-reach' | undefined {
  if (config.ALLOW_UNAUTHENTICATED) return 'directory-no-login';
  const own = config.BOT_TENANT_ID.toLowerCase() === tenantId.toLowerCase();
  return config.BOT_CREDENTIAL === 'managed-identity' && !own ? 'directory-out-of-reach' : undefined;
}

/** The most that Graph gives at once ("List group transitive members": 100 by default, at most 999). */
const pageSize = 999;

/** Twenty pages are some twenty thousand people, far more than order resellers anywhere. */
const pageLimit = 20;

/** A page is about fifty kilobytes; far more is not Graph talking, and must not fill the memory. Bytes. */
const largestAnswer = 1024 * 1024;

/** A wrong clock or a typing error on the other side must not put a reading off for days. Seconds. */
const longestRetryAfter = 3600;

const described = z.looseObject({ id: z.guid(), displayName: z.string().nullish() });
const page = z.looseObject({
  value: z.array(z.looseObject({ id: z.guid() })).max(pageSize),
  '@odata.nextLink': z.string().optional(),
});
const refusal = z.looseObject({ error: z.looseObject({ code: z.string().regex(/^\w{1,60}$/) }) });

/** Opens a client for the two reads that roles need of Microsoft Graph: permission GroupMember.Read.All, and no more. */
export function createDirectory({ GRAPH_URL }: Pick<Config, 'GRAPH_URL'>, options: DirectoryOptions): Directory {
  const { token, timeout = 15_000, now = Date.now } = options;
  const { origin } = new URL(GRAPH_URL);
  const own = options.dispatcher ? undefined : new Agent({ keepAliveTimeout: 30_000, maxResponseSize: largestAnswer });
  const dispatcher = options.dispatcher ?? own!;

  async function get<T>(tenantId: string, url: URL, answer: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const bearer = await tokenOr(tenantId);
    let got = await send(url, bearer, signal);
    // A token tells what was consented to when it was made: one from before an administrator's consent would be refused
    // until its end, an hour or more.
    if (got.status === 401 || got.status === 403) got = await send(url, await tokenOr(tenantId, bearer), signal);
    if (got.status !== 200) throw failure(got, now());
    const parsed = answer.safeParse(json(got.text));
    if (!parsed.success) throw unreachable('it answers something else than it documents');
    return parsed.data;
  }

  async function tokenOr(tenantId: string, refused?: string): Promise<string> {
    let given: string | undefined;
    try {
      given = await token(tenantId, refused);
    } catch (cause) {
      throw loginFailure(cause);
    }
    if (given === undefined) throw new DirectoryFailed('directory-no-login');
    return given;
  }

  async function send(url: URL, bearer: string, signal: AbortSignal) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    const started = performance.now();
    try {
      const response = await request(url, {
        dispatcher,
        signal: limit,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${bearer}`,
          'user-agent': 'teammate-bot',
          // Asking for users only is one of Graph's "advanced queries": they need this header and $count.
          consistencylevel: 'eventual',
        },
      });
      const text = await response.body.text();
      const ms = Math.round(performance.now() - started);
      options.log?.debug({ path: url.pathname, status: response.statusCode, ms }, 'graph call');
      return { status: response.statusCode, retryAfter: String(response.headers['retry-after'] ?? ''), text };
    } catch (cause) {
      signal.throwIfAborted();
      throw unreachable(limit.aborted ? 'no answer in time' : 'no connection', { cause });
    }
  }

  /** A link to the next page, which leads nowhere else: our token goes along with it. */
  function next(link: string): URL {
    const target = URL.canParse(link) ? new URL(link) : undefined;
    if (target?.origin !== origin) throw unreachable('it points to another address');
    return new URL(target.pathname + target.search, origin);
  }

  return {
    async group(tenantId, groupId, signal) {
      if (!z.guid().safeParse(groupId).success) throw new DirectoryFailed('directory-group-gone');
      const at = `${origin}/v1.0/groups/${groupId}`;
      const group = await get(tenantId, new URL(`${at}?$select=id,displayName`), described, signal);
      if (group.id.toLowerCase() !== groupId.toLowerCase()) throw unreachable('it answers with another group');

      const members = new Set<string>();
      const query = `$select=id&$top=${pageSize}&$count=true`;
      let link: URL | undefined = new URL(`${at}/transitiveMembers/microsoft.graph.user?${query}`);
      for (let pages = 0; link; pages++) {
        // Part of a group would take a role from the rest of it without a word.
        if (pages === pageLimit) throw new DirectoryFailed('directory-group-large', { limit: pageLimit * pageSize });
        const read: z.infer<typeof page> = await get(tenantId, link, page, signal);
        for (const { id } of read.value) members.add(id.toLowerCase());
        const more: string | undefined = read['@odata.nextLink'];
        link = more === undefined ? undefined : next(more);
      }
      return { name: nameIn(group.displayName), members: [...members] };
    },
    async close() {
      await own?.close();
    },
  };
}

/** A name as a database can keep it; Graph's own limit is 256 characters. */
function nameIn(given: string | null | undefined): string | null {
  const visible = (given ?? '').replace(/\p{Cc}+/gu, ' ').trim();
  return visible.slice(0, 256).toWellFormed() || null;
}

const unreachable = (reason: string, more: { after?: number | undefined; cause?: unknown } = {}) =>
  new DirectoryFailed('directory-unreachable', { reason }, { temporary: true, ...more });

/** What Graph's status means for a reading. Its own words are not shown: they may say anything. */
function failure(answer: { status: number; retryAfter: string; text: string }, now: number): DirectoryFailed {
  const { status } = answer;
  if (status === 401 || status === 403) return new DirectoryFailed('directory-consent');
  const code = refusal.safeParse(json(answer.text)).data?.error.code;
  // Graph says that a resource is missing; a proxy in between, or a wrong GRAPH_URL, answers 404 in its own way.
  if (status === 404 && code === 'Request_ResourceNotFound') return new DirectoryFailed('directory-group-gone');
  const reason = `it answered ${status}${code ? ` ${code}` : ''}`;
  if ([408, 425, 429].includes(status) || status >= 500)
    return unreachable(reason, { after: retryAfter(answer.retryAfter, now) });
  return new DirectoryFailed('directory-unreachable', { reason });
}

/** Retry-After is a number of seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfter(header: string, now: number): number | undefined {
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), longestRetryAfter);
}

/** The bot is not in the tenant at all: consent is what brings it there (AADSTS700016, 7000229, 650052). */
const unknownThere = new Set(['AADSTS700016', 'AADSTS7000229', 'AADSTS650052']);

/** Entra's errors have numbers, which say enough; the words around them hold ids, and go to nobody. */
function loginFailure(cause: unknown): DirectoryFailed {
  const number = /AADSTS\d{4,9}/.exec(cause instanceof Error ? cause.message : '')?.[0];
  if (!number) return unreachable('the bot got no token for it', { cause });
  if (unknownThere.has(number)) return new DirectoryFailed('directory-consent', {}, { cause });
  return new DirectoryFailed('directory-login', { reason: number }, { cause });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
