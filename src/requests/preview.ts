import { randomBytes } from 'node:crypto';
import { type AnyOrder, entryOf, type Kind } from '../catalog/index.ts';
import type { Known } from '../catalog/orderable.ts';
import type { SheetRow } from '../db/schema.ts';
import { Refusal } from '../errors.ts';
import { toType } from '../language/commands.ts';
import { say } from '../language/say.ts';
import type { Person } from '../people/person.ts';
import { type Batch, loadBatch } from './batch.ts';
import { insertAll } from './bulk.ts';
import { checkTyped } from './forms.ts';
import { apart, dropSecrets, keepSecrets, secretsLeft } from './secrets.ts';
import { readSheet } from './sheet.ts';
import { held, oneAtATime, type Work } from './store.ts';
import { knownTo } from './things.ts';

/** Something wrong with a row; beside which field, unless it is the row as a whole. */
export interface Problem {
  row: number;
  field?: string;
  says: string;
}

/** A list that was read and checked, before it is asked for. */
export interface Preview {
  kind: Kind;
  nonce: string;
  size: number;
  good: number;
  problems: Problem[];
  /** The rows with something wrong, to be mended; without what is secret in them. */
  bad: SheetRow[];
  notes: string[];
}

export type Asked = { batch: Batch; left?: Preview } | { preview: Preview };

/**
 * Reads a list, checks every row as the form would, and keeps it until it is submitted.
 * @throws Refusal for what is wrong with the list as a whole, `secrets-not-kept` as a form.
 */
export async function preview(
  work: Work,
  person: Person,
  kind: Kind,
  text: string,
  lifetimeMs: number,
): Promise<Preview> {
  requireKeys(work, kind);
  const { rows, notes } = readSheet(kind, text);
  // While the person looks at it, the mirror of what the backend has is made fresh.
  await work.jobs.send(work.trx, 'sync', { tenantId: person.tenantId });
  return keep(work, person, kind, rows, notes, lifetimeMs);
}

/** @throws Refusal `secrets-not-kept` when what is listed has secrets and there is no key to seal them with. */
export function requireKeys({ keys }: Pick<Work, 'keys'>, kind: Kind): void {
  const { secrets, noun } = entryOf(kind);
  if (secrets && !keys) throw new Refusal('secrets-not-kept', { noun });
}

/** The preview again, as it stands now, with the rows it has. @throws Refusal `list-expired`, `form-foreign` */
export async function lookAgain(work: Work, person: Person, nonce: string): Promise<Preview> {
  const kept = await find(work, person, nonce);
  if (kept?.state !== 'preview' || kept.expires_at <= work.now) throw new Refusal('list-expired');
  const { summary } = await checkAll(work, person, kept.kind, await wholeRows(work, kept));
  return { ...shownOf(summary), nonce, notes: [] };
}

/**
 * Submits the rows with nothing wrong: each becomes a request, all of them one batch. Resolves to that batch, also when an
 * earlier delivery made it, or to the preview anew when other rows are wrong now than its reader saw.
 * @throws Refusal `list-expired`, `form-foreign`, `secrets-not-kept`
 */
export async function submitBatch(work: Work, person: Person, nonce: string, lifetimeMs: number): Promise<Asked> {
  const { trx, now } = work;
  const kept = await find(work, person, nonce);
  if (kept && kept.state !== 'preview' && kept.state !== 'cancelled')
    return { batch: await loadBatch(trx, person.tenantId, kept.id) };
  if (!kept || kept.state === 'cancelled' || kept.expires_at <= now) throw new Refusal('list-expired');

  requireKeys(work, kept.kind);
  await oneAtATime(work.trx, person.tenantId);
  const rows = await wholeRows(work, kept);
  const { summary, orders } = await checkAll(work, person, kept.kind, rows);
  await dropSecrets(trx, { batchId: kept.id });
  const asSeen = kept.rows.every(({ row, good }) => (good ?? false) === orders.has(row));
  if (!asSeen || orders.size === 0) {
    const notes = [say('work.list.taken-meanwhile')];
    return { preview: await keep(work, person, kept.kind, rows, notes, lifetimeMs) };
  }
  await trx
    .updateTable('batches')
    // The rows are requests now, and what is wrong goes back to its reader.
    .set({ state: 'pending', rows: '[]', size: orders.size, since: now, created_at: now })
    .where('id', '=', kept.id)
    .execute();
  await insertAll(work, { id: kept.id, tenantId: person.tenantId, kind: kept.kind, requester: person }, [
    ...orders.values(),
  ]);
  await work.jobs.send(trx, 'batch', { batchId: kept.id, again: true });
  const batch = await loadBatch(trx, person.tenantId, kept.id);
  if (summary.bad.length === 0) return { batch };
  return { batch, left: await keep(work, person, kept.kind, summary.bad, [], lifetimeMs) };
}

/** Takes a preview back. Resolves to the batch it was submitted as when it is too late for that. */
export async function cancelPreview(work: Work, person: Person, nonce: string): Promise<Batch | undefined> {
  const kept = await find(work, person, nonce);
  if (!kept || kept.state === 'cancelled') return undefined;
  if (kept.state !== 'preview') return loadBatch(work.trx, person.tenantId, kept.id);
  await work.trx.updateTable('batches').set({ state: 'cancelled', rows: '[]' }).where('id', '=', kept.id).execute();
  await dropSecrets(work.trx, { batchId: kept.id });
  return undefined;
}

