import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type ConnectorOptions,
  createConnector,
  DeliveryFailed,
  serviceUrlAllowed,
} from '../../src/teams/connector.ts';
import { type FakeTeams, type Fault, startFakeTeams } from '../support/fake-teams.ts';
import { alex, channel, megan, personal, serviceUrl, stranger, thread } from '../support/people.ts';

const hello = { type: 'message', text: 'Hello' };
const chat = personal(alex);
const address = { serviceUrl, conversationId: chat.id };

let teams: FakeTeams;
const closing: (() => Promise<void>)[] = [];

/** Starts a fake Teams that knows Alex's chat, and a connector to it. */
async function open(options: Partial<ConnectorOptions> = {}, fake: Parameters<typeof startFakeTeams>[0] = {}) {
  teams = await startFakeTeams(fake);
  teams.install(chat, [alex]);
  const connector = createConnector({
    token: async () => 'good',
    serviceUrlAllowed: (url) => serviceUrlAllowed(url, ['smba.trafficmanager.net'], false),
    dispatcher: teams.dispatcher(),
    ...options,
  });
  closing.push(() => connector.close(), teams.close);
  return connector;
}

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What the call failed with; a call that succeeded is the test's failure. */
async function failed(call: Promise<unknown>): Promise<DeliveryFailed> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DeliveryFailed);
  return error as DeliveryFailed;
}

describe('what the connector does', () => {
  test('posts an activity and tells its id, by which it is updated later', async () => {
    const connector = await open();
    const { id } = await connector.post(address, hello);
    expect(teams.activity(chat.id, id!)).toMatchObject(hello);
    await connector.update(address, id!, { type: 'message', text: 'Hello again' });
    expect(teams.activity(chat.id, id!)).toMatchObject({ id, text: 'Hello again' });
    expect(teams.calls.at(-1)?.activity).toEqual({ id, type: 'message', text: 'Hello again' });
    expect(teams.delivered().map(({ kind }) => kind)).toEqual(['post', 'update']);
  });

  test('posts into a thread of a channel, whose id needs encoding', async () => {
    const connector = await open();
    const approvals = channel('Approvals');
    teams.install(approvals, [megan]);
    const conversationId = thread(approvals, '1750000000000').id;
    await connector.post({ serviceUrl, conversationId }, hello);
    expect(teams.delivered()[0]).toMatchObject({ conversationId });
  });

  test('an id cannot lead to another resource', async () => {
    const connector = await open();
    for (const conversationId of ['', '.', '..'])
      expect(await failed(connector.post({ serviceUrl, conversationId }, hello))).toMatchObject({ kind: 'parked' });
    await failed(connector.post({ serviceUrl, conversationId: '../../teams/x?y#z' }, hello));
    expect(teams.calls.map(({ conversationId }) => conversationId)).toEqual(['../../teams/x?y#z']);
  });

  test('finds a person in the roster by 29: id and by directory id', async () => {
    const connector = await open();
    const found = {
      id: alex.id,
      name: alex.name,
      aadObjectId: alex.aadObjectId,
      email: alex.email,
      userPrincipalName: alex.email,
    };
    expect(await connector.member(address, alex.id)).toEqual(found);
    expect(await connector.member(address, alex.aadObjectId)).toEqual(found);
    expect(await failed(connector.member(address, stranger.id))).toMatchObject({ kind: 'parked', status: 404 });
  });

  test('lists the channels of a team, General without a name', async () => {
    const connector = await open();
    const approvals = channel('Approvals');
    teams.install(approvals);
    const teamId = approvals.team!.id;
    expect(await connector.channels(serviceUrl, teamId)).toEqual([
      { id: teamId, name: undefined },
      { id: approvals.id, name: 'Approvals' },
    ]);
  });

  // Two and not one: undici gives a connection back a moment after the answer's last byte, and a call that comes in
  // that moment opens a second one. From then on the two take turns.
  test('consecutive calls share kept-alive connections, failed ones included', async () => {
    const connector = await open();
    for (let turn = 0; turn < 10; turn++) {
      await connector.post(address, hello);
      await connector.member(address, alex.id);
      await failed(connector.member(address, stranger.id));
    }
    expect(teams.calls).toHaveLength(30);
    expect(teams.connections()).toBeLessThanOrEqual(2);
  });

  test('a call after a pause takes the connection of the one before', async () => {
    const connector = await open();
    for (let turn = 0; turn < 5; turn++) {
      await connector.post(address, hello);
      await new Promise(setImmediate);
    }
    expect(teams.connections()).toBe(1);
  });

  test('its own pool keeps connections too, and lets them go when it is closed', async () => {
    await open();
    const own = createConnector({
      token: async () => undefined,
      serviceUrlAllowed: (url) => serviceUrlAllowed(url, [], true),
    });
    const local = { ...address, serviceUrl: teams.serviceUrl };
    for (let turn = 0; turn < 10; turn++) await own.post(local, hello);
    expect(teams.connections()).toBeLessThanOrEqual(2);
    await own.close();
    expect(await failed(own.post(local, hello))).toMatchObject({ kind: 'again', code: 'NetworkError' });
  });
});

