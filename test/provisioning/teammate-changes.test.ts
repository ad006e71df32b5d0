import { type entryOf, type RemoteKind, remoteKinds } from '../../src/catalog/index.ts';
import { readConfig } from '../../src/config.ts';
import { type Backend, BackendRefused, BackendUnavailable, type Operations } from '../../src/provisioning/backend.ts';
import { createTeamMate } from '../../src/provisioning/teammate.ts';
import { offers } from '../../src/requests/changes.ts';
import { orderOf } from '../../src/requests/difference.ts';
import { demoLogin } from '../../src/simulator/seed.ts';
import { pretendPbx } from '../simulator/pbxes.ts';
import { atEnd, endAll, fault, listen, simulate } from '../simulator/start.ts';
import { headOffice } from './pbx-orders.ts';

afterEach(endAll);

const account = '5001';
function client(url: string): Backend {
  const config = readConfig({
    ALLOW_UNAUTHENTICATED: 'true',
    ORGANISATIONS: `8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a=${account}`,
    TEAMMATE_URL: url,
    TEAMMATE_CLIENT_ID: demoLogin.clientId,
    TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
    TEAMMATE_USERNAME: demoLogin.username,
    TEAMMATE_PASSWORD: demoLogin.password,
  });
  const teammate = createTeamMate(config);
  atEnd(teammate.close);
  return teammate;
}

type Any = Operations<Parameters<ReturnType<typeof entryOf>['name']>[0]>;
/** Direct Routing ends with its enterprise and cannot be changed by itself. */
type Changeable = Exclude<RemoteKind, 'direct-routing'>;
const kinds = remoteKinds.filter((kind): kind is Changeable => kind !== 'direct-routing');
/** What of a kind the simulator has, that nothing belongs to, and what it is to be. */
interface Case {
  reference: string;
  paths: { update: string; remove: string };
  more: Record<string, string>;
  body: object;
}
const cases: Record<Changeable, Case> = {
  reseller: {
    reference: '5103',
    paths: { update: '/reseller/updateReseller', remove: '/reseller/deleteReseller' },
    more: { email: 'new@litware.example', billingReference: '' },
    body: { preferredEmail: 'new@litware.example', billingReferences: [] },
  },
  enterprise: {
    reference: '5901',
    paths: { update: '/reseller/updateEnterprise', remove: '/reseller/deleteEnterprise' },
    more: { userLimit: '7', musicOnHold: 'false', accessSipData: 'true', sipDataReason: 'Audit' },
    body: { userLimit: 7, pbxMOH: false, accessSIPData: true },
  },
  pbx: {
    // The first that is made.
    reference: '6001',
    paths: { update: '/pbx/updatePBX', remove: '/pbx' },
    more: { proxy: '', port: '5080', transport: 'TCP', masqueradingLogin: '' },
    // All of it but its secrets, which are kept, and what it belongs to.
    body: {
      pbxLocation: 'Head Office',
      dnsLookupType: 'A',
      sipDomain: headOffice.domain,
      transport: 'TCP',
      port: 5080,
      registrationExpiry: 300,
      voicemailFeatureCode: '*97',
      sipUser: 'teammate',
      authenticationId: 'teammate-auth',
      portal: { authorizationUrl: headOffice.authorizationUrl, clientId: 'proseware' },
    },
  },
};

async function at(kind: Changeable) {
  const sip = pretendPbx();
  const { simulator } = await simulate({ register: sip.register });
  const teammate = client(simulator.url);
  const operations = teammate[kind] as Any;
  const { more } = cases[kind];
  const reference =
    kind === 'pbx' ? (await teammate.pbx.create(headOffice, account, 'made')).reference : cases[kind].reference;
  const order = orderOf(kind, { reseller: '5101', enterprise: headOffice.enterprise });
  const read = () => operations.read!(reference, account, order);
  const thing = (await read())!;
  const before = orderOf(kind, { ...thing.facts, name: thing.name });
  const after = orderOf(kind, { ...thing.facts, name: thing.name, ...more });
  return { simulator, operations, reference, more, read, thing, before, after };
}

test.each(kinds)('every change the catalog offers of a kind %s has its operation', (kind) => {
  const operations = client('http://127.0.0.1:1')[kind] as Any;
  for (const operation of ['edit', 'suspend', 'resume', 'remove'] as const)
    if (offers(kind, operation)) expect(operations[operation === 'edit' ? 'change' : operation]).toBeDefined();
  expect(operations.read).toBeDefined();
});

