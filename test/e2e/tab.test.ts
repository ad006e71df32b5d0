import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';
import { approvals, type Harness } from '../support/harness.ts';
import { alex, megan, type TestPerson } from '../support/people.ts';
import makeSnapshot from '../support/snapshot.ts';
import { startABoard } from './a-board.ts';
import { openBrowser } from './browser.ts';
import { eventually } from './outside.ts';
import { shot, startShots } from './shots.ts';
import { startWire } from './wire.ts';

const root = join(import.meta.dirname, '../..');
let harness: Harness;
let browser: Browser;
const pages: Page[] = [];

beforeAll(async () => {
  startShots('tab');
  execFileSync('node', [join(root, 'src/tab/build.ts')], { stdio: 'inherit' });
  browser = await openBrowser();
  await makeSnapshot();
  harness = await startABoard();
});
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
});
afterAll(async () => {
  await browser?.close();
  await harness?.close();
});

interface Look {
  theme?: 'default' | 'dark' | 'contrast';
  width?: number;
  height?: number;
  /** What stands behind the #. */
  at?: string;
  /** Where the bot is reached, if not directly. */
  through?: string;
}

/** The tab as somebody sees it, who has chosen who they are, or is still to. */
async function open(
  person: TestPerson | undefined,
  { theme = 'default', width = 1280, height = 900, at = '', through }: Look = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  await context.route(
    (url) => url.hostname !== '127.0.0.1',
    (route) => route.abort(),
  );
  if (person) await context.addInitScript((id) => sessionStorage.setItem('teammate.person', id), person.aadObjectId);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  pages.push(page);
  await page.goto(`${through ?? harness.app.url}/tab?theme=${theme}#${at}`);
  if (person) await page.getByRole('tablist').waitFor();
  return page;
}

const row = (page: Page, name: string) => page.getByRole('row', { name });
const live = (page: Page) => page.locator('[data-live=live]').waitFor();
const focused = (page: Page) => page.locator(':focus').textContent();

/** Waits until something is seen to say all of this. */
async function says(what: Locator, ...texts: string[]) {
  let last = '';
  await eventually(`${texts.join(' and ')} is seen`, async () => {
    last = (await what.textContent({ timeout: 1_000 }).catch(() => '')) ?? '';
    return texts.every((text) => last.includes(text)) ? true : undefined;
  }).catch((error) => {
    throw new Error(`${error.message}; it said: ${last}`);
  });
}

