import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';

let folder = '';
/** The room a card has in Teams on a small phone. Pixels. */
const phone = 300;
/** A window in which the longest card has room. Pixels. */
const tall = 3_000;

let taken = 0;

/** Throws the pictures of a story's last run away. */
export function startShots(story: string): void {
  folder = join(import.meta.dirname, 'out', story);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  taken = 0;
}

/** Takes a picture of a page, and of a card as a phone would lay it out: the Playground itself has no narrow layout. */
export async function shot(page: Page, name: string, card?: Locator): Promise<void> {
  taken += 1;
  const path = join(folder, `${String(taken).padStart(2, '0')}-${name}`);
  await card?.scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${path}.png` });
  if (!card) return;
  const { width, height } = page.viewportSize() ?? { width: 1400, height: 1000 };
  // What is outside of the window is cut off.
  await page.setViewportSize({ width, height: tall });
  const resize = (width: string) =>
    card.evaluate((element, width) => {
      element.style.width = width;
    }, width);
  await resize(`${phone}px`);
  await card.screenshot({ path: `${path}-phone.png` });
  await resize('');
  await page.setViewportSize({ width, height });
}