describe.each(kinds)('a %s in TeamMate', (kind) => {
  const { body, paths } = cases[kind];

  test('is read as our copy has it', async () => {
    const { simulator, reference, thing } = await at(kind);
    const listed = [];
    for await (const page of client(simulator.url).listThings(account, 'whole')) listed.push(...page);
    expect(listed).toContainEqual(thing);
    expect(thing.reference).toBe(reference);
  });

  test('is changed in what is different, and nothing else is sent', async () => {
    const { operations, reference, read, thing, before, after, more } = await at(kind);
    await operations.change!(reference, before, after, account, 'key');
    const { sipDataReason: _, ...told } = more;
    expect((await read())?.facts).toEqual({ ...thing.facts, ...told });

    const service = await listen((_, response) => response.end('{"access_token":"x"}'));
    await (client(service.url)[kind] as Any).change!('5', before, after, account, 'key-1');
    await (client(service.url)[kind] as Any).change!('5', before, before, account, 'key-2');
    const sent = service.heard.filter((heard) => heard.path !== '/oauth/token');
    expect(sent.map((heard) => [heard.method, heard.path, JSON.parse(heard.body)])).toEqual([
      ['PUT', `${paths.update}/5`, body],
    ]);
    expect(sent[0]?.headers['idempotency-key']).toBe('key-1');
  });

  test('is suspended and resumed, and a repeat does no harm', async () => {
    const { operations, reference, read, before } = await at(kind);
    for (const [operation, suspended] of [
      ['suspend', true],
      ['suspend', true],
      ['resume', false],
      ['resume', false],
    ] as const) {
      await operations[operation]!(reference, account, before, 'key');
      expect(await read()).toMatchObject({ suspended });
    }
  });

  test('is removed, and what is gone already is removed as well', async () => {
    const { operations, reference, read, before } = await at(kind);
    await operations.remove!(reference, account, before, 'key');
    expect(await read()).toBeUndefined();
    await operations.remove!(reference, account, before, 'key');
  });

  test('is not taken for removed when the path was wrong: it is still there', async () => {
    const { simulator, operations, reference, before } = await at(kind);
    await fault(simulator, { status: 404, times: 1, path: `${paths.remove}/${reference}` });
    await expect(operations.remove!(reference, account, before, 'key')).rejects.toThrow(BackendRefused);
  });

  test('is not changed twice in place when TeamMate gives no answer: the worker looks first', async () => {
    const { simulator, operations, reference, before, after } = await at(kind);
    await fault(simulator, { status: 503, times: 1, path: paths.update });
    await expect(operations.change!(reference, before, after, account, 'key')).rejects.toThrow(BackendUnavailable);
    await operations.change!(reference, before, after, account, 'key');
  });
});

describe('the secrets of a PBX', () => {
  const stored = ({ simulator }: Awaited<ReturnType<typeof at>>) => simulator.state.pbxes[0]?.secrets;

  test('that are not replaced stay as they are', async () => {
    const there = await at('pbx');
    const was = stored(there);
    await there.operations.change!(there.reference, there.before, there.after, account, 'key');
    expect(stored(there)).toEqual(was);
  });

  test('are replaced by those that are given, each by itself', async () => {
    const there = await at('pbx');
    const { operations, reference, before } = there;
    await operations.change!(reference, before, { ...before, password: 'new one' } as typeof before, account, 'key');
    expect(stored(there)).toEqual({
      sipPassword: 'new one',
      clientSecret: headOffice.clientSecret,
      masqueradingPassword: headOffice.masqueradingPassword,
    });
    const portal = { ...before, clientSecret: 'client', masqueradingPassword: 'masquerading' } as typeof before;
    await operations.change!(reference, before, portal, account, 'key');
    expect(stored(there)).toEqual({
      sipPassword: 'new one',
      clientSecret: 'client',
      masqueradingPassword: 'masquerading',
    });
  });

  test('are not in what TeamMate is quoted with when it refuses them', async () => {
    const { url } = await listen((heard, response) => {
      const token = heard.path === '/oauth/token';
      response.writeHead(token ? 200 : 400);
      response.end(
        JSON.stringify(token ? { access_token: 'token' } : { message: 'sipPassword "new one" is too weak' }),
      );
    });
    const changed = { ...headOffice, password: 'new one' };
    await expect(client(url).pbx.change!('5', headOffice, changed, account, 'key')).rejects.toThrow(
      'sipPassword "[hidden]" is too weak',
    );
  });
});

test('what TeamMate refuses is told in its words: a taken address, a service in use, what belongs to it', async () => {
  const { simulator } = await simulate();
  const { reseller } = client(simulator.url);
  const typed = {
    name: 'Fabrikam',
    email: 'taken@fabrikam.example',
    services: 'PBX,TRUNK',
    billingReference: 'NW-1001',
  };
  const before = orderOf('reseller', typed) as Parameters<NonNullable<typeof reseller.change>>[1];
  const refused = (more: object) =>
    reseller.change!('5101', before, { ...before, ...more }, account, 'key').catch((error: Error) => error);
  expect(await refused({ email: 'voice@adventure-works.example' })).toMatchObject({
    why: 'invalid',
    message: expect.stringContaining('is already in use'),
  });
  expect(await refused({ services: ['TRUNK'] })).toMatchObject({ message: 'Proseware uses PBX Connector.' });
  await expect(reseller.remove!('5101', account, before, 'key')).rejects.toThrow('Fabrikam has enterprises');
});
