import { type Button, row, texts } from './buttons.ts';
import { type Card, render } from './templates.ts';

/** What a newcomer reads: what this is, what it does for them, and what to do first. Texts are card Markdown. */
export interface Welcome {
  title: string;
  intro: string[];
  /** A line for each thing it does; the icon decorates, the text says it all. */
  does: { icon: string; text: string }[];
  first?: { title: string; lines: string[] };
  actions: Button[];
}

/** Buttons on it: more would not be a beginning. */
export const mostButtons = 5;

export function welcomeCard({ title, intro, does, first, actions }: Welcome): Card {
  return render('welcome', {
    title,
    intros: texts(...intro),
    does,
    firsts: first ? [{ title: first.title, lines: texts(...first.lines) }] : [],
    buttons: row(actions.slice(0, mostButtons)),
  });
}
