import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import pg from 'pg';

/** Where a test's database is, as `openDatabase` takes it, and how to get rid of it. */
export interface FreshDatabase {
  url: string;
  /** See snapshot.ts. */
  snapshot: Blob | undefined;
  drop(): Promise<void>;
}

/** With DATABASE_URL set, a database of its own on that server; else PGlite in memory, with all tables. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = process.env.DATABASE_URL;
  if (!server) {
    const file = process.env.TEST_SNAPSHOT;
    return { url: '', snapshot: file ? await openAsBlob(file) : undefined, drop: async () => {} };
  }
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const run = async (statement: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await run(`create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, snapshot: undefined, drop: () => run(`drop database if exists ${name} with (force)`) };
}