async function expectNoViolations(page: Page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
const width = (page: Page) => page.locator('html').evaluate(({ scrollWidth }) => scrollWidth);

test('whoever opens it outside of Teams says who they are, and can become somebody else', async () => {
  const page = await open(undefined);
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  await expectNoViolations(page);
  await page.getByRole('button', { name: 'Alex Reseller' }).click();
  await row(page, 'Contoso').waitFor();
  expect(await page.getByRole('tab').allTextContents()).toEqual(['Board', 'Flow']);
  await page.getByLabel('Development: you are').selectOption({ label: 'Megan Approver (administrator, approver)' });
  await page.getByRole('tab', { name: 'Queue' }).waitFor();
});

test('the board shows what was ordered in the chat, and changes by itself when it is approved elsewhere', async () => {
  const page = await open(alex);
  await live(page);
  await says(row(page, 'Humongous Insurance'), 'Not active yet', 'Waiting for admin@humongous.example', 'days ago');
  const order = await harness.order(alex, { name: 'Litware Voice', billingReference: 'NW-77' });
  await says(row(page, 'Litware Voice'), 'Pending', 'Waiting for an approver', 'NW-77');
  await row(page, 'Litware Voice').focus();
  await harness.click(megan, await harness.see(approvals, 'Reseller Litware Voice', 'Approve'), 'Approve');
  await says(row(page, 'Litware Voice'), `Waiting for ${order.email} to activate`);
  expect(await focused(page)).toContain('Litware Voice');
  await says(page.locator('[data-voice]'), 'Litware Voice is now: Not active yet.');
  await harness.activate(order.email);
  await says(row(page, 'Litware Voice'), 'Active');
});

test('an approver decides in the queue: a rejection needs its reason, and nothing typed is lost', async () => {
  const order = await harness.order(alex, { name: 'Lamna Healthcare' });
  const other = await harness.order(alex, { name: 'Nod Publishers' });
  const page = await open(megan);
  const card = page.getByRole('article', { name: 'Lamna Healthcare' });
  await says(card, `R-${order.id}`, 'asked for by Alex Reseller', 'Preferred Email', order.email);
  await shot(page, 'queue');
  await card.getByRole('button', { name: 'Reject' }).click();
  await says(card, 'Say why: a rejection needs a reason.');
  await card.locator('textarea:focus').waitFor();
  await card.getByRole('textbox', { name: 'Reason' }).fill('Use the new contract');

  await page.getByRole('tab', { name: 'Board' }).click();
  await page.getByRole('tab', { name: 'Queue' }).click();
  expect(await card.getByRole('textbox', { name: 'Reason' }).inputValue()).toBe('Use the new contract');
  await card.getByRole('button', { name: 'Reject' }).click();
  await says(page.getByRole('group', { name: 'Lamna Healthcare' }), 'Rejected');
  await harness.see(approvals, 'Reseller Lamna Healthcare', 'Rejected by', 'Use the new contract');

  const second = page.getByRole('article', { name: 'Nod Publishers' });
  await second.getByRole('button', { name: 'Approve' }).click();
  await says(page.getByRole('group', { name: 'Nod Publishers' }), `R-${other.id}`);
  await harness.see(approvals, 'Reseller Nod Publishers', 'Approved by');
  expect(await focused(page)).toContain('Nod Publishers');
});

test('who was slower is told so beside the button, and an own request is not theirs to decide', async () => {
  const pat = await harness.join('Pat Approver', 'approver');
  await harness.order(alex, { name: 'Fourth Coffee' });
  const page = await open(megan);
  const card = page.getByRole('article', { name: 'Fourth Coffee' });
  await card.getByRole('textbox', { name: 'Reason' }).fill('Not now');
  // Of what is decided meanwhile the page does not hear.
  await page.route('**/api/board', (route) => route.abort());
  const post = await harness.see(approvals, 'Reseller Fourth Coffee', 'Approve');
  await harness.click(pat, post, 'Approve');
  await card.getByRole('button', { name: 'Reject' }).click();
  await says(card.getByRole('group').first(), 'Pat Approver');
  await page.unroute('**/api/board');

  await harness.type(megan, `grant requester ${megan.aadObjectId}`);
  await harness.order(megan, { name: 'Own Order' });
  const again = await open(megan);
  const own = again.getByRole('article', { name: 'Own Order' });
  await says(own, 'Your own', 'somebody else decides on it');
  expect(await own.getByRole('button', { name: /Approve|Reject/ }).count()).toBe(0);
});

test('search and filters find it, keep it over a reload, and say when there is nothing', async () => {
  const page = await open(alex);
  await page.getByRole('searchbox', { name: 'Search' }).fill('humongous');
  await eventually('two rows', async () => ((await page.getByRole('row').count()) === 3 ? true : undefined));
  expect(await page.getByRole('row').nth(1).textContent()).toContain('Fabrikam');
  await page.reload();
  expect(await page.getByRole('searchbox', { name: 'Search' }).inputValue()).toBe('humongous');
  await row(page, 'Humongous Insurance').waitFor();
  await page.getByRole('searchbox', { name: 'Search' }).fill('nobody has this name');
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.getByRole('button', { name: 'Clear the filters' }).first().click();

  await page.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'PBXes' }).click();
  await row(page, 'Head Office').waitFor();
  expect(await row(page, 'Contoso').count()).toBe(0);
  expect(page.url()).toContain('kind=pbx');
  await page.getByRole('combobox', { name: 'Kind' }).click();
  await page.getByRole('option', { name: 'Every kind' }).click();
  await page.getByRole('combobox', { name: 'Order' }).click();
  await page.getByRole('option', { name: 'Waiting longest first' }).click();
  expect(await page.getByRole('row').nth(1).textContent()).toContain('Humongous Insurance');
});

