import { entryOf } from '../catalog/index.ts';
import type { Trouble } from '../db/schema.ts';
import { codes, explain } from '../errors.ts';
import { say } from '../language/say.ts';
import { asksApprover, type Batch, tally } from '../requests/batch.ts';
import { compareFacts } from '../requests/difference.ts';
import { from } from '../requests/lifecycle.ts';
import { canResend, isRequester, type Request, shown, waitingFor, waitingSince } from '../requests/request.ts';
import { sized, summary } from '../views/batch.ts';
import { changeAdvice, outcome, subjectOf } from '../views/change.ts';
import { labelOf, stepsAt } from '../views/request.ts';
import type * as shape from './contract.ts';
import type { Links, Reader } from './links.ts';

const tones = { emphasis: 'neutral', good: 'good', attention: 'attention' } as const;

/** Names of a batch that a row of the queue has room for. */
const mostNames = 16;
const mostAdvice = 6;

/** How a request stands, in the words of its card. What should be moving and is not has another tone. */
export function stateOf(request: Request): shape.State {
  if (request.state === 'active' && request.lostAt)
    return { id: 'lost', icon: '⚠️', label: say('cards.standing.lost'), tone: 'attention' };
  const { icon, label, style } = labelOf(request);
  const late = request.trouble !== undefined || (request.state === 'waiting' && request.progress?.overdue);
  return { id: request.state, icon, label, tone: style === 'emphasis' && late ? 'warning' : tones[style] };
}

/** A request as the tab shows it to this reader. `whole`: with what is asked for, which a decision needs. */
export function presentRequest(request: Request, reader: Reader, links: Links, whole: boolean): shape.Request {
  const entry = entryOf(request.kind);
  const who = waitingFor(request);
  const link = links.get(`request ${request.id}`);
  const { decision } = request;
  return {
    id: request.id,
    shown: shown(request.id),
    kind: request.kind,
    operation: request.operation,
    subject: subjectOf(request),
    name: request.name,
    version: request.version,
    state: stateOf(request),
    ...(who !== undefined && { waitingFor: who }),
    since: iso(request.state === 'active' && request.lostAt ? request.lostAt : waitingSince(request)),
    createdAt: iso(request.createdAt),
    requester: { name: request.requester.name, you: isRequester(request, reader.person) },
    ...(request.batchId !== undefined && { batch: request.batchId }),
    ...(decision && {
      decision: {
        name: decision.name,
        at: iso(decision.at),
        ...(decision.reason && { reason: decision.reason }),
        ...(decision.entered && { entered: decision.entered }),
      },
    }),
    notes: notesOf(request),
    steps: stepsAt(request).map(({ label, is }) => ({ label, state: is })),
    checklist: (request.progress?.steps ?? []).map(({ label, state, says }) => ({
      label,
      state,
      ...(says && { says }),
    })),
    ...(whole && { facts: factsOf(request), advice: adviceOf(request) }),
    actions: actionsOf(request, reader),
    ...(entry.approval &&
      request.state === 'pending' && {
        approval: {
          label: entry.approval.label,
          hint: entry.approval.hint,
          maxLength: entry.approval.maxLength,
          ...(entry.approval.note && { note: entry.approval.note }),
        },
      }),
    ...(link && { link }),
  };
}

/** What this reader can do with a request now: what its cards have buttons for. The server decides again. */
function actionsOf(request: Request, { person, roles }: Reader): shape.Request['actions'] {
  const { state } = request;
  const own = isRequester(request, person);
  const approver = roles.has('approver');
  const entry = entryOf(request.kind);
  const can: Partial<Record<shape.Verb, string | false | undefined>> = {
    approve: state === 'pending' && approver && !own && say('cards.button.approve'),
    reject: state === 'pending' && approver && !own && say('cards.button.reject'),
    check: state === 'unready' && own && say('cards.button.checkAgain'),
    insist: state === 'unready' && own && say('cards.button.askAnyway'),
    retry: state === 'failed' && (own || approver) && say('cards.button.retry'),
    resend: canResend(request) && (own || approver) && entry.resend,
    withdraw: own && from('withdraw').includes(state) && say('cards.button.withdraw'),
  };
  return Object.entries(can).flatMap(([verb, title]) => (title ? [{ verb: verb as shape.Verb, title }] : []));
}

