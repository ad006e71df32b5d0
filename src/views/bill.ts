import { counters } from '../billing/bill.ts';
import { type Format, fileName, fileTypes } from '../billing/file.ts';
import { endOf, type Month, monthBefore, monthName } from '../billing/month.ts';
import type { Change, Changes, Summary } from '../billing/summary.ts';
import { language } from '../language/reader.ts';
import { type Key, say } from '../language/say.ts';
import { commandButton, plainButton, row, texts } from './buttons.ts';
import { messageCard } from './message.ts';
import { type Card, render } from './templates.ts';
import { cut, moment, plain } from './text.ts';

/** Who can see the card: one person, or everybody in a channel or chat. */
export type Readers = 'one' | 'channel' | 'groupChat';

/** Characters of a name: two lines on a phone. */
const nameLength = 60;
/** Blocks of the longest bar: they fit on the narrowest phone. */
const longestBar = 14;

const commandFor = (month: Month) => `billing ${month}`;
const title = (month: Month, soFar: boolean) =>
  say(soFar ? 'cards.bill.titleSoFar' : 'cards.bill.title', { month: monthName(month) });
const name = (text: string) =>
  plain(text.length > nameLength ? `${cut(text, nameLength)}…` : text) || say('cards.bill.noName');
const number = (value: number) => value.toLocaleString(language());
const signed = (value: number) => `${value < 0 ? '−' : '+'}${number(Math.abs(value))}`;

/** What is said at once, while the bill is being read. */
export const gettingCard = (month: Month, readers: Readers): Card =>
  messageCard({
    title: say('cards.bill.getting', { month: monthName(month) }),
    lines: [say('cards.bill.soon'), ...warning(readers)],
  });

/** A bill in figures. `trouble`: why the month before is missing. */
export function billCard(summary: Summary, { readers, trouble }: { readers: Readers; trouble?: string }): Card {
  const { bill, totals, largest, against } = summary;
  const soFar = bill.readAt < endOf(bill.month);
  return render('bill', {
    title: title(bill.month, soFar),
    intro: say('cards.bill.intro', {
      enterprises: bill.size,
      resellers: summary.resellers,
      when: moment(bill.readAt),
    }),
    notices: texts(...warning(readers)),
    totals: counters.map(({ key, label }) => {
      const change = against ? totals[key] - against.totals[key] : 0;
      return { title: label, value: `${number(totals[key])}${change ? ` (${signed(change)})` : ''}` };
    }),
    charts: chart(largest),
    changes: {
      heading: say('cards.bill.since', { month: monthName(monthBefore(bill.month)) }),
      lines: texts(...(against ? changeLines(against) : [`${say('cards.bill.unknown')} ${trouble ?? ''}`])),
    },
    buttons: row([
      ...(bill.size > 0
        ? (['csv', 'xlsx'] as const).map((format) =>
            plainButton(fileTypes[format].name, { verb: 'bill-file', month: bill.month, format }),
          )
        : []),
      commandButton(say('cards.bill.previous'), commandFor(monthBefore(bill.month))),
    ]),
  });
}

/** The bars say nothing that the numbers beside them do not; they are blocks of text, which every client draws. */
function chart(largest: Summary['largest']) {
  const most = largest[0]?.count ?? 0;
  if (most === 0) return [];
  const bars = largest.map((one) => ({
    name: name(one.name),
    number: number(one.count),
    bar: '█'.repeat(Math.max(1, Math.round((one.count / most) * longestBar))),
  }));
  return [{ heading: say('cards.bill.most'), bars }];
}

function changeLines({ fresh, gone, up, down }: NonNullable<Summary['against']>): string[] {
  const lines = [
    line('cards.bill.new', fresh, (one) => `${name(one.name)} (${number(one.now)})`),
    line('cards.bill.gone', gone, (one) => `${name(one.name)} (${number(one.before)})`),
    line('cards.bill.more', up, moved),
    line('cards.bill.fewer', down, moved),
  ].filter((one) => one !== '');
  return lines.length > 0 ? lines : [say('cards.bill.same')];
}

const moved = (one: Change) =>
  `${name(one.name)} ${signed(one.now - one.before)} (${number(one.before)} → ${number(one.now)})`;

function line(what: Key, { count, largest }: Changes, told: (one: Change) => string): string {
  if (count === 0) return '';
  const more = count - largest.length;
  const rest = more > 0 ? [say('cards.bill.andMore', { count: more })] : [];
  return [`**${say(what, { count })}**`, ...largest.map(told), ...rest].join(' · ');
}

/** A bill is nobody's secret in its organisation's own chat; in a channel more people read it than asked. */
function warning(readers: Readers): string[] {
  if (readers === 'one') return [];
  return [say('cards.bill.readers', { place: readers })];
}

/** The bill could not be had. `trouble` is card Markdown. */
export const noBillCard = (month: Month, trouble: string): Card =>
  messageCard({
    title: say('cards.bill.none', { month: monthName(month) }),
    lines: [trouble],
    style: 'warning',
    actions: [commandButton(say('cards.bill.again'), commandFor(month))],
  });

/** What is said at once, while a file is being made. */
export const makingCard = (month: Month, format: Format): Card =>
  messageCard({
    title: say('cards.bill.moment'),
    lines: [say('cards.bill.making', { format: fileTypes[format].name, month: monthName(month) })],
  });

/** A link to a file. `address` is one that we made. */
export function linkCard(month: Month, format: Format, address: string, minutes: number, readers: Readers): Card {
  return messageCard({
    title: `${title(month, false)}: ${fileTypes[format].name}`,
    lines: [
      `[${say('cards.bill.download', { file: fileName(month, format) })}](${address})`,
      say('cards.bill.link', { minutes, place: readers }),
    ],
  });
}

export const savingCard = (month: Month, format: Format): Card =>
  messageCard({
    title: say('cards.bill.saving'),
    lines: [say('cards.bill.beingSaved', { file: fileName(month, format) })],
  });

export const declinedCard = (month: Month, format: Format): Card =>
  messageCard({
    title: say('cards.bill.notSaved'),
    lines: [say('cards.bill.wasNotSaved', { file: fileName(month, format) })],
    actions: [plainButton(say('cards.bill.offer'), { verb: 'bill-file', month, format })],
  });
