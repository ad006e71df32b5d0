import { channel, foreignTenantId, personal, stranger, thread } from '../support/people.ts';
import { openRoom, type Room } from './room.ts';

let room: Room;
beforeAll(async () => {
  room = await openRoom();
});
afterAll(() => room.close());

describe('posts to a conversation', () => {
  test('go in the order in which they were queued', async () => {
    const place = await room.place('Order');
    await room.queue(place, 'first', 'second', 'third');
    await room.deliver(place);
    expect(room.said(place)).toEqual(['first', 'second', 'third']);
    expect(await room.lane(place)).toEqual(['sent', 'sent', 'sent']);
  });

  test('are made once, however often the same one is queued', async () => {
    const place = await room.place('Once');
    await room.queueOnce(place, 'notice:1', 'said once');
    await room.queueOnce(place, 'notice:1', 'said once');
    await room.deliver(place);
    await room.queueOnce(place, 'notice:1', 'said once');
    await room.deliver(place);
    expect(room.said(place)).toEqual(['said once']);
  });

  test('are queued with the transaction or not at all', async () => {
    const place = await room.place('Rollback');
    const turn = room.transact(async ({ trx }) => {
      await room.outbox.replace(trx, place, 'never', '1', { type: 'AdaptiveCard', version: '1.5', body: [] });
      throw new Error('the turn failed');
    });
    await expect(turn).rejects.toThrow('the turn failed');
    expect(await room.lane(place)).toEqual([]);
  });

  test('go by the newest service URL, though they were queued under an older one', async () => {
    const place = await room.place('Moved', { url: 'https://smba.trafficmanager.net/emea/' });
    await room.queue(place, 'after the move');
    await room.heardFrom(channel('Moved'), 'https://smba.trafficmanager.net/amer/');
    const before = room.urls.length;
    await room.deliver(place);
    expect(room.urls.slice(before)).toEqual(['https://smba.trafficmanager.net/amer/']);
  });
});

