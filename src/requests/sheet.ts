import { CsvError, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { entryOf, type Kind } from '../catalog/index.ts';
import { fold, type Typed } from '../catalog/orderable.ts';
import type { SheetRow } from '../db/schema.ts';
import { Refusal } from '../errors.ts';
import { languages } from '../language/languages.ts';
import { inLanguage } from '../language/reader.ts';
import { say } from '../language/say.ts';

/** What one list may hold: as much as can be looked through, and decided on, in one go. Text in bytes of UTF-8. */
export const sheetLimits = { rows: 500, bytes: 100 * 1024 } as const;

/** No field takes more characters; a quote that is never closed is found before it swallows the whole list. */
const longestRow = 10_000;

/** What a list says: its rows, and what its reader should know of the whole. */
export interface Sheet {
  rows: SheetRow[];
  notes: string[];
}

/**
 * Reads a pasted or attached list: CSV with commas, semicolons or tabs. With a header, columns come in any order, named as
 * the form words them in any language or by their field; without, in the form's order. Every cell is text, whatever a
 * spreadsheet would make of it.
 * @throws Refusal for what is wrong with the list as a whole.
 */
export function readSheet(kind: Kind, given: string): Sheet {
  const text = given.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  if (Buffer.byteLength(text) > sheetLimits.bytes)
    throw new Refusal('list-too-large', { limit: `${sheetLimits.bytes / 1024} KB` });
  const lines = cellsOf(text, separatorOf(kind, text))
    .map((raw, at) => ({ row: at + 1, raw, cells: raw.map(unescaped) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const head = lines[0] && isHeader(kind, lines[0].cells) ? lines.shift()?.cells : undefined;
  if (lines.length === 0) throw new Refusal('list-empty', { columns: columnsOf(kind).join(', ') });
  if (lines.length > sheetLimits.rows)
    throw new Refusal('list-too-long', { rows: lines.length, limit: sheetLimits.rows });
  const { fields, notes } = head ? headed(kind, head) : { fields: Object.keys(entryOf(kind).fields), notes: [] };
  return { rows: lines.map((line) => rowOf(kind, line, fields)), notes };
}

/** How many cells of a text's first line name fields of this kind: which kind a list is of. */
export function headerScore(kind: Kind, text: string): number {
  const [first = ''] = text.replace(/^\ufeff/, '').split(/[\r\n]/, 1);
  return Math.max(...separators.map((separator) => named(kind, first.split(separator)).length));
}

/** The labels of the columns, in the form's order. */
export const columnsOf = (kind: Kind): string[] => Object.values(entryOf(kind).fields).map(({ label }) => label);

/** Rows as CSV with a header, to be mended. What a spreadsheet would take for a formula is made text; reading undoes that. */
export function writeSheet(kind: Kind, rows: readonly Typed[]): string {
  const fields = Object.entries(entryOf(kind).fields);
  const columns = fields.map(([key, { label }]) => ({ key, header: label }));
  return stringify([...rows], { header: true, columns, escape_formulas: true });
}

const unescaped = (cell: string) => cell.trim().replace(/^'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])/, '');

// A tab is in a list only when it comes from a spreadsheet, and then it separates.
const separators = ['\t', ';', ','];

/** The one that makes most columns we know of the first line; without a header, the one that stands there most often. */
function separatorOf(kind: Kind, text: string): string {
  const first = text.split('\n').find((line) => line.trim() !== '') ?? '';
  const weighed = separators.map((separator) => {
    const cells = first.split(separator);
    return { separator, weight: named(kind, cells).length * 1000 + cells.length };
  });
  return weighed.reduce((best, one) => (one.weight > best.weight ? one : best)).separator;
}

function cellsOf(text: string, delimiter: string): string[][] {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: '\n',
      relax_column_count: true,
      relax_quotes: true,
      max_record_size: longestRow,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Refusal('list-unreadable', { line: Number(error.lines) });
  }
}

const word = (cell: string) => fold(cell.replace(/^"|"$/g, '')).replace(/[\s_*:-]+/g, '');

/**
 * What a field may be called, whoever brings the list: by its name, or as a form words it in any of our languages. Where two
 * say the same the earlier counts, so that a translation takes nothing from English.
 */
function namesOf(kind: Kind): ReadonlyMap<string, string> {
  const fields = Object.entries(entryOf(kind).fields);
  const names = [
    ...fields.map(([field]) => [field, field] as const),
    ...languages.flatMap((one) => inLanguage(one, () => fields.map(([field, { label }]) => [label, field] as const))),
  ];
  return new Map(names.map(([name, field]) => [word(name), field] as const).reverse());
}
const known = new Map<Kind, ReadonlyMap<string, string>>();

/** The fields that these cells name. */
function named(kind: Kind, cells: readonly string[]): string[] {
  const names = known.get(kind) ?? namesOf(kind);
  known.set(kind, names);
  return cells.flatMap((cell) => names.get(word(cell)) ?? []);
}

/** One name may be chance: somebody may be called Services. */
function isHeader(kind: Kind, cells: readonly string[]): boolean {
  const count = named(kind, cells).length;
  return count >= 2 || (count === 1 && cells.filter(Boolean).length === 1);
}

function headed(kind: Kind, head: readonly string[]) {
  const { fields: all, several } = entryOf(kind);
  const fields = head.map((cell) => named(kind, [cell])[0]);
  const present = fields.filter((field) => field !== undefined);
  const twice = present.find((field, at) => present.indexOf(field) !== at);
  if (twice) throw new Refusal('list-column-twice', { column: all[twice]?.label ?? twice });
  const missing = Object.entries(all).filter(
    ([field, { required }]) => required && !present.includes(field) && !several?.mayLack?.includes(field),
  );
  if (missing.length > 0)
    throw new Refusal('list-column-missing', {
      columns: missing.map(([, { label }]) => label).join(', '),
      all: columnsOf(kind).join(', '),
    });
  const unknown = head.filter((cell, at) => fields[at] === undefined && cell !== '');
  const notes = unknown.map((cell) => say('work.list.column-unknown', { column: cell.slice(0, 40) }));
  return { fields, notes: notes.slice(0, 3) };
}

function rowOf(
  kind: Kind,
  { row, raw, cells: all }: { row: number; raw: readonly string[]; cells: readonly string[] },
  fields: readonly (string | undefined)[],
): SheetRow {
  const { secrets = [] } = entryOf(kind);
  const extra = all.slice(fields.length).some((cell) => cell !== '');
  // A secret is what stands there, with its spaces, as in a form.
  const said = fields.map((field, at) => [field, (field && secrets.includes(field) ? raw : all)[at] ?? ''] as const);
  const among = (some: typeof said) => Object.fromEntries(some.flatMap((one) => (one[0] ? [one] : [])));
  if (!extra) return { row, cells: among(said) };
  // Its cells may have moved, so that any from the first secret one on may hold a part of a secret.
  const first = fields.findIndex((field) => field && secrets.includes(field));
  return {
    row,
    cells: among(first < 0 ? said : said.slice(0, first)),
    problem: say('work.list.too-many-cells', { count: fields.length }),
  };
}
