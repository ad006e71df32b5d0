import { sql } from 'kysely';
import type { Db, Trx } from '../db/open.ts';
import { isRole, type Role } from './person.ts';

/** Somebody of a tenant whom the bot has met, with the id by which Teams addresses them. */
export interface Met {
  directoryId: string;
  teamsId: string;
  roles: ReadonlySet<Role>;
}

/** More are not looked at: a card's refresh names at most 60 people, and those met last are those who read along. */
const most = 300;

/**
 * Those whom a card in a channel may be made anew for: first `first`, then those with a role, then whoever was met last. Only
 * people with the kind of id that a refresh takes; clients without refresh, such as the Agents Playground, have other ones.
 */
export async function met(
  db: Db | Trx,
  tenantId: string,
  now: Date,
  first?: { tenantId: string; directoryId: string },
): Promise<Met[]> {
  const rolesNow = sql<string[]>`array(
    select role from roles r where r.tenant_id = people.tenant_id and r.directory_id = people.directory_id
    union select m.role from role_group_members m
      join role_groups g on g.tenant_id = m.tenant_id and g.group_id = m.group_id and g.role = m.role
      where m.tenant_id = people.tenant_id and m.directory_id = people.directory_id and g.valid_until > ${now})`;
  const rows = await db
    .selectFrom('people')
    .select(['directory_id', 'teams_id', rolesNow.as('roles')])
    .where('tenant_id', '=', tenantId)
    .where('teams_id', 'like', '29:%')
    .orderBy(sql`directory_id = ${first?.tenantId === tenantId ? first.directoryId : ''}`, 'desc')
    .orderBy(sql`cardinality(${rolesNow}) > 0`, 'desc')
    .orderBy('seen_at', 'desc')
    .limit(most)
    .execute();
  return rows.map(({ directory_id, teams_id, roles }) => ({
    directoryId: directory_id,
    teamsId: teams_id,
    roles: new Set(roles.filter(isRole)),
  }));
}
