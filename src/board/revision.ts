import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Database, Db } from '../db/open.ts';
import { open } from '../requests/lifecycle.ts';

/** Where the database's triggers tell of a change, with the tenant's id (see migrations.ts). */
const channel = 'board';
/** Changes come in bursts: at most one is told in this time. Milliseconds. */
const tellEvery = 1_000;
/** How often it looks around for what no notification told of, as after a broken connection. Milliseconds. */
const lookEvery = 15_000;

/**
 * What tells one state of a tenant's board from every other one: all that is shown goes into it, and nothing else, so that
 * what was written again as it was is no change.
 */
export async function revisionOf(db: Db, tenantId: string): Promise<string> {
  const states = sql.join([...open]);
  const { rows } = await sql<{ revision: string }>`
    select md5(concat_ws(' ',
      (select coalesce(max(id), 0) from events where tenant_id = ${tenantId}),
      (select concat_ws(' ', count(*), sum(version), sum(revision), max(since)) from requests
        where tenant_id = ${tenantId} and state in (${states})),
      (select concat_ws(' ', count(*), sum(version)) from batches
        where tenant_id = ${tenantId} and state <> 'preview'),
      (select count(c.activity_id) from requests r join cards c on c.request_id = r.id
        where r.tenant_id = ${tenantId} and r.state in (${states})),
      (select concat_ws(' ', count(*), sum(hashtext(
          concat_ws('|', kind, reference, name, active, suspended, parent, facts::text))::bigint))
        from listed where tenant_id = ${tenantId}))) as revision`.execute(db);
  return rows[0]?.revision ?? '';
}

/** Hears of what changes on the boards of this process's readers, whichever node changed it. */
export interface Watch {
  /** Tells each new revision of a tenant's board from now on; resolves to the present one. */
  follow(tenantId: string, tell: (revision: string) => void): Promise<{ revision: string; stop(): void }>;
  stop(): Promise<void>;
}

interface Followed {
  revision: string;
  readers: Set<(revision: string) => void>;
  /** A look that is due, or under way; `again`: something was told of meanwhile. */
  looking: NodeJS.Timeout | true | undefined;
  again: boolean;
  told: number;
}

export async function watchBoards(
  database: Database,
  { log, now = () => performance.now() }: { log: Logger; now?: () => number },
): Promise<Watch> {
  const boards = new Map<string, Followed>();
  let stopped = false;

  async function look(tenantId: string, board: Followed) {
    board.looking = true;
    board.again = false;
    try {
      const revision = await revisionOf(database.db, tenantId);
      if (revision !== board.revision) {
        board.revision = revision;
        board.told = now();
        for (const tell of board.readers) tell(revision);
      }
    } catch (error) {
      // The next look around tries again.
      log.warn({ err: error, tenantId }, 'board');
    } finally {
      board.looking = undefined;
      if (board.again) soon(tenantId);
    }
  }

  function soon(tenantId: string) {
    const board = boards.get(tenantId);
    if (!board || stopped) return;
    board.again = true;
    if (board.looking) return;
    const wait = Math.max(0, board.told + tellEvery - now());
    board.looking = setTimeout(() => void look(tenantId, board), wait);
  }

  const unlisten = await database.listen(channel, soon);
  const around = setInterval(() => {
    for (const tenantId of boards.keys()) soon(tenantId);
  }, lookEvery);

  return {
    async follow(tenantId, tell) {
      const board = boards.get(tenantId) ?? {
        revision: '',
        readers: new Set(),
        looking: undefined,
        again: false,
        told: Number.NEGATIVE_INFINITY,
      };
      // Heard of from here on, before it is read: what changes in between is told.
      boards.set(tenantId, board);
      board.readers.add(tell);
      const stop = () => {
        board.readers.delete(tell);
        if (board.readers.size > 0) return;
        if (typeof board.looking === 'object') clearTimeout(board.looking);
        if (boards.get(tenantId) === board) boards.delete(tenantId);
      };
      try {
        const revision = await revisionOf(database.db, tenantId);
        if (board.revision === '') board.revision = revision;
        return { revision, stop };
      } catch (error) {
        stop();
        throw error;
      }
    },
    async stop() {
      stopped = true;
      clearInterval(around);
      for (const { looking } of boards.values()) if (typeof looking === 'object') clearTimeout(looking);
      await unlisten();
    },
  };
}