/** Why it does not move, what is late, and how it ended. */
function notesOf(request: Request): string[] {
  const { state, trouble, progress, operation } = request;
  const ended = operation === 'add' ? entryOf(request.kind).active(request.content) : outcome(request);
  return [
    state === 'active' && (request.lostAt ? say('cards.standing.unregistered', { when: iso(request.lostAt) }) : ended),
    state === 'expired' &&
      say(operation === 'add' && request.reference ? 'cards.standing.notActivated' : 'cards.standing.undecided', {
        when: iso(request.since),
      }),
    state === 'waiting' && request.resentAt && resent(request, iso(request.resentAt)),
    state === 'waiting' && request.remindedAt && say('cards.standing.reminded', { when: iso(request.remindedAt) }),
    state === 'waiting' && progress?.overdue,
    trouble && inTheirWords(trouble),
    trouble?.nextTry && say('cards.standing.attempt', { attempt: trouble.attempt ?? 1, when: iso(trouble.nextTry) }),
  ].filter((text) => typeof text === 'string' && text !== '') as string[];
}

const resent = ({ kind }: Request, when: string) =>
  entryOf(kind).resent?.(when) ?? say('cards.standing.resent', { when });

/** Kept in the language of whoever asked; with what it is made of it can be said in another one. */
function inTheirWords({ code, says, next, details }: Trouble): string {
  const known = codes.find((one) => one === code);
  if (!known || !details) return `${says} ${next}`;
  const again = explain(known, details);
  return `${again.says} ${again.next}`;
}

/** What is asked for; of a change, what it makes of each value. */
function factsOf({ kind, operation, content, before, why, replaced = [] }: Request) {
  if (operation === 'add') return entryOf(kind).facts(content);
  const reason = why ? [{ title: say('cards.change.reason'), value: why }] : [];
  if (!before || operation !== 'edit') return [...reason, ...(before ? entryOf(kind).facts(before.order) : [])];
  const { changed } = compareFacts(kind, before.order, content);
  return [
    ...changed.map(({ title, before, after }) => ({ title, value: `${before} → ${after}` })),
    ...replaced.map((field) => ({
      title: entryOf(kind).fields[field]?.label ?? field,
      value: say('cards.change.replaced'),
    })),
    ...reason,
  ];
}

const adviceOf = (request: Request): string[] =>
  request.operation === 'add' ? (entryOf(request.kind).advice?.(request.content) ?? []) : changeAdvice(request);

/** What the check found wrong of what is asked for all the same. */
const foundIn = ({ progress }: Request): string[] =>
  (progress?.steps ?? [])
    .filter(({ state }) => state === 'failed')
    .map(({ label, says }) => (says ? `${label}: ${says}` : label));

/** A batch as the tab shows it to this reader. */
export function presentBatch(batch: Batch, { person, roles }: Reader, links: Links): shape.Batch {
  const counts = tally(batch.requests);
  const own = batch.requester.directoryId === person.directoryId;
  const approver = roles.has('approver');
  const decides = asksApprover(batch, counts) && approver && !own;
  const asked = batch.state === 'pending' ? batch.requests.filter(({ state }) => state === 'pending') : batch.requests;
  const can: Partial<Record<shape.BatchVerb, string | false>> = {
    approve: decides && say('cards.batch.approve', { things: sized(batch, counts.pending) }),
    reject: decides && say('cards.button.reject'),
    retry: counts.failed > 0 && (own || approver) && say('cards.batch.retry', { count: counts.failed }),
    withdraw: own && batch.state === 'pending' && say('cards.button.withdraw'),
  };
  const link = links.get(`batch ${batch.id}`);
  return {
    id: batch.id,
    kind: batch.kind,
    title: sized(batch),
    state: batch.state,
    summary: summary(counts),
    counts,
    version: batch.version,
    requester: { name: batch.requester.name, you: own },
    since: iso(batch.since),
    createdAt: iso(batch.createdAt),
    names: asked.slice(0, mostNames).map(({ id, name }) => ({ id, shown: shown(id), name })),
    more: Math.max(0, asked.length - mostNames),
    advice: asked
      .map((request) => ({ request, says: [...foundIn(request), ...adviceOf(request)].join(' ') }))
      .filter(({ says }) => says !== '')
      .slice(0, mostAdvice)
      .map(({ request, says }) => `${shown(request.id)}: ${says}`),
    actions: Object.entries(can).flatMap(([verb, title]) => (title ? [{ verb: verb as shape.BatchVerb, title }] : [])),
    ...(link && { link }),
  };
}

export const iso = (at: Date | string): string => new Date(at).toISOString();
