import * as z from 'zod';
import { entryOf, type Kind, type RemoteKind } from '../catalog/index.ts';
import type { Field } from '../catalog/orderable.ts';
import type { Form as Page } from '../dialog/contract.ts';
import { say } from '../language/say.ts';
import { type Aim, type ChangeForm, confirmation } from '../requests/changes.ts';
import { compareFacts, replaceableOf } from '../requests/difference.ts';
import type { Change, Operation, State } from '../requests/lifecycle.ts';
import type { Request } from '../requests/request.ts';
import { type Button, button, plainButton, row, texts } from './buttons.ts';
import { type PageAs, pageButtons, sectionsOf, toMend } from './form.ts';
import { pageFields } from './form-page.ts';
import { type Card, render } from './templates.ts';
import { plain } from './text.ts';

/** How a change has ended, at a glance. */
const icons: Record<Change, string> = { edit: '✅', suspend: '⏸', resume: '▶️', remove: '🗑' };

export const verbOf = (operation: Change) => say(`cards.change.${operation}.verb`);

/** The thing a request is about, as it stands after "the": a new thing by itself, or the change of one. */
export const subjectOf = ({ kind, operation }: Pick<Request, 'kind' | 'operation'>): string =>
  say(`catalog.${kind}.subject`, { operation });

/** The same as a heading, with the name of the thing. */
export const headingOf = ({ kind, operation, name }: Pick<Request, 'kind' | 'operation' | 'name'>): string =>
  say(`catalog.${kind}.heading`, { operation, name: plain(name) });

/** How the states of a change are named where they are not named as those of an order. */
export function changeLabels(operation: Operation): Partial<Record<State, { icon?: string; label: string }>> {
  if (operation === 'add') return {};
  return {
    provisioning: { label: say(`cards.change.${operation}.doing`) },
    active: { icon: icons[operation], label: say(`cards.change.${operation}.done`) },
  };
}

/** What the card of a finished change adds to its state. */
export function outcome({ operation, kind }: Request): string {
  if (operation === 'add' || operation === 'remove') return '';
  if (operation === 'edit') return say('cards.change.edited');
  return entryOf(kind).means?.[operation] ?? '';
}

/** What an approver should know of a change: what it means, or what is to be thought about that was not so before. */
export function changeAdvice({ kind, operation, content, before }: Request): string[] {
  const entry = entryOf(kind);
  if (operation === 'edit') {
    const known = before ? (entry.advice?.(before.order) ?? []) : [];
    return (entry.advice?.(content) ?? []).filter((text) => !known.includes(text));
  }
  const means = operation === 'add' ? undefined : entry.means?.[operation];
  return means ? [means] : [];
}

/** What a change makes of each value. */
export function changeFacts({
  kind,
  operation,
  content,
  before,
  why,
  replaced = [],
}: Request): { title: string; value: string }[] {
  const reason = why ? [{ title: say('cards.change.reason'), value: plain(why) }] : [];
  if (!before || operation === 'add') return reason;
  const { changed, unchanged: rest } = compareFacts(kind, before.order, content);
  if (operation !== 'edit') {
    const standing = (suspended: boolean) => say(suspended ? 'cards.change.suspended' : 'cards.change.notSuspended');
    const after = operation === 'remove' ? say('cards.change.removed') : standing(operation === 'suspend');
    return [
      { title: say('cards.change.state'), value: `${standing(before.suspended)} → ${after}` },
      ...reason,
      ...rest.map(({ title, value }) => ({ title, value: plain(value) })),
    ];
  }
  return [
    ...changed.map(({ title, before, after }) => ({ title, value: `${plain(before)} → ${plain(after)}` })),
    ...replaced.map((field) => ({ title: labelOf(kind, field), value: say('cards.change.replaced') })),
    ...reason,
  ];
}

