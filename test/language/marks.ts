import { catalogues } from '../../src/language/catalogues.ts';
import { inLanguage } from '../../src/language/reader.ts';

/** Letters that nobody writes by hand: the same ones, full width. */
const widened = (text: string) =>
  text.replace(/[A-Za-z]/g, (letter) => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0));

/** A message whose words are marked and whose parameters are not; ICU's own words (`plural`, `one`) stay. */
export function marked(message: string): string {
  let at = 0;
  const upTo = (...ends: string[]) => {
    const from = at;
    while (at < message.length && !ends.includes(message[at] ?? '')) at++;
    return message.slice(from, at);
  };
  const text = (): string => {
    let out = '';
    while (at < message.length && message[at] !== '}') {
      out += widened(upTo('{', '}'));
      if (message[at] === '{') out += argument();
    }
    return out;
  };
  const argument = (): string => {
    let out = upTo(',', '}');
    if (!/^,\s*(plural|select|selectordinal)\s*,/.test(message.slice(at))) {
      out += upTo('}');
      at++;
      return `${out}}`;
    }
    while (message[at] !== '}') {
      out += upTo('{', '}');
      if (message[at] !== '{') continue;
      at++;
      out += `{${text()}}`;
      at++;
    }
    at++;
    return `${out}}`;
  };
  return text();
}

/** Replaces a language by marks: whatever does not come from a catalogue stands out. */
export function inMarks<Result>(work: () => Result): Result {
  const stands = catalogues.ja as Map<string, string>;
  for (const [key, message] of catalogues.en) stands.set(key, marked(message));
  return inLanguage('ja', work);
}

const shownIn = new Set(['text', 'title', 'label', 'placeholder', 'errorMessage', 'altText', 'tooltip', 'speak']);

/** Every text of a card that is read; what stands in an input is its writer's. */
export function textsOf(part: unknown, name = ''): string[] {
  if (typeof part === 'string') return shownIn.has(name) ? [part] : [];
  if (Array.isArray(part)) return part.flatMap((one) => textsOf(one, name));
  if (part === null || typeof part !== 'object') return [];
  const one = part as Record<string, unknown>;
  const isFact = 'title' in one && 'value' in one && Object.keys(one).length === 2;
  return Object.entries(one).flatMap(([key, value]) => textsOf(value, isFact && key === 'value' ? 'text' : key));
}
