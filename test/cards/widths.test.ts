import { fits, forWidth, stepOf } from '../../cards/widths.ts';

test.each([
  [320, 'narrow'],
  [400, 'standard'],
  [720, 'wide'],
] as const)('a card of %i pixels is %s', (width, step) => {
  expect(stepOf(width)).toBe(step);
});

test.each([
  ['wide', [720]],
  ['AtLeast:Standard', [400, 720]],
  ['atMost:narrow', [320]],
  ['Standard', [400]],
])('what is for %s is shown at %p', (target, widths) => {
  expect([320, 400, 720].filter((width) => fits(target, width))).toEqual(widths);
});

test('a card of a width leaves out what is for another, wherever it stands', () => {
  const card = {
    body: [
      { id: 'a', targetWidth: 'wide' },
      { id: 'b', items: [{ id: 'c', targetWidth: 'atMost:narrow' }] },
    ],
  };
  expect(forWidth(card, 320)).toEqual({ body: [{ id: 'b', items: [{ id: 'c', targetWidth: 'atMost:narrow' }] }] });
  expect(forWidth(card, 720)).toEqual({
    body: [
      { id: 'a', targetWidth: 'wide' },
      { id: 'b', items: [] },
    ],
  });
});
