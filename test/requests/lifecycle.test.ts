import {
  from,
  type Move,
  next,
  nextLook,
  open,
  pauseBefore,
  type State,
  states,
  stepsDone,
  stepsOf,
  to,
} from '../../src/requests/lifecycle.ts';

/** Where each move leads from each state; what is not here cannot be done. */
const table: Record<Move, Partial<Record<State, State>>> = {
  approve: { pending: 'approved' },
  reject: { pending: 'rejected' },
  passed: { checking: 'pending' },
  stopped: { checking: 'unready' },
  check: { unready: 'checking' },
  insist: { unready: 'pending' },
  done: { provisioning: 'active' },
  void: { pending: 'void', approved: 'void', provisioning: 'void' },
  withdraw: { checking: 'withdrawn', unready: 'withdrawn', pending: 'withdrawn', failed: 'withdrawn' },
  start: { approved: 'provisioning' },
  created: { provisioning: 'waiting' },
  activated: { waiting: 'active', expired: 'active' },
  expire: { unready: 'expired', pending: 'expired', waiting: 'expired' },
  fail: { approved: 'failed', provisioning: 'failed', waiting: 'failed' },
  retry: { failed: 'approved' },
};
const moves = Object.keys(table) as Move[];

describe('the life of a request', () => {
  const cases = states.flatMap((state) => moves.map((move) => [state, move, table[move][state]] as const));
  test.each(cases)('%s, %s: %s', (state, move, leadsTo) => {
    expect(next(state, move)).toBe(leadsTo);
    // The store asks the other way round, for the WHERE of its UPDATE.
    expect(from(move).includes(state)).toBe(leadsTo !== undefined);
    if (leadsTo) expect(to(move)).toBe(leadsTo);
  });

  test('somebody is still expected to act in every state that is not an end', () => {
    const ends = states.filter((state) => !open.includes(state));
    expect(ends).toEqual(['active', 'rejected', 'withdrawn', 'expired', 'void']);
  });

  test('what is live, rejected, withdrawn or void stays so', () => {
    for (const state of ['active', 'rejected', 'withdrawn', 'void'] as const)
      expect(moves.filter((move) => next(state, move))).toEqual([]);
  });

  test('every state can be reached', () => {
    const reached = new Set<State>(['checking']);
    for (const _ of states)
      for (const state of [...reached]) for (const move of moves) addTo(reached, next(state, move));
    expect([...reached].sort()).toEqual([...states].sort());
  });
});

function addTo(set: Set<State>, state: State | undefined) {
  if (state) set.add(state);
}

describe('the steps a reader sees', () => {
  test.each<[state: State, decided: boolean, created: boolean, done: number]>([
    ['pending', false, false, 1],
    ['rejected', true, false, 1],
    ['withdrawn', false, false, 1],
    ['expired', false, false, 1],
    ['approved', true, false, 2],
    ['provisioning', true, false, 2],
    ['failed', true, false, 2],
    ['withdrawn', true, false, 2],
    ['waiting', true, true, 3],
    ['failed', true, true, 3],
    ['expired', true, true, 3],
    ['active', true, true, 4],
  ])('%s (decided: %s, created: %s): %d done', (state, decided, created, done) => {
    const steps = stepsOf('add', false);
    expect(stepsDone(state, { steps, decided, created })).toBe(done);
    // What is checked first has one step more.
    const longer = stepsOf('add', true);
    expect(stepsDone(state, { steps: longer, decided, created })).toBe(done + 1);
  });

  test.each<[state: State, done: number]>([
    ['checking', 1],
    ['unready', 1],
    ['pending', 2],
  ])('%s, of what is checked first: %d done', (state, done) => {
    const steps = stepsOf('add', true);
    expect(stepsDone(state, { steps, decided: false, created: false })).toBe(done);
  });

  test.each<[state: State, decided: boolean, done: number]>([
    ['pending', false, 1],
    ['void', false, 1],
    ['provisioning', true, 2],
    ['failed', true, 2],
    ['active', true, 3],
  ])('%s, of a change (decided: %s): %d done', (state, decided, done) => {
    const steps = stepsOf('edit', false);
    expect(stepsDone(state, { steps, decided, created: true })).toBe(done);
  });
});

describe('when to look again', () => {
  const minute = 60_000;
  test.each<[age: string, ageMs: number, nextMs: number]>([
    ['just now', 0, minute],
    ['twenty minutes', 20 * minute, minute],
    ['an hour', 60 * minute, 3 * minute],
    ['five hours', 300 * minute, 15 * minute],
    ['ten hours', 600 * minute, 30 * minute],
    ['two weeks', 14 * 1440 * minute, 30 * minute],
  ])('waiting since %s: in %d → %d ms', (_, age, expected) => {
    expect(nextLook(age, minute)).toBe(expected);
  });

  test('never sooner than the setting says, even when that is longer than half an hour', () => {
    expect(nextLook(600 * minute, 120 * minute)).toBe(120 * minute);
  });
});

describe('the pause before another attempt', () => {
  test.each([
    [1, 5_000],
    [2, 10_000],
    [3, 20_000],
    [7, 320_000],
    [8, 600_000],
    [50, 600_000],
    [2000, 600_000],
  ])('attempt %d: %d ms', (attempt, expected) => {
    expect(pauseBefore(attempt, 5_000)).toBe(expected);
  });
});
