import { sql } from 'kysely';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { record, trail, verify } from '../../src/requests/audit.ts';
import { freshDatabase } from '../support/database.ts';

/** Each test has a tenant of its own, and so a chain of its own, in one database. */
let tenantId: string;
let requestId: string;
let number = 0;
let database: Database;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ ...fresh, folder: '' });
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});
beforeEach(async () => {
  number += 1;
  tenantId = `tenant-${number}`;
  requestId = await newRequest(tenantId);
  for (const what of ['submitted', 'approve', 'start'] as const) await add(requestId, tenantId, what);
});

async function newRequest(tenant: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into requests
      (tenant_id, kind, state, content, name, requester_tenant_id, requester_id, requester_name, since, created_at)
    values (${tenant}, 'reseller', 'pending', '{}', 'Contoso', ${tenant}, 'alex', 'Alex', now(), now()) returning id`.execute(
    database.db,
  );
  return rows[0]!.id;
}

const add = (request: string, tenant: string, what: 'submitted' | 'approve' | 'start') =>
  database.db.transaction().execute((trx) =>
    record(trx, {
      tenantId: tenant,
      requestId: request,
      at: new Date('2026-11-23T12:00:00.123Z'),
      actorId: 'alex',
      actorName: 'Älex “the” Wilber',
      what,
      detail: { zebra: 1, apple: { b: [1, { y: 2, x: 1 }], a: undefined }, reason: 'because' },
    }),
  );

/** What somebody does who has the database's password: takes the trigger away, changes something, puts it back. */
const tamper = async (statement: string) => {
  await sql.raw('alter table events disable trigger events_append_only').execute(database.db);
  await sql.raw(statement).execute(database.db);
  await sql.raw('alter table events enable trigger events_append_only').execute(database.db);
};

describe('the audit trail', () => {
  test('is whole as it was written, and keeps its tenants apart', async () => {
    expect(await verify(database.db, tenantId)).toMatchObject({ whole: true, count: 3 });
    const other = `${tenantId}-other`;
    await add(await newRequest(other), other, 'submitted');
    expect(await verify(database.db, other)).toMatchObject({ whole: true, count: 1 });
    expect(await verify(database.db, 'nobody')).toEqual({ whole: true, count: 0, last: '' });
  });

  test('tells a request’s events in order, the latest when there are more than asked for', async () => {
    const all = await trail(database.db, tenantId, requestId, 10);
    expect(all.map(({ what }) => what)).toEqual(['submitted', 'approve', 'start']);
    const two = await trail(database.db, tenantId, requestId, 2);
    expect(two.map(({ what }) => what)).toEqual(['approve', 'start']);
  });

  test.each([
    ['an event is changed', "update events set actor_name = 'Megan' where what = 'approve' and tenant_id = '$tenant'"],
    [
      'a detail is changed',
      `update events set detail = '{"reason": "other"}' where what = 'submitted' and tenant_id = '$tenant'`,
    ],
    ['an event is left out', "delete from events where what = 'approve' and tenant_id = '$tenant'"],
    [
      'a time is changed',
      "update events set at = at + interval '1 second' where what = 'start' and tenant_id = '$tenant'",
    ],
    [
      'an event is put in',
      `insert into events (tenant_id, request_id, at, what, hash) select tenant_id, request_id, at, 'reject', hash from events where what = 'start' and tenant_id = '$tenant'`,
    ],
  ])('is found out when %s behind its back', async (_, statement) => {
    await tamper(statement.replace('$tenant', tenantId));
    expect(await verify(database.db, tenantId)).toMatchObject({ whole: false, requestId });
  });

  test('cannot be changed or shortened by the ordinary way', async () => {
    await expect(sql.raw("update events set what = 'reject'").execute(database.db)).rejects.toThrow('append-only');
    await expect(sql.raw('delete from events').execute(database.db)).rejects.toThrow('append-only');
  });

  test('lets events be marked as announced without breaking the chain', async () => {
    await sql.raw('update events set announced = true').execute(database.db);
    expect(await verify(database.db, tenantId)).toMatchObject({ whole: true });
  });

  test('stays one chain when events come at the same time', async () => {
    await Promise.all(Array.from({ length: 8 }, () => add(requestId, tenantId, 'approve')));
    expect(await verify(database.db, tenantId)).toMatchObject({ whole: true, count: 11 });
  });
});
