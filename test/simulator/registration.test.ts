import { humongous, invitedEnterprise } from './enterprises.ts';
import { caller, endAll, errorsOf, listen, post, simulate, until } from './start.ts';

afterEach(endAll);

describe('the invitation e-mail', () => {
  test('brings a link that opens the page with its code filled in', async () => {
    const { mail, link, form } = await invitedEnterprise();
    expect(mail.subject).toBe('Connect Humongous Insurance to Microsoft Teams calling');
    expect(mail.html).toContain(link);
    expect(mail.text).toContain(`Invitation code: ${form.invitationCode}`);
    expect(mail.text).toContain('Fabrikam invites Humongous Insurance');
    const page = await (await fetch(link)).text();
    expect(page).toContain(`value="${form.invitationCode}"`);
    expect(page).toContain('Register Humongous Insurance');
  });

  test('shows a name with HTML in it as text', async () => {
    const { simulator, mail, link } = await invitedEnterprise({}, { enterpriseName: '<img src=x onerror=alert(1)>' });
    const pages = [link, simulator.url, `${simulator.url}/enterprises/6001`, `${simulator.url}/resellers/5101`];
    for (const text of [mail.html, ...(await Promise.all(pages.map(async (page) => (await fetch(page)).text())))]) {
      expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;');
      expect(text).not.toContain('<img');
    }
  });
});

