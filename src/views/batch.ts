import { entryOf } from '../catalog/index.ts';
import type { Refusal } from '../errors.ts';
import { asksApprover, type Batch, type Tally, tally } from '../requests/batch.ts';
import { reasonLimit } from '../requests/decisions.ts';
import { type Request, shown, waitingFor } from '../requests/request.ts';
import { type Button, button, plainButton, row, texts } from './buttons.ts';
import { listCard } from './list.ts';
import { type Audience, stateLabels } from './request.ts';
import { type Card, render } from './templates.ts';
import { cut, detail, moment, plain } from './text.ts';

/** What one card carries of a long batch; the rest is behind Show all. */
const most = { names: 14, advised: 4, failures: 6, waited: 3, page: 15 } as const;

/** "28 resellers": a batch as it is called. */
export function sized({ kind, requests }: Batch, count = requests.length): string {
  const { noun, several } = entryOf(kind);
  return `${count} ${count === 1 ? noun : (several?.nouns ?? `${noun}s`)}`;
}

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
    subtitle: `Batch ${batch.id} · requested by ${plain(batch.requester.name)} on ${moment(batch.createdAt)}`,
    notices: texts(refusal && !atReason ? refusal.sentences(detail) : undefined),
    standing: standing(batch, counts),
    counts: facts(batch, counts),
    names: batch.state === 'pending' ? names(batch) : [],
    failures: stopped.slice(0, most.failures).map((request) => ({
      title: `${stateLabels[request.state].icon} ${shown(request.id)} ${plain(cut(request.name, 60))}`,
      says: plain(cut(whyStopped(request), 200)),
      buttons: row([showButton(request)]),
    })),
    reasons: deciding
      ? [
          {
            label: 'Reason',
            hint: 'Needed to reject; the requester reads it',
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
  return foundIn(progress) ?? (state === 'unready' ? 'It needs mending.' : 'It failed.');
}

function foundIn(progress: Request['progress']): string | undefined {
  const found = progress?.steps?.find((step) => step.state === 'failed');
  return found && `${found.label}: ${found.says ?? 'failed'}`;
}

/** All requests of a batch, a page at a time. */
export function batchRows(batch: Batch, page: number): Card {
  const pages = Math.max(1, Math.ceil(batch.requests.length / most.page));
  const at = Math.min(Math.max(page, 0), pages - 1);
  const turnTo = (title: string, to: number) =>
    plainButton(title, { verb: 'batch-rows', batch: batch.id, page: to, from: 'rows' });
  return listCard({
    title: `Batch ${batch.id}: ${sized(batch)}`,
    intro: pages > 1 ? `Page ${at + 1} of ${pages}.` : '',
    rows: batch.requests.slice(at * most.page, (at + 1) * most.page).map((request) => ({
      title: `${stateLabels[request.state].icon} ${shown(request.id)} ${plain(cut(request.name, 60))}`,
      subtitle: rowOf(request),
      actions: [showButton(request)],
    })),
    actions: [...(at > 0 ? [turnTo('Previous', at - 1)] : []), ...(at < pages - 1 ? [turnTo('Next', at + 1)] : [])],
  });
}

/** A batch as one row of a list. */
export const batchRow = (batch: Batch, { by }: { by: boolean }) => ({
  title: `Batch ${batch.id}: ${sized(batch)}`,
  subtitle: `${summary(tally(batch.requests))}${by ? ` · requested by ${plain(batch.requester.name)}` : ''}`,
  actions: [
    {
      ...plainButton('Show', { verb: 'batch-show', batch: batch.id }),
      tooltip: `Show batch ${batch.id}`,
    },
  ],
});

/** How far it has come, in a line. */
export function summary(counts: Tally): string {
  return [
    counts.checking > 0 && `🔎 ${counts.checking} being checked`,
    counts.mending > 0 && `⚠️ ${counts.mending} to be mended`,
    counts.pending > 0 && `⏳ ${counts.pending} pending`,
    counts.working > 0 && `⚙️ ${counts.working} being created`,
    counts.waiting > 0 && `⏳ ${counts.waiting} not active yet`,
    counts.active > 0 && `✅ ${counts.active} active`,
    counts.failed > 0 && `❌ ${counts.failed} failed`,
    counts.over > 0 && `🚫 ${counts.over} over`,
  ]
    .filter(Boolean)
    .join(' · ');
}

const labels: Record<Batch['state'], { text: string; style: string }> = {
  pending: { text: '⏳ Pending', style: 'emphasis' },
  approved: { text: '⚙️ Approved', style: 'emphasis' },
  rejected: { text: '⛔ Rejected', style: 'attention' },
  withdrawn: { text: '↩️ Withdrawn', style: 'emphasis' },
  expired: { text: '⌛ Expired', style: 'attention' },
};

function standing(batch: Batch, counts: Tally) {
  const { state, decision, requests, requester } = batch;
  const size = requests.length;
  const lines: { text: string; weight: string }[] = [];
  const add = (text: string, weight = 'Default') => lines.push({ text, weight });
  const finished = state === 'approved' && counts.working + counts.waiting + counts.pending === 0;
  add(finished && counts.active === size ? `✅ All ${size} active` : labelOf(batch, counts), 'Bolder');
  if (state === 'approved') {
    // In words too: the bar alone says nothing to who cannot see it.
    add(bar(counts, size));
    add(`${counts.active + counts.waiting} of ${size} created, ${counts.active} active`);
    for (const line of waits(batch, counts)) add(line);
    const late = requests.find(({ state, trouble }) => state === 'provisioning' && trouble?.nextTry);
    if (late?.trouble) add(`${plain(late.trouble.says)} It is tried again by itself.`);
  }
  if (state === 'pending') {
    if (counts.checking > 0) add(`Waiting for the check of ${counts.checking}; an approver is asked after that.`);
    if (asksApprover(batch, counts)) {
      const which =
        counts.mending > 0 ? `the ${counts.pending} that ${counts.pending === 1 ? 'is' : 'are'} ready` : 'all of them';
      add(`Waiting for an approver to decide on ${which}, since ${moment(batch.since)}.`);
    }
    if (counts.mending > 0)
      add(`Waiting for ${plain(requester.name)} to mend ${counts.mending}: see what the check found.`);
  }
  if (state === 'rejected') add(`Reason: ${plain(decision?.reason ?? '—')}`);
  if (state === 'withdrawn' && !decision && counts.over > 0 && requests.some((one) => one.state === 'expired'))
    add('What the check found was not mended in time, so it ended.');
  if (state === 'expired') add(`Nobody decided in time, so it ended ${moment(batch.since)}.`);
  const gone = batch.size - size;
  if (gone > 0 && state !== 'pending')
    add(
      `${gone} of the ${batch.size} that were asked for ${gone === 1 ? 'was' : 'were'} not ready then, and ${gone === 1 ? 'goes' : 'go'} on alone: see status.`,
    );
  const style = state === 'approved' && counts.failed > 0 ? 'warning' : finished ? 'good' : labels[state].style;
  return [{ lines, style }];
}

function labelOf(batch: Batch, counts: Tally): string {
  if (batch.state !== 'pending' || asksApprover(batch, counts)) return labels[batch.state].text;
  const { icon, label } = stateLabels[counts.checking > 0 ? 'checking' : 'unready'];
  return `${icon} ${label}`;
}

/** Who is waited for: the one question the bot answers at all times. */
function waits({ requests }: Batch, counts: Tally): string[] {
  const waiting = requests.filter(({ state }) => state === 'waiting');
  const whom = waiting.slice(0, most.waited).map((request) => plain(cut(waitingFor(request) ?? '', 120)));
  const more = waiting.length - whom.length;
  return [
    ...(counts.working > 0 ? [`Waiting for TeamMate to create ${counts.working}.`] : []),
    ...(whom.length > 0 ? [`Waiting for ${whom.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`] : []),
    ...(counts.failed > 0 ? [`Waiting for somebody to retry, change or withdraw ${counts.failed} that failed.`] : []),
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
    { title: 'Active', value: String(counts.active) },
    { title: 'Not active yet', value: String(counts.waiting) },
    { title: 'Being created', value: String(counts.working) },
    { title: 'Failed', value: String(counts.failed) },
    ...(counts.over > 0 ? [{ title: 'Over', value: String(counts.over) }] : []),
  ];
  const decided = decision
    ? [{ title: decidedBy[state] ?? 'Decided by', value: `${plain(decision.name)}, ${moment(decision.at)}` }]
    : [];
  const before = [
    { title: 'Being checked', value: String(counts.checking) },
    { title: 'To be mended', value: String(counts.mending) },
    { title: 'Ready for approval', value: String(counts.pending) },
  ];
  const tried = state === 'pending' && counts.checking + counts.mending > 0;
  const shownFacts = [...(state === 'approved' ? all : []), ...(tried ? before : []), ...decided];
  return shownFacts.length > 0 ? [{ facts: shownFacts }] : [];
}

const decidedBy: Partial<Record<Batch['state'], string>> = {
  approved: 'Approved by',
  rejected: 'Rejected by',
  withdrawn: 'Withdrawn by',
};

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
    advised.length > most.advised ? `⚠ … and ${advised.length - most.advised} more to think about.` : undefined,
    ...pending
      .slice(0, most.names)
      .map((request) => `${shown(request.id)} ${plain(cut(request.name, 60))} · ${factsOf(request)}`),
    more > 0 ? `… and ${more} more: see Show all.` : undefined,
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
  const why = stopped ? ` · ${plain(cut(whyStopped(request), 200))}` : '';
  return `${label}${why} · ${factsOf(request)}`;
}

const showButton = (request: Request): Button => ({
  ...plainButton('Show', { verb: 'show', id: request.id }),
  tooltip: `Show ${shown(request.id)}`,
});

function buttons(batch: Batch, audience: Audience, counts: Tally): Button[] {
  const about = { batch: batch.id, version: batch.version };
  const all = plainButton('Show all', { verb: 'batch-rows', batch: batch.id, page: 0 });
  if (batch.state === 'pending') {
    if (audience === 'approver') {
      if (!asksApprover(batch, counts)) return [all];
      return [
        button(`Approve ${sized(batch, counts.pending)}`, { verb: 'batch-approve', ...about }, 'positive'),
        button('Reject', { verb: 'batch-reject', ...about }, 'destructive'),
        all,
      ];
    }
    return audience === 'requester' ? [plainButton('Withdraw', { verb: 'batch-withdraw', ...about }), all] : [all];
  }
  const retry = plainButton(`Retry failed (${counts.failed})`, { verb: 'batch-retry', ...about }, 'positive');
  return [...(counts.failed > 0 && audience !== 'reader' ? [retry] : []), all];
}
