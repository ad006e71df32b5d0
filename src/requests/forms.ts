import { randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import { type AnyOrder, entryOf, isKind, type Kind } from '../catalog/index.ts';
import {
  type Choices,
  check,
  type FieldErrors,
  fold,
  type Known,
  type Settled,
  type Typed,
} from '../catalog/orderable.ts';
import type { Tables } from '../db/schema.ts';
import { Refusal } from '../errors.ts';
import { toType } from '../language/commands.ts';
import { say } from '../language/say.ts';
import type { Person } from '../people/person.ts';
import { type Change, from, stateName } from './lifecycle.ts';
import { requireFew, requireSide } from './outside.ts';
import type { Request } from './request.ts';
import { apart, dropSecrets, keepSecrets, type Owner, secretsLeft } from './secrets.ts';
import { claim, held, insert, loadFor, move, oneAtATime, type Work } from './store.ts';
import { knownTo } from './things.ts';

/** A form to show: which, what stands in it, what is wrong with it. */
export interface Form {
  kind: Kind;
  nonce: string;
  /** The fields it asks for, in their order. */
  fields: readonly string[];
  /** `first`: only what the others depend on. */
  page: Page;
  typed: Typed;
  errors: FieldErrors;
  /** What the fields offer whose choices are TeamMate's. */
  choices: Record<string, Choices>;
  /** The secrets that were typed before and need not be typed again. */
  kept?: readonly string[];
  /** A sentence above the form, when there is something to say about the whole of it. */
  notice?: string;
}

export type Page = 'first' | 'whole';

export type Submitted = { request: Request; repeated: boolean } | { form: Form };

/**
 * Hands out a form. Its nonce (128 random bits) is what makes a repeated Submit harmless: Teams sends an unanswered one
 * again, first with the same activity id and later with a new one, and people click twice.
 * `replaces`: the request this one will take the place of. `secretsOf`: whose secrets are those of the form.
 * @throws Refusal `secrets-not-kept` when it asks for secrets and there is no key to seal them with.
 */
export async function openForm(
  work: Work,
  person: Person,
  kind: Kind,
  {
    typed = {},
    replaces,
    secretsOf,
    lifetimeMs,
  }: { typed?: Typed; replaces?: Request; secretsOf?: Owner; lifetimeMs: number },
): Promise<Form> {
  const { noun, outside, secrets: names } = entryOf(kind);
  await requireSide(work.trx, kind, person);
  if (outside) await requireFew(work, kind, person.tenantId, outside.aDay);
  if (names && !work.keys) throw new Refusal('secrets-not-kept', { noun });
  const nonce = randomBytes(16).toString('base64url');
  await work.trx
    .insertInto('forms')
    .values({
      nonce,
      tenant_id: person.tenantId,
      directory_id: person.directoryId,
      kind,
      replaces: replaces?.id ?? null,
      expires_at: new Date(work.now.getTime() + lifetimeMs),
    })
    .execute();
  // While the person types, the mirror of what the backend has is made fresh, so that Submit need not wait for it.
  if (!outside) await work.jobs.send(work.trx, 'sync', { tenantId: person.tenantId });
  const { open, secrets: said } = apart(kind, typed);
  const before = secretsOf ? await secretsLeft(work.trx, work.keys, person.tenantId, secretsOf) : {};
  const secrets = { ...before, ...said };
  const known = knownTo(work.trx, person.tenantId);
  const { form } = await layOut(known, kind, nonce, { ...open, ...secrets }, 'first');
  return keepTyped(work, person, asBegun(form, typed));
}

/** The form as it goes back to whoever fills it in: what is secret stays here, sealed, but what has to be typed anew. */
export async function keepTyped<Shown extends Pick<Form, 'kind' | 'nonce' | 'typed' | 'errors'>>(
  work: Work,
  person: Person,
  form: Shown,
): Promise<Shown & Pick<Form, 'kept'>> {
  const { open, secrets } = apart(form.kind, form.typed);
  const right = Object.fromEntries(Object.entries(secrets).filter(([name]) => !form.errors[name]));
  if (work.keys) await keepSecrets(work.trx, work.keys, person.tenantId, { nonce: form.nonce }, right);
  const typed = JSON.stringify(open);
  await work.trx.updateTable('forms').set({ typed }).where('nonce', '=', form.nonce).execute();
  return { ...form, typed: open, kept: Object.keys(right) };
}

/** A form that was handed out and not used yet, or what it was used for. */
export type HandedOut = { used: Request } | { row: Selectable<Tables['forms']> };

/** @throws Refusal `action-unknown` when nobody has got such a form. */
export async function formRow({ trx }: Work, nonce: string): Promise<Selectable<Tables['forms']>> {
  const row = await trx.selectFrom('forms').selectAll().where('nonce', '=', nonce).executeTakeFirst();
  if (!row) throw new Refusal('action-unknown');
  return row;
}

/** @throws Refusal `form-foreign`, `form-over`, or `secrets-not-kept` as `openForm`. */
export async function handedOut(work: Work, person: Person, nonce: string): Promise<HandedOut> {
  const { trx, keys, now } = work;
  const row = await formRow(work, nonce);
  requireOwn(row, person);
  if (row.request_id) return { used: await loadFor(trx, person, row.request_id) };
  if (row.expires_at <= now) throw new Refusal('form-over', { command: commandFor(row) });
  const { noun, secrets } = entryOf(row.kind);
  if (secrets && !keys) throw new Refusal('secrets-not-kept', { noun });
  return { row };
}

/** An order's form as it stands: with what was typed into it so far, and without what is wrong with what was not. */
export async function reopen(
  work: Work,
  person: Person,
  { nonce, kind, typed }: Selectable<Tables['forms']>,
): Promise<Form> {
  await requireSide(work.trx, kind, person);
  const secrets = await secretsLeft(work.trx, work.keys, person.tenantId, { nonce });
  const given = { ...typed, ...secrets };
  const { form } = await layOut(knownTo(work.trx, person.tenantId), kind, nonce, given, 'first');
  const { open } = apart(kind, form.typed);
  return { ...asBegun(form, given), typed: open, kept: Object.keys(secrets) };
}

/**
 * What a row of a list says, checked as a form that is submitted, which begins with what is known of what was chosen.
 * Whether it is taken is for whoever has all the rows.
 */
export async function checkTyped(known: Known, kind: Kind, values: Typed) {
  const typed = asTyped(values, Object.keys(entryOf(kind).fields));
  const { form, order } = await layOut(known, kind, '', typed, 'first');
  return { errors: form.errors, order };
}

/** What was not typed yet is no mistake yet. */
const asBegun = (form: Form, typed: Typed): Form => ({
  ...form,
  errors: Object.fromEntries(Object.entries(form.errors).filter(([field]) => typed[field])),
});

/** A form for what is typed so far, with everything that is wrong with it; and the order, as far as it is valid. */
async function layOut(
  known: Known,
  kind: Kind,
  nonce: string,
  given: Typed,
  from: Page,
): Promise<{ form: Form; order: Partial<AnyOrder> }> {
  const entry = entryOf(kind);
  let choices = (await entry.choices?.(given, known)) ?? {};
  const chosen = await byValue(known, kind, given, choices);
  const typed = { ...(from === 'first' && (await entry.begins?.(chosen, known))), ...chosen };
  // What was written by its name decides what the others offer.
  if (entry.first?.some((field) => typed[field] !== given[field]))
    choices = (await entry.choices?.(typed, known)) ?? {};
  const checked = check(entry, typed);
  const valid = 'order' in checked ? checked.order : checked.valid;
  const settled: Settled<AnyOrder> = (await entry.settle?.(valid, known)) ?? { order: valid, errors: {} };
  const errors = { ...settled.errors, ...('errors' in checked && checked.errors) };
  const { first = [] } = entry;
  const page = from === 'first' && first.some((field) => !typed[field] || errors[field]) ? 'first' : 'whole';
  const shown = (await entry.shows?.(typed, known)) ?? Object.keys(entry.fields);
  const fields = page === 'first' ? first : shown;
  return { form: { kind, nonce, fields, page, typed, errors, choices }, order: settled.order };
}

/** What a one-line command says of a thing, checked as its form would be. What is wrong stands in `errors`. */
export async function settleTyped(
  known: Known,
  kind: Kind,
  typed: Typed,
): Promise<{ order: AnyOrder; errors: FieldErrors }> {
  const { form, order } = await layOut(known, kind, '', typed, 'whole');
  return { order: order as AnyOrder, errors: form.errors };
}

/** People write the name of what they choose; what is ordered is its id. What nothing is called stays as it was typed. */
async function byValue(known: Known, kind: Kind, typed: Typed, choices: Record<string, Choices>): Promise<Typed> {
  const { fields } = entryOf(kind);
  const values: Typed = { ...typed };
  for (const [field, { choices: offered, search }] of Object.entries(choices)) {
    const text = typed[field];
    if (!text) continue;
    const chosen = async (part: string) => {
      const found =
        offered.find(({ value }) => value === part) ?? offered.find(({ title }) => fold(title) === fold(part));
      if (found || !search) return found?.value ?? part;
      const things = await known.things(search, { search: part, active: true, limit: 20 });
      return things.find(({ name }) => fold(name) === fold(part))?.reference ?? part;
    };
    const parts = fields[field]?.input === 'many' ? text.split(',').map((part) => part.trim()) : [text.trim()];
    const found: string[] = [];
    for (const part of parts) found.push(await chosen(part));
    values[field] = found.join(',');
  }
  return values;
}

/**
 * Takes a submitted form; `provider`: the tenant that decides on what is asked for from outside. Resolves to the request it made, or that an earlier delivery of it made, or to the form again
 * with every error in it, or with the fields that come after the first ones.
 * @throws Refusal `form-foreign` when it was handed out to somebody else, `state-moved` when what it replaces moved on,
 * `secrets-not-kept` when it holds secrets and there is no key any more.
 */
export async function submit(
  work: Work,
  person: Person,
  nonce: string,
  given: { kind: string; page: Page; values: Record<string, unknown>; provider?: string },
  lifetimeMs: number,
): Promise<Submitted> {
  const { trx, now } = work;
  // Locks the row, so that two deliveries at once are one after the other.
  const form = await trx.selectFrom('forms').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
  const kind = form?.kind ?? given.kind;
  if (!isKind(kind)) throw new Refusal('action-unknown');
  const entry = entryOf(kind);
  if (form) requireOwn(form, person);
  if (form && form.operation !== 'add') throw new Refusal('action-unknown');
  if (entry.secrets && !work.keys) throw new Refusal('secrets-not-kept', { noun: entry.noun });
  if (form?.request_id) return { request: await loadFor(trx, person, form.request_id), repeated: true };
  await requireSide(trx, kind, person);
  const tenantId = entry.outside ? given.provider : person.tenantId;
  if (!tenantId) throw new Refusal('tenant-unknown', { tenant: person.tenantId });

  const said = asTyped(given.values, Object.keys(entry.fields));
  const { open, secrets: saidSecrets } = apart(kind, said);
  if (!form || form.expires_at <= now) {
    const fresh = await openForm(work, person, kind, { typed: said, secretsOf: { nonce }, lifetimeMs });
    await dropSecrets(trx, { nonce });
    const { says, next } = new Refusal('form-expired');
    return { form: { ...fresh, notice: `${says} ${next}` } };
  }

  await oneAtATime(trx, tenantId);
  const replaced = form.replaces ? await loadFor(trx, person, form.replaces) : undefined;
  // Nothing typed could mend it, and what the old request ordered may be listed by now and look like somebody else's.
  if (replaced && !from('withdraw').includes(replaced.state))
    throw new Refusal('state-moved', { state: stateName(replaced.state) });
  const before = await secretsLeft(trx, work.keys, person.tenantId, { nonce });
  const typed = { ...open, ...before, ...saidSecrets };
  const laid = await layOut(knownTo(trx, person.tenantId), kind, nonce, typed, given.page);
  const back = async (form: Form) => ({ form: await keepTyped(work, person, form) });
  if (given.page === 'first') return back(laid.form.page === 'first' ? laid.form : asBegun(laid.form, typed));

  const claims = entry.claims(laid.order);
  const keys = claims.map(({ key }) => key);
  const taken = new Set(await held(trx, tenantId, keys, replaced?.id));
  const errors: FieldErrors = { ...laid.form.errors };
  for (const { field, key, taken: says } of claims) if (taken.has(key)) errors[field] ??= says;
  if (Object.keys(errors).length > 0) return back({ ...laid.form, errors });

  if (entry.outside) await requireFew(work, kind, person.tenantId, entry.outside.aDay);
  // Nothing is wrong with any field, so all of them are there.
  const { open: order, secrets } = apart(kind, laid.order as AnyOrder);
  const replacing = { reason: say('work.reason.anew'), trouble: null };
  if (replaced && !(await move(work, replaced, 'withdraw', person, replacing)))
    throw new Refusal('state-moved', { state: stateName((await loadFor(trx, person, replaced.id)).state) });
  const request = await insert(work, {
    tenantId,
    kind,
    name: entry.name(order),
    content: order,
    requester: person,
    state: entry.checked ? 'checking' : 'pending',
  });
  await claim(trx, request, keys);
  await dropSecrets(trx, { nonce });
  if (work.keys) await keepSecrets(trx, work.keys, person.tenantId, { requestId: request.id }, secrets);
  await trx.updateTable('forms').set({ request_id: request.id }).where('nonce', '=', nonce).execute();
  if (entry.checked) await work.jobs.send(trx, 'check', { requestId: request.id });
  else await work.jobs.send(trx, 'follow', { requestId: request.id, again: 'pending' });
  return { request, repeated: false };
}

/** Which form it was. */
export type FormKind = Pick<Selectable<Tables['forms']>, 'kind' | 'operation' | 'reference'>;

/**
 * Takes a form back before it was used: resolves to which it was, as far as that is still known, or to the request it was
 * used for when it is too late.
 * @throws Refusal `form-foreign` as `submit`.
 */
export async function discard(
  { trx, now }: Work,
  person: Person,
  nonce: string,
): Promise<{ used?: Request; form?: FormKind }> {
  const form = await trx.selectFrom('forms').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
  if (!form) return {};
  requireOwn(form, person);
  if (form.request_id) return { used: await loadFor(trx, person, form.request_id) };
  await trx.updateTable('forms').set({ expires_at: now }).where('nonce', '=', nonce).execute();
  await dropSecrets(trx, { nonce });
  return { form };
}

export function requireOwn(
  form: { tenant_id: string; directory_id: string; kind: Kind; operation: string },
  person: Person,
): void {
  if (form.tenant_id !== person.tenantId || form.directory_id !== person.directoryId)
    throw new Refusal('form-foreign', { command: commandFor(form) });
}

const commandFor = ({ kind, operation }: Pick<FormKind, 'kind' | 'operation'>) =>
  toType(operation === 'add' ? entryOf(kind).command : (operation as Change));

/** What came back from a form, as text, and of no field that the form does not have; longer than any limit is cut. */
export function asTyped(values: Record<string, unknown>, fields: string[]): Typed {
  const texts = fields.map((name) => [name, values[name]] as const);
  return Object.fromEntries(
    texts
      .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
      .map(([name, value]) => [name, String(value).slice(0, 2000)]),
  );
}
