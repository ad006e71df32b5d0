import type { Db, Trx } from '../db/open.ts';
import { Refusal } from '../errors.ts';
import { isRole, type Person, type Role } from './person.ts';

/** The roles of one person; none for a stranger. */
export async function rolesOf(db: Db | Trx, person: Pick<Person, 'tenantId' | 'directoryId'>): Promise<Set<Role>> {
  const rows = await db
    .selectFrom('roles')
    .select('role')
    .where('tenant_id', '=', person.tenantId)
    .where('directory_id', '=', person.directoryId)
    .execute();
  return new Set(rows.map(({ role }) => role).filter(isRole));
}

/** Everybody with a role in a tenant, by name; a person the bot has not met is shown by their directory id. */
export async function listRoles(db: Db | Trx, tenantId: string) {
  const rows = await db
    .selectFrom('roles')
    .leftJoin('people', (join) =>
      join.onRef('people.tenant_id', '=', 'roles.tenant_id').onRef('people.directory_id', '=', 'roles.directory_id'),
    )
    .select(['roles.directory_id', 'roles.role', 'people.name', 'people.teams_id'])
    .where('roles.tenant_id', '=', tenantId)
    .orderBy('roles.role')
    .orderBy('people.name')
    .execute();
  return rows.map((row) => ({
    directoryId: row.directory_id,
    role: row.role,
    name: row.name ?? row.directory_id,
    known: row.name !== null,
  }));
}

/**
 * Passes when the person has one of the roles.
 * @throws Refusal `role-missing`, naming the administrators who can grant it.
 */
export async function requireRole(db: Db | Trx, person: Person, ...anyOf: [Role, ...Role[]]): Promise<Set<Role>> {
  const has = await rolesOf(db, person);
  if (anyOf.some((role) => has.has(role))) return has;
  const everybody = await listRoles(db, person.tenantId);
  const administrators = everybody.filter(({ role }) => role === 'administrator').map(({ name }) => name);
  throw new Refusal('role-missing', {
    role: anyOf[0],
    administrators: administrators.join(', ') || 'none is set: see BOOTSTRAP_ADMINS',
    you: person.name,
  });
}

/** Grants a role; granting it twice changes nothing. Resolves to whether it was new. */
export async function grant(trx: Db | Trx, by: string, tenantId: string, directoryId: string, role: Role, now: Date) {
  const result = await trx
    .insertInto('roles')
    .values({ tenant_id: tenantId, directory_id: directoryId, role, granted_by: by, granted_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

/**
 * Takes a role away. Resolves to whether they had it.
 * @throws Refusal `last-administrator`: somebody must remain who can grant.
 */
export async function revoke(trx: Trx, tenantId: string, directoryId: string, role: Role): Promise<boolean> {
  if (role === 'administrator') {
    const left = await trx
      .selectFrom('roles')
      .select('directory_id')
      .where('tenant_id', '=', tenantId)
      .where('role', '=', 'administrator')
      .forUpdate()
      .execute();
    if (left.length === 1 && left[0]?.directory_id === directoryId) throw new Refusal('last-administrator');
  }
  const result = await trx
    .deleteFrom('roles')
    .where('tenant_id', '=', tenantId)
    .where('directory_id', '=', directoryId)
    .where('role', '=', role)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
