import { Refusal } from '../errors.ts';
import { byTeamsId, listRoutes, route } from '../people/conversations.ts';
import { isPurpose, isRole, type Purpose, purposes, type Role, roles } from '../people/person.ts';
import { grant, listRoles, revoke } from '../people/roles.ts';
import { list, listTasks } from '../requests/store.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { cut, moment, plain } from '../views/text.ts';
import type { Command } from './commands.ts';
import { followGroup, groupIn, groupRows, unfollowGroup } from './following.ts';
import { below, channelOf, type Turn } from './turn.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const granting: Command = {
  words: ['grant'],
  usage: 'grant approver @Megan, or grant approver group <group id>',
  does: `Gives somebody, or a group of your directory, a role: ${roles.join(', ')}.`,
  topic: 'run',
  roles: ['administrator'],
  async run(turn, rest) {
    const role = roleIn(rest);
    const groupId = groupIn(rest, role);
    if (groupId) return followGroup(turn, role, groupId);
    const who = await personIn(turn, rest);
    if ('teamsId' in who) {
      await turn.jobs.send(turn.trx, 'introduce', {
        tenantId: turn.person.tenantId,
        conversationId: turn.activity.conversation.id,
        teamsId: who.teamsId,
        name: who.name,
        role,
        by: turn.person.directoryId,
      });
      return below(
        messageCard({ title: 'One moment', lines: [`Looking up ${plain(who.name)} in Teams.`] }),
        'Looking somebody up',
      );
    }
    await grant(turn.trx, turn.person.directoryId, turn.person.tenantId, who.directoryId, role, turn.now);
    return below(grantedCard(who.name, role), 'Role granted');
  },
};

/** What the administrator reads when a role was given; the worker that had to look somebody up says the same. */
export const grantedCard = (name: string, role: string) =>
  messageCard({ title: 'Role granted', lines: [`${plain(name)} is ${role} now.`], style: 'good' });

const revoking: Command = {
  words: ['revoke'],
  usage: 'revoke approver @Megan, or revoke approver group <group id>',
  does: 'Takes a role away again.',
  topic: 'run',
  roles: ['administrator'],
  async run(turn, rest) {
    const role = roleIn(rest);
    const groupId = groupIn(rest, role);
    if (groupId) return unfollowGroup(turn, role, groupId);
    const who = await personIn(turn, rest);
    if ('teamsId' in who) throw new Refusal('person-unknown', { who: who.name });
    const had = await revoke(turn.trx, turn.person.tenantId, who.directoryId, role);
    const says = had ? `${plain(who.name)} is no longer ${role}.` : `${plain(who.name)} was not ${role}.`;
    return below(messageCard({ title: had ? 'Role revoked' : 'Nothing to do', lines: [says] }), 'Role revoked');
  },
};

const listing: Command = {
  words: ['roles', 'list roles'],
  usage: 'roles',
  does: 'Shows who may do what.',
  topic: 'run',
  alone: true,
  roles: ['administrator', 'approver'],
  async run(turn) {
    const everybody = await listRoles(turn.trx, turn.person.tenantId, turn.now);
    const groups = await groupRows(turn);
    return below(
      listCard({
        title: 'Roles',
        rows: roles.flatMap((role) => {
          const granted = everybody.filter((one) => one.role === role && one.group === null);
          const following = groups.filter((one) => one.role === role);
          const nobody = following.length > 0 ? 'nobody by name' : 'nobody';
          return [
            { title: role, subtitle: granted.map(({ name }) => plain(name)).join(', ') || nobody },
            ...following.map(({ title, subtitle }) => ({ title, subtitle })),
          ];
        }),
      }),
      'Roles',
    );
  },
};

