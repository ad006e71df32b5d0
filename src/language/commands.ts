import { catalogues } from './catalogues.ts';
import { type Language, languages } from './languages.ts';
import type texts from './messages/en/commands.json';
import { language } from './reader.ts';

/** The commands, by what the catalogue calls them: `commands.<id>.words`, `.usage` and `.does`. */
export type CommandId = keyof typeof texts extends infer Name ? (Name extends `${infer Id}.words` ? Id : never) : never;

type Words = readonly [string, ...string[]];

const split = (words: string) => words.split('|').map((one) => one.trim()) as unknown as Words;

/** What can be typed for a command in a language; the first is the one we advertise. English where there is no other word. */
export const wordsIn = (spoken: Language, id: CommandId): Words =>
  split(catalogues[spoken].get(`commands.${id}.words`) ?? catalogues.en.get(`commands.${id}.words`) ?? id);

/** What whoever reads is told to type for a command. */
export const toType = (id: CommandId): string => wordsIn(language(), id)[0];

/** What can be typed for a command in each language: somebody may write in another one than the place they write in. */
export const wordsEverywhere = (id: CommandId): Record<Language, Words> =>
  Object.fromEntries(languages.map((spoken) => [spoken, wordsIn(spoken, id)])) as Record<Language, Words>;