describe('what Teams refuses for the moment', () => {
  test.each([412, 429, 502, 503, 504] as const)(
    'with %i is tried again, and what is behind it waits',
    async (status) => {
      const place = await room.place(`Again ${status}`);
      room.teams.fault({ status });
      await room.queue(place, 'first', 'second');
      await room.deliver(place);
      expect(room.said(place)).toEqual([]);
      expect(await room.quietUntil(place)).toEqual(new Date(room.clock().getTime() + 1000));
      room.pass(1);
      await room.deliver(place);
      expect(room.said(place)).toEqual(['first', 'second']);
    },
  );

  test.each(['drop', 'hang'] as const)('because the network fails (%s) is tried again', async (status) => {
    const place = await room.place(`Network ${status}`);
    room.teams.fault({ status });
    await room.queue(place, 'through after all');
    await room.deliver(place);
    expect(room.said(place)).toEqual([]);
    room.pass(1);
    await room.deliver(place);
    expect(room.said(place)).toEqual(['through after all']);
  });

  test('waits as long as Retry-After asks, and nothing is sent there meanwhile', async () => {
    const place = await room.place('Retry-After');
    const other = await room.place('Meanwhile');
    room.teams.fault({ status: 429, retryAfter: '30' });
    await room.queue(place, 'first');
    await room.deliver(place);
    expect(await room.quietUntil(place)).toEqual(new Date(room.clock().getTime() + 30_000));
    const calls = room.teams.calls.length;
    room.pass(29);
    await room.queue(place, 'second');
    await room.deliver(place);
    expect(room.teams.calls).toHaveLength(calls);
    await room.queue(other, 'elsewhere');
    await room.deliver(other);
    expect(room.said(other)).toEqual(['elsewhere']);
    room.pass(1);
    await room.deliver(place);
    expect(room.said(place)).toEqual(['first', 'second']);
  });

  test('is not put off for longer than an hour, whatever Retry-After says', async () => {
    const place = await room.place('For ever');
    room.teams.fault({ status: 503, retryAfter: '999999999' });
    await room.queue(place, 'still alive');
    await room.deliver(place);
    room.pass(3600);
    await room.deliver(place);
    expect(room.said(place)).toEqual(['still alive']);
  });

  test('is tried again for about a day with pauses that grow, then parked, and the next one gets its turn', async () => {
    const place = await room.place('Given up');
    room.teams.fault({ status: 503, times: 150 });
    await room.queue(place, 'never', 'next');
    const pauses: number[] = [];
    await room.deliver(place);
    for (
      let quiet = await room.quietUntil(place);
      quiet && quiet > room.clock();
      quiet = await room.quietUntil(place)
    ) {
      const pause = (quiet.getTime() - room.clock().getTime()) / 1000;
      pauses.push(pause);
      room.pass(pause);
      await room.deliver(place);
    }
    expect(pauses.slice(0, 12)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
    const hours = pauses.reduce((sum, one) => sum + one, 0) / 3600;
    expect(hours).toBeGreaterThan(23);
    expect(hours).toBeLessThan(24);
    expect(room.said(place)).toEqual(['next']);
    expect(await room.lane(place)).toEqual(['parked: Fault503', 'sent']);
  });
});

describe('what Teams refuses for good', () => {
  test.each([
    'BotNotInConversationRoster',
    'BotDisabledByAdmin',
    'ConversationBlockedByUser',
    'ForbiddenOperationException',
  ])(
    'because of the conversation (%s) is parked with all that is meant for it, until the bot is back',
    async (code) => {
      const place = await room.place(code);
      const other = await room.place(`Beside ${code}`);
      room.teams.fault({ status: 403, code });
      await room.queue(place, 'first', 'second');
      const calls = room.teams.calls.length;
      await room.deliver(place);
      await room.queue(place, 'third');
      await room.deliver(place);
      expect(room.teams.calls).toHaveLength(calls + 1);
      const held = 'parked: NotInConversation';
      expect(await room.lane(place)).toEqual([`parked: ${code}`, held, held]);

      await room.queue(other, 'elsewhere');
      await room.deliver(other);
      expect(room.said(other)).toEqual(['elsewhere']);

      await room.heardFrom(channel(code));
      await room.transact(({ trx }) => room.outbox.resume(trx, place));
      await room.deliver(place);
      expect(room.said(place)).toEqual(['first', 'second', 'third']);
      expect(await room.lane(place)).toEqual(['sent', 'sent', 'sent']);
    },
  );

  test('goes out in every channel and thread of a team when the app is installed in the team again', async () => {
    const place = await room.place('Approvals');
    const root = thread(channel('Approvals'), '1750000000000');
    const inThread = { ...place, conversationId: root.id };
    await room.heardFrom(root);
    room.teams.uninstall(channel('Approvals'));
    await room.queue(place, 'in the channel');
    await room.queue(inThread, 'in the thread');
    await room.deliver(place);
    await room.deliver(inThread);
    expect([...room.said(place), ...room.said(inThread)]).toEqual([]);

    // Teams tells of an installation once for a team, naming its General channel.
    room.teams.install(channel('Approvals'));
    const general = { ...channel('Approvals'), id: channel('Approvals').team?.id ?? '', name: 'General' };
    await room.heardFrom(general);
    await room.transact(({ trx }) => room.outbox.resume(trx, { ...place, conversationId: general.id }));
    await room.deliver(place);
    await room.deliver(inThread);
    expect([...room.said(place), ...room.said(inThread)]).toEqual(['in the channel', 'in the thread']);
  });

  test('stays parked elsewhere: in a personal chat, in another tenant', async () => {
    const chat = personal(stranger);
    await room.heardFrom(chat);
    const lanes = [
      { tenantId: chat.tenantId, conversationId: chat.id },
      await room.place('Elsewhere', { tenant: foreignTenantId }),
    ];
    for (const lane of lanes) {
      room.teams.fault({ status: 403, code: 'BotNotInConversationRoster' });
      await room.queue(lane, 'not yet');
      await room.deliver(lane);
    }
    const back = await room.place('Back');
    await room.transact(({ trx }) => room.outbox.resume(trx, back));
    for (const lane of lanes) expect(await room.lane(lane)).toEqual(['parked: BotNotInConversationRoster']);
  });

  test('because it is too big is parked alone', async () => {
    const place = await room.place('Too big');
    await room.queue(place, 'x'.repeat(60_000), 'small enough');
    await room.deliver(place);
    expect(room.said(place)).toEqual(['small enough']);
    expect(await room.lane(place)).toEqual(['parked: MessageSizeTooBig', 'sent']);
  });
});

describe('the live card of a request', () => {
  /** The posts and updates of a place, as `post 1`, `update 1`: the number tells posts apart. */
  const deeds = ({ conversationId }: { conversationId: string }) => {
    const posts: string[] = [];
    return room.teams
      .delivered()
      .filter((call) => call.conversationId === conversationId)
      .map(({ kind, activityId = '' }) => {
        if (kind === 'post') posts.push(activityId);
        return `${kind} ${posts.indexOf(activityId) + 1}`;
      });
  };

  test('is posted once, and updated in place from then on', async () => {
    const place = await room.place('Live');
    const request = await room.request(place, 'Live Ltd');
    await room.deliver(place);
    await room.move(request, 'approve');
    await room.deliver(place);
    expect(deeds(place)).toEqual(['post 1', 'update 1']);
    expect(room.said(place)).toEqual(['Reseller Live Ltd', 'Reseller Live Ltd']);
  });

  test('shows the newest state at once: updates that wait are not sent one by one', async () => {
    const place = await room.place('Superseded');
    const request = await room.request(place, 'Hasty Ltd');
    await room.queue(place, 'between');
    const approved = await room.move(request, 'approve');
    await room.move(approved, 'start');
    await room.deliver(place);
    expect(room.said(place)).toEqual(['between', 'Reseller Hasty Ltd']);
    expect(deeds(place)).toEqual(['post 1', 'post 2']);
    expect(await room.lane(place)).toEqual(['superseded', 'sent', 'superseded', 'sent']);
    const [, card] = room.teams.delivered().filter((call) => call.conversationId === place.conversationId);
    expect(JSON.stringify(card?.activity)).toContain('Being created');
  });

  test.each([0, 1])('is posted anew when somebody deleted it, once (after %i refusals)', async (refusals) => {
    const place = await room.place(`Deleted ${refusals}`);
    const request = await room.request(place, 'Lost Ltd');
    await room.deliver(place);
    const approved = await room.move(request, 'approve');
    if (refusals) room.teams.fault({ status: 503, times: refusals });
    room.teams.fault({ status: 404, code: 'ActivityNotFoundInConversation', only: 'update' });
    await room.deliver(place);
    room.pass(10);
    await room.deliver(place);
    expect(deeds(place)).toEqual(['post 1', 'post 2']);
    await room.move(approved, 'start');
    await room.deliver(place);
    expect(deeds(place)).toEqual(['post 1', 'post 2', 'update 2']);
  });

  test('is given up when there is nowhere left to post it', async () => {
    const place = await room.place('Vanished');
    const request = await room.request(place, 'Nowhere Ltd');
    await room.deliver(place);
    await room.move(request, 'approve');
    room.teams.fault({ status: 404, code: 'ConversationNotFound', times: 2 });
    const calls = room.teams.calls.length;
    await room.deliver(place);
    expect(room.teams.calls.slice(calls).map(({ kind }) => kind)).toEqual(['update', 'post']);
    expect(await room.lane(place)).toEqual(['sent', 'parked: ConversationNotFound']);
  });
});
