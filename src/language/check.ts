import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { type Catalogue, catalogues } from './catalogues.ts';
import { type Language, languages } from './languages.ts';

/** What ICU's grammar makes of a message, as far as it matters here. */
interface Part {
  type: number;
  value?: string;
  options?: Record<string, { value: Part[] }>;
}
/** An argument of whatever type; a literal, a `#` and a tag are none. */
const isParameter = ({ type }: Part) => type >= 1 && type <= 6;

/** The parameters of a message, wherever in it they stand. */
function parametersOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => [
    ...(isParameter(part) && part.value ? [part.value] : []),
    ...Object.values(part.options ?? {}).flatMap(({ value }) => parametersOf(value)),
  ]);
}

/** The names in a message, sorted; or why it cannot be read. */
function read(language: Language, message: string): { names: string } | { problem: string } {
  try {
    const parts = new IntlMessageFormat(message, language, undefined, { ignoreTag: true }).getAst() as Part[];
    return { names: [...new Set(parametersOf(parts))].sort().join(', ') };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What is wrong with the catalogues: every language has every message of the first, with the same parameters, and no more. */
export function mistakesIn(all: Record<string, Catalogue>): string[] {
  const [first, ...others] = languages;
  const model = all[first] ?? new Map();
  const wrong: string[] = [];
  for (const [key, message] of model) {
    const wanted = read(first, message);
    if ('problem' in wanted) wrong.push(`${first} ${key}: ${wanted.problem}`);
    for (const language of others) {
      const text = all[language]?.get(key);
      if (!text?.trim()) wrong.push(`${language} ${key}: is missing`);
      else {
        const has = read(language, text);
        if ('problem' in has) wrong.push(`${language} ${key}: ${has.problem}`);
        else if ('names' in wanted && has.names !== wanted.names)
          wrong.push(`${language} ${key}: has {${has.names}} where English has {${wanted.names}}`);
      }
    }
  }
  for (const language of others)
    for (const key of all[language]?.keys() ?? [])
      if (!model.has(key)) wrong.push(`${language} ${key}: English has no such message`);
  return wrong;
}

/**
 * What is wrong with the words of the commands: two commands that share one, in whatever language, since all are understood
 * everywhere; and words that nobody can type, because what is typed is compared in small letters with single spaces.
 */
export function clashesIn(all: Record<string, Catalogue>): string[] {
  const taken = new Map<string, string>();
  const wrong: string[] = [];
  for (const [language, catalogue] of Object.entries(all))
    for (const [key, message] of catalogue) {
      const [, id] = /^commands\.(.+)\.words$/.exec(key) ?? [];
      if (!id) continue;
      for (const words of message.split('|')) {
        if (words === '' || words !== words.trim().replace(/\s+/g, ' ').toLowerCase())
          wrong.push(`${language} ${key}: “${words}” cannot be typed`);
        const other: string = taken.get(words) ?? id;
        if (other !== id) wrong.push(`${language} ${key}: “${words}” is a word of ${other}`);
        taken.set(words, other);
      }
    }
  return wrong;
}

/** The messages that no source asks for, by their key or by a template such as `errors.${code}.says`. */
export function unused(keys: Iterable<string>, sources: readonly string[]): string[] {
  const text = sources.join('\n');
  const templates = [...text.matchAll(/`([a-z][\w-]*\.[^`\s$]*\$\{[^`}]*\}(?:[^`\s$]|\$\{[^`}]*\})*)`/g)].map(
    ([, template = '']) =>
      new RegExp(
        `^${template
          .split(/\$\{[^}]*\}/)
          .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('.+')}$`,
      ),
  );
  return [...keys].filter((key) => !text.includes(`'${key}'`) && !templates.some((template) => template.test(key)));
}

if (import.meta.main) {
  const src = join(import.meta.dirname, '..');
  const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(join(src, file), 'utf8'));
  const wrong = [
    ...mistakesIn(catalogues),
    ...clashesIn(catalogues),
    ...unused(catalogues.en.keys(), sources).map((key) => `en ${key}: nothing says it`),
  ];
  for (const mistake of wrong) console.error(mistake);
  console.log(`languages: ${languages.length}, messages: ${catalogues.en.size}, mistakes: ${wrong.length}`);
  if (wrong.length > 0) process.exitCode = 1;
}
