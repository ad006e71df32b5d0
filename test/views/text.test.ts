import { cut, detail, moment, plain, prose } from '../../src/views/text.ts';
import { asShown } from './as-shown.ts';

/** Cards do not show blank lines, and none of the spaces at the end of a line. */
const seen = (text: string) =>
  text
    .split(/\r\n?|\n/)
    .map((line) => line.replace(/\t/g, ' ').trimEnd())
    .filter(Boolean)
    .join('\n');

describe('a person’s text on a card', () => {
  test.each([
    'Contoso',
    '*bold* and _italic_ and ~~gone~~',
    '**Approved by Megan**',
    '[Sign in](https://evil.example)',
    '![logo](https://evil.example/x.png)',
    '<https://evil.example> <b>bold</b> <at>Megan</at>',
    '`code` and ```more```',
    '# Heading',
    '  ## Heading',
    '> quote',
    '- one\n- two\n+ three\n* four',
    '1. one\n2) two',
    '---',
    'a\n---\nb\n===\nc',
    '| a | b |',
    '    four spaces, *not* code',
    'first\n\n\t_second_',
    'two\r\nlines\rthree',
    '\\*already escaped\\*',
    'ends with a backslash \\',
    '&lt;b&gt; &amp; &#42;x&#42; &#x2a;',
    'Smith & Sons; AT&T',
    '${name} ${$root.title} ${if(true, 1, 2)}',
    '{{DATE(2025-01-01T00:00:00Z, SHORT)}} {{TIME(2025-01-01T00:00:00Z)}}',
    '50 % + 3 = 4, -1, 2. July, C# and #1',
    'Ünïcödé, 株式会社, 👩‍💻',
  ])('is shown as it was typed: %p', (text) => {
    expect(asShown(plain(text))).toBe(seen(text));
  });

  test('is shown as it was typed, whatever it is made of', () => {
    const signs = ['\\', '`', '*', '_', '{', '}', '[', ']', '<', '>', '~', '|', '#', '+', '-', '.', ')', '(', '!', '&'];
    const pieces = [
      ...signs,
      ';',
      '$',
      '=',
      ':',
      '"',
      '1',
      '23',
      'lt',
      '#42',
      'a',
      'DATE(',
      ' ',
      '  ',
      '    ',
      '\t',
      '\n',
    ];
    // A generator with a fixed seed (Lehmer's): the same texts each time.
    let seed = 20_251_123;
    const pick = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return pieces[seed % pieces.length] as string;
    };
    for (let round = 0; round < 5_000; round++) {
      const text = Array.from({ length: 1 + (round % 12) }, pick).join('');
      expect({ text, shown: seen(asShown(plain(text))) }).toEqual({ text, shown: seen(text) });
    }
  });

  test('without any of that is left alone', () => {
    const text = 'Contoso Voice & Sons, 3rd floor (rear) - "best" of 2025!';
    expect(plain(text)).toBe(text);
  });

  test('of any length comes back', () => {
    expect(plain('*'.repeat(100_000))).toHaveLength(200_000);
    expect(plain(`${' '.repeat(50_000)}#`)).toContain('#');
    expect(plain('\n'.repeat(50_000))).toHaveLength(100_000);
  });
});

describe('a moment', () => {
  test.each([new Date('2025-06-15T12:34:56.789Z'), '2025-06-15T12:34:56.789Z'])(
    'is handed to the client, which knows zone and language: %p',
    (at) => {
      expect(moment(at)).toBe('{{DATE(2025-06-15T12:34:56Z, SHORT)}} {{TIME(2025-06-15T12:34:56Z)}}');
    },
  );
});

describe('a sentence that was written down', () => {
  test('has its moments in the reader’s own zone, and is plain otherwise', () => {
    expect(prose('Made out to *sip*, valid until 2025-06-15T12:34:56.789Z.')).toBe(
      `Made out to \\*sip\\*, valid until ${moment('2025-06-15T12:34:56.789Z')}.`,
    );
  });

  test.each(['2025-99-99T99:99:99.999Z', 'on 2025-06-15', '{{DATE(2025-06-15T12:34:56Z)}}', '# {{TIME(x)}}', ''])(
    'is plain where there is no moment: %p',
    (text) => {
      expect(prose(text)).toBe(plain(text));
    },
  );
});

describe('a detail of an error', () => {
  test('is a moment when the bot wrote one', () => {
    expect(detail(new Date(0).toISOString())).toBe(moment(new Date(0)));
  });

  test.each(['2025-99-99T99:99:99.999Z', '2025-06-15T12:34:56Z', '2025-06-15', 'R-1001', '{{DATE(x)}}'])(
    'is plain text when a person may have typed it: %p',
    (text) => {
      expect(detail(text)).toBe(plain(text));
    },
  );

  test('may be a number', () => {
    expect(detail(500)).toBe('500');
  });
});

describe('a text that is cut', () => {
  test.each<[text: string, limit: number, left: string]>([
    ['Contoso', 3, 'Con'],
    ['Contoso', 7, 'Contoso'],
    ['Contoso', 70, 'Contoso'],
    ['ab👩', 4, 'ab👩'],
    ['ab👩', 3, 'ab'],
    ['', 5, ''],
  ])('%p to %d is %p: never half a character', (text, limit, left) => {
    expect(cut(text, limit)).toBe(left);
    expect(cut(text, limit).isWellFormed()).toBe(true);
  });
});
