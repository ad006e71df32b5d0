import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

/** A language file as a person keeps it: the texts by the English ones of manifest.json, so that moving a command is no change here. */
const translation = z.strictObject({
  'name.full': z.string(),
  'description.short': z.string(),
  'description.full': z.string(),
  texts: z.record(z.string(), z.string()),
});

export type Translation = z.infer<typeof translation>;

/** Each language's tag with its file in the package. A tag without a region serves all regions of that language. */
export type Languages = Record<string, Translation>;

/** What is in `languages/`, by the tag that a file is named after. */
export function readLanguages(): Languages {
  const folder = join(import.meta.dirname, 'languages');
  const read = (file: string) => translation.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [file.replace(/\.json$/, ''), read(file)]),
  );
}

/** The file of a language in the package. */
export const languageFile = (tag: string) => `${tag}.json`;

/** The manifest's own part: English, and where the other languages are. */
export const localizationInfo = (languages: Languages) => ({
  defaultLanguageTag: 'en',
  additionalLanguages: Object.keys(languages).map((languageTag) => ({ languageTag, file: languageFile(languageTag) })),
});

/** A schema of Teams for language files, as far as it says what may be translated. */
export interface LocalizationSchema {
  patternProperties: Record<string, unknown>;
}

/**
 * A language as Teams reads it: each text by its place in the manifest. What is typed stays English, because the bot
 * understands these words whatever the client's language is: a chosen command's title is sent as the message.
 * @returns the file, and what is wrong with the translation: texts left out, texts that nothing uses.
 */
export function languageStrings(
  manifest: { manifestVersion?: string; name: { short: string } },
  tag: string,
  { texts, ...whole }: Translation,
  schema: LocalizationSchema,
): { strings: Record<string, string>; mistakes: string[] } {
  const places = Object.keys(schema.patternProperties).map((pattern) => new RegExp(pattern));
  const isTyped = (path: string) => /\.commandLists\[\d\]\.commands\[\d+\]\.(title|prompt)$/.test(path);
  const wanted = leaves(manifest).filter(([path]) => !isTyped(path) && places.some((place) => place.test(path)));
  const used = new Set(wanted.map(([, english]) => english));
  const file = `languages/${languageFile(tag)}`;
  return {
    strings: {
      $schema: `https://developer.microsoft.com/json-schemas/teams/v${manifest.manifestVersion}/MicrosoftTeams.Localization.schema.json`,
      'name.short': manifest.name.short,
      ...whole,
      ...Object.fromEntries(wanted.flatMap(([path, english]) => (texts[english] ? [[path, texts[english]]] : []))),
    },
    mistakes: [
      ...[...used].filter((english) => !texts[english]).map((english) => `${file}: “${english}” is not translated.`),
      ...Object.keys(texts).flatMap((english) =>
        used.has(english) ? [] : [`${file}: “${english}” is nowhere in the manifest.`],
      ),
    ],
  };
}

/** Every text in the manifest with its path as the language files write it: `bots[0].commandLists[1].commands[0].title`. */
function leaves(value: unknown, path = ''): [path: string, text: string][] {
  if (typeof value === 'string') return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((inner, at) => leaves(inner, `${path}[${at}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}
