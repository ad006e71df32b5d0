import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { fetchPage, openPage as openFormPage } from '../support/form-page.ts';
import type { Harness, Posted } from '../support/harness.ts';
import { pbxHarness, scriptedPreflight, secrets, typed } from '../support/pbx.ts';
import { type TestPerson, tenantId } from '../support/people.ts';
import { openBrowser, openPage } from './browser.ts';
import { shot, startShots } from './shots.ts';
import { frameInTeams } from './teams-host.ts';

const publicUrl = 'https://bot.northwind.example';
const root = join(import.meta.dirname, '../..');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const script = scriptedPreflight();
let harness: Harness;
let browser: Browser;
beforeAll(async () => {
  startShots('dialog');
  execFileSync(process.execPath, [join(root, 'src/tab/build.ts')]);
  [harness, browser] = await Promise.all([
    pbxHarness({
      env: { PUBLIC_URL: publicUrl, PREFLIGHT_PER_MINUTE: '1000' },
      replacements: { preflight: script.preflight },
    }),
    openBrowser(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await harness?.close();
});

interface Opened {
  page: Page;
  frame: FrameLocator;
  said: { func: string; args: unknown[] }[];
  form: Posted;
  kim: TestPerson;
  /** What the browser complained of, such as a breach of the security policy. */
  complaints: string[];
  /** Every address and body that left the browser. */
  sent: { url: string; body: string }[];
}

/** Somebody types the command, clicks the button on the form, and Teams shows the page. */
async function opened(
  said = 'setup pbx',
  { width = 640, height = 900, theme = 'default' }: { width?: number; height?: number; theme?: string } = {},
): Promise<Opened> {
  const kim = await harness.join('Kim', 'requester');
  const form = await harness.type(kim, said);
  const { value } = await fetchPage(harness, kim, form);
  const page = await openPage(browser);
  await page.setViewportSize({ width, height });
  // A colour that is on its way to another is nobody's to judge.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const complaints: string[] = [];
  const sent: Opened['sent'] = [];
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => sent.push({ url: request.url(), body: request.postData() ?? '' }));
  const address = (value as { url: string }).url;
  const framed = await frameInTeams(page, { bot: harness.app.url, publicUrl, address, theme });
  await framed.frame.getByRole('heading', { level: 1 }).waitFor();
  return { page, ...framed, form, kim, complaints, sent };
}

/** What axe finds wrong with the page as it stands. */
async function violations({ page }: Pick<Opened, 'page'>): Promise<string[]> {
  const frame = page.frames().find((one) => one.url().startsWith(publicUrl)) ?? page.mainFrame();
  await frame.evaluate(axe);
  return frame.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const found = await axe.run();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  });
}

async function fillFirst({ frame }: Opened) {
  await frame.getByLabel('Enterprise').selectOption('Proseware');
  await frame.getByLabel('PBX Type').selectOption('Netsapiens');
  await frame.getByRole('button', { name: 'Next' }).click();
  await frame.getByLabel('PBX Location').waitFor();
}

async function fillWhole({ frame }: Opened, location: string) {
  await frame.getByLabel('PBX Location').fill(location);
  await frame.getByLabel('PBX DNS Lookup Type').selectOption('A');
  await frame.getByLabel('PBX SIP Domain', { exact: false }).first().fill(typed.domain);
  await frame.getByLabel('Transport').selectOption('UDP');
  await frame.getByLabel('SIP User').fill(typed.user);
  await frame.getByRole('textbox', { name: 'SIP Password' }).fill(secrets.password);
  await frame.getByLabel('Portal Authorization URL').fill(typed.authorizationUrl);
  await frame.getByLabel('Client ID').fill(typed.clientId);
  await frame.getByRole('textbox', { name: 'Client Secret' }).fill(secrets.clientSecret);
}

const focused = ({ page }: Opened) =>
  page
    .frames()
    .find((one) => one.url().startsWith(publicUrl))
    ?.evaluate<string>('document.activeElement?.getAttribute("name")');

