import { type AnyOrder, entryOf, type Kind } from '../catalog/index.ts';
import type { Input, Known, Thing, Typed } from '../catalog/orderable.ts';
import type { Before } from '../db/schema.ts';
import { say } from '../language/say.ts';
import type { Request } from './request.ts';

/** One line of a card that says something else afterwards. */
export interface Difference {
  title: string;
  before: string;
  after: string;
}

/**
 * A thing of TeamMate's in the shape of an order. Somebody may have made it in the portal with values that our form would
 * not take; then they stay as they are, for they are not what is being asked.
 */
export function orderOf(kind: Kind, typed: Typed): AnyOrder {
  const { schema, fields } = entryOf(kind);
  const values = Object.entries(schema.shape).map(([name, field]) => {
    const parsed = field.safeParse(typed[name]);
    return [name, parsed.success ? parsed.data : asIs(fields[name]?.input, typed[name] ?? '')];
  });
  return Object.fromEntries(values) as AnyOrder;
}

function asIs(input: Input | undefined, text: string) {
  if (input === 'toggle') return text === 'true';
  return input === 'many' ? text.split(',').filter(Boolean) : text;
}

/** How a thing is by our copy, with the names of what it refers to. `known`: what our copy does not have of it. */
export async function asBefore(lists: Known, kind: Kind, thing: Thing, known: Typed = {}): Promise<Before> {
  const order = orderOf(kind, { ...known, name: thing.name, ...thing.facts });
  const settled = await entryOf(kind).settle?.(order, lists);
  return { order: { ...order, ...settled?.order } as AnyOrder, suspended: thing.suspended };
}

const isSecret = (kind: Kind) => (field: string) => entryOf(kind).fields[field]?.input === 'secret';

/**
 * The fields whose values a change may be about. A secret is none: an order never holds it, nobody can be shown what it
 * was, and what becomes of it cannot be compared.
 */
export function editableOf(kind: Kind): string[] {
  const { editable = [] } = entryOf(kind);
  return editable.filter((field) => !isSecret(kind)(field));
}

/** The secrets that a change may replace: of each it is told that it does, and no more. */
export const replaceableOf = (kind: Kind): string[] => (entryOf(kind).editable ?? []).filter(isSecret(kind));

/** The fields of two orders that say something else, of those that may be changed. */
export function changedFields(kind: Kind, before: AnyOrder, after: AnyOrder): string[] {
  const { typed } = entryOf(kind);
  const [was, is] = [typed(before), typed(after)];
  return editableOf(kind).filter((field) => (was[field] ?? '') !== (is[field] ?? ''));
}

/**
 * The same as a reader sees it, and the lines that say the same in both. What a thing refers to may have got another name
 * meanwhile; that is no change of the thing.
 */
export function compareFacts(kind: Kind, before: AnyOrder, after: AnyOrder) {
  const { facts } = entryOf(kind);
  const changes = changedFields(kind, before, after);
  const others = Object.fromEntries(Object.entries(after).filter(([field]) => changes.includes(field)));
  const told = (order: AnyOrder) => new Map(facts(order).map(({ title, value }) => [title, value]));
  const [was, only, is] = [told(before), told({ ...before, ...others } as AnyOrder), told(after)];
  const lines = [...new Set([...was.keys(), ...only.keys()])].map((title) => ({
    title,
    before: was.get(title) ?? '—',
    after: (only.get(title) === was.get(title) ? was.get(title) : is.get(title)) ?? '—',
  }));
  return {
    changed: lines.filter((line): line is Difference => line.before !== line.after),
    unchanged: lines
      .filter((line) => line.before === line.after)
      .map(({ title, before }) => ({ title, value: before })),
  };
}

/** What a change makes of a thing, for the audit trail. */
export function auditOf({
  kind,
  operation,
  before,
  content,
  replaced = [],
}: Pick<Request, 'kind' | 'operation' | 'before' | 'content' | 'replaced'>) {
  if (!before) return {};
  const { typed } = entryOf(kind);
  const told = changedFields(kind, before.order, content);
  const only = (order: AnyOrder) => Object.fromEntries(told.map((field) => [field, typed(order)[field] ?? '']));
  if (operation === 'edit')
    return { before: only(before.order), after: only(content), ...(replaced.length > 0 && { replaced }) };
  const standing = { suspend: 'suspended', resume: 'active', remove: 'removed', add: '' }[operation];
  return { before: { standing: before.suspended ? 'suspended' : 'active' }, after: { standing } };
}

/** How a thing stands to what is asked: done already, as it was when it was asked for, or something else by now. */
export type Verdict = 'as-wanted' | 'untouched' | { meanwhile: string };

/** Compares a thing as it is with what the asker saw and wants. What TeamMate does not tell (a reason) is not compared. */
export async function verdictOn(lists: Known, request: Request, thing: Thing | undefined): Promise<Verdict> {
  const { kind, operation, content, before, replaced = [] } = request;
  if (!thing) return operation === 'remove' ? 'as-wanted' : { meanwhile: say('work.change.removed') };
  if (!before) return 'untouched';
  const { typed } = entryOf(kind);
  const now = await asBefore(lists, kind, thing, typed(before.order));
  const is = typed(now.order);
  if (operation === 'suspend' && now.suspended) return 'as-wanted';
  if (operation === 'resume' && !now.suspended) return 'as-wanted';
  const told = (field: string) => field in thing.facts;
  const wanted = typed(content);
  const there = (field: string) => !told(field) || is[field] === wanted[field];
  const arrived = operation === 'edit' && changedFields(kind, before.order, content).every(there);
  if (arrived && replaced.length === 0) return 'as-wanted';

  // Nobody can see whether a secret has arrived, so it is sent again; what came with it is then there already.
  const expected = arrived ? wanted : typed(before.order);
  const others = editableOf(kind).filter((field) => told(field) && is[field] !== expected[field]);
  if (others.length === 0 && now.suspended === before.suspended) return 'untouched';
  return { meanwhile: meanwhile(kind, before, now) };
}

/** Whether what the asker saw is still how it is; and if not, what became of it. */
export const isSame = (kind: Kind, before: Before, now: Before) =>
  now.suspended === before.suspended && changedFields(kind, before.order, now.order).length === 0;

/** What became of a thing, in a line. */
export function meanwhile(kind: Kind, before: Before, now: Before): string {
  const told = compareFacts(kind, before.order, now.order).changed;
  const standing = (suspended: boolean) => say(suspended ? 'work.change.suspended' : 'work.change.not-suspended');
  const lines = [
    ...(before.suspended === now.suspended
      ? []
      : [{ title: say('work.change.state'), before: standing(before.suspended), after: standing(now.suspended) }]),
    ...told,
  ];
  return (
    lines.map(({ title, before, after }) => `${title}: ${before} → ${after}`).join('; ') || say('work.change.settings')
  );
}
