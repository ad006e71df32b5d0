import { createLimits } from '../../src/notify/limits.ts';

/** "Optimize your bot with rate limiting in Teams": posts by one bot to one conversation, within so many seconds. */
const documented = [
  { posts: 7, seconds: 1 },
  { posts: 8, seconds: 2 },
  { posts: 60, seconds: 30 },
  { posts: 1800, seconds: 3600 },
];

/** Posts as fast as the limits let it, on a clock that jumps. Resolves to when Teams got each post. Milliseconds. */
function postAll(count: number, underWay: (index: number) => number): number[] {
  let now = 0;
  const limits = createLimits(() => now);
  return Array.from({ length: count }, (_, index) => {
    let leave = limits('a channel');
    while ('wait' in leave) {
      now += leave.wait;
      leave = limits('a channel');
    }
    // Teams gets it at some time before it answers: early for one post and late for the next is the worst case.
    const arrival = now + (index % 2 ? 0 : underWay(index));
    now += underWay(index);
    leave.done();
    return arrival;
  });
}

describe('the limits', () => {
  test.each([
    ['at once', () => 0],
    ['always as slowly', () => 90],
    ['now fast, now slowly', (index: number) => [3, 400, 15, 1100][index % 4] as number],
  ])('are kept at every moment when Teams answers %s', (_, underWay) => {
    const arrivals = postAll(2000, underWay);
    for (const { posts, seconds } of documented) {
      const closest = arrivals.slice(posts).map((time, index) => time - (arrivals[index] as number));
      expect(Math.min(...closest)).toBeGreaterThanOrEqual(seconds * 1000);
    }
  });

  test('are used up, so that nobody waits longer than Teams asks', () => {
    const arrivals = postAll(60, () => 0);
    expect(arrivals.filter((time) => time < 1_000)).toHaveLength(7);
    expect(arrivals.filter((time) => time < 2_000)).toHaveLength(8);
    expect(arrivals.at(-1)).toBeLessThan(30_000);
  });

  test('count posts that are still under way, and each conversation by itself', () => {
    const limits = createLimits(() => 0);
    const leaves = Array.from({ length: 8 }, () => limits('a channel'));
    expect(leaves.filter((leave) => 'done' in leave)).toHaveLength(7);
    expect(leaves.at(-1)).toEqual({ wait: 1_000 });
    expect(limits('another channel')).toHaveProperty('done');
  });

  test('forget what is longer ago than an hour', () => {
    let now = 0;
    const limits = createLimits(() => now);
    for (let index = 0; index < 7; index++) {
      const leave = limits('a channel');
      if ('done' in leave) leave.done();
    }
    now = 3_600_001;
    expect(limits('another channel')).toHaveProperty('done');
    expect(limits('a channel')).toHaveProperty('done');
  });
});
