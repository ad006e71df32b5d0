import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Jobs } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import type { Answer } from './server.ts';

/** How long one look at the backend serves, so that a probe every second does not become a login every second. */
const backendServes = 15_000;
/** What has not answered by then does not answer: a probe has its own limit, and a 503 that comes in time says more. ms */
const patience = 5_000;

/**
 * Whether everything the bot leans on answers. 503 says what does not; requests are still taken and wait meanwhile, so
 * /healthz is what a load balancer should go by.
 */
export function createReadiness(
  parts: { db: Db; jobs: Pick<Jobs, 'counts'>; backend: { ready(): Promise<void> } },
  { now = () => performance.now(), limit = patience } = {},
): () => Promise<Answer> {
  let looked = { at: Number.NEGATIVE_INFINITY, ok: Promise.resolve(true) };
  const backend = () => {
    if (now() - looked.at > backendServes) looked = { at: now(), ok: answers(parts.backend.ready(), limit) };
    return looked.ok;
  };
  return async () => {
    const [database, jobs, teammate] = await Promise.all([
      answers(sql`select 1`.execute(parts.db), limit),
      answers(parts.jobs.counts(), limit),
      backend(),
    ]);
    const word = (ok: boolean) => (ok ? 'ok' : 'does not answer');
    const ready = database && jobs && teammate;
    return {
      status: ready ? 200 : 503,
      body: { ready, database: word(database), jobs: word(jobs), backend: word(teammate) },
    };
  };
}

const answers = (promise: Promise<unknown>, limit: number): Promise<boolean> =>
  Promise.race([
    promise.then(
      () => true,
      () => false,
    ),
    sleep(limit, false, { ref: false }),
  ]);
