import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { entryOf, isKind, type Kind } from '../catalog/index.ts';
import { check, type FieldErrors, type Typed } from '../catalog/orderable.ts';
import { Refusal } from '../errors.ts';
import type { Person } from '../people/person.ts';
import type { Request } from './request.ts';
import { claim, held, insert, load, move, type Work } from './store.ts';

/** A form to show: which, what stands in it, what is wrong with it. */
export interface Form {
  kind: Kind;
  nonce: string;
  typed: Typed;
  errors: FieldErrors;
  /** A sentence above the form, when there is something to say about the whole of it. */
  notice?: string;
}

export type Submitted = { request: Request; repeated: boolean } | { form: Form };

/**
 * Hands out a form. Its nonce (128 random bits) is what makes a repeated Submit harmless: Teams sends an unanswered one
 * again, first with the same activity id and later with a new one, and people click twice.
 * `replaces`: the request this one will take the place of.
 */
export async function openForm(
  work: Work,
  person: Person,
  kind: Kind,
  { typed = {}, replaces, lifetimeMs }: { typed?: Typed; replaces?: Request; lifetimeMs: number },
): Promise<Form> {
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
  await work.jobs.send(work.trx, 'sync', { tenantId: person.tenantId });
  return { kind, nonce, typed, errors: {} };
}

/**
 * Takes a submitted form. Resolves to the request it made, or that an earlier delivery of it made, or to the form again
 * with every error in it.
 * @throws Refusal `form-foreign` when it was handed out to somebody else, `state-moved` when what it replaces moved on.
 */
export async function submit(
  work: Work,
  person: Person,
  nonce: string,
  given: { kind: string; values: Record<string, unknown> },
  lifetimeMs: number,
): Promise<Submitted> {
  const { trx, now } = work;
  // Locks the row, so that two deliveries at once are one after the other.
  const form = await trx.selectFrom('forms').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
  const kind = form?.kind ?? given.kind;
  if (!isKind(kind)) throw new Refusal('action-unknown');
  const entry = entryOf(kind);
  if (form) requireOwn(form, person);
  if (form?.request_id) return { request: await load(trx, person.tenantId, form.request_id), repeated: true };

  const typed = asTyped(given.values, Object.keys(entry.fields));
  if (!form || form.expires_at <= now) {
    const fresh = await openForm(work, person, kind, { typed, lifetimeMs });
    const { says, next } = new Refusal('form-expired');
    return { form: { ...fresh, notice: `${says} ${next}` } };
  }

  await oneAtATime(work, person.tenantId, kind);
  const replaced = form.replaces ? await load(trx, person.tenantId, form.replaces) : undefined;
  const checked = check(entry, typed);
  const claims = entry.claims('order' in checked ? checked.order : checked.valid);
  const keys = claims.map(({ key }) => key);
  const taken = new Set(await held(trx, person.tenantId, kind, keys, replaced?.id));
  const errors: FieldErrors = 'errors' in checked ? { ...checked.errors } : {};
  for (const { field, key, taken: says } of claims) if (taken.has(key)) errors[field] ??= says;
  if (!('order' in checked) || Object.keys(errors).length > 0) return { form: { kind, nonce, typed, errors } };

  const { order } = checked;
  const replacing = { reason: 'Changed and asked for anew.', trouble: null };
  if (replaced && !(await move(work, replaced, 'withdraw', person, replacing)))
    throw new Refusal('state-moved', { state: (await load(trx, person.tenantId, replaced.id)).state });
  const request = await insert(work, {
    tenantId: person.tenantId,
    kind,
    name: entry.name(order),
    content: order,
    requester: person,
  });
  await claim(trx, request, keys);
  await trx.updateTable('forms').set({ request_id: request.id }).where('nonce', '=', nonce).execute();
  await work.jobs.send(trx, 'follow', { requestId: request.id, again: 'pending' });
  return { request, repeated: false };
}

/** Submits of a kind within a tenant queue up, so that what is found free is still free when it is claimed. */
const oneAtATime = ({ trx }: Work, tenantId: string, kind: Kind) =>
  sql`select pg_advisory_xact_lock(hashtext(${`${tenantId} ${kind}`}))`.execute(trx);

/**
 * Takes a form back before it was used. Resolves to the request it was used for when it is too late for that.
 * @throws Refusal `form-foreign` as `submit`.
 */
export async function discard({ trx, now }: Work, person: Person, nonce: string): Promise<Request | undefined> {
  const form = await trx.selectFrom('forms').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
  if (!form) return undefined;
  requireOwn(form, person);
  if (form.request_id) return load(trx, person.tenantId, form.request_id);
  await trx.updateTable('forms').set({ expires_at: now }).where('nonce', '=', nonce).execute();
  return undefined;
}

function requireOwn(form: { tenant_id: string; directory_id: string; kind: Kind }, person: Person): void {
  if (form.tenant_id !== person.tenantId || form.directory_id !== person.directoryId)
    throw new Refusal('form-foreign', { command: entryOf(form.kind).commands[0] });
}

/** What came back from a form, as text, and of no field that the form does not have; longer than any limit is cut. */
function asTyped(values: Record<string, unknown>, fields: string[]): Typed {
  const texts = fields.map((name) => [name, values[name]] as const);
  return Object.fromEntries(
    texts
      .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
      .map(([name, value]) => [name, String(value).slice(0, 2000)]),
  );
}
