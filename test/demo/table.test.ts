import { stripVTControlCharacters } from 'node:util';
import { entryOf, type Kind } from '../../src/catalog/index.ts';
import { table } from '../../src/demo/table.ts';
import { walk } from '../../src/demo/walk.ts';
import { wordsIn } from '../../src/language/commands.ts';

test('a table’s columns are as wide as their widest text', () => {
  const text = stripVTControlCharacters(
    table([
      ['Who', 'Where', 'What'],
      ['Alex Wilber', 'here', 'asks'],
      ['', '', 'waits'],
    ]),
  );
  expect(text).toBe(
    ['  Who           Where   What', '  Alex Wilber   here    asks', '                        waits'].join('\n'),
  );
});

test('the way through the whole chain is made of commands that fill in their forms', () => {
  const typed = walk('127.0.0.1:5070').flatMap(([, does]) => /^type: (.*)/.exec(does)?.[1] ?? []);
  const kinds: Kind[] = ['access', 'reseller', 'enterprise', 'direct-routing', 'pbx'];
  for (const kind of kinds) {
    const { command, quick, fields } = entryOf(kind);
    const [words] = wordsIn('en', command);
    const line = typed.find((line) => line.startsWith(words)) ?? '';
    expect(line).not.toBe('');
    const parts = line
      .slice(words.length)
      .split(';')
      .map((part) => part.trim());
    if (parts[0]) expect(Object.keys(fields)).toEqual(expect.arrayContaining(Object.keys(quick(parts))));
  }
  expect(typed.at(-1)).toBe('show Contoso');
});

test('without a PBX on this machine nobody is sent to one', () => {
  expect(JSON.stringify(walk(undefined))).not.toContain('pbx.northwind');
});
