import { type Button, row, texts } from './buttons.ts';
import { type Card, render } from './templates.ts';

/** A list with a line or two a row. Texts are card Markdown: whoever fills it escapes what people wrote. */
export interface List {
  title: string;
  intro?: string;
  notice?: string;
  /** A search box above the rows, with its button beside it: below them it would be off the screen. */
  search?: { label: string; hint: string; value: string; action?: Button };
  /** `depth`: how many steps a row is set in, where the rows are a tree. */
  rows: { title: string; subtitle?: string; depth?: number; actions?: Button[] }[];
  /** The buttons of a row stand below its texts, where there may be many. */
  below?: boolean;
  actions?: Button[];
}

/** By how much a step sets in. Pixels. */
const step = 16;

export function listCard({ title, intro, notice, search, rows, below = false, actions = [] }: List): Card {
  return render('list', {
    title,
    intros: texts(intro),
    notices: texts(notice),
    searches: search ? [{ ...search, buttons: row(search.action ? [search.action] : []) }] : [],
    rows: rows.map(({ title, subtitle, depth = 0, actions = [] }) => ({
      title,
      // Buttons at the end of a row would stand on the line that begins the next one.
      spacing: below ? 'Large' : 'Small',
      insets: depth > 0 ? [{ width: `${depth * step}px` }] : [],
      subtitles: texts(subtitle),
      buttons: row(below ? [] : actions),
      buttonsBelow: row(below ? actions : []),
    })),
    buttons: row(actions),
  });
}
