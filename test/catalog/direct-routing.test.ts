import { type DirectRoutingOrder, directRouting } from '../../src/catalog/direct-routing.ts';
import { check, mostChoices, type Thing, type Typed } from '../../src/catalog/orderable.ts';
import { knownOf, thing } from './known.ts';

const facts = { email: 'it@proseware.example', regions: '1,3' };
const proseware = thing('enterprise', '5901', 'Proseware', { parent: '5101', facts });
const unregistered = { ...proseware, reference: '5902', name: 'Litware', active: false };
const suspended = { ...proseware, reference: '5903', name: 'Tailspin', suspended: true };
const orphan = { ...proseware, reference: '5904', name: 'Orphan', parent: '5102' };
const all: Thing[] = [
  thing('reseller', '5101', 'Fabrikam'),
  thing('reseller', '5102', 'Adventure Works', { suspended: true }),
  ...[proseware, unregistered, suspended, orphan],
  ...['US East 1', 'US East 2', 'US West'].map((name, at) => thing('sbc-region', `${at + 1}`, name)),
];

/** The typed form, checked as the forms do: each field by itself, then all of it by what TeamMate has. */
async function settled(typed: Typed) {
  const checked = check(directRouting, typed);
  const valid = 'order' in checked ? checked.order : checked.valid;
  const { order, errors } = (await directRouting.settle?.(valid, knownOf(all))) ?? { order: valid, errors: {} };
  return { order: order as DirectRoutingOrder, errors: { ...errors, ...('errors' in checked && checked.errors) } };
}

describe('an order of Direct Routing', () => {
  test('is for an enterprise and some of its gateways, and knows their names', async () => {
    const { order, errors } = await settled({ enterprise: '5901', gateways: '1,3' });
    expect(errors).toEqual({});
    expect(directRouting.name(order)).toBe('Proseware (US East 1, US West)');
    expect(directRouting.parent?.(order)).toBe('5901');
    expect(directRouting.facts(order)).toEqual([
      { title: 'Enterprise', value: 'Proseware' },
      { title: 'Reseller', value: 'Fabrikam' },
      { title: 'Enterprise Admin Email', value: 'it@proseware.example' },
      { title: 'SBC Region', value: 'US East 1, US West' },
    ]);
    expect(directRouting.advice?.(order)).toEqual([]);
  });

  test('of one gateway is advised against, not refused', async () => {
    const { order, errors } = await settled({ enterprise: '5901', gateways: '3' });
    expect(errors).toEqual({});
    expect(directRouting.advice?.(order)).toEqual([
      'Only one SBC Region is chosen: with two, calls go on when one of them is down.',
    ]);
  });

  test.each<[what: string, typed: Typed, errors: object]>([
    ['no enterprise', { gateways: '1' }, { enterprise: 'Choose the enterprise whose Teams is to be connected.' }],
    [
      'an enterprise nobody knows',
      { enterprise: '1', gateways: '1' },
      { enterprise: 'Choose the enterprise whose Teams is to be connected.' },
    ],
    [
      'one that is not registered',
      { enterprise: '5902', gateways: '1' },
      { enterprise: expect.stringContaining('Litware is not registered yet: waiting for it@proseware.example.') },
    ],
    [
      'one that is suspended',
      { enterprise: '5903', gateways: '1' },
      { enterprise: expect.stringContaining('Tailspin is suspended') },
    ],
    [
      'one whose reseller is suspended',
      { enterprise: '5904', gateways: '1' },
      { enterprise: expect.stringContaining('Adventure Works is suspended') },
    ],
    [
      'no gateway',
      { enterprise: '5901', gateways: '' },
      { gateways: 'Choose at least one SBC Region; two are advised.' },
    ],
    [
      'a gateway the enterprise does not have',
      { enterprise: '5901', gateways: '1,2' },
      { gateways: expect.stringContaining('Proseware does not have the SBC Region “US East 2”') },
    ],
    [
      'a gateway that is none',
      { enterprise: '5901', gateways: '77' },
      { gateways: expect.stringContaining('does not have the SBC Region “77”') },
    ],
  ])('with %s is told so beside the field', async (_, typed, errors) => {
    expect((await settled(typed)).errors).toEqual(errors);
  });

  test('goes back into its form and comes out the same', async () => {
    const { order } = await settled({ enterprise: '5901', gateways: '1,3' });
    expect((await settled(directRouting.typed(order))).order).toEqual(order);
  });
});

describe('the choices', () => {
  const choicesOf = async (typed: Typed) => directRouting.choices?.(typed, knownOf(all));

  test('are the enterprises that can be chosen, then the gateways of the one that is', async () => {
    expect(await choicesOf({})).toEqual({
      enterprise: {
        choices: [
          { value: '5901', title: 'Proseware' },
          { value: '5904', title: 'Orphan' },
        ],
      },
      gateways: { choices: [] },
    });
    const gateways = [
      { value: '1', title: 'US East 1' },
      { value: '3', title: 'US West' },
    ];
    expect((await choicesOf({ enterprise: '5901' }))?.gateways).toEqual({ choices: gateways });
    expect((await choicesOf({ enterprise: 'PROSEWARE' }))?.gateways).toEqual({ choices: gateways });
  });

  test('have the one that was named, too, so that it can be said why it cannot be chosen', async () => {
    expect((await choicesOf({ enterprise: 'litware' }))?.enterprise?.choices[0]).toEqual({
      value: '5902',
      title: 'Litware',
    });
  });

  test('are searched where they are many', async () => {
    const many = Array.from({ length: mostChoices + 1 }, (_, at) => thing('enterprise', `${at}`, `Customer ${at}`));
    const { enterprise } = (await directRouting.choices?.({}, knownOf(many))) ?? {};
    expect(enterprise).toMatchObject({ search: 'enterprise' });
    expect(enterprise?.choices).toHaveLength(mostChoices);
  });
});

describe('what only one may have', () => {
  const keys = (order: object) => directRouting.claims(order).map(({ key }) => key);

  test('is each gateway of an enterprise', () => {
    expect(keys({ enterprise: '5901', gateways: ['1', '3'] })).toEqual([
      'direct-routing:5901:1',
      'direct-routing:5901:3',
    ]);
    expect(keys({ enterprise: '5902', gateways: ['1'] })).not.toEqual(keys({ enterprise: '5901', gateways: ['1'] }));
    expect(keys({ enterprise: '5901' })).toEqual([]);
    expect(keys({ gateways: ['1'] })).toEqual([]);
  });

  test('is the same by TeamMate’s list, where it is a text', () => {
    expect(keys({ enterprise: '5901', gateways: '1,3', name: 'US East 1' })).toEqual(
      keys({ enterprise: '5901', gateways: ['1', '3'] }),
    );
  });

  test('is told by the name of its region', () => {
    const [claim] = directRouting.claims({
      enterprise: '5901',
      gateways: ['1'],
      names: { 'sbc-region 1': 'US East 1' },
    });
    expect(claim?.taken).toContain('Direct Routing in US East 1 is there already');
  });
});

test.each<[line: string, typed: Typed]>([
  ['Proseware; US East 1, US West', { enterprise: 'Proseware', gateways: 'US East 1, US West' }],
  ['Proseware; US East 1; US West', { enterprise: 'Proseware', gateways: 'US East 1,US West' }],
  ['Proseware', { enterprise: 'Proseware', gateways: '' }],
  ['', { enterprise: '', gateways: '' }],
])('“%s” fills in the form', (line, typed) => {
  expect(directRouting.quick(line.split(';').map((part) => part.trim()))).toEqual(typed);
});
