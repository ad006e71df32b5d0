import { humongous, invitedEnterprise, readyEnterprise } from './enterprises.ts';
import { pbxes } from './pbxes.ts';
import { caller, contoso, endAll, post, simulate, until } from './start.ts';

afterEach(endAll);

async function called() {
  const { simulator, smtp } = await simulate();
  return { simulator, smtp, call: await caller(simulator.url) };
}

const fields = (answer: { status: number; body: { errors?: { field: string }[] } }) => [
  answer.status,
  answer.body.errors?.map((error) => error.field),
];

describe('every call that changes or ends something', () => {
  const calls: [string, string, string][] = [
    ['PUT', '/reseller/updateReseller/', '5101'],
    ['POST', '/reseller/suspendReseller/', '5101'],
    ['POST', '/reseller/resumeReseller/', '5101'],
    ['DELETE', '/reseller/deleteReseller/', '5101'],
    ['PUT', '/reseller/updateEnterprise/', '5901'],
    ['POST', '/reseller/suspendEnterprise/', '5901'],
    ['POST', '/reseller/resumeEnterprise/', '5901'],
    ['DELETE', '/reseller/deleteEnterprise/', '5901'],
  ];

  test.each(calls)('%s %s needs a token, and one that is there and one’s own', async (method, path, id) => {
    const { simulator, call } = await called();
    const body = method === 'PUT' ? {} : undefined;
    expect((await fetch(simulator.url + path + id, { method })).status).toBe(401);
    expect((await call(method, `${path}1`, body)).status).toBe(404);
    expect((await call(method, `${path}x`, body)).status).toBe(404);
    simulator.state.resellers[0]!.masterResellerId = 7;
    expect((await call(method, path + id, body)).status).toBe(403);
  });
});

describe('PUT /reseller/updateReseller', () => {
  const path = '/reseller/updateReseller/5101';

  test('changes what it names and keeps the rest', async () => {
    const { call } = await called();
    const before = (await call('GET', '/reseller/getReseller/5101')).body;
    const change = { resellerName: ' Fabrikam Voice ', billingReferences: ['NW-7'] };
    const answer = await call('PUT', path, change);
    const after = { ...before, resellerName: 'Fabrikam Voice', billingReferences: ['NW-7'] };
    expect([answer.status, answer.body]).toEqual([200, after]);
    expect((await call('PUT', path, {})).body).toEqual(after);
    expect((await call('GET', '/reseller/getReseller/5101')).body).toEqual(after);
  });

  test('keeps an active account active when its address changes', async () => {
    const { simulator, smtp, call } = await called();
    const { invitation } = simulator.state.resellers[0]!;
    const answer = await call('PUT', path, { preferredEmail: 'new@fabrikam.example' });
    expect(answer.body).toMatchObject({ preferredEmail: 'new@fabrikam.example', activated: true });
    expect(simulator.state.resellers[0]!.invitation).toEqual(invitation);
    await simulator.close();
    expect(smtp.mails).toEqual([]);
  });

  test('invites who is not active yet at the new address, and the older link is useless', async () => {
    const { simulator, smtp, call } = await called();
    await call('POST', '/reseller/newReseller', contoso);
    const codeIn = ({ text }: { text: string }) => /code=(\S+)/.exec(text)![1]!;
    const older = codeIn(await smtp.mailTo(contoso.preferredEmail));
    await call('PUT', '/reseller/updateReseller/6001', { preferredEmail: 'new@contoso.example' });
    const newer = codeIn(await smtp.mailTo('new@contoso.example'));
    const activate = (invitationCode: string) =>
      post(`${simulator.url}/activate`, {
        invitationCode,
        adminEmail: 'new@contoso.example',
        userName: 'contoso',
        password: 'correct horse',
        confirmPassword: 'correct horse',
      });
    expect([(await activate(older)).status, (await activate(newer)).status]).toEqual([422, 303]);
  });

  test.each(['voice@adventure-works.example', 'Admin@proseware.example', 'office@northwind.example'])(
    'is a conflict when %s is another account’s',
    async (preferredEmail) => {
      const { call } = await called();
      expect(await call('PUT', path, { preferredEmail })).toMatchObject({
        status: 409,
        body: { field: 'preferredEmail' },
      });
    },
  );

  test('is a conflict when another reseller has the name', async () => {
    const { call } = await called();
    const answer = await call('PUT', path, { resellerName: ' LITWARE' });
    expect(answer).toMatchObject({ status: 409, body: { field: 'resellerName' } });
  });

  test('lets the name and the address be written in another way', async () => {
    const { call } = await called();
    const change = { resellerName: 'FABRIKAM', preferredEmail: 'Taken@Fabrikam.example' };
    expect(await call('PUT', path, change)).toMatchObject({ status: 200, body: change });
  });

  test('cannot drop a service that an enterprise uses', async () => {
    const { call } = await called();
    expect(await call('PUT', path, { services: ['TRUNK'] })).toMatchObject({
      status: 409,
      body: { code: 'SERVICE_IN_USE', field: 'services', message: 'Proseware uses PBX Connector.' },
    });
    expect(await call('PUT', path, { services: ['PBX'] })).toMatchObject({ status: 200, body: { services: ['PBX'] } });
  });

  test.each([
    ['resellerName', ''],
    ['preferredEmail', 'nobody'],
    ['services', []],
    ['billingReferences', 'B'],
  ])('is refused when %s is %p', async (field, value) => {
    const { call } = await called();
    expect(fields(await call('PUT', path, { [field]: value }))).toEqual([400, [field]]);
  });
});

