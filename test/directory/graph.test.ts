import { randomUUID } from 'node:crypto';
import { readConfig } from '../../src/config.ts';
import { createDirectory, type Directory, DirectoryFailed, outOfReach } from '../../src/directory/graph.ts';
import { explain } from '../../src/errors.ts';
import { type FakeGraph, startGraph } from '../support/graph.ts';
import { foreignTenantId, tenantId } from '../support/people.ts';

let graph: FakeGraph;
let directory: Directory;
beforeEach(async () => {
  graph = await startGraph({ page: 2 });
  directory = createDirectory({ GRAPH_URL: graph.url }, { token: graph.token, timeout: 2_000 });
});
afterEach(async () => {
  await directory.close();
  await graph.close();
});

const ids = (count: number) => Array.from({ length: count }, () => randomUUID());
const never = new AbortController().signal;
const read = (groupId: string, tenant = tenantId) => directory.group(tenant, groupId, never);
const failure = async (reading: Promise<unknown>): Promise<DirectoryFailed> => {
  const error = await reading.then(
    () => new Error('it was read'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DirectoryFailed)) throw error;
  return error;
};
const said = (error: DirectoryFailed) => explain(error.code, error.details);

describe('a group', () => {
  test('is read with its name and everybody in it, page after page, nested groups too', async () => {
    const [one, two, three, four, five] = ids(5) as [string, string, string, string, string];
    const inner = graph.group(tenantId, { members: [three, four, five], devices: ids(1) });
    const outer = graph.group(tenantId, { name: 'Approvers', members: [one, two, three], groups: [inner] });
    const { name, members } = await read(outer);
    expect(name).toBe('Approvers');
    expect(members.sort()).toEqual([one, two, three, four, five].sort());
    expect(graph.asked()).toHaveLength(1 + 3);
  });

  test('whose groups contain each other is read all the same', async () => {
    const [member] = ids(1) as [string];
    const [a, b] = [randomUUID(), randomUUID()];
    graph.group(tenantId, { groups: [b] }, a);
    graph.group(tenantId, { groups: [a], members: [member] }, b);
    expect((await read(a)).members).toEqual([member]);
  });

  test('asks for no more than ids, names and the largest page', async () => {
    await read(graph.group(tenantId, { members: ids(1) }));
    const [group, members] = graph.asked();
    expect(group).toMatch(/\?\$select=id,displayName$/);
    expect(members).toMatch(/\?\$select=id&\$top=999&\$count=true$/);
  });

  test('of another tenant is not there', async () => {
    const theirs = graph.group(foreignTenantId, { members: ids(1) });
    graph.group(tenantId, {});
    expect((await failure(read(theirs))).code).toBe('directory-group-gone');
  });

  test.each([
    ['no name', null, null],
    ['a name of nothing', ' \u0000\n ', null],
    ['a name no database keeps', 'Appro\u0000vers\n\ud83d', 'Appro vers \ufffd'],
    ['a name without an end', 'x'.repeat(5000), 'x'.repeat(256)],
  ])('with %s is read', async (_, name, kept) => {
    expect((await read(graph.group(tenantId, { name }))).name).toBe(kept);
  });

  test('with more people than we read fails as a whole', async () => {
    const error = await failure(read(graph.group(tenantId, { members: ids(41) })));
    expect(said(error).says).toBe('The group has more than 19980 members, and so many are not read.');
    expect(error.temporary).toBe(false);
    expect(graph.asked()).toHaveLength(1 + 20);
  });

  test('is not asked for by what is no id', async () => {
    expect((await failure(read('../users'))).code).toBe('directory-group-gone');
    expect(graph.asked()).toEqual([]);
  });
});

