import { isDeepStrictEqual } from 'node:util';
import { type ExpressionBuilder, type Selectable, sql } from 'kysely';
import type { AnyOrder, Kind } from '../catalog/index.ts';
import type { Jobs } from '../db/jobs.ts';
import type { Db, Trx } from '../db/open.ts';
import type { Before, Progress, Tables, Task, Trouble } from '../db/schema.ts';
import { Refusal, saidAgain } from '../errors.ts';
import { accountsInUse } from '../people/organisations.ts';
import type { Person } from '../people/person.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { record } from './audit.ts';
import { from, type Happening, type Move, type Operation, open, type State, to } from './lifecycle.ts';
import { isRequester, parseId, type Request, shown } from './request.ts';
import { dropSecrets } from './secrets.ts';

/** What a change is made with: the transaction, where its jobs go, and what time it is. */
export interface Work {
  trx: Trx;
  jobs: Jobs;
  now: Date;
  /** What secrets are sealed with; without it there can be none. */
  keys?: Keyring | undefined;
}

/** Who did it; nobody when the bot did. `tenantId`: absent, or the request's own, unless they ask for access. */
export type Actor = { tenantId?: string; directoryId: string; name: string } | undefined;

/** Columns a move may set along with the state. */
export type Patch = Partial<{
  reason: string;
  reference: string | null;
  trouble: Trouble | null;
  progress: Progress | null;
  task: Task | null;
  remindedAt: Date | null;
  resentAt: Date;
  doubtedAt: Date | null;
  lostAt: Date | null;
  decision: { directoryId: string; name: string };
  /** With the decision: what the approver had to enter. */
  entered: string;
}>;

