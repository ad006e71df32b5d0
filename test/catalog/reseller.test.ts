import { catalog, entryOf, isKind } from '../../src/catalog/index.ts';
import { check } from '../../src/catalog/orderable.ts';
import { reseller } from '../../src/catalog/reseller.ts';
import { wordsIn } from '../../src/language/commands.ts';
import { say } from '../../src/language/say.ts';

const good = { name: 'Contoso', email: 'ops@contoso.example', services: 'PBX,TRUNK', billingReference: 'B-77' };

const checked = (typed: Record<string, unknown> = {}) => check(reseller, { ...good, ...typed });
const orderOf = (typed: Record<string, unknown>) => {
  const result = checked(typed);
  if ('errors' in result) throw new Error(JSON.stringify(result.errors));
  return result.order;
};
const errorsOf = (typed: Record<string, unknown>) => {
  const result = checked(typed);
  return 'errors' in result ? result.errors : {};
};

/** A value in which nothing can be seen of what makes it wrong, made visible for a test's name. */
const visible = (text: string) =>
  JSON.stringify(text).replace(/[^ -~]/gu, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`);

/** An address of exactly so many characters, with parts no longer than RFC 5321 allows them. */
function emailOf(length: number): string {
  const local = `${'a'.repeat(63)}@`;
  const end = '.example';
  const middle = Array.from({ length: 8 }, () => 'b'.repeat(30)).join('.');
  return `${local}${middle.slice(0, length - local.length - end.length)}${end}`;
}

describe('a good form', () => {
  test('becomes an order', () => {
    expect(checked()).toEqual({
      order: {
        name: 'Contoso',
        email: 'ops@contoso.example',
        services: ['PBX', 'TRUNK'],
        billingReference: 'B-77',
      },
    });
  });

  test.each<[what: string, typed: Record<string, unknown>, order: object]>([
    ['spaces around a value do not count', { name: '  Contoso ' }, { name: 'Contoso' }],
    ['nor do they around an address', { email: ' ops@contoso.example ' }, { email: 'ops@contoso.example' }],
    ['an accent is one letter however it was typed', { name: 'Cafe\u0301' }, { name: 'Café' }],
    ['names of all scripts are names', { name: '株式会社コントソ' }, { name: '株式会社コントソ' }],
    ['letters that are joined stay joined', { name: 'می\u200cخواهم' }, { name: 'می\u200cخواهم' }],
    ['an emoji of several parts stays whole', { name: 'Shop 👩\u200d💻❤\ufe0f' }, { name: 'Shop 👩\u200d💻❤\ufe0f' }],
    ['capitals in an address are kept', { email: 'Ops@Contoso.Example' }, { email: 'Ops@Contoso.Example' }],
    ['a service chosen twice is chosen', { services: 'PBX,PBX' }, { services: ['PBX'] }],
    [
      'spaces between services do not count, nor does their order',
      { services: ' TRUNK , PBX ' },
      { services: ['PBX', 'TRUNK'] },
    ],
    ['a billing reference may be left empty', { billingReference: '' }, { billingReference: '' }],
    ['or be missing', { billingReference: undefined }, { billingReference: '' }],
  ])('%s', (_, typed, order) => {
    expect(orderOf(typed)).toMatchObject(order);
  });
});

describe('limits', () => {
  test.each<[field: string, limit: number, of: (length: number) => string]>([
    ['name', 100, (length) => 'n'.repeat(length)],
    ['email', 254, emailOf],
    ['billingReference', 200, (length) => '7'.repeat(length)],
  ])('%s holds %d characters and not one more', (field, limit, of) => {
    expect(of(limit)).toHaveLength(limit);
    expect(orderOf({ [field]: of(limit) })).toMatchObject({ [field]: of(limit) });
    expect(errorsOf({ [field]: of(limit + 1) })).toEqual({
      [field]: expect.stringContaining(`use at most ${limit} characters`),
    });
    expect(reseller.fields[field]?.maxLength).toBe(limit);
  });

  test('are told for a value of any length', () => {
    const long = 'x'.repeat(2000);
    expect(errorsOf({ name: long, email: long, billingReference: long })).toEqual({
      name: expect.stringContaining('too long'),
      email: expect.stringContaining('too long'),
      billingReference: expect.stringContaining('too long'),
    });
  });
});

describe('what is missing or of the wrong kind', () => {
  const missing = {
    name: 'Enter the Reseller Name.',
    email: expect.stringMatching(/^Enter the Preferred Email/),
    services: 'Choose at least one service.',
  };

  test.each<[what: string, typed: Record<string, unknown>]>([
    ['everything is empty', { name: '', email: '', services: '' }],
    ['everything is blank', { name: ' \t ', email: ' ', services: ' , ' }],
    ['nothing was sent', { name: undefined, email: undefined, services: undefined }],
    ['numbers were sent', { name: 1, email: 2, services: 3 }],
    ['nulls were sent', { name: null, email: null, services: null }],
    ['lists were sent', { name: ['Contoso'], email: ['a@b.example'], services: ['PBX'] }],
    ['objects were sent', { name: { toString: 'x' }, email: {}, services: {} }],
  ])('%s: every field says what it needs, all at once', (_, typed) => {
    expect(errorsOf(typed)).toEqual(missing);
  });

  test('a name of which nothing can be seen is no name', () => {
    expect(errorsOf({ name: '\u200d\u200c\ufe0f' })).toEqual({ name: missing.name });
  });

  test('the part that is right is known although another is wrong', () => {
    expect(checked({ email: 'nobody', services: '' })).toEqual({
      errors: { email: expect.any(String), services: expect.any(String) },
      valid: { name: 'Contoso', billingReference: 'B-77' },
    });
  });
});

describe('characters', () => {
  test.each(
    [
      ...['a\nb', 'a\rb', 'a\tb', 'a\u0000b', 'a\u001bb', 'a\u007fb', 'a\u0085b', 'a\u2028b', 'a\u2029b'],
      ...['a\u202eb', 'a\u202ab', 'a\u2066b', 'a\u2069b', 'a\u200eb', 'a\u200fb', 'a\u061cb'],
      ...['a\u200bb', 'a\u2060b', 'a\ufeffb', 'a\u00adb', '\u3164', 'a\u{e0041}b'],
      ...['a\ud800b', 'a\udc00', 'a\ufffdb'],
    ].map((text) => [visible(text), text]),
  )('%s is in no name, address or reference', (_, text) => {
    expect(errorsOf({ name: text, billingReference: text })).toEqual({
      name: 'The Reseller Name must be one line without control or invisible characters.',
      billingReference: 'The Billing Reference must be one line without control or invisible characters.',
    });
    expect(errorsOf({ email: `${text}@contoso.example` })).toHaveProperty('email');
  });

  test.each([
    '*bold*',
    '<b>',
    '${name}',
    '{{DATE(2025-01-01T00:00:00Z)}}',
    '[x](https://x.example)',
    'A & B',
    "O'Hara",
  ])('%s may stand in a name, and is kept as it was typed', (name) => {
    expect(orderOf({ name })).toMatchObject({ name });
  });
});

describe('an e-mail address', () => {
  test.each([
    'ops@contoso.example',
    "o'hara@contoso.example",
    'ops+teams@voice.contoso.example',
    'a@b.example',
    'ops_1@contoso-voice.example',
  ])('%s is one', (email) => {
    expect(orderOf({ email })).toMatchObject({ email });
  });

  test.each([
    'ops',
    'ops@',
    '@contoso.example',
    'ops@contoso',
    'ops@@contoso.example',
    'ops@contoso..example',
    '.ops@contoso.example',
    'ops contoso@contoso.example',
    'ops@contoso.example, other@contoso.example',
    'Ops <ops@contoso.example>',
    'mailto:ops@contoso.example',
    'ops@bücher.example',
  ])('%s is none', (email) => {
    expect(errorsOf({ email })).toEqual({
      email: 'Enter a valid e-mail address, such as ops@contoso.example.',
    });
  });
});

describe('services', () => {
  test.each(['FAX', 'PBX,FAX', 'pbx', 'PBX TRUNK', 'toString'])('%s is refused, naming what there is', (services) => {
    expect(errorsOf({ services })).toEqual({ services: 'Choose from PBX Connector and SIP Trunk.' });
  });

  test('are titled as in TeamMate’s portal', () => {
    expect(reseller.fields.services?.choices).toEqual([
      { value: 'PBX', title: 'PBX Connector' },
      { value: 'TRUNK', title: 'SIP Trunk' },
    ]);
    expect(reseller.facts(orderOf({}))).toContainEqual({ title: 'Services', value: 'PBX Connector, SIP Trunk' });
  });
});

describe('what only one may have', () => {
  const keysOf = (typed: Record<string, unknown>) => reseller.claims(orderOf(typed)).map(({ key }) => key);

  test.each<[field: string, one: string, same: string]>([
    ['name', 'Contoso', 'CONTOSO'],
    ['name', 'Contoso Voice', 'contoso   voice'],
    ['name', 'Contoso', 'Ｃｏｎｔｏｓｏ'],
    ['name', 'Café', 'CAFE\u0301'],
    ['name', 'ﬁrst', 'First'],
    ['name', 'Contoso', 'Con\u200dtoso'],
    ['name', 'Contoso', 'Contoso\ufe0f'],
    ['email', 'ops@contoso.example', 'OPS@Contoso.EXAMPLE'],
  ])('%s: %s and %s are the same', (field, one, same) => {
    expect(keysOf({ [field]: one })).toEqual(keysOf({ [field]: same }));
  });

  test.each<[field: string, one: string, other: string]>([
    ['name', 'Contoso', 'Contoso 2'],
    ['name', 'Resume', 'Résumé'],
    ['email', 'ops@contoso.example', 'ops+1@contoso.example'],
  ])('%s: %s and %s are not', (field, one, other) => {
    expect(keysOf({ [field]: one })).not.toEqual(keysOf({ [field]: other }));
  });

  test('a name is never mistaken for an address', () => {
    const [name, email] = reseller.claims({ name: 'ops@contoso.example', email: 'ops@contoso.example' });
    expect(name?.key).not.toBe(email?.key);
    expect([name?.field, email?.field]).toEqual(['name', 'email']);
  });

  test('is told of the fields that are right so far', () => {
    expect(reseller.claims({}).map(({ field }) => field)).toEqual([]);
    expect(reseller.claims({ email: 'ops@contoso.example' }).map(({ field }) => field)).toEqual(['email']);
  });
});

describe('all in one line', () => {
  const quick = (line: string) => reseller.quick(line.split(';').map((part) => part.trim()));

  test.each<[line: string, typed: Record<string, string>]>([
    ['Contoso; ops@contoso.example; pbx, trunk; B-77', good],
    ['Contoso', { name: 'Contoso', email: '', services: '', billingReference: '' }],
    ['; ops@contoso.example', { name: '', email: 'ops@contoso.example', services: '', billingReference: '' }],
    ['Contoso;;;B-77', { name: 'Contoso', email: '', services: '', billingReference: 'B-77' }],
    [';;PBX Connector,sip trunk', { name: '', email: '', services: 'PBX,TRUNK', billingReference: '' }],
    [';;Connector, SIP,', { name: '', email: '', services: 'PBX,TRUNK', billingReference: '' }],
    ['A;b;;x;y; z', { name: 'A', email: 'b', services: '', billingReference: 'x; y; z' }],
    ['', { name: '', email: '', services: '', billingReference: '' }],
  ])('“%s” fills in the form', (line, typed) => {
    expect(quick(line)).toEqual(typed);
  });

  test('a service nobody sells is kept, so that the form can say so', () => {
    const { services } = quick('Contoso; ops@contoso.example; pbx, fax');
    expect(services).toBe('PBX,fax');
    expect(errorsOf({ services })).toEqual({ services: expect.stringContaining('PBX Connector') });
  });

  test('the example in the help is a good order', () => {
    const [words] = wordsIn('en', reseller.command);
    const example = say(`commands.${reseller.command}.usage`);
    expect(example.startsWith(`${words} `)).toBe(true);
    expect(quick(example.slice(words.length))).toEqual(good);
  });

  test('an order goes back into its form and comes out the same', () => {
    const order = orderOf({});
    expect(check(reseller, reseller.typed(order))).toEqual({ order });
  });
});

describe('the catalog', () => {
  test.each(Object.keys(catalog))('%s has a label, a limit or choices for every field its schema checks', (kind) => {
    if (!isKind(kind)) throw new Error(`${kind} is no kind`);
    const entry = entryOf(kind);
    expect(entry.kind).toBe(kind);
    // `names` and `tenantId` are what the catalog writes down by itself.
    expect(Object.keys(entry.fields)).toEqual(
      Object.keys(entry.schema.shape).filter((name) => name !== 'names' && name !== 'tenantId'),
    );
    for (const { label, hint, input, maxLength, choices } of Object.values(entry.fields)) {
      expect(label && hint).toBeTruthy();
      const chosen = ['one', 'many', 'toggle'].includes(input) && (choices ?? entry.choices ?? input === 'toggle');
      expect(chosen || (maxLength ?? 0) > 0).toBeTruthy();
    }
  });

  // About what fits into an input of 270 pixels, beside the eye of a password or the arrow of a list.
  test('has hints that are not cut off on a phone', () => {
    const room = { line: 32, email: 32, paragraph: 64, secret: 28, one: 28 };
    const inputs = Object.values(catalog).flatMap(({ fields }) => Object.values(fields));
    const tooLong = inputs.filter(
      ({ hint, input }) => input !== 'many' && input !== 'toggle' && hint.length > room[input],
    );
    expect(tooLong.map(({ hint }) => hint)).toEqual([]);
  });

  test.each(['', 'Reseller', 'toString', '__proto__', 'constructor'])('%p is no kind', (text) => {
    expect(isKind(text)).toBe(false);
  });
});
