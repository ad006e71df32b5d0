import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { unusable } from '../../src/demo/ports.ts';
import { openBrowser } from './browser.ts';
import { Client, choice, field } from './client.ts';
import { type Demo, freePorts, type Ports, startDemo } from './demo.ts';
import { openMail } from './mail.ts';
import { activationLink, addInTeamMate, eventually, fault } from './outside.ts';
import { shot, startShots } from './shots.ts';

let folder: string;
let ports: Ports;
let demo: Demo;
let browser: Browser;
let alex: Client;
let megan: Client;

beforeAll(async () => {
  startShots('story');
  browser = await openBrowser();
  folder = mkdtempSync(join(tmpdir(), 'teammate-demo-'));
  ports = await freePorts();
  demo = await startDemo(folder, ports);
  await openClients();
});

afterAll(async () => {
  await demo?.stop();
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Each at their own Playground, Megan in her channel. */
async function openClients() {
  alex = await Client.open(browser, demo.address.alex);
  megan = await Client.open(browser, demo.address.megan);
  await megan.openChannel('Approvals');
}

/** What a request's own card is headed; a message about it says "the reseller …". */
const card = (name: string) => new RegExp(`Reseller ${name}`);

/** What only the form says: help has the words of every command. */
const resellerForm = ['Add Reseller', 'Nothing is ordered before an approver'] as const;

/** Alex asks for a reseller in one line and submits the form. Resolves to the request's id, as in R-1001. */
async function ask(name: string): Promise<string> {
  const host = `${name.toLowerCase().replace(/\W+/g, '-')}.example`;
  await alex.say(`add reseller ${name}; ops@${host}; pbx`);
  const form = await alex.see(...resellerForm);
  await alex.click(form, 'Submit');
  const asked = await alex.see(card(name), 'Pending');
  const id = /R-\d+/.exec((await asked.textContent()) ?? '')?.[0];
  if (!id) throw new Error('the card has no id');
  return id;
}

/** What stands on a card in this order, whatever is between. */
async function expectInOrder(form: Locator, ...texts: string[]) {
  const says = (await form.textContent()) ?? '';
  const places = texts.map((text) => says.indexOf(text));
  expect({ says, texts, places }).toEqual({ says, texts, places: places.toSorted((a, b) => a - b) });
  expect(places).not.toContain(-1);
}

test('the bot greets whoever opens it, and help lists what each may do', async () => {
  const greeting = await alex.see('TeamMate is here', 'add reseller');
  await alex.shot('greeting', greeting);
  await alex.say('help');
  const help = await alex.see('What you can do here', 'add reseller', 'list resellers');
  expect(await help.getByRole('button', { name: 'pending', exact: true }).count()).toBe(0);
  await alex.shot('help', help);

  await megan.say('help');
  const hers = await megan.see('What you can do here', 'pending');
  expect(await hers.getByRole('button', { name: 'add reseller', exact: true }).count()).toBe(0);
  await megan.shot('help-approver', hers);
  await megan.openChannel('Approvals');
});

test('a misspelt command is offered right, as a button', async () => {
  await alex.say('ad resellr');
  const offer = await alex.see('I did not understand that');
  await alex.shot('misspelt', offer);
  await alex.click(offer, 'add reseller');
  const form = await alex.see(...resellerForm);
  expect(await field(form, 'Reseller Name').inputValue()).toBe('');
  await alex.shot('form-empty', form);
  await alex.click(form, 'Cancel');
  const cancelled = await alex.see('Nothing was ordered');
  await alex.shot('form-cancelled', cancelled);
});

test('a reseller goes from one line in a chat to active, and everybody is told', async () => {
  await alex.say('add reseller Contoso; ops@contoso.example; pbx, trunk; B-77');
  const form = await alex.see(...resellerForm);
  expect(await field(form, 'Reseller Name').inputValue()).toBe('Contoso');
  expect(await field(form, 'Preferred Email').inputValue()).toBe('ops@contoso.example');
  expect(await choice(form, 'PBX Connector').isChecked()).toBe(true);
  expect(await choice(form, 'SIP Trunk').isChecked()).toBe(true);
  expect(await field(form, 'Billing Reference').inputValue()).toBe('B-77');
  await alex.shot('form-filled-in', form);

  // What the client itself checks never reaches the bot.
  await choice(form, 'PBX Connector').uncheck();
  await choice(form, 'SIP Trunk').uncheck();
  await alex.click(form, 'Submit');
  await alex.see('Services is needed.');
  await choice(form, 'SIP Trunk').check();
  await field(form, 'Reseller Name').fill('FABRIKAM');
  await field(form, 'Preferred Email').fill('taken@fabrikam.example');
  await alex.click(form, 'Submit');
  const wrong = await alex.see('2 fields need');
  await expectInOrder(wrong, 'Reseller Name', 'name is taken', 'Preferred Email', 'already used', 'Services');
  expect(await field(wrong, 'Reseller Name').inputValue()).toBe('FABRIKAM');
  expect(await field(wrong, 'Preferred Email').inputValue()).toBe('taken@fabrikam.example');
  expect(await choice(wrong, 'PBX Connector').isChecked()).toBe(false);
  expect(await choice(wrong, 'SIP Trunk').isChecked()).toBe(true);
  expect(await field(wrong, 'Billing Reference').inputValue()).toBe('B-77');
  await alex.shot('form-wrong', wrong);

  await field(wrong, 'Reseller Name').fill('Contoso');
  await field(wrong, 'Preferred Email').fill('ops@contoso.example');
  await choice(wrong, 'PBX Connector').check();
  const before = await alex.cards().count();
  await alex.click(wrong, 'Submit');
  const pending = await alex.see(card('Contoso'), 'Pending');
  await alex.shot('requested', pending);
  expect(await alex.cards(...resellerForm).count()).toBe(0);

  const approval = await megan.see(card('Contoso'), 'requested by Alex Wilber');
  await megan.shot('approval', approval);
  await megan.click(approval, 'Reject');
  const why = await megan.see(card('Contoso'), 'A rejection needs a reason');
  await megan.shot('approval-needs-a-reason', why);
  await megan.click(why, 'Approve');
  await megan.see(card('Contoso'), 'Approved by', 'Megan Bowen');

  const waiting = await alex.see(card('Contoso'), 'Waiting for ops@contoso.example to activate');
  await alex.shot('waiting', waiting);
  await megan.shot('waiting-in-channel', await megan.see(card('Contoso'), 'Waiting for ops@contoso.example'));

  await activationLink(demo.address.mail, 'ops@contoso.example');
  const mail = await openMail(browser, demo.address.mail, 'Activate Contoso in TeamMate');
  await shot(mail.page, 'mail');
  const page = await mail.follow('Activate the account');
  await page.getByLabel('Admin Email').fill('ops@contoso.example');
  await page.getByLabel('User Name').fill('contoso-admin');
  await page.getByLabel('Password', { exact: true }).fill('correct-horse-battery');
  await page.getByLabel('Confirm Password').fill('correct-horse-battery');
  await shot(page, 'activation');
  await page.getByRole('button', { name: 'Activate' }).click();
  await page.getByText('The account is active.').waitFor();
  await shot(page, 'activated');
  await page.goto(demo.address.simulator);
  await page.getByRole('row', { name: 'Contoso' }).getByText('Active').waitFor();
  await shot(page, 'portal');
  await page.close();
  await mail.page.close();

  const active = await alex.see(card('Contoso'), '✅ Active');
  await alex.shot('active', active);
  await megan.shot('active-in-channel', await megan.see(card('Contoso'), '✅ Active'));
  await megan.shot('active-message', await megan.see('✅ Contoso is active'));
  // In place: the card that was the form, and the one the approver clicked.
  expect(await alex.cards(card('Contoso')).count()).toBe(1);
  expect(await megan.cards(card('Contoso')).count()).toBe(1);
  // The form became the request's card; beside it there is the news.
  expect(await alex.cards().count()).toBe(before + 1);
});

test('a rejection reaches who asked, with its reason, and can be asked for again', async () => {
  const id = await ask('Woodgrove');
  const approval = await megan.see(card('Woodgrove'), id);
  await field(approval, 'Reason').fill('Use the *new* contract first: <b>see</b> ${here}');
  await megan.click(approval, 'Reject');
  await megan.shot('rejected-in-channel', await megan.see(card('Woodgrove'), 'Rejected by', 'Megan Bowen'));
  const rejected = await alex.see(card('Woodgrove'), 'Use the *new* contract first: <b>see</b> ${here}');
  await alex.shot('rejected', rejected);
  await alex.click(rejected, 'Ask again');
  const form = await alex.see(...resellerForm);
  expect(await field(form, 'Reseller Name').inputValue()).toBe('Woodgrove');
  await alex.click(form, 'Cancel');
});

test('status shows what is open, pending what waits for an approver, and withdraw takes it back', async () => {
  await alex.say('status');
  await alex.shot('status-none', await alex.see('Your open requests', 'You have no open requests.'));
  const first = await ask('Proseware East');
  const second = await ask('Proseware West');
  await alex.say('status');
  const list = await alex.see('Your open requests', first, second, 'waiting for an approver');
  await alex.shot('status', list);

  await megan.post('pending');
  const queue = await megan.see('Waiting for approval', first, second);
  await megan.shot('pending', queue);

  await alex.say(`status ${first}`);
  const shown = alex.cards(card('Proseware East'));
  await eventually('the card of the request', async () => ((await shown.count()) === 2 ? true : undefined));
  await alex.shot('status-of-one', shown.last());

  await alex.click(shown.last(), 'Withdraw');
  await alex.see(card('Proseware East'), 'Withdrawn');
  // Both of his cards, and the one in the channel.
  await eventually('both cards withdrawn', async () =>
    (await alex.cards(card('Proseware East'), 'Withdrawn').count()) === 2 ? true : undefined,
  );
  const theirs = await megan.see(card('Proseware East'), 'Withdrawn');
  expect(await theirs.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  await alex.say('withdraw');
  await alex.shot('withdraw', await alex.see(second, 'Withdraw'));
  await alex.say(`withdraw ${second}`);
  await alex.shot('withdrawn', await alex.see(card('Proseware West'), 'Withdrawn'));
});

test('the resellers in TeamMate are listed a page at a time, and can be searched', async () => {
  await addInTeamMate(demo.address.simulator, [
    'Alpine',
    'Bellows',
    'Cronus',
    'Datum',
    'Graphic',
    'Humongous',
    'Lucerne',
  ]);
  const first = await eventually('a list with a second page', async () => {
    await alex.say('list resellers');
    // The mirror is made fresh by each look, so the next one shows what this one missed.
    const list = await alex.see('Resellers', /\d+ in all/);
    return (await list.getByRole('button', { name: 'Next' }).count()) > 0 ? list : undefined;
  });
  await alex.shot('resellers', first);
  await alex.click(first, 'Next');
  const second = await alex.see('Resellers', 'page 2 of 2');
  await alex.shot('resellers-second-page', second);
  await field(second, 'Search').fill('fabrikam');
  await alex.click(second, 'Search');
  const found = await alex.see('Resellers', '1 found', 'taken@fabrikam.example');
  expect(await field(found, 'Search').inputValue()).toBe('fabrikam');
  await alex.shot('resellers-found', found);
  await field(found, 'Search').fill('100%_\\');
  await alex.click(found, 'Search');
  await alex.shot('resellers-none', await alex.see('Resellers', 'None matches.'));
});

test('a provisioning that fails says why, and Retry does it', async () => {
  const id = await ask('Trey Research');
  await fault(demo.address.simulator, { status: 400, times: 1, path: '/reseller/newReseller' });
  await megan.click(await megan.see(card('Trey Research'), id), 'Approve');
  const failed = await alex.see(card('Trey Research'), 'Failed', 'A fault that was asked for.');
  await alex.shot('failed', failed);
  await megan.shot('failed-in-channel', await megan.see(card('Trey Research'), 'Failed'));
  await alex.click(failed, 'Retry');
  const waiting = await alex.see(card('Trey Research'), 'Waiting for ops@trey-research.example to activate');
  await alex.click(waiting, 'Resend activation e-mail');
  await alex.shot('resent', await alex.see(card('Trey Research'), 'The e-mail was sent again'));
});

test('TeamMate being down for a while is said, and mended by itself', async () => {
  const id = await ask('Relecloud');
  await fault(demo.address.simulator, { status: 503, times: 1, path: '/reseller/newReseller' });
  await megan.click(await megan.see(card('Relecloud'), id), 'Approve');
  await alex.shot('trouble', await alex.see(card('Relecloud'), 'did not succeed'));
  await alex.see(card('Relecloud'), 'Waiting for ops@relecloud.example to activate');
});

test('Ctrl-C leaves nothing running, and the next start finds everything again', async () => {
  const id = await ask('Wingtip');
  expect(await demo.stop()).toBe(0);
  expect(demo.said).toContain('All of it has ended.');
  expect(await unusable(ports)).toEqual([]);

  demo = await startDemo(folder, ports);
  await openClients();
  await alex.say(`status ${id}`);
  await alex.shot('status-after-restart', await alex.see(card('Wingtip'), id, 'Pending'));
  await megan.post(`status ${id}`);
  await megan.click(await megan.see(card('Wingtip'), id), 'Approve');
  await alex.see(card('Wingtip'), 'Waiting for ops@wingtip.example to activate');
  const link = await activationLink(demo.address.mail, 'ops@contoso.example');
  expect(link).toContain('code=');

  expect(await demo.stop()).toBe(0);
  expect(await unusable(ports)).toEqual([]);
});
