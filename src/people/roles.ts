import type { Db, Trx } from '../db/open.ts';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { memberships } from './groups.ts';
import { isRole, type Person, type Role, roleName } from './person.ts';

/**
 * The roles of one person; none for a stranger. Granted to them, or to a group of the directory that they were in when it
 * was last read, as long as that was not too long ago.
 */
export async function rolesOf(
  db: Db | Trx,
  person: Pick<Person, 'tenantId' | 'directoryId'>,
  now: Date,
): Promise<Set<Role>> {
  const rows = await db
    .selectFrom('roles')
    .select('role')
    .where('tenant_id', '=', person.tenantId)
    .where('directory_id', '=', person.directoryId)
    .execute();
  const followed = await memberships(db, person, now);
  return new Set([
    ...rows.map(({ role }) => role).filter(isRole),
    ...followed.filter(({ counts }) => counts).map(({ role }) => role),
  ]);
}

/**
 * Everybody with a role in a tenant, by name. A person the bot has not met is shown by their directory id; of who has a
 * role only by a group, those it has met are named, with that group.
 */
export async function listRoles(db: Db | Trx, tenantId: string, now: Date) {
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
  const granted = rows.map((row) => ({
    directoryId: row.directory_id,
    role: row.role,
    name: row.name ?? row.directory_id,
    known: row.name !== null,
    group: null as string | null,
  }));
  const has = new Set(granted.map(({ directoryId, role }) => `${role} ${directoryId}`));
  const followed = await metInGroups(db, tenantId, now);
  return [
    ...granted,
    ...followed.filter(({ directoryId, role }) => {
      const first = !has.has(`${role} ${directoryId}`);
      has.add(`${role} ${directoryId}`);
      return first;
    }),
  ];
}

async function metInGroups(db: Db | Trx, tenantId: string, now: Date) {
  const rows = await db
    .selectFrom('role_groups as followed')
    .innerJoin('role_group_members as member', (join) =>
      join
        .onRef('member.tenant_id', '=', 'followed.tenant_id')
        .onRef('member.group_id', '=', 'followed.group_id')
        .onRef('member.role', '=', 'followed.role'),
    )
    .innerJoin('people', (join) =>
      join.onRef('people.tenant_id', '=', 'member.tenant_id').onRef('people.directory_id', '=', 'member.directory_id'),
    )
    .select(['member.directory_id', 'member.role', 'people.name', 'followed.name as group', 'followed.group_id'])
    .where('followed.tenant_id', '=', tenantId)
    .where('followed.valid_until', '>', now)
    .orderBy('member.role')
    .orderBy('people.name')
    .execute();
  return rows.map((row) => ({
    directoryId: row.directory_id,
    role: row.role,
    name: row.name,
    known: true,
    group: row.group ?? row.group_id,
  }));
}

/**
 * Passes when the person has one of the roles.
 * @throws Refusal `role-missing`, naming the administrators who can grant it, or `directory-stale`.
 */
export async function requireRole(
  db: Db | Trx,
  person: Person,
  now: Date,
  ...anyOf: [Role, ...Role[]]
): Promise<Set<Role>> {
  const has = await rolesOf(db, person, now);
  if (anyOf.some((role) => has.has(role))) return has;
  throw (
    (await staleRole(db, person, now, anyOf)) ??
    new Refusal('role-missing', {
      role: roleName(anyOf[0]),
      administrators: await administratorsOf(db, person.tenantId, now),
      you: person.name,
    })
  );
}

/** Why somebody has none of these roles now, when all that is wrong is that their group could not be read for too long. */
export async function staleRole(
  db: Db | Trx,
  person: Pick<Person, 'tenantId' | 'directoryId'>,
  now: Date,
  anyOf: readonly Role[],
): Promise<Refusal | undefined> {
  const followed = await memberships(db, person, now);
  const stale = followed.find(({ role, counts }) => !counts && anyOf.includes(role));
  if (!stale) return undefined;
  return new Refusal('directory-stale', {
    role: roleName(stale.role),
    group: stale.group,
    since: stale.readAt.toISOString(),
    administrators: await administratorsOf(db, person.tenantId, now),
  });
}

/** So many names tell whom to ask; a whole group's would not be read. */
const namedAdministrators = 5;

/** Whom to ask for a role, by name; the first few of many. */
export async function administratorsOf(db: Db | Trx, tenantId: string, now: Date): Promise<string> {
  const everybody = await listRoles(db, tenantId, now);
  const names = everybody.filter(({ role }) => role === 'administrator').map(({ name }) => name);
  const more = names.length - namedAdministrators;
  if (more > 0) names.splice(namedAdministrators, more, say('people.administrators.more', { count: more }));
  return names.join(', ') || say('people.administrators.none');
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
 * @throws Refusal `last-administrator`: somebody must remain who can grant. A group does not count: the directory may empty
 * it, or not be there to be asked.
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
