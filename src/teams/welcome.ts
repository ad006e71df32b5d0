import { toType } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { type Role, roleName, roles } from '../people/person.ts';
import { administratorsOf, rolesOf, staleRole } from '../people/roles.ts';
import { type Button, commandButton } from '../views/buttons.ts';
import type { Card } from '../views/templates.ts';
import { detail, plain } from '../views/text.ts';
import { mostButtons, type Welcome, welcomeCard } from '../views/welcome.ts';
import { appName, buttonsOf, type Next, nextFor, setUp } from './next.ts';
import type { Turn } from './turn.ts';

type Doing = Welcome['does'][number];

/** What the bot does for whoever has a role, in the order in which it matters to them. */
const doings: Record<Role, () => Doing[]> = {
  requester: () => [
    { icon: '📝', text: say('ways.welcome.does.requester') },
    { icon: '🔔', text: say('ways.welcome.does.follow') },
  ],
  approver: () => [{ icon: '✅', text: say('ways.welcome.does.approver', { pending: toType('pending') }) }],
  operator: () => [{ icon: '🛠', text: say('ways.welcome.does.operator') }],
  administrator: () => [{ icon: '⚙', text: say('ways.welcome.does.administrator') }],
};
const finding = (): Doing => ({ icon: '🔎', text: say('ways.welcome.does.find') });

/** The buttons that do it, the role's own first. */
const buttons: Record<Role, () => Button[]> = {
  requester: () => [
    commandButton(say('ways.welcome.button.order'), 'add reseller'),
    commandButton(say('ways.welcome.button.pbx'), 'setup pbx'),
    status(),
  ],
  approver: () => [commandButton(say('ways.welcome.button.pending'), 'pending'), status(), resellers()],
  operator: () => [commandButton(say('ways.welcome.button.tasks'), 'tasks'), resellers()],
  administrator: () => [
    commandButton(say('ways.welcome.button.roles'), 'roles'),
    commandButton(say('ways.welcome.button.routes'), 'routes'),
    resellers(),
  ],
};
const status = () => commandButton(say('ways.welcome.button.status'), 'status');
const resellers = () => commandButton(say('ways.welcome.button.list'), 'list resellers');
const help = () => commandButton(say('ways.welcome.button.help'), 'help');

/** What is to be known of somebody to welcome them. */
export interface Newcomer {
  roles: readonly Role[];
  /** What waits for them already. */
  next: readonly Next[];
  /** Whether the approvals of their organisation go anywhere. */
  routed: boolean;
  app: string;
  /** How they get a role, where they have none. */
  toGetRole: string;
}

/** What it does for this very person, whatever roles they have; what to do first, and what waits for them already. */
export async function personalWelcome(turn: Turn): Promise<Card> {
  const { trx, person, now } = turn;
  const has = await rolesOf(trx, person, now);
  const stale = await staleRole(trx, person, now, roles);
  return welcomeTo({
    roles: roles.filter((role) => has.has(role)),
    next: await nextFor(turn, has),
    routed: (await setUp(turn)).routed,
    app: appName(turn),
    toGetRole:
      stale?.sentences(detail) ??
      say('ways.welcome.first.none', {
        administrators: plain(await administratorsOf(trx, person.tenantId, now)),
        grant: toType('grant'),
        you: plain(person.name),
      }),
  });
}

export function welcomeTo(newcomer: Newcomer): Card {
  const { roles: own, next, toGetRole } = newcomer;
  const title = say('chat.welcome.title');
  const first = say('ways.welcome.first');
  if (own.length === 0)
    return welcomeCard({
      title,
      intro: [say('chat.welcome.intro'), say('ways.welcome.none')],
      does: everything(),
      first: { title: first, lines: [toGetRole] },
      actions: [help()],
    });
  return welcomeCard({
    title,
    intro: [
      say('chat.welcome.intro'),
      say('ways.welcome.role', { count: own.length, roles: own.map(roleName).join(', ') }),
    ],
    does: [...own.flatMap((role) => doings[role]()), finding()],
    first:
      next.length > 0
        ? { title: say('ways.next.title'), lines: next.map(({ text }) => text) }
        : { title: first, lines: [firstStep(newcomer)] },
    actions: [...marked(once([...buttonsOf(next), ...own.flatMap((role) => buttons[role]())]), newcomer), help()],
  });
}

function firstStep({ roles: own, routed, app }: Newcomer): string {
  if (own.includes('requester')) return say('ways.welcome.first.requester', { order: toType('add-reseller') });
  if (own.includes('approver'))
    return say('ways.welcome.first.approver', { button: say('ways.welcome.button.pending') });
  if (own.includes('operator')) return say('ways.welcome.first.operator', { button: say('ways.welcome.button.tasks') });
  return routed
    ? say('ways.welcome.first.set', { button: say('ways.welcome.button.roles') })
    : say('ways.welcome.first.route', { app });
}

/** For somebody of a tenant that is not served, where there is no provider to ask from here. */
export const unknownWelcome = (tenantId: string): Card =>
  welcomeCard({
    title: say('chat.welcome.title'),
    intro: [say('chat.welcome.intro'), say('ways.welcome.unknown')],
    does: everything(),
    first: {
      title: say('ways.welcome.first'),
      lines: [say('ways.welcome.first.unknown', { tenant: plain(tenantId), help: toType('help') })],
    },
    actions: [],
  });

/** In a chat of several it speaks to all of them, so it says nothing of anybody's role. */
export const groupWelcome = (app: string): Card =>
  welcomeCard({
    title: say('chat.welcome.title'),
    intro: [
      say('chat.welcome.intro'),
      say('ways.welcome.group', { app, status: toType('status'), find: toType('find') }),
    ],
    does: [],
    actions: [status(), resellers(), help()],
  });

const everything = () => [...doings.requester(), ...doings.approver(), finding()];

/** The button that the first step speaks of stands out; where it speaks of none, none does. */
const marked = (offered: Button[], { next, roles: own, routed }: Newcomer): Button[] => {
  const spokenOf = next.length > 0 || routed || own.some((role) => role !== 'administrator');
  return offered
    .slice(0, mostButtons - 1)
    .map((one, at) => (spokenOf && at === 0 ? { ...one, style: 'positive' } : one));
};

const once = (offered: Button[]) =>
  offered.filter((one, at) => offered.findIndex(({ data }) => data.command === one.data.command) === at);