describe('PUT /reseller/updateEnterprise', () => {
  const path = '/reseller/updateEnterprise/5901';

  test('changes what it names and keeps the rest', async () => {
    const { call } = await called();
    const before = (await call('GET', '/reseller/getEnterprise/5901')).body;
    const change = {
      userLimit: 25,
      pbxMOH: false,
      allowExternalNumbers: false,
      canAddExtensions: true,
      accessSIPData: true,
      billingReferences: ['P-1'],
    };
    const answer = await call('PUT', path, change);
    expect([answer.status, answer.body]).toEqual([200, { ...before, ...change }]);
    expect((await call('PUT', path, {})).body.userLimit).toBe(25);
    expect((await call('PUT', path, { userLimit: null })).body).toEqual({ ...before, ...change, userLimit: null });
  });

  test('gives and takes services, of those that the reseller sells', async () => {
    const { call } = await called();
    expect((await call('PUT', path, { services: ['TRUNK'] })).body.services).toEqual(['TRUNK']);
    expect((await call('PUT', path, { services: ['TRUNK', 'PBX'] })).status).toBe(200);
    const answer = await call('PUT', path, { services: ['PBX', 'SMS'] });
    expect(answer).toMatchObject({ status: 400, body: { field: 'services', message: 'Fabrikam does not sell SMS.' } });
  });

  test('gives PBX only to who has a PBX type', async () => {
    const { call } = await called();
    await call('POST', '/reseller/newEnterprise', { ...humongous, services: ['TRUNK'], pbxId: [] });
    const answer = await call('PUT', '/reseller/updateEnterprise/6001', { services: ['TRUNK', 'PBX'] });
    expect(fields(answer)).toEqual([400, ['services']]);
  });

  test('cannot take PBX while there are PBXes', async () => {
    const { call, make } = await pbxes();
    await make();
    const answer = await call('PUT', path, { services: ['TRUNK'] });
    expect(answer).toMatchObject({ status: 409, body: { code: 'SERVICE_IN_USE', field: 'services' } });
    expect((await call('PUT', path, { services: ['PBX', 'TRUNK'] })).status).toBe(200);
  });

  test.each([
    ['userLimit', 0],
    ['userLimit', '5'],
    ['pbxMOH', null],
    ['services', []],
    ['billingReferences', 'B'],
  ])('is refused when %s is %p', async (field, value) => {
    const { call } = await called();
    expect(fields(await call('PUT', path, { [field]: value }))).toEqual([400, [field]]);
  });
});

