import { pino } from 'pino';
import type { Jobs } from '../../src/db/jobs.ts';
import { handOver } from '../../src/notify/hand-over.ts';
import { remember } from '../../src/people/conversations.ts';
import { BackendUnavailable } from '../../src/provisioning/backend.ts';
import { insert, move } from '../../src/requests/store.ts';
import { alex, channel, personal, serviceUrl, tenantId } from '../support/people.ts';
import { openRoom, type Room } from './room.ts';

let room: Room;
beforeAll(async () => {
  room = await openRoom();
});
afterAll(() => room.close());
beforeEach(async () => {
  await room.db.deleteFrom('outbox').execute();
  await room.db.deleteFrom('conversations').execute();
});

const chat = personal(alex);
const content = { enterprise: '5901', gateways: ['1'], names: {} };

/** A waiting request of Alex', who has a chat with the bot. */
async function waiting() {
  const where = { tenantId, conversationId: chat.id, kind: chat.kind, serviceUrl, directoryId: alex.aadObjectId };
  await remember(room.db, where, undefined, room.clock());
  return room.transact(async (work) => {
    const requester = { directoryId: alex.aadObjectId, name: alex.name };
    let request = await insert(work, { tenantId, kind: 'direct-routing', name: 'Proseware', content, requester });
    for (const how of ['approve', 'start', 'created'] as const)
      request = (await move(work, request, how, undefined, { reference: '5901:1' })) ?? request;
    return request;
  });
}

/** Hands over, with so many links made so far written down. */
function handing(answer?: Error) {
  const made: string[] = [];
  const later: object[] = [];
  const jobs = { send: async (_: unknown, __: unknown, data: object) => void later.push(data) } as unknown as Jobs;
  const freshLinks = async (id: string) => {
    made.push(id);
    if (answer) throw answer;
    const links = [{ title: 'User Sync', url: 'https://login.example/consent?(token)=a_b' }];
    return { to: 'it@proseware.example', customer: 'Proseware', links };
  };
  const { db, outbox, clock } = room;
  const log = pino({ level: 'silent' });
  const hand = (requestId: string, turn: string) =>
    handOver({ db, jobs, outbox, freshLinks, clock, log }, { requestId, turn });
  return { hand, made, later };
}

const posts = () => room.db.selectFrom('outbox').selectAll().orderBy('id').execute();

describe('links to forward', () => {
  test('come to the chat of who asked, once a turn, and a repeat makes no new ones', async () => {
    const { id } = await waiting();
    const { hand, made } = handing();
    await hand(id, '1');
    await hand(id, '1');
    expect(made).toHaveLength(1);
    await hand(id, '2');
    const queued = await posts();
    expect(queued.map(({ conversation_id }) => conversation_id)).toEqual([chat.id, chat.id]);
    expect(JSON.stringify(queued[0]?.activity)).toContain('](https://login.example/consent?%28token%29=a_b)');
  });

  test('come to no channel, even when who asked has no chat', async () => {
    const { id } = await waiting();
    await room.db.deleteFrom('conversations').execute();
    const news = channel('News');
    await remember(
      room.db,
      { tenantId, conversationId: news.id, kind: 'channel', serviceUrl },
      undefined,
      room.clock(),
    );
    const { hand, made } = handing();
    await hand(id, '1');
    expect([made, await posts()]).toEqual([[], []]);
  });

  test('are got again a little later when TeamMate is away', async () => {
    const { id } = await waiting();
    const { hand, later } = handing(new BackendUnavailable('away'));
    await hand(id, '1');
    expect([later, await posts()]).toEqual([[{ requestId: id, turn: '1' }], []]);
  });

  test('are not made for what no longer waits', async () => {
    const request = await waiting();
    await room.transact((work) => move(work, request, 'activated', undefined));
    const { hand, made } = handing();
    await hand(request.id, '1');
    await hand('999999', '1');
    expect(made).toEqual([]);
  });
});