describe('which failures are worth repeating', () => {
  type Row = [Fault, Partial<DeliveryFailed>];
  const rows: Row[] = [
    ...[412, 429, 502, 503, 504].map((status): Row => [{ status }, { kind: 'again', status, code: `Fault${status}` }]),
    ...[400, 402, 403, 404, 405, 409, 413, 422, 500, 501].map(
      (status): Row => [{ status }, { kind: 'parked', status }],
    ),
    [{ status: 302 }, { kind: 'parked', status: 302 }],
    [
      { status: 403, code: 'BotDisabledByAdmin' },
      { kind: 'parked', code: 'BotDisabledByAdmin' },
    ],
    [
      { status: 429, retryAfter: '7' },
      { kind: 'again', retryAfterSeconds: 7 },
    ],
    [
      { status: 429, retryAfter: 'Sun, 15 Jun 2025 12:01:00 GMT' },
      { kind: 'again', retryAfterSeconds: 60 },
    ],
    [
      { status: 429, retryAfter: 'Sun, 15 Jun 2025 11:00:00 GMT' },
      { kind: 'again', retryAfterSeconds: 0 },
    ],
    [
      { status: 503, retryAfter: 'soon' },
      { kind: 'again', retryAfterSeconds: undefined },
    ],
    [
      { status: 403, retryAfter: '7' },
      { kind: 'parked', retryAfterSeconds: undefined },
    ],
    [{ status: 'drop' }, { kind: 'again', status: undefined, code: 'NetworkError' }],
    [{ status: 'hang' }, { kind: 'again', status: undefined, code: 'TimedOut' }],
  ];

  test.each(rows)('%j is %j', async (fault, expected) => {
    const now = () => Date.parse('2025-06-15T12:00:00Z');
    const connector = await open({ now, ...(fault.status === 'hang' && { timeout: 100 }) });
    teams.fault(fault);
    expect(await failed(connector.post(address, hello))).toMatchObject(expected);
    expect(teams.calls).toHaveLength(1);
    expect(await connector.post(address, hello)).toEqual({ id: expect.any(String) });
  });

  test('a refusal carries Teams’ own code and sentence', async () => {
    const connector = await open();
    teams.uninstall(chat);
    expect(await failed(connector.post(address, hello))).toMatchObject({
      kind: 'parked',
      code: 'BotNotInConversationRoster',
      message: expect.stringContaining('not part of the conversation roster'),
    });
    teams.install(chat);
    expect(await failed(connector.update(address, 'gone', hello))).toMatchObject({
      kind: 'parked',
      code: 'ActivityNotFoundInConversation',
    });
  });

  test('a message over Teams’ size is parked', async () => {
    const connector = await open();
    const long = { type: 'message', text: 'x'.repeat(60_000) };
    expect(await failed(connector.post(address, long))).toMatchObject({ kind: 'parked', status: 413 });
  });

  test('the eighth post within a second is told when to come again', async () => {
    const connector = await open({}, { limits: true, now: () => 1_750_000_000_000 });
    for (let turn = 0; turn < 7; turn++) await connector.post(address, hello);
    expect(await failed(connector.post(address, hello))).toMatchObject({ status: 429, retryAfterSeconds: 1 });
  });

  test('nobody listening is worth repeating', async () => {
    const connector = await open();
    await teams.close();
    expect(await failed(connector.post(address, hello))).toMatchObject({ kind: 'again', code: 'NetworkError' });
    closing.length = 0;
  });
});

