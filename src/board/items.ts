import { type SqlBool, sql } from 'kysely';
import { entryOf, isKind, type Kind } from '../catalog/index.ts';
import type { Thing } from '../catalog/orderable.ts';
import type { Db } from '../db/open.ts';
import { say } from '../language/say.ts';
import { linkKinds } from '../requests/chain.ts';
import { open } from '../requests/lifecycle.ts';
import type { Request } from '../requests/request.ts';
import { matching as matchingRequests, toRequest } from '../requests/store.ts';
import { matching as matchingThings, toThing } from '../requests/things.ts';
import { stateLabels } from '../views/request.ts';
import type * as shape from './contract.ts';
import { linksFor, type Reader } from './links.ts';
import { presentRequest } from './present.ts';

/** Open requests that are looked at for a board; what is beyond is told as more. */
const mostRequests = 5000;

/** What is under way in an organisation, and which of its things that is about. */
export interface UnderWay {
  requests: Request[];
  /** How many there are beyond them. */
  more: number;
  /** The requests of a thing, by its key. */
  byThing: ReadonlyMap<string, Request[]>;
  /** What is asked for, and not there yet. */
  coming: Request[];
  /** The keys of the things that are to be shown for the sake of a request; with a search, of one that matches. */
  wanted: string[];
}

const keyOf = (kind: string, reference: string) => `${kind}:${reference}`;

/** The keys of what a request makes or changes; one may make several things. */
const keysOf = ({ kind, reference, content }: Request): string[] => [
  ...(reference === undefined ? [] : [keyOf(kind, reference)]),
  ...(entryOf(kind).things?.(content) ?? []).map((made) => keyOf(kind, made.reference)),
];

/** Everything under way: open requests, and what is live and has lost its registration. The oldest first. */
export async function underWay(db: Db, tenantId: string, search: string): Promise<UnderWay> {
  const rows = await db
    .selectFrom('requests')
    .selectAll()
    .select((select) => sql<boolean>`${search ? matchingRequests(search)(select) : sql`true`}`.as('matches'))
    .select(sql<string>`count(*) over ()`.as('count'))
    .where('tenant_id', '=', tenantId)
    .where((where) =>
      where.or([
        where('state', 'in', [...open]),
        where.and([where('state', '=', 'active'), where('lost_at', 'is not', null)]),
      ]),
    )
    .orderBy('matches', 'desc')
    .orderBy('id')
    .limit(mostRequests)
    .execute();
  const requests = rows.map(toRequest);
  const keys = [...new Set(requests.flatMap(keysOf))];
  const there = new Set(await existing(db, tenantId, keys));
  const byThing = new Map<string, Request[]>();
  for (const request of requests)
    for (const key of new Set(keysOf(request))) {
      if (!there.has(key)) continue;
      byThing.set(key, [...(byThing.get(key) ?? []), request]);
    }
  const matching = requests.filter((_, index) => rows[index]?.matches);
  return {
    requests,
    more: Number(rows[0]?.count ?? 0) - rows.length,
    byThing,
    coming: matching.filter((request) => keysOf(request).every((key) => !there.has(key))),
    wanted: [...new Set(matching.flatMap(keysOf).filter((key) => there.has(key)))],
  };
}

async function existing(db: Db, tenantId: string, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<{ key: string }>`
    select l.kind || ':' || l.reference as key
    from listed l join unnest(${keys}::text[]) as k (key)
      on l.kind = split_part(k.key, ':', 1) and l.reference = substr(k.key, strpos(k.key, ':') + 1)
    where l.tenant_id = ${tenantId}`.execute(db);
  return rows.map(({ key }) => key);
}

/** Where a page of things ended. */
type Place = { later: boolean; name: string; kind: string; reference: string };

/** What is under way comes first, then the rest by name. */
const later = (wanted: readonly string[]) => sql<boolean>`not (kind || ':' || reference = any(${wanted}::text[]))`;

/** The things of a search or, without one, all of them: those that something is under way with first. */
function thingsOf(db: Db, tenantId: string, search: string, wanted: readonly string[]) {
  let query = db
    .selectFrom('listed')
    .where('tenant_id', '=', tenantId)
    .where('kind', 'in', [...linkKinds]);
  if (search)
    query = query.where((where) =>
      where.or([
        matchingThings(search)(where),
        where('reference', '=', search),
        sql<SqlBool>`kind || ':' || reference = any(${wanted}::text[])`,
      ]),
    );
  return query;
}

