import { pauseBefore } from '../../src/tab/pauses.ts';
import { scaleFor } from '../../src/tab/scale.ts';
import { timesIn } from '../../src/tab/times.ts';

const now = new Date('2026-11-02T12:00:00.000Z');
const english = timesIn('en-GB', 'Europe/Berlin');
const earlier = (seconds: number) => new Date(now.getTime() - seconds * 1000);

describe('when something was', () => {
  test.each([
    [-3, 'now'],
    [20, 'now'],
    [60, '1 minute ago'],
    [7_199, '1 hour ago'],
    [90_000, 'yesterday'],
    [13 * 86_400, '13 days ago'],
    [15 * 86_400, '2 weeks ago'],
  ])('%i seconds before is "%s"', (seconds, says) => expect(english.ago(earlier(seconds), now)).toBe(says));

  test('is told in the reader’s language and zone', () => {
    expect(timesIn('de', 'Europe/Berlin').ago(earlier(7_200), now)).toBe('vor 2 Stunden');
    expect(english.exact('2026-11-02T08:30:00.000Z')).toBe('2 Nov 2026, 09:30');
    expect(timesIn('ja', 'Asia/Tokyo').exact('2026-11-02T08:30:00.000Z')).toBe('2026/11/02 17:30');
  });

  test('is told so within the server’s sentences too', () => {
    const said = 'Microsoft to activate the domain by 2026-11-02T08:30:00.000Z, or 2026-11-03T08:30:00.000Z';
    expect(english.sentence(said)).toBe('Microsoft to activate the domain by 2 Nov 2026, 09:30, or 3 Nov 2026, 09:30');
  });

  test('a day is of no zone', () => expect(timesIn('en-GB', 'America/Los_Angeles').day('2026-11-02')).toBe('2 Nov'));
});

describe('how long something takes', () => {
  test.each([
    [0.3, '<1 sec'],
    [59, '59 secs'],
    [60, '1 min'],
    [3_900, '1 hr 5 mins'],
    [86_400, '1 day'],
    [3 * 86_400 + 59, '3 days'],
    [40 * 86_400 + 7_200, '40 days 2 hrs'],
  ])('%d seconds are "%s"', (seconds, says) => expect(english.span(seconds)).toBe(says));
});

describe('the scale of durations', () => {
  test('goes from one round duration to another', () => {
    const { marks, at } = scaleFor([90, 200_000]);
    expect(marks).toEqual([60, 3_600, 86_400, 604_800]);
    expect([at(60), at(604_800)]).toEqual([0, 1]);
    expect(at(3_600)).toBeGreaterThan(at(90));
  });

  test.each([[[0]], [[0.2, 0.4]], [[60]], [[1]], [[10 ** 9]]])('has room for %p', (durations) => {
    const { marks, at } = scaleFor(durations);
    expect(marks.length).toBeGreaterThan(1);
    for (const one of durations) {
      expect(at(one)).toBeGreaterThanOrEqual(0);
      expect(at(one)).toBeLessThanOrEqual(1);
    }
  });
});

test('a lost stream is tried again after longer and longer, up to a minute, and not by everybody at once', () => {
  expect([1, 2, 3, 7, 40].map((attempt) => pauseBefore(attempt, 1))).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
  expect(pauseBefore(3, 0)).toBe(3_000);
});
