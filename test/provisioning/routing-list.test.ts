import { held } from '../../src/requests/store.ts';
import { endAll, listen, simulate } from '../simulator/start.ts';
import { tenantId } from '../support/people.ts';
import { clientOf } from './routing-desk.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom();
});
afterAll(() => room.close());
afterEach(endAll);
beforeEach(async () => {
  await room.db.deleteFrom('listed').execute();
  room.pass(60_000);
});

const listed = async () => {
  const rows = await room.db
    .selectFrom('listed')
    .selectAll()
    .where('kind', '=', 'direct-routing')
    .orderBy('reference')
    .execute();
  return rows.map(({ reference, name, parent, active }) => [reference, name, parent, active]);
};

test('the Direct Routing of each enterprise is listed, and a gateway that has it cannot be asked for', async () => {
  const { simulator } = await simulate();
  clientOf(room, simulator.url);
  await room.mirror();
  expect(await listed()).toEqual([
    ['5901:1', 'US East 1', '5901', true],
    ['5901:2', 'US East 2', '5901', true],
  ]);
  const keys = ['direct-routing:5901:1', 'direct-routing:5901:3', 'direct-routing:5902:1'];
  expect(await held(room.db, tenantId, keys)).toEqual(['direct-routing:5901:1']);
});

/** A service with enterprises whose list does not tell of Direct Routing. */
async function quiet(count: number, status: (id: number) => { status: number; body: object }) {
  const enterprises = Array.from({ length: count }, (_, at) => ({
    enterpriseId: 6001 + at,
    enterpriseName: `Customer ${at}`,
    resellerId: 5101,
    registered: at > 0,
  }));
  const service = await listen(({ path }, response) => {
    const [, id] = /getDirectRoutingStatus\/(\d+)/.exec(path) ?? [];
    const { status: code, body } = id
      ? status(Number(id))
      : {
          status: 200,
          body: path.startsWith('/oauth')
            ? { access_token: 'token' }
            : path.includes('getResellers')
              ? { resellers: [{ resellerId: 5101, resellerName: 'Fabrikam', activated: true }] }
              : path.includes('getEnterprises')
                ? { enterprises }
                : [],
        };
    response.writeHead(code);
    response.end(JSON.stringify(body));
  });
  const { calls } = clientOf(room, service.url);
  return () => calls.filter((call) => call.includes('getDirectRoutingStatus')).length;
}

const routing = { sbcGatewayId: 1, sbcGatewayRegion: 'US East 1', domain: 'cust.example', state: 'DOMAIN_ACTIVE' };

describe('where TeamMate’s list does not tell', () => {
  test('each registered enterprise is asked for', async () => {
    const asked = await quiet(3, () => ({ status: 200, body: { directRoutings: [routing] } }));
    await room.mirror();
    expect(await listed()).toEqual([
      ['6002:1', 'US East 1', '6002', false],
      ['6003:1', 'US East 1', '6003', false],
    ]);
    expect(asked()).toBe(2);
  });

  test('but not thousands of them', async () => {
    const asked = await quiet(300, () => ({ status: 200, body: { directRoutings: [] } }));
    await room.mirror();
    expect(asked()).toBe(200);
  });

  test('nor a second one where there is no such call', async () => {
    const asked = await quiet(5, () => ({ status: 404, body: {} }));
    await room.mirror();
    expect(asked()).toBe(1);
    expect(
      await room.db.selectFrom('listed').select('reference').where('kind', '=', 'enterprise').execute(),
    ).toHaveLength(5);
  });
});