describe('what cannot be understood', () => {
  let server: Server;
  let answer = '';

  beforeEach(async () => {
    server = createServer((_, response) => response.end(answer));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(['', '<html>Please log in</html>', '{}', '[]', 'null', '{"id": 5}', '{"conversations": {}}'])(
    'the answer %j is a post without an id, and a read worth repeating',
    async (text) => {
      answer = text;
      const connector = await open({ dispatcher: undefined!, serviceUrlAllowed: () => true });
      const local = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(await connector.post({ ...address, serviceUrl: local }, hello)).toEqual({ id: undefined });
      for (const read of [connector.member({ ...address, serviceUrl: local }, 'x'), connector.channels(local, 'x')])
        expect(await failed(read)).toMatchObject({ kind: 'again', code: 'AnswerNotUnderstood' });
    },
  );
});

describe('the token', () => {
  test('is renewed once after a 401, and the call repeated with the new one', async () => {
    let current = 'old';
    const refused: (string | undefined)[] = [];
    const token = async (bad?: string) => {
      refused.push(bad);
      if (bad === current) current = 'new';
      return current;
    };
    const connector = await open({ token }, { authorized: (bearer) => bearer === 'new' });
    await connector.post(address, hello);
    expect(teams.calls.map(({ status }) => status)).toEqual([401, 201]);
    expect(refused).toEqual([undefined, 'old']);
  });

  test('refused twice parks the message', async () => {
    const connector = await open({}, { authorized: () => false });
    expect(await failed(connector.post(address, hello))).toMatchObject({ kind: 'parked', status: 401 });
    expect(teams.calls).toHaveLength(2);
  });

  test('that cannot be had is worth repeating, and nothing is sent', async () => {
    const connector = await open({ token: () => Promise.reject(new Error('no network')) });
    expect(await failed(connector.post(address, hello))).toMatchObject({ kind: 'again', code: 'TokenUnavailable' });
    expect(teams.calls).toHaveLength(0);
  });

  test('is never sent to an address that is not Teams’', async () => {
    let asked = 0;
    const connector = await open({ token: async () => `token ${++asked}` });
    const elsewhere = { ...address, serviceUrl: 'https://evil.trafficmanager.net/' };
    expect(await failed(connector.post(elsewhere, hello))).toMatchObject({ kind: 'parked', code: 'ServiceUrlRefused' });
    expect(asked).toBe(0);
    expect(teams.calls).toHaveLength(0);
  });
});

describe('which service URLs are Teams’', () => {
  const hosts = ['smba.trafficmanager.net', 'SMBA.infra.gcc.teams.microsoft.com'];

  test.each([
    ['https://smba.trafficmanager.net/emea/', true],
    ['https://SMBA.trafficmanager.net/amer/some-tenant/', true],
    ['https://smba.trafficmanager.net:443/', true],
    ['https://smba.infra.gcc.teams.microsoft.com', true],
    ['http://smba.trafficmanager.net/', false],
    ['https://smba.trafficmanager.net:8443/', false],
    ['https://evil.trafficmanager.net/', false],
    ['https://x.smba.trafficmanager.net/', false],
    ['https://smba.trafficmanager.net.evil.example/', false],
    ['https://smba.trafficmanager.net@evil.example/', false],
    ['https://user:secret@smba.trafficmanager.net/', false],
    ['https://smba.trafficmanager.net./', false],
    ['https://smba.trafficmanager.net/?next=', false],
    ['https://smba.trafficmanager.net/#', true],
    ['https://smba.trafficmanager.net/#x', false],
    ['https://127.0.0.1/', false],
    ['ftp://smba.trafficmanager.net/', false],
    ['file:///etc/passwd', false],
    ['smba.trafficmanager.net', false],
    ['', false],
  ])('%s: %s', (url, allowed) => {
    expect(serviceUrlAllowed(url, hosts, false)).toBe(allowed);
    expect(serviceUrlAllowed(url, hosts, true)).toBe(allowed);
  });

  test.each([
    ['http://127.0.0.1:56150/_connector', true],
    ['http://localhost:56150', true],
    ['http://[::1]:56150/', true],
    ['http://127.0.0.1.evil.example/', false],
    ['http://localhost.evil.example/', false],
    ['http://10.0.0.1/', false],
    ['http://user@localhost/', false],
  ])('%s: in development %s, else not', (url, allowed) => {
    expect(serviceUrlAllowed(url, hosts, true)).toBe(allowed);
    expect(serviceUrlAllowed(url, hosts, false)).toBe(false);
  });
});
