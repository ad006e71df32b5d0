import { listCard } from '../../src/views/list.ts';

/** How far each row is set in, by the width of its first column. */
const insets = (card: object) => [...JSON.stringify(card).matchAll(/"width":"(\d+px)"/g)].map(([, width]) => width);

test('the rows of a tree are set in by their depth, so that a line that wraps is set in as well', () => {
  const rows = [
    { title: 'Contoso' },
    { title: 'Proseware', depth: 1 },
    { title: 'Head Office', depth: 2, subtitle: 'PBX' },
  ];
  expect(insets(listCard({ title: 'Contoso', rows }))).toEqual(['16px', '32px']);
});

test('the rows of a plain list are not set in', () => {
  expect(insets(listCard({ title: 'Resellers', rows: [{ title: 'Contoso' }] }))).toEqual([]);
});
