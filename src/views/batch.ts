import { counted, entryOf } from '../catalog/index.ts';
import type { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { asksApprover, type Batch, type Tally, tally } from '../requests/batch.ts';
import { reasonLimit } from '../requests/decisions.ts';
import { type Request, shown, waitingFor } from '../requests/request.ts';
import { type Button, button, plainButton, row, texts } from './buttons.ts';
import { listCard } from './list.ts';
import { type Audience, stateLabels } from './request.ts';
import { type Card, render } from './templates.ts';
import { cut, detail, moment, plain, prose } from './text.ts';

/** What one card carries of a long batch; the rest is behind Show all. */
const most = { names: 14, advised: 4, failures: 6, waited: 3, page: 15 } as const;

/** "28 resellers": a batch as it is called. */
export const sized = ({ kind, requests }: Batch, count = requests.length): string => counted(kind, count);

/**
 * The card of a batch: its size, how far it has come, who is waited for, what failed and why, what the reader can do.
 * `refusal`: why what they just tried was not done; `typedReason` keeps what they wrote.
 */
export function batchCard(
  batch: Batch,
  audience: Audience,
  { refusal, typedReason = '' }: { refusal?: Refusal; typedReason?: string } = {},
): Card {
  const counts = tally(batch.requests);
  const atReason = refusal?.code === 'reason-missing' || refusal?.code === 'reason-too-long';
  const deciding = audience === 'approver' && asksApprover(batch, counts);
  const stopped = batch.requests.filter(({ state }) => state === 'failed' || state === 'unready');
  return render('batch', {
    title: sized(batch),
    subtitle: say('cards.batch.asked', {
      id: batch.id,
      who: plain(batch.requester.name),
      when: moment(batch.createdAt),
    }),
    notices: texts(refusal && !atReason ? refusal.sentences(detail) : undefined),
    standing: standing(batch, counts),
    counts: facts(batch, counts),
    names: batch.state === 'pending' ? names(batch) : [],
    failures: stopped.slice(0, most.failures).map((request) => ({
      title: `${stateLabels[request.state].icon} ${shown(request.id)} ${plain(cut(request.name, 60))}`,
      says: prose(cut(whyStopped(request), 200)),
      buttons: row([showButton(request)]),
    })),
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
    buttons: row(buttons(batch, audience, counts)),
  });
}

/** What it failed of, or what its check found. */
function whyStopped({ state, trouble, progress }: Request): string {
  if (trouble) return trouble.says;
  return foundIn(progress) ?? say(state === 'unready' ? 'cards.batch.needsMending' : 'cards.batch.itFailed');
}

function foundIn(progress: Request['progress']): string | undefined {
  const found = progress?.steps?.find((step) => step.state === 'failed');
  return found && `${found.label}: ${found.says ?? say('cards.batch.stepFailed')}`;
}

/** All requests of a batch, a page at a time. */
export function batchRows(batch: Batch, page: number): Card {
  const pages = Math.max(1, Math.ceil(batch.requests.length / most.page));
  const at = Math.min(Math.max(page, 0), pages - 1);
  const turnTo = (title: string, to: number) =>
    plainButton(title, { verb: 'batch-rows', batch: batch.id, page: to, from: 'rows' });
  return listCard({
    title: titleOf(batch),
    intro: pages > 1 ? say('cards.page', { page: at + 1, pages }) : '',
    rows: batch.requests.slice(at * most.page, (at + 1) * most.page).map((request) => ({
      title: `${stateLabels[request.state].icon} ${shown(request.id)} ${plain(cut(request.name, 60))}`,
      subtitle: rowOf(request),
      actions: [showButton(request)],
    })),
    actions: [
      ...(at > 0 ? [turnTo(say('cards.button.previous'), at - 1)] : []),
      ...(at < pages - 1 ? [turnTo(say('cards.button.next'), at + 1)] : []),
    ],
  });
}

/** A batch as the heading of what is said about it. */
const titleOf = (batch: Batch) => say('cards.batch.title', { id: batch.id, things: sized(batch) });

/** A batch as one row of a list. */
export const batchRow = (batch: Batch, { by }: { by: boolean }) => ({
  title: titleOf(batch),
  subtitle: [
    summary(tally(batch.requests)),
    ...(by ? [say('cards.batch.by', { who: plain(batch.requester.name) })] : []),
  ].join(' · '),
  actions: [
    {
      ...plainButton(say('cards.button.show'), { verb: 'batch-show', batch: batch.id }),
      tooltip: say('cards.batch.show', { id: batch.id }),
    },
  ],
});

/** How far it has come, in a line. */
export function summary(counts: Tally): string {
  return [
    ['🔎', 'checking'] as const,
    ['⚠️', 'mending'] as const,
    ['⏳', 'pending'] as const,
    ['⚙️', 'working'] as const,
    ['⏳', 'waiting'] as const,
    ['✅', 'active'] as const,
    ['❌', 'failed'] as const,
    ['🚫', 'over'] as const,
  ]
    .filter(([, which]) => counts[which] > 0)
    .map(([icon, which]) => `${icon} ${say(`cards.batch.${which}.counted`, { count: counts[which] })}`)
    .join(' · ');
}

const labels: Record<Batch['state'], { icon: string; style: string }> = {
  pending: { icon: '⏳', style: 'emphasis' },
  approved: { icon: '⚙️', style: 'emphasis' },
  rejected: { icon: '⛔', style: 'attention' },
  withdrawn: { icon: '↩️', style: 'emphasis' },
  expired: { icon: '⌛', style: 'attention' },
};

function standing(batch: Batch, counts: Tally) {
  const { state, decision, requests, requester } = batch;
  const size = requests.length;
  const lines: { text: string; weight: string }[] = [];
  const add = (text: string, weight = 'Default') => lines.push({ text, weight });
  const finished = state === 'approved' && counts.working + counts.waiting + counts.pending === 0;
  add(
    finished && counts.active === size ? `✅ ${say('cards.batch.allActive', { size })}` : labelOf(batch, counts),
    'Bolder',
  );
  if (state === 'approved') {
    // In words too: the bar alone says nothing to who cannot see it.
    const [created, active] = [counts.active + counts.waiting, counts.active];
    add(bar(counts, size));
    add(say('cards.batch.progress', { created, size, active }));
    for (const line of waits(batch, counts)) add(line);
    const late = requests.find(({ state, trouble }) => state === 'provisioning' && trouble?.nextTry);
    if (late?.trouble) add(`${plain(late.trouble.says)} ${say('cards.batch.retried')}`);
  }
  if (state === 'pending') {
    if (counts.checking > 0) add(say('cards.batch.waitsForCheck', { count: counts.checking }));
    if (asksApprover(batch, counts)) {
      const when = moment(batch.since);
      add(
        counts.mending > 0
          ? say('cards.batch.waitsForApproverOfSome', { count: counts.pending, when })
          : say('cards.batch.waitsForApprover', { when }),
      );
    }
    if (counts.mending > 0)
      add(say('cards.batch.waitsForMending', { who: plain(requester.name), count: counts.mending }));
  }
  if (state === 'rejected') add(say('cards.standing.reason', { reason: plain(decision?.reason ?? '—') }));
  if (state === 'withdrawn' && !decision && counts.over > 0 && requests.some((one) => one.state === 'expired'))
    add(say('cards.batch.notMended'));
  if (state === 'expired') add(say('cards.standing.undecided', { when: moment(batch.since) }));
  const gone = batch.size - size;
  if (gone > 0 && state !== 'pending') add(say('cards.batch.gone', { gone, size: batch.size }));
  const style = state === 'approved' && counts.failed > 0 ? 'warning' : finished ? 'good' : labels[state].style;
  return [{ lines, style }];
}

function labelOf(batch: Batch, counts: Tally): string {
  if (batch.state !== 'pending' || asksApprover(batch, counts)) {
    const { icon } = labels[batch.state];
    return `${icon} ${say(`cards.state.${batch.state}`)}`;
  }
  const { icon, label } = stateLabels[counts.checking > 0 ? 'checking' : 'unready'];
  return `${icon} ${label}`;
}

/** Who is waited for: the one question the bot answers at all times. */
function waits({ requests }: Batch, counts: Tally): string[] {
  const waiting = requests.filter(({ state }) => state === 'waiting');
  const whom = waiting.slice(0, most.waited).map((request) => plain(cut(waitingFor(request) ?? '', 120)));
  const more = waiting.length - whom.length;
  return [
    ...(counts.working > 0 ? [say('cards.batch.waitsForTeamMate', { count: counts.working })] : []),
    ...(whom.length > 0
      ? [say(more > 0 ? 'cards.batch.waitsForMore' : 'cards.batch.waitsFor', { whom: whom.join('; '), more })]
      : []),
    ...(counts.failed > 0 ? [say('cards.batch.waitsForSomebody', { count: counts.failed })] : []),
  ];
}

/** What is created is full, what is active too; what failed is marked. */
function bar({ active, waiting, failed }: Tally, size: number): string {
  const width = 20;
  const cells = (count: number) => (count === 0 ? 0 : Math.max(1, Math.floor((count / Math.max(size, 1)) * width)));
  const [full, half, bad] = [cells(active), cells(waiting), cells(failed)];
  return `${'█'.repeat(full)}${'▓'.repeat(half)}${'✖'.repeat(bad)}`.slice(0, width).padEnd(width, '░');
}

function facts({ decision, state }: Batch, counts: Tally) {
  const all = [
    { title: say('cards.state.active'), value: String(counts.active) },
    { title: say('cards.state.waiting'), value: String(counts.waiting) },
    { title: say('cards.state.provisioning'), value: String(counts.working) },
    { title: say('cards.state.failed'), value: String(counts.failed) },
    ...(counts.over > 0 ? [{ title: say('cards.batch.over'), value: String(counts.over) }] : []),
  ];
  const decided = decision
    ? [{ title: say('cards.decided', { state }), value: `${plain(decision.name)}, ${moment(decision.at)}` }]
    : [];
  const before = [
    { title: say('cards.state.checking'), value: String(counts.checking) },
    { title: say('cards.batch.toBeMended'), value: String(counts.mending) },
    { title: say('cards.batch.ready'), value: String(counts.pending) },
  ];
  const tried = state === 'pending' && counts.checking + counts.mending > 0;
  const shownFacts = [...(state === 'approved' ? all : []), ...(tried ? before : []), ...decided];
  return shownFacts.length > 0 ? [{ facts: shownFacts }] : [];
}

/** What whoever approves should think about: also what the check found of what is asked for anyway. */
const adviceOf = ({ kind, content, progress }: Request) => {
  const found = foundIn(progress);
  return [...(found ? [found] : []), ...(entryOf(kind).advice?.(content) ?? [])];
};

/** What is decided on, by name, as far as it fits. */
function names({ requests }: Batch) {
  const pending = requests.filter(({ state }) => state === 'pending');
  const more = pending.length - most.names;
  const advised = pending.filter((request) => adviceOf(request).length > 0);
  return texts(
    ...advised
      .slice(0, most.advised)
      .map((request) => `⚠ ${shown(request.id)}: ${plain(cut(adviceOf(request).join(' '), 200))}`),
    advised.length > most.advised
      ? `⚠ ${say('cards.batch.moreAdvice', { count: advised.length - most.advised })}`
      : undefined,
    ...pending
      .slice(0, most.names)
      .map((request) => `${shown(request.id)} ${plain(cut(request.name, 60))} · ${factsOf(request)}`),
    more > 0 ? say('cards.batch.moreNames', { count: more }) : undefined,
  );
}

/** The first of what is ordered, less its name: what tells it from the others. */
const factsOf = ({ kind, content, name }: Request) =>
  entryOf(kind)
    .facts(content)
    .filter(({ value }) => value !== name && value !== '—')
    .slice(0, 3)
    .map(({ value }) => plain(cut(value, 60)))
    .join(' · ');

function rowOf(request: Request): string {
  const { label } = stateLabels[request.state];
  const stopped = request.state === 'failed' || request.state === 'unready';
  const why = stopped ? ` · ${prose(cut(whyStopped(request), 200))}` : '';
  return `${label}${why} · ${factsOf(request)}`;
}

const showButton = (request: Request): Button => ({
  ...plainButton(say('cards.button.show'), { verb: 'show', id: request.id }),
  tooltip: say('cards.show', { id: shown(request.id) }),
});

function buttons(batch: Batch, audience: Audience, counts: Tally): Button[] {
  const about = { batch: batch.id, version: batch.version };
  const all = plainButton(say('cards.button.showAll'), { verb: 'batch-rows', batch: batch.id, page: 0 });
  if (batch.state === 'pending') {
    if (audience === 'approver') {
      if (!asksApprover(batch, counts)) return [all];
      return [
        button(
          say('cards.batch.approve', { things: sized(batch, counts.pending) }),
          { verb: 'batch-approve', ...about },
          'positive',
        ),
        button(say('cards.button.reject'), { verb: 'batch-reject', ...about }, 'destructive'),
        all,
      ];
    }
    return audience === 'requester'
      ? [plainButton(say('cards.button.withdraw'), { verb: 'batch-withdraw', ...about }), all]
      : [all];
  }
  const retry = plainButton(
    say('cards.batch.retry', { count: counts.failed }),
    { verb: 'batch-retry', ...about },
    'positive',
  );
  return [...(counts.failed > 0 && audience !== 'reader' ? [retry] : []), all];
}
