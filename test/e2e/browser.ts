import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

/** @throws Error that says how to get Chromium, when there is none */
export async function openBrowser(): Promise<Browser> {
  const path = process.env.CHROMIUM_PATH || '/usr/bin/chromium';
  if (!existsSync(path))
    throw new Error(
      `The browser tests need Chromium, and there is none at ${path}. ` +
        'Install it (apt-get install chromium), or set CHROMIUM_PATH to where it is.',
    );
  // Chromium refuses to run its sandbox as root, which containers often are.
  const asRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath: path, args: asRoot ? ['--no-sandbox'] : [] });
}

/** A page that reaches this machine only: the Playground asks for fonts elsewhere and is the same without them. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  page.setDefaultTimeout(30_000);
  // Of the context, so that it holds for the tabs that this one opens too.
  await page.context().route(
    (url) => !['127.0.0.1', 'localhost'].includes(url.hostname) && url.protocol.startsWith('http'),
    (route) => route.abort(),
  );
  return page;
}
