import { distance } from 'fastest-levenshtein';

/** What can be typed: the words that start a command. */
export interface Typable {
  words: readonly string[];
}

const tidy = (text: string) => text.trim().replace(/\s+/g, ' ');

/**
 * Finds the command a text starts with, in any case and spacing; the longest one wins, so that `status` does not hide
 * `status all`. `rest` is what follows it, as it was typed.
 */
export function parseCommand<C extends Typable>(
  said: string,
  commands: readonly C[],
): { command: C; rest: string } | undefined {
  const text = tidy(said);
  const folded = text.toLowerCase();
  const matches = commands.flatMap((command) =>
    command.words
      .filter(
        (words) =>
          folded === words ||
          folded.startsWith(`${words} `) ||
          (/^[.!?]+$/.test(folded.slice(words.length)) && folded.startsWith(words)),
      )
      .map((words) => ({ command, words })),
  );
  const [best] = matches.sort((a, b) => b.words.length - a.words.length);
  return (
    best && {
      command: best.command,
      rest: text
        .slice(best.words.length)
        .replace(/^[.!?]+$/, '')
        .trim(),
    }
  );
}

/**
 * The nearest thing to what was typed, with what followed it, or undefined when nothing is near: at most two letters wrong
 * in every five.
 */
export function suggest(said: string, commands: readonly Typable[]): string | undefined {
  const given = tidy(said).toLowerCase().split(' ');
  const candidates = commands.flatMap(({ words }) =>
    words.map((candidate) => {
      const length = candidate.split(' ').length;
      const off = distance(given.slice(0, length).join(' '), candidate);
      return { candidate, off, share: off / candidate.length, rest: given.slice(length).join(' ') };
    }),
  );
  const [best] = candidates.sort((a, b) => a.share - b.share);
  if (!best || best.share > 0.4) return undefined;
  const rest = tidy(said).split(' ').slice(best.candidate.split(' ').length).join(' ');
  return tidy(`${best.candidate} ${rest}`);
}
