import { counters } from '../billing/bill.ts';
import { type Format, fileName, fileTypes } from '../billing/file.ts';
import { endOf, type Month, monthBefore, monthName } from '../billing/month.ts';
import type { Change, Changes, Summary } from '../billing/summary.ts';
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
const title = (month: Month, soFar: boolean) => `Bill of ${monthName(month)}${soFar ? ', so far' : ''}`;
const name = (text: string) => plain(text.length > nameLength ? `${cut(text, nameLength)}…` : text) || '(no name)';
const number = (value: number) => value.toLocaleString('en-GB');
const signed = (value: number) => `${value < 0 ? '−' : '+'}${number(Math.abs(value))}`;
const many = (count: number, one: string, more = `${one}s`) => `${number(count)} ${count === 1 ? one : more}`;

/** What is said at once, while the bill is being read. */
export const gettingCard = (month: Month, readers: Readers): Card =>
  messageCard({
    title: `Getting the bill of ${monthName(month)} …`,
    lines: ['It is posted here as soon as TeamMate has given it.', ...warning(readers)],
  });

/** A bill in figures. `trouble`: why the month before is missing. */
export function billCard(summary: Summary, { readers, trouble }: { readers: Readers; trouble?: string }): Card {
  const { bill, totals, largest, against } = summary;
  const soFar = bill.readAt < endOf(bill.month);
  const enterprises = many(bill.size, 'enterprise');
  return render('bill', {
    title: title(bill.month, soFar),
    intro: `${enterprises} of ${many(summary.resellers, 'reseller')}, read from TeamMate ${moment(bill.readAt)}.`,
    notices: texts(...warning(readers)),
    totals: counters.map(({ key, label }) => {
      const change = against ? totals[key] - against.totals[key] : 0;
      return { title: label, value: `${number(totals[key])}${change ? ` (${signed(change)})` : ''}` };
    }),
    charts: chart(largest),
    changes: {
      heading: `Since ${monthName(monthBefore(bill.month))}`,
      lines: texts(...(against ? changeLines(against) : [`Not known. ${trouble ?? ''}`])),
    },
    buttons: row([
      ...(bill.size > 0
        ? (['csv', 'xlsx'] as const).map((format) =>
            plainButton(fileTypes[format].name, { verb: 'bill-file', month: bill.month, format }),
          )
        : []),
      commandButton('Previous month', commandFor(monthBefore(bill.month))),
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
  return [{ heading: 'Most licences in use', bars }];
}

function changeLines({ fresh, gone, up, down }: NonNullable<Summary['against']>): string[] {
  const lines = [
    line('New', fresh, (one) => `${name(one.name)} (${number(one.now)})`),
    line('Gone', gone, (one) => `${name(one.name)} (${number(one.before)})`),
    line('More licences', up, moved),
    line('Fewer licences', down, moved),
  ].filter((one) => one !== '');
  return lines.length > 0 ? lines : ['No enterprise came or went, and all have as many licences in use.'];
}

const moved = (one: Change) =>
  `${name(one.name)} ${signed(one.now - one.before)} (${number(one.before)} → ${number(one.now)})`;

function line(what: string, { count, largest }: Changes, say: (one: Change) => string): string {
  if (count === 0) return '';
  const more = count - largest.length;
  return `**${what}: ${number(count)}** · ${largest.map(say).join(' · ')}${more > 0 ? ` · and ${number(more)} more` : ''}`;
}

/** A bill is nobody's secret in its organisation's own chat; in a channel more people read it than asked. */
function warning(readers: Readers): string[] {
  if (readers === 'one') return [];
  const place = readers === 'channel' ? 'channel' : 'chat';
  return [`Everybody in this ${place} can read this bill. To have it alone, type the command in a chat with me.`];
}

/** The bill could not be had. `trouble` is card Markdown. */
export const noBillCard = (month: Month, trouble: string): Card =>
  messageCard({
    title: `No bill of ${monthName(month)}`,
    lines: [trouble],
    style: 'warning',
    actions: [commandButton('Try again', commandFor(month))],
  });

/** What is said at once, while a file is being made. */
export const makingCard = (month: Month, format: Format): Card =>
  messageCard({
    title: 'One moment',
    lines: [`Making the ${fileTypes[format].name} file of ${monthName(month)}.`],
  });

/** A link to a file. `address` is one that we made. */
export function linkCard(month: Month, format: Format, address: string, minutes: number, readers: Readers): Card {
  const until = `The link works for ${minutes} minutes, for everybody who has it`;
  return messageCard({
    title: `${title(month, false)}: ${fileTypes[format].name}`,
    lines: [
      `[Download ${fileName(month, format)}](${address})`,
      readers === 'one'
        ? `${until}; do not pass it on.`
        : `${until}: whoever reads this ${readers === 'channel' ? 'channel' : 'chat'}, too.`,
    ],
  });
}

export const savingCard = (month: Month, format: Format): Card =>
  messageCard({ title: 'Saving', lines: [`${fileName(month, format)} is being saved in your OneDrive.`] });

export const declinedCard = (month: Month, format: Format): Card =>
  messageCard({
    title: 'Not saved',
    lines: [`${fileName(month, format)} was not saved in your OneDrive.`],
    actions: [plainButton('Offer it again', { verb: 'bill-file', month, format })],
  });
