/**
 * What a reader sees of a TextBlock's text, by the rules of CommonMark and of the card functions, as far as it takes to
 * tell whether a text shows as it was typed. Where something would be formatting it puts a ⚑, so that it never looks right.
 */
export function asShown(text: string): string {
  return text
    .split(/\n{2,}/)
    .map(paragraph)
    .join('\n');
}

const flag = '⚑';
const block = /^(#{1,6}(\s|$)|>|[-+*](\s|$)|\d{1,9}[.)](\s|$)|([-*_]\s*){3,}$|```|~~~|<)/;
const entity = /^&(#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/i;

function paragraph(text: string): string {
  if (/^( {4}|\t)/.test(text)) return `${flag}${text}`;
  const content = text.replace(/^ +/, '');
  return `${block.test(content) ? flag : ''}${inline(content)}`.replaceAll('\u00a0', ' ');
}

function inline(text: string): string {
  let seen = '';
  for (let at = 0; at < text.length; at++) {
    const rest = text.slice(at);
    const escaped = /^\\([!-/:-@[-`{-~])/.exec(rest)?.[1];
    if (escaped) {
      seen += escaped;
      at++;
    } else if (/^(\{\{(DATE|TIME)\(|[*_`~[\]<>|]|\\\n)/.test(rest) || entity.test(rest)) seen += flag;
    else seen += rest[0];
  }
  return seen;
}
