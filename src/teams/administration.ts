import { Refusal } from '../errors.ts';
import { languages } from '../language/languages.ts';
import { inLanguage } from '../language/reader.ts';
import { say } from '../language/say.ts';
import { byTeamsId, channelOf, listRoutes, route } from '../people/conversations.ts';
import {
  type Purpose,
  purposeName,
  purposes,
  purposeTyped,
  type Role,
  roleName,
  roles,
  roleTyped,
} from '../people/person.ts';
import { grant, listRoles, revoke } from '../people/roles.ts';
import { list, listTasks } from '../requests/store.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { cut, moment, plain } from '../views/text.ts';
import { type Command, command } from './command.ts';
import { followGroup, groupIn, groupRows, unfollowGroup } from './following.ts';
import { absent } from './outbox.ts';
import { below, type Turn } from './turn.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const granting = command('grant', {
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
        messageCard({ title: say('chat.moment'), lines: [say('chat.grant.looking', { name: plain(who.name) })] }),
        say('chat.grant.looking.summary'),
      );
    }
    await grant(turn.trx, turn.person.directoryId, turn.person.tenantId, who.directoryId, role, turn.now);
    return below(grantedCard(who.name, role), say('chat.grant.title'));
  },
});

/** What the administrator reads when a role was given; the worker that had to look somebody up says the same. */
export const grantedCard = (name: string, role: Role) =>
  messageCard({
    title: say('chat.grant.title'),
    lines: [say('chat.grant.says', { name: plain(name), role: roleName(role) })],
    style: 'good',
  });

const revoking = command('revoke', {
  topic: 'run',
  roles: ['administrator'],
  async run(turn, rest) {
    const role = roleIn(rest);
    const groupId = groupIn(rest, role);
    if (groupId) return unfollowGroup(turn, role, groupId);
    const who = await personIn(turn, rest);
    if ('teamsId' in who) throw new Refusal('person-unknown', { who: who.name });
    const had = await revoke(turn.trx, turn.person.tenantId, who.directoryId, role);
    const about = { name: plain(who.name), role: roleName(role) };
    const says = had ? say('chat.revoke.says', about) : say('chat.revoke.was', about);
    return below(
      messageCard({ title: had ? say('chat.revoke.title') : say('chat.revoke.needless'), lines: [says] }),
      say('chat.revoke.title'),
    );
  },
});

const listing = command('roles', {
  topic: 'run',
  alone: true,
  roles: ['administrator', 'approver'],
  async run(turn) {
    const everybody = await listRoles(turn.trx, turn.person.tenantId, turn.now);
    const groups = await groupRows(turn);
    return below(
      listCard({
        title: say('chat.roles.title'),
        rows: roles.flatMap((role) => {
          const granted = everybody.filter((one) => one.role === role && one.group === null);
          const following = groups.filter((one) => one.role === role);
          const nobody = following.length > 0 ? say('chat.roles.nobody.named') : say('chat.roles.nobody');
          return [
            { title: roleName(role), subtitle: granted.map(({ name }) => plain(name)).join(', ') || nobody },
            ...following.map(({ title, subtitle }) => ({ title, subtitle })),
          ];
        }),
      }),
      say('chat.roles.title'),
    );
  },
});

const routing = command('route', {
  topic: 'run',
  roles: ['administrator'],
  async run(turn, rest) {
    const [, wanted = rest, here = ''] = /^(\S+?)(?: (?:to )?(\S+?))?[.!]?$/i.exec(rest) ?? [];
    const purpose = purposeTyped(wanted.toLowerCase().replace(/^(approval|notification|task)$/, '$1s'));
    if (!purpose || !isHere(here))
      throw new Refusal('purpose-unknown', { purpose: cut(isHere(here) ? wanted : rest, 40) });
    const { activity, person } = turn;
    if (activity.conversation.kind !== 'channel') throw new Refusal('wrong-place', { place: say('chat.route.place') });
    const place = { tenantId: person.tenantId, conversationId: channelOf(activity.conversation.id) };
    await route(turn.trx, purpose, place, person.directoryId, turn.now);
    await announceWaiting(turn, purpose);
    return below(
      messageCard({
        title: say('chat.route.title'),
        lines: [say(`chat.route.${purpose}`)],
        style: 'good',
      }),
      say('chat.route.title'),
    );
  },
});

/** "here", in any of the languages, or not said at all. */
const isHere = (word: string) =>
  word === '' ||
  languages.some((spoken) => inLanguage(spoken, () => say('chat.route.here')).toLowerCase() === word.toLowerCase());

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

const routes = command('routes', {
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
        title: say('chat.routes.title'),
        rows: [
          ...purposes.map((purpose) => {
            const bound = set.find((one) => one.purpose === purpose);
            return {
              title: purposeName(purpose),
              subtitle: bound ? boundTo(bound) : say(`chat.routes.unbound.${purpose}`),
            };
          }),
          ...parked.map(({ count, problem, conversation_id }) => ({
            title: say('chat.routes.parked', { count: Number(count) }),
            subtitle: plain(`${whyParked(problem)} (${conversation_id})`),
          })),
        ],
      }),
      say('chat.routes.title'),
    );
  },
});

/** What Teams called it, where it is none of ours. */
function whyParked(problem: string | null): string {
  if (problem === null) return say('chat.routes.unknown');
  return problem === absent ? say('chat.routes.absent') : problem;
}

function boundTo({ name, routedAt, removed }: Awaited<ReturnType<typeof listRoutes>>[number]): string {
  const about = { name: plain(name ?? say('chat.routes.channel')), when: moment(routedAt) };
  return removed ? say('chat.routes.removed', about) : say('chat.routes.bound', about);
}

export const administration: readonly Command[] = [granting, revoking, listing, routing, routes];

function roleIn(rest: string): Role {
  const word = (rest.split(' ')[0] ?? '').toLowerCase();
  const role = roleTyped(word);
  if (!role) throw new Refusal('role-unknown', { role: cut(word, 40), roles: roles.map(roleName).join(', ') });
  return role;
}

type Named = { directoryId: string; name: string } | { teamsId: string; name: string };

/** Whom a command names: a directory id, or a mention, which Teams gives without one. */
async function personIn(turn: Turn, rest: string): Promise<Named> {
  const [mention] = turn.activity.mentions;
  if (mention) {
    const met = await byTeamsId(turn.trx, turn.person.tenantId, mention.id);
    return met ?? { teamsId: mention.id, name: mention.name ?? say('chat.grant.mentioned') };
  }
  const word = rest.split(' ').slice(1).join(' ');
  if (guid.test(word)) return { directoryId: word.toLowerCase(), name: word.toLowerCase() };
  throw new Refusal('person-unknown', { who: cut(word, 60) || say('chat.grant.that') });
}
