import { say } from '../language/say.ts';
import { roles } from '../people/person.ts';
import { rolesOf, staleRole } from '../people/roles.ts';
import { commandButton } from '../views/buttons.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { detail, plain } from '../views/text.ts';
import type { Command } from './commands.ts';
import { buttonsOf, nextFor } from './next.ts';
import { parseCommand } from './parse.ts';
import type { Turn } from './turn.ts';

/** What commands are for, in the order in which people meet them. */
export const topics = {
  order: 'Order',
  see: 'See how it stands',
  change: 'Change and end',
  decide: 'Decide',
  run: 'Set up and look after',
} as const;
export type Topic = keyof typeof topics;

/** Buttons in a row: Teams shows no more than six of a card's actions. */
const mostButtons = 6;

/**
 * What waits for the person, and what they may do by what it is for; a button for each command that needs no more words.
 * In a chat of several, what waits for one of them is left out.
 */
export async function helpCard(turn: Turn, commands: readonly Command[]) {
  const has = await rolesOf(turn.trx, turn.person, turn.now);
  const names = roles.filter((role) => has.has(role));
  const stale = await staleRole(turn.trx, turn.person, turn.now, roles);
  const allowed = commands.filter(
    ({ roles: needed, outside }) => !outside && (needed.length === 0 || needed.some((role) => has.has(role))),
  );
  const rows = (Object.keys(topics) as Topic[]).flatMap((topic) => {
    const of = allowed.filter((command) => command.topic === topic);
    if (of.length === 0) return [];
    const alone = of.filter((command) => command.alone).map(({ words }) => words[0]);
    return [
      {
        title: topics[topic],
        subtitle: of.map(({ words, does }) => `**${plain(words[0])}** · ${does}`).join('\n\n'),
        actions: alone.slice(0, mostButtons).map((words) => commandButton(words, words)),
      },
    ];
  });
  const next = turn.activity.conversation.kind === 'personal' ? await nextFor(turn, has) : [];
  const waits =
    next.length > 0
      ? [
          {
            title: say('ways.next.title'),
            subtitle: next.map(({ text }) => text).join('\n\n'),
            actions: buttonsOf(next),
          },
        ]
      : [];
  return listCard({
    title: 'What you can do here',
    intro:
      names.length > 0
        ? `Your role here: ${names.join(', ')}. Type a command, or use a button; for more of one, type help and its name.`
        : (stale?.sentences(detail) ?? 'You have no role here yet. Ask an administrator to type: grant requester @you'),
    rows: [...waits, ...rows],
    below: true,
  });
}

/** More of one command: what can be written behind it, what else it is called, who may use it. */
export function helpOn(said: string, commands: readonly Command[]) {
  const found = parseCommand(said, commands);
  if (!found) return undefined;
  const { words, does, usage, roles: needed } = found.command;
  const [first, ...others] = words;
  return messageCard({
    title: plain(first),
    lines: [
      does,
      `Example: ${plain(usage)}`,
      ...(others.length > 0 ? [`Also: ${plain(others.join(', '))}`] : []),
      needed.length > 0 ? `For: ${needed.join(', ')}` : 'For everybody.',
    ],
    actions: found.command.alone ? [commandButton(first, first)] : [],
  });
}