export async function countThings(db: Db, tenantId: string, search: string, { wanted }: UnderWay): Promise<number> {
  const { count } = await thingsOf(db, tenantId, search, wanted)
    .select((select) => select.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The rows of the board, page by page: first what TeamMate has, then what is asked for and not there yet. */
export async function* itemsOf(
  db: Db,
  reader: Reader,
  { search, pageSize, under }: { search: string; pageSize: number; under: UnderWay },
): AsyncGenerator<shape.Item[]> {
  const { tenantId } = reader.person;
  for (let after: Place | undefined; ; ) {
    let query = thingsOf(db, tenantId, search, under.wanted)
      .selectAll()
      .select(later(under.wanted).as('later'))
      .orderBy('later')
      .orderBy('name')
      .orderBy('kind')
      .orderBy('reference')
      .limit(pageSize);
    if (after)
      query = query.where(
        sql<SqlBool>`(${later(under.wanted)}, name, kind, reference)
          > (${after.later}::boolean, ${after.name}, ${after.kind}, ${after.reference})`,
      );
    const rows = await query.execute();
    const things = rows.map(toThing);
    if (things.length > 0)
      yield await present(
        db,
        reader,
        things.map((thing) => ({ thing, requests: under.byThing.get(keyOf(thing.kind, thing.reference)) ?? [] })),
      );
    const last = rows.at(-1);
    if (rows.length < pageSize || !last) break;
    after = last;
  }
  for (let at = 0; at < under.coming.length; at += pageSize)
    yield await present(
      db,
      reader,
      under.coming.slice(at, at + pageSize).map((request) => ({ requests: [request] })),
    );
}

interface Row {
  thing?: Thing;
  requests: readonly Request[];
}

const kindOf = ({ thing, requests }: Row): Kind => (thing?.kind ?? requests[0]?.kind) as Kind;
const parentOf = ({ thing, requests: [request] }: Row): string | undefined =>
  thing ? thing.parent : request && entryOf(request.kind).parent?.(request.content);

async function present(db: Db, reader: Reader, rows: readonly Row[]): Promise<shape.Item[]> {
  const above = await ancestors(db, reader.person.tenantId, rows);
  const links = await linksFor(db, reader, {
    requests: [...new Set(rows.flatMap(({ requests }) => requests.map(({ id }) => id)))],
    batches: [],
  });
  return rows.map((row) => {
    const { thing } = row;
    const kind = kindOf(row);
    const requests = row.requests.map((request) => presentRequest(request, reader, links, false));
    const [first] = requests;
    const facts = thing?.facts ?? (row.requests[0]?.content as { email?: string; billingReference?: string });
    const reference = thing?.reference ?? row.requests[0]?.reference;
    return {
      key: thing ? keyOf(kind, thing.reference) : `request:${first?.id}`,
      kind,
      noun: entryOf(kind).noun,
      name: thing?.name ?? first?.name ?? '',
      ...(reference !== undefined && { reference }),
      parents: above(kind, parentOf(row)),
      state: first?.state ?? standing(thing),
      ...(first?.waitingFor !== undefined && { waitingFor: first.waitingFor }),
      ...(first && { since: first.since }),
      ...(facts?.email && { email: facts.email }),
      ...(facts?.billingReference && { billingReference: facts.billingReference }),
      requests,
      ...(first?.link && { link: first.link }),
    };
  });
}

/** How a thing stands that nothing is under way with. */
function standing(thing: Thing | undefined): shape.State {
  if (thing?.suspended) return { id: 'suspended', icon: '⏸', label: say('cards.change.suspended'), tone: 'neutral' };
  if (!thing?.active) return { id: 'inactive', icon: '⏳', label: say('cards.state.waiting'), tone: 'neutral' };
  const { icon, label } = stateLabels.active;
  return { id: 'active', icon, label, tone: 'good' };
}

/** Names what the rows belong to, from the top. Two questions, however many rows there are. */
async function ancestors(db: Db, tenantId: string, rows: readonly Row[]) {
  const wanted = { reseller: new Set<string>(), enterprise: new Set<string>() };
  for (const row of rows) {
    const parent = parentOf(row);
    const kind = parentKind(kindOf(row));
    if (parent && kind) wanted[kind].add(parent);
  }
  const listed = async (kind: 'reseller' | 'enterprise') => {
    if (wanted[kind].size === 0) return new Map<string, { name: string; parent: string | null }>();
    const found = await db
      .selectFrom('listed')
      .select(['reference', 'name', 'parent'])
      .where('tenant_id', '=', tenantId)
      .where('kind', '=', kind)
      .where(sql<SqlBool>`reference = any(${[...wanted[kind]]}::text[])`)
      .execute();
    return new Map(found.map(({ reference, name, parent }) => [reference, { name, parent }]));
  };
  const enterprises = await listed('enterprise');
  for (const { parent } of enterprises.values()) if (parent) wanted.reseller.add(parent);
  const resellers = await listed('reseller');

  return (kind: Kind, reference: string | undefined): shape.Item['parents'] => {
    const at = parentKind(kind);
    if (!at || !reference) return [];
    if (at === 'reseller') return named('reseller', reference, resellers.get(reference));
    const enterprise = enterprises.get(reference);
    return [
      ...(enterprise?.parent ? named('reseller', enterprise.parent, resellers.get(enterprise.parent)) : []),
      ...named('enterprise', reference, enterprise),
    ];
  };
}

const named = (kind: 'reseller' | 'enterprise', reference: string, found: { name: string } | undefined) =>
  found ? [{ key: keyOf(kind, reference), kind, name: found.name }] : [];

const parentKind = (kind: Kind): 'reseller' | 'enterprise' | undefined =>
  kind === 'enterprise' ? 'reseller' : kind === 'direct-routing' || kind === 'pbx' ? 'enterprise' : undefined;

export const nounOf = (kind: string) => (isKind(kind) ? entryOf(kind).noun : kind);