describe('a refusal', () => {
  test('without consent says who has to give it, and is none once it was given, whatever token was kept', async () => {
    const group = graph.group(tenantId, { members: ids(1) });
    graph.consent(tenantId, false);
    const error = await failure(read(group));
    expect(said(error).next).toBe(
      'An administrator of your Microsoft 365 tenant has to consent to the application permission GroupMember.Read.All for it.',
    );
    expect(error.temporary).toBe(false);
    graph.consent(tenantId, true);
    expect((await read(group)).members).toHaveLength(1);
  });

  test('of the token gets one new one, and no third', async () => {
    const group = graph.group(tenantId, {});
    graph.consent(tenantId, false);
    await failure(read(group));
    expect(graph.tokensGiven()).toBe(2);
    expect(graph.asked()).toHaveLength(2);
  });

  test('of a group that is not there says so; another 404 is not taken for that', async () => {
    graph.group(tenantId, {});
    expect(said(await failure(read(randomUUID()))).says).toBe('The directory of your organisation has no such group.');
    graph.bend(() => ({ status: 404, body: '<html>not here</html>' }));
    const proxy = await failure(read(randomUUID()));
    expect(said(proxy).says).toBe('The directory does not answer as it should: it answered 404.');
  });

  test.each([
    [429, 7],
    [503, 7],
    [504, 7],
  ])('with %p is for a while, as long as Graph says', async (status, after) => {
    graph.bend(() => ({ status, body: '', headers: { 'retry-after': String(after) } }));
    const error = await failure(read(randomUUID()));
    expect(error).toMatchObject({ code: 'directory-unreachable', temporary: true, retryAfterSeconds: after });
    expect(graph.asked()).toHaveLength(1);
  });

  test.each([
    ['99999999', 3600],
    [new Date(Date.parse('2026-03-04T05:06:17Z')).toUTCString(), 10],
    ['-5', 0],
    ['soon', undefined],
  ])('asking for a pause of %p waits %p seconds', async (header, seconds) => {
    const now = () => Date.parse('2026-03-04T05:06:07Z');
    const other = createDirectory({ GRAPH_URL: graph.url }, { token: graph.token, now });
    graph.bend(() => ({ status: 429, body: '', headers: { 'retry-after': header } }));
    const error = await failure(other.group(tenantId, randomUUID(), never));
    expect(error.retryAfterSeconds).toBe(seconds);
    await other.close();
  });
});

describe('no answer', () => {
  test('in time, or no connection, may be otherwise in a moment', async () => {
    const tokens = async () => 'token';
    // Nobody listens on the discard port.
    const nowhere = createDirectory({ GRAPH_URL: 'http://127.0.0.1:9' }, { token: tokens });
    const error = await failure(nowhere.group(tenantId, randomUUID(), never));
    expect(error).toMatchObject({ temporary: true, details: { reason: 'no connection' } });
    await nowhere.close();

    const hasty = createDirectory({ GRAPH_URL: graph.url }, { token: graph.token, timeout: 50 });
    graph.bend(() => new Promise(() => {}));
    const late = await failure(hasty.group(tenantId, randomUUID(), never));
    expect(late).toMatchObject({ temporary: true, details: { reason: 'no answer in time' } });
    await hasty.close();
  });

  test('because the job was stopped is no failure of the directory', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(directory.group(tenantId, graph.group(tenantId, {}), stopped)).rejects.toThrow('stopped');
  });
});