describe('the registration page', () => {
  test('registers the organisation and says so', async () => {
    const { simulator, call, submit, enterprise } = await invitedEnterprise({
      clock: () => new Date('2026-01-02T03:04:05Z'),
    });
    const response = await submit();
    const location = response.headers.get('location')!;
    expect([response.status, location]).toEqual([303, `/dashboard?key=${enterprise().portalKey}&welcome=1`]);
    const page = await (await fetch(simulator.url + location)).text();
    expect(page).toContain('The organisation is registered.');
    expect(page).toContain('Robin Counts');
    expect(enterprise()).toMatchObject({
      registeredDate: '2026-01-02T03:04:05.000Z',
      admin: { name: 'Robin Counts', email: 'it@humongous.example' },
    });
    expect((await call('GET', '/reseller/getEnterprise/6001')).body.registered).toBe(true);
  });

  test('says everything that is wrong at once, beside its field', async () => {
    const { simulator, enterprise } = await invitedEnterprise();
    const response = await post(`${simulator.url}/register`, {});
    expect(response.status).toBe(422);
    expect(errorsOf(await response.text())).toEqual({
      invitationCode: 'Enter the invitation code from the e-mail.',
      adminName: 'Enter your name.',
      adminEmail: 'Enter the address you administer Microsoft 365 with.',
      accept: 'Accept, so that TeamMate may connect your organisation.',
    });
    expect(enterprise().registeredDate).toBeNull();
  });

  test.each([
    ['invitationCode', 'AAAA-AAAA-AAAA', 'This code is not valid. Use the one in the latest e-mail.'],
    ['adminEmail', 'someone@else.example', 'This is not the address that was invited.'],
    ['adminEmail', 'nobody', 'Enter a valid e-mail address.'],
    ['adminName', 'x'.repeat(101), 'Use at most 100 characters.'],
    ['accept', 'no', 'Accept, so that TeamMate may connect your organisation.'],
  ])('refuses %s %p', async (field, value, message) => {
    const { submit, enterprise } = await invitedEnterprise();
    const response = await submit({ [field]: value });
    expect([response.status, errorsOf(await response.text())]).toEqual([422, { [field]: message }]);
    expect(enterprise().registeredDate).toBeNull();
  });

  test('takes a code once, even from two at the same moment', async () => {
    const { submit, link } = await invitedEnterprise();
    const answers = await Promise.all([submit(), submit({ adminName: 'Somebody Else' })]);
    expect(answers.map((one) => one.status).toSorted()).toEqual([303, 422]);
    expect(errorsOf(await (await fetch(link)).text())).toEqual({
      invitationCode: 'This code has been used: the organisation is registered.',
    });
  });

  test('does not say whom an unknown code would have invited', async () => {
    const { submit } = await invitedEnterprise();
    const page = await (await submit({ invitationCode: 'AAAA-AAAA-AAAA', adminEmail: 'x@else.example' })).text();
    expect(Object.keys(errorsOf(page))).toEqual(['invitationCode']);
    expect(page).not.toContain('Humongous');
  });

  test('shows HTML as text, wherever it is typed', async () => {
    const { simulator } = await invitedEnterprise();
    const hostile = `"><script>alert('x')</script>`;
    const fields = ['invitationCode', 'adminName', 'adminEmail', 'accept'];
    const response = await post(`${simulator.url}/register`, Object.fromEntries(fields.map((name) => [name, hostile])));
    expect((await response.text()).toLowerCase()).not.toContain('<script');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  test('takes the address of whoever registers an enterprise that was made without one, if nobody has it', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    const { enterpriseAdminEmail: _, ...order } = humongous;
    await call('POST', '/reseller/newEnterprise', { ...order, restrictAdminAccess: true });
    const form = {
      invitationCode: simulator.state.enterprises.at(-1)!.invitation.code,
      adminName: 'Robin Counts',
      accept: 'yes',
    };
    const taken = await post(`${simulator.url}/register`, { ...form, adminEmail: 'taken@fabrikam.example' });
    expect(errorsOf(await taken.text())).toHaveProperty('adminEmail');
    const free = await post(`${simulator.url}/register`, { ...form, adminEmail: 'robin@humongous.example' });
    expect(free.status).toBe(303);
    expect(simulator.state.enterprises.at(-1)?.adminEmail).toBe('robin@humongous.example');
  });

  test('has a dashboard for who holds its key only', async () => {
    const { simulator } = await invitedEnterprise();
    for (const query of ['', '?key=', '?key=6001'])
      expect((await fetch(`${simulator.url}/dashboard${query}`)).status).toBe(404);
  });

  test('tells the webhook', async () => {
    const { url, heard } = await listen((_, response) => void response.end());
    const { submit } = await invitedEnterprise({ webhookUrl: url });
    await submit();
    await until(() => heard.length > 0);
    expect(JSON.parse(heard[0]!.body)).toEqual({
      event: 'enterprise.registered',
      enterpriseId: 6001,
      resellerId: 5101,
      msalAuthentication: { accessToken: 'simulated-microsoft-token', accessTokenType: 'simulated' },
    });
  });
});

describe('the portal', () => {
  test('shows enterprises under their reseller, with their state and who is waited for', async () => {
    const { simulator, submit, enterprise } = await invitedEnterprise();
    await until(() => enterprise().invitation.mail === 'sent');
    const rowOf = async () =>
      /<tr class="under" data-enterprise="6001">[\s\S]*?<\/tr>/.exec(await (await fetch(simulator.url)).text())![0];
    expect(await rowOf()).toContain('Waiting for registration');
    expect(await rowOf()).toContain('Waiting for it@humongous.example to register');
    await submit();
    expect(await rowOf()).not.toContain('to register');
    const page = await (await fetch(simulator.url)).text();
    const order = ['reseller-5101', 'data-enterprise="6001"', 'data-enterprise="5901"'].map((row) => page.indexOf(row));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  test('shows five of a reseller’s enterprises, and the rest on its own page', async () => {
    const { simulator } = await simulate();
    const call = await caller(simulator.url);
    for (let number = 0; number < 6; number += 1) {
      const order = {
        ...humongous,
        enterpriseName: `E${number}`,
        enterpriseAdminEmail: `e${number}@humongous.example`,
      };
      await call('POST', '/reseller/newEnterprise', order);
    }
    const page = async (path: string) => (await fetch(simulator.url + path)).text();
    const rows = (text: string) => (text.match(/data-enterprise=/g) ?? []).length;
    expect(await page('/')).toContain('2 more');
    expect([rows(await page('/')), rows(await page('/resellers/5101'))]).toEqual([5, 7]);
  });

  test('sends the invitation again, for its own button only', async () => {
    const { simulator, smtp } = await invitedEnterprise();
    const path = `${simulator.url}/enterprises/6001/resend`;
    expect((await post(path, {}, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const response = await post(path, {}, { 'sec-fetch-site': 'same-origin' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/enterprises/6001?sent=1']);
    await smtp.mailTo('it@humongous.example', 2);
    expect(await (await fetch(`${simulator.url}/enterprises/6001?sent=1`)).text()).toContain('is on its way');
  });
});
