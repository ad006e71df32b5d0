import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { cardProblems } from '../rules.ts';
import { onPage } from './browser.ts';
import type { Exhibit } from './page.ts';
import type { Look } from './rendered.ts';
import { themeNames } from './themes.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** The widths that cards are looked at in: a small phone, a phone or a meeting's side panel, a desktop. Pixels. */
export const widths = [320, 400, 720] as const;

/** A client that knows no Action.Execute yet, which came with 1.4. */
const before = '1.3';

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
  const all = exhibits.map((_, index) => index);
  const drawn = await onPage(path, 1, async (page) => {
    const out: string[] = [];
    const show = (which: readonly number[], look: Look) =>
      page.evaluate(({ which, look }) => window.gallery.show(which.map((index) => ({ index, look }))), { which, look });
    const look = async (what: string) => {
      for (const { name, says } of await page.evaluate(() => window.gallery.problems()))
        out.push(`${name} (${what}): ${says}`);
    };
    for (const width of widths) {
      await show(all, { theme: 'light', width });
      await look(`${width} px`);
    }
    await show(all, { theme: 'light', width: widths[0], version: before });
    await look(`a client of version ${before}`);
    out.push(...(await page.evaluate(() => window.gallery.missing())).map(({ name, says }) => `${name}: ${says}`));
    await page.addScriptTag({ content: axe });
    for (const theme of themeNames) {
      await show(different(exhibits), { theme, width: 400 });
      const { violations } = await page.evaluate((rules): Promise<AxeResults> => window.axe.run('#wall', rules), rules);
      for (const { id, help, nodes } of violations)
        for (const { html, failureSummary = '' } of nodes)
          out.push(`${theme}: ${id}: ${help}: ${html.slice(0, 200)} ${failureSummary.split('\n')[1]?.trim() ?? ''}`);
    }
    return out;
  });
  return [...found, ...drawn];
}

/** The cards that are not made of the same parts in the same styles as one before: texts change neither names nor contrast. */
function different(exhibits: readonly Exhibit[]): number[] {
  const seen = new Set<string>();
  return exhibits.flatMap(({ card }, index) => {
    const shape = JSON.stringify(shapeOf(card));
    if (seen.has(shape)) return [];
    seen.add(shape);
    return [index];
  });
}

const styles = new Set(['type', 'style', 'color', 'isSubtle', 'isRequired', 'isVisible', 'associatedInputs']);

function shapeOf(part: unknown): unknown {
  if (Array.isArray(part)) return [...new Set(part.map((one) => JSON.stringify(shapeOf(one))))];
  if (typeof part !== 'object' || part === null) return typeof part;
  return Object.entries(part)
    .filter(([key, value]) => (styles.has(key) || typeof value === 'object') && key !== 'data' && key !== 'fallback')
    .map(([key, value]) => [key, styles.has(key) ? value : shapeOf(value)]);
}
