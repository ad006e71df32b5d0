import { type ExpressionBuilder, type Selectable, sql } from 'kysely';
import { entryOf, isKind } from '../catalog/index.ts';
import { type Known, type Thing, type ThingKind, thingKinds } from '../catalog/orderable.ts';
import type { Db, Trx } from '../db/open.ts';
import type { Tables } from '../db/schema.ts';

/** Which things of a kind: with these words in their name, e-mail address or billing reference; of a parent; only live ones. */
export interface Which {
  search?: string;
  parent?: string;
  active?: boolean;
  /** The whole name, without regard to case. */
  name?: string;
}

/** Our copy of what TeamMate has for a tenant: as old as the last look, which opening a form or a list asks for. */
export function knownTo(db: Db | Trx, tenantId: string): Known {
  return {
    tenantId,
    thing: (kind, reference) => thing(db, tenantId, kind, reference),
    things: async (kind, { limit, ...which }) =>
      (
        await selected(db, tenantId, kind, which)
          .selectAll()
          .orderBy('name')
          .orderBy('reference')
          .limit(limit)
          .execute()
      ).map(toThing),
  };
}

async function thing(db: Db | Trx, tenantId: string, kind: ThingKind, reference: string): Promise<Thing | undefined> {
  const row = await db
    .selectFrom('listed')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('reference', '=', reference)
    .executeTakeFirst();
  return row && toThing(row);
}

/** A page of things by name, and how many there are in all. */
export async function pageOf(
  db: Db | Trx,
  tenantId: string,
  kind: ThingKind,
  which: Which,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ total: number; things: Thing[] }> {
  const query = selected(db, tenantId, kind, which);
  const { count } = await query.select((select) => select.fn.countAll<string>().as('count')).executeTakeFirstOrThrow();
  const rows = await query.selectAll().orderBy('name').orderBy('reference').limit(limit).offset(offset).execute();
  return { total: Number(count), things: rows.map(toThing) };
}

/** Things that can be ordered, of whatever kind, by name, e-mail address, billing reference or TeamMate's id; how many in all. */
export async function search(db: Db | Trx, tenantId: string, text: string, limit: number, offset = 0) {
  const query = db
    .selectFrom('listed')
    .where('tenant_id', '=', tenantId)
    .where('kind', 'in', thingKinds.filter(isKind))
    .where((where) => where.or([matching(text)(where), where('reference', '=', text)]));
  const { count } = await query.select((select) => select.fn.countAll<string>().as('count')).executeTakeFirstOrThrow();
  const rows = await query
    .selectAll()
    .orderBy('name')
    .orderBy('kind')
    .orderBy('reference')
    .limit(limit)
    .offset(offset)
    .execute();
  return { total: Number(count), things: rows.map(toThing) };
}

/** In a name, an e-mail address or a billing reference. In LIKE a backslash, per cent and underscore mean something; here not. */
export const matching = (text: string) => (where: ExpressionBuilder<Tables, 'listed'>) => {
  const like = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  return where.or([
    where('name', 'ilike', like),
    where(sql`facts ->> 'email'`, 'ilike', like),
    where(sql`facts ->> 'billingReference'`, 'ilike', like),
  ]);
};

function selected(db: Db | Trx, tenantId: string, kind: ThingKind, { search, parent, active, name }: Which) {
  let query = db.selectFrom('listed').where('tenant_id', '=', tenantId).where('kind', '=', kind);
  if (parent !== undefined) query = query.where('parent', '=', parent);
  if (active) query = query.where('active', '=', true).where('suspended', '=', false);
  if (name !== undefined) query = query.where(sql`lower(name)`, '=', name.toLowerCase());
  if (search) query = query.where(matching(search));
  return query;
}

/** Puts things into the copy, or brings them up to date. */
export async function keep(trx: Trx, tenantId: string, things: readonly Thing[], at: Date): Promise<void> {
  for (const { kind, reference, name, active, suspended, parent, facts } of things) {
    const values = {
      tenant_id: tenantId,
      kind,
      reference,
      name,
      active,
      suspended,
      parent: parent ?? null,
      facts: JSON.stringify(facts),
      // Claims are made of texts only, so what TeamMate lists makes the same ones as what somebody types.
      keys: isKind(kind)
        ? entryOf(kind)
            .claims({ ...facts, name } as object)
            .map(({ key }) => key)
        : [],
      synced_at: at,
    };
    await trx
      .insertInto('listed')
      .values(values)
      // What we have changed since a look began is newer than what that look read.
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'kind', 'reference']).doUpdateSet(values).where('listed.synced_at', '<=', at),
      )
      .execute();
  }
}

/** Takes one thing out of the copy. */
export async function drop(trx: Trx, tenantId: string, kind: ThingKind, reference: string): Promise<void> {
  await trx
    .deleteFrom('listed')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind)
    .where('reference', '=', reference)
    .execute();
}

/** Drops what a whole look at these kinds did not name; what came in while it ran stays. */
export async function dropOlder(
  db: Db | Trx,
  tenantId: string,
  kinds: readonly ThingKind[],
  than: Date,
): Promise<void> {
  await db
    .deleteFrom('listed')
    .where('tenant_id', '=', tenantId)
    .where('kind', 'in', [...kinds])
    .where('synced_at', '<', than)
    .execute();
}

export const toThing = (row: Selectable<Tables['listed']>): Thing => ({
  kind: row.kind,
  reference: row.reference,
  name: row.name,
  active: row.active,
  suspended: row.suspended,
  ...(row.parent !== null && { parent: row.parent }),
  facts: row.facts,
});