describe('an answer that Graph does not give', () => {
  const group = { id: randomUUID(), displayName: 'Approvers' };
  const [member] = ids(1) as [string];
  const pages = (answer: (path: string) => unknown) =>
    graph.bend((path) => ({ status: 200, body: path.includes('transitiveMembers') ? answer(path) : group }));

  test.each<[string, unknown]>([
    ['no JSON', '<html>'],
    ['no list', { value: {} }],
    ['a list of no ids', { value: [{ id: 'everybody' }] }],
    ['a list with nothing in it', { value: [null] }],
    ['more than it was asked for', { value: ids(1000).map((id) => ({ id })) }],
    ['a link that is none', { value: [], '@odata.nextLink': 7 }],
    ['a link to nowhere', { value: [], '@odata.nextLink': 'next' }],
    ['far too much', { value: [{ id: member, about: 'x'.repeat(2_000_000) }] }],
  ])('%s is not taken for a group', async (_, answer) => {
    pages(() => answer);
    expect(await failure(read(group.id))).toMatchObject({ code: 'directory-unreachable', temporary: true });
  });

  test.each([
    'https://graph.microsoft.com.example/v1.0/groups',
    'http://127.0.0.1:1/v1.0/groups',
    'file:///etc/passwd',
    '//elsewhere.example/',
  ])('a link to %s is not followed: our token would go there', async (link) => {
    pages(() => ({ value: [{ id: member }], '@odata.nextLink': link }));
    const error = await failure(read(group.id));
    expect(said(error).says).toContain('it points to another address');
    expect(graph.asked()).toHaveLength(2);
  });

  test('a link back to itself ends', async () => {
    pages((path) => ({ value: [{ id: member }], '@odata.nextLink': graph.url + path }));
    expect((await failure(read(group.id))).code).toBe('directory-group-large');
  });

  test('another group than the one asked for is not taken for it', async () => {
    pages(() => ({ value: [{ id: member }] }));
    expect(said(await failure(read(randomUUID()))).says).toContain('it answers with another group');
  });

  test('a redirect is not followed', async () => {
    graph.bend(() => ({ status: 302, body: '', headers: { location: `${graph.url}/elsewhere` } }));
    expect(await failure(read(group.id))).toMatchObject({ temporary: false, details: { reason: 'it answered 302' } });
    expect(graph.asked()).toHaveLength(1);
  });

  test('an error’s words are not repeated, only a code that looks like one', async () => {
    const says = (code: string) => graph.bend(() => ({ status: 400, body: { error: { code, message: '**evil**' } } }));
    says('Request_BadRequest');
    expect((await failure(read(group.id))).message).toContain('it answered 400 Request_BadRequest');
    says('<at>evil</at>');
    expect((await failure(read(group.id))).message).toMatch(/it answered 400\.$/);
  });
});

describe('the bot’s own login', () => {
  const refusedWith = (message: string) =>
    failure(
      createDirectory({ GRAPH_URL: graph.url }, { token: () => Promise.reject(new Error(message)) }).group(
        tenantId,
        randomUUID(),
        never,
      ),
    );

  test.each([
    ['AADSTS700016: the application was not found in the directory secret-words', 'directory-consent', false],
    ['AADSTS7000229: missing service principal secret-words', 'directory-consent', false],
    ['AADSTS7000222: the client secret keys are expired secret-words', 'directory-login', false],
    ['getaddrinfo ENOTFOUND secret-words', 'directory-unreachable', true],
  ])('that fails with %p is told as %s', async (message, code, temporary) => {
    const error = await refusedWith(message);
    expect(error).toMatchObject({ code, temporary });
    expect(JSON.stringify(said(error))).not.toContain('secret-words');
  });

  test('says the number of what is wrong with it', async () => {
    expect(said(await refusedWith('AADSTS7000222: expired')).says).toBe(
      'The directory did not accept the bot’s own login (AADSTS7000222).',
    );
  });

  test('that there is none is no call without one', async () => {
    const bare = createDirectory({ GRAPH_URL: graph.url }, { token: async () => undefined });
    expect((await failure(bare.group(tenantId, randomUUID(), never))).code).toBe('directory-no-login');
    expect(graph.asked()).toEqual([]);
    await bare.close();
  });

  test.each([
    ['managed-identity', tenantId, undefined],
    ['managed-identity', tenantId.toUpperCase(), undefined],
    ['managed-identity', foreignTenantId, 'directory-out-of-reach'],
    ['secret', foreignTenantId, undefined],
    ['certificate', foreignTenantId, undefined],
  ] as const)('by %s reaches %s: %p is in the way', (BOT_CREDENTIAL, tenant, obstacle) => {
    const settings = { BOT_CREDENTIAL, BOT_TENANT_ID: tenantId, ALLOW_UNAUTHENTICATED: false };
    expect(outOfReach(settings, tenant)).toBe(obstacle);
    expect(outOfReach({ ...settings, ALLOW_UNAUTHENTICATED: true }, tenant)).toBe('directory-no-login');
  });
});

test('the address of Graph has to be https, but on this machine', () => {
  const wrong = (GRAPH_URL: string) => {
    try {
      readConfig({ GRAPH_URL });
    } catch (error) {
      return (error as Error).message.includes('GRAPH_URL');
    }
    return false;
  };
  expect(['http://graph.microsoft.com', 'http://127.0.0.1.example'].map(wrong)).toEqual([true, true]);
  expect(['https://graph.microsoft.us', 'http://127.0.0.1:4000'].map(wrong)).toEqual([false, false]);
});
