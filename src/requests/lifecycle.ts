/**
 * The life of a request: which state may follow which. Pure; the store applies it with one conditional UPDATE.
 *
 *   pending ─approve─▶ approved ─start─▶ provisioning ─created─▶ waiting ─activated─▶ active
 *      │ reject, withdraw, expire            │ fail                 │ expire, fail
 *      ▼                                     ▼                      ▼
 *   rejected, withdrawn, expired          failed ─retry─▶ approved   expired
 */
export const states = [
  'pending',
  'approved',
  'provisioning',
  'waiting',
  'active',
  'rejected',
  'withdrawn',
  'expired',
  'failed',
] as const;
export type State = (typeof states)[number];

/** Somebody is still expected to do something. A failed one counts: it can be retried, so its claims stay. */
export const open: readonly State[] = ['pending', 'approved', 'provisioning', 'waiting', 'failed'];

const moves = {
  approve: { from: ['pending'], to: 'approved' },
  reject: { from: ['pending'], to: 'rejected' },
  withdraw: { from: ['pending', 'failed'], to: 'withdrawn' },
  start: { from: ['approved'], to: 'provisioning' },
  created: { from: ['provisioning'], to: 'waiting' },
  // Somebody may still use an old link after we gave up; then it is live, and saying otherwise would be untrue.
  activated: { from: ['waiting', 'expired'], to: 'active' },
  expire: { from: ['pending', 'waiting'], to: 'expired' },
  fail: { from: ['approved', 'provisioning', 'waiting'], to: 'failed' },
  retry: { from: ['failed'], to: 'approved' },
} as const satisfies Record<string, { from: readonly State[]; to: State }>;

export type Move = keyof typeof moves;

/** The state a move leads to, or undefined when it cannot be made from here. */
export function next(state: State, move: Move): State | undefined {
  const { from, to } = moves[move];
  return (from as readonly State[]).includes(state) ? to : undefined;
}

/** The states a move can be made from, for the WHERE of its UPDATE. */
export const from = (move: Move): readonly State[] => moves[move].from;
export const to = (move: Move): State => moves[move].to;

/** What happened, as the audit trail names it: a move, or something that left the state as it was. */
export type Happening = Move | 'submitted' | 'reminded' | 'resent' | 'resend-asked' | 'troubled' | 'cleared';

/** The four steps a reader sees. Named as what is done in them, for the one under way is marked and not yet over. */
export const steps = ['Request', 'Approval', 'Creation', 'Activation'] as const;

/** How many steps are done in a state; where it stopped, for those that ended badly. */
export function stepsDone(state: State, decided: boolean, created: boolean): number {
  if (state === 'active') return 4;
  if (created) return 3;
  return decided && state !== 'rejected' ? 2 : 1;
}

/**
 * When to look at a waiting request again: often while it is fresh, rarely once it is old (a twentieth of its age, at most
 * every half hour), so that a hundred forgotten activations do not poll the backend all day. Milliseconds.
 */
export function nextLook(ageMs: number, everyMs: number): number {
  return Math.max(everyMs, Math.min(ageMs / 20, 30 * 60_000));
}

/** The pause before attempt `n` (from 1) at a call: doubling from `firstMs`, at most ten minutes. Milliseconds. */
export const pauseBefore = (attempt: number, firstMs: number) => Math.min(firstMs * 2 ** (attempt - 1), 600_000);
