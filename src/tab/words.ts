import { IntlMessageFormat } from 'intl-messageformat';
import english from '../language/messages/en/tab.json';

/** What the tab says, as `tab.name`. A key that is misspelt does not compile. */
export type Key = `tab.${keyof typeof english & string}`;
export type Params = Readonly<Record<string, string | number>>;

const spoken: { language: string; messages: Readonly<Record<string, string>> } = { language: 'en', messages: english };
const parsed = new Map<string, IntlMessageFormat>();

/** Learns a language of the catalogues; whatever cannot be had is said in English. Resolves to the language it is. */
export async function speak(language: string): Promise<string> {
  if (language === 'en') return language;
  try {
    const { default: messages } = (await import(`../language/messages/${language}/tab.json`)) as {
      default: Record<string, string>;
    };
    Object.assign(spoken, { language, messages });
    parsed.clear();
    return language;
  } catch {
    return 'en';
  }
}

/** A message in the reader's language. */
export function say(key: Key, params: Params = {}): string {
  const name = key.slice('tab.'.length);
  const own = spoken.messages[name];
  const message = own ?? english[name as keyof typeof english];
  // A `<` in a message is a less-than sign: nothing in it is markup.
  const known =
    parsed.get(key) ??
    new IntlMessageFormat(message, own === undefined ? 'en' : spoken.language, undefined, { ignoreTag: true });
  parsed.set(key, known);
  return String(known.format(params));
}
