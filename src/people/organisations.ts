import { accountKey } from '../catalog/access.ts';
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

/** Of these claims on accounts, those that an organisation holds. */
export async function accountsInUse(db: Db | Trx, keys: readonly string[]): Promise<string[]> {
  const accounts = keys.filter((key) => key.startsWith(accountKey(''))).map((key) => key.slice(accountKey('').length));
  if (accounts.length === 0) return [];
  const rows = await db.selectFrom('organisations').select('account').where('account', 'in', accounts).execute();
  return rows.map(({ account }) => accountKey(account));
}

/**
 * Serves a tenant from now on. `by`: the setting or the request that says so; the same one may give it another account later,
 * another one changes nothing. Resolves to whether it is served as asked.
 */
export async function serve(
  db: Db | Trx,
  organisation: { tenantId: string; account: string; name?: string },
  by: string,
  now: Date,
): Promise<boolean> {
  const { tenantId, account, name = '' } = organisation;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('organisations')
    .values({ tenant_id: tenantId, account, name, added_by: by, added_at: now })
    .onConflict((conflict) =>
      conflict.column('tenant_id').doUpdateSet({ account }).where('organisations.added_by', '=', by),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}
