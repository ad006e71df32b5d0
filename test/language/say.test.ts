import { catalogues } from '../../src/language/catalogues.ts';
import { format } from '../../src/language/format.ts';
import { languageOf } from '../../src/language/languages.ts';
import { inLanguage, language } from '../../src/language/reader.ts';
import { retell, say, told } from '../../src/language/say.ts';

describe('the language of whoever reads', () => {
  test.each([
    ['de-AT', 'de'],
    ['ES', 'es'],
    ['fr_CA', 'fr'],
    ['ja', 'ja'],
    ['pt-BR', undefined],
    ['', undefined],
    [undefined, undefined],
    ['__proto__', undefined],
  ])('of the locale %p is %p', (locale, expected) => {
    expect(languageOf(locale)).toBe(expected);
  });

  test('is English where nothing is known, and stays with the work that was begun in it', async () => {
    expect(language()).toBe('en');
    const later = inLanguage('de', async () => {
      await Promise.resolve();
      return language();
    });
    expect(language()).toBe('en');
    expect(await later).toBe('de');
  });
});

describe('a message', () => {
  test('is in English where its translation is missing', () => {
    expect(inLanguage('ja', () => say('chat.language.title'))).toBe(
      catalogues.ja.get('chat.language.title') ?? catalogues.en.get('chat.language.title'),
    );
  });

  test('that is kept is told in the language of whoever reads it later', () => {
    const kept = JSON.parse(JSON.stringify(told('chat.language.unknown', { said: 'x' })));
    expect(retell(kept)).toBe(say('chat.language.unknown', { said: 'x' }));
    expect(retell('as it was written')).toBe('as it was written');
  });

  test('takes what stands in its parameters as text', () => {
    expect(format('en', 'Hello {name}', { name: '{count, plural, other {#}} <b>' })).toBe(
      'Hello {count, plural, other {#}} <b>',
    );
  });

  test('shows the name of a parameter that is not given', () => {
    expect(format('en', 'Hello {name}')).toBe('Hello {name}');
  });
});
