/*
 * What is wrong with a card as it is drawn. These run in the browser, on one rendered card.
 */

/** The most buttons that Teams shows in a row; the others it hides behind "…". */
const mostButtons = 6;
/** A word no longer than this has room on every phone, so that a break within it is the layout's fault. Characters. */
const longestWord = 16;

export function problemsOf(card: HTMLElement): string[] {
  return [...clipped(card), ...broken(card), ...crowded(card), ...unlabelled(card)];
}

const short = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** Texts, buttons and inputs that reach out of the card or of the box that cuts them off. */
function clipped(card: HTMLElement): string[] {
  const frame = card.getBoundingClientRect();
  const isOut = (element: Element) => {
    const { width, height, left, right } = element.getBoundingClientRect();
    return width > 0 && height > 0 && (right > frame.right + 1 || left < frame.left - 1);
  };
  return [...card.querySelectorAll<HTMLElement>('*')].flatMap((element) => {
    const words = short(element.textContent?.trim() || element.getAttribute('aria-label') || element.tagName);
    // Told of the innermost.
    if (isOut(element)) return [...element.children].some(isOut) ? [] : [`“${words}” reaches out of the card.`];
    const scrolls = /^(TEXTAREA|INPUT|SELECT)$/.test(element.tagName) || element.scrollWidth <= element.clientWidth + 1;
    return scrolls || getComputedStyle(element).overflowX === 'visible' ? [] : [`“${words}” is cut off.`];
  });
}

/** Words that are broken although a phone has room for them, and ids that are broken at their hyphen. */
function broken(card: HTMLElement): string[] {
  const out: string[] = [];
  const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (texts.nextNode()) {
    const node = texts.currentNode as Text;
    if (node.parentElement?.closest('textarea, select, option, style')) continue;
    for (const { 0: token, index: at } of node.data.matchAll(/\S+/g)) {
      // What is written without spaces has to break somewhere.
      if (token.length > longestWord || /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u.test(token)) continue;
      for (const { 0: word, index } of token.matchAll(/R-\d+|[\p{L}\p{M}\p{N}]{2,}/gu)) {
        range.setStart(node, at + index);
        range.setEnd(node, at + index + word.length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (lines.size > 1) out.push(`“${word}” is broken within.`);
      }
    }
  }
  return out;
}

function crowded(card: HTMLElement): string[] {
  return [...card.querySelectorAll('.ac-actionSet')]
    .map((row) => row.querySelectorAll('.ac-pushButton').length)
    .filter((count) => count > mostButtons)
    .map((count) => `has ${count} buttons in a row; Teams shows ${mostButtons}.`);
}

/** Inputs that a screen reader would call nothing. */
function unlabelled(card: HTMLElement): string[] {
  return [...card.querySelectorAll<HTMLInputElement>('input, textarea, select')]
    .filter((input) => {
      const named = input.getAttribute('aria-labelledby')?.split(/\s+/) ?? [];
      const words = named.map((id) => document.getElementById(id)?.textContent ?? '').join('');
      return !(words.trim() || input.getAttribute('aria-label')?.trim() || input.labels?.length);
    })
    .map((input) => `the input ${input.id} has no label.`);
}
