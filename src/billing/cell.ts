/**
 * A text as a spreadsheet may have it. What begins with one of = + - @, in any width and after anything that cannot be
 * seen, or with a tab or line break, is taken for a formula by some program or other (OWASP, "CSV Injection"): an apostrophe
 * in front makes it text. Nothing of it is dropped.
 */
export const cell = (text: string): string => {
  const read = text.normalize('NFKC');
  return /^[\t\r\n]/.test(read) || /^[\s\p{C}]*[=+\-@\u2212]/u.test(read) ? `'${text}` : text;
};
