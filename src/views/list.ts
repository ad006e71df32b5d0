import { type Button, row, texts } from './buttons.ts';
import { type Card, render } from './templates.ts';

/** A list with a line or two a row. Texts are card Markdown: whoever fills it escapes what people wrote. */
export interface List {
  title: string;
  intro?: string;
  notice?: string;
  /** A search box above the rows. */
  search?: { label: string; hint: string; value: string };
  rows: { title: string; subtitle?: string; actions?: Button[] }[];
  actions?: Button[];
}

export function listCard({ title, intro, notice, search, rows, actions = [] }: List): Card {
  return render('list', {
    title,
    intros: texts(intro),
    notices: texts(notice),
    searches: search ? [search] : [],
    rows: rows.map(({ title, subtitle, actions = [] }) => ({
      title,
      subtitles: texts(subtitle),
      buttons: row(actions),
    })),
    buttons: row(actions),
  });
}
