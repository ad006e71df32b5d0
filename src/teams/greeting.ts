import { toType } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { rolesOf } from '../people/roles.ts';
import { commandButton } from '../views/buttons.ts';
import { messageCard } from '../views/message.ts';
import { plain } from '../views/text.ts';
import { commands, run } from './commands.ts';
import { buttonsOf, nextFor } from './next.ts';
import { parseCommand } from './parse.ts';
import { type Answer, below, type Turn } from './turn.ts';
import { personalWelcome } from './welcome.ts';

/** As people say it, in the languages the bot speaks. They are no commands, so that nothing misspelt is taken for one. */
const courtesies = {
  hello: [
    ...['hi', 'hello', 'hey', 'good morning', 'good afternoon', 'good evening', 'hallo', 'moin', 'servus', 'grüezi'],
    ...['guten morgen', 'guten tag', 'guten abend', 'hola', 'buenos días', 'buenas tardes', 'bonjour', 'bonsoir'],
    ...['salut', 'こんにちは', 'おはようございます', 'こんばんは'],
  ],
  thanks: [
    ...['thanks', 'thank you', 'many thanks', 'thx', 'cheers', 'great', 'danke', 'danke schön', 'vielen dank'],
    ...['gracias', 'muchas gracias', 'merci', 'merci beaucoup', 'ありがとう', 'ありがとうございます'],
  ],
} as const;
type Courtesy = keyof typeof courtesies;

/** After a greeting so many words may follow that say nothing: "hello there dear bot". */
const mostWordsAfter = 3;
const mostButtons = 3;

/** What a text begins with, if it is a courtesy, and what was said after it. */
export function courtesyIn(said: string): { courtesy: Courtesy; rest: string } | undefined {
  const text = said.normalize('NFC').trim().replace(/\s+/g, ' ');
  const folded = text.toLowerCase();
  // Letters that go on make another word of it: "history", "hierarchy".
  for (const courtesy of Object.keys(courtesies) as Courtesy[])
    for (const words of [...courtesies[courtesy]].sort((a, b) => b.length - a.length))
      if (folded.startsWith(words) && !/^[\p{L}\p{N}]/u.test(folded.slice(words.length)))
        return { courtesy, rest: text.slice(words.length).replace(/^[\p{P}\p{S}\s]+/u, '') };
  return undefined;
}

/** Answers a courtesy; or does what was said after it: "hello, add reseller". Undefined when it is none. */
export async function greeted(turn: Turn): Promise<Answer | undefined> {
  const found = courtesyIn(turn.activity.said);
  if (!found) return undefined;
  const command = parseCommand(found.rest, commands);
  if (command) return run(turn, command);
  if (found.rest.split(' ').length > mostWordsAfter) return undefined;
  const title =
    found.courtesy === 'hello' ? say('ways.greet.hello', { name: turn.person.name }) : say('ways.greet.thanks');
  const has = await rolesOf(turn.trx, turn.person, turn.now);
  // In a chat of several, what waits for one of them is not everybody's business.
  const alone = turn.activity.conversation.kind === 'personal';
  if (has.size === 0 && alone && found.courtesy === 'hello') return below(await personalWelcome(turn), title);
  const next = alone ? await nextFor(turn, has) : [];
  const nothing = alone && has.size > 0 && next.length === 0;
  return below(
    messageCard({
      title: plain(title),
      lines: [
        ...(nothing ? [say('ways.greet.nothing')] : next.map(({ text }) => text)),
        say('ways.greet.help', { help: toType('help') }),
      ],
      actions: [...buttonsOf(next).slice(0, mostButtons - 1), commandButton(say('ways.welcome.button.help'), 'help')],
    }),
    title,
  );
}
