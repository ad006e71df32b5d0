import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import { type AnyOrder, counted, entryOf, isKind, type Kind, type RemoteKind } from '../catalog/index.ts';
import {
  type Choices,
  check,
  type FieldErrors,
  fold,
  type Known,
  type Thing,
  type Typed,
} from '../catalog/orderable.ts';
import type { Before, Tables } from '../db/schema.ts';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import type { Person } from '../people/person.ts';
import { reasonLimit } from './decisions.ts';
import { asBefore, auditOf, changedFields, isSame, meanwhile, orderOf, replaceableOf } from './difference.ts';
import { asTyped, keepTyped, requireOwn } from './forms.ts';
import type { Change } from './lifecycle.ts';
import { type Request, shown } from './request.ts';
import { apart, dropSecrets, keepSecrets, type Owner, secretsLeft } from './secrets.ts';
import { claim, held, insert, load, oneAtATime, type Work } from './store.ts';
import { knownTo, pageOf } from './things.ts';

/** Which thing, and what is to be done with it. */
export interface Aim {
  operation: Change;
  kind: RemoteKind;
  reference: string;
}

/** The form of a change: of an edit, the fields that may be changed; of the others, a confirmation. */
export interface ChangeForm extends Aim {
  nonce: string;
  name: string;
  fields: readonly string[];
  typed: Typed;
  errors: FieldErrors;
  choices: Record<string, Choices>;
  /** The secrets that were typed before and need not be typed again. */
  kept?: readonly string[];
  notice?: string;
}

export type Asked = { request: Request; repeated: boolean } | { form: ChangeForm };

/** Why it is asked for, and the name that is typed before something is removed: fields of the confirmation. */
export const confirmation = {
  why: {
    get label() {
      return say('work.change.why.label');
    },
    get hint() {
      return say('work.change.why.hint');
    },
    input: 'paragraph',
    maxLength: reasonLimit,
    required: true,
  },
  name: {
    get label() {
      return say('work.change.name.label');
    },
    get hint() {
      return say('work.change.name.hint');
    },
    input: 'line',
    maxLength: 200,
    required: true,
  },
} as const;

const confirming: Record<Exclude<Change, 'edit'>, readonly (keyof typeof confirmation)[]> = {
  suspend: ['why'],
  resume: ['why'],
  remove: ['why', 'name'],
};

/** Whether a kind takes part in a change: its catalog entry says so. */
export function offers(kind: Kind, operation: Change): boolean {
  const { editable = [], means } = entryOf(kind);
  return operation === 'edit' ? editable.length > 0 : means?.[operation] !== undefined;
}

const claimOf = ({ kind, reference }: Aim) => `change:${kind} ${reference}`;

/**
 * Hands out the form of a change, with a one-use nonce as that of an order. `secretsOf`: whose secrets are those of the form.
 * @throws Refusal when it cannot be done with this thing, or not now.
 */
export async function openChange(
  work: Work,
  person: Person,
  aim: Aim,
  {
    typed = {},
    secretsOf,
    notice,
    lifetimeMs,
  }: { typed?: Typed; secretsOf?: Owner; notice?: string; lifetimeMs: number },
): Promise<ChangeForm> {
  const lists = knownTo(work.trx, person.tenantId);
  const thing = await requirePossible(work, person, aim);
  const before = await asBefore(lists, aim.kind, thing);
  const nonce = randomBytes(16).toString('base64url');
  await work.trx
    .insertInto('forms')
    .values({
      nonce,
      tenant_id: person.tenantId,
      directory_id: person.directoryId,
      kind: aim.kind,
      operation: aim.operation,
      reference: aim.reference,
      before: JSON.stringify(before),
      expires_at: new Date(work.now.getTime() + lifetimeMs),
    })
    .execute();
  // What the person sees is as fresh as our copy; while they type, the copy is made fresh.
  await work.jobs.send(work.trx, 'sync', { tenantId: person.tenantId });
  const { open, secrets } = apart(aim.kind, typed);
  const left = secretsOf ? await secretsLeft(work.trx, work.keys, person.tenantId, secretsOf) : {};
  const { form } = await layOut(lists, aim, nonce, thing.name, before, { ...open, ...left, ...secrets });
  return { ...(await keepTyped(work, person, form)), errors: {}, ...(notice && { notice }) };
}

/**
 * The form of a change as it stands, with what was typed into it so far.
 * @throws Refusal as `openChange`.
 */
export async function reopenChange(
  work: Work,
  person: Person,
  { nonce, kind, operation, reference, before, typed }: Selectable<Tables['forms']>,
): Promise<ChangeForm> {
  if (!before || !reference) throw new Refusal('action-unknown');
  const aim: Aim = { operation: operation as Change, kind: kind as RemoteKind, reference };
  const thing = await requirePossible(work, person, aim);
  const secrets = await secretsLeft(work.trx, work.keys, person.tenantId, { nonce });
  const lists = knownTo(work.trx, person.tenantId);
  const { form } = await layOut(lists, aim, nonce, thing.name, before, { ...typed, ...secrets });
  const { open } = apart(aim.kind, form.typed);
  return { ...form, typed: open, errors: {}, kept: Object.keys(secrets) };
}

