import { entryOf } from '../catalog/index.ts';
import type { Approval } from '../catalog/orderable.ts';
import type { Step } from '../db/schema.ts';
import type { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { reasonLimit } from '../requests/decisions.ts';
import { type Happening, type State, stepsDone, stepsOf } from '../requests/lifecycle.ts';
import { canResend, type Request, shown, waitingFor, waitingSince } from '../requests/request.ts';
import { type Button, button, plainButton, row, texts } from './buttons.ts';
import { againButtons, changeAdvice, changeFacts, changeLabels, headingOf, outcome, unchanged } from './change.ts';
import { type Card, render } from './templates.ts';
import { cut, detail, moment, plain, prose } from './text.ts';

/** Who a card is for: it decides the buttons. The server decides again when one is clicked. */
export type Audience = 'requester' | 'approver' | 'reader' | 'operator';
/** Those who read the request's own card; an operator has one of the task (task.ts). */
export type Reader = Exclude<Audience, 'operator'>;

/** How a state is named, and its background. */
interface Labelled {
  icon: string;
  label: string;
  style: 'emphasis' | 'good' | 'attention';
}

const named = (state: State, icon: string, style: Labelled['style']): Labelled => ({
  icon,
  get label() {
    return say(`cards.state.${state}`);
  },
  style,
});

/**
 * How a state is named. The icon and the words say the same as the colour, which alone carries no meaning; it is the
 * background's, because coloured words are too pale to be read in some clients.
 */
export const stateLabels: Readonly<Record<State, Labelled>> = {
  checking: named('checking', '🔎', 'emphasis'),
  unready: named('unready', '⚠️', 'attention'),
  pending: named('pending', '⏳', 'emphasis'),
  approved: named('approved', '⏳', 'emphasis'),
  provisioning: named('provisioning', '⚙️', 'emphasis'),
  waiting: named('waiting', '⏳', 'emphasis'),
  active: named('active', '✅', 'good'),
  rejected: named('rejected', '⛔', 'attention'),
  withdrawn: named('withdrawn', '↩️', 'emphasis'),
  expired: named('expired', '⌛', 'attention'),
  failed: named('failed', '❌', 'attention'),
  void: named('void', '🚫', 'attention'),
};

/** The same for one request: a change is not active at its end, it is done. */
export const labelOf = ({ state, operation }: Pick<Request, 'state' | 'operation'>) => ({
  ...stateLabels[state],
  ...changeLabels(operation)[state],
});

/** How an event of the audit trail is named to a reader. */
export const happeningLabel = (what: Happening): string => say(`cards.happening.${what}`);

/** The states in which somebody can still think again. */
const undecided: readonly State[] = ['checking', 'unready', 'pending'];

/**
 * The card of a request: what it is, how it stands, who is waited for, what the reader can do.
 * `refusal`: why what they just tried was not done; `typedReason` and `entered` keep what they wrote.
 */
export function requestCard(
  request: Request,
  audience: Reader,
  { refusal, typedReason = '', entered = '' }: { refusal?: Refusal; typedReason?: string; entered?: string } = {},
): Card {
  const entry = entryOf(request.kind);
  const atReason = refusal?.code === 'reason-missing' || refusal?.code === 'reason-too-long';
  const atApproval = refusal?.code === 'approval-wrong';
  const deciding = audience === 'approver' && request.state === 'pending';
  return render('request', {
    title: headingOf(request),
    subtitle: subtitleOf(request),
    steps: stepLine(request),
    notices: texts(refusal && !atReason && !(deciding && atApproval) ? refusal.sentences(detail) : undefined),
    standing: standing(request),
    checklist: checklist(request),
    advice: texts(...(undecided.includes(request.state) ? adviceOf(request) : []).map((text) => `⚠ ${plain(text)}`)),
    facts: [...factsOf(request), ...decisionFacts(request)],
    unchanged: unchanged(request),
    approvals: deciding && entry.approval ? [approvalInput(entry.approval, entered)] : [],
    approvalErrors: texts(deciding && atApproval && refusal ? `⚠ ${refusal.sentences(detail)}` : undefined),
    reasons: deciding
      ? [
          {
            label: say('cards.reason.label'),
            hint: say('cards.reason.hint'),
            value: typedReason,
            maxLength: reasonLimit,
          },
        ]
      : [],
    reasonErrors: texts(deciding && atReason && refusal ? `⚠ ${refusal.sentences(detail)}` : undefined),
    buttons: row(buttons(request, audience)),
  });
}

/** What the approver has to enter. Not required by the client, which would then not let them reject without it. */
const approvalInput = ({ field, label, hint, maxLength, note }: Approval, value: string) => ({
  id: field,
  label,
  hint,
  maxLength,
  value: cut(value, maxLength),
  notes: texts(note && plain(note)),
});

/** Who asked, when, and with what else. */
export function subtitleOf({ id, requester, createdAt, batchId }: Request): string {
  const asked = say('cards.request.asked', { id: shown(id), who: plain(requester.name), when: moment(createdAt) });
  return batchId ? `${asked} · ${say('cards.request.batch', { batch: batchId })}` : asked;
}

function factsOf(request: Request) {
  if (request.operation !== 'add') return changeFacts(request);
  return (
    entryOf(request.kind)
      .facts(request.content)
      // What was left empty says nothing.
      .filter(({ value }) => value !== '—')
      .map(({ title, value }) => ({ title, value: plain(value) }))
  );
}

const adviceOf = (request: Request) =>
  request.operation === 'add' ? (entryOf(request.kind).advice?.(request.content) ?? []) : changeAdvice(request);

/** The line of steps: what is done, what is under way or where it stopped, and what is to come. */
export function stepsAt(request: Request): { label: string; is: 'done' | 'now' | 'stopped' | 'later' }[] {
  const { checked = false, local } = entryOf(request.kind);
  const steps = stepsOf(request.operation, checked, local);
  const [decided, created] = [request.decision !== undefined, request.reference !== undefined];
  const done = stepsDone(request.state, { steps, decided, created });
  const stopped = ['unready', 'rejected', 'withdrawn', 'expired', 'failed', 'void'].includes(request.state);
  return steps.map((step, index) => ({
    label: say(`cards.step.${step}`),
    is: index < done ? 'done' : index > done ? 'later' : stopped ? 'stopped' : 'now',
  }));
}

/**
 * The steps as one text that wraps between them: columns would break their names on a phone. Counted in words too, for who
 * sees neither marks nor colours.
 */
function stepLine(request: Request) {
  const steps = stepsAt(request);
  const run = (text: string, color = 'Default', { bold = false, subtle = false } = {}) => ({
    text,
    color,
    weight: bold ? 'Bolder' : 'Default',
    subtle,
  });
  const at = steps.findIndex(({ is }) => is !== 'done');
  const count = at < 0 ? undefined : say('cards.step.count', { step: at + 1, steps: steps.length });
  return [
    ...(count ? [run(`${count} `, 'Default', { subtle: true })] : []),
    ...steps.flatMap(({ label, is }, index) => {
      const { mark, color } = stepMarks[is];
      const look = { bold: is === 'now' || is === 'stopped', subtle: is === 'later' };
      // What belongs together stays on one line.
      const parts = [run(`${mark}\u00a0`, color, look), run(label.replaceAll(' ', '\u00a0'), 'Default', look)];
      return index === 0 ? parts : [run(' › ', 'Default', { subtle: true }), ...parts];
    }),
  ];
}

const stepMarks = {
  done: { mark: '✔', color: 'Good' },
  now: { mark: '●', color: 'Accent' },
  stopped: { mark: '✖', color: 'Attention' },
  later: { mark: '○', color: 'Default' },
} as const;

/** What the reader wants first: the state, who is waited for and since when, or how it ended; and why it does not move. */
export function standing(request: Request) {
  const { icon, label, style } = labelOf(request);
  const lost = request.state === 'active' ? request.lostAt : undefined;
  const lines = [{ text: lost ? `⚠ ${say('cards.standing.lost')}` : `${icon} ${label}`, weight: 'Bolder' }];
  const add = (text: string) => lines.push({ text, weight: 'Default' });
  const who = waitingFor(request);
  if (who) add(say('cards.standing.waiting', { who: plain(who), when: moment(waitingSince(request)) }));
  const isNew = request.operation === 'add';
  const ended = isNew ? entryOf(request.kind).active(request.content) : outcome(request);
  if (lost) add(say('cards.standing.unregistered', { when: moment(lost) }));
  else if (request.state === 'active' && ended) add(plain(ended));
  const { decision } = request;
  if (request.state === 'rejected' && decision)
    add(say('cards.standing.reason', { reason: plain(decision.reason ?? '—') }));
  if (request.state === 'expired')
    add(
      isNew && request.reference
        ? say('cards.standing.notActivated', { when: moment(request.since) })
        : say('cards.standing.undecided', { when: moment(request.since) }),
    );
  if (request.state === 'waiting' && request.resentAt) {
    const when = moment(request.resentAt);
    add(entryOf(request.kind).resent?.(when) ?? say('cards.standing.resent', { when }));
  }
  if (request.state === 'waiting' && request.remindedAt)
    add(say('cards.standing.reminded', { when: moment(request.remindedAt) }));
  if (request.state === 'waiting' && request.progress?.overdue) add(plain(request.progress.overdue));
  if (request.trouble) {
    const { says, next, attempt, nextTry } = request.trouble;
    add(`${plain(says)} ${plain(next)}`);
    if (nextTry) add(say('cards.standing.attempt', { attempt: attempt ?? 1, when: moment(nextTry) }));
  }
  // In trouble and not failed: it is still being tried.
  const late = request.state === 'waiting' && request.progress?.overdue !== undefined;
  return { lines, style: lost || (style === 'emphasis' && (request.trouble || late)) ? 'warning' : style };
}

/** What of a long wait is done, what is being done, and what is to come. A mark and a word say what the colour does. */
function checklist({ progress }: Request) {
  return (progress?.steps ?? []).map(({ label, state, says }) => ({
    ...marks[state],
    label: plain(label),
    says: texts(says && prose(says)),
  }));
}

const marks: Record<Step['state'], { mark: string; color: string; weight: string }> = {
  done: { mark: '✔', color: 'Good', weight: 'Default' },
  now: { mark: '●', color: 'Accent', weight: 'Bolder' },
  later: { mark: '○', color: 'Default', weight: 'Default' },
  failed: { mark: '✖', color: 'Attention', weight: 'Bolder' },
  warned: { mark: '⚠', color: 'Warning', weight: 'Default' },
  skipped: { mark: '–', color: 'Default', weight: 'Default' },
};

function decisionFacts({ decision, state, kind }: Request) {
  if (!decision) return [];
  const what = say('cards.decided', { state: state === 'rejected' ? 'rejected' : 'approved' });
  const { approval } = entryOf(kind);
  return [
    ...(approval && decision.entered ? [{ title: approval.label, value: plain(decision.entered) }] : []),
    { title: what, value: `${plain(decision.name)}, ${moment(decision.at)}` },
  ];
}

function buttons(request: Request, audience: Reader): Button[] {
  const about = { id: request.id, version: request.version };
  const again = entryOf(request.kind).resend;
  const resend = again && canResend(request) ? [plainButton(again, { verb: 'resend', ...about })] : [];
  const retry = plainButton(say('cards.button.retry'), { verb: 'retry', ...about }, 'positive');
  const change = plainButton(say('cards.button.change'), { verb: 'change', ...about });
  const withdraw = plainButton(say('cards.button.withdraw'), { verb: 'withdraw', ...about });
  // A change that is to be another one is withdrawn and begun again, from how the thing is by then.
  const ifNew = (one: Button) => (request.operation === 'add' ? [one] : []);
  if (audience === 'approver') {
    if (request.state === 'pending')
      return [
        button(say('cards.button.approve'), { verb: 'approve', ...about }, 'positive'),
        button(say('cards.button.reject'), { verb: 'reject', ...about }, 'destructive'),
      ];
    return request.state === 'waiting' ? resend : request.state === 'failed' ? [retry] : [];
  }
  if (audience === 'reader') return [];
  switch (request.state) {
    case 'checking':
      return [withdraw];
    case 'unready':
      return [
        plainButton(say('cards.button.checkAgain'), { verb: 'check', ...about }, 'positive'),
        change,
        plainButton(say('cards.button.askAnyway'), { verb: 'insist', ...about }),
        withdraw,
      ];
    case 'pending':
      return [...ifNew(change), withdraw];
    case 'waiting':
      return resend;
    case 'failed':
      return [retry, ...ifNew(change), withdraw];
    case 'rejected':
    case 'expired':
    case 'withdrawn':
    case 'void':
      if (request.operation !== 'add') return againButtons(request);
      return request.reference ? [] : [{ ...change, title: say('cards.button.askAgain') }];
    default:
      return [];
  }
}
