import { Refusal } from '../errors.ts';
import { languages } from '../language/languages.ts';
import { locale } from '../language/reader.ts';

/** A month as TeamMate is asked for it: 2026-10. Compares as text. */
export type Month = string;

const plainly = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The twelve names in each language: people type theirs, in whatever language the bot speaks. */
const names = languages.map((language) => {
  const { format } = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' });
  return Array.from({ length: 12 }, (_, month) => plainly(format(new Date(Date.UTC(2026, month)))));
});

/** Older than any bill, so a typing error: it is asked about instead of being read as an empty bill. */
const earliest: Month = '2015-01';

/** Months go by UTC, whoever asks from wherever: a bill must not change with its reader. */
export const monthOf = (at: Date): Month => at.toISOString().slice(0, 7);

export const isMonth = (text: string): boolean => /^\d{4}-(0[1-9]|1[0-2])$/.test(text);

export const monthName = (month: Month): string =>
  new Intl.DateTimeFormat(locale(), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${month}-01`),
  );

export const monthBefore = (month: Month): Month => {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return monthOf(new Date(Date.UTC(year, number - 2)));
};

/** The first moment after a month. What is read from then on is the month's last word. */
export const endOf = (month: Month): Date => {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number));
};

/**
 * The month somebody means: nothing is the current one; 2026-10, 10/2026, October 2026, Oct 2026, october, last month.
 * @throws Refusal `month-unknown` for what is none, `month-future` for one that has not begun.
 */
export function parseMonth(said: string, now: Date): Month {
  const month = meant(said, monthOf(now));
  if (!month || month < earliest) throw new Refusal('month-unknown', { said: said.slice(0, 40).toWellFormed() });
  if (month > monthOf(now)) throw new Refusal('month-future', { month: monthName(month) });
  return month;
}

function meant(said: string, current: Month): Month | undefined {
  const text = plainly(said)
    .replace(/[\s,]+/g, ' ')
    .replace(/^ ?(for|of|in) /, '')
    .trim();
  if (/^(|(the )?(this|current) month|now|today)$/.test(text)) return current;
  if (/^(the )?(last|previous) month$/.test(text)) return monthBefore(current);
  const [, year, number] = /^(\d{4})(?:[-/. ]?|年 ?)(\d{1,2})月?$/.exec(text) ?? [];
  if (year && number) return written(year, Number(number));
  const [, first, second] = /^(\d{1,2})[-/. ](\d{4})$/.exec(text) ?? [];
  if (first && second) return written(second, Number(first));
  const [, before, word, after] = /^(?:(\d{4}) )?(?:de )?(\p{L}{3,10})\.?(?: (?:de )?(\d{4}))?$/u.exec(text) ?? [];
  const at = word ? numberOf(word) : 0;
  if (at === 0 || (before && after)) return undefined;
  const named = before ?? after;
  if (named) return written(named, at);
  // A month without its year is the latest one that has begun.
  const thisYear = written(current.slice(0, 4), at) as Month;
  return thisYear <= current ? thisYear : written(String(Number(current.slice(0, 4)) - 1), at);
}

/** Of a name that is whole, or cut to three letters or more: Oct, Sept; 0 when it is none. */
const numberOf = (word: string) =>
  names.map((months) => months.findIndex((name) => name.startsWith(word)) + 1).find((month) => month > 0) ?? 0;

function written(year: string, number: number): Month | undefined {
  const month = `${year}-${String(number).padStart(2, '0')}`;
  return isMonth(month) ? month : undefined;
}
