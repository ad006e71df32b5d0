import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Language, languages } from '../src/language/languages.ts';
import { inLanguage } from '../src/language/reader.ts';
import { type Card, templateNames } from '../src/views/templates.ts';
import { cardProblems, largestCard, templateProblems } from './rules.ts';
import { type Sample, samples } from './samples.ts';

/** What was found about one template: the problems, or how much was looked at. */
export interface Report {
  template: string;
  problems: string[];
  /** How many cards were made of it, and the bytes of the largest. */
  cards: number;
  largest: number;
  /** The looks that another language may make too heavy: those of more than half of what a card may weigh. */
  heavy: string[];
}

/** Checks a template by itself and every card made of it. */
export function checkTemplate(name: string, template: unknown, looks: Sample[]): Report {
  const file = `cards/${name}.json`;
  const ownedByCatalog = name === 'form';
  const problems = templateProblems(template, { ownedByCatalog }).map(({ path, says }) => `${file}: ${path} ${says}`);
  if (looks.length === 0) problems.push(`${file}: no sample shows it; add one to cards/samples.ts.`);
  let largest = 0;
  const heavy: string[] = [];
  for (const { look, make } of looks) {
    const card = made(make);
    if (card instanceof Error) problems.push(`${file}, ${look}: ${card.message}`);
    else {
      const bytes = Buffer.byteLength(JSON.stringify(card));
      largest = Math.max(largest, bytes);
      if (bytes > largestCard / 2) heavy.push(look);
      problems.push(...cardProblems(card).map(({ path, says }) => `${file}, ${look}: ${path} ${says}`));
    }
  }
  return { template: file, problems, cards: looks.length, largest, heavy };
}

/** What a translation alone can break: it makes a card too heavy. The rest is the template's and the view's. */
export function checkTranslation(language: Language, looks: readonly Sample[]): string[] {
  return looks.flatMap(({ template, look, make }) => {
    const where = `cards/${template}.json in ${language}, ${look}:`;
    const card = inLanguage(language, () => made(make));
    if (card instanceof Error) return [`${where} ${card.message}`];
    const bytes = Buffer.byteLength(JSON.stringify(card));
    return bytes < largestCard ? [] : [`${where} has ${bytes} bytes; it must stay under ${largestCard}.`];
  });
}

/** A template that asks for what its view does not give does not expand at all. */
function made(make: () => Card): Card | Error {
  try {
    return make();
  } catch (error) {
    return error as Error;
  }
}

/** A line a template when it is in order, a line a problem when not. */
export const told = ({ template, problems, cards, largest }: Report): string[] =>
  problems.length > 0
    ? problems
    : [`${template}: ${cards} cards, the largest ${kilobytes(largest)} of ${kilobytes(largestCard)} KB, in order`];

const kilobytes = (bytes: number) => (bytes / 1024).toFixed(1);

if (import.meta.main) {
  const all = samples();
  const reports = templateNames.map((name) => {
    const template: unknown = JSON.parse(readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8'));
    return checkTemplate(
      name,
      template,
      all.filter((sample) => sample.template === name),
    );
  });
  for (const report of reports) {
    const print = report.problems.length > 0 ? console.error : console.log;
    for (const line of told(report)) print(line);
  }
  const heavy = new Set(reports.flatMap((report) => report.heavy));
  const wrong = languages.slice(1).flatMap((language) => {
    const looks = inLanguage(language, () => samples());
    return checkTranslation(
      language,
      looks.filter(({ look }) => heavy.has(look)),
    );
  });
  for (const problem of wrong) console.error(problem);
  if (wrong.length > 0 || reports.some(({ problems }) => problems.length > 0)) process.exitCode = 1;
}
