import { distance } from 'fastest-levenshtein';
import type { Language } from '../language/languages.ts';
import { language } from '../language/reader.ts';

/** What can be typed: the words that start a command, in each language. All are understood everywhere. */
export interface Typable {
  words: Readonly<Record<Language, readonly string[]>>;
}

/** The same punctuation behind a command as people put behind a sentence, in Japanese too. */
const end = /^[.!?。！？]+$/;

/** A Japanese keyboard types letters, digits and semicolons of full width: each is its ASCII sign, 0xfee0 further on. */
const halfWidth = (text: string) =>
  text.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
const tidy = (text: string) => halfWidth(text).trim().replace(/\s+/g, ' ');

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
    Object.values(command.words)
      .flat()
      .filter(
        (words) =>
          folded === words ||
          folded.startsWith(`${words} `) ||
          (end.test(folded.slice(words.length)) && folded.startsWith(words)),
      )
      .map((words) => ({ command, words })),
  );
  const [best] = matches.sort((a, b) => b.words.length - a.words.length);
  return (
    best && {
      command: best.command,
      rest: text.slice(best.words.length).replace(end, '').trim(),
    }
  );
}

/**
 * The nearest thing to what was typed in the reader's language or in English, with what followed it, or undefined when
 * nothing is near: at most two letters wrong in every five, in each of its words too, so that `locate reseller` is not taken
 * for `create reseller`.
 */
export function suggest(said: string, commands: readonly Typable[]): string | undefined {
  const given = tidy(said).toLowerCase().split(' ');
  const candidates = commands.flatMap(({ words }) =>
    [...new Set([...words[language()], ...words.en])].map((candidate) => {
      const length = candidate.split(' ').length;
      return { candidate, length, off: wrongShare(given.slice(0, length), candidate) };
    }),
  );
  const [best] = candidates.sort((a, b) => a.off - b.off);
  if (!best || best.off > 0.4) return undefined;
  const rest = tidy(said).split(' ').slice(best.length).join(' ');
  return tidy(`${best.candidate} ${rest}`);
}

/** The share of a candidate's letters that are wrong: of the whole, or of its worst word when the words are as many. */
function wrongShare(given: string[], candidate: string): number {
  const words = candidate.split(' ');
  const whole = share(given.join(' '), candidate);
  return given.length === words.length ? Math.max(whole, ...words.map((word, at) => share(given[at]!, word))) : whole;
}

/** Swapped letters are the commonest slip, so all the right letters in the wrong order are one mistake. */
function share(given: string, wanted: string): number {
  const letters = (text: string) => [...text].sort().join('');
  const swapped = given.length === wanted.length && given !== wanted && letters(given) === letters(wanted);
  return (swapped ? 1 : distance(given, wanted)) / wanted.length;
}