/** Puts a new request in with its first event: to be checked, or else pending. */
export async function insert(
  { trx, jobs, now }: Work,
  request: {
    tenantId: string;
    kind: Kind;
    name: string;
    content: AnyOrder;
    requester: NonNullable<Actor>;
    operation?: Operation;
    state?: 'checking' | 'pending';
    /** Of a change: which thing, how it was, and why. */
    reference?: string;
    before?: Before;
    replaced?: readonly string[];
    why?: string;
  },
  detail: object = {},
): Promise<Request> {
  const row = await trx
    .insertInto('requests')
    .values({
      tenant_id: request.tenantId,
      kind: request.kind,
      operation: request.operation ?? 'add',
      state: request.state ?? 'pending',
      content: JSON.stringify(request.content),
      before: request.before ? JSON.stringify(request.before) : null,
      replaced: request.replaced?.length ? [...request.replaced] : null,
      why: request.why ?? null,
      reference: request.reference ?? null,
      name: request.name,
      requester_tenant_id: request.requester.tenantId ?? request.tenantId,
      requester_id: request.requester.directoryId,
      requester_name: request.requester.name,
      since: now,
      created_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  const inserted = toRequest(row);
  await tell({ trx, jobs, now }, inserted, 'submitted', request.requester, detail);
  return inserted;
}

/**
 * Makes a move: one conditional UPDATE with its event and the job that announces it.
 * Resolves to the request as it is now, or to undefined when somebody was faster (no row matched).
 */
export async function move(
  work: Work,
  request: Pick<Request, 'id' | 'tenantId' | 'version'>,
  how: Move,
  actor: Actor,
  patch: Patch = {},
): Promise<Request | undefined> {
  const row = await work.trx
    .updateTable('requests')
    .set((set) => ({
      ...columns(patch, work.now),
      state: to(how),
      version: set('version', '+', 1),
      since: work.now,
      // A reminder belongs to the wait it was sent in.
      reminded_at: null,
    }))
    .where('id', '=', request.id)
    .where('tenant_id', '=', request.tenantId)
    .where('version', '=', request.version)
    .where('state', 'in', [...from(how)])
    .returningAll()
    .executeTakeFirst();
  if (!row) return undefined;
  const moved = toRequest(row);
  if (!open.includes(moved.state)) {
    await release(work.trx, moved.id);
    await dropSecrets(work.trx, { requestId: moved.id });
  }
  const { reason, entered, trouble } = patch;
  await tell(work, moved, how, actor, { ...(reason && { reason }), ...(entered && { entered }), ...trouble });
  return moved;
}

/** Records something that leaves the state as it is, and the columns it touches. `detail`: what else is to be told of it. */
export async function note(
  work: Work,
  request: Request,
  what: Happening,
  actor: Actor,
  patch: Patch = {},
  detail: object = {},
): Promise<void> {
  const changes = columns(patch, work.now);
  if (Object.keys(changes).length > 0)
    await work.trx.updateTable('requests').set(changes).where('id', '=', request.id).execute();
  await tell(work, request, what, actor, { ...patch.trouble, ...detail });
}

/** Shows how far it has come, on its cards alone: no event, for nothing was decided. Nothing happens when it is as it was. */
export async function showProgress({ trx, jobs, now }: Work, request: Request, seen: Progress): Promise<void> {
  const { waitingFor, since } = request.progress ?? {};
  const from = waitingFor === seen.waitingFor ? since : now.toISOString();
  const progress: Progress = { ...seen, ...(from && { since: from }) };
  if (isDeepStrictEqual(request.progress, progress)) return;
  await trx
    .updateTable('requests')
    .set((set) => ({ progress: JSON.stringify(progress), revision: set('revision', '+', 1) }))
    .where('id', '=', request.id)
    .execute();
  await jobs.send(trx, 'announce', { requestId: request.id });
}

/**
 * A thing that still waits has been changed: the request that made it says so from now on, for it tells whom it waits for.
 */
export async function correct({ trx, jobs }: Work, changed: Request, values: Partial<AnyOrder>): Promise<void> {
  const rows = await trx
    .updateTable('requests')
    .set((set) => ({
      content: sql`content || ${JSON.stringify(values)}::jsonb`,
      revision: set('revision', '+', 1),
    }))
    .where('tenant_id', '=', changed.tenantId)
    .where('kind', '=', changed.kind)
    .where('reference', '=', changed.reference ?? '')
    .where('operation', '=', 'add')
    .where('state', '=', 'waiting')
    .returning('id')
    .execute();
  for (const { id } of rows) await jobs.send(trx, 'announce', { requestId: id });
}

/** Writes the audit event and queues its announcement. */
async function tell({ trx, jobs, now }: Work, request: Request, what: Happening, actor: Actor, detail: object = {}) {
  await record(trx, {
    tenantId: request.tenantId,
    requestId: request.id,
    at: now,
    actorId: actor?.directoryId ?? null,
    actorName: actor?.name ?? null,
    what,
    // A directory id is unique in its tenant only.
    detail: {
      ...detail,
      ...(actor?.tenantId && actor.tenantId !== request.tenantId && { actorTenantId: actor.tenantId }),
    },
  });
  await jobs.send(trx, 'announce', { requestId: request.id });
}

/** @throws Refusal `request-unknown` for an id of another tenant as for one that does not exist. */
export async function load(db: Db | Trx, tenantId: string, id: string): Promise<Request> {
  const row = await db
    .selectFrom('requests')
    .selectAll()
    .where('id', '=', id)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  if (!row) throw new Refusal('request-unknown', { id: shown(id) });
  return toRequest(row);
}

/**
 * A request somebody may look at: of their organisation, or their own wherever it is decided.
 * @throws Refusal `request-unknown` for any other, as for one that does not exist.
 */
export async function loadFor(
  db: Db | Trx,
  person: Pick<Person, 'tenantId' | 'directoryId'>,
  id: string,
): Promise<Request> {
  const request = await loadAny(db, id);
  if (!request || (request.tenantId !== person.tenantId && !isRequester(request, person)))
    throw new Refusal('request-unknown', { id: shown(id) });
  return request;
}

/** For the bot's own work, which is told an id by its own job and not by a person. */
export async function loadAny(db: Db | Trx, id: string): Promise<Request | undefined> {
  const row = await db.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRequest(row);
}

/** The same, held until the transaction ends: whoever else wants it waits, and then sees what was done. */
export async function locked(trx: Trx, id: string): Promise<Request | undefined> {
  const row = await trx.selectFrom('requests').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row && toRequest(row);
}

/** What operators have to do, oldest first. */
export async function listTasks(db: Db | Trx, tenantId: string, limit: number): Promise<Request[]> {
  const rows = await db
    .selectFrom('requests')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('task', 'is not', null)
    .where('state', 'in', ['provisioning', 'waiting'])
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toRequest);
}

/** Requests in some states, oldest first; of one person, or of the whole tenant; `single`: only those of no batch. */
export async function list(
  db: Db | Trx,
  tenantId: string,
  {
    states,
    requesterId,
    single,
    limit,
  }: { states: readonly State[]; requesterId?: string; single?: true; limit: number },
): Promise<Request[]> {
  let query = db
    .selectFrom('requests')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('state', 'in', [...states]);
  if (requesterId) query = query.where('requester_tenant_id', '=', tenantId).where('requester_id', '=', requesterId);
  if (single) query = query.where('batch_id', 'is', null);
  return (await query.orderBy('id').limit(limit).execute()).map(toRequest);
}

/** Requests by their id, their name, or an e-mail address or billing reference in them; the newest first. */
export async function search(db: Db | Trx, tenantId: string, text: string, limit: number): Promise<Request[]> {
  const rows = await db
    .selectFrom('requests')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where(matching(text))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toRequest);
}

