import { AsyncLocalStorage } from 'node:async_hooks';
import { type Language, languages } from './languages.ts';

/**
 * Who reads decides the language, and is known in two places only: where an activity comes in, and where a post goes out.
 * Both say so once; every text made below them, however deep, is in that language.
 */
const reading = new AsyncLocalStorage<Language>();

/** Runs `work` for somebody who reads this language. */
export const inLanguage = <Result>(language: Language, work: () => Result): Result => reading.run(language, work);

/** The language of whoever is going to read what is being made. */
export const language = (): Language => reading.getStore() ?? languages[0];

/** The same as a locale, for dates, numbers and lists. English is Britain's: the day before the month. */
export const locale = (): string => (language() === 'en' ? 'en-GB' : language());
