/** Long enough for a sentence or two on a card. */
const wordsLimit = 300;

/** What a service says, fit to be shown: one line of at most 300 characters without control characters and direction overrides. */
export function oneLine(words: string, limit = wordsLimit): string {
  const clean = words
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = [...clean];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : clean;
}
