/**
 * Makes a person's text safe in a TextBlock or Fact: what they typed is shown as they typed it. Cards read Markdown there,
 * and {{DATE(…)}} functions; both are switched off by a backslash (CommonMark escapes any ASCII punctuation).
 * Not for an input's `value`, which is no Markdown.
 */
export function plain(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>~|]/g, '\\$&')
    .replace(/^(\s*)([#+-])/gm, '$1\\$2')
    .replace(/^(\s*\d+)([.)])/gm, '$1\\$2')
    .replace(/\r?\n/g, '\n\n');
}

/** A moment, shown by the client in the reader's own zone and language. */
export function moment(at: Date | string): string {
  // The card functions take whole seconds only.
  const iso = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return `{{DATE(${iso}, SHORT)}} {{TIME(${iso})}}`;
}

const isoMoment = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/** A detail of an error, made fit for a card: moments as moments, everything else as plain text. */
export const detail = (value: string | number) =>
  typeof value === 'string' && isoMoment.test(value) ? moment(value) : plain(String(value));
