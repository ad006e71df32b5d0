import { entryOf, type Kind } from '../catalog/index.ts';
import type { Preview, Problem } from '../requests/preview.ts';
import { columnsOf, sheetLimits, writeSheet } from '../requests/sheet.ts';
import { type Button, button, plainButton, row, texts } from './buttons.ts';
import { type Card, render } from './templates.ts';
import { cut, plain } from './text.ts';

/*
 * A list on its way in: the card it is pasted into, and its preview. A card stays under 25 KB, so of a long list neither the
 * text nor the mistakes all fit. Both in bytes, with room for the other and for what stands around them.
 */
const most = { text: 11_000, problems: 6_000 } as const;

const plural = (kind: Kind) => entryOf(kind).several?.nouns ?? `${entryOf(kind).noun}s`;
export const titleOf = (kind: Kind) => `Add several ${plural(kind)}`;
/** As it weighs on a card. */
const bytes = (text: string) => Buffer.byteLength(JSON.stringify(text));

/** The card to paste a list into; `notice` says what was wrong with the one pasted before. */
export function rowsCard(kind: Kind, { text = '', notice }: { text?: string; notice?: string } = {}): Card {
  return render('rows', {
    title: titleOf(kind),
    intros: texts(
      'Paste rows from a spreadsheet, or attach a CSV file in a chat with the bot. Nothing is ordered yet.',
    ),
    notices: notice ? [{ style: 'attention', lines: [{ text: notice, weight: 'Default' }] }] : [],
    problems: [],
    hints: texts(
      hint(kind),
      hasSecrets(kind) ? 'What you paste is not shown again, for it holds passwords.' : undefined,
    ),
    examples: texts(...example(kind)),
    lists: [listInput(kept(kind, text))],
    buttons: row([checkButton(kind), plainButton('Cancel', { verb: 'batch-cancel', kind })]),
  });
}

/**
 * What was read and what is wrong with it, a page of mistakes at a time; `text` is kept in the input if it fits and no
 * passwords are in it. `blanked`: whether `text` is without them.
 */
export function previewCard(
  preview: Preview,
  { text: given = '', page = 0, blanked = false }: { text?: string; page?: number; blanked?: boolean } = {},
): Card {
  const { kind, nonce, size, good, problems } = preview;
  const text = blanked ? given : kept(kind, given);
  const bad = size - good;
  const pages = pagesOf(problems, kind);
  const at = Math.min(Math.max(page, 0), pages.length - 1);
  const turnTo = (title: string, to: number) => button(title, { verb: 'batch-look', nonce, page: to });
  const lines = [
    { text: headline(preview), weight: 'Bolder' },
    ...preview.notes.map((note) => ({ text: plain(note), weight: 'Default' })),
    ...(bad > 0 && pages.length > 1
      ? [{ text: `What is wrong: page ${at + 1} of ${pages.length}.`, weight: 'Default' }]
      : []),
  ];
  return render('rows', {
    title: titleOf(kind),
    intros: texts('Nothing is ordered before you submit it and an approver has agreed.'),
    notices: [{ style: bad === 0 ? 'good' : 'warning', lines }],
    problems: texts(...(pages[at] ?? [])),
    hints: texts(howToMend(preview, text, blanked)),
    examples: [],
    lists: [listInput(text)],
    buttons: row([
      ...(good > 0 ? [plainButton(submitTitle(good, bad), { verb: 'batch-submit', nonce, kind }, 'positive')] : []),
      // One button of a card stands out: what there is to do next.
      checkButton(kind, 'Check again', good > 0 ? 'default' : 'positive'),
      ...(at > 0 ? [turnTo('Previous', at - 1)] : []),
      ...(at < pages.length - 1 ? [turnTo('Next', at + 1)] : []),
      plainButton('Cancel', { verb: 'batch-cancel', nonce, kind }),
    ]),
  });
}

/** The rows that were not submitted, to be mended. */
export const leftCard = (left: Preview): Card =>
  previewCard(left, {
    text: writeSheet(
      left.kind,
      left.bad.map(({ cells }) => cells),
    ),
    blanked: true,
  });

const hasSecrets = (kind: Kind) => entryOf(kind).secrets !== undefined;

/** Of a pasted list what may go back onto a card: what holds passwords does not. */
const kept = (kind: Kind, text: string) => (hasSecrets(kind) ? '' : text);

function howToMend({ kind, size, good }: Preview, text: string, blanked: boolean): string | undefined {
  const wrong = good < size;
  if (!fits(text))
    return 'The list is too long to be shown here: mend it where it came from, then paste or attach it again.';
  if (hasSecrets(kind) && blanked)
    return 'Mend the rows below and check them again. Their passwords are not shown: type them in again.';
  if (hasSecrets(kind))
    return wrong
      ? 'The list holds passwords, so it is kept sealed and not shown again. Mend it where it came from and paste all of it, or submit the good rows: the others come back to you without their passwords.'
      : 'The list holds passwords, so it is kept sealed and not shown again.';
  return wrong
    ? 'Mend the list below and check it again, or submit the good rows: the others come back to you.'
    : undefined;
}

const submitTitle = (good: number, bad: number) =>
  bad === 0
    ? good === 1
      ? 'Submit'
      : `Submit all ${good}`
    : good === 1
      ? 'Submit the good one'
      : `Submit the ${good} good ones`;

function headline({ kind, size, good }: Preview): string {
  if (good === size) return size === 1 ? 'The one row is fine.' : `All ${size} ${plural(kind)} are fine.`;
  return `${good} of ${size} are fine; ${size - good === 1 ? 'one row needs' : `${size - good} rows need`} mending.`;
}

const fits = (text: string) => bytes(text) <= most.text;

const checkButton = (kind: Kind, title = 'Check', style: Button['style'] = 'positive') =>
  button(title, { verb: 'batch-check', kind }, style);

const listInput = (value: string) => ({
  label: 'List',
  hint: 'Paste the rows here',
  value: fits(value) ? value : '',
  maxLength: sheetLimits.bytes,
});

const hint = (kind: Kind) =>
  `Columns: ${columnsOf(kind).join(', ')}. With a first line that names them they may come in any order; between them ` +
  `commas, semicolons or tabs. At most ${sheetLimits.rows} rows and ${sheetLimits.bytes / 1024} KB.`;

const example = (kind: Kind) =>
  writeSheet(kind, [entryOf(kind).several?.example ?? {}])
    .trim()
    .split('\n')
    .map(plain);

/** Each mistake on its line; as many on a page as it carries. */
function pagesOf(problems: readonly Problem[], kind: Kind): string[][] {
  const pages: string[][] = [[]];
  let weight = 0;
  for (const { row, field, says } of problems) {
    const label = field && entryOf(kind).fields[field]?.label;
    const line = `⚠ Row ${row}${label ? ` · ${label}` : ''}: ${plain(cut(says, 300))}`;
    // What a text block of the template weighs by itself.
    weight += bytes(line) + 100;
    if (weight > most.problems) {
      pages.push([]);
      weight = bytes(line) + 100;
    }
    pages.at(-1)?.push(line);
  }
  return pages;
}
