import { format, type Params } from '../language/format.ts';
import { type Language, languageOf } from '../language/languages.ts';
import english from '../language/messages/en/tab.json';

/** What the tab says, as `tab.name`. A key that is misspelt does not compile. */
export type Key = `tab.${keyof typeof english & string}`;

const spoken: { language: Language; messages: Readonly<Record<string, string>> } = {
  language: 'en',
  messages: english,
};

/** Learns the language of a locale; whatever cannot be had is said in English. Resolves to the language it is. */
export async function speak(locale: string): Promise<Language> {
  const language = languageOf(locale) ?? 'en';
  if (language !== 'en') {
    try {
      // Each language is a file of its own, which only its readers fetch.
      const { default: messages } = (await import(`../language/messages/${language}/tab.json`)) as {
        default: Record<string, string>;
      };
      Object.assign(spoken, { language, messages });
    } catch {
      return 'en';
    }
  }
  return language;
}

/** A message in the reader's language. */
export function say(key: Key, params?: Params): string {
  const name = key.slice('tab.'.length);
  const own = spoken.messages[name];
  return own === undefined
    ? format('en', english[name as keyof typeof english], params)
    : format(spoken.language, own, params);
}
