import { toType } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { listRoutes } from '../people/conversations.ts';
import type { Role } from '../people/person.ts';
import { listRoles } from '../people/roles.ts';
import { waitingOn } from '../requests/waiting.ts';
import { type Button, commandButton } from '../views/buttons.ts';
import { plain } from '../views/text.ts';
import type { Turn } from './turn.ts';

/** Something that waits for the reader, and the button that leads there. */
export interface Next {
  text: string;
  action: Button;
}

/** As the app is called where it is mentioned. */
export const appName = ({ activity }: Pick<Turn, 'activity'>) => plain(activity.recipient.name ?? 'TeamMate');

/** What the reader could do now, by their roles; what is most pressing comes first. Nothing when nothing waits for them. */
export async function nextFor(turn: Turn, has: ReadonlySet<Role>): Promise<Next[]> {
  if (has.size === 0) return [];
  const { trx, person } = turn;
  const waiting = await waitingOn(trx, person);
  const next: Next[] = [];
  const add = (text: string, title: string, command: string) =>
    next.push({ text, action: commandButton(title, command) });
  const count = (key: keyof typeof waiting) => ({ count: waiting[key] });

  if (has.has('approver') && waiting.toDecide > 0)
    add(say('ways.next.approve', count('toDecide')), say('ways.next.button.approve'), 'pending');
  if (has.has('operator') && waiting.toFinish > 0)
    add(say('ways.next.mine', count('toFinish')), say('ways.next.button.tasks'), 'tasks');
  if (has.has('operator') && waiting.toTake > 0)
    add(say('ways.next.tasks', count('toTake')), say('ways.next.button.tasks'), 'tasks');
  if (has.has('requester') && waiting.toMend > 0)
    add(say('ways.next.mend', count('toMend')), say('ways.next.button.mine'), 'status');
  if (has.has('requester') && waiting.failed > 0)
    add(say('ways.next.failed', count('failed')), say('ways.next.button.mine'), 'status');
  if (has.has('administrator')) {
    const { routed, approvers } = await setUp(turn);
    const app = appName(turn);
    if (!routed) add(say('ways.next.route', { app }), say('ways.next.button.routes'), 'routes');
    if (!approvers) add(say('ways.next.nobody', { grant: toType('grant') }), say('ways.next.button.roles'), 'roles');
  }
  return next;
}

/** How far an organisation is set up: whether its approvals go anywhere, and whether anybody may decide. */
export async function setUp({ trx, person, now }: Turn): Promise<{ routed: boolean; approvers: boolean }> {
  const routes = await listRoutes(trx, person.tenantId);
  const everybody = await listRoles(trx, person.tenantId, now);
  return {
    routed: routes.some(({ purpose, removed }) => purpose === 'approvals' && !removed),
    approvers: everybody.some(({ role }) => role === 'approver'),
  };
}

/** Their buttons, each once. */
export const buttonsOf = (next: readonly Next[]): Button[] =>
  next
    .map(({ action }) => action)
    .filter((one, at, all) => all.findIndex(({ data }) => data.command === one.data.command) === at);