/** Locks the row, so that two deliveries at once are one after the other. */
async function find({ trx }: Work, person: Person, nonce: string) {
  const kept = await trx.selectFrom('batches').selectAll().where('nonce', '=', nonce).forUpdate().executeTakeFirst();
  if (kept && (kept.tenant_id !== person.tenantId || kept.requester_id !== person.directoryId))
    throw new Refusal('form-foreign', { command: toType(entryOf(kept.kind).several?.command ?? 'help') });
  return kept;
}

async function keep(
  work: Work,
  person: Person,
  kind: Kind,
  rows: readonly SheetRow[],
  notes: string[],
  lifetimeMs: number,
): Promise<Preview> {
  const { trx, now } = work;
  const { summary, orders } = await checkAll(work, person, kind, rows);
  const nonce = randomBytes(16).toString('base64url');
  const parts = rows.map((row) => ({ row, ...apart(kind, row.cells) }));
  const { id } = await trx
    .insertInto('batches')
    .values({
      tenant_id: person.tenantId,
      kind,
      state: 'preview',
      requester_id: person.directoryId,
      requester_name: person.name,
      nonce,
      rows: JSON.stringify(parts.map(({ row, open }) => ({ ...row, cells: open, good: orders.has(row.row) }))),
      size: rows.length,
      expires_at: new Date(now.getTime() + lifetimeMs),
      since: now,
      created_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const sealed = parts.flatMap(({ row, secrets }) =>
    Object.entries(secrets).map(([field, secret]) => [sealedAs(row, field), secret]),
  );
  if (work.keys) await keepSecrets(trx, work.keys, person.tenantId, { batchId: id }, Object.fromEntries(sealed));
  return { ...shownOf(summary), nonce, notes };
}

/** What a secret cell is called among those of its list. */
const sealedAs = ({ row }: SheetRow, field: string) => `${row} ${field}`;

/** The rows of a list with what is secret in them; what cannot be opened any more is missing, as if it had not been there. */
async function wholeRows(
  { trx, keys }: Work,
  kept: { id: string; tenant_id: string; kind: Kind; rows: SheetRow[] },
): Promise<SheetRow[]> {
  const { secrets: names = [] } = entryOf(kept.kind);
  if (names.length === 0) return kept.rows;
  const left = await secretsLeft(trx, keys, kept.tenant_id, { batchId: kept.id });
  const secretsOf = (row: SheetRow) =>
    Object.fromEntries(names.map((field) => [field, left[sealedAs(row, field)] ?? '']));
  return kept.rows.map((row) => ({ ...row, cells: { ...row.cells, ...secretsOf(row) } }));
}

/** As it may be shown. */
const shownOf = <Summary extends Pick<Preview, 'kind' | 'bad'>>(summary: Summary): Summary => ({
  ...summary,
  bad: summary.bad.map((row) => ({ ...row, cells: apart(summary.kind, row.cells).open })),
});

/** The orders of the rows with nothing wrong, by row, and what is wrong with the others. */
async function checkAll(work: Work, person: Person, kind: Kind, rows: readonly SheetRow[]) {
  const { trx } = work;
  const checked = [];
  const known = remembering(knownTo(trx, person.tenantId));
  for (const row of rows) checked.push(await checkRow(known, kind, row));
  const keys = new Map<string, number[]>();
  for (const { row, claims } of checked) for (const { key } of claims) keys.set(key, [...(keys.get(key) ?? []), row]);
  const taken = new Set(await held(trx, person.tenantId, [...keys.keys()]));

  const orders = new Map<number, AnyOrder>();
  const problems: Problem[] = [];
  for (const { row, order, claims, errors, problem } of checked) {
    for (const { field, key, taken: says } of claims) {
      const twins = (keys.get(key) ?? []).filter((other) => other !== row);
      if (twins.length > 0) errors[field] ??= twinsAt(twins);
      if (taken.has(key)) errors[field] = says;
    }
    const wrong = Object.entries(errors).map(([field, says]) => ({ row, field, says }));
    if (problem) problems.push({ row, says: problem });
    problems.push(...wrong);
    if (!problem && wrong.length === 0) orders.set(row, order as AnyOrder);
  }
  const bad = rows.filter(({ row }) => !orders.has(row));
  const summary = { kind, size: rows.length, good: orders.size, problems, bad };
  return { orders, summary };
}

async function checkRow(known: Known, kind: Kind, { row, cells, problem }: SheetRow) {
  const entry = entryOf(kind);
  // A row that cannot be told apart into its cells has nothing else that is worth saying.
  if (problem) return { row, order: {}, claims: [], errors: {}, problem };
  const { errors, order } = await checkTyped(known, kind, entry.several?.typed(cells) ?? cells);
  return { row, order, claims: entry.claims(order), errors: { ...errors }, problem };
}

/** Rows are named by their numbers, which are no amounts. */
function twinsAt(rows: readonly number[]): string {
  const [first = '', second = ''] = rows.map(String);
  return say('work.list.twins', { count: rows.length, first, second, more: rows.length - 2 });
}

/** Rows ask the same of TeamMate's lists again and again: within one check each question is put once. */
function remembering(known: Known): Known {
  const answers = new Map<string, Promise<unknown>>();
  const once = <T>(question: string, ask: () => Promise<T>): Promise<T> => {
    const answer = (answers.get(question) as Promise<T> | undefined) ?? ask();
    answers.set(question, answer);
    return answer;
  };
  return {
    tenantId: known.tenantId,
    thing: (kind, reference) => once(`thing ${kind} ${reference}`, () => known.thing(kind, reference)),
    things: (kind, which) => once(`things ${kind} ${JSON.stringify(which)}`, () => known.things(kind, which)),
  };
}
