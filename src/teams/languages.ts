import { languageNames, languageOf, languages } from '../language/languages.ts';
import { inLanguage, language } from '../language/reader.ts';
import { say } from '../language/say.ts';
import { speak, spokenIn } from '../people/conversations.ts';
import { anyRole } from '../people/person.ts';
import { requireRole } from '../people/roles.ts';
import { commandButton } from '../views/buttons.ts';
import { messageCard } from '../views/message.ts';
import { plain } from '../views/text.ts';
import { command } from './command.ts';
import { below, type Turn } from './turn.ts';

/** The languages as buttons, and the one that follows Teams. */
const buttons = () => [
  ...languages.map((one) => commandButton(languageNames[one], `language ${one}`)),
  commandButton(say('chat.language.automatic'), 'language auto'),
];

const card = (line: string) => {
  const title = say('chat.language.title');
  return below(messageCard({ title, lines: [plain(line)], actions: buttons() }), title);
};

/** Which language somebody means: by its name in that language, its English one, or its code. */
function meant(said: string) {
  const english = new Intl.DisplayNames('en', { type: 'language' });
  const fold = (text: string | undefined) => text?.normalize('NFKC').toLowerCase();
  return (
    languages.find((one) => [languageNames[one], english.of(one)].some((name) => fold(name) === fold(said))) ??
    languageOf(said)
  );
}

async function choose(turn: Turn, said: string) {
  const { tenantId, conversation, locale } = turn.activity;
  const place = { tenantId, conversationId: conversation.id };
  // A channel's language is the business of those who work there.
  const [first, ...others] = anyRole;
  if (said && conversation.kind !== 'personal') await requireRole(turn.trx, turn.person, turn.now, first, ...others);
  if (!said) return card(say('chat.language.here', { language: languageNames[language()] }));
  if (said.toLowerCase() === 'auto') {
    await speak(turn.trx, place, undefined);
    return inLanguage(await spokenIn(turn.trx, place, locale), () => card(say('chat.language.follows')));
  }
  const chosen = meant(said);
  if (!chosen) return card(say('chat.language.unknown', { said }));
  await speak(turn.trx, place, chosen);
  return inLanguage(chosen, () => card(say('chat.language.chosen', { language: languageNames[chosen] })));
}

/** Chooses what the bot writes in a chat or channel; without it, it is the language of Teams. */
export const speaking = command('language', {
  topic: 'run',
  alone: true,
  roles: [],
  run: (turn, rest) => choose(turn, rest),
});
