import { nowhere } from '../../src/tab/address.ts';
import { changedItems, choicesOf, itemOf, mostOpen, rowsOf } from '../../src/tab/tree.ts';
import { anItem, aRequest } from './an-item.ts';

const contoso = anItem('reseller', 'Contoso', { billingReference: 'B-77' });
const proseware = anItem('enterprise', 'Proseware', { above: [contoso], email: 'it@proseware.example' });
const office = anItem('pbx', 'Head Office', {
  above: [contoso, proseware],
  state: 'waiting',
  waitingFor: 'the PBX',
  since: '2026-11-01T08:00:00.000Z',
});
const fabrikam = anItem('reseller', 'Fabrikam', {
  key: 'request:1002',
  state: 'pending',
  waitingFor: 'an approver',
  since: '2026-10-20T08:00:00.000Z',
  requests: [aRequest('1002', 'Fabrikam')],
});
const items = [contoso, proseware, office, fabrikam];
const none = new Set<string>();
const drawn = (rows: ReturnType<typeof rowsOf>) =>
  rows.map(
    ({ name, level, expanded, onTheWay }) =>
      `${'  '.repeat(level - 1)}${expanded === undefined ? '' : expanded ? '▾ ' : '▸ '}${name}${onTheWay ? ' (on the way)' : ''}`,
  );

describe('the tree of the board', () => {
  test('has each thing below what it belongs to, and says where among its siblings', () => {
    const rows = rowsOf(items, nowhere, none);
    expect(drawn(rows)).toEqual(['▾ Contoso', '  ▾ Proseware', '    Head Office', 'Fabrikam']);
    expect(rows.map(({ place, siblings, below }) => [place, siblings, below])).toEqual([
      [1, 2, 2],
      [1, 1, 1],
      [1, 1, 0],
      [2, 2, 0],
    ]);
  });

  test('is closed where the reader closed it', () => {
    expect(drawn(rowsOf(items, nowhere, new Set([contoso.key])))).toEqual(['▸ Contoso', 'Fabrikam']);
  });

  test('begins closed when it is large, and opens by hand', () => {
    const many = Array.from({ length: mostOpen }, (_, index) => anItem('reseller', `Reseller ${index}`));
    const all = [...items, ...many];
    expect(drawn(rowsOf(all, nowhere, none)).slice(0, 2)).toEqual(['▸ Contoso', 'Fabrikam']);
    expect(drawn(rowsOf(all, nowhere, new Set([contoso.key]))).slice(0, 3)).toEqual([
      '▾ Contoso',
      '  ▸ Proseware',
      'Fabrikam',
    ]);
  });

  test.each([
    [
      'a word of a name',
      { search: 'head' },
      ['▾ Contoso (on the way)', '  ▾ Proseware (on the way)', '    Head Office'],
    ],
    ['a billing reference, whatever its case', { search: 'b-77' }, ['Contoso']],
    ['a request', { search: 'R-1002' }, ['Fabrikam']],
    ['words of what it belongs to', { search: 'contoso it@' }, ['▾ Contoso (on the way)', '  Proseware']],
    ['a kind', { kind: 'enterprise' as const }, ['▾ Contoso (on the way)', '  Proseware']],
    ['a state', { state: 'pending' as const }, ['Fabrikam']],
    [
      'whatever waits',
      { state: 'open' as const },
      ['▾ Contoso (on the way)', '  ▾ Proseware (on the way)', '    Head Office', 'Fabrikam'],
    ],
    ['who is waited for', { waitingFor: 'an approver' }, ['Fabrikam']],
    ['what is not there', { search: 'nobody' }, []],
  ])('shows only what is found by %s, and the way to it', (_, filter, expected) => {
    expect(drawn(rowsOf(items, { ...nowhere, ...filter }, none))).toEqual(expected);
  });

  test('takes what the server found by the same words, and still filters it', () => {
    const address = { ...nowhere, search: 'what only the server knows', kind: 'pbx' as const };
    expect(rowsOf(items, address, none)).toEqual([]);
    expect(drawn(rowsOf(items, address, none, true)).at(-1)).toBe('    Head Office');
  });

  test('names what something belongs to even where that was not sent', () => {
    const rows = rowsOf([office], nowhere, none);
    expect(drawn(rows)).toEqual(['▾ Contoso (on the way)', '  ▾ Proseware (on the way)', '    Head Office']);
    expect(rows[0]?.item).toBeUndefined();
  });

  test('is a list when who waits longest comes first; whom nobody waits for is last', () => {
    const rows = rowsOf(items, { ...nowhere, order: 'waiting' }, none);
    expect(drawn(rows)).toEqual(['Fabrikam', 'Head Office', 'Contoso', 'Proseware']);
  });
});

describe('a row that a link means', () => {
  test.each([
    ['its key', 'pbx:head-office', office],
    ['what people call its request', 'R-1002', fabrikam],
    ['what is not there', 'R-9', undefined],
  ])('is found by %s', (_, row, item) => expect(itemOf(items, row)).toBe(item));
});

test('what there is to filter by is counted, the most frequent first', () => {
  expect(choicesOf(items, ({ kind }) => kind)).toEqual([
    { value: 'reseller', count: 2 },
    { value: 'enterprise', count: 1 },
    { value: 'pbx', count: 1 },
  ]);
});

test('what has changed is what is new or stands otherwise, and not what was only read again', () => {
  const active = anItem('pbx', 'Head Office', { above: [contoso, proseware] });
  const added = anItem('reseller', 'Litware');
  expect(changedItems(items, [contoso, { ...proseware }, active, added])).toEqual([active, added]);
});
