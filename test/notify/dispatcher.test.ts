import { startDispatcher } from '../../src/notify/dispatcher.ts';
import { until } from '../simulator/start.ts';
import { openRoom, type Room } from './room.ts';

let room: Room;
beforeAll(async () => {
  room = await openRoom({ limits: true });
});
afterAll(() => room.close());

const start = () => startDispatcher(room.database, room.delivery);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `post ${index + 1}`);

/** Waits until so much was said in a place, and resolves to it. */
async function saidIn(place: Awaited<ReturnType<Room['place']>>, count: number) {
  await room.teams.waitFor(() => room.said(place).length >= count, {
    what: `post ${count} of ${place.conversationId}`,
  });
  return room.said(place);
}

describe('the dispatcher', () => {
  test('posts a burst whole, in order, and never so fast that Teams refuses', async () => {
    const place = await room.place('Burst');
    const dispatcher = await start();
    await room.queue(place, ...numbered(20));
    expect(await saidIn(place, 20)).toEqual(numbered(20));
    await dispatcher.stop();
    expect(room.teams.calls.map(({ status }) => status)).not.toContain(429);
  });

  test('posts what was queued while no process ran', async () => {
    const place = await room.place('Restart');
    await room.queue(place, ...numbered(2));
    const dispatcher = await start();
    expect(await saidIn(place, 2)).toEqual(numbered(2));
    await dispatcher.stop();
  });

  test('takes a conversation up again by itself when the time that Teams asked for is over', async () => {
    const place = await room.place('Patience');
    room.teams.fault({ status: 503, retryAfter: '60' });
    await room.queue(place, 'in the end');
    const dispatcher = await start();
    await until(async () => (await room.quietUntil(place)) !== undefined);
    expect(room.said(place)).toEqual([]);
    room.pass(60);
    expect(await saidIn(place, 1)).toEqual(['in the end']);
    await dispatcher.stop();
  });

  test('on two nodes posts everything once, and keeps the order of each conversation', async () => {
    const places = [await room.place('Left'), await room.place('Right')];
    const nodes = [await start(), await start()];
    for (const title of numbered(5)) await Promise.all(places.map((place) => room.queue(place, title)));
    for (const place of places) await saidIn(place, 5);
    await Promise.all(nodes.map((node) => node.stop()));
    for (const place of places) expect(room.said(place)).toEqual(numbered(5));
  });

  test('does not let one conversation that is refused hold up another', async () => {
    const [stuck, free] = [await room.place('Stuck'), await room.place('Free')];
    room.teams.fault({ status: 503, retryAfter: '3600' });
    const dispatcher = await start();
    await room.queue(stuck, 'much later');
    await until(async () => (await room.quietUntil(stuck)) !== undefined);
    await room.queue(free, ...numbered(3));
    expect(await saidIn(free, 3)).toEqual(numbered(3));
    await dispatcher.stop();
    expect(room.said(stuck)).toEqual([]);
  });
});
