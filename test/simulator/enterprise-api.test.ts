import { humongous, invitedEnterprise } from './enterprises.ts';
import { caller, contoso, endAll, fault, simulate, tokenOf, until } from './start.ts';

afterEach(endAll);

async function called() {
  const { simulator, smtp } = await simulate({ clock: () => new Date('2026-01-02T03:04:05Z') });
  return { simulator, smtp, call: await caller(simulator.url) };
}

describe('POST /reseller/newEnterprise', () => {
  test('answers with what was made, without its code', async () => {
    const { call } = await called();
    const { status, body } = await call('POST', '/reseller/newEnterprise', { ...humongous, pbxMOH: true });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...humongous,
      enterpriseId: 6001,
      userLimit: null,
      pbxMOH: true,
      canAddExtensions: false,
      registered: false,
      createdDate: '2026-01-02T03:04:05.000Z',
    });
    expect(body).not.toHaveProperty('invitation');
  });

  test.each([
    ['enterpriseName', undefined],
    ['enterpriseName', 'a\nb'],
    ['resellerId', undefined],
    ['enterpriseAdminEmail', undefined],
    ['enterpriseAdminEmail', 'nobody'],
    ['services', []],
    ['services.0', ['FAX']],
    ['sbcGateways', undefined],
    ['sbcGateways', [1, 99]],
    ['pbxId', []],
    ['pbxId', [99]],
    ['userLimit', 0],
    ['userLimit', 1.5],
    ['userLimit', '5'],
    ['pbxMOH', 'yes'],
    ['billingReferences.0', ['x'.repeat(201)]],
  ])('is refused when %s is %p', async (field, value) => {
    const { simulator, call } = await called();
    const body = { ...humongous, [field.split('.')[0]!]: value };
    const answer = await call('POST', '/reseller/newEnterprise', body);
    expect([answer.status, answer.body.errors?.map((error) => error.field)]).toEqual([400, [field]]);
    expect(simulator.state.enterprises).toHaveLength(1);
  });

  test.each([
    ['a SIP trunk needs no PBX type', { services: ['TRUNK'], pbxId: [] }],
    ['a user limit may be a number', { userLimit: 25 }],
    ['a user limit may be null', { userLimit: null }],
  ])('takes that %s', async (_, change) => {
    const { call } = await called();
    expect((await call('POST', '/reseller/newEnterprise', { ...humongous, ...change })).status).toBe(201);
  });

  test.each([
    ['a reseller', 'TAKEN@fabrikam.example'],
    ['the master reseller', 'office@northwind.example'],
    ['an enterprise', 'admin@PROSEWARE.example'],
  ])('is a conflict when %s has the e-mail address', async (_, enterpriseAdminEmail) => {
    const { call } = await called();
    const answer = await call('POST', '/reseller/newEnterprise', { ...humongous, enterpriseAdminEmail });
    expect(answer).toMatchObject({ status: 409, body: { field: 'enterpriseAdminEmail' } });
  });

  test('is a conflict when any enterprise has the name', async () => {
    const { call } = await called();
    const order = { ...humongous, resellerId: 5102, enterpriseName: ' PROSEWARE ' };
    const answer = await call('POST', '/reseller/newEnterprise', order);
    expect(answer).toMatchObject({ status: 409, body: { field: 'enterpriseName' } });
  });

  test('makes its address taken for a reseller too', async () => {
    const { call } = await called();
    await call('POST', '/reseller/newEnterprise', humongous);
    const preferredEmail = humongous.enterpriseAdminEmail;
    const answer = await call('POST', '/reseller/newReseller', { ...contoso, preferredEmail });
    expect(answer).toMatchObject({ status: 409, body: { field: 'preferredEmail' } });
  });

  test('sells only what the reseller sells', async () => {
    const { call } = await called();
    const order = { ...humongous, resellerId: 5102, services: ['PBX', 'TRUNK', 'SMS'] };
    const answer = await call('POST', '/reseller/newEnterprise', order);
    expect(answer).toMatchObject({ status: 400, body: { field: 'services' } });
    expect(answer.body.message).toBe('Adventure Works does not sell TRUNK, SMS.');
  });

  test('needs an active reseller', async () => {
    const { call } = await called();
    await call('POST', '/reseller/newReseller', contoso);
    const answer = await call('POST', '/reseller/newEnterprise', { ...humongous, resellerId: 6001 });
    expect(answer).toMatchObject({ status: 400, body: { field: 'resellerId' } });
    expect(answer.body.message).toContain('Contoso is not active yet');
  });

  test('needs a reseller of one’s own', async () => {
    const { simulator, call } = await called();
    simulator.state.resellers[1]!.masterResellerId = 7;
    for (const resellerId of [1, 5102])
      expect((await call('POST', '/reseller/newEnterprise', { ...humongous, resellerId })).status).toBe(403);
  });

  test('is one enterprise when two orders for it come at the same moment', async () => {
    const { simulator, call } = await called();
    const answers = await Promise.all([1, 2, 3].map(() => call('POST', '/reseller/newEnterprise', humongous)));
    expect(answers.map((one) => one.status).toSorted()).toEqual([201, 409, 409]);
    expect(simulator.state.creations.byNaturalKey).toEqual({
      'humongous insurance|it@humongous.example': { calls: 3, created: 1 },
    });
  });

  test('can lose its answer after it took effect', async () => {
    const { simulator, call } = await called();
    await fault(simulator, { after: 'commit', times: 1, path: '/reseller/newEnterprise' });
    await expect(call('POST', '/reseller/newEnterprise', humongous)).rejects.toThrow();
    expect(simulator.state.enterprises.at(-1)?.enterpriseName).toBe('Humongous Insurance');
  });

  test.each([undefined, humongous.enterpriseAdminEmail])(
    'sends no e-mail to who works in the provider’s portal, with the address %p',
    async (enterpriseAdminEmail) => {
      const { simulator, smtp, call } = await called();
      const order = { ...humongous, enterpriseAdminEmail, restrictAdminAccess: true };
      expect((await call('POST', '/reseller/newEnterprise', order)).status).toBe(201);
      expect((await call('POST', '/reseller/resendEnterpriseInvitationEmail/6001')).status).toBe(400);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await simulator.close();
      expect(smtp.mails).toEqual([]);
    },
  );
});

