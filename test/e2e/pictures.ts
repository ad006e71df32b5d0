import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { shrink } from '../../cards/gallery/png.ts';
import { isLanguage, languages } from '../../src/language/languages.ts';
import { fetchPage } from '../support/form-page.ts';
import type { Harness } from '../support/harness.ts';
import { pbxHarness, scriptedPreflight, secrets, typed } from '../support/pbx.ts';
import { alex, megan, type TestPerson } from '../support/people.ts';
import makeSnapshot from '../support/snapshot.ts';
import { startABoard } from './a-board.ts';
import { openBrowser, openPage } from './browser.ts';
import { frameInTeams } from './teams-host.ts';

/*
 * The pictures that the documents show of the tab and of the page of a form, and the sheets of the tab in every theme and
 * width. They are taken of the bot at work, as the browser tests see it.
 */

const root = join(import.meta.dirname, '../..');
const themes = { default: 'light', dark: 'dark', contrast: 'contrast' } as const;
type Theme = keyof typeof themes;
const widths = [320, 400, 720, 1280] as const;

interface View {
  /** What stands behind the #. */
  at: string;
  /** What is there once the view is. */
  shows: string;
}

const views: Record<'queue' | 'board' | 'flow' | 'row', View> = {
  queue: { at: 'view=queue', shows: 'role=article' },
  board: { at: 'view=board', shows: 'role=row' },
  flow: { at: 'view=flow', shows: 'role=listitem' },
  row: { at: 'row=enterprise:6005', shows: 'role=complementary' },
};

/** Takes a picture of the tab as somebody sees it. */
async function takeTab(
  browser: Browser,
  { app }: Harness,
  by: TestPerson,
  path: string,
  look: { theme: Theme; width: number; height: number; view: View; locale: string },
) {
  const { theme, width, height, view, locale } = look;
  const context = await browser.newContext({
    viewport: { width, height },
    locale,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  await context.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => route.abort(),
  );
  await context.addInitScript((id) => sessionStorage.setItem('teammate.person', id), by.aadObjectId);
  const page = await context.newPage();
  await page.goto(`${app.url}/tab?theme=${theme}#${view.at}`);
  await page.locator('[data-live=live]').waitFor();
  await page.locator(view.shows).first().waitFor();
  await page.screenshot({ path });
  await context.close();
}

/** By how much the pictures on a sheet are smaller than what they show: sixteen of them are to fit. */
const scale = 0.6;

/** Puts pictures onto one, a line a view and a column a width. */
async function takeSheet(browser: Browser, path: string, theme: Theme, taken: readonly string[]) {
  const page = await browser.newPage({ viewport: { width: 1720, height: 800 } });
  const ground = theme === 'default' ? '#d1d1d1' : '#3d3d3d';
  const images = taken.map((one) => {
    const png = readFileSync(one);
    // A PNG says its width at its sixteenth byte.
    return `<img width="${png.readUInt32BE(16) * scale}" src="data:image/png;base64,${png.toString('base64')}">`;
  });
  await page.setContent(`<body style="margin:0"><div style="display:grid; grid-template-columns:repeat(${widths.length},auto);
    gap:16px; padding:16px; width:max-content; background:${ground}">${images.join('')}</div>`);
  await page.locator('div').screenshot({ path });
  shrink(path);
  await page.close();
}

async function takeTabs(browser: Browser, docs: string, folder: string, locale: string) {
  const harness = await startABoard();
  try {
    const take = (by: TestPerson, path: string, theme: Theme, width: number, height: number, view: View) =>
      takeTab(browser, harness, by, path, { theme, width, height, view, locale });
    for (const theme of Object.keys(themes) as Theme[]) {
      const taken: string[] = [];
      for (const [name, view] of Object.entries(views))
        for (const width of widths) {
          const path = join(folder, `${themes[theme]}-${name}-${width}.png`);
          await take(megan, path, theme, width, 1000, view);
          taken.push(path);
        }
      await takeSheet(browser, join(docs, 'gallery', `tab-${themes[theme]}.png`), theme, taken);
    }
    for (const [name, by, theme, width, height, view] of [
      ['queue', megan, 'default', 1280, 860, views.queue],
      ['board', alex, 'default', 1280, 860, views.board],
      ['flow', megan, 'default', 1280, 640, views.flow],
      ['contrast', alex, 'contrast', 1280, 860, views.row],
      ['phone', alex, 'dark', 400, 860, { ...views.board, at: 'view=board&state=open' }],
    ] as const) {
      const path = join(docs, `tab-${name}.png`);
      await take(by, path, theme, width, height, view);
      shrink(path);
    }
  } finally {
    await harness.close();
  }
}

const publicUrl = 'https://bot.northwind.example';

/** The page of a form with two mistakes and a password that is kept, as Teams frames it. */
async function takeDialogs(browser: Browser, docs: string) {
  const { preflight } = scriptedPreflight();
  const harness = await pbxHarness({ env: { PUBLIC_URL: publicUrl }, replacements: { preflight } });
  try {
    const kim = await harness.join('Kim', 'requester');
    for (const [name, width, theme] of [
      ['dialog', 640, 'default'],
      ['dialog-phone', 320, 'dark'],
    ] as const) {
      const form = await harness.type(kim, 'setup pbx proseware; netsapiens; Branch; sip.branch.example; branch');
      const { value } = await fetchPage(harness, kim, form);
      const page = await openPage(browser);
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ reducedMotion: 'reduce' });
      const { url: address } = value as { url: string };
      const { frame } = await frameInTeams(page, { bot: harness.app.url, publicUrl, address, theme });
      await frame.getByLabel('Registration Expiry').fill('5');
      await frame.getByRole('textbox', { name: 'SIP Password' }).fill(secrets.password);
      await frame.getByRole('textbox', { name: 'Client Secret' }).fill(secrets.clientSecret);
      await frame.getByLabel('Client ID').fill(typed.clientId);
      await frame.getByRole('button', { name: 'Submit' }).click();
      await frame.getByText('2 fields need mending').waitFor();
      await frame.locator('button:enabled', { hasText: 'Submit' }).waitFor();
      const path = join(docs, `${name}.png`);
      await page.screenshot({ path });
      shrink(path);
      await page.close();
    }
  } finally {
    await harness.close();
  }
}

const { values } = parseArgs({ options: { language: { type: 'string', default: 'en' } } });
const { language } = values;
if (!isLanguage(language)) throw new Error(`The tab speaks ${languages.join(', ')}, and not ${language}.`);
execFileSync(process.execPath, [join(root, 'src/tab/build.ts')], { stdio: 'inherit' });
await makeSnapshot();
const folder = join(import.meta.dirname, 'out/pictures', language);
// The documents are in English; in another language the same is made to be looked at.
const docs = language === 'en' ? join(root, 'docs') : folder;
mkdirSync(join(docs, 'gallery'), { recursive: true });
mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
try {
  await takeTabs(browser, docs, folder, language === 'en' ? 'en-GB' : language);
  if (language === 'en') await takeDialogs(browser, docs);
} finally {
  await browser.close();
}