/** The thing, when what is asked can be done with it now. */
async function requirePossible({ trx, keys }: Work, { tenantId }: Person, aim: Aim): Promise<Thing> {
  const { kind, reference, operation } = aim;
  const { noun, holds = [] } = entryOf(kind);
  if (!offers(kind, operation)) throw new Refusal('change-unknown', { noun });
  if (operation === 'edit' && replaceableOf(kind).length > 0 && !keys) throw new Refusal('secrets-not-kept', { noun });
  const thing = await knownTo(trx, tenantId).thing(kind, reference);
  if (!thing) throw new Refusal('thing-gone', { noun });
  const { name } = thing;
  if (operation === 'suspend' && thing.suspended) throw new Refusal('suspended-already', { noun, name });
  if (operation === 'resume' && !thing.suspended) throw new Refusal('not-suspended', { noun, name });
  const other = await trx
    .selectFrom('claims')
    .select('request_id')
    .where('tenant_id', '=', tenantId)
    .where('key', '=', claimOf(aim))
    .executeTakeFirst();
  if (other) throw new Refusal('change-open', { noun, name, id: shown(other.request_id) });
  if (operation !== 'remove') return thing;
  for (const below of holds) {
    const which = { parent: reference };
    const { total, things } = await pageOf(trx, tenantId, below, which, { limit: 3, offset: 0 });
    const some = `${things.map((one) => one.name).join(', ')}${total > things.length ? ' …' : ''}`;
    const count = isKind(below) ? counted(below, total) : `${total} ${below}`;
    if (total > 0) throw new Refusal('holds-things', { noun, name, count, some });
  }
  return thing;
}

/** The form for what is typed so far, with everything that is wrong with it; and what is wanted, as far as it is valid. */
async function layOut(lists: Known, aim: Aim, nonce: string, name: string, before: Before, given: Typed) {
  const entry = entryOf(aim.kind);
  const base = { ...aim, nonce, name, choices: {} };
  if (aim.operation !== 'edit') {
    const fields = confirming[aim.operation];
    const typed = Object.fromEntries(fields.map((field) => [field, given[field] ?? '']));
    const errors = wrongConfirmation(fields, typed, name);
    return { form: { ...base, fields, typed, errors } satisfies ChangeForm, order: before.order };
  }
  const { editable = [] } = entry;
  const was = entry.typed(before.order);
  // A client that leaves something out has not said that it is to be emptied.
  const typed = { ...was, ...Object.fromEntries(Object.entries(given).filter(([field]) => editable.includes(field))) };
  const shows = await entry.shows?.(typed, lists);
  const fields = editable.filter((field) => shows?.includes(field) ?? true);
  const [wrong, wrongBefore] = [await mistakes(lists, aim.kind, typed), await mistakes(lists, aim.kind, was)];
  // What was wrong before and is left alone is not for the asker to mend: our form need not take what TeamMate has.
  const ours = fields.filter((field) => typed[field] !== was[field] || wrong[field] !== wrongBefore[field]);
  const errors = Object.fromEntries(ours.flatMap((field) => (wrong[field] ? [[field, wrong[field]]] : [])));
  const order = await wanted(lists, aim.kind, typed);
  const choices = await offered(lists, aim.kind, fields, typed, was);
  const shownAs = Object.fromEntries(fields.map((field) => [field, typed[field] ?? '']));
  return { form: { ...base, fields, typed: shownAs, errors, choices } satisfies ChangeForm, order };
}

async function mistakes(lists: Known, kind: Kind, typed: Typed): Promise<FieldErrors> {
  const entry = entryOf(kind);
  const checked = check(entry, typed);
  const valid = 'order' in checked ? checked.order : checked.valid;
  const settled = await entry.settle?.(valid, lists);
  return { ...settled?.errors, ...('errors' in checked && checked.errors) };
}

async function wanted(lists: Known, kind: Kind, typed: Typed): Promise<AnyOrder> {
  const order = orderOf(kind, typed);
  return { ...order, ...(await entryOf(kind).settle?.(order, lists))?.order } as AnyOrder;
}

/** The choices of the fields, with what is there now among them: a form must not drop in silence what it does not offer. */
async function offered(lists: Known, kind: Kind, fields: readonly string[], typed: Typed, was: Typed) {
  const entry = entryOf(kind);
  const fromLists = (await entry.choices?.(typed, lists)) ?? {};
  const found: Record<string, Choices> = {};
  for (const name of fields) {
    const field = entry.fields[name];
    if (field?.input !== 'one' && field?.input !== 'many') continue;
    const { choices, ...rest } = fromLists[name] ?? { choices: field.choices ?? [] };
    const there = (was[name] ?? '').split(',').filter((value) => value && !choices.some((one) => one.value === value));
    found[name] = { ...rest, choices: [...choices, ...there.map((value) => ({ value, title: value }))] };
  }
  return found;
}

