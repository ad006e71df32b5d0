import { say } from '../language/say.ts';

/**
 * The life of a request: which state may follow which. Pure; the store applies it with one conditional UPDATE.
 *
 *   checking ─passed─▶ pending ─approve─▶ approved ─start─▶ provisioning ─created─▶ waiting ─activated─▶ active
 *    │ stopped    ▲       │ reject, withdraw, expire            │ fail  └────done────────────────────────▲
 *    ▼            │       ▼                                     ▼
 *   unready ─insist      rejected, withdrawn, expired          failed ─retry─▶ approved
 *
 * `checking` is for what is checked before anybody is bothered; the others begin as `pending`. `done` is for a change,
 * which is made at once. `void`: what was to be changed has been changed by somebody else meanwhile.
 */
export const states = [
  'checking',
  'unready',
  'pending',
  'approved',
  'provisioning',
  'waiting',
  'active',
  'rejected',
  'withdrawn',
  'expired',
  'failed',
  'void',
] as const;
export type State = (typeof states)[number];

/** A state as it stands in a sentence, in the reader's language; a batch's too. */
export const stateName = (state: State | 'preview' | 'cancelled'): string => say(`work.state.${state}`);

/** Somebody is still expected to do something. A failed one counts: it can be retried, so its claims stay. */
export const open: readonly State[] = [
  'checking',
  'unready',
  'pending',
  'approved',
  'provisioning',
  'waiting',
  'failed',
];

const moves = {
  passed: { from: ['checking'], to: 'pending' },
  stopped: { from: ['checking'], to: 'unready' },
  check: { from: ['unready'], to: 'checking' },
  insist: { from: ['unready'], to: 'pending' },
  approve: { from: ['pending'], to: 'approved' },
  reject: { from: ['pending'], to: 'rejected' },
  withdraw: { from: ['checking', 'unready', 'pending', 'failed'], to: 'withdrawn' },
  start: { from: ['approved'], to: 'provisioning' },
  created: { from: ['provisioning'], to: 'waiting' },
  // Somebody may still use an old link after we gave up; then it is live, and saying otherwise would be untrue.
  activated: { from: ['waiting', 'expired'], to: 'active' },
  done: { from: ['provisioning'], to: 'active' },
  void: { from: ['pending', 'approved', 'provisioning'], to: 'void' },
  expire: { from: ['unready', 'pending', 'waiting'], to: 'expired' },
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
export type Happening =
  | Move
  | 'submitted'
  | 'reminded'
  | 'asked'
  | 'overdue'
  | 'resent'
  | 'resend-asked'
  | 'troubled'
  | 'cleared'
  | 'lost'
  | 'regained'
  | 'task'
  | 'taken'
  | 'taken-over';

/** What is asked for: a new thing, or something about one that is there. */
export const operations = ['add', 'edit', 'suspend', 'resume', 'remove'] as const;
export type Operation = (typeof operations)[number];
/** What can be done with a thing that is there. */
export type Change = Exclude<Operation, 'add'>;

/** A step that a reader sees, by its English name. */
export type Step = 'Request' | 'Check' | 'Approval' | 'Creation' | 'Activation' | 'Change';

/** The steps a reader sees; what is `local` is live once it is created. Named as what is done in them, for the one under way is marked and not yet over. */
export function stepsOf(operation: Operation, checked: boolean, local = false): readonly Step[] {
  if (operation !== 'add') return ['Request', 'Approval', 'Change'];
  return [
    'Request',
    ...(checked ? (['Check'] as const) : []),
    'Approval',
    'Creation',
    ...(local ? [] : (['Activation'] as const)),
  ];
}

/** How many steps are done in a state; where it stopped, for those that ended badly. */
export function stepsDone(
  state: State,
  { steps, decided, created }: { steps: readonly Step[]; decided: boolean; created: boolean },
): number {
  const before = (step: Step) => steps.indexOf(step);
  if (state === 'active') return steps.length;
  if (state === 'checking' || state === 'unready') return before('Check');
  if (created && steps.includes('Activation')) return before('Activation');
  return before('Approval') + (decided && state !== 'rejected' ? 1 : 0);
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
