import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { atEnd, caller, contoso, endAll, errorsOf, fault, listen, post, simulate, until } from './start.ts';

afterEach(endAll);

/** A simulator with Contoso waiting, and a good form. */
async function invited(options: Partial<SimulatorOptions> = {}, order: object = {}) {
  const { simulator, smtp } = await simulate(options);
  const call = await caller(simulator.url);
  await call('POST', '/reseller/newReseller', { ...contoso, ...order });
  const mail = await smtp.mailTo(contoso.preferredEmail);
  const link = /http\S+/.exec(mail.text)![0];
  const form = {
    invitationCode: new URL(link).searchParams.get('code')!,
    adminEmail: contoso.preferredEmail,
    userName: 'contoso-admin',
    password: 'correct horse',
    confirmPassword: 'correct horse',
  };
  const submit = (changes: Partial<typeof form> = {}) => post(`${simulator.url}/activate`, { ...form, ...changes });
  const reseller = () => simulator.state.resellers.at(-1)!;
  return { simulator, smtp, call, mail, link, form, submit, reseller };
}

describe('the activation e-mail', () => {
  test('brings a link that opens the page with its code filled in', async () => {
    const { mail, link, form } = await invited();
    expect(mail.subject).toBe('Activate Contoso in TeamMate');
    expect(mail.html).toContain(link);
    expect(mail.text).toContain(`Invitation code: ${form.invitationCode}`);
    const page = await (await fetch(link)).text();
    expect(page).toContain(`value="${form.invitationCode}"`);
    expect(page).toContain('invited as <strong>Contoso</strong>');
  });

  test('says in a mail viewer’s frame, where no form can be sent, to open it in a tab of its own', async () => {
    const { simulator, form } = await invited();
    const path = `/activate?code=${form.invitationCode}`;
    const framed = await fetch(simulator.url + path, { headers: { 'sec-fetch-dest': 'iframe' } });
    const says = await framed.text();
    expect(says).toContain('Ctrl+click');
    expect(says).toContain(path);
    expect(says).not.toContain('<form');
    expect(framed.headers.get('content-security-policy')).toContain('frame-ancestors http://127.0.0.1:*');
    const alone = await fetch(simulator.url + path, { headers: { 'sec-fetch-dest': 'document' } });
    expect(await alone.text()).toContain('<form');
    expect(alone.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  test('links to the public address', async () => {
    const { link } = await invited({ publicUrl: 'https://teammate.example/' });
    expect(link).toMatch(/^https:\/\/teammate\.example\/activate\?code=/);
  });

  test('shows a name with HTML in it as text', async () => {
    const { mail } = await invited({}, { resellerName: '<img src=x onerror=alert(1)>&"' });
    expect(mail.html).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;');
    expect(mail.html).not.toContain('<img');
  });

  test('is tried again when the mail server refuses it, and the account is there meanwhile', async () => {
    const { simulator, smtp } = await simulate();
    smtp.refuse(2);
    const call = await caller(simulator.url);
    expect((await call('POST', '/reseller/newReseller', contoso)).status).toBe(201);
    await smtp.mailTo(contoso.preferredEmail);
    await until(() => simulator.state.resellers.at(-1)?.invitation.mail === 'sent');
    expect(simulator.state.resellers.at(-1)?.invitation.mailsSent).toBe(1);
  });

  test('is given up after the last try, and can be sent again', async () => {
    const { simulator, smtp } = await simulate();
    smtp.refuse(4);
    const call = await caller(simulator.url);
    await call('POST', '/reseller/newReseller', contoso);
    await until(() => simulator.state.resellers.at(-1)?.invitation.mail === 'failed');
    expect(await (await fetch(simulator.url)).text()).toContain('E-mail not sent');
    expect(await call('POST', '/reseller/resendInvitationEmail/6001')).toMatchObject({
      status: 200,
      body: { resellerId: 6001, sentTo: contoso.preferredEmail },
    });
    await smtp.mailTo(contoso.preferredEmail);
  });

  test('is not sent again for an active or an unknown account', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    expect((await call('POST', '/reseller/resendInvitationEmail/5101')).status).toBe(400);
    expect((await call('POST', '/reseller/resendInvitationEmail/1')).status).toBe(404);
  });
});

describe('the activation page', () => {
  test('makes the account active and says so', async () => {
    const { simulator, call, submit, reseller } = await invited({ clock: () => new Date('2026-01-02T03:04:05Z') });
    const response = await submit();
    expect([response.status, response.headers.get('location')]).toEqual([303, '/activated/6001']);
    const page = await (await fetch(`${simulator.url}/activated/6001`)).text();
    expect(page).toContain('The account is active.');
    expect(page).toContain('contoso-admin');
    expect(reseller().activatedDate).toBe('2026-01-02T03:04:05.000Z');
    expect((await call('GET', '/reseller/getReseller/6001')).body.activated).toBe(true);
  });

  test('takes a code as people type it', async () => {
    const { form, submit } = await invited();
    expect((await submit({ invitationCode: ` ${form.invitationCode.toLowerCase()} ` })).status).toBe(303);
  });

  test('says everything that is wrong at once, beside its field', async () => {
    const { simulator, reseller } = await invited();
    const response = await post(`${simulator.url}/activate`, {});
    expect(response.status).toBe(422);
    expect(errorsOf(await response.text())).toEqual({
      invitationCode: 'Enter the invitation code from the e-mail.',
      adminEmail: 'Enter your e-mail address.',
      userName: 'Choose a user name.',
      password: 'Choose a password.',
      confirmPassword: 'Enter the password once more.',
    });
    expect(reseller().activatedDate).toBeNull();
  });

  test.each([
    ['invitationCode', 'AAAA-AAAA-AAAA', 'This code is not valid. Use the one in the latest e-mail.'],
    ['adminEmail', 'someone@else.example', 'This is not the address the e-mail came to.'],
    ['adminEmail', 'nobody', 'Enter a valid e-mail address.'],
    ['userName', 'ab', 'Use 3 to 64 characters, without spaces.'],
    ['userName', 'x'.repeat(65), 'Use 3 to 64 characters, without spaces.'],
    ['userName', 'two words', 'Use no spaces or control characters.'],
    ['userName', 'Fabrikam-ADMIN', 'This user name is taken. Choose another one.'],
    ['userName', 'northwind-api', 'This user name is taken. Choose another one.'],
    ['confirmPassword', 'correct hors', 'The two passwords are not the same.'],
  ])('refuses %s %p', async (field, value, message) => {
    const { submit, reseller } = await invited();
    const response = await submit({ [field]: value });
    expect([response.status, errorsOf(await response.text())]).toEqual([422, { [field]: message }]);
    expect(reseller().activatedDate).toBeNull();
  });

  test.each([
    ['seven777', 303],
    ['seven77', 422],
    ['x'.repeat(256), 303],
    ['x'.repeat(257), 422],
  ])('holds the limits of a password: %p gives %i', async (password, status) => {
    const { submit } = await invited();
    expect((await submit({ password, confirmPassword: password })).status).toBe(status);
  });

  test('keeps what was typed, but no password', async () => {
    const { submit } = await invited();
    const page = await (
      await submit({ userName: 'x y', password: 'secret-1234', confirmPassword: 'secret-5678' })
    ).text();
    expect(page).toContain('value="x y"');
    expect(page).toContain(`value="${contoso.preferredEmail}"`);
    expect(page).not.toMatch(/secret-/);
  });

  test('shows HTML as text, wherever it is typed', async () => {
    const { simulator } = await invited({}, { resellerName: '<script>alert(1)</script>' });
    const hostile = `"><script>alert('x')</script>`;
    const fields = ['invitationCode', 'adminEmail', 'userName', 'password', 'confirmPassword'];
    const pages = [
      await post(`${simulator.url}/activate`, Object.fromEntries(fields.map((name) => [name, hostile]))),
      await fetch(`${simulator.url}/activate?code=${encodeURIComponent(hostile)}`),
      await fetch(simulator.url),
      await fetch(`${simulator.url}/resellers/6001?sent=${encodeURIComponent(hostile)}`),
    ];
    for (const page of pages) {
      const text = await page.text();
      expect(text).toContain('<!doctype html>');
      expect(text.toLowerCase()).not.toContain('<script');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  test('does not say whom an unknown code would have invited', async () => {
    const { submit } = await invited();
    const page = await (await submit({ invitationCode: 'AAAA-AAAA-AAAA', adminEmail: 'someone@else.example' })).text();
    expect(Object.keys(errorsOf(page))).toEqual(['invitationCode']);
    expect(page).not.toContain('Contoso');
  });

  test('takes only the latest code', async () => {
    const { simulator, smtp, call, submit } = await invited();
    await call('POST', '/reseller/resendInvitationEmail/6001');
    const second = await smtp.mailTo(contoso.preferredEmail, 2);
    expect(errorsOf(await (await submit()).text())).toHaveProperty('invitationCode');
    const invitationCode = /code=(\S+)/.exec(second.text)![1]!;
    expect((await submit({ invitationCode })).status).toBe(303);
    expect(simulator.state.resellers.at(-1)?.activatedDate).not.toBeNull();
  });

  test('takes a code once, even from two at the same moment', async () => {
    const { submit, link } = await invited();
    const answers = await Promise.all([submit(), submit({ userName: 'somebody-else' })]);
    expect(answers.map((one) => one.status).toSorted()).toEqual([303, 422]);
    expect(errorsOf(await (await submit()).text())).toMatchObject({
      invitationCode: 'This code has been used: the account is active.',
    });
    expect(errorsOf(await (await fetch(link)).text())).toHaveProperty('invitationCode');
  });

  test('activates no seeded account by an empty code', async () => {
    const { simulator, submit } = await invited();
    expect(errorsOf(await (await submit({ invitationCode: '' })).text())).toHaveProperty('invitationCode');
    expect(await (await fetch(`${simulator.url}/activate`)).text()).not.toContain('invited as');
  });

  test('has nothing to show of an account that is not active', async () => {
    const { simulator } = await invited();
    expect((await fetch(`${simulator.url}/activated/6001`)).status).toBe(404);
    expect((await fetch(`${simulator.url}/activated/1`)).status).toBe(404);
  });

  test('stores the password as a scrypt hash only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
    atEnd(() => rm(folder, { recursive: true }));
    const dataFile = join(folder, 'state.json');
    const { submit, simulator } = await invited({ dataFile });
    await submit();
    const stored = await readFile(dataFile, 'utf8');
    expect(stored).toContain('"passwordHash":"scrypt$');
    expect(stored).not.toContain('correct horse');
    expect(await (await fetch(`${simulator.url}/_state`)).text()).not.toContain('scrypt$');
  });
});

describe('the webhook', () => {
  test('is told of an activation, and again until it takes it', async () => {
    let calls = 0;
    const { url, heard } = await listen((_, response) => {
      calls += 1;
      response.statusCode = calls < 3 ? 503 : 202;
      response.end();
    });
    const { submit } = await invited({ webhookUrl: `${url}/webhooks/teammate?token=abc` });
    await submit();
    await until(() => heard.length === 3);
    expect(heard[2]).toMatchObject({ method: 'POST', path: '/webhooks/teammate?token=abc' });
    expect(JSON.parse(heard[2]!.body)).toEqual({ event: 'reseller.activated', resellerId: 6001 });
  });

  test('that nobody answers is given up, and the account is active all the same', async () => {
    const { url, heard } = await listen((_, response) => {
      response.statusCode = 500;
      response.end();
    });
    const { submit, reseller, simulator } = await invited({ webhookUrl: url });
    await submit();
    await until(() => heard.length === 4);
    await simulator.close();
    expect(heard).toHaveLength(4);
    expect(reseller().activatedDate).not.toBeNull();
  });

  test('can be switched off', async () => {
    const { url, heard } = await listen((_, response) => void response.end());
    const { simulator, smtp, call, submit } = await invited({ webhookUrl: url });
    await fault(simulator, { webhooks: false });
    await submit();
    await fault(simulator, { webhooks: true });
    const adminEmail = 'other@contoso.example';
    await call('POST', '/reseller/newReseller', { ...contoso, resellerName: 'Other', preferredEmail: adminEmail });
    const invitationCode = /code=(\S+)/.exec((await smtp.mailTo(adminEmail)).text)![1]!;
    await submit({ invitationCode, adminEmail, userName: 'other-admin' });
    await until(() => heard.length > 0);
    expect(heard.map((one) => JSON.parse(one.body).resellerId)).toEqual([6002]);
  });
});

describe('the portal', () => {
  test('lists every reseller with what is known of it', async () => {
    const { simulator } = await invited();
    await until(() => simulator.state.resellers.at(-1)?.invitation.mail === 'sent');
    const page = await (await fetch(simulator.url)).text();
    for (const text of [
      'Northwind Telecom',
      'Fabrikam',
      'taken@fabrikam.example',
      'NW-1001',
      '11 Feb 2025',
      'Active',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toContain('Waiting for activation');
    expect(page.match(/<tr id="reseller-/g)).toHaveLength(6);
    expect(page.match(/action="[^"]*"/g)).toEqual(['action="/resellers/6001/resend"']);
  });

  test('sends the activation e-mail again', async () => {
    const { simulator, smtp } = await invited();
    const response = await post(`${simulator.url}/resellers/6001/resend`, {}, { 'sec-fetch-site': 'same-origin' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/resellers/6001?sent=1']);
    await smtp.mailTo(contoso.preferredEmail, 2);
    expect(await (await fetch(`${simulator.url}/resellers/6001?sent=1`)).text()).toContain('is on its way');
  });

  test('does not let another site click its buttons', async () => {
    const { simulator, form } = await invited();
    const response = await post(`${simulator.url}/resellers/6001/resend`, {}, { 'sec-fetch-site': 'cross-site' });
    expect(response.status).toBe(403);
    expect(simulator.state.resellers.at(-1)?.invitation.code).toBe(form.invitationCode);
  });

  test('shows fifty to a page', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    for (let number = 0; number < 50; number += 1) {
      const order = { ...contoso, resellerName: `R${number}`, preferredEmail: `r${number}@contoso.example` };
      await call('POST', '/reseller/newReseller', order);
    }
    const rows = async (query: string) =>
      ((await (await fetch(`${simulator.url}/${query}`)).text()).match(/<tr id=/g) ?? []).length;
    expect([await rows(''), await rows('?page=2'), await rows('?page=99'), await rows('?page=x')]).toEqual([
      50, 5, 5, 50,
    ]);
  });
});
