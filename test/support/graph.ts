import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DirectoryTokens } from '../../src/directory/graph.ts';

/** A group as a test sets it up. `groups` are nested in it; devices are members that are no users. */
export interface FakeGroup {
  name: string | null;
  members: string[];
  groups: string[];
  devices: string[];
}

export interface GraphAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** What is answered to a path and query in Graph's place; undefined leaves it to Graph. */
type Bent = (path: string) => GraphAnswer | undefined | Promise<GraphAnswer | undefined>;

/** Microsoft Graph, as far as roles need it. */
export interface FakeGraph {
  /** For GRAPH_URL. */
  url: string;
  /** Gives tokens for any tenant that it knows, as Entra would. */
  token: DirectoryTokens;
  /** Puts a group into a tenant's directory, or one of this id in its place. Resolves to its id. */
  group(tenantId: string, group: Partial<FakeGroup>, id?: string): string;
  remove(tenantId: string, groupId: string): void;
  /** An administrator consents to GroupMember.Read.All, or takes it back. Only tokens made after that know of it. */
  consent(tenantId: string, given: boolean): void;
  /** Answers so many requests with 429; who does not wait as long as it says is counted as impatient. */
  throttle(times: number, retryAfterSeconds: number): void;
  /** Answers instead of Graph whenever it has something to say. */
  bend(answer: Bent | undefined): void;
  /** What was asked for since the last time, as path and query. */
  asked(): string[];
  tokensGiven(): number;
  impatient(): number;
  close(): Promise<void>;
}

/** "Get group" and "List group transitive members" allow this much at once. */
const largestPage = 999;

/**
 * Stands in for Graph and holds callers to what it documents: a token of the tenant with the permission in it, pages of at
 * most 999 behind opaque links, "advanced queries" for a type of member, Retry-After.
 * @param page how many it gives at once, if that is less than what was asked for: Graph may always give less.
 */
export async function startGraph({ page = largestPage }: { page?: number } = {}): Promise<FakeGraph> {
  const directories = new Map<string, Map<string, FakeGroup>>();
  const consented = new Set<string>();
  const tokens = new Map<string, { tenantId: string; allowed: boolean }>();
  const links = new Map<string, { groupId: string; from: number }>();
  let bent: Bent | undefined;
  let throttled = { times: 0, seconds: 0, until: 0 };
  const asked: string[] = [];
  let impatient = 0;

  const error = (status: number, code: string): GraphAnswer => ({
    status,
    body: { error: { code, message: 'as Graph says it', innerError: {} } },
  });
  const directoryOf = (tenantId: string) => {
    const directory = directories.get(tenantId) ?? new Map<string, FakeGroup>();
    directories.set(tenantId, directory);
    return directory;
  };

  function usersOf(directory: Map<string, FakeGroup>, groupId: string, seen = new Set<string>()): string[] {
    const group = directory.get(groupId);
    if (!group || seen.has(groupId)) return [];
    seen.add(groupId);
    return [...new Set([...group.members, ...group.groups.flatMap((nested) => usersOf(directory, nested, seen))])];
  }

  async function answer(request: IncomingMessage): Promise<GraphAnswer> {
    const url = new URL(request.url ?? '/', address);
    const other = await bent?.(`${url.pathname}${url.search}`);
    if (other) return other;
    if (Date.now() < throttled.until) impatient++;
    if (throttled.times > 0) {
      throttled = { ...throttled, times: throttled.times - 1, until: Date.now() + throttled.seconds * 1000 };
      return { ...error(429, 'TooManyRequests'), headers: { 'retry-after': String(throttled.seconds) } };
    }
    const bearer = tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (!bearer) return error(401, 'InvalidAuthenticationToken');
    if (!bearer.allowed) return error(403, 'Authorization_RequestDenied');

    const [, groupId = '', rest] = /^\/v1\.0\/groups\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
    const directory = directoryOf(bearer.tenantId);
    const group = directory.get(groupId);
    if (!group) return error(404, 'Request_ResourceNotFound');
    if (rest === undefined) return { status: 200, body: { id: groupId, displayName: group.name } };
    if (rest !== '/transitiveMembers/microsoft.graph.user') return error(400, 'BadRequest');
    return members(url, groupId, directory, request.headers.consistencylevel === 'eventual');
  }

  function members(url: URL, groupId: string, directory: Map<string, FakeGroup>, eventual: boolean): GraphAnswer {
    const top = Number(url.searchParams.get('$top') ?? 100);
    if (!Number.isInteger(top) || top < 1 || top > largestPage) return error(400, 'Request_BadRequest');
    if (!eventual || url.searchParams.get('$count') !== 'true') return error(400, 'Request_UnsupportedQuery');
    const skip = url.searchParams.get('$skiptoken');
    const link = skip === null ? { groupId, from: 0 } : links.get(skip);
    if (link?.groupId !== groupId) return error(400, 'Directory_ExpiredPageToken');
    const all = usersOf(directory, groupId);
    const size = Math.min(top, page);
    const body: Record<string, unknown> = {
      '@odata.context': `${address}/v1.0/$metadata#users(id)`,
      value: all.slice(link.from, link.from + size).map((id) => ({ id })),
    };
    if (link.from + size < all.length) {
      const token = randomUUID();
      links.set(token, { groupId, from: link.from + size });
      url.searchParams.set('$skiptoken', token);
      body['@odata.nextLink'] = url.href;
    }
    return { status: 200, body };
  }

  const server = createServer(async (request, response) => {
    asked.push(request.url ?? '');
    const { status, body, headers = {} } = await answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const current = new Map<string, string>();
  return {
    url: address,
    async token(tenantId, refused) {
      const held = current.get(tenantId);
      if (held && held !== refused) return held;
      const fresh = randomUUID();
      tokens.set(fresh, { tenantId, allowed: consented.has(tenantId) });
      current.set(tenantId, fresh);
      return fresh;
    },
    group(tenantId, group, id = randomUUID()) {
      if (!directories.has(tenantId)) consented.add(tenantId);
      directoryOf(tenantId).set(id, { name: 'A group', members: [], groups: [], devices: [], ...group });
      return id;
    },
    remove: (tenantId, groupId) => void directoryOf(tenantId).delete(groupId),
    consent(tenantId, given) {
      if (given) consented.add(tenantId);
      else consented.delete(tenantId);
      // What was granted goes with the tokens that told of it; what is granted anew does not come to old ones.
      if (!given) for (const token of tokens.values()) if (token.tenantId === tenantId) token.allowed = false;
    },
    throttle(times, seconds) {
      throttled = { times, seconds, until: 0 };
    },
    bend(how) {
      bent = how;
    },
    asked: () => asked.splice(0),
    tokensGiven: () => tokens.size,
    impatient: () => impatient,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
