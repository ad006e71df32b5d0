import { sql } from 'kysely';
import type { Db } from '../db/open.ts';
import { say } from '../language/say.ts';
import { asksApprover, openBatches, tally } from '../requests/batch.ts';
import { linkKinds } from '../requests/chain.ts';
import { open, type State } from '../requests/lifecycle.ts';
import { list } from '../requests/store.ts';
import { stateLabels } from '../views/request.ts';
import type * as shape from './contract.ts';
import { countThings, itemsOf, underWay } from './items.ts';
import { linksFor, type Reader } from './links.ts';
import { iso, presentBatch, presentRequest } from './present.ts';
import { revisionOf } from './revision.ts';

/** Rows on one board, unless fewer are asked for: what a browser still handles at once. */
export const mostItems = 2000;
/** What one queue shows of each; an approver works from its top. */
const mostQueued = { requests: 200, batches: 20 } as const;
const pageSize = 500;

/** Everything the tab shows this reader of their organisation. The revision is read first, so that nothing is missed. */
export async function boardFor(
  db: Db,
  reader: Reader,
  { search, limit, now }: { search: string; limit: number; now: Date },
): Promise<shape.Board> {
  const { person, roles } = reader;
  const { tenantId } = person;
  const revision = await revisionOf(db, tenantId);
  const under = await underWay(db, tenantId, search);
  const total = (await countThings(db, tenantId, search, under)) + under.coming.length;
  const items: shape.Item[] = [];
  for await (const page of itemsOf(db, reader, { search, pageSize: Math.min(pageSize, limit), under })) {
    items.push(...page.slice(0, limit - items.length));
    if (items.length >= limit) break;
  }
  const seesQueue = roles.has('approver') || roles.has('administrator');
  const queue = await queueFor(db, reader);
  return {
    revision,
    at: iso(now),
    organisation: { tenantId, name: await organisationName(db, tenantId) },
    you: {
      directoryId: person.directoryId,
      name: person.name,
      roles: [...roles],
      approves: roles.has('approver'),
      seesQueue,
      orders: roles.has('requester'),
    },
    search,
    items,
    more: total - items.length + under.more,
    queue: seesQueue ? queue.shown : [],
    queueMore: seesQueue ? queue.total - queue.shown.length : 0,
    counts: await countsOf(db, tenantId, queue.total),
  };
}

async function organisationName(db: Db, tenantId: string): Promise<string> {
  const row = await db.selectFrom('organisations').select('name').where('tenant_id', '=', tenantId).executeTakeFirst();
  return row?.name ?? '';
}

/** What waits for an approver, the oldest first. A batch is one thing to decide on, as in the chat. */
async function queueFor(db: Db, reader: Reader): Promise<{ shown: shape.Queued[]; total: number }> {
  const { tenantId } = reader.person;
  const requests = await list(db, tenantId, { states: ['pending'], single: true, limit: mostQueued.requests });
  const batches = await openBatches(db, tenantId, { pending: true, limit: mostQueued.batches });
  const links = await linksFor(db, reader, {
    requests: requests.map(({ id }) => id),
    batches: batches.map(({ id }) => id),
  });
  const waiting = [
    ...requests.map((request) => ({
      since: request.since,
      queued: { type: 'request' as const, request: presentRequest(request, reader, links, true) },
    })),
    ...batches
      .filter((batch) => asksApprover(batch, tally(batch.requests)))
      .map((batch) => ({
        since: batch.since,
        queued: { type: 'batch' as const, batch: presentBatch(batch, reader, links) },
      })),
  ];
  return {
    shown: waiting.sort((a, b) => a.since.getTime() - b.since.getTime()).map(({ queued }) => queued),
    total: await queueLength(db, tenantId),
  };
}

async function queueLength(db: Db, tenantId: string): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select (select count(*) from requests
        where tenant_id = ${tenantId} and state = 'pending' and batch_id is null)
      + (select count(*) from batches b
        where b.tenant_id = ${tenantId} and b.state = 'pending'
          and exists (select from requests r where r.batch_id = b.id and r.state = 'pending')
          and not exists (select from requests r where r.batch_id = b.id and r.state = 'checking')) as count`.execute(
    db,
  );
  return Number(rows[0]?.count ?? 0);
}

/** Of the whole organisation, whatever is searched for. */
async function countsOf(db: Db, tenantId: string, queue: number): Promise<shape.Board['counts']> {
  const things = await db
    .selectFrom('listed')
    .select((select) => [
      'kind',
      select.fn.countAll<string>().as('total'),
      sql<string>`count(*) filter (where suspended)`.as('suspended'),
      sql<string>`count(*) filter (where active and not suspended)`.as('active'),
    ])
    .where('tenant_id', '=', tenantId)
    .where('kind', 'in', [...linkKinds])
    .groupBy('kind')
    .execute();
  const requests = await db
    .selectFrom('requests')
    .select((select) => [
      'state',
      select.fn.countAll<string>().as('count'),
      sql<string>`count(*) filter (where state = 'active')`.as('lost'),
    ])
    .where('tenant_id', '=', tenantId)
    .where((where) =>
      where.or([
        where('state', 'in', [...open]),
        where.and([where('state', '=', 'active'), where('lost_at', 'is not', null)]),
      ]),
    )
    .groupBy('state')
    .execute();
  const of = new Map(requests.map(({ state, count }) => [state, Number(count)]));
  return {
    things: linkKinds.map((kind) => {
      const found = things.find((one) => one.kind === kind);
      const [total, active, suspended] = [found?.total, found?.active, found?.suspended].map((text) =>
        Number(text ?? 0),
      );
      return {
        kind,
        title: say(`board.kind.${kind}`),
        total: total!,
        active: active!,
        suspended: suspended!,
        inactive: total! - active! - suspended!,
      };
    }),
    requests: open.flatMap((state: State) => {
      const count = of.get(state);
      const { icon, label, style } = stateLabels[state];
      const tone = style === 'emphasis' ? ('neutral' as const) : style;
      return count ? [{ state: { id: state, icon, label, tone }, count }] : [];
    }),
    lost: of.get('active') ?? 0,
    queue,
  };
}
