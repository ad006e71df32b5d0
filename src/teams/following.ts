import type { Config } from '../config.ts';
import type { Payloads } from '../db/jobs.ts';
import type { Trx } from '../db/open.ts';
import type { Trouble } from '../db/schema.ts';
import { outOfReach } from '../directory/graph.ts';
import type { Outcome } from '../directory/reading.ts';
import { Refusal, saidAgain } from '../errors.ts';
import { toType } from '../language/commands.ts';
import { locale } from '../language/reader.ts';
import { say } from '../language/say.ts';
import { asReadIn } from '../people/conversations.ts';
import { type FollowedGroup, follow, followedGroups, unfollow } from '../people/groups.ts';
import { isRole, type Role, roleName } from '../people/person.ts';
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
      title: say('chat.moment'),
      lines: [say('chat.group.reading', { group: groupId, role: roleName(role) })],
    }),
    say('chat.group.reading.summary'),
  );
}

export async function unfollowGroup(turn: Turn, role: Role, groupId: string): Promise<Answer> {
  const { trx, person } = turn;
  const followed = await followedGroups(trx, person.tenantId);
  const name = followed.find((one) => one.groupId === groupId)?.name ?? groupId;
  const had = await unfollow(trx, person.tenantId, groupId, role);
  const about = { name: shortened(name), role: roleName(role) };
  const lines = had ? [say('chat.group.revoked', about), say('chat.group.still')] : [say('chat.group.never', about)];
  return below(
    messageCard({ title: had ? say('chat.revoke.title') : say('chat.revoke.needless'), lines }),
    say('chat.revoke.title'),
  );
}

/** The followed groups, as `roles` shows them. */
export async function groupRows({ trx, person, now }: Turn) {
  const followed = await followedGroups(trx, person.tenantId);
  return followed.map((group) => ({ role: group.role, ...groupRow(group, now) }));
}

export const groupRow = (group: FollowedGroup, now: Date) => ({
  title: say('chat.group.row', { role: roleName(group.role), name: shortened(group.name) }),
  subtitle: standing(group, now),
});

/** How many have the role by it, and how sure that is. */
function standing({ groupId, members, readAt, validUntil, problem }: FollowedGroup, now: Date): string {
  const counts = validUntil !== null && validUntil > now;
  const lines = [
    readAt === null
      ? problem
        ? say('chat.group.unread')
        : say('chat.group.unread.yet')
      : say(counts ? 'chat.group.read' : 'chat.group.stale', { count: members, when: moment(readAt) }),
    ...(problem
      ? [`⚠ ${sentences(problem)}${counts ? ` ${say('chat.group.until', { when: moment(validUntil) })}` : ''}`]
      : []),
    groupId,
  ];
  return lines.join('\n\n');
}

function sentences(problem: Trouble): string {
  const { says, next } = saidAgain(problem);
  return `${plain(says)} ${plain(next)}`;
}

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
    await asReadIn(trx, place, () =>
      outbox.post(
        trx,
        place,
        tell.once,
        outcomeCard(group, outcome, config.GROUPS_EVERY),
        say('chat.group.read.summary'),
      ),
    );
  };
}

/** What the administrator reads when a group was read, or could not be. */
export function outcomeCard({ name: full, role, members }: FollowedGroup, outcome: Outcome, everyMs: number) {
  const [name, every] = [shortened(full), span(everyMs)];
  if ('problem' in outcome)
    return messageCard({
      title: say('chat.group.unreadable.title'),
      lines: [sentences(outcome.problem), say('chat.group.unreadable', { name, every, roles: toType('roles') })],
      style: 'warning',
    });
  return messageCard({
    title: say('chat.group.granted.title'),
    lines: [
      say('chat.group.granted', { name, count: members, role: roleName(role) }),
      say('chat.group.every', { every, role: roleName(role) }),
    ],
    style: 'good',
  });
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** How long, as it is said: 1 hour, 5 Minuten. */
function span(ms: number): string {
  const [unit, length] = units.find(([, length]) => ms >= length) ?? units[3];
  const style = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(locale(), style).format(ms / length);
}
