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

/** What is the same in every language: names of services, protocols and products, codes, commands, file formats. */
const namesOfThings = [
  ...['PBX Connector', 'PBX', 'SIP Trunk', 'SIP', 'TRUNK', 'SRV', 'A', 'NAPTR', 'UDP', 'TCP', 'TLS', 'DNS'],
  // The columns of TeamMate's billing report.
  ...['Trunk', 'Valet', 'SMS', 'Chat', 'Operator Connect', 'External Trunk', 'Call Recording', 'CSV', 'Excel'],
  // The cells of an example, as they are typed.
  ...['pbx', 'trunk'],
  ...['grant approver', 'route approvals here', 'route notifications here'],
];

/** What people, TeamMate and Microsoft wrote, as the samples have it. */
const said = [
  ...['No', 'Megan', 'Contoso', 'Proseware', 'Fabrikam', 'Northwind', 'Robin', 'Kline', 'Netsapiens', 'PortaSwitch'],
  ...['Head Office', 'US East', 'US West', 'DE WestCentral', 'B', 'teammate', 'SOMETHING', 'ELSE'],
];
const known = new Set([...namesOfThings, ...said]);

/** Addresses, ids, file names, moments, and what fills a field to its end. */
const written =
  /\{\{(?:DATE|TIME)\([^)]*\)\}\}|\]\([^)]*\)|https?:\S+|\S*@[^\s,]+|\b[RB]-\d+|\/\S+|[\w-]+(?:\.[\w-]+)+|[\da-f]+(?:-[\da-f]+){4}|(?<one>.)\k<one>{20,}/g;

/** The words of a text that come from no catalogue. */
export const strange = (text: string): string[] =>
  (text.replace(written, ' ').match(/[A-Za-z][A-Za-z’'-]*( [A-Za-z][A-Za-z’'-]*)*/g) ?? []).filter(
    (words) => !known.has(words) && !words.split(' ').every((word) => known.has(word)),
  );