describe('suspending', () => {
  test.each([
    ['Reseller', 5101],
    ['Enterprise', 5901],
  ])('a %s can be done twice, and so can resuming it', async (what, id) => {
    const { simulator, call } = await called();
    const shown = async () => (await call('GET', `/reseller/get${what}/${id}`)).body;
    const before = await shown();
    expect(before.suspended).toBe(false);
    for (const [verb, suspended] of [
      ['suspend', true],
      ['suspend', true],
      ['resume', false],
      ['resume', false],
    ]) {
      const answer = await call('POST', `/reseller/${verb}${what}/${id}`);
      expect([answer.status, answer.body]).toEqual([200, { ...before, suspended }]);
      expect(await shown()).toEqual(answer.body);
      expect((await (await fetch(simulator.url)).text()).includes('Suspended')).toBe(suspended);
    }
  });

  test('a reseller refuses its new enterprises', async () => {
    const { call } = await called();
    await call('POST', '/reseller/suspendReseller/5101');
    const answer = await call('POST', '/reseller/newEnterprise', humongous);
    expect(answer).toMatchObject({ status: 400, body: { code: 'SUSPENDED', message: 'Fabrikam is suspended.' } });
    expect(fields(answer)).toEqual([400, ['resellerId']]);
    await call('POST', '/reseller/resumeReseller/5101');
    expect((await call('POST', '/reseller/newEnterprise', humongous)).status).toBe(201);
  });

  test('an enterprise refuses its new routing', async () => {
    const { call, provision } = await readyEnterprise();
    await call('POST', '/reseller/suspendEnterprise/6001');
    expect(await provision()).toMatchObject({ status: 400, body: { code: 'SUSPENDED' } });
    await call('POST', '/reseller/resumeEnterprise/6001');
    expect((await provision()).status).toBe(200);
  });

  test('an enterprise refuses its new PBX', async () => {
    const { call, make } = await pbxes();
    await call('POST', '/reseller/suspendEnterprise/5901');
    expect(await make()).toMatchObject({ status: 400, body: { code: 'SUSPENDED', field: 'enterpriseId' } });
    await call('POST', '/reseller/resumeEnterprise/5901');
    expect((await make()).status).toBe(201);
  });
});

describe('removing', () => {
  test('goes from the PBX up to the reseller', async () => {
    const { call, make } = await pbxes();
    await make();
    expect(await call('DELETE', '/reseller/deleteReseller/5101')).toMatchObject({
      status: 409,
      body: { code: 'HAS_ENTERPRISES' },
    });
    expect(await call('DELETE', '/reseller/deleteEnterprise/5901')).toMatchObject({
      status: 409,
      body: { code: 'HAS_PBXS' },
    });
    for (const path of ['/pbx/6001', '/reseller/deleteEnterprise/5901', '/reseller/deleteReseller/5101'])
      expect([(await call('DELETE', path)).status, (await call('DELETE', path)).status]).toEqual([204, 404]);
    expect((await call('GET', '/provisioning/getDirectRoutingStatus/5901')).status).toBe(404);
    expect((await call('GET', '/reseller/getReseller/5101')).status).toBe(404);
    // Its name and address are free again.
    const order = { ...contoso, resellerName: 'Fabrikam', preferredEmail: 'taken@fabrikam.example' };
    expect((await call('POST', '/reseller/newReseller', order)).status).toBe(201);
  });

  test('an enterprise ends its routing that is under way', async () => {
    const said: unknown[] = [];
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: (...parts: unknown[]) => said.push(parts) };
    const { call, provision, control, simulator } = await readyEnterprise({ directRoutingMs: 600_000, log });
    await provision();
    expect((await call('DELETE', '/reseller/deleteEnterprise/6001')).status).toBe(204);
    await control({ directRoutingMs: 0 });
    await new Promise((resolve) => setTimeout(resolve, 150));
    await simulator.close();
    expect(said).toEqual([]);
  });

  test('an invited enterprise makes its link useless', async () => {
    const { call, submit } = await invitedEnterprise();
    await call('DELETE', '/reseller/deleteEnterprise/6001');
    expect((await submit()).status).toBe(422);
  });
});

describe('an enterprise as the API shows it', () => {
  test('says how its Direct Routing stands, in a list too', async () => {
    const { call, provision, routings } = await readyEnterprise();
    const listed = async () =>
      (await call('GET', '/reseller/v3/getEnterprisesForReseller?resellerId=5101')).body.enterprises as {
        directRoutings: unknown;
      }[];
    expect((await listed()).at(-1)!.directRoutings).toEqual([]);
    await provision();
    await until(async () => (await routings())[0]!.state === 'ROUTES_CREATED');
    expect((await listed()).at(-1)!.directRoutings).toEqual(await routings());
  });
});
