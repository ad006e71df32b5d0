import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { sql } from 'kysely';
import { type Database, type Db, openDatabase, type Trx } from '../db/open.ts';
import { type Verdict, verify } from '../requests/audit.ts';
import { Mistake } from './mistake.ts';

/** What a database holds: rows by table, and how each tenant's audit trail stands. */
export interface Contents {
  rows: Record<'requests' | 'events' | 'secrets' | 'organisations', number>;
  trails: Map<string, Verdict>;
}

export async function contentsOf(db: Db | Trx): Promise<Contents> {
  const count = async (table: keyof Contents['rows']) => {
    const { rows } = await sql<{ count: string }>`select count(*) from ${sql.table(table)}`.execute(db);
    return Number(rows[0]?.count);
  };
  const tenants = await db.selectFrom('events').select('tenant_id').distinct().orderBy('tenant_id').execute();
  const trails = new Map<string, Verdict>();
  for (const { tenant_id } of tenants) trails.set(tenant_id, await verify(db, tenant_id));
  return {
    rows: {
      requests: await count('requests'),
      events: await count('events'),
      secrets: await count('secrets'),
      organisations: await count('organisations'),
    },
    trails,
  };
}

/** One line: what is there, and whether the audit trail is whole. */
export function told({ rows, trails }: Contents): string {
  const many = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;
  const broken = [...trails].flatMap(([tenant, verdict]) =>
    verdict.whole ? [] : [`that of ${tenant} is broken at R-${verdict.requestId}`],
  );
  const trail = broken.length > 0 ? `BROKEN: ${broken.join(', ')}` : 'whole';
  return (
    `${many(rows.requests, 'request')}, ${many(rows.organisations, 'organisation')}, ` +
    `${many(rows.secrets, 'sealed secret')}, ${many(rows.events, 'event')} whose audit trail is ${trail}`
  );
}

/**
 * The copy of an embedded database that a backup's file holds.
 * @throws Mistake when it is none, or not the whole of one
 */
export async function readBackup(file: string): Promise<Blob> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Mistake(`${file} cannot be read (${error.code}).`);
  });
  try {
    return new Blob([await promisify(gunzip)(bytes)]);
  } catch (error) {
    throw new Mistake(`${file} is no backup, or not the whole of one.`, { cause: error });
  }
}

/**
 * Opens a copy in memory, brings it up to date there, and lets it be looked at.
 * @throws Mistake when it cannot be opened
 */
export async function withCopy<T>(copy: Blob, look: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ url: '', folder: '', snapshot: copy }).catch((error) => {
    throw new Mistake('The copy cannot be opened: it is damaged, or another version of the bot has made it.', {
      cause: error,
    });
  });
  try {
    return await look(database);
  } finally {
    await database.close();
  }
}
