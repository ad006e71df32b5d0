import { sql } from 'kysely';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Jobs } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';

/** States that a request is in until somebody or something moves it. */
const passing = ['checking', 'unready', 'pending', 'approved', 'provisioning', 'waiting', 'failed'];

/** The numbers an operator watches, in Prometheus' format. What stands in the database is counted when it is asked for. */
export function createMetrics(db: Db, jobs: Jobs, streams: () => number = () => 0) {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });

  const served = new Histogram({
    name: 'teammate_http_seconds',
    help: 'Time to answer an HTTP request',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const refused = new Counter({
    name: 'teammate_activities_refused_total',
    help: 'Activities refused before they reached the bot, by HTTP status',
    labelNames: ['status'],
    registers,
  });
  const called = new Histogram({
    name: 'teammate_calls_seconds',
    help: 'Time TeamMate took for a call, by HTTP status; "none": it did not answer',
    labelNames: ['status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60],
    registers,
  });
  const failed = new Counter({
    name: 'teammate_jobs_failed_total',
    help: 'Background jobs that failed and are tried again, by name',
    labelNames: ['name'],
    registers,
  });
  const signOns = new Counter({
    name: 'teammate_sign_ons_refused_total',
    help: 'Sign-ons to the tab that were refused, by the code of the refusal',
    labelNames: ['code'],
    registers,
  });
  new Gauge({
    name: 'teammate_tab_streams',
    help: 'Open pages of the tab that hear what changes, at this node',
    registers,
    collect() {
      this.set(streams());
    },
  });
  const byState = (name: string, help: string, table: 'requests' | 'outbox') =>
    new Gauge({
      name,
      help,
      labelNames: ['state'],
      registers,
      async collect() {
        const rows = await db
          .selectFrom(table)
          .select(['state', sql<string>`count(*)`.as('count')])
          .groupBy('state')
          .execute();
        this.reset();
        for (const { state, count } of rows) this.set({ state }, Number(count));
      },
    });
  byState('teammate_requests', 'Requests, by state', 'requests');
  byState('teammate_posts', 'Posts to Teams, by state: queued ones wait, parked ones were given up', 'outbox');
  new Gauge({
    name: 'teammate_waiting_seconds',
    help: 'For how long the request that has been longest in a state that does not last has been in it, by state',
    labelNames: ['state'],
    registers,
    async collect() {
      const rows = await db
        .selectFrom('requests')
        .select(['state', sql<string>`extract(epoch from now() - min(since))`.as('age')])
        .where('state', 'in', passing)
        .groupBy('state')
        .execute();
      this.reset();
      for (const state of passing) this.set({ state }, 0);
      for (const { state, age } of rows) this.set({ state }, Math.max(0, Number(age)));
    },
  });
  new Gauge({
    name: 'teammate_posts_lag_seconds',
    help: 'For how long the oldest post that waits to be sent to Teams has waited',
    registers,
    async collect() {
      const { age } = await db
        .selectFrom('outbox')
        .select(sql<string | null>`extract(epoch from now() - min(created_at))`.as('age'))
        .where('state', '=', 'queued')
        .executeTakeFirstOrThrow();
      this.set(Math.max(0, Number(age ?? 0)));
    },
  });
  new Gauge({
    name: 'teammate_registrations_lost',
    help: 'PBXes that were registered and are not any more',
    registers,
    async collect() {
      const { count } = await db
        .selectFrom('requests')
        .select(sql<string>`count(*)`.as('count'))
        .where('state', '=', 'active')
        .where('lost_at', 'is not', null)
        .executeTakeFirstOrThrow();
      this.set(Number(count));
    },
  });
  new Gauge({
    name: 'teammate_jobs',
    help: 'Background jobs, by name and whether they wait or run',
    labelNames: ['name', 'state'],
    registers,
    async collect() {
      for (const { name, queued, active } of await jobs.counts()) {
        this.set({ name, state: 'queued' }, queued);
        this.set({ name, state: 'active' }, active);
      }
    },
  });

  return {
    observe: (route: string, status: number, seconds: number) =>
      served.observe({ route, status: String(status) }, seconds),
    called: (status: number | undefined, seconds: number) =>
      called.observe({ status: String(status ?? 'none') }, seconds),
    failed: (name: string) => failed.inc({ name }),
    refused: (status: number) => refused.inc({ status: String(status) }),
    signOnRefused: (code: string) => signOns.inc({ code }),
    text: () => registry.metrics(),
    /** What stands in the database, and what was refused, for whoever does not read /metrics. */
    numbers: async () => {
      const all = await registry.getMetricsAsJSON();
      return all
        .filter(({ name, type }) => name.startsWith('teammate_') && String(type) !== 'histogram')
        .map(({ name, help, values }) => ({
          name,
          help,
          values: values.map(({ labels, value }) => ({ labels: labels as Record<string, string>, value })),
        }));
    },
    type: registry.contentType,
  };
}
