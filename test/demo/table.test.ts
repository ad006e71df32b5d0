import { stripVTControlCharacters } from 'node:util';
import { table } from '../../src/demo/table.ts';

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
