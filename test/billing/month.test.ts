import { endOf, monthBefore, monthName, parseMonth } from '../../src/billing/month.ts';
import type { Refusal } from '../../src/errors.ts';

const now = new Date('2026-11-23T12:00:00Z');
const refused = (said: string) => {
  try {
    return parseMonth(said, now);
  } catch (error) {
    return (error as Refusal).code;
  }
};

describe('a month as it is typed', () => {
  test.each([
    ['', '2026-11'],
    ['this month', '2026-11'],
    ['last month', '2026-10'],
    ['for the previous month', '2026-10'],
    ['2026-10', '2026-10'],
    ['2026/1', '2026-01'],
    ['202609', '2026-09'],
    ['10/2026', '2026-10'],
    ['10.2026', '2026-10'],
    ['October 2026', '2026-10'],
    ['OCT 2025', '2025-10'],
    ['sept. 2026', '2026-09'],
    ['2026 october', '2026-10'],
    ['Oktober 2026', '2026-10'],
    ['octobre 2026', '2026-10'],
    ['octubre de 2026', '2026-10'],
    ['février', '2026-02'],
    ['März', '2026-03'],
    ['2026年10月', '2026-10'],
    ['of october, 2026', '2026-10'],
    ['november', '2026-11'],
    ['December', '2025-12'],
    ['May', '2026-05'],
    ['２０２６－１０', '2026-10'],
  ])('“%s” is %s', (said, month) => expect(parseMonth(said, now)).toBe(month));

  test.each(['2026-13', '2026-00', '0/2026', 'yesterday', '2026', '10', 'ma', 'octobrr', '26-10', '1026-10', '<b>'])(
    '“%s” is none',
    (said) => expect(refused(said)).toBe('month-unknown'),
  );

  test.each(['2026-12', 'December 2026', '2027-01', '9999-12'])('“%s” has not begun', (said) =>
    expect(refused(said)).toBe('month-future'),
  );

  test('goes by UTC', () => {
    expect(parseMonth('', new Date('2026-11-30T23:59:59Z'))).toBe('2026-11');
    expect(parseMonth('', new Date('2026-12-01T00:00:00Z'))).toBe('2026-12');
  });
});

test('the month before January is last year’s December', () => {
  expect(monthBefore('2026-01')).toBe('2025-12');
  expect(endOf('2025-12')).toEqual(new Date('2026-01-01T00:00:00Z'));
  expect(monthName('2025-12')).toBe('December 2025');
});
