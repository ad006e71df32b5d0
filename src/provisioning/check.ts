import type { Logger } from 'pino';
import { entryOf } from '../catalog/index.ts';
import type { Config } from '../config.ts';
import type { Handlers, Jobs } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import type { Progress, Step } from '../db/schema.ts';
import { explain } from '../errors.ts';
import { say } from '../language/say.ts';
import { awaitPeople, holdBatch } from '../requests/batch.ts';
import type { Request } from '../requests/request.ts';
import { openSecrets } from '../requests/secrets.ts';
import { loadAny, move, showProgress, type Work } from '../requests/store.ts';
import { type Keyring, SecretsLost } from '../secrets/keyring.ts';
import type { SipAccount } from '../sip/account.ts';
import { parseAllowList } from '../sip/addresses.ts';
import { type Check, preflight } from '../sip/preflight.ts';
import { turnAt } from './check-turns.ts';

/** Tries out an account, telling of each step, as `preflight` of src/sip does. */
export type Preflight = (
  account: SipAccount,
  options: { onProgress(checks: readonly Check[]): Promise<void>; signal: AbortSignal },
) => Promise<readonly Check[]>;

/** The real one, of the addresses that may be checked. */
export const preflightOf =
  ({ PREFLIGHT_ALLOW }: Pick<Config, 'PREFLIGHT_ALLOW'>): Preflight =>
  (account, options) =>
    preflight(account, { ...options, allow: parseAllowList(PREFLIGHT_ALLOW) });

export interface CheckRoom {
  db: Db;
  jobs: Jobs;
  config: Pick<Config, 'PREFLIGHT_PER_MINUTE'>;
  keys?: Keyring | undefined;
  preflight: Preflight;
  /** The process is ending: a check takes longer than that may. */
  ending?: AbortSignal;
  clock: () => Date;
  log: Logger;
}

/** The background work that tries out what is asked for before an approver is. It can be killed at any line and run again. */
export const checkWorkers = (room: CheckRoom): Pick<Handlers, 'check'> => ({
  check: ({ requestId }, signal) =>
    check(room, requestId, room.ending ? AbortSignal.any([signal, room.ending]) : signal),
});

const transact = <T>(room: CheckRoom, run: (work: Work) => Promise<T>) =>
  room.db.transaction().execute((trx) => run({ trx, jobs: room.jobs, now: room.clock() }));

async function check(room: CheckRoom, requestId: string, signal: AbortSignal): Promise<void> {
  const request = await loadAny(room.db, requestId);
  const entry = request && entryOf(request.kind);
  if (request?.state !== 'checking' || !entry?.account) return;

  const turn = await transact(room, async (work) => {
    const at = await turnAt(work, request.tenantId, room.config.PREFLIGHT_PER_MINUTE);
    if (at <= work.now) return true;
    await showProgress(work, request, queueing());
    await work.jobs.send(work.trx, 'check', { requestId }, at);
    return false;
  });
  if (!turn) return;

  let account: SipAccount;
  try {
    const secrets = await openSecrets(room.db, room.keys, request.tenantId, { requestId });
    account = entry.account({ ...request.content, ...secrets });
  } catch (error) {
    if (!(error instanceof SecretsLost)) throw error;
    const trouble = explain('secrets-lost');
    return void (await transact(room, (work) => move(work, request, 'stopped', undefined, { trouble })));
  }

  // Whoever takes the request back meanwhile ends its check.
  const over = new AbortController();
  const checks = await room.preflight(account, {
    signal: AbortSignal.any([signal, over.signal]),
    onProgress: async (checks) => {
      const going = await transact(room, async (work) => {
        const now = await loadAny(work.trx, requestId);
        if (!now || !isSame(now, request)) return false;
        await showProgress(work, now, progressOf(checks));
        return true;
      });
      if (!going) over.abort();
    },
  });
  // A check that was cut short has found nothing: the process is ending, and the job comes back in another.
  signal.throwIfAborted();
  if (over.signal.aborted) return;
  await settle(room, request, checks);
}

const isSame = (now: Request, request: Request) => now.state === request.state && now.version === request.version;

async function settle(room: CheckRoom, request: Request, checks: readonly Check[]): Promise<void> {
  const failed = checks.filter(({ state }) => state === 'failed');
  room.log.info({ request: request.id, failed: failed.map(({ label }) => label) }, 'settings checked');
  await transact(room, async (work) => {
    const progress = progressOf(checks);
    const how = failed.length > 0 ? 'stopped' : 'passed';
    await holdBatch(work.trx, request);
    const moved = await move(work, request, how, undefined, { progress, trouble: null });
    if (moved) await awaitPeople(work, moved);
  });
}

const queueing = (): Progress => ({
  steps: [{ label: say('work.queueing.label'), state: 'later', says: say('work.queueing.says') }],
  waitingFor: say('work.queueing.turn'),
});

/** The checks as the card's list: what was found, and what to do about it. */
const progressOf = (checks: readonly Check[]): Progress => ({
  steps: checks.map(({ label, state, says, fix }) => ({
    label,
    state: stepStates[state],
    ...((says || fix) && { says: [says, fix].filter(Boolean).join(' ') }),
  })),
});

const stepStates: Record<Check['state'], Step['state']> = {
  waiting: 'later',
  running: 'now',
  passed: 'done',
  warned: 'warned',
  failed: 'failed',
  skipped: 'skipped',
};