function wrongConfirmation(fields: readonly (keyof typeof confirmation)[], typed: Typed, name: string): FieldErrors {
  const { why = '', name: typedName = '' } = typed;
  const length = why.trim().length;
  return {
    ...(length === 0 && { why: say('work.change.why.missing') }),
    ...(length > reasonLimit && { why: say('work.change.why.too-long', { length, limit: reasonLimit }) }),
    ...(fields.includes('name') && fold(typedName) !== fold(name) && { name: say('work.change.name.wrong', { name }) }),
  };
}

/**
 * Takes the submitted form of a change, as forms.ts takes an order's: a repeat finds the request that the first one made.
 * @throws Refusal `form-foreign`, or why it cannot be done.
 */
export async function submitChange(
  work: Work,
  person: Person,
  nonce: string,
  given: Aim & { values: Record<string, unknown> },
  lifetimeMs: number,
): Promise<Asked> {
  const { trx, now } = work;
  // Locks the row, so that two deliveries at once are one after the other.
  const form = await trx.selectFrom('forms').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
  if (form) requireOwn(form, person);
  if (form?.request_id) return { request: await load(trx, person.tenantId, form.request_id), repeated: true };
  // An order's form has neither.
  if (form && (!form.before || !form.reference)) throw new Refusal('action-unknown');
  // Where the form is known it says which thing; the button's own words are for one that is too old to be known.
  const aim: Aim = form
    ? { operation: form.operation as Change, kind: form.kind as RemoteKind, reference: form.reference as string }
    : { operation: given.operation, kind: given.kind, reference: given.reference };
  const entry = entryOf(aim.kind);
  const fields = aim.operation === 'edit' ? (entry.editable ?? []) : confirming[aim.operation];
  // A secret that is left empty stays as it is, or as it was typed before.
  const { open, secrets: said } = apart(aim.kind, asTyped(given.values, [...fields]));
  const left = await secretsLeft(trx, work.keys, person.tenantId, { nonce });
  const typed = { ...open, ...left, ...said };
  const again = async (notice: string, keep: Typed) => {
    const fresh = await openChange(work, person, aim, { typed: keep, secretsOf: { nonce }, notice, lifetimeMs });
    await dropSecrets(trx, { nonce });
    return { form: fresh };
  };
  if (!form?.before || form.expires_at <= now) {
    const { says, next } = new Refusal('form-expired');
    return again(`${says} ${next}`, typed);
  }

  await oneAtATime(trx, person.tenantId);
  const thing = await requirePossible(work, person, aim);
  const lists = knownTo(trx, person.tenantId);
  const { before } = form;
  const present = await asBefore(lists, aim.kind, thing, entry.typed(before.order));
  if (!isSame(aim.kind, before, present)) {
    // Only what the person changed is kept; the rest is as it is now.
    const was = aim.operation === 'edit' ? entry.typed(before.order) : {};
    const theirs = Object.fromEntries(Object.entries(typed).filter(([field, value]) => was[field] !== value));
    const { says } = new Refusal('changed-meanwhile', { what: meanwhile(aim.kind, before, present) });
    return again(say('work.change.moved', { says }), theirs);
  }

  const laid = await layOut(lists, aim, nonce, thing.name, before, typed);
  const { claims, errors } = await freeClaims(work, person, aim, before, laid.order);
  const wrong = { ...errors, ...laid.form.errors };
  const back = async (form: ChangeForm) => ({ form: await keepTyped(work, person, form) });
  if (Object.keys(wrong).length > 0) return back({ ...laid.form, errors: wrong });
  const { open: content, secrets } = apart(aim.kind, laid.order);
  const replaced = replaceableOf(aim.kind).filter((field) => secrets[field]);
  if (aim.operation === 'edit' && changedFields(aim.kind, before.order, content).length + replaced.length === 0)
    return back({
      ...laid.form,
      notice: say('work.change.nothing'),
    });

  const why = laid.form.typed.why?.trim();
  const wantedOf = { ...aim, before, content, replaced };
  const request = await insert(
    work,
    { tenantId: person.tenantId, requester: person, name: thing.name, ...wantedOf, ...(why && { why }) },
    { ...auditOf(wantedOf), ...(why && { reason: why }) },
  );
  await claim(trx, request, [claimOf(aim), ...claims]);
  await dropSecrets(trx, { nonce });
  if (work.keys) await keepSecrets(trx, work.keys, person.tenantId, { requestId: request.id }, secrets);
  await trx.updateTable('forms').set({ request_id: request.id }).where('nonce', '=', nonce).execute();
  await work.jobs.send(trx, 'follow', { requestId: request.id, again: 'pending' });
  return { request, repeated: false };
}

/** What the change takes that the thing did not have, and which of it somebody else has. */
async function freeClaims({ trx }: Work, person: Person, { kind }: Aim, before: Before, order: AnyOrder) {
  const { claims } = entryOf(kind);
  const own = new Set(claims(before.order).map(({ key }) => key));
  const added = claims(order).filter(({ key }) => !own.has(key));
  const taken = new Set(
    await held(
      trx,
      person.tenantId,
      added.map(({ key }) => key),
    ),
  );
  const errors: FieldErrors = {};
  for (const { field, key, taken: says } of added) if (taken.has(key)) errors[field] = says;
  return { claims: added.map(({ key }) => key), errors };
}
