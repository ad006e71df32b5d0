import { sql } from 'kysely';
import type { Db, Trx } from '../db/open.ts';
import type { Trouble } from '../db/schema.ts';
import { Refusal } from '../errors.ts';
import { isRole, type Person, type Role } from './person.ts';

/** How many groups a tenant can follow: each is read every few minutes, and all of them are shown on one card. */
export const groupLimit = 20;

/** A group of the directory whose members have a role, and how its copy stands. */
export interface FollowedGroup {
  groupId: string;
  role: Role;
  /** Its name in the directory; its id until that was read. */
  name: string;
  members: number;
  readAt: Date | null;
  /** Until when the copy counts. */
  validUntil: Date | null;
  /** Why the last reading failed. */
  problem: Trouble | null;
}

/**
 * Gives a role to whoever is in a group, as soon as the group has been read.
 * @throws Refusal `groups-too-many`.
 */
export async function follow(trx: Trx, by: string, tenantId: string, groupId: string, role: Role, now: Date) {
  await trx
    .insertInto('role_groups')
    .values({ tenant_id: tenantId, group_id: groupId, role, granted_by: by, granted_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const followed = await followedGroups(trx, tenantId);
  if (followed.length > groupLimit) throw new Refusal('groups-too-many', { limit: groupLimit });
}

/** Takes the role from the group, and with it from everybody who had it by the group alone. Resolves to whether it had it. */
export async function unfollow(trx: Trx, tenantId: string, groupId: string, role: Role): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('role_groups')
    .where('tenant_id', '=', tenantId)
    .where('group_id', '=', groupId)
    .where('role', '=', role)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Every group that a tenant follows, by role. One that has two roles is there twice. */
export async function followedGroups(db: Db | Trx, tenantId: string): Promise<FollowedGroup[]> {
  const rows = await db
    .selectFrom('role_groups')
    .selectAll()
    .select((select) =>
      select
        .selectFrom('role_group_members')
        .select((count) => count.fn.countAll<string>().as('count'))
        .whereRef('role_group_members.tenant_id', '=', 'role_groups.tenant_id')
        .whereRef('role_group_members.group_id', '=', 'role_groups.group_id')
        .whereRef('role_group_members.role', '=', 'role_groups.role')
        .as('members'),
    )
    .where('tenant_id', '=', tenantId)
    .orderBy('role')
    .orderBy('name')
    .orderBy('group_id')
    .execute();
  return rows.flatMap((row) =>
    isRole(row.role)
      ? {
          groupId: row.group_id,
          role: row.role,
          name: row.name ?? row.group_id,
          members: Number(row.members),
          readAt: row.read_at,
          validUntil: row.valid_until,
          problem: row.problem,
        }
      : [],
  );
}

/** The groups of a tenant, each once, of which no reading was begun since a moment; or the one asked for, if it is followed. */
export async function groupsToRead(
  db: Db | Trx,
  tenantId: string,
  which: { notTriedSince: Date } | { groupId: string },
): Promise<string[]> {
  const rows = await db
    .selectFrom('role_groups')
    .select('group_id')
    .distinct()
    .where('tenant_id', '=', tenantId)
    .where((where) =>
      'groupId' in which
        ? where('group_id', '=', which.groupId)
        : where.or([where('tried_at', 'is', null), where('tried_at', '<', which.notTriedSince)]),
    )
    .execute();
  return rows.map((row) => row.group_id);
}

/** What the directory said of a group, and from when until when that counts. */
export interface Reading {
  name: string | null;
  members: readonly string[];
  begun: Date;
  validUntil: Date;
}

/** Puts a reading in the place of the copy there was. A later one stays, and a group no longer followed gets none. */
export async function keepReading(trx: Trx, tenantId: string, groupId: string, reading: Reading): Promise<void> {
  const { name, members, begun, validUntil } = reading;
  const kept = await trx
    .updateTable('role_groups')
    .set({ name, tried_at: begun, read_at: begun, valid_until: validUntil, problem: null })
    .where('tenant_id', '=', tenantId)
    .where('group_id', '=', groupId)
    .where((where) => where.or([where('read_at', 'is', null), where('read_at', '<=', begun)]))
    .returning('role')
    .execute();
  for (const { role } of kept) {
    await dropMembers(trx, tenantId, groupId, role);
    // One parameter for all of them: PostgreSQL takes no more than 65535.
    await sql`insert into role_group_members (tenant_id, group_id, role, directory_id)
      select distinct ${tenantId}, ${groupId}, ${role}, member from unnest(${members}::text[]) as member`.execute(trx);
  }
}

/** Notes that a group could not be read. `gone`: there is no such group, so nobody is in it any more. */
export async function noteProblem(
  trx: Trx,
  tenantId: string,
  groupId: string,
  { begun, problem, gone }: { begun: Date; problem: Trouble; gone: boolean },
): Promise<void> {
  const noted = await trx
    .updateTable('role_groups')
    .set({ tried_at: begun, problem: JSON.stringify(problem), ...(gone && { read_at: null, valid_until: null }) })
    .where('tenant_id', '=', tenantId)
    .where('group_id', '=', groupId)
    .where((where) => where.or([where('tried_at', 'is', null), where('tried_at', '<=', begun)]))
    .returning('role')
    .execute();
  if (!gone) return;
  for (const { role } of noted) await dropMembers(trx, tenantId, groupId, role);
}

async function dropMembers(trx: Trx, tenantId: string, groupId: string, role: string): Promise<void> {
  await trx
    .deleteFrom('role_group_members')
    .where('tenant_id', '=', tenantId)
    .where('group_id', '=', groupId)
    .where('role', '=', role)
    .execute();
}

/** A group that somebody was in when it was last read. `counts`: the copy is young enough to go by. */
export interface Membership {
  role: Role;
  group: string;
  readAt: Date;
  counts: boolean;
}

/** What a person is by the groups they are in. Only what `counts` gives a role; the rest tells why they have none. */
export async function memberships(
  db: Db | Trx,
  person: Pick<Person, 'tenantId' | 'directoryId'>,
  now: Date,
): Promise<Membership[]> {
  const rows = await db
    .selectFrom('role_group_members as member')
    .innerJoin('role_groups as followed', (join) =>
      join
        .onRef('followed.tenant_id', '=', 'member.tenant_id')
        .onRef('followed.group_id', '=', 'member.group_id')
        .onRef('followed.role', '=', 'member.role'),
    )
    .select(['followed.role', 'followed.name', 'followed.group_id', 'followed.read_at', 'followed.valid_until'])
    .where('member.tenant_id', '=', person.tenantId)
    .where('member.directory_id', '=', person.directoryId)
    .orderBy('followed.read_at', 'desc')
    .execute();
  return rows.flatMap(({ role, name, group_id, read_at, valid_until }) =>
    isRole(role) && read_at && valid_until
      ? { role, group: name ?? group_id, readAt: read_at, counts: valid_until > now }
      : [],
  );
}
