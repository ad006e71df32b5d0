import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { approvals, type Harness, startHarness } from '../support/harness.ts';
import { alex, bot, megan, stranger, type TestPerson } from '../support/people.ts';
import { signOnToken, type TokenRequest } from '../support/token-issuer.ts';
import { openBrowser } from './browser.ts';
import { eventually } from './outside.ts';
import { shot, startShots } from './shots.ts';
import { frameInTeams, type InTeams, type TeamsHost } from './teams-host.ts';

const root = join(import.meta.dirname, '../..');
let harness: Harness;
let browser: Browser;
let order: Awaited<ReturnType<Harness['order']>>;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  startShots('tab-teams');
  execFileSync('node', [join(root, 'src/tab/build.ts')], { stdio: 'inherit' });
  [harness, browser] = await Promise.all([startHarness(), openBrowser()]);
  order = await harness.order(alex, { name: 'Litware Voice' });
});
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await harness?.close();
});

/** A browser goes to no address that only a server listens on. */
const tab = () => `${harness.app.url.replace('0.0.0.0', '127.0.0.1')}/tab`;
const token = (person: TestPerson, request: Partial<TokenRequest> = {}) =>
  signOnToken(harness.issuer, { person, audience: bot.appId, ...request });
/** What the catalogue of a language has at a key: texts may change, that they are of this language may not. */
const text = (language: string, room: string, key: string): string =>
  JSON.parse(readFileSync(join(root, `src/language/messages/${language}/${room}.json`), 'utf8'))[key];

interface Opened extends TeamsHost {
  page: Page;
  /** What the browser complained of, such as a breach of the security policy. */
  complaints: string[];
  /** How often the server was asked for something. */
  asked(path: string): number;
}

async function newPage(): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    reducedMotion: 'reduce',
    // Teams is no network of this machine's to the browser, which would ask whether it may reach the bot here.
    permissions: ['clipboard-read', 'local-network-access'],
  });
  contexts.push(context);
  await context.route(
    (url) => url.hostname !== '127.0.0.1',
    (route) => route.abort(),
  );
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return page;
}

/** The tab in Teams, as it is for somebody whom Teams gives these tokens, one for each time it is asked. */
async function open(
  tokens: (TestPerson | Promise<string> | Error)[],
  { page, ...more }: Partial<InTeams> & { page?: Page } = {},
): Promise<Opened> {
  page ??= await newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  let given = 0;
  const signOn = async () => {
    const one = tokens[Math.min(given++, tokens.length - 1)];
    if (one === undefined || one instanceof Error) throw one ?? new Error('nobody is signed on');
    return 'aadObjectId' in one ? token(one) : one;
  };
  const host = await frameInTeams(page, { address: tab(), shownAs: 'content', signOn, ...more });
  return { ...host, page, complaints, asked: (path) => requests.filter((one) => one === path).length };
}

const row = ({ frame }: Opened, name = order.name) => frame.getByRole('row', { name });
const live = ({ frame }: Opened) => frame.locator('[data-live=live]').waitFor();
const views = ({ frame }: Opened) => frame.getByRole('tab').allTextContents();
const theme = ({ frame }: Opened, name: string) => frame.locator(`[data-theme=${name}]`).waitFor();
/** How Teams was asked who reads: whether it was to ask nobody. */
const signOns = ({ said }: Opened) =>
  said.filter(({ func }) => func === 'authentication.getAuthToken').map(({ args }) => args[2] === true);

