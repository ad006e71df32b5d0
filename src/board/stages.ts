import { sql } from 'kysely';
import { entryOf } from '../catalog/index.ts';
import type { Db } from '../db/open.ts';
import { say } from '../language/say.ts';
import { open, type State, to } from '../requests/lifecycle.ts';
import { type Kind, kinds, type StageId, type Stages, stageIds } from './contract.ts';
import { nounOf } from './items.ts';
import { iso } from './present.ts';

/** How far back a duration counts, and how many days are plotted. */
const days = 90;
const plotted = 30;

/** The stage that a request is in; none once it is over. */
const stageOf: Record<State, StageId | undefined> = {
  checking: 'checking',
  unready: 'checking',
  pending: 'approval',
  approved: 'provisioning',
  provisioning: 'provisioning',
  waiting: 'activation',
  failed: 'stopped',
  active: undefined,
  rejected: undefined,
  withdrawn: undefined,
  expired: undefined,
  void: undefined,
};

/** Which state an event of the audit trail led to; the others left the state as it was. */
const moves = [
  'passed',
  'stopped',
  'check',
  'insist',
  'approve',
  'reject',
  'withdraw',
  'start',
  'created',
  'activated',
  'done',
  'void',
  'expire',
  'fail',
  'retry',
] as const;

/** Pairs of what happened and the stage that begins with it, for SQL; no stage where it is over. */
const begins = moves.map((move) => ({ what: move, stage: stageOf[to(move)] ?? null }));

/** What is tried out before an approver is asked. */
const checked = kinds.filter((kind) => entryOf(kind).checked);

/**
 * Each stay of each request in a stage: from the event that began it to the event that ended it. Only requests count that
 * are open, or came to their end within the days looked at.
 */
const stays = (tenantId: string, since: Date) => sql`
  stays as (
    select e.request_id, r.kind, e.at as began, lead(e.at) over (partition by e.request_id order by e.id) as ended,
      case when e.what <> 'submitted' then b.stage
        when r.operation = 'add' and r.kind in (${sql.join(checked)}) then 'checking'
        else 'approval' end as stage
    from requests r join events e on e.request_id = r.id
    left join (values ${sql.join(begins.map(({ what, stage }) => sql`(${what}, ${stage}::text)`))}) as b (what, stage)
      on b.what = e.what
    where r.tenant_id = ${tenantId}
      and (r.state in (${sql.join([...open])}) or r.since >= ${since})
      and (e.what = 'submitted' or b.what is not null)
  )`;

/** How long each stage takes, and how many requests are in each now and were at the end of each of the last days. */
export async function stagesFor(db: Db, tenantId: string, now: Date): Promise<Stages> {
  const since = daysBefore(now, days);
  const first = startOfDay(daysBefore(now, plotted - 1));
  // What stays in one stage in several goes, as after a check that found something, counts as one.
  const { rows: spans } = await sql<Span>`
    with ${stays(tenantId, since)},
    taken as (
      select kind, stage, request_id, sum(extract(epoch from ended - began))::float8 as seconds
      from stays where stage is not null group by kind, stage, request_id
      having bool_and(ended is not null) and max(ended) >= ${since}
    )
    select stage, kind, count(*)::int as count,
      percentile_cont(0.5) within group (order by seconds) as median,
      percentile_cont(0.9) within group (order by seconds) as p90
    from taken group by grouping sets ((stage, kind), (stage))`.execute(db);
  const { rows: open } = await sql<{ stage: StageId; count: number }>`
    with ${stays(tenantId, since)}
    select stage, count(distinct request_id)::int as count from stays where stage is not null and ended is null
    group by stage`.execute(db);
  const { rows: history } = await sql<{ day: string; stage: StageId; count: number }>`
    with ${stays(tenantId, since)}
    select to_char(d.ends - interval '1 day', 'YYYY-MM-DD') as day, stage, count(distinct request_id)::int as count
    from generate_series(${iso(first)}::timestamp + interval '1 day', ${iso(startOfDay(now))}::timestamp + interval '1 day',
        interval '1 day') as d (ends)
    join stays on began < d.ends at time zone 'UTC' and (ended is null or ended >= d.ends at time zone 'UTC')
    where stage is not null
    group by d.ends, stage`.execute(db);

  const inStage = new Map(open.map(({ stage, count }) => [stage, count]));
  return {
    at: iso(now),
    days,
    stages: stageIds.map((id) => {
      const all = spans.find(({ stage, kind }) => stage === id && kind === null);
      return {
        id,
        label: say(`board.stage.${id}`),
        open: inStage.get(id) ?? 0,
        all: measured(all),
        kinds: kinds.flatMap((kind: Kind) => {
          const of = spans.find((span) => span.stage === id && span.kind === kind);
          return of ? [{ kind, noun: nounOf(kind), ...measured(of) }] : [];
        }),
      };
    }),
    perDay: Array.from({ length: plotted }, (_, index) => {
      const day = iso(daysBefore(now, plotted - 1 - index)).slice(0, 10);
      const of = (id: StageId) => history.find((one) => one.day === day && one.stage === id)?.count ?? 0;
      return { day, open: Object.fromEntries(stageIds.map((id) => [id, of(id)])) as Record<StageId, number> };
    }),
  };
}

interface Span {
  stage: StageId;
  kind: string | null;
  count: number;
  median: number | null;
  p90: number | null;
}

const measured = (span: Span | undefined) => ({
  count: span?.count ?? 0,
  median: span?.median ?? null,
  p90: span?.p90 ?? null,
});

const dayMs = 86_400_000;
const daysBefore = (at: Date, count: number) => new Date(at.getTime() - count * dayMs);
const startOfDay = (at: Date) => new Date(Math.floor(at.getTime() / dayMs) * dayMs);