test('a PBX is ordered on its page, and its passwords go nowhere but to the bot', async () => {
  const one = await opened();
  const { frame, page, said, form, complaints, sent } = one;
  await shot(page, 'first');
  expect(await violations(one)).toEqual([]);

  await frame.getByRole('button', { name: 'Next' }).click();
  await frame.getByRole('alert').filter({ hasText: 'Enterprise is needed.' }).waitFor();
  expect(await focused(one)).toBe('enterprise');
  await fillFirst(one);
  expect(await violations(one)).toEqual([]);

  await fillWhole(one, 'Main Street');
  await frame.getByLabel('Registration Expiry').fill('5');
  await frame.getByLabel('Voicemail Feature Code').fill('letters');
  await frame.getByRole('button', { name: 'Show SIP Password' }).click();
  expect(await frame.getByRole('textbox', { name: 'SIP Password' }).getAttribute('type')).toBe('text');
  await frame.getByRole('button', { name: 'Hide SIP Password' }).click();
  await frame.getByRole('button', { name: 'Submit' }).click();

  await frame.getByText('2 fields need mending').waitFor();
  await frame.getByRole('alert').filter({ hasText: '60 to 3600' }).waitFor();
  expect(await frame.getByLabel('Registration Expiry').getAttribute('aria-invalid')).toBe('true');
  const described = await frame.getByLabel('Registration Expiry').getAttribute('aria-describedby');
  expect(described).toBeTruthy();
  expect(await frame.getByLabel('PBX Location').inputValue()).toBe('Main Street');
  expect(await frame.getByRole('textbox', { name: 'SIP Password' }).inputValue()).toBe('');
  await frame.getByText('Kept; type to replace').first().waitFor();
  await shot(page, 'mistakes');
  expect(await violations(one)).toEqual([]);

  await frame.getByLabel('Registration Expiry').fill('300');
  await frame.getByLabel('Voicemail Feature Code').fill('');
  await frame.getByRole('button', { name: 'Submit' }).click();
  await frame.getByRole('heading', { name: /R-\d+ was asked for/ }).waitFor();
  expect(await violations(one)).toEqual([]);

  const card = await harness.see(form.where, 'PBX Main Street', 'Being checked');
  expect(card.activityId).toBe(form.activityId);
  const id = /R-(\d+)/.exec(card.says)?.[1];
  const ended = said.find(({ func }) => func === 'tasks.completeTask');
  expect(ended?.args[0]).toEqual({ requestId: id });
  expect(script.runs.at(-1)?.account.password).toBe(secrets.password);

  const posts = sent.filter(({ body }) => body.includes(secrets.password.trim()));
  expect(new Set(posts.map(({ url }) => url))).toEqual(new Set([`${publicUrl}/api/dialog/form`]));
  const ticket = (await fragment(page)).slice(1);
  expect(sent.filter(({ url }) => new URL(url).hash === '' && url.includes(ticket))).toEqual([]);
  expect(JSON.stringify(said)).not.toContain(secrets.password.trim());
  expect(complaints).toEqual([]);
  await page.close();
});

/** A browser goes to no address that only a server listens on. */
const here = () => harness.app.url.replace('0.0.0.0', '127.0.0.1');
const fragment = async (page: Page) => new URL(page.frames().at(-1)?.url() ?? '').hash;

test.each([
  ['light', 640, 'default'],
  ['dark', 640, 'dark'],
  ['contrast', 640, 'contrast'],
  ['light-phone', 320, 'default'],
  ['dark-phone', 320, 'dark'],
])('looks right and is without a fault of axe: %s', async (name, width, theme) => {
  const one = await opened('setup pbx proseware; netsapiens; Branch; sip.branch.example; branch', { width, theme });
  const { frame, page, complaints } = one;
  await frame.getByLabel('Registration Expiry').fill('5');
  await frame.getByRole('textbox', { name: 'SIP Password' }).fill(secrets.password);
  await frame.getByRole('textbox', { name: 'Client Secret' }).fill(secrets.clientSecret);
  await frame.getByLabel('Client ID').fill(typed.clientId);
  await frame.getByRole('button', { name: 'Submit' }).click();
  await frame.getByText('2 fields need mending').waitFor();
  expect(await focused(one)).toBe('expiry');
  await shot(page, name);
  expect(await violations(one)).toEqual([]);
  const overflows = await page
    .frames()
    .at(-1)
    ?.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth');
  expect(overflows).toBe(false);
  expect(complaints).toEqual([]);
  await page.close();
});

