import { catalog, entryOf, type Kind } from '../catalog/index.ts';
import type { Db, Trx } from '../db/open.ts';
import { Refusal } from '../errors.ts';
import { accountOf } from '../people/organisations.ts';
import type { Person } from '../people/person.ts';
import { open } from './lifecycle.ts';
import { isRequester, type Request, shown } from './request.ts';
import { loadAny, loadFor, type Work } from './store.ts';

/*
 * What people of a tenant that is not served may do: ask to be, see and take back what they asked for, and nothing else.
 */

/** The kinds that are asked for from outside. */
const outsideKinds = (Object.keys(catalog) as Kind[]).filter((kind) => entryOf(kind).outside);

/** A tenant that is served orders; one that is not asks to be served. @throws Refusal for the one on the wrong side. */
export async function requireSide(db: Db | Trx, kind: Kind, person: Person): Promise<void> {
  const served = (await accountOf(db, person.tenantId)) !== undefined;
  const outside = entryOf(kind).outside !== undefined;
  if (served && outside) throw new Refusal('organisation-served');
  if (!served && !outside) throw new Refusal('tenant-unknown', { tenant: person.tenantId });
}

const day = 86_400_000;

/** @throws Refusal `asked-often` when a tenant has made all the requests of its day, whatever became of them. */
export async function requireFew({ trx, now }: Work, kind: Kind, tenantId: string, aDay: number): Promise<void> {
  const made = await trx
    .selectFrom('requests')
    .select('created_at')
    .where('requester_tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('created_at', '>', new Date(now.getTime() - day))
    .orderBy('id', 'desc')
    .limit(aDay)
    .execute();
  const first = made[aDay - 1];
  if (!first) return;
  const when = new Date(first.created_at.getTime() + day).toISOString();
  throw new Refusal('asked-often', { count: aDay, when });
}

/** What a tenant has asked for from outside and is still open; there is never more than one. */
export async function openFromOutside(db: Db | Trx, tenantId: string): Promise<Request | undefined> {
  const row = await db
    .selectFrom('requests')
    .select('id')
    .where('requester_tenant_id', '=', tenantId)
    .where('kind', 'in', outsideKinds)
    .where('state', 'in', [...open])
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row && loadAny(db, row.id);
}

/** A request somebody made from outside. @throws Refusal `request-unknown` for any other, as for one that does not exist. */
export async function loadOwnFromOutside(db: Db | Trx, person: Person, id: string): Promise<Request> {
  const request = await loadFor(db, person, id);
  if (!entryOf(request.kind).outside || !isRequester(request, person))
    throw new Refusal('request-unknown', { id: shown(id) });
  return request;
}
