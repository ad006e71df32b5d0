import { IntlMessageFormat } from 'intl-messageformat';
import type { Language } from './languages.ts';

/** What stands in the place of a message's `{name}`. Whoever shows it on a card has escaped what people wrote. */
export type Params = Readonly<Record<string, string | number>>;

/** Parsing takes far longer than filling in, so every message is parsed once. */
const parsed = new Map<string, IntlMessageFormat>();

/**
 * Fills in an ICU message: `{name}`, `{count, plural, one {# row} other {# rows}}`, `{state, select, …}`. A parameter that is
 * not given shows as its name, which is ugly and lets the rest be read.
 */
export function format(language: Language, message: string, params: Params = {}): string {
  const key = `${language} ${message}`;
  // A `<` in a message is a less-than sign: there is no markup but the card's own.
  const known = parsed.get(key) ?? new IntlMessageFormat(message, language, undefined, { ignoreTag: true });
  parsed.set(key, known);
  return String(known.format(complete(params)));
}

const complete = (params: Params) =>
  new Proxy(params, {
    has: () => true,
    get: (given, name) => (typeof name === 'string' && Object.hasOwn(given, name) ? given[name] : `{${String(name)}}`),
  }) as Record<string, string | number>;
