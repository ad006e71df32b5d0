/**
 * Makes a person's text safe in a TextBlock or Fact: what they typed is shown as they typed it. Cards read Markdown there,
 * and {{DATE(…)}} functions; both are switched off by a backslash (CommonMark escapes any ASCII punctuation).
 * Not for an input's `value`, which is no Markdown.
 */
export function plain(text: string): string {
  return (
    text
      .replace(/[\\`*_{}[\]<>~|]/g, '\\$&')
      // Only where it would be read as an entity: company names are full of innocent ones.
      .replace(/&(?=#?\w{1,40};)/g, '\\&')
      .replace(/^([ \t]*)([#+-])/gm, '$1\\$2')
      .replace(/^([ \t]*\d+)([.)])/gm, '$1\\$2')
      // Four spaces would begin a block of code, in which a backslash is shown.
      .replace(/^[ \t]+/gm, (indent) => '\u00a0'.repeat(indent.length))
      .replace(/\r\n?|\n/g, '\n\n')
  );
}

/** The beginning of a text, for where the whole would be too long; never with half a character at its end. */
export const cut = (text: string, limit: number) => text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');

/** A moment, shown by the client in the reader's own zone and language. */
export function moment(at: Date | string): string {
  // The card functions take whole seconds only.
  const iso = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return `{{DATE(${iso}, SHORT)}} {{TIME(${iso})}}`;
}

/** A sentence that was written down with moments in it, as `toISOString` writes them: each is the reader's own. */
export const prose = (text: string): string =>
  text
    .split(/(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)/)
    .map((part) => (isMoment(part) ? moment(part) : plain(part)))
    .join('');

/** As `toISOString` writes it, which nobody types. */
const isMoment = (text: string) =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(text) && !Number.isNaN(Date.parse(text));

/** A detail of an error, made fit for a card: moments as moments, everything else as plain text. */
export const detail = (value: string | number) =>
  typeof value === 'string' && isMoment(value) ? moment(value) : plain(String(value));
