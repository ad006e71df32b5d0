import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';

/** Does something on the gallery's page, in a Chromium of its own. @throws Error that says how to get one */
export async function onPage<T>(path: string, scale: number, does: (page: Page) => Promise<T>): Promise<T> {
  const executablePath = process.env.CHROMIUM_PATH || '/usr/bin/chromium';
  if (!existsSync(executablePath))
    throw new Error(
      `The gallery needs Chromium, and there is none at ${executablePath}. ` +
        'Install it (apt-get install chromium), or set CHROMIUM_PATH to where it is.',
    );
  // Chromium refuses to run its sandbox as root, which containers often are.
  const asRoot = process.getuid?.() === 0;
  const browser = await chromium.launch({ executablePath, args: asRoot ? ['--no-sandbox'] : [] });
  try {
    const page = await browser.newPage({
      viewport: { width: 1000, height: 1200 },
      deviceScaleFactor: scale,
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    await page.goto(pathToFileURL(path).href);
    return await does(page);
  } finally {
    await browser.close();
  }
}
