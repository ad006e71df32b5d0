import { readyEnterprise } from './enterprises.ts';
import { headOffice, ok, openHeadOffice, pbxes, secretsOf } from './pbxes.ts';
import { endAll, tokenOf, until } from './start.ts';

afterEach(endAll);

const at = () => new Date('2026-01-02T03:04:05Z');
const codes = (body: object) => (body as { errors: { code: string; field: string }[] }).errors.map((one) => one.code);

describe('POST /pbx/newPBX', () => {
  test('answers with what was made, without its secrets', async () => {
    const { make } = await pbxes({ clock: at });
    const { status, body } = await make();
    expect([status, body]).toEqual([
      201,
      {
        pbxId: 6001,
        enterpriseId: 5901,
        pbxTypeId: 1,
        pbxLocation: 'Head Office',
        dnsLookupType: 'A',
        sipDomain: 'pbx.proseware.example',
        sipDomainProxy: '127.0.0.1:5070',
        transport: 'UDP',
        port: 5080,
        registrationExpiry: 300,
        voicemailFeatureCode: '*97',
        sipUser: 'teammate',
        authenticationId: 'teammate-auth',
        portal: {
          authorizationUrl: 'https://pbx.proseware.example/ns-api/oauth2/token/',
          clientId: 'proseware',
          masqueradingLogin: 'admin@proseware',
        },
        createdDate: '2026-01-02T03:04:05.000Z',
        suspended: false,
        registration: {
          state: 'PENDING',
          reason: 'TeamMate registers at the PBX.',
          changedDate: '2026-01-02T03:04:05.000Z',
        },
      },
    ]);
  });

  test('tells its secrets to nobody', async () => {
    const said: string[] = [];
    const note = (...parts: unknown[]) => void said.push(JSON.stringify(parts));
    const { simulator, call, make, running } = await pbxes({
      log: { debug: note, info: note, warn: note, error: note },
    });
    said.push(JSON.stringify((await make()).body));
    await make({ sipPassword: 7 });
    await make();
    await until(() => running().length === 1);
    running()[0]!.hear(ok);
    for (const path of [
      '/pbx/getPBX/6001',
      '/pbx/getPBXsForEnterprise?enterpriseId=5901',
      '/reseller/getEnterprise/5901',
    ])
      said.push(JSON.stringify((await call('GET', path)).body));
    said.push(JSON.stringify((await call('PUT', '/pbx/updatePBX/6001', headOffice)).body));
    for (const page of ['/', '/resellers/5101', '/enterprises/5901', '/_state'])
      said.push(await (await fetch(simulator.url + page)).text());
    for (const secret of secretsOf) expect(said.join('\n')).not.toContain(secret);
    expect(said.join('\n')).toContain('Head Office');
  });

  test.each([
    ['enterpriseId', undefined],
    ['pbxTypeId', undefined],
    ['pbxLocation', undefined],
    ['pbxLocation', 'x'.repeat(65)],
    ['pbxLocation', 'a\nb'],
    ['dnsLookupType', 'AAAA'],
    ['sipDomain', undefined],
    ['sipDomain', 'pbx.example:5060'],
    ['sipDomain', '-pbx.example'],
    ['sipDomain', `${'x'.repeat(64)}.example`],
    ['sipDomain', `${'x.'.repeat(127)}`],
    ['sipDomainProxy', 'sip:pbx.example'],
    ['sipDomainProxy', 'pbx.example:0'],
    ['sipDomainProxy', 'pbx.example:65536'],
    ['sipDomainProxy', 'pbx.example:5060:1'],
    ['transport', 'WSS'],
    ['port', 0],
    ['port', 65536],
    ['port', '5060'],
    ['registrationExpiry', 59],
    ['registrationExpiry', 3601],
    ['registrationExpiry', undefined],
    ['voicemailFeatureCode', '12345678901'],
    ['voicemailFeatureCode', '9901a'],
    ['voicemailFeatureCode', ''],
    ['sipUser', undefined],
    ['sipUser', 'a@b'],
    ['authenticationId', ''],
    ['sipPassword', undefined],
    ['sipPassword', 'a\r\nb'],
    ['portal', 'portal'],
    ['portal.authorizationUrl', { authorizationUrl: 'http://pbx.example/' }],
    ['portal.clientId', { clientId: undefined }],
    ['portal.clientSecret', { clientSecret: undefined }],
    ['portal.masqueradingPassword', { masqueradingPassword: '' }],
  ])('is refused when %s is %p', async (field, value) => {
    const { simulator, make } = await pbxes();
    const [name, inner] = field.split('.');
    const { status, body } = await make({ [name!]: inner ? { ...headOffice.portal, ...(value as object) } : value });
    expect([status, body.errors]).toEqual([400, [{ field, message: expect.any(String), code: 'INVALID' }]]);
    expect(simulator.state.pbxes).toEqual([]);
  });

  test.each(['SRV', 'NAPTR'])('takes no port with %s', async (dnsLookupType) => {
    const { make } = await pbxes();
    const answer = await make({ dnsLookupType });
    expect([answer.status, answer.body.errors?.map((error) => error.field)]).toEqual([400, ['port']]);
    expect((await make({ dnsLookupType, port: undefined })).status).toBe(201);
  });

  test('needs no portal, nor anything else that may be left out', async () => {
    const { make } = await pbxes();
    const none = { portal: undefined, port: undefined, sipDomainProxy: undefined, authenticationId: null };
    const { status, body } = await make({ ...none, voicemailFeatureCode: undefined });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      portal: null,
      port: null,
      sipDomainProxy: null,
      authenticationId: null,
      voicemailFeatureCode: null,
    });
  });

  test('is a conflict when the enterprise has the location', async () => {
    const { make } = await pbxes();
    await make();
    const answer = await make({ pbxLocation: ' HEAD  office ' });
    expect(answer).toMatchObject({ status: 409, body: { field: 'pbxLocation', code: 'PBX_EXISTS' } });
    expect(codes(answer.body)).toEqual(['PBX_EXISTS']);
    expect((await make({ pbxLocation: 'Branch' })).status).toBe(201);
  });

  test('is of a type that the enterprise was given', async () => {
    const { make } = await pbxes();
    expect(await make({ pbxTypeId: 2 })).toMatchObject({
      status: 400,
      body: { message: 'Proseware does not have the PBX type 2.', field: 'pbxTypeId', code: 'NO_SUCH_PBX_TYPE' },
    });
  });

  test('needs Direct Routing, of one gateway at least', async () => {
    const { call, provision, control, routings } = await readyEnterprise({ directRoutingMs: 600_000 });
    const make = () => call('POST', '/pbx/newPBX', { ...headOffice, enterpriseId: 6001 });
    for (const begin of [async () => {}, provision]) {
      await begin();
      const answer = await make();
      expect(answer).toMatchObject({ status: 400, body: { field: 'enterpriseId', code: 'DIRECT_ROUTING_MISSING' } });
      expect(codes(answer.body)).toEqual(['DIRECT_ROUTING_MISSING']);
    }
    await control({ directRoutingMs: 0 });
    await until(async () => (await routings())[0]!.state === 'ROUTES_CREATED');
    expect((await make()).status).toBe(201);
  });

  test('needs an enterprise of one’s own', async () => {
    const { simulator, make } = await pbxes();
    expect((await make({ enterpriseId: 1 })).status).toBe(404);
    simulator.state.resellers[0]!.masterResellerId = 7;
    expect((await make()).status).toBe(403);
  });

  test('is one PBX when two orders for it come at the same moment, and counts a key without honouring it', async () => {
    const { simulator } = await pbxes();
    const headers = { authorization: `Bearer ${await tokenOf(simulator.url)}`, 'idempotency-key': 'request-5' };
    const order = { method: 'POST', headers, body: JSON.stringify(headOffice) };
    const answers = await Promise.all([1, 2, 3].map(() => fetch(`${simulator.url}/pbx/newPBX`, order)));
    expect(answers.map((one) => one.status).toSorted()).toEqual([201, 409, 409]);
    expect(simulator.state.creations).toEqual({
      byNaturalKey: { '5901|head office': { calls: 3, created: 1 } },
      byIdempotencyKey: { 'request-5': { calls: 3, created: 1 } },
    });
  });
});

