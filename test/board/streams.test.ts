import { sql } from 'kysely';
import { pino } from 'pino';
import * as contract from '../../src/board/contract.ts';
import { revisionOf, watchBoards } from '../../src/board/revision.ts';
import { createStreams } from '../../src/board/streams.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { keep } from '../../src/requests/things.ts';
import { type Route, startWeb, type Web } from '../../src/web/server.ts';
import { until } from '../simulator/start.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { alex, foreignTenantId, stranger, type TestPerson, tenantId } from '../support/people.ts';

const log = pino({ level: 'silent' });
let fresh: FreshDatabase;
let database: Database;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = await openDatabase({ url: fresh.url, folder: '', snapshot: fresh.snapshot });
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

/** A server with the stream alone, for anybody who says who they are. */
async function start({ mayRead = async () => true, heartbeat = 60_000 } = {}) {
  const watch = await watchBoards(database, { log });
  const streams = createStreams({ watch, mayRead, clock: () => new Date(), log, heartbeat });
  const people: Record<string, TestPerson> = { alex, stranger };
  const route: Route = ({ query, closing }) => {
    const { aadObjectId, id, name, tenantId } = people[query.get('who') ?? 'alex'] as TestPerson;
    const person = { tenantId, directoryId: aadObjectId, teamsId: id, name };
    const lasts = Number(query.get('lasts') ?? 3_600_000);
    return streams.open({ person, until: new Date(Date.now() + lasts) }, closing).catch((error) => ({
      status: 429,
      body: { code: error.code },
    }));
  };
  const web = await startWeb({ port: 0, host: '127.0.0.1', log, observe: () => {} }, { 'GET /events': route });
  return { web, streams, watch, stop: () => web.close().then(() => watch.stop()) };
}

/** Opens a stream and reads it as it comes. */
async function listen(web: Web, query = '') {
  const leaving = new AbortController();
  const response = await fetch(`${web.url}/events${query}`, { signal: leaving.signal });
  const told = { events: [] as [string, unknown][], comments: 0, over: false };
  let rest = '';
  const reading = (async () => {
    for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + piece).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) told.comments += 1;
        else {
          const [, event = '', data = ''] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
          told.events.push([event, contract.streamEvents[event as contract.StreamEvent].parse(JSON.parse(data))]);
        }
      }
    }
  })()
    .catch(() => {})
    .finally(() => {
      told.over = true;
    });
  return { response, told, names: () => told.events.map(([name]) => name), leave: () => leaving.abort(), reading };
}

let written = 0;
const change = (tenant: string, name = `Reseller ${++written}`) =>
  database.db
    .transaction()
    .execute((trx) =>
      keep(
        trx,
        tenant,
        [{ kind: 'reseller', reference: '801', name, active: true, suspended: false, facts: {} }],
        new Date(),
      ),
    );

describe('a stream', () => {
  test('begins with how the board is, and tells of each change once it is committed', async () => {
    const { web, stop } = await start();
    const stream = await listen(web);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.response.headers.get('cache-control')).toBe('no-store, no-transform');
    await until(() => stream.told.events.length === 1);
    expect(stream.told.events).toEqual([['board', { revision: await revisionOf(database.db, tenantId) }]]);
    await change(tenantId);
    await until(() => stream.told.events.length === 2);
    expect(stream.told.events[1]).toEqual(['changed', { revision: await revisionOf(database.db, tenantId) }]);
    await stop();
  });

  test('tells nothing of another tenant, of what was rolled back, or of what was written as it was', async () => {
    const { web, stop } = await start();
    const [own, theirs] = [await listen(web), await listen(web, '?who=stranger')];
    await change(tenantId, 'As it stays');
    await until(() => own.names().includes('changed'));
    const before = own.told.events.length;
    await change(tenantId, 'As it stays');
    await database.db
      .transaction()
      .execute(async (trx) => {
        await trx.updateTable('listed').set({ name: 'Never' }).where('tenant_id', '=', tenantId).execute();
        throw new Error('rolled back');
      })
      .catch(() => {});
    // Whatever is written beside the board, such as when somebody was reminded, is heard of and is no change of it.
    await sql`select pg_notify('board', ${tenantId})`.execute(database.db);
    // Two that are told are a second apart, in which whatever was heard of before has been looked at.
    for (const count of [1, 2]) {
      await change(foreignTenantId);
      await until(() => theirs.names().filter((name) => name === 'changed').length === count);
    }
    expect(own.told.events).toHaveLength(before);
    await stop();
  });

  test('tells of many changes at once as of few', async () => {
    const { web, stop } = await start();
    const stream = await listen(web);
    for (let number = 0; number < 30; number++) await change(tenantId);
    const last = await revisionOf(database.db, tenantId);
    await until(() => stream.told.events.some(([, data]) => (data as { revision: string }).revision === last));
    expect(stream.names().length).toBeLessThan(10);
    await stop();
  });

  test('hears of what another node has changed', async () => {
    const [one, other] = [await start(), await start()];
    const streams = [await listen(one.web), await listen(other.web)];
    await change(tenantId);
    for (const stream of streams) await until(() => stream.names().includes('changed'));
    await one.stop();
    await other.stop();
  });

  test('says now and then that it is still there', async () => {
    const { web, stop } = await start({ heartbeat: 5 });
    const stream = await listen(web);
    await until(() => stream.told.comments > 2);
    await stop();
  });

  test('ends when the token does, and says so', async () => {
    const { web, stop } = await start();
    const stream = await listen(web, '?lasts=20');
    await stream.reading;
    expect(stream.told.events.at(-1)).toEqual(['end', { why: 'token' }]);
    await stop();
  });

  test('ends when the last role is taken away', async () => {
    let may = true;
    const { web, stop } = await start({ heartbeat: 5, mayRead: async () => may });
    const stream = await listen(web);
    await until(() => stream.told.comments > 0);
    may = false;
    await stream.reading;
    expect(stream.told.events.at(-1)).toEqual(['end', { why: 'role' }]);
    await stop();
  });

  test('does not hold up a server that closes: every one ends at once, and says why', async () => {
    const { web, streams, stop } = await start();
    const open = await Promise.all([listen(web), listen(web), listen(web, '?who=stranger')]);
    for (const stream of open) await until(() => stream.told.events.length > 0);
    await stop();
    await Promise.all(open.map(({ reading }) => reading));
    for (const stream of open) expect(stream.told.events.at(-1)).toEqual(['end', { why: 'closing' }]);
    expect(streams.count()).toBe(0);
  });

  test('is forgotten when its page is closed', async () => {
    const { web, streams, stop } = await start();
    const stream = await listen(web);
    expect(streams.count()).toBe(1);
    stream.leave();
    await until(() => streams.count() === 0);
    await stop();
  });

  test('is one of a few that a person may have; another person has their own', async () => {
    const { web, streams, stop } = await start();
    const answers = await Promise.all(Array.from({ length: 10 }, () => fetch(`${web.url}/events`)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(6);
    const refused = answers.find(({ status }) => status === 429);
    expect(await refused?.json()).toEqual({ code: 'streams-many' });
    expect((await fetch(`${web.url}/events?who=stranger`)).status).toBe(200);
    expect(streams.count()).toBe(7);
    await stop();
  });
});
