/** A button's data: what to do and with which ids. Never state that would be trusted when it comes back. */
export type ButtonData = { verb: string } & Record<string, string | number>;

/** A button as the templates take it. */
export interface Button {
  title: string;
  style: 'default' | 'positive' | 'destructive';
  /** `none`: the card's inputs are neither checked nor sent. */
  inputs: 'auto' | 'none';
  data: ButtonData;
  /** What a screen reader adds to a title that stands in many rows. */
  tooltip: string;
}

/**
 * The row of buttons for a template: no row at all when there are none.
 * Optional parts of a card are lists of none or one in our templates, because the templating library warns of every
 * `$when` that is false, and its warnings are errors here.
 */
export const row = (actions: Button[]) => (actions.length > 0 ? [{ actions }] : []);

/** The same for an optional text. */
export const texts = (...lines: (string | undefined)[]) => lines.filter(Boolean).map((text) => ({ text }));

/** A button that takes the card's inputs along. */
export const button = (title: string, data: ButtonData, style: Button['style'] = 'default'): Button => ({
  title,
  style,
  inputs: 'auto',
  data,
  tooltip: title,
});

/** A button that leaves the card's inputs alone. */
export const plainButton = (title: string, data: ButtonData, style: Button['style'] = 'default'): Button => ({
  ...button(title, data, style),
  inputs: 'none',
});

/** A button that does what typing the command does. */
export const commandButton = (title: string, command: string): Button => plainButton(title, { verb: 'run', command });
