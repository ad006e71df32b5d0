import { momentIn } from '../board/contract.ts';

/** How moments and numbers are shown to one reader. */
export interface Times {
  /** "3 hours ago", for somebody who reads it at `now`. */
  ago(moment: string | Date, now: Date): string;
  /** "2 November 2026 at 09:30", in the reader's zone. */
  exact(moment: string | Date): string;
  /** "2 Nov" of a day as in 2026-11-02, which is of no zone. */
  day(day: string): string;
  /** "3 h 20 min": how long something takes, in seconds; shorter than a second is no time. */
  span(seconds: number): string;
  number(value: number): string;
  /** A sentence of the server, with the moments in it as this reader reads them. */
  sentence(text: string): string;
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const week = 7 * day;
const units = [
  ['week', 2 * week, week],
  ['day', day, day],
  ['hour', hour, hour],
  ['minute', minute, minute],
] as const;

/** `zone`: of IANA; without one it is the browser's. */
export function timesIn(locale: string, zone?: string): Times {
  const timeZone = zone ? { timeZone: zone } : {};
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', ...timeZone });
  const short = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const numbers = new Intl.NumberFormat(locale);
  const unit = (name: string, value: number, unitDisplay: 'long' | 'short') =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay, maximumFractionDigits: 0 }).format(value);
  const exact = (moment: string | Date) => date.format(new Date(moment));

  return {
    ago(moment, now) {
      const past = now.getTime() - new Date(moment).getTime();
      const [name, , length] = units.find(([, least]) => past >= least) ?? ['second', 0, second];
      // A clock that is a little behind the server's would say "in 2 seconds".
      return name === 'second' ? relative.format(0, 'second') : relative.format(-Math.floor(past / length), name);
    },
    exact,
    day: (text) => short.format(new Date(`${text}T00:00:00Z`)),
    span(seconds) {
      const parts: [string, number][] = [
        ['day', Math.floor(seconds / 86_400)],
        ['hour', Math.floor((seconds % 86_400) / 3_600)],
        ['minute', Math.floor((seconds % 3_600) / 60)],
        ['second', Math.floor(seconds % 60)],
      ];
      const first = parts.findIndex(([, value]) => value > 0);
      if (first < 0) return unit('second', 1, 'short').replace('1', '<1');
      // Of what takes days nobody wants the minutes.
      return parts
        .slice(first, first + 2)
        .filter(([, value]) => value > 0)
        .map(([name, value]) => unit(name, value, 'short'))
        .join(' ');
    },
    number: (value) => numbers.format(value),
    sentence: (text) => text.replace(momentIn, (moment) => exact(moment)),
  };
}
