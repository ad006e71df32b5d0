import { sql } from 'kysely';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Jobs } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';

/** The numbers an operator watches, in Prometheus' format. What stands in the database is counted when it is asked for. */
export function createMetrics(db: Db, jobs: Jobs) {
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
    refused: (status: number) => refused.inc({ status: String(status) }),
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