describe('the other calls of a PBX', () => {
  const calls: [string, string][] = [
    ['GET', '/pbx/getPBX/1'],
    ['PUT', '/pbx/updatePBX/1'],
    ['POST', '/pbx/suspendPBX/1'],
    ['POST', '/pbx/resumePBX/1'],
    ['DELETE', '/pbx/1'],
  ];
  test.each([...calls, ['POST', '/pbx/newPBX'], ['GET', '/pbx/getPBXsForEnterprise?enterpriseId=5901']])(
    '%s %s needs a token',
    async (method, path) => {
      const { simulator } = await pbxes();
      expect((await fetch(simulator.url + path, { method })).status).toBe(401);
    },
  );

  test.each(calls)('%s %s needs a PBX that is there, and one’s own', async (method, path) => {
    const { simulator, call, make } = await pbxes();
    await make();
    const body = method === 'PUT' ? headOffice : undefined;
    expect(await call(method, path, body)).toMatchObject({
      status: 404,
      body: { message: expect.stringContaining('PBX') },
    });
    simulator.state.resellers[0]!.masterResellerId = 7;
    expect((await call(method, path.replace('/1', '/6001'), body)).status).toBe(403);
  });

  test('list those of an enterprise in pages that link to the next one', async () => {
    const { call, make } = await pbxes();
    for (const number of [1, 2, 3]) await make({ pbxLocation: `Floor ${number}` });
    type Page = { pbxs: { pbxId: number }[]; _links: { next?: { href: string } } };
    const first = (await call('GET', '/pbx/getPBXsForEnterprise?enterpriseId=5901&size=2')).body as unknown as Page;
    const second = (await call('GET', first._links.next!.href)).body as unknown as Page;
    expect([first, second].map((page) => page.pbxs.map((one) => one.pbxId))).toEqual([[6001, 6002], [6003]]);
    expect(second._links.next).toBeUndefined();
    expect((await call('GET', '/pbx/getPBXsForEnterprise?enterpriseId=1')).status).toBe(404);
    expect((await call('GET', '/pbx/getPBXsForEnterprise')).status).toBe(400);
  });

  test('change it, and keep secrets that are left out', async () => {
    const { simulator, call, make } = await pbxes();
    await make();
    const change = { ...openHeadOffice, pbxLocation: 'Harbour', sipUser: 'other', voicemailFeatureCode: undefined };
    const { status, body } = await call('PUT', '/pbx/updatePBX/6001', change);
    expect(status).toBe(200);
    expect(body).toMatchObject({ pbxId: 6001, pbxLocation: 'Harbour', sipUser: 'other', voicemailFeatureCode: null });
    const secrets = () => Object.values(simulator.state.pbxes[0]!.secrets);
    expect(secrets()).toEqual(secretsOf);
    const { portal: _, ...withoutPortal } = openHeadOffice;
    expect((await call('PUT', '/pbx/updatePBX/6001', withoutPortal)).body.portal).toMatchObject({
      clientId: 'proseware',
    });
    expect(secrets()).toEqual(secretsOf);
    await call('PUT', '/pbx/updatePBX/6001', { ...openHeadOffice, sipPassword: 'new' });
    expect(secrets()).toEqual(['new', ...secretsOf.slice(1)]);
    expect((await call('PUT', '/pbx/updatePBX/6001', { ...openHeadOffice, portal: null })).body.portal).toBeNull();
    expect(secrets()).toEqual(['new', null, null]);
    const again = await call('PUT', '/pbx/updatePBX/6001', openHeadOffice);
    expect([again.status, again.body.errors?.map((error) => error.field)]).toEqual([400, ['portal.clientSecret']]);
  });

  test('refuse a change as they refuse a creation', async () => {
    const { call, make } = await pbxes();
    await make();
    await make({ pbxLocation: 'Branch' });
    const taken = await call('PUT', '/pbx/updatePBX/6001', { ...openHeadOffice, pbxLocation: 'branch' });
    expect(taken).toMatchObject({ status: 409, body: { code: 'PBX_EXISTS' } });
    const wrong = await call('PUT', '/pbx/updatePBX/6001', { ...openHeadOffice, dnsLookupType: 'SRV', sipUser: '' });
    expect([wrong.status, wrong.body.errors?.map((error) => error.field)]).toEqual([400, ['sipUser', 'port']]);
    expect((await call('PUT', '/pbx/updatePBX/6001', { ...openHeadOffice, pbxLocation: 'HEAD OFFICE' })).status).toBe(
      200,
    );
  });

  test('remove it', async () => {
    const { call, make } = await pbxes();
    await make();
    expect((await call('DELETE', '/pbx/6001')).status).toBe(204);
    expect((await call('DELETE', '/pbx/6001')).status).toBe(404);
    expect((await call('GET', '/pbx/getPBXsForEnterprise?enterpriseId=5901')).body.pbxs).toEqual([]);
    expect((await make()).status).toBe(201);
  });
});