export const matching = (text: string) => (where: ExpressionBuilder<Tables, 'requests'>) => {
  const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  const id = parseId(text);
  return where.or([
    where('name', 'ilike', like),
    where(sql`content ->> 'email'`, 'ilike', like),
    where(sql`content ->> 'billingReference'`, 'ilike', like),
    ...(id ? [where('id', '=', id)] : []),
  ]);
};

/**
 * The requests that the backend knows by this reference; what a webhook is about. A reference may go on after a colon:
 * `5901:1,2` is of what the backend knows as 5901.
 */
export async function byReference(db: Db | Trx, reference: string): Promise<Request[]> {
  const rows = await db
    .selectFrom('requests')
    .selectAll()
    .where((where) =>
      where.or([where('reference', '=', reference), where(sql`split_part(reference, ':', 1)`, '=', reference)]),
    )
    .execute();
  return rows.map(toRequest);
}

/** Takes names and addresses for a request. The primary key throws should somebody hold one after all. */
export async function claim(trx: Trx, request: Request, keys: string[]): Promise<void> {
  const rows = keys.map((key) => ({ tenant_id: request.tenantId, key, request_id: request.id }));
  if (rows.length > 0) await trx.insertInto('claims').values(rows).execute();
}

/** Those who claim within a tenant queue up, so that what is found free is still free when it is claimed. */
export const oneAtATime = (trx: Trx, tenantId: string) =>
  sql`select pg_advisory_xact_lock(hashtext(${`claims ${tenantId}`}))`.execute(trx);

/** The keys, of those given, that a living request, the backend or an organisation already has. `except`: a request about to be replaced. */
export async function held(db: Db | Trx, tenantId: string, keys: string[], except?: string) {
  if (keys.length === 0) return [];
  let claimed = db.selectFrom('claims').select('key').where('tenant_id', '=', tenantId).where('key', 'in', keys);
  if (except) claimed = claimed.where('request_id', '!=', except);
  const listed = await db
    .selectFrom('listed')
    .select('keys')
    .where('tenant_id', '=', tenantId)
    .where((expression) => expression('keys', '&&', expression.val(keys)))
    .execute();
  const all = new Set([
    ...(await claimed.execute()).map(({ key }) => key),
    ...listed.flatMap((row) => row.keys),
    ...(await accountsInUse(db, keys)),
  ]);
  return keys.filter((key) => all.has(key));
}

const release = (trx: Trx, requestId: string) => trx.deleteFrom('claims').where('request_id', '=', requestId).execute();

export function columns(patch: Patch, now: Date) {
  return {
    ...(patch.reason !== undefined && { reason: patch.reason }),
    ...(patch.reference !== undefined && { reference: patch.reference }),
    ...(patch.trouble !== undefined && { trouble: patch.trouble && JSON.stringify(patch.trouble) }),
    ...(patch.progress !== undefined && { progress: patch.progress && JSON.stringify(patch.progress) }),
    ...(patch.task !== undefined && { task: patch.task && JSON.stringify(patch.task) }),
    ...(patch.remindedAt !== undefined && { reminded_at: patch.remindedAt }),
    ...(patch.resentAt !== undefined && { resent_at: patch.resentAt }),
    ...(patch.entered !== undefined && { entered: patch.entered }),
    ...(patch.doubtedAt !== undefined && { doubted_at: patch.doubtedAt }),
    ...(patch.lostAt !== undefined && { lost_at: patch.lostAt }),
    ...(patch.decision && {
      decided_by: patch.decision.directoryId,
      decided_by_name: patch.decision.name,
      decided_at: now,
    }),
  };
}

export function toRequest(row: Selectable<Tables['requests']>): Request {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    kind: row.kind,
    operation: row.operation as Operation,
    state: row.state as State,
    version: row.version,
    content: row.content,
    ...(row.before && { before: row.before }),
    ...(row.replaced && { replaced: row.replaced }),
    ...(row.why !== null && { why: row.why }),
    name: row.name,
    ...(row.batch_id !== null && { batchId: row.batch_id }),
    requester: { tenantId: row.requester_tenant_id, directoryId: row.requester_id, name: row.requester_name },
    ...(row.decided_by &&
      row.decided_at && {
        decision: {
          by: row.decided_by,
          name: row.decided_by_name ?? row.decided_by,
          at: row.decided_at,
          ...(row.reason !== null && { reason: row.reason }),
          ...(row.entered !== null && { entered: row.entered }),
        },
      }),
    ...(row.reference && { reference: row.reference }),
    ...(row.trouble && { trouble: saidAgain(row.trouble) }),
    ...(row.progress && { progress: row.progress }),
    ...(row.task && { task: row.task }),
    since: row.since,
    ...(row.reminded_at && { remindedAt: row.reminded_at }),
    ...(row.resent_at && { resentAt: row.resent_at }),
    ...(row.doubted_at && { doubtedAt: row.doubted_at }),
    ...(row.lost_at && { lostAt: row.lost_at }),
    createdAt: row.created_at,
  };
}
