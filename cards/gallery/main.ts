import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { isLanguage, languages } from '../../src/language/languages.ts';
import { inLanguage } from '../../src/language/reader.ts';
import { showcase } from '../showcase.ts';
import { check } from './check.ts';
import type { Exhibit } from './page.ts';
import { takeAll, takeDocs } from './pictures.ts';
import { takeSheets } from './sheets.ts';

const root = join(import.meta.dirname, '../..');

/** One page that needs nothing else: the cards, Microsoft's renderer, and what chooses between them. */
export async function pageOf(exhibits: readonly Exhibit[], language: string): Promise<string> {
  const bundled = await esbuild.build({
    entryPoints: [join(import.meta.dirname, 'page.ts')],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'error',
  });
  const code = bundled.outputFiles[0]?.text ?? '';
  const inside = (text: string) => text.replaceAll('</', '<\\/');
  return readFileSync(join(import.meta.dirname, 'page.html'), 'utf8')
    .replace('<html lang="en">', `<html lang="${language}">`)
    .replace('id="exhibits"></script>', () => `id="exhibits">${inside(JSON.stringify(exhibits))}</script>`)
    .replace('id="code"></script>', () => `id="code">${inside(code)}</script>`);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      language: { type: 'string', default: 'en' },
    },
  });
  const { language } = values;
  if (!isLanguage(language)) throw new Error(`The cards speak ${languages.join(', ')}, and not ${language}.`);
  // Called by their English names, whatever they speak.
  const cards = inLanguage(language, () => showcase().map(({ make }) => make()));
  const exhibits = showcase()
    .map(({ group, look }, index) => ({ group, name: look, card: cards[index] as object }))
    .filter(({ group, name }) => `${group}: ${name}`.toLowerCase().includes(values.only.toLowerCase()));
  const folder = join(root, 'dist/gallery');
  if (!values.only && !values.check) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const page = join(folder, 'index.html');
  writeFileSync(page, await pageOf(exhibits, language));
  if (values.check) {
    const problems = await check(page, exhibits);
    for (const problem of problems) console.error(problem);
    console.log(`${exhibits.length} cards looked at, ${problems.length} problems.`);
    if (problems.length > 0) process.exitCode = 1;
  } else if (values.docs) {
    // The documents are in English; in another language the same is made to be looked at.
    const docs = language === 'en' ? join(root, 'docs') : join(folder, language);
    await takeDocs(page, exhibits, join(docs, 'cards'));
    await takeSheets(page, exhibits, join(docs, 'gallery'));
  } else await takeAll(page, exhibits, folder);
}
