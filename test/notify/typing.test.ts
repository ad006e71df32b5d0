import type { Handlers } from '../../src/db/jobs.ts';
import type { Leave } from '../../src/notify/limits.ts';
import { type TypingRoom, withTyping } from '../../src/notify/typing.ts';
import { forget } from '../../src/people/conversations.ts';
import { channel, tenantId } from '../support/people.ts';
import { openRoom, type Room } from './room.ts';

let room: Room;
beforeAll(async () => {
  room = await openRoom();
});
afterAll(() => room.close());

const free = (): Leave => ({ done() {} });
const asked = (conversationId: string) => ({ tenantId, conversationId, month: '2026-03', asked: conversationId });
const typingIn = (id: string) =>
  room.teams.calls.filter(({ conversationId, activity }) => conversationId === id && activity?.type === 'typing');

/** Has a bill read, which takes until `done`; the first sign is shown as soon as it may be. */
function work(conversationId: string, done: () => Promise<void>, more: Partial<TypingRoom> = {}) {
  const { db, connector, clock, log } = room.delivery;
  const handlers = { bill: done } as unknown as Handlers;
  const typing = { db, connector, clock, log, limits: free, after: 0, every: 5, ...more };
  return withTyping(typing, handlers).bill(asked(conversationId), new AbortController().signal);
}
const shownTimes = (id: string, times: number) => async () => {
  await room.teams.waitFor(() => typingIn(id).length >= times, { what: `${times} signs of typing`, typing: true });
};
/** Long enough for a sign that must not come: several are due meanwhile. */
const aWhile = () => new Promise<void>((resolve) => setTimeout(resolve, 60));

test('whoever waits for something longer sees the bot typing, again and again, until it is done', async () => {
  const place = await room.place('Typing');
  await work(place.conversationId, shownTimes(place.conversationId, 3));
  const shown = typingIn(place.conversationId).length;
  await aWhile();
  // One may have been on its way when the work was done.
  expect(typingIn(place.conversationId).length).toBeLessThanOrEqual(shown + 1);
});

test('it is shown a few times and no more', async () => {
  const place = await room.place('Patient');
  await work(place.conversationId, async () => {
    await shownTimes(place.conversationId, 8)();
    await aWhile();
  });
  expect(typingIn(place.conversationId)).toHaveLength(8);
});

test('what is over at once shows nothing', async () => {
  const place = await room.place('Quick');
  await work(place.conversationId, async () => {}, { after: 30 });
  await aWhile();
  expect(typingIn(place.conversationId)).toEqual([]);
});

test('it gives way where Teams’ limits leave no room', async () => {
  const place = await room.place('Full');
  await work(place.conversationId, aWhile, { limits: () => ({ wait: 500 }) });
  expect(typingIn(place.conversationId)).toEqual([]);
});

test('nothing is shown where Teams has asked for quiet, where the bot is no more, or was never', async () => {
  const place = await room.place('Hushed');
  const at = { tenantId, conversationId: place.conversationId };
  await room.db
    .updateTable('conversations')
    .set({ quiet_until: new Date(room.clock().getTime() + 60_000) })
    .where('conversation_id', '=', place.conversationId)
    .execute();
  await work(place.conversationId, aWhile);
  const left = await room.place('Left');
  await forget(room.db, tenantId, left.conversationId);
  await work(left.conversationId, aWhile);
  await work(channel('Never').id, aWhile);
  for (const id of [at.conversationId, left.conversationId, channel('Never').id]) expect(typingIn(id)).toEqual([]);
});

test('what goes wrong with it is nothing to the work, and the work’s own failure comes through', async () => {
  const place = await room.place('Broken');
  room.teams.fault({ status: 403, code: 'BotNotInConversationRoster', times: 3, only: 'post' });
  await work(place.conversationId, shownTimes(place.conversationId, 1));
  const broken = work(place.conversationId, () => Promise.reject(new Error('no bill')));
  await expect(broken).rejects.toThrow('no bill');
});

test('nothing of it is queued', async () => {
  const rows = await room.db.selectFrom('outbox').select('id').execute();
  expect(rows).toEqual([]);
});