/** What an edit leaves as it is, folded away so that it is not taken for a change: none or one. */
export function unchanged({ kind, operation, content, before }: Request) {
  if (!before || operation !== 'edit') return [];
  const { unchanged: rest } = compareFacts(kind, before.order, content);
  if (rest.length === 0) return [];
  return [
    { title: say('cards.change.unchanged'), facts: rest.map(({ title, value }) => ({ title, value: plain(value) })) },
  ];
}

const values = z.record(z.string(), z.string());
const changedIn = z.object({ before: values, after: values, replaced: z.array(z.string()).default([]) });

const labelOf = (kind: Kind, field: string) => entryOf(kind).fields[field]?.label ?? say('cards.change.state');

/** What the audit trail has of a change, in a line; nothing for what is none. */
export function auditLine(kind: Kind, detail: object): string {
  const found = changedIn.safeParse(detail);
  if (!found.success) return '';
  const { before, after, replaced } = found.data;
  const line = (field: string) => `${labelOf(kind, field)}: ${before[field] || '—'} → ${after[field] || '—'}`;
  const lines = [
    ...Object.keys(after).map(line),
    ...replaced.map((field) => `${labelOf(kind, field)}: ${say('cards.change.replaced')}`),
  ];
  return lines.join('; ');
}

const aimed = ({ operation, kind, reference }: Aim) => ({ operation, kind, reference });

/** Opens the form of a change, from how the thing is now. */
export const changeButton = (title: string, aim: Aim): Button =>
  plainButton(title, { verb: 'begin-change', ...aimed(aim) });

/** The same change from the beginning; nothing when the thing is not known by an id. */
export const againButtons = ({ operation, kind, reference }: Request): Button[] =>
  operation === 'add' || reference === undefined
    ? []
    : [changeButton(say('cards.button.startAgain'), { operation, kind: kind as RemoteKind, reference })];

/** The fields as an edit asks for them: a secret is there already, and only what is typed takes its place. */
function editFields(kind: Kind): Record<string, Field> {
  const { fields } = entryOf(kind);
  const asked = replaceableOf(kind).map((name) => [
    name,
    { ...fields[name], hint: say('cards.form.unchanged'), required: false },
  ]);
  return { ...fields, ...Object.fromEntries(asked) };
}

/** Whether the form of a change can be had as a page: it asks for secrets. */
export const hasPage = ({ operation, kind }: Pick<Aim, 'operation' | 'kind'>) =>
  operation === 'edit' && replaceableOf(kind).length > 0;

/** The form of an edit as its page shows it. */
export function changePage(form: ChangeForm): Page {
  const { operation, kind, name } = form;
  const notice = form.notice ?? toMend(form);
  return {
    title: say(`catalog.${kind}.change`, { operation, name }),
    intro: say('cards.form.changeIntro'),
    ...(notice && { notice }),
    page: 'whole',
    fields: pageFields(form, editFields(kind)),
  };
}

/** The form of a change, with what it means for the customer. */
export function changeFormCard(form: ChangeForm, page: PageAs = 'dialog'): Card {
  const { operation, kind, nonce, name } = form;
  const entry = entryOf(kind);
  const means = operation === 'edit' ? undefined : entry.means?.[operation];
  return render('form', {
    title: say(`catalog.${kind}.change`, { operation, name: plain(name) }),
    intro: say('cards.form.changeIntro'),
    notices: texts(means && `⚠ ${means}`, form.notice ? plain(form.notice) : toMend(form)),
    pages: pageButtons(nonce, hasPage(form), page),
    sections: sectionsOf(form, operation === 'edit' ? editFields(kind) : confirmation),
    buttons: row([
      button(
        operation === 'edit' ? say('cards.button.submit') : say(`cards.change.${operation}.ask`),
        { verb: 'submit-change', nonce, ...aimed(form) },
        operation === 'remove' || operation === 'suspend' ? 'destructive' : 'positive',
      ),
      plainButton(say('cards.button.cancel'), { verb: 'drop-change', nonce }),
    ]),
  });
}
