import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codes } from '../src/errors.ts';
import { catalogues } from '../src/language/catalogues.ts';

/** In a table a bar would end its cell, and braces and brackets are nothing special. */
const cell = (text: string) => text.replaceAll('|', '\\|');

/** The page of every error that a person can meet, made of the catalogue they are said from. */
export function errorsPage(): string {
  const text = (key: string) => cell(catalogues.en.get(key) ?? '');
  const rows = codes.map((code) => `| \`${code}\` | ${text(`errors.${code}.says`)} | ${text(`errors.${code}.next`)} |`);
  return [
    '# Errors',
    '',
    'Everything the bot refuses or fails at, with what it tells people to do. `{…}` is filled in. Logs and the audit trail name the code.',
    'This page is made by `npm run docs`, and a test holds it to the catalogue.',
    '',
    '| code | what people read | what they can do |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'errors.md'), errorsPage());
