import type { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { type Button, row, texts } from './buttons.ts';
import { type Card, render } from './templates.ts';
import { detail } from './text.ts';

/** A short message. Texts are card Markdown: whoever fills it escapes what people wrote. */
export interface Message {
  title: string;
  /** What it is about, below the title: an id stands there by itself, where no line breaks within it. */
  about?: string;
  lines: string[];
  style?: 'default' | 'emphasis' | 'good' | 'warning' | 'attention';
  actions?: Button[];
}

export function messageCard({ title, about, lines, style = 'default', actions = [] }: Message): Card {
  return render('message', { title, abouts: texts(about), style, lines: texts(...lines), buttons: row(actions) });
}

/** What a person reads when something was refused. */
export const refusalCard = (refusal: Refusal, actions: Button[] = []): Card =>
  messageCard({ title: say('cards.refused'), lines: [refusal.sentences(detail)], style: 'warning', actions });
