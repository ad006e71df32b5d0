import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { onPage } from './browser.ts';
import { widths } from './check.ts';
import type { Exhibit } from './page.ts';
import { shrink } from './png.ts';
import type { Look } from './rendered.ts';
import { type ThemeName, themeNames } from './themes.ts';

const fileName = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** A picture of every card in every theme and width, in a folder a theme and width. */
export async function takeAll(path: string, exhibits: readonly Exhibit[], folder: string): Promise<void> {
  await onPage(path, 1, async (page) => {
    for (const theme of themeNames)
      for (const width of widths) {
        const into = join(folder, `${theme}-${width}`);
        mkdirSync(into, { recursive: true });
        await show(
          page,
          exhibits.map((_, index) => ({ index, look: { theme, width } })),
        );
        for (const [index, { group, name }] of exhibits.entries())
          await page
            .locator(`figure[data-index="${index}"] .card`)
            .screenshot({ path: join(into, `${fileName(`${group} ${name}`)}.png`) });
      }
  });
  console.log(
    `${exhibits.length} cards in ${themeNames.length} themes and ${widths.length} widths: ${folder}/index.html`,
  );
}

/** Hangs these cards on the wall, and no others. */
export const show = (page: Page, shown: { index: number; look: Look }[]) =>
  page.evaluate((shown) => window.gallery.show(shown), shown);

/** The pictures that the documents show. */
const docs: { file: string; card: string; theme: ThemeName; width: number }[] = [
  { file: 'approval', card: 'Enterprise: pending, for an approver', theme: 'light', width: 480 },
  { file: 'waiting', card: 'Direct Routing: waiting, for who asked', theme: 'light', width: 480 },
  { file: 'check', card: 'PBX: unready, for who asked', theme: 'light', width: 480 },
  { file: 'form', card: 'Form: reseller, with errors', theme: 'light', width: 720 },
  { file: 'phone', card: 'Form: pbx, filled in', theme: 'dark', width: 320 },
  { file: 'change', card: 'Change: edit enterprise, pending', theme: 'dark', width: 480 },
  { file: 'chain', card: 'List: a chain', theme: 'light', width: 480 },
  { file: 'bill', card: 'Bill: of a month', theme: 'light', width: 480 },
];

export async function takeDocs(path: string, exhibits: readonly Exhibit[], folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await onPage(path, 1.5, async (page) => {
    for (const { file, card, theme, width } of docs) {
      const index = exhibits.findIndex(({ group, name }) => `${group}: ${name}` === card);
      if (index < 0) throw new Error(`The gallery has no card “${card}”.`);
      await show(page, [{ index, look: { theme, width } }]);
      const path = join(folder, `${file}.png`);
      await page.locator('figure .card').screenshot({ path });
      shrink(path);
    }
  });
}
