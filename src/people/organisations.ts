import type { Db, Trx } from '../db/open.ts';

/** The master reseller's id in TeamMate that a Teams tenant works for; undefined for a tenant that is not served. */
export async function accountOf(db: Db | Trx, tenantId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('organisations')
    .select('account')
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row?.account;
}

/** Every tenant that is served. */
export async function tenants(db: Db | Trx): Promise<string[]> {
  const rows = await db.selectFrom('organisations').select('tenant_id').orderBy('tenant_id').execute();
  return rows.map((row) => row.tenant_id);
}

/** Serves a tenant from now on, or gives it another account. `by`: a directory id, or the setting that says so. */
export async function serve(
  db: Db | Trx,
  organisation: { tenantId: string; account: string; name?: string },
  by: string,
  now: Date,
): Promise<void> {
  const { tenantId, account, name = '' } = organisation;
  await db
    .insertInto('organisations')
    .values({ tenant_id: tenantId, account, name, added_by: by, added_at: now })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet({ account }))
    .execute();
}
