import ms from 'ms';
import type { Config } from '../config.ts';
import type { Payloads } from '../db/jobs.ts';
import type { Trx } from '../db/open.ts';
import { outOfReach } from '../directory/graph.ts';
import type { Outcome } from '../directory/reading.ts';
import { Refusal } from '../errors.ts';
import { type FollowedGroup, follow, followedGroups, unfollow } from '../people/groups.ts';
import { isRole, type Role } from '../people/person.ts';
import { messageCard } from '../views/message.ts';
import { cut, moment, plain } from '../views/text.ts';
import type { Outbox } from './outbox.ts';
import { type Answer, below, type Turn } from './turn.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A name in the directory may be 256 characters long; so much tells which group it is, in a row among twenty. */
const nameLimit = 60;
const shortened = (name: string) => plain(name.length > nameLimit ? `${cut(name, nameLimit)}…` : name);

/**
 * The group that a command names behind its role; undefined when it speaks of a person.
 * @throws Refusal `group-unclear`.
 */
export function groupIn(rest: string, role: Role): string | undefined {
  const named = /^\S+ group(?: (.*))?$/i.exec(rest);
  if (!named) return undefined;
  const id = named[1] ?? '';
  if (!guid.test(id)) throw new Refusal('group-unclear', { group: cut(id, 60), role });
  return id.toLowerCase();
}

/** Has a group read, and gives its members the role when that is done; the answer to that goes to the same conversation. */
export async function followGroup(turn: Turn, role: Role, groupId: string): Promise<Answer> {
  const { trx, jobs, person, activity, config, now } = turn;
  const obstacle = outOfReach(config, person.tenantId);
  if (obstacle) throw new Refusal(obstacle);
  await follow(trx, person.directoryId, person.tenantId, groupId, role, now);
  await jobs.send(trx, 'groups', {
    tenantId: person.tenantId,
    groupId,
    tell: {
      conversationId: activity.conversation.id,
      role,
      once: `group:${activity.conversation.id}:${activity.id}`,
    },
  });
  return below(
    messageCard({
      title: 'One moment',
      lines: [`Reading the group ${groupId} in the directory. Its members are ${role} once that is done.`],
    }),
    'Reading a group',
  );
}

export async function unfollowGroup(turn: Turn, role: Role, groupId: string): Promise<Answer> {
  const { trx, person } = turn;
  const followed = await followedGroups(trx, person.tenantId);
  const name = followed.find((one) => one.groupId === groupId)?.name ?? groupId;
  const had = await unfollow(trx, person.tenantId, groupId, role);
  const lines = had
    ? [
        `The group ${shortened(name)} no longer makes anybody ${role}.`,
        'Who was granted the role by name still has it, as has who is in another group that gives it.',
      ]
    : [`The group ${shortened(name)} did not make anybody ${role}.`];
  return below(messageCard({ title: had ? 'Role revoked' : 'Nothing to do', lines }), 'Role revoked');
}

/** The followed groups, as `roles` shows them. */
export async function groupRows({ trx, person, now }: Turn) {
  const followed = await followedGroups(trx, person.tenantId);
  return followed.map((group) => ({ role: group.role, ...groupRow(group, now) }));
}

export const groupRow = (group: FollowedGroup, now: Date) => ({
  title: `${group.role}, by the group ${shortened(group.name)}`,
  subtitle: standing(group, now),
});

/** How many have the role by it, and how sure that is. */
function standing({ groupId, members, readAt, validUntil, problem }: FollowedGroup, now: Date): string {
  const counts = validUntil !== null && validUntil > now;
  const lines = [
    readAt === null
      ? `not read${problem ? '' : ' yet'}: nobody has the role by it`
      : `${people(members)}, read ${moment(readAt)}${counts ? '' : ': too long ago, so nobody has the role by it'}`,
    ...(problem
      ? [
          `⚠ ${plain(problem.says)} ${plain(problem.next)}${counts ? ` What was read counts until ${moment(validUntil)}.` : ''}`,
        ]
      : []),
    groupId,
  ];
  return lines.join('\n\n');
}

const people = (count: number) => (count === 1 ? '1 member' : `${count} members`);

/** Tells the administrator who granted a role to a group what came of reading it: once, however often it is read. */
export function tellOfGroup(outbox: Outbox, config: Pick<Config, 'GROUPS_EVERY'>) {
  return async (trx: Trx, asked: Payloads['groups'], outcome: Outcome): Promise<void> => {
    const { tenantId, groupId, tell } = asked;
    if (!tell || !isRole(tell.role)) return;
    const followed = await followedGroups(trx, tenantId);
    // It may have been revoked while it was read.
    const group = followed.find((one) => one.groupId === groupId && one.role === tell.role);
    if (!group) return;
    const place = { tenantId, conversationId: tell.conversationId };
    await outbox.post(trx, place, tell.once, outcomeCard(group, outcome, config.GROUPS_EVERY), 'A group was read');
  };
}

/** What the administrator reads when a group was read, or could not be. */
export function outcomeCard({ name, role, members }: FollowedGroup, outcome: Outcome, everyMs: number) {
  if ('problem' in outcome)
    return messageCard({
      title: 'The group could not be read',
      lines: [
        `${plain(outcome.problem.says)} ${plain(outcome.problem.next)}`,
        `The group ${shortened(name)} stays granted and is tried again every ${ms(everyMs, { long: true })}. Type **roles** to see how it stands.`,
      ],
      style: 'warning',
    });
  const who = members === 1 ? '1 member, who is' : `${members} members, who are`;
  return messageCard({
    title: 'Role granted to a group',
    lines: [
      members === 0
        ? `${shortened(name)} has no members yet, so nobody is ${role} by it.`
        : `${shortened(name)} has ${who} ${role} now.`,
      `It is read again every ${ms(everyMs, { long: true })}. Whoever manages the group in the directory decides from now on who is ${role}.`,
    ],
    style: 'good',
  });
}
