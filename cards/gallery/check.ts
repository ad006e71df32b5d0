import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { cardProblems } from '../rules.ts';
import { onPage } from './browser.ts';
import type { Exhibit } from './page.ts';
import { type ThemeName, themeNames } from './themes.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The widths that cards are looked at in: a small phone, a phone or a meeting's side panel, a desktop. Pixels. */
export const widths = [320, 400, 720] as const;

/** WCAG 2.2 AA. What is about a whole page is the page's, not a card's. */
const rules: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  resultTypes: ['violations'],
};

/** Everything that is wrong with cards as they are drawn, in every theme and width, and in a client of before. */
export async function check(path: string, exhibits: readonly Exhibit[]): Promise<string[]> {
  const found = exhibits.flatMap(({ group, name, card }) =>
    cardProblems(card).map((problem) => `${group}: ${name}: ${problem.path} ${problem.says}`),
  );
  const drawn = await onPage(path, 1, async (page) => {
    const out: string[] = [];
    const show = (theme: ThemeName, width: number, version?: string) =>
      page.evaluate(
        ({ count, look }) => window.gallery.show(Array.from({ length: count }, (_, index) => ({ index, look }))),
        { count: exhibits.length, look: { theme, width, ...(version && { version }) } },
      );
    const look = async (what: string) => {
      for (const { name, says } of await page.evaluate(() => window.gallery.problems()))
        out.push(`${name} (${what}): ${says}`);
    };
    for (const width of widths) {
      await show('light', width);
      await look(`${width} px`);
    }
    for (const version of ['1.4', '1.2']) {
      await show('light', 320, version);
      await look(`a client of version ${version}`);
    }
    await page.addScriptTag({ content: axe });
    for (const theme of themeNames) {
      await show(theme, 400);
      const { violations } = (await page.evaluate(
        (rules) =>
          (window as unknown as { axe: { run(at: string, how: object): Promise<AxeResults> } }).axe.run('#wall', rules),
        rules,
      )) as AxeResults;
      for (const { id, help, nodes } of violations)
        for (const { html, failureSummary, target } of nodes)
          out.push(`${theme}: ${id}: ${help}: ${html.slice(0, 200)} ${target} ${failureSummary?.split('\n')[1] ?? ''}`);
    }
    return out;
  });
  return [...found, ...drawn];
}
