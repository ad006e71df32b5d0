import * as contract from '../../src/board/contract.ts';
import { stagesFor } from '../../src/board/stages.ts';
import type { AnyOrder, Kind } from '../../src/catalog/index.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { type AuditEvent, recordAll } from '../../src/requests/audit.ts';
import { type Operation, operations, type State, states } from '../../src/requests/lifecycle.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { alex, foreignTenantId, tenantId } from '../support/people.ts';

let fresh: FreshDatabase;
let database: Database;
beforeEach(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ url: fresh.url, folder: '', snapshot: fresh.snapshot });
});
afterEach(async () => {
  await database.close();
  await fresh.drop();
});

const now = new Date('2026-11-20T10:00:00.000Z');
const hours = (count: number) => new Date(now.getTime() - count * 3_600_000);
const order = { name: 'Adatum', email: 'ops@adatum.example', services: ['PBX'] } as unknown as AnyOrder;

/** A request that went this way: what happened, and how many hours before now. */
async function went(
  state: State,
  way: [AuditEvent['what'], number][],
  {
    kind = 'reseller',
    tenant = tenantId,
    operation = 'add',
  }: { kind?: Kind; tenant?: string; operation?: Operation } = {},
) {
  const since = hours(way.at(-1)?.[1] ?? 0);
  await database.db.transaction().execute(async (trx) => {
    const { id } = await trx
      .insertInto('requests')
      .values({
        tenant_id: tenant,
        kind,
        operation,
        state,
        content: JSON.stringify(order),
        name: 'Adatum',
        requester_tenant_id: tenant,
        requester_id: alex.aadObjectId,
        requester_name: alex.name,
        since,
        created_at: hours(way[0]?.[1] ?? 0),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const events = way.map(([what, ago]) => ({
      tenantId: tenant,
      requestId: id,
      at: hours(ago),
      actorId: null,
      actorName: null,
      what,
      detail: {},
    }));
    await recordAll(trx, tenant, events);
  });
}

const stages = async () => contract.stagesSchema.parse(await stagesFor(database.db, tenantId, now));
const stage = async (id: contract.StageId) => (await stages()).stages.find((one) => one.id === id);
/** So many hours, in seconds. */
const h = (count: number) => count * 3600;

describe('how long a stage takes', () => {
  test('is the time from what began it to what ended it, by median and ninetieth percentile', async () => {
    for (const took of [1, 2, 3, 4, 5])
      await went('active', [
        ['submitted', 20],
        ['approve', 20 - took],
        ['start', 14],
        ['created', 12],
        ['activated', 2],
      ]);
    const { all, kinds } = (await stage('approval')) ?? {};
    expect(all).toEqual({ count: 5, median: h(3), p90: expect.closeTo(h(4.6), 3) });
    expect(kinds).toEqual([{ kind: 'reseller', noun: 'reseller', ...all }]);
    // Between the approval and the start nothing is done yet, and it waits for TeamMate all the same.
    expect((await stage('provisioning'))?.all).toMatchObject({ count: 5, median: h(20 - 3 - 12) });
    expect((await stage('activation'))?.all).toMatchObject({ count: 5, median: h(10), p90: h(10) });
  });

  test('rests on nothing where nothing left it', async () => {
    await went('pending', [['submitted', 5]]);
    expect((await stage('approval'))?.all).toEqual({ count: 0, median: null, p90: null });
    expect((await stage('approval'))?.kinds).toEqual([]);
  });

  test('counts what was in it twice as one, with both times together', async () => {
    await went(
      'pending',
      [
        ['submitted', 20],
        ['stopped', 19],
        ['check', 16],
        ['passed', 14],
      ],
      { kind: 'pbx' },
    );
    expect((await stage('checking'))?.all).toMatchObject({ count: 1, median: h(6) });
  });

  test('of a change that is not checked begins with its approval', async () => {
    await went(
      'active',
      [
        ['submitted', 9],
        ['approve', 4],
        ['start', 4],
        ['done', 3],
      ],
      { kind: 'pbx', operation: 'edit' },
    );
    expect((await stage('checking'))?.all.count).toBe(0);
    expect((await stage('approval'))?.all.median).toBe(h(5));
  });

  test('leaves out what is long past, what is under way, and another tenant’s', async () => {
    await went('active', [
      ['submitted', 24 * 200],
      ['approve', 24 * 190],
      ['start', 24 * 190],
      ['created', 24 * 190],
      ['activated', 24 * 100],
    ]);
    await went('waiting', [
      ['submitted', 24 * 200],
      ['approve', 24 * 190],
      ['start', 24 * 190],
      ['created', 24 * 190],
    ]);
    await went(
      'active',
      [
        ['submitted', 9],
        ['approve', 4],
        ['start', 4],
        ['done', 3],
      ],
      { tenant: foreignTenantId },
    );
    for (const { all } of (await stages()).stages) expect(all.count).toBe(0);
  });

  test('is not changed by what is told in between', async () => {
    await went('rejected', [
      ['submitted', 9],
      ['reminded', 5],
      ['reject', 3],
    ]);
    expect((await stage('approval'))?.all.median).toBe(h(6));
  });
});

describe('how many are in a stage', () => {
  test('is told for now, and for the end of each day', async () => {
    // Submitted three days ago, approved yesterday, still being created.
    await went('provisioning', [
      ['submitted', 72],
      ['approve', 24],
      ['start', 24],
    ]);
    await went(
      'unready',
      [
        ['submitted', 48],
        ['stopped', 47],
      ],
      { kind: 'pbx' },
    );
    await went('failed', [
      ['submitted', 24 * 60],
      ['approve', 24 * 59],
      ['start', 24 * 59],
      ['fail', 24 * 50],
    ]);
    const all = await stages();
    expect(all.stages.map(({ id, open }) => [id, open])).toEqual([
      ['checking', 1],
      ['approval', 0],
      ['provisioning', 1],
      ['activation', 0],
      ['stopped', 1],
    ]);
    expect(all.perDay).toHaveLength(30);
    expect(all.perDay[0]).toEqual({
      day: '2026-10-22',
      open: { checking: 0, approval: 0, provisioning: 0, activation: 0, stopped: 1 },
    });
    const days = Object.fromEntries(all.perDay.map(({ day, open }) => [day, open]));
    expect(days['2026-11-16']).toMatchObject({ approval: 0, checking: 0 });
    expect(days['2026-11-17']).toMatchObject({ approval: 1, checking: 0 });
    expect(days['2026-11-18']).toMatchObject({ approval: 1, checking: 1, provisioning: 0 });
    expect(days['2026-11-19']).toMatchObject({ approval: 0, checking: 1, provisioning: 1 });
    expect(days['2026-11-20']).toMatchObject({ approval: 0, checking: 1, provisioning: 1, stopped: 1 });
  });
});

test('the contract names every state and operation there is', () => {
  expect([...contract.requestStates].sort()).toEqual([...states].sort());
  expect(contract.operations).toEqual(operations);
});
