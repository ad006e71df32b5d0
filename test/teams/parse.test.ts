import { commands } from '../../src/teams/commands.ts';
import { parseCommand, suggest, type Typable } from '../../src/teams/parse.ts';

const parsed = (said: string) => {
  const found = parseCommand(said, commands);
  return found && [found.command.words.en[0], found.rest];
};

describe('what was typed is understood', () => {
  test.each<[said: string, command: string, rest: string]>([
    ['add reseller', 'add reseller', ''],
    ['Add Reseller', 'add reseller', ''],
    ['ADD RESELLER', 'add reseller', ''],
    ['new reseller', 'add reseller', ''],
    ['reseller add', 'add reseller', ''],
    ['create reseller', 'add reseller', ''],
    ['  add   reseller  ', 'add reseller', ''],
    ['add\nreseller', 'add reseller', ''],
    ['add\u00a0reseller', 'add reseller', ''],
    ['add reseller!', 'add reseller', ''],
    ['add reseller.', 'add reseller', ''],
    ['add reseller Contoso Voice; Ops@Contoso.example', 'add reseller', 'Contoso Voice; Ops@Contoso.example'],
    ['help', 'help', ''],
    ['help!!!', 'help', ''],
    ['help?', 'help', ''],
    ['?', 'help', ''],
    ['??', 'help', ''],
    ['Start', 'help', ''],
    ['status', 'status', ''],
    ['ｓｔａｔｕｓ　Ｒ－１００１', 'status', 'R-1001'],
    ['status?', 'status', ''],
    ['Status R-1001', 'status', 'R-1001'],
    ['my requests', 'status', ''],
    ['list resellers', 'list resellers', ''],
    ['list resellers 50%_\\', 'list resellers', '50%_\\'],
    ['resellers contoso', 'list resellers', 'contoso'],
    ['withdraw r-1001', 'withdraw', 'r-1001'],
    ['pending', 'pending', ''],
    ['grant approver <at>Megan</at>', 'grant', 'approver <at>Megan</at>'],
    ['route approvals here', 'route', 'approvals here'],
    ['routes', 'routes', ''],
    ['roles', 'roles', ''],
  ])('“%s” is %s with “%s”', (said, command, rest) => {
    expect(parsed(said)).toEqual([command, rest]);
  });

  test.each([
    '',
    ' ',
    'statusx',
    'statuses',
    'reseller',
    'add',
    'addreseller',
    'please help',
    '!',
    '.',
    'add reseller: x',
  ])('“%s” is no command', (said) => {
    expect(parsed(said)).toBeUndefined();
  });

  test('the longest command wins, wherever it stands in the list', () => {
    const named = (...en: string[]): Typable => ({ words: { en, de: [], es: [], fr: [], ja: [] } });
    const short = named('list');
    const long = named('list all', 'everything');
    for (const order of [
      [short, long],
      [long, short],
    ]) {
      expect(parseCommand('list all of them', order)).toEqual({ command: long, rest: 'of them' });
      expect(parseCommand('list some', order)).toEqual({ command: short, rest: 'some' });
    }
  });

  test('no two commands share a word', () => {
    const words = commands.flatMap((command) => command.words.en);
    expect(words).toEqual([...new Set(words)]);
    expect(words).toEqual(words.map((word) => word.toLowerCase()));
  });

  test.each(commands.map(({ words, usage }) => [words.en[0], usage]))(
    'the example of %s is understood as it: %s',
    (word, usage) => {
      for (const example of usage.split(/, (?:or )?(?=[a-z]+ )/)) expect(parsed(example)?.[0]).toBe(word);
    },
  );
});

describe('what was misspelt', () => {
  test.each<[said: string, meant: string | undefined]>([
    ['ad reseler', 'add reseller'],
    ['add reselller Contoso', 'add reseller Contoso'],
    ['Add Reseler Contoso; Ops@contoso.example', 'add reseller Contoso; Ops@contoso.example'],
    ['addreseller', 'add reseller'],
    ['nwe reseller', 'new reseller'],
    ['stauts', 'status'],
    ['statsu R-1001', 'status R-1001'],
    ['hlep', 'help'],
    ['pendign', 'pending'],
    ['list reselers foo', 'list resellers foo'],
    ['withdarw R-7', 'withdraw R-7'],
    ['grnat approver <at>Megan</at>', 'grant approver <at>Megan</at>'],
    ['rutes', 'routes'],
  ])('“%s” is taken for “%s”', (said, meant) => {
    expect(suggest(said, commands)).toBe(meant);
  });

  test.each([
    ...['', ' ', 'x', 'qwertz', 'what is the weather', 'thank you', '12345', '👩‍💻', '<at>Megan</at>', '!!!', '\\%_'],
    // A word that is plain to read is not taken for its opposite.
    ...['locate reseller Contoso', 'order a pizza'],
  ])('“%s” is near nothing', (said) => {
    expect(suggest(said, commands)).toBeUndefined();
  });

  test('what is suggested is a command', () => {
    for (const { words } of commands)
      for (const word of words.en.filter(({ length }) => length > 4)) {
        const meant = suggest(`${word}x`, commands);
        expect(meant && parseCommand(meant, commands)).toBeDefined();
      }
  });
});

describe('a text made to be slow', () => {
  test.each([
    ['one long word', 'a'.repeat(51_200)],
    ['spaces', ' '.repeat(51_200)],
    ['many words', 'add '.repeat(12_800)],
    ['dots', `status${'.'.repeat(51_000)}x`],
    ['a command and a flood', `ad reseler ${'x '.repeat(25_000)}`],
    ['line breaks', '\n'.repeat(51_200)],
    ['semicolons', `add reseller ${';'.repeat(51_000)}`],
  ])('comes back: %s', (_, said) => {
    expect(() => [parseCommand(said, commands), suggest(said, commands)]).not.toThrow();
  });
});
