import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { onPage } from './browser.ts';
import { widths } from './check.ts';
import type { Exhibit } from './page.ts';
import { show } from './pictures.ts';
import { shrink } from './png.ts';
import { type ThemeName, themeNames } from './themes.ts';

/** The cards that are met most, and the hardest ones to lay out. */
const main = [
  'Welcome: for requester',
  'Form: reseller, with errors',
  'Form: pbx, filled in',
  'PBX: unready, for who asked',
  'Enterprise: pending, for an approver',
  'Reseller: pending, for who asked',
  'Direct Routing: waiting, for who asked',
  'Reseller: active, for who asked',
  'Reseller: rejected, for who asked',
  'Reseller: failed, for an approver',
  'List: a chain',
  'List: help for requester',
  'Batch: reseller, approved, for who asked',
  'Bill: of a month',
  'Task: reseller, taken',
  'Refusal: own-request',
];

const welcomes = [
  'Welcome: for requester',
  'Welcome: for approver',
  'Welcome: for operator',
  'Welcome: for administrator',
  'Welcome: for an administrator who has everything to set up',
  'Welcome: for somebody without a role',
  'Welcome: for a chat of several',
];

/** Texts as long as their limits allow, from the right to the left, and written to break the card. */
const tongues = [
  'Reseller: pending, long',
  'Reseller: pending, right-to-left',
  'Reseller: pending, hostile',
  'Enterprise: active, long',
  'Enterprise: active, right-to-left',
  'Direct Routing: active, right-to-left',
  'Form: enterprise, right-to-left',
  'PBX: pending, right-to-left',
  'Message: reject, long',
  'Message: reject, right-to-left',
  'Message: reject, hostile',
  'Welcome: put into a message, long',
  'Welcome: put into a message, right-to-left',
];

interface Sheet {
  file: string;
  /** What stands behind the cards. */
  ground: ThemeName;
  columns: number;
  shown: { card: string; theme: ThemeName; width: number }[];
}

/** How many columns of a width make a sheet that a screen shows legibly. */
const columns: Record<(typeof widths)[number], number> = { 320: 5, 400: 4, 720: 3 };

const sheets: Sheet[] = [
  ...themeNames.flatMap((theme) =>
    widths.map((width) => ({
      file: `${theme}-${width}`,
      ground: theme,
      columns: columns[width],
      shown: main.map((card) => ({ card, theme, width })),
    })),
  ),
  {
    file: 'welcome',
    ground: 'light',
    columns: 3,
    // A column a theme.
    shown: themeNames.flatMap((theme) => welcomes.map((card) => ({ card, theme, width: 400 }))),
  },
  {
    file: 'tongues',
    ground: 'light',
    columns: 4,
    shown: tongues.map((card) => ({ card, theme: 'light', width: 400 })),
  },
];

/** Makes the sheets: many cards in one picture, in the order of a newspaper's columns. */
export async function takeSheets(path: string, exhibits: readonly Exhibit[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const places = new Map(exhibits.map(({ group, name }, index) => [`${group}: ${name}`, index]));
  await onPage(path, 1, async (page) => {
    for (const sheet of sheets) {
      const file = join(folder, `${sheet.file}.png`);
      rmSync(file, { force: true });
      await lay(page, sheet, places);
      await page.locator('#wall').screenshot({ path: file });
      shrink(file);
    }
  });
}

/** What stands around a card in its figure, both sides. Pixels. */
const margin = 16;
const gap = 12;

async function lay(page: Page, { ground, columns, shown }: Sheet, places: ReadonlyMap<string, number>): Promise<void> {
  await show(
    page,
    shown.map(({ card, theme, width }) => {
      const index = places.get(card);
      if (index === undefined) throw new Error(`The gallery has no card “${card}”.`);
      return { index, look: { theme, width } };
    }),
  );
  const widest = Math.max(...shown.map(({ width }) => width)) + margin;
  await page.evaluate(
    ({ ground, columns, widest, gap }) => {
      document.body.className = `theme-${ground}`;
      const wall = document.getElementById('wall') as HTMLElement;
      Object.assign(wall.style, {
        display: 'block',
        columns: String(columns),
        columnGap: `${gap}px`,
        width: `${columns * widest + (columns - 1) * gap}px`,
        padding: `${gap}px`,
      });
      for (const figure of wall.children as HTMLCollectionOf<HTMLElement>)
        Object.assign(figure.style, { breakInside: 'avoid', marginBottom: `${gap}px` });
    },
    { ground, columns, widest, gap },
  );
}
