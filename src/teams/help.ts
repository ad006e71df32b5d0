import { toType, wordsIn } from '../language/commands.ts';
import { language } from '../language/reader.ts';
import { say } from '../language/say.ts';
import { type Role, roleName, roles } from '../people/person.ts';
import { rolesOf, staleRole } from '../people/roles.ts';
import { commandButton } from '../views/buttons.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { detail, plain } from '../views/text.ts';
import { type Command, topics } from './command.ts';
import { buttonsOf, nextFor } from './next.ts';
import { parseCommand } from './parse.ts';
import type { Turn } from './turn.ts';

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
    title: say('chat.help.title'),
    intro:
      names.length > 0
        ? say('chat.help.roles', { roles: names.map(roleName).join(', '), help: toType('help') })
        : (stale?.sentences(detail) ?? say('chat.help.none', { grant: toType('grant') })),
    rows: [...waits, ...helpRows(has, commands)],
    below: true,
  });
}

/** What these roles may do, a row for each topic. */
export function helpRows(has: ReadonlySet<Role>, commands: readonly Command[]) {
  const allowed = commands.filter(
    ({ roles: needed, outside }) => !outside && (needed.length === 0 || needed.some((role) => has.has(role))),
  );
  return topics.flatMap((topic) => {
    const of = allowed.filter((command) => command.topic === topic);
    if (of.length === 0) return [];
    const alone = of.filter((command) => command.alone);
    return [
      {
        title: say(`chat.topic.${topic}`),
        subtitle: of.map(({ id, does }) => `**${plain(toType(id))}** · ${does}`).join('\n\n'),
        actions: alone.slice(0, mostButtons).map(({ id }) => commandButton(toType(id), wordsIn('en', id)[0])),
      },
    ];
  });
}

/** More of one command: what can be written behind it, what else it is called, who may use it. */
export function helpOn(said: string, commands: readonly Command[]) {
  const found = parseCommand(said, commands);
  if (!found) return undefined;
  const { id, words, does, usage, roles: needed } = found.command;
  const [first, ...others] = wordsIn(language(), id);
  // What is understood everywhere is worth knowing in every language.
  const also = [...others, ...words.en.slice(0, 1)].filter((word) => word !== first);
  return messageCard({
    title: plain(first),
    lines: [
      does,
      say('chat.help.example', { usage: plain(usage) }),
      ...(also.length > 0 ? [say('chat.help.also', { words: plain(also.join(', ')) })] : []),
      needed.length > 0 ? say('chat.help.for', { roles: needed.map(roleName).join(', ') }) : say('chat.help.everybody'),
    ],
    actions: found.command.alone ? [commandButton(first, wordsIn('en', id)[0])] : [],
  });
}
