/**
 * The Markdown that Teams reads in a card: bold, italic, links, lists and paragraphs, with CommonMark's backslash. The
 * renderer leaves it to its host. What is none of these is text.
 */
export function htmlOf(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((part) => {
      const items = part.split('\n').map((line) => /^ {0,3}[-*+] +(.*)$/.exec(line)?.[1]);
      if (items.every((item) => item !== undefined))
        return `<ul>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</ul>`;
      return `<p>${inline(part)}</p>`;
    })
    .join('');
}

/** Stands for the sign that a backslash made a plain one, so that nothing below reads it as formatting. */
const veils = '\uE100';

function inline(text: string): string {
  const kept: string[] = [];
  const veil = (html: string) => `${veils}${kept.push(html) - 1};`;
  const veiled = text.replace(/\\([!-/:-@[-`{-~])/g, (_, sign: string) => veil(escaped(sign)));
  const html = escaped(veiled)
    .replace(/\[([^\]]*)\]\((https?:[^)\s]+)\)/g, (_, title: string, url: string) => {
      const address = veil(unveiled(url, kept));
      return `<a href="${address}" target="_blank" rel="noopener">${title}</a>`;
    })
    .replace(/\*\*(?=\S)(.+?)(?<=\S)\*\*/g, '<strong>$1</strong>')
    .replace(/(?<!\w)[_*](?=\S)(.+?)(?<=\S)[_*](?!\w)/g, '<em>$1</em>')
    .replaceAll('\n', ' ');
  return unveiled(html, kept);
}

const unveiled = (html: string, kept: readonly string[]): string => {
  const next = html.replace(new RegExp(`${veils}(\\d+);`, 'g'), (_, at: string) => kept[Number(at)] ?? '');
  return next === html ? next : unveiled(next, kept);
};

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] as string);
