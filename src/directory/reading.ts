import pLimit from 'p-limit';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Jobs, Payloads } from '../db/jobs.ts';
import type { Db, Trx } from '../db/open.ts';
import type { Trouble } from '../db/schema.ts';
import { explain } from '../errors.ts';
import { groupsToRead, keepReading, noteProblem } from '../people/groups.ts';
import { accountOf } from '../people/organisations.ts';
import { pauseBefore } from '../requests/lifecycle.ts';
import { type Directory, DirectoryFailed, type Group, outOfReach } from './graph.ts';

/** What came of reading a group: who is in it, or why that is not known. */
export type Outcome = { group: Group } | { problem: Trouble };

export interface ReadingRoom {
  db: Db;
  jobs: Jobs;
  directory: Directory;
  config: Config;
  clock: () => Date;
  log: Logger;
  /** Tells whoever asked for a group what came of it. */
  tell(trx: Trx, asked: Payloads['groups'], outcome: Outcome): Promise<void>;
}

/** Groups read at once for a tenant: a few, so that a slow one does not hold up the rest, and Graph does not throttle us. */
const atOnce = 4;

/** How long one group may take, all pages together. Milliseconds. */
const patience = 60_000;

/** Attempts that follow the first one in a reading; after that the next round tries again. */
const retries = 3;

/** Reads the followed groups of a tenant that are due, or the one that was asked for, and puts what it finds in SQL. */
export async function readGroups(room: ReadingRoom, asked: Payloads['groups'], signal: AbortSignal): Promise<void> {
  const { db, config } = room;
  const { tenantId, groupId } = asked;
  if (!(await accountOf(db, tenantId))) return;
  // With several nodes each has its rounds; half a round apart is often enough.
  const notTriedSince = new Date(room.clock().getTime() - config.GROUPS_EVERY / 2);
  const due = await groupsToRead(db, tenantId, groupId ? { groupId } : { notTriedSince });
  const limit = pLimit(atOnce);
  await Promise.all(due.map((id) => limit(() => readGroup(room, { ...asked, groupId: id }, signal))));
}

type OneGroup = Payloads['groups'] & { groupId: string };

async function readGroup(room: ReadingRoom, asked: OneGroup, signal: AbortSignal): Promise<void> {
  const { db, config, clock } = room;
  // A copy is as old as the beginning of its reading: what changes meanwhile may not be in it.
  const begun = clock();
  try {
    const obstacle = outOfReach(config, asked.tenantId);
    if (obstacle) throw new DirectoryFailed(obstacle);
    const group = await read(room, asked, signal);
    const validUntil = new Date(begun.getTime() + config.GROUPS_VALID);
    await db.transaction().execute(async (trx) => {
      await keepReading(trx, asked.tenantId, asked.groupId, { ...group, begun, validUntil });
      await room.tell(trx, asked, { group });
    });
  } catch (error) {
    if (!(error instanceof DirectoryFailed)) throw error;
    await failed(room, asked, error, begun);
  }
}

async function read({ directory }: ReadingRoom, { tenantId, groupId }: OneGroup, signal: AbortSignal): Promise<Group> {
  const late = AbortSignal.timeout(patience);
  try {
    return await directory.group(tenantId, groupId, AbortSignal.any([signal, late]));
  } catch (error) {
    if (!late.aborted || signal.aborted || error instanceof DirectoryFailed) throw error;
    throw new DirectoryFailed('directory-unreachable', { reason: 'no answer in time' }, { temporary: true });
  }
}

/** The old copy serves on until its time is over; a group that is not there has no members from now on. */
async function failed(room: ReadingRoom, asked: OneGroup, error: DirectoryFailed, begun: Date): Promise<void> {
  const { db, jobs, config, clock, log } = room;
  const { tenantId, groupId, attempt = 0 } = asked;
  const again = error.temporary && attempt < retries;
  log.warn({ err: error, tenantId, groupId, attempt, again }, 'could not read a group');
  const problem = explain(error.code, error.details);
  await db.transaction().execute(async (trx) => {
    await noteProblem(trx, tenantId, groupId, { begun, problem, gone: error.code === 'directory-group-gone' });
    if (!again) return room.tell(trx, asked, { problem });
    const pause = Math.max(pauseBefore(attempt + 1, config.RETRY_FIRST), (error.retryAfterSeconds ?? 0) * 1000);
    await jobs.send(trx, 'groups', { ...asked, attempt: attempt + 1 }, new Date(clock().getTime() + pause));
  });
}