describe('the reads of enterprises', () => {
  const calls: [string, string][] = [
    ['POST', '/reseller/newEnterprise'],
    ['GET', '/reseller/v3/getEnterprisesForReseller?resellerId=5101'],
    ['GET', '/reseller/getEnterprise/5901'],
    ['POST', '/reseller/resendEnterpriseInvitationEmail/5901'],
  ];

  test.each(calls)('%s %s needs a token', async (method, path) => {
    const { simulator } = await called();
    expect((await fetch(simulator.url + path, { method })).status).toBe(401);
  });

  test.each(['/reseller/v3/getEnterprisesForReseller', '/reseller/getEnterprisesForReseller'])(
    '%s lists a reseller’s own, in pages that link to the next one',
    async (base) => {
      const { call } = await called();
      for (const number of [1, 2, 3]) {
        const enterpriseAdminEmail = `it${number}@humongous.example`;
        const order = { ...humongous, enterpriseName: `H${number}`, enterpriseAdminEmail };
        await call('POST', '/reseller/newEnterprise', order);
      }
      await call('POST', '/reseller/newEnterprise', { ...humongous, resellerId: 5102 });
      const ids: unknown[] = [];
      let path: string | undefined = `${base}?resellerId=5101&size=3`;
      for (let pages = 0; path && pages < 10; pages += 1) {
        const body = (await call('GET', path)).body as unknown as {
          enterprises: { enterpriseId: number }[];
          _links: { next?: { href: string } };
        };
        ids.push(body.enterprises.map((one) => one.enterpriseId));
        path = body._links.next?.href;
      }
      expect(ids).toEqual([[5901, 6001, 6002], [6003]]);
      expect((await call('GET', `${base}?resellerId=7`)).status).toBe(403);
      expect((await call('GET', base)).status).toBe(400);
    },
  );

  test('tell one enterprise', async () => {
    const { call } = await called();
    expect((await call('GET', '/reseller/getEnterprise/5901')).body).toMatchObject({
      enterpriseId: 5901,
      resellerId: 5101,
      enterpriseName: 'Proseware',
      registered: true,
      registeredDate: '2025-02-13T13:45:00.000Z',
    });
    expect(await call('GET', '/reseller/getEnterprise/1')).toMatchObject({
      status: 404,
      body: { message: 'There is no enterprise with this id.' },
    });
  });
});

describe('POST /reseller/resendEnterpriseInvitationEmail', () => {
  test('sends a new code, and the old one is useless', async () => {
    const { smtp, call, submit } = await invitedEnterprise();
    expect(await call('POST', '/reseller/resendEnterpriseInvitationEmail/6001')).toMatchObject({
      status: 200,
      body: { enterpriseId: 6001, sentTo: 'it@humongous.example' },
    });
    const second = await smtp.mailTo('it@humongous.example', 2);
    expect((await submit()).status).toBe(422);
    expect((await submit({ invitationCode: /code=(\S+)/.exec(second.text)![1]! })).status).toBe(303);
    expect((await call('POST', '/reseller/resendEnterpriseInvitationEmail/6001')).status).toBe(400);
  });

  test('follows a mail that was given up', async () => {
    const { simulator, smtp, call } = await called();
    smtp.refuse(4);
    await call('POST', '/reseller/newEnterprise', humongous);
    await until(() => simulator.state.enterprises.at(-1)?.invitation.mail === 'failed');
    expect(await (await fetch(simulator.url)).text()).toContain('the provider to send the invitation again');
    await call('POST', '/reseller/resendEnterpriseInvitationEmail/6001');
    await until(() => simulator.state.enterprises.at(-1)?.invitation.mail === 'sent');
  });

  test('counts an idempotency key and does not honour it', async () => {
    const { simulator } = await called();
    const headers = { authorization: `Bearer ${await tokenOf(simulator.url)}`, 'idempotency-key': 'request-9' };
    const body = JSON.stringify(humongous);
    for (const status of [201, 409])
      expect((await fetch(`${simulator.url}/reseller/newEnterprise`, { method: 'POST', headers, body })).status).toBe(
        status,
      );
    expect(simulator.state.creations.byIdempotencyKey).toEqual({ 'request-9': { calls: 2, created: 1 } });
  });
});