async function violations(of: Opened): Promise<string[]> {
  const inside = of.inside();
  await inside.evaluate(axe.source);
  const found = await inside.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

test.each(['https://teams.microsoft.com', 'https://teams.cloud.microsoft'])(
  'in Teams at %s everybody is signed on by themselves and sees what is theirs to see',
  async (around) => {
    const alexs = await open([alex], { around });
    await row(alexs).waitFor();
    await live(alexs);
    expect(await views(alexs)).toEqual(['Board', 'Flow']);
    const megans = await open([megan], { around });
    await megans.frame.getByRole('article', { name: order.name }).waitFor();
    expect((await views(megans))[0]).toContain('Queue');
    expect(signOns(megans)).toEqual([false]);
    expect(megans.said.map(({ func }) => func)).toEqual(
      expect.arrayContaining(['appInitialization.appLoaded', 'appInitialization.success']),
    );
    expect([alexs.complaints, megans.complaints]).toEqual([[], []]);
  },
);

test('another window than Teams’ cannot frame it', async () => {
  const page = await newPage();
  const refused = page.waitForEvent('console', (line) => line.text().includes('frame-ancestors'));
  const evil = await open([alex], { page, around: 'https://evil.example' });
  await refused;
  expect(page.frames().some((one) => one.url().startsWith(tab()))).toBe(false);
  expect(evil.said).toEqual([]);
});

test.each<[string, () => Promise<string>, string]>([
  ['for another application', () => token(alex, { audience: bot.appId.replace('6', '7') }), 'for another application'],
  ['of a tenant that is not served', () => token(stranger), text('en', 'errors', 'tenant-unknown.says')],
  ['that is over, whichever is asked for', () => token(alex, { expiresIn: -3600 }), 'Your sign-on is over.'],
])('a token %s is refused with a sentence and a button, and the stream is not even tried', async (_, sign, says) => {
  const of = await open([sign()]);
  const alert = of.frame.getByRole('alert');
  await alert.filter({ hasText: says }).waitFor();
  await alert.getByRole('button', { name: 'Try again' }).waitFor();
  expect(of.asked('/api/board/events')).toBe(0);
  expect(await violations(of)).toEqual([]);
});

test('a token that has ended is renewed once, and nobody notices', async () => {
  const of = await open([token(alex, { expiresIn: -3600 }), alex]);
  await row(of).waitFor();
  await live(of);
  expect(signOns(of)).toEqual([false, false]);
  expect(await of.frame.getByRole('alert').count()).toBe(0);
});

test('a token that is just over, as far as two clocks may be apart, keeps one stream and not one after the other', async () => {
  const of = await open([token(alex, { expiresIn: -100 })]);
  await live(of);
  await harness.order(alex, { name: 'Relecloud' });
  await row(of, 'Relecloud').waitFor();
  await live(of);
  expect(of.asked('/api/board/events')).toBe(1);
});

test('the stream comes back without asking anybody anything', async () => {
  const page = await newPage();
  await page.route('**/api/board/events', (route) =>
    route.fulfill({ status: 401, json: { refusal: { code: 'sign-on-over', says: '', next: '' } } }),
  );
  const of = await open([alex, new Error('CancelledByUser'), alex], { page });
  await row(of).waitFor();
  await of.frame.getByText('The connection was lost.').waitFor();
  expect(signOns(of).slice(0, 2)).toEqual([false, true]);
  await page.unroute('**/api/board/events');
  await live(of);
  expect(signOns(of).filter((silent) => !silent)).toEqual([false]);
});

test.each([
  ['somebody has to consent first', 'invalid_grant: AADSTS65001 consent_required'],
  ['the reader closed the window', 'CancelledByUser'],
])('when %s, it says so plainly, asks no more by itself, and tries again at a click', async (_, why) => {
  const of = await open([new Error(why), alex]);
  const alert = of.frame.getByRole('alert');
  await alert.filter({ hasText: text('en', 'tab', 'sign-on.says') }).waitFor();
  expect(await alert.textContent()).not.toContain(why);
  await shot(of.page, 'sign-on');
  expect(await violations(of)).toEqual([]);
  expect(signOns(of)).toEqual([false]);
  await alert.getByRole('button', { name: 'Sign in' }).click();
  await row(of).waitFor();
  await live(of);
  expect(signOns(of)).toEqual([false, false]);
});

test('it follows the theme of Teams, and axe finds nothing in any', async () => {
  const of = await open([megan]);
  await of.frame.getByRole('article').first().waitFor();
  await theme(of, 'default');
  for (const name of ['dark', 'contrast']) {
    await of.become(name);
    await theme(of, name);
    expect(await violations(of)).toEqual([]);
    await shot(of.page, name);
  }
  const dark = await open([alex], { theme: 'dark', subPageId: `R-${order.id}` });
  await dark.frame.getByRole('complementary').waitFor();
  await theme(dark, 'dark');
  expect(await violations(dark)).toEqual([]);
});

test('it speaks the language of Teams, and so does what the server says', async () => {
  const of = await open([alex], { locale: 'de-de' });
  await row(of).waitFor();
  expect(await of.inside().evaluate('document.documentElement.lang')).toBe('de');
  expect(await views(of)).toEqual([text('de', 'tab', 'view.board'), text('de', 'tab', 'view.flow')]);
  const seen = await row(of).textContent();
  expect(seen).toContain(text('de', 'cards', 'state.pending'));
  expect(seen).toContain(text('de', 'work', 'waiting-for.approver'));
  await shot(of.page, 'german');
  await of.page.setViewportSize({ width: 360, height: 740 });
  expect(await of.inside().evaluate('document.documentElement.scrollWidth')).toBe(360);
  await shot(of.page, 'german-phone');
  expect(await violations(of)).toEqual([]);
});

test('a link to a row opens and focuses it, and makes another such link', async () => {
  const of = await open([alex], { subPageId: `R-${order.id}` });
  const details = of.frame.getByRole('complementary', { name: `Details of ${order.name}` });
  await details.waitFor();
  await of.frame.locator(`[data-key="request:${order.id}"]:focus`).waitFor();
  await details.getByRole('button', { name: 'Copy a link to this' }).click();
  await of.frame.locator('[data-voice]').filter({ hasText: 'The link is copied' }).waitFor({ state: 'attached' });
  const copied = new URL(await of.page.evaluate<string>('navigator.clipboard.readText()'));
  expect(copied.origin + copied.pathname).toBe(`https://teams.microsoft.com/l/entity/${bot.appId}/board`);
  const { subEntityId } = JSON.parse(copied.searchParams.get('context') ?? '{}');
  expect(subEntityId).toBe(`request:${order.id}`);

  const again = await open([megan], { subPageId: subEntityId });
  await again.frame.locator(`[data-key="request:${order.id}"]:focus`).waitFor();
});

test('the card is opened by Teams, beside the tab and not in its place', async () => {
  const card = await harness.see(approvals, `Reseller ${order.name}`, 'Approve');
  const of = await open([megan], { subPageId: `R-${order.id}` });
  const details = of.frame.getByRole('complementary');
  await details.getByRole('button', { name: 'Open the card in Teams' }).click();
  const opened = await eventually('a link that Teams is to open', async () =>
    of.said.find(({ func }) => func === 'executeDeepLink'),
  );
  const [place = ''] = approvals.id.split(';');
  const link = new URL(String(opened.args[0]));
  expect(link.origin + decodeURIComponent(link.pathname)).toBe(
    `https://teams.microsoft.com/l/message/${place}/${card.activityId}`,
  );
  expect(link.searchParams.get('tenantId')).toBe(megan.tenantId);
  expect(of.page.context().pages()).toHaveLength(1);
});

test('outside of Teams it says where it is to be opened, and lets nobody choose who they are', async () => {
  const page = await newPage();
  await page.goto(tab());
  await page.getByRole('heading', { name: text('en', 'tab', 'outside.title') }).waitFor();
  expect(await page.getByRole('link', { name: 'Open in Teams' }).getAttribute('href')).toBe(
    `https://teams.microsoft.com/l/entity/${bot.appId}/board`,
  );
  expect(await page.getByRole('button').count()).toBe(0);
  await shot(page, 'outside');
});
