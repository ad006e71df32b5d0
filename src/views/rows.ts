import { counted, entryOf, type Kind } from '../catalog/index.ts';
import { say } from '../language/say.ts';
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

const plural = (kind: Kind) => say(`catalog.${kind}.nouns`);
export const titleOf = (kind: Kind) => say('cards.rows.title', { nouns: plural(kind) });
/** As it weighs on a card. */
const bytes = (text: string) => Buffer.byteLength(JSON.stringify(text));

/** The card to paste a list into; `notice` says what was wrong with the one pasted before. */
export function rowsCard(kind: Kind, { text = '', notice }: { text?: string; notice?: string } = {}): Card {
  return render('rows', {
    title: titleOf(kind),
    intros: texts(say('cards.rows.paste')),
    notices: notice ? [{ style: 'attention', lines: [{ text: notice, weight: 'Default' }] }] : [],
    problems: [],
    hints: texts(hint(kind), hasSecrets(kind) ? say('cards.rows.notShown') : undefined),
    examples: texts(...example(kind)),
    lists: [listInput(kept(kind, text))],
    buttons: row([checkButton(kind), plainButton(say('cards.button.cancel'), { verb: 'batch-cancel', kind })]),
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
      ? [{ text: say('cards.rows.page', { page: at + 1, pages: pages.length }), weight: 'Default' }]
      : []),
  ];
  return render('rows', {
    title: titleOf(kind),
    intros: texts(say('cards.rows.intro')),
    notices: [{ style: bad === 0 ? 'good' : 'warning', lines }],
    problems: texts(...(pages[at] ?? [])),
    hints: texts(howToMend(preview, text, blanked)),
    examples: [],
    lists: [listInput(text)],
    buttons: row([
      ...(good > 0 ? [plainButton(submitTitle(good, bad), { verb: 'batch-submit', nonce, kind }, 'positive')] : []),
      // One button of a card stands out: what there is to do next.
      checkButton(kind, say('cards.button.checkAgain'), good > 0 ? 'default' : 'positive'),
      ...(at > 0 ? [turnTo(say('cards.button.previous'), at - 1)] : []),
      ...(at < pages.length - 1 ? [turnTo(say('cards.button.next'), at + 1)] : []),
      plainButton(say('cards.button.cancel'), { verb: 'batch-cancel', nonce, kind }),
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
  if (!fits(text)) return say('cards.rows.mend.elsewhere');
  if (hasSecrets(kind) && blanked) return say('cards.rows.mend.blanked');
  if (hasSecrets(kind)) return say(wrong ? 'cards.rows.mend.sealed' : 'cards.rows.sealed');
  return wrong ? say('cards.rows.mend.here') : undefined;
}

const submitTitle = (good: number, bad: number) =>
  bad > 0
    ? say('cards.rows.submit.good', { good })
    : good === 1
      ? say('cards.button.submit')
      : say('cards.rows.submit.all', { good });

function headline({ kind, size, good }: Preview): string {
  if (good < size) return say('cards.rows.some', { good, size, bad: size - good });
  return size === 1 ? say('cards.rows.one') : say('cards.rows.all', { things: counted(kind, size) });
}

const fits = (text: string) => bytes(text) <= most.text;

const checkButton = (kind: Kind, title = say('cards.button.check'), style: Button['style'] = 'positive') =>
  button(title, { verb: 'batch-check', kind }, style);

const listInput = (value: string) => ({
  label: say('cards.rows.list.label'),
  hint: say('cards.rows.list.hint'),
  value: fits(value) ? value : '',
  maxLength: sheetLimits.bytes,
});

const hint = (kind: Kind) =>
  say('cards.rows.columns', {
    columns: columnsOf(kind).join(', '),
    rows: sheetLimits.rows,
    kilobytes: sheetLimits.bytes / 1024,
  });

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
    const said = { row, says: plain(cut(says, 300)) };
    const line = `⚠ ${label ? say('cards.rows.wrongField', { ...said, label }) : say('cards.rows.wrong', said)}`;
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
