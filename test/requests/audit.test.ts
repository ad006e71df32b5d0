import { sql } from 'kysely';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { record, trail, verify } from '../../src/requests/audit.ts';
import { freshDatabase } from '../support/harness.ts';

const tenantId = 'tenant-a';
let database: Database;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;

beforeEach(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ url: fresh.url, folder: '' });
  for (const [id, tenant] of [
    ['1', tenantId],
    ['2', 'tenant-b'],
  ] as const)
    await sql`insert into requests (id, tenant_id, kind, state, content, name, requester_id, requester_name, since, created_at)
      overriding system value values (${id}, ${tenant}, 'reseller', 'pending', '{}', 'Contoso', 'alex', 'Alex', now(), now())`.execute(
      database.db,
    );
  for (const what of ['submitted', 'approve', 'start'] as const) await add('1', tenantId, what);
  await add('2', 'tenant-b', 'submitted');
});
afterEach(async () => {
  await database.close();
  await fresh.drop();
});

const add = (requestId: string, tenant: string, what: 'submitted' | 'approve' | 'start') =>
  database.db.transaction().execute((trx) =>
    record(trx, {
      tenantId: tenant,
      requestId,
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
    expect(await verify(database.db, 'tenant-b')).toMatchObject({ whole: true, count: 1 });
    expect(await verify(database.db, 'nobody')).toEqual({ whole: true, count: 0, last: '' });
  });

  test('tells a request’s events in order, the latest when there are more than asked for', async () => {
    const all = await trail(database.db, tenantId, '1', 10);
    expect(all.map(({ what }) => what)).toEqual(['submitted', 'approve', 'start']);
    const two = await trail(database.db, tenantId, '1', 2);
    expect(two.map(({ what }) => what)).toEqual(['approve', 'start']);
  });

  test.each([
    ['an event is changed', "update events set actor_name = 'Megan' where what = 'approve'"],
    ['a detail is changed', `update events set detail = '{"reason": "other"}' where what = 'submitted'`],
    ['an event is left out', "delete from events where what = 'approve'"],
    ['a time is changed', "update events set at = at + interval '1 second' where what = 'start'"],
    [
      'an event is put in',
      `insert into events (tenant_id, request_id, at, what, hash) select tenant_id, request_id, at, 'reject', hash from events where what = 'start'`,
    ],
  ])('is found out when %s behind its back', async (_, statement) => {
    await tamper(statement);
    expect(await verify(database.db, tenantId)).toMatchObject({ whole: false, requestId: '1' });
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
    await Promise.all(Array.from({ length: 8 }, () => add('1', tenantId, 'approve')));
    expect(await verify(database.db, tenantId)).toMatchObject({ whole: true, count: 11 });
  });
});
