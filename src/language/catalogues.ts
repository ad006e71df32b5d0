import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Language, languages } from './languages.ts';

/** The messages of one language by their keys, `room.name`. */
export type Catalogue = ReadonlyMap<string, string>;

const folder = join(import.meta.dirname, 'messages');

/** All messages: `messages/<language>/<room>.json`, one file for each room that has something to say. */
export const catalogues = Object.fromEntries(languages.map((language) => [language, read(language)])) as Record<
  Language,
  Catalogue
>;

function read(language: Language): Catalogue {
  const files = readdirSync(join(folder, language)).filter((file) => file.endsWith('.json'));
  return new Map(
    files.flatMap((file) => {
      const messages = JSON.parse(readFileSync(join(folder, language, file), 'utf8')) as Record<string, string>;
      return Object.entries(messages).map(([name, text]) => [`${basename(file, '.json')}.${name}`, text] as const);
    }),
  );
}