const routing: Command = {
  words: ['route'],
  usage: 'route approvals here, route notifications here, route tasks here',
  does: 'In a channel: sends the approvals, the news of every request, or the tasks of operators to this channel.',
  topic: 'run',
  roles: ['administrator'],
  async run(turn, rest) {
    const [, wanted = rest] = /^(\S+?)(?: (?:to )?here)?[.!]?$/i.exec(rest) ?? [];
    const purpose = wanted.toLowerCase().replace(/^(approval|notification|task)$/, '$1s');
    if (!isPurpose(purpose)) throw new Refusal('purpose-unknown', { purpose: cut(wanted, 40) });
    const { activity, person } = turn;
    if (activity.conversation.kind !== 'channel') throw new Refusal('wrong-place', { place: 'a channel' });
    const place = { tenantId: person.tenantId, conversationId: channelOf(activity.conversation.id) };
    await route(turn.trx, purpose, place, person.directoryId, turn.now);
    await announceWaiting(turn, purpose);
    return below(
      messageCard({
        title: 'Route set',
        lines: [`${routed[purpose]} of your organisation will come to this channel.`],
        style: 'good',
      }),
      'Route set',
    );
  },
};

const routed: Record<Purpose, string> = {
  approvals: 'Approvals',
  notifications: 'The news of every request',
  tasks: 'The tasks of operators',
};

/** What waited while there was no channel to ask in is asked now. */
async function announceWaiting(turn: Turn, purpose: Purpose) {
  const { tenantId } = turn.person;
  const waiting = [
    ...(purpose === 'approvals' ? await list(turn.trx, tenantId, { states: ['pending'], limit: 200 }) : []),
    // Without a channel of their own, tasks come with the approvals.
    ...(purpose === 'notifications' ? [] : await listTasks(turn.trx, tenantId, 200)),
  ];
  for (const { id } of waiting) await turn.jobs.send(turn.trx, 'announce', { requestId: id });
}

const routes: Command = {
  words: ['routes', 'list routes'],
  usage: 'routes',
  does: 'Shows which channels get approvals and news, and what could not be posted.',
  topic: 'run',
  alone: true,
  roles: ['administrator', 'approver'],
  async run(turn) {
    const set = await listRoutes(turn.trx, turn.person.tenantId);
    const parked = await turn.trx
      .selectFrom('outbox')
      .select(['conversation_id', 'problem'])
      .select((select) => select.fn.countAll<string>().as('count'))
      .where('tenant_id', '=', turn.person.tenantId)
      .where('state', '=', 'parked')
      .groupBy(['conversation_id', 'problem'])
      .limit(5)
      .execute();
    return below(
      listCard({
        title: 'Routes',
        rows: [
          ...purposes.map((purpose) => {
            const bound = set.find((one) => one.purpose === purpose);
            return {
              title: purpose,
              subtitle: bound
                ? `${plain(bound.name ?? 'a channel')}, since ${moment(bound.routedAt)}${bound.removed ? ' · ⚠ the bot was removed from it' : ''}`
                : purpose === 'tasks'
                  ? 'with the approvals, until in another channel you type @TeamMate route tasks here'
                  : `nowhere yet: in the channel, type @TeamMate route ${purpose} here`,
            };
          }),
          ...parked.map(({ count, problem, conversation_id }) => ({
            title: `⚠ ${count} not delivered`,
            subtitle: plain(`${problem ?? 'unknown reason'} (${conversation_id})`),
          })),
        ],
      }),
      'Routes',
    );
  },
};

export const administration: readonly Command[] = [granting, revoking, listing, routing, routes];

function roleIn(rest: string): Role {
  const word = (rest.split(' ')[0] ?? '').toLowerCase();
  if (!isRole(word)) throw new Refusal('role-unknown', { role: cut(word, 40), roles: roles.join(', ') });
  return word;
}

type Named = { directoryId: string; name: string } | { teamsId: string; name: string };

/** Whom a command names: a directory id, or a mention, which Teams gives without one. */
async function personIn(turn: Turn, rest: string): Promise<Named> {
  const [mention] = turn.activity.mentions;
  if (mention) {
    const met = await byTeamsId(turn.trx, turn.person.tenantId, mention.id);
    return met ?? { teamsId: mention.id, name: mention.name ?? 'the person mentioned' };
  }
  const word = rest.split(' ').slice(1).join(' ');
  if (guid.test(word)) return { directoryId: word.toLowerCase(), name: word.toLowerCase() };
  throw new Refusal('person-unknown', { who: cut(word, 60) || 'that' });
}
