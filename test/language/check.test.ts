import { catalogues } from '../../src/language/catalogues.ts';
import { clashesIn, mistakesIn, unused } from '../../src/language/check.ts';

const of = (texts: Record<string, string>) => new Map(Object.entries(texts));
const same = (texts: Record<string, string>) => ({
  en: of(texts),
  de: of(texts),
  es: of(texts),
  fr: of(texts),
  ja: of(texts),
});

describe('the check of the catalogues', () => {
  test('finds nothing where all languages say the same', () => {
    expect(
      mistakesIn(same({ 'room.rows': '{count, plural, one {# row of {name}} other {# rows of {name}}}' })),
    ).toEqual([]);
  });

  test.each([
    ['a message that is missing', {}, 'de room.hello: is missing'],
    ['an empty one', { 'room.hello': ' ' }, 'de room.hello: is missing'],
    [
      'a parameter that is misspelt',
      { 'room.hello': 'Hallo {nam}' },
      'de room.hello: has {nam} where English has {name}',
    ],
    ['a message that does not parse', { 'room.hello': 'Hallo {name' }, 'de room.hello: EXPECT_ARGUMENT_CLOSING_BRACE'],
    [
      'one that English does not have',
      { 'room.hello': 'Hallo {name}', 'room.x': 'x' },
      'de room.x: English has no such message',
    ],
  ])('finds %s', (_, german, mistake) => {
    expect(mistakesIn({ ...same({ 'room.hello': 'Hello {name}' }), de: of(german) })).toEqual([mistake]);
  });

  test.each([
    [
      'of two commands in one language',
      { 'commands.show.words': 'find' },
      {},
      'en commands.show.words: “find” is a word of find',
    ],
    [
      'of two commands in two languages',
      {},
      { 'commands.show.words': 'suche|find' },
      'de commands.show.words: “find” is a word of find',
    ],
    ['with a capital', {}, { 'commands.find.words': 'Suche' }, 'de commands.find.words: “Suche” cannot be typed'],
    [
      'between bars with spaces',
      {},
      { 'commands.find.words': 'suche | finde' },
      'de commands.find.words: “suche ” cannot be typed',
    ],
    ['between two bars', {}, { 'commands.find.words': 'suche||finde' }, 'de commands.find.words: “” cannot be typed'],
  ])('finds words of commands %s', (_, english, german, mistake) => {
    const en = { 'commands.find.words': 'find|search', 'commands.show.words': 'show', ...english };
    expect(clashesIn({ en: of(en), de: of(german) })[0]).toBe(mistake);
  });

  test('lets a command have one word in two languages', () => {
    const words = of({ 'commands.status.words': 'status' });
    expect(clashesIn({ en: words, de: words })).toEqual([]);
  });

  test('finds what nothing says, and knows keys that are put together', () => {
    const sources = ["say('room.hello')", 'say(`room.state.${state}`)'];
    expect(unused(['room.hello', 'room.state.active', 'room.stale', 'room.gone'], sources)).toEqual([
      'room.stale',
      'room.gone',
    ]);
  });

  test('looks at real catalogues', () => {
    expect(catalogues.en.size).toBeGreaterThan(100);
  });
});
