import { entryOf } from '../catalog/index.ts';
import type { Task } from '../db/schema.ts';
import type { ErrorCode, Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { reasonLimit } from '../requests/decisions.ts';
import { changedFields } from '../requests/difference.ts';
import type { Request } from '../requests/request.ts';
import { atHand, referenceLimit } from '../requests/task.ts';
import { type Button, button, plainButton, row, texts } from './buttons.ts';
import { changeFacts, headingOf } from './change.ts';
import { standing, subtitleOf } from './request.ts';
import { type Card, render } from './templates.ts';
import { cut, detail, moment, plain } from './text.ts';

/** What an operator tried, why it was not done, and what they had written. */
export interface Tried {
  refusal?: Refusal;
  typedReason?: string;
  typedReference?: string;
}

/** The refusals that stand beside an input. */
const beside: Record<'reference' | 'reason', readonly ErrorCode[]> = {
  reference: ['reference-missing', 'reference-unfit', 'reference-taken'],
  reason: ['failure-unexplained', 'reason-too-long'],
};

/**
 * What an operator does in TeamMate's portal, and how they report it. Whatever is to be typed there stands in an input of
 * its own: cards have no button that copies, and of the rest only an input gives its whole text, and nothing else, to
 * "select all" on a desktop and to a long press on a phone; it reads no Markdown either. What comes back in them is ignored.
 */
export function taskCard(request: Request, { refusal, typedReason = '', typedReference }: Tried = {}): Card {
  const task = atHand(request) ? request.task : undefined;
  const taken = task?.what === 'make' && task.holder !== undefined;
  const { copies, facts } = partsOf(request);
  const errors = (input: keyof typeof beside) =>
    texts(refusal && beside[input].includes(refusal.code) ? `⚠ ${refusal.sentences(detail)}` : undefined);
  const asks = taken && request.operation === 'add';
  const mayFail = request.state !== 'expired' && (taken || task?.what === 'confirm');
  const elsewhere = refusal && !(asks && errors('reference').length > 0) && !(mayFail && errors('reason').length > 0);
  return render('task', {
    title: headingOf(request),
    subtitle: subtitleOf(request),
    notices: texts(elsewhere ? refusal.sentences(detail) : undefined),
    standing: standing(request),
    instructions: texts(...(task ? instructions(request, task) : [])),
    links: task ? [{ title: say('cards.task.portal'), url: task.portal }] : [],
    copies: taken ? copies : [],
    others: [{ facts: taken ? facts : [...idOf(request), ...copies.map(asFact), ...facts] }].filter(
      (one) => one.facts.length > 0,
    ),
    answers: [
      ...(asks
        ? [
            {
              id: 'reference',
              label: say('cards.task.reference.label'),
              hint: say('cards.task.reference.hint'),
              value: typedReference ?? request.reference ?? '',
              maxLength: referenceLimit,
              paragraph: false,
              errors: errors('reference'),
            },
          ]
        : []),
      ...(mayFail
        ? [
            {
              id: 'reason',
              label: say('cards.reason.label'),
              hint: say('cards.task.reason.hint'),
              value: typedReason,
              maxLength: reasonLimit,
              paragraph: true,
              errors: errors('reason'),
            },
          ]
        : []),
    ],
    buttons: row(task ? buttons(request, task) : []),
  });
}

function instructions(request: Request, task: Task): string[] {
  const { resend } = entryOf(request.kind);
  if (task.what === 'confirm')
    return [
      say('cards.task.confirm'),
      ...(task.resend ? [`✉️ ${say('cards.task.resend', { what: resend ?? say('cards.button.resend') })}`] : []),
    ];
  const deed = say(`catalog.${request.kind}.task`, { operation: request.operation });
  return [
    `${deed} ${say(task.holder ? 'cards.task.copy' : 'cards.task.take')}`,
    ...(task.holder ? [say('cards.task.taken', { who: plain(task.holder.name), when: moment(task.holder.at) })] : []),
    ...(task.tried ? [`⚠ ${say('cards.task.tried')}`] : []),
    ...(request.reference && request.operation === 'add'
      ? [`⚠ ${say('cards.task.reported', { reference: plain(request.reference) })}`]
      : []),
  ];
}

interface Copy {
  id: string;
  label: string;
  value: string;
  maxLength: number;
}

/**
 * What is typed into the portal, and what is chosen or ticked there. A secret is in neither: a card in a channel is read by
 * many, so the operator asks whoever has it.
 */
function partsOf(request: Request): { copies: Copy[]; facts: { title: string; value: string }[] } {
  const entry = entryOf(request.kind);
  const fields = Object.entries(entry.fields);
  const typed = entry.typed(request.content);
  const copies: Copy[] = [];
  const isNew = request.operation === 'add';
  // Of a change, what is different is told from before to after; only what is typed anew is there to be copied.
  const facts = isNew ? [] : changeFacts(request);
  const anew = request.before ? changedFields(request.kind, request.before.order, request.content) : [];
  for (const { title, value } of entry.facts(request.content)) {
    const [name = '', field] = fields.find(([, one]) => one.label === title) ?? [];
    if (field?.input === 'secret' || (!isNew && !anew.includes(name))) continue;
    const text = field ? typed[name] : value;
    if (text && (!field || ['line', 'email', 'paragraph'].includes(field.input)))
      copies.push({ id: `copy${copies.length}`, label: title, value: text, maxLength: Math.max(text.length, 1) });
    else if (isNew) facts.push({ title, value: plain(value) });
  }
  for (const [, { label, input }] of fields)
    if (isNew && input === 'secret')
      facts.push({ title: label, value: say('cards.task.secret', { who: plain(request.requester.name) }) });
  return { copies, facts };
}

/** By which it is found in the portal. */
const idOf = ({ reference }: Request) => (reference ? [{ title: say('cards.task.id'), value: plain(reference) }] : []);

const asFact = ({ label, value }: Copy) => ({ title: label, value: plain(value) });

function buttons(request: Request, task: Task): Button[] {
  const about = { id: request.id, version: request.version };
  const failed = button(say('cards.button.failed'), { verb: 'task-failed', ...about }, 'destructive');
  if (task.what === 'confirm')
    return [
      plainButton(say('cards.button.isActive'), { verb: 'task-active', ...about }, 'positive'),
      ...(task.resend && request.state === 'waiting'
        ? [plainButton(say('cards.button.sentAgain'), { verb: 'task-resent', ...about })]
        : []),
      ...(request.state === 'waiting' ? [failed] : []),
    ];
  const take = { verb: 'task-take', ...about, hold: task.hold };
  if (!task.holder) return [plainButton(say('cards.button.take'), take, 'positive')];
  return [
    button(say('cards.button.done'), { verb: 'task-done', ...about }, 'positive'),
    failed,
    plainButton(say('cards.task.takeOver', { who: cut(task.holder.name, 40) }), take),
  ];
}