test('can be filled in with the keyboard alone', async () => {
  const one = await opened();
  const { frame, page } = one;
  await frame.getByLabel('Enterprise').focus();
  await page.keyboard.type('Prosew');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Netsap');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await frame.getByLabel('PBX Location').waitFor();
  await page.close();
});

test('finds an enterprise among very many by a part of its name', async () => {
  const many = Array.from({ length: 120 }, (_, at) => ({
    tenant_id: tenantId,
    kind: 'enterprise' as const,
    reference: `7${String(at).padStart(3, '0')}`,
    name: `Enterprise ${String(at).padStart(3, '0')}`,
    keys: [],
    facts: JSON.stringify({ services: 'PBX', pbxTypes: '1' }),
    active: true,
    parent: '5101',
    synced_at: new Date(Date.now() + 3_600_000),
  }));
  await harness.db.insertInto('listed').values(many).execute();
  const one = await opened();
  const { frame, page, complaints } = one;
  const enterprise = frame.getByRole('combobox', { name: 'Enterprise' });
  await enterprise.click();
  await enterprise.pressSequentially('prosew');
  await frame.getByRole('option', { name: 'Proseware' }).waitFor();
  await frame.getByRole('option', { name: 'Enterprise 001' }).waitFor({ state: 'detached' });
  await shot(page, 'searched');
  expect(await violations(one)).toEqual([]);
  await frame.getByRole('option', { name: 'Proseware' }).click();
  expect(await enterprise.inputValue()).toBe('Proseware');
  await enterprise.press('ControlOrMeta+a');
  await enterprise.pressSequentially('nobody is called so');
  await frame.getByText('Nothing is found.').waitFor();
  await page.keyboard.press('Escape');
  await frame.getByLabel('PBX Type').selectOption('Netsapiens');
  expect(await enterprise.inputValue()).toBe('Proseware');
  await frame.getByRole('button', { name: 'Next' }).click();
  await frame.getByLabel('PBX Location').waitFor();
  expect(await enterprise.inputValue()).toBe('Proseware');
  expect(complaints).toEqual([]);
  await page.close();
  await harness.db.deleteFrom('listed').where('reference', 'like', '7%').where('kind', '=', 'enterprise').execute();
});

test('outside of Teams it is the same page, says how it ended, and what was typed outlives a broken connection', async () => {
  const kim = await harness.join('Kim', 'requester');
  const form = await harness.type(kim, 'setup pbx proseware; netsapiens; Offline; sip.branch.example; branch');
  const { ticket } = await openFormPage(harness, kim, form);
  const page = await openPage(browser);
  const answer = await page.goto(`${here()}/tab/dialog#${ticket}`);
  expect(answer?.headers()).toMatchObject({
    'referrer-policy': 'no-referrer',
    'content-security-policy': expect.stringContaining("script-src 'self';"),
  });
  await page.getByRole('textbox', { name: 'SIP Password' }).fill(secrets.password);
  await page.getByRole('textbox', { name: 'Client Secret' }).fill(secrets.clientSecret);
  await page.getByLabel('Portal Authorization URL').fill(typed.authorizationUrl);
  await page.getByLabel('Client ID').fill(typed.clientId);
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' }).waitFor();
  expect(await violations({ page })).toEqual([]);
  expect(await page.getByRole('textbox', { name: 'SIP Password' }).inputValue()).toBe(secrets.password);
  await page.context().setOffline(false);
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.getByRole('heading', { name: /was asked for/ }).waitFor();
  await harness.see(form.where, 'PBX Offline');

  await page.reload();
  await page.getByRole('heading', { name: /was asked for/ }).waitFor();
  await page.goto('about:blank');
  await page.goto(`${here()}/tab/dialog#${ticket.slice(0, -8)}`);
  await page.getByRole('heading', { name: 'This page was opened too long ago' }).waitFor();
  await shot(page, 'over');
  expect(await violations({ page })).toEqual([]);
  await page.close();
});
