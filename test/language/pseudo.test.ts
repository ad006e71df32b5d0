import { samples } from '../../cards/samples.ts';
import { catalog, counted, entryOf, type Kind, remoteKinds } from '../../src/catalog/index.ts';
import { check, type Known, type Thing, type Typed } from '../../src/catalog/orderable.ts';
import { operations } from '../../src/requests/lifecycle.ts';
import { verbOf } from '../../src/views/change.ts';
import { happeningLabel } from '../../src/views/request.ts';
import { aKnown, aThing } from '../catalog/a-known.ts';
import { inMarks, marked, strange as strangers, textsOf } from './marks.ts';

/** Titles that the samples themselves give. */
const given = ['Resellers', 'Search', 'Withdraw', 'Next', 'Cancelled', 'Help', 'Roles'];
const strange = (text: string) => strangers(text).filter((words) => !given.includes(words));

/** Every text in what an entry of the catalogue says, whatever shape it has. */
function textsIn(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  if (part === null || typeof part !== 'object') return [];
  return Object.values(part).flatMap(textsIn);
}

describe('a language of marks', () => {
  test('marks the words of a message, and not its parameters', () => {
    expect(marked('{n, plural, one {a {x}} other {# rows}} of {k}, {c, number}')).toBe(
      '{n, plural, one {ａ {x}} other {# ｒｏｗｓ}} ｏｆ {k}, {c, number}',
    );
  });

  test('tells what comes from no catalogue', () => {
    expect(strange(`Waiting for Megan ${marked('to activate')} R-12 ops@contoso.example`)).toEqual([
      'Waiting for Megan',
    ]);
  });
});

describe('whatever a card says comes from the catalogues', () => {
  const templates = [...new Set(samples().map(({ template }) => template))];

  test.each(templates)('%s', (template) => {
    // A mistake is in hundreds of looks: the first of them is told.
    const wrong = new Map<string, string>();
    inMarks(() => {
      for (const sample of samples().filter((one) => one.template === template))
        for (const words of textsOf(sample.make()).flatMap(strange))
          if (!wrong.has(words)) wrong.set(words, sample.look);
    });
    expect([...wrong].map(([words, look]) => `${look}: ${words}`)).toEqual([]);
  });
});

describe('whatever can be ordered speaks from the catalogues', () => {
  const kinds = Object.keys(catalog) as Kind[];

  test.each(kinds)('%s: its words', (kind) => {
    const wrong = inMarks(() => {
      const { noun, title, intro, begun, resend, several, fields, means, approval } = entryOf(kind);
      const words = { noun, title, intro, begun, resend, nouns: several?.nouns, means };
      const asked = Object.values(fields).map(({ label, hint, heading }) => ({ label, hint, heading }));
      const entered = approval && [
        approval.label,
        approval.hint,
        approval.note,
        approval.check('?'),
        approval.claim?.('1').taken,
      ];
      return textsIn([words, asked, entered, counted(kind, 1), counted(kind, 2)]).flatMap(strange);
    });
    expect(wrong).toEqual([]);
  });

  /** Each is wrong for some field. */
  const typed = [
    ...['', ' ', '\u0000', 'x'.repeat(5000), '-', '＊', 'a b', 'x,y', 'x@', '99999', '0'],
    ...['1.2.3.400', '1.2.3.4:99999', `${'p'.repeat(64)}.example`, 'x.example:5060', 'a.onmicrosoft.com'],
    ...['http://x.example', 'https://x/ns-api/oauth2/token/'],
  ];

  test.each(kinds)('%s: what is wrong beside a field', (kind) => {
    const entry = entryOf(kind);
    const all = Object.keys(entry.fields);
    const forms: Typed[] = [{}, ...typed.map((text) => Object.fromEntries(all.map((field) => [field, text])))];
    const says = inMarks(() =>
      forms.flatMap((form) => {
        const checked = check(entry, form);
        return 'errors' in checked ? Object.values(checked.errors) : [];
      }),
    );
    expect(says).not.toEqual([]);
    expect(says.flatMap(strange)).toEqual([]);
  });

  /** Things in every condition in which they cannot be chosen, or are to be thought about. */
  const conditions: Partial<Thing>[] = [
    {},
    { active: false },
    { suspended: true },
    { facts: { services: 'PBX', regions: '1', pbxTypes: '1' } },
    { facts: { services: 'TRUNK', email: 'it@proseware.example' } },
    { active: false, facts: { email: 'it@proseware.example' } },
  ];
  const lists: Known[] = [
    aKnown([]),
    ...conditions.flatMap((more) => {
      const things = [
        aThing('reseller', '1', 'Contoso', more),
        aThing('enterprise', '1', 'Proseware', { parent: '1', ...more }),
        aThing('sbc-region', '1', 'US East', { active: more.active ?? true }),
        aThing('sbc-region', '2', 'US West'),
        aThing('pbx-type', '1', 'Netsapiens'),
        aThing('pbx-type', '2', 'PortaSwitch'),
      ];
      return [aKnown(things), aKnown([...things, aThing('direct-routing', '1:1', 'US East', { parent: '1' })])];
    }),
  ];

  test.each(remoteKinds)('%s: what TeamMate’s lists say of it, who is waited for, what is claimed', async (kind) => {
    const entry = entryOf(kind);
    const orders = [
      {
        enterprise: '1',
        reseller: '1',
        gateways: ['1'],
        services: ['PBX'],
        regions: ['1'],
        pbxTypes: [],
        pbxType: '1',
      },
      {
        enterprise: '1',
        reseller: '1',
        gateways: ['2'],
        services: ['TRUNK'],
        regions: ['9'],
        pbxTypes: ['9'],
        pbxType: '2',
      },
    ].flatMap((order) => {
      const whole = {
        ...order,
        names: {},
        name: 'Contoso',
        email: 'ops@contoso.example',
        location: 'Head Office',
        accessSipData: true,
      };
      return [
        { ...whole, lookup: 'SRV', transport: 'TLS', port: '5060', proxy: '', masqueradingLogin: 'teammate' },
        {
          ...whole,
          lookup: 'A',
          transport: 'TCP',
          port: '5062',
          proxy: 'x.example:1',
          authorizationUrl: '',
          clientId: '',
        },
      ];
    });
    const says = await inMarks(async () => {
      const all: unknown[] = [];
      for (const content of orders)
        for (const list of lists) {
          const { order, errors } = (await entry.settle?.(content as never, list)) ?? { order: content, errors: {} };
          const whole = order as never;
          all.push(
            errors,
            entry.claims(whole).map(({ taken }) => taken),
            entry.waitingFor(whole),
            entry.active(whole),
          );
          all.push(entry.advice?.(whole), entry.resent?.('－'));
        }
      return textsIn(all);
    });
    expect(says.flatMap(strange)).toEqual([]);
  });

  test('what happened, and what is done about a thing', () => {
    const says = inMarks(() => [
      ...operations.filter((one) => one !== 'add').map(verbOf),
      ...(['submitted', 'taken-over', 'lost'] as const).map(happeningLabel),
    ]);
    expect(says.flatMap(strange)).toEqual([]);
  });
});
