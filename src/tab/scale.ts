/** A scale of durations on which a minute and a week can both be read: equal steps for equal factors. */
export interface Scale {
  /** Where a duration stands, from 0 to 1. Seconds. */
  at(seconds: number): number;
  /** The durations that are marked on it. Seconds. */
  marks: number[];
}

/** What people count time in: 1 s, 1 min, 1 h, 1 d, 1 week, 30 d, a year. Seconds. */
const round = [1, 60, 3_600, 86_400, 604_800, 2_592_000, 31_536_000];

/** A scale that has room for all of these durations, from one round one to another. Seconds. */
export function scaleFor(durations: readonly number[]): Scale {
  const shortest = Math.max(1, Math.min(...durations));
  const longest = Math.max(60, ...durations);
  const last = round.findIndex((one) => one >= longest);
  const to = last < 0 ? round.length - 1 : last;
  const from = Math.min(
    round.findLastIndex((one) => one <= shortest),
    to - 1,
  );
  const [low, high] = [round[from] ?? 1, round[to] ?? 60];
  const width = Math.log(high) - Math.log(low);
  return {
    at: (seconds) => Math.min(1, Math.max(0, (Math.log(Math.max(seconds, 1)) - Math.log(low)) / width)),
    marks: round.slice(from, to + 1),
  };
}