test('the board is downloaded as a file', async () => {
  const page = await open(alex, { at: 'search=contoso' });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^board-\d{4}-\d{2}-\d{2}\.csv$/);
  const text = readFileSync(await download.path(), 'utf8');
  expect(text).toContain('voice@contoso.example');
  expect(text).not.toContain('Fabrikam');
});

test('a link leads to its row, which is focused and told of; it can be copied again', async () => {
  const page = await open(alex, { at: 'row=enterprise:5901' });
  await page.getByRole('complementary', { name: 'Details of Proseware' }).waitFor();
  await page.locator('[data-key="enterprise:5901"]:focus').waitFor();
  await page.getByRole('complementary').getByRole('button', { name: 'Copy a link to this' }).click();
  await says(page.locator('[data-voice]'), 'The link is copied');
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${harness.app.url}/tab#row=enterprise%3A5901`);
});

test('the keyboard alone does all of it', async () => {
  const page = await open(alex);
  await live(page);
  await row(page, 'Fabrikam').focus();
  await page.keyboard.press('ArrowLeft');
  expect(await row(page, 'Fabrikam').getAttribute('aria-expanded')).toBe('false');
  expect(await row(page, 'Proseware').count()).toBe(0);
  await page.keyboard.press('ArrowRight');
  await row(page, 'Proseware').waitFor();
  await page.keyboard.press('ArrowDown');
  expect(await focused(page)).toContain('Humongous Insurance');
  await page.keyboard.press('ArrowRight');
  await page.locator('time:focus').waitFor();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.getByRole('complementary', { name: 'Details of Humongous Insurance' }).waitFor();
  await eventually('the details are focused', async () =>
    (await focused(page)) === 'Humongous Insurance' ? true : undefined,
  );
  await page.keyboard.press('Escape');
  await page.locator('[role=row]:focus').waitFor();
  await page.keyboard.press('ArrowLeft');
  expect(await focused(page)).toContain('Fabrikam');
  await page.keyboard.press('End');
  const last = await page.getByRole('row').last().textContent();
  expect(await focused(page)).toBe(last);

  await page.getByRole('tab', { name: 'Board' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('heading', { name: 'Where the time goes' }).waitFor();
  expect(await focused(page)).toBe('Flow');
});

test('the flow tells how long each stage takes, as a plot and as tables', async () => {
  const page = await open(megan, { at: 'view=flow' });
  await says(page.getByRole('listitem').filter({ hasText: 'half within' }).first(), '9 in 10 within');
  await shot(page, 'flow');
  await page.getByRole('button', { name: 'Show as tables' }).click();
  const table = page.getByRole('table', { name: 'How long each stage takes' });
  await says(table, 'Approval', 'Activation', 'Half within');
  await page.setViewportSize({ width: 320, height: 700 });
  expect(await width(page)).toBe(320);
  await expectNoViolations(page);
});

test('a stream that breaks is said, and what changed meanwhile is there once it is back', async () => {
  const { port } = new URL(harness.app.url);
  const wire = await startWire(Number(port));
  const page = await open(alex, { through: wire.url });
  await live(page);
  await wire.cut();
  await says(page.locator('.fui-MessageBar'), 'The connection was lost.', 'Live again in');
  await shot(page, 'lost');
  await harness.order(alex, { name: 'Relecloud' });
  await wire.mend();
  await says(row(page, 'Relecloud'), 'Pending');
  await live(page);
  expect(await page.getByText('The connection was lost.').count()).toBe(0);
  await wire.cut();
});

describe('axe finds nothing, and nothing scrolls sideways', () => {
  test.each(['default', 'dark', 'contrast'] as const)('in the theme %s', async (theme) => {
    for (const size of [320, 400, 720, 1280]) {
      for (const at of ['view=queue', 'view=board', 'view=flow', 'row=enterprise:6005']) {
        const page = await open(megan, { theme, width: size, at });
        await live(page);
        if (at.startsWith('row')) await page.getByRole('complementary').getByText('Asked for by').waitFor();
        await expectNoViolations(page);
        expect({ theme, size, at, width: await width(page) }).toEqual({ theme, size, at, width: size });
        await shot(page, `${theme}-${size}-${at.replace(/\W/g, '-')}`);
        await page.context().close();
      }
    }
  });
});
