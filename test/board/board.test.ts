import type { Insertable } from 'kysely';
import * as contract from '../../src/board/contract.ts';
import type { Tables } from '../../src/db/schema.ts';
import { keep } from '../../src/requests/things.ts';
import { demoMasterReseller } from '../../src/simulator/seed.ts';
import { until } from '../simulator/start.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { alex, bot, foreignTenantId, megan, stranger, type TestPerson, tenantId } from '../support/people.ts';
import { signOnToken } from '../support/token-issuer.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({
    env: {
      ORGANISATIONS: `${tenantId}=${demoMasterReseller.resellerId},${foreignTenantId}=4002`,
      SYNC_EVERY: '20d',
      APP_ID: bot.appId,
    },
  });
});
afterAll(() => harness.close());

const call = async (person: TestPerson, path: string, init: RequestInit = {}) =>
  fetch(harness.app.url + path, {
    ...init,
    headers: {
      authorization: `Bearer ${await signOnToken(harness.issuer, { person, audience: bot.appId })}`,
      'content-type': 'application/json',
      ...init.headers,
    },
  });
/** Every answer is held to the contract, which refuses what it does not know of. */
const boardOf = async (person: TestPerson, query = '') => {
  const response = await call(person, `${contract.paths.board}${query}`);
  expect(response.status).toBe(200);
  return contract.boardSchema.parse(await response.json());
};
const refusalOf = async (response: Response) => {
  const { refusal } = contract.refusedSchema.parse(await response.json());
  return [response.status, refusal.code] as const;
};
const decide = (person: TestPerson, id: string, verb: string, body: object) =>
  call(person, `/api/requests/${id}/${verb}`, { method: 'POST', body: JSON.stringify(body) });

/** As if they had been read a while ahead, so that no look at the simulator, which has none of them, takes them away. */
const things = (tenant: string, list: Parameters<typeof keep>[2]) =>
  harness.db.transaction().execute((trx) => keep(trx, tenant, list, new Date(Date.now() + 3_600_000)));
const chain = [
  {
    kind: 'reseller',
    reference: '901',
    name: 'Adatum',
    active: true,
    suspended: false,
    facts: { email: 'ops@adatum.example', billingReference: '=B-77' },
  },
  {
    kind: 'enterprise',
    reference: '902',
    name: 'Proseware',
    active: true,
    suspended: false,
    parent: '901',
    facts: { email: 'it@proseware.example' },
  },
  { kind: 'pbx', reference: '903', name: 'Head office', active: false, suspended: false, parent: '902', facts: {} },
  { kind: 'enterprise', reference: '904', name: 'Lucerne', active: true, suspended: true, parent: '901', facts: {} },
] as const satisfies Parameters<typeof keep>[2];

describe('the board', () => {
  beforeAll(() => things(tenantId, chain));

  test('has what TeamMate lists, each with what it belongs to and how it stands', async () => {
    const { items, counts } = await boardOf(alex);
    const of = (name: string) => items.find((item) => item.name === name);
    expect(of('Head office')).toMatchObject({
      key: 'pbx:903',
      noun: 'PBX',
      parents: [
        { key: 'reseller:901', name: 'Adatum' },
        { key: 'enterprise:902', name: 'Proseware' },
      ],
      state: { id: 'inactive' },
      requests: [],
    });
    expect(of('Adatum')).toMatchObject({
      email: 'ops@adatum.example',
      billingReference: '=B-77',
      state: { id: 'active' },
    });
    expect(of('Lucerne')?.state).toMatchObject({ id: 'suspended', label: 'Suspended' });
    expect(counts.things.find(({ kind }) => kind === 'enterprise')).toMatchObject({ suspended: expect.any(Number) });
  });

  test('has what is asked for and not there yet, with who is waited for and since when', async () => {
    const { id, name, email } = await harness.order(alex);
    const item = (await boardOf(alex)).items.find((one) => one.name === name);
    expect(item).toMatchObject({
      key: `request:${id}`,
      kind: 'reseller',
      email,
      state: { id: 'pending', label: 'Pending', icon: '⏳' },
      waitingFor: 'an approver',
      requests: [{ shown: `R-${id}`, requester: { name: alex.name, you: true } }],
    });
    expect(item?.requests[0]?.steps.map(({ state }) => state)).toEqual(['done', 'now', 'later', 'later']);
    expect(Date.parse(item?.since ?? '')).toBeLessThanOrEqual(Date.now());
  });

  test('follows a request until its thing is there, and then shows the thing once', async () => {
    const { id, name, email } = await harness.order(alex);
    const [pending] = (await boardOf(megan, `?search=${name}`)).items;
    expect((await decide(megan, id, 'approve', { version: pending?.requests[0]?.version })).status).toBe(200);
    await harness.smtp.mailTo(email);
    const items = async () => (await boardOf(alex, `?search=R-${id}`)).items;
    await until(async () => (await items())[0]?.state.id === 'waiting');
    const [item, ...others] = await items();
    expect(others).toEqual([]);
    expect(item).toMatchObject({ waitingFor: `${email} to activate`, name });
    expect(item?.key).toMatch(/^reseller:/);
    expect(item?.requests).toHaveLength(1);
    expect(item?.requests[0]?.actions).toEqual([{ verb: 'resend', title: 'Resend activation e-mail' }]);
  });

  /** A request as it stands after its way, without all that goes there. */
  const standing = async (values: Partial<Insertable<Tables['requests']>>) => {
    const { id } = await harness.db
      .insertInto('requests')
      .values({
        tenant_id: tenantId,
        kind: 'pbx',
        state: 'active',
        content: JSON.stringify({}),
        name: 'Head office',
        requester_tenant_id: tenantId,
        requester_id: alex.aadObjectId,
        requester_name: alex.name,
        since: new Date(),
        created_at: new Date(),
        ...values,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  };

  test('says of a PBX that it is no longer registered, though nothing is asked for', async () => {
    const lostAt = new Date('2026-11-01T08:00:00.000Z');
    const content = JSON.stringify({ location: 'Head office', enterprise: '902', names: {} });
    await standing({ reference: '903', lost_at: lostAt, content });
    const { items, counts } = await boardOf(alex);
    expect(items.find(({ key }) => key === 'pbx:903')).toMatchObject({
      state: { id: 'lost', label: 'Registration lost', tone: 'attention' },
      since: lostAt.toISOString(),
    });
    expect(counts.lost).toBe(1);
  });

  test('shows a request that makes several things with each that is there, and under what it belongs to', async () => {
    const content = JSON.stringify({
      enterprise: '902',
      gateways: ['1', '2'],
      names: { 'enterprise 902': 'Proseware' },
    });
    const about = {
      kind: 'direct-routing',
      state: 'waiting',
      name: 'Proseware (US East 1, US West)',
      content,
    } as const;
    const id = await standing({ ...about, reference: '902:1,2' });
    const shownWith = async () =>
      (await boardOf(alex)).items.filter(({ requests }) => requests.some((request) => request.id === id));
    expect(await shownWith()).toMatchObject([
      { key: `request:${id}`, parents: [{ name: 'Adatum' }, { name: 'Proseware' }], state: { id: 'waiting' } },
    ]);
    await things(tenantId, [
      {
        kind: 'direct-routing',
        reference: '902:1',
        name: 'US East 1',
        active: true,
        suspended: false,
        parent: '902',
        facts: {},
      },
    ]);
    expect(await shownWith()).toMatchObject([{ key: 'direct-routing:902:1', state: { id: 'waiting' } }]);
  });

  test('is of one tenant: nothing of another one is in it, whatever is searched for', async () => {
    await things(foreignTenantId, [{ ...chain[0], reference: '990', name: 'Foreign' }]);
    const own = await harness.order(alex);
    await harness.db
      .insertInto('roles')
      .values({
        tenant_id: foreignTenantId,
        directory_id: stranger.aadObjectId,
        role: 'approver',
        granted_by: 'a test',
        granted_at: new Date(),
      })
      .execute();
    expect(JSON.stringify(await boardOf(alex))).not.toContain('Foreign');
    expect((await boardOf(alex, '?search=990')).items).toEqual([]);
    const theirs = await boardOf(stranger);
    expect(theirs.items.map(({ name }) => name)).toEqual(['Foreign']);
    expect(theirs.queue).toEqual([]);
    expect((await boardOf(stranger, `?search=${own.name}`)).items).toEqual([]);
    expect((await boardOf(stranger, `?search=R-${own.id}`)).items).toEqual([]);
    expect(await refusalOf(await call(stranger, contract.paths.request(own.id)))).toEqual([404, 'request-unknown']);
    expect(await refusalOf(await decide(stranger, own.id, 'approve', { version: 1 }))).toEqual([
      404,
      'request-unknown',
    ]);
  });

  test('says honestly how much more there is, and finds it by a search', async () => {
    const all = await boardOf(alex);
    const some = await boardOf(alex, '?limit=2');
    expect(some.items).toHaveLength(2);
    expect(some.more).toBe(all.items.length - 2);
    expect(all.more).toBe(0);
    for (const search of ['head OFF', '903', 'it@proseware.example', '=B-77'])
      expect((await boardOf(alex, `?limit=2&search=${encodeURIComponent(search)}`)).items).toHaveLength(1);
    expect((await boardOf(alex, `?search=${encodeURIComponent('100%_')}`)).items).toEqual([]);
  });

  test('shows what is under way before the rest', async () => {
    const { items } = await boardOf(alex, '?limit=2000');
    const busy = items.filter(({ key }) => !key.startsWith('request:')).map(({ requests }) => requests.length > 0);
    expect(busy).toEqual([...busy].sort((a, b) => Number(b) - Number(a)));
  });

  test('is refused to whoever has no role, with what to do', async () => {
    const nobody = await harness.join('Nobody');
    const response = await call(nobody, contract.paths.board);
    expect(response.status).toBe(403);
    const { refusal } = contract.refusedSchema.parse(await response.json());
    expect(refusal.code).toBe('role-missing');
    expect(refusal.next).toContain(megan.name);
    for (const path of [
      contract.paths.stages,
      contract.paths.csv,
      contract.paths.events,
      contract.paths.request('1001'),
    ])
      expect(await refusalOf(await call(nobody, path))).toEqual([403, 'role-missing']);
  });

  test.each(['board', 'stages', 'csv', 'events'] as const)('is refused without a token: %s', async (what) => {
    const response = await fetch(harness.app.url + contract.paths[what]);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await refusalOf(response)).toEqual([401, 'sign-on-missing']);
  });

  test('is told in the language that is asked for', async () => {
    const response = await call(megan, contract.paths.board, { headers: { 'accept-language': 'xx, de-AT;q=0.9' } });
    expect(response.status).toBe(200);
  });
});

describe('the queue', () => {
  const queued = async (person: TestPerson, id: string) =>
    (await boardOf(person)).queue.find((one) => one.type === 'request' && one.request.id === id);

  test('has what waits for an approver, with what is asked for and what they can do', async () => {
    const { id, name } = await harness.order(alex);
    const one = await queued(megan, id);
    expect(one).toMatchObject({
      type: 'request',
      request: {
        name,
        actions: [
          { verb: 'approve', title: 'Approve' },
          { verb: 'reject', title: 'Reject' },
        ],
      },
    });
    expect(one?.type === 'request' && one.request.facts).toContainEqual({ title: 'Reseller Name', value: name });
    expect((await boardOf(megan)).counts.queue).toBe((await boardOf(megan)).queue.length);
  });

  test('is nothing for whoever may not see it', async () => {
    const board = await boardOf(alex);
    expect(board.you).toMatchObject({ seesQueue: false, approves: false, orders: true });
    expect(board.queue).toEqual([]);
  });

  test('marks an own request, which is somebody else’s to decide on', async () => {
    const both = await harness.join('Both', 'requester', 'approver');
    const { id } = await harness.order(both);
    const one = await queued(both, id);
    expect(one).toMatchObject({
      request: { requester: { you: true }, actions: [{ verb: 'withdraw', title: 'Withdraw' }] },
    });
    expect(await refusalOf(await decide(both, id, 'approve', { version: 1 }))).toEqual([403, 'own-request']);
  });

  test('leads to the approval card in the channel, and each to their own chat', async () => {
    const { id } = await harness.order(alex);
    const link = async (person: TestPerson) =>
      contract.requestSchema.parse(await (await call(person, contract.paths.request(id))).json()).link;
    // Posted, and its id noted.
    await until(async () => (await link(megan))?.includes('/l/message/') ?? false);
    const approver = await link(megan);
    expect(approver).toMatch(/^https:\/\/teams\.microsoft\.com\/l\/message\/19%3Aapprovals-[^/]+\/[^/?]+\?tenantId=/);
    expect(await link(alex)).toBe(
      `https://teams.microsoft.com/l/entity/${bot.appId}/conversations?tenantId=${tenantId}`,
    );
  });
});

describe('a decision in the tab', () => {
  test('is made as by the card’s button: the card follows, and the next one hears who was faster', async () => {
    const own = await harness.order(alex);
    const response = await decide(megan, own.id, 'reject', { version: 1, reason: 'Not this year' });
    expect(response.status).toBe(200);
    const { request } = contract.decidedSchema.parse(await response.json());
    expect(request).toMatchObject({
      state: { id: 'rejected' },
      decision: { name: megan.name, reason: 'Not this year' },
    });
    await harness.see(own.where, 'Not this year');

    const another = await harness.join('Another', 'approver');
    const late = await decide(another, own.id, 'approve', { version: 1 });
    expect(late.status).toBe(409);
    const refused = contract.refusedSchema.parse(await late.json());
    expect(refused.refusal.code).toBe('already-decided');
    expect(refused.refusal.says).toContain(megan.name);
    expect(refused.request?.state.id).toBe('rejected');
  });

  test('is made once, however often it is sent', async () => {
    const { id } = await harness.order(alex);
    const all = await Promise.all([1, 2, 3].map(() => decide(megan, id, 'approve', { version: 1 })));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    const events = await harness.db
      .selectFrom('events')
      .select('id')
      .where('request_id', '=', id)
      .where('what', '=', 'approve')
      .execute();
    expect(events).toHaveLength(1);
  });

  test('needs a reason to reject', async () => {
    const { id } = await harness.order(alex);
    expect(await refusalOf(await decide(megan, id, 'reject', { version: 1 }))).toEqual([422, 'reason-missing']);
    const long = { version: 1, reason: 'x'.repeat(contract.reasonLimit + 1) };
    expect(await refusalOf(await decide(megan, id, 'reject', long))).toEqual([422, 'reason-too-long']);
  });

  test('is refused to who may not, and nothing is changed by it', async () => {
    const { id } = await harness.order(alex);
    const other = await harness.join('Other', 'requester');
    expect(await refusalOf(await decide(other, id, 'approve', { version: 1 }))).toEqual([403, 'role-missing']);
    expect(await refusalOf(await decide(other, id, 'withdraw', { version: 1 }))).toEqual([403, 'not-yours']);
    expect((await decide(alex, id, 'withdraw', { version: 1 })).status).toBe(200);
  });

  test.each<[string, string, string, unknown]>([
    ['no id', 'R-1001', 'approve', { version: 1 }],
    ['an id of no number', '1;drop', 'approve', { version: 1 }],
    ['an id that no number is as long as', '9'.repeat(30), 'approve', { version: 1 }],
    ['a verb there is not', '1001', 'constructor', { version: 1 }],
    ['no version', '1001', 'approve', {}],
    ['a version that is a text', '1001', 'approve', { version: '1' }],
    ['more than it should', '1001', 'approve', { version: 1, state: 'active' }],
    ['a list', '1001', 'approve', []],
    ['a form in the place of JSON', '1001', 'approve', 'version=1'],
  ])('with %s is not understood', async (_, id, verb, body) => {
    const form = typeof body === 'string';
    const response = await call(megan, `/api/requests/${encodeURIComponent(id)}/${verb}`, {
      method: 'POST',
      body: form ? body : JSON.stringify(body),
      ...(form && { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    });
    expect(await refusalOf(response)).toEqual([400, 'call-unclear']);
  });
});

describe('the board as CSV', () => {
  test('has every row, and nothing in it is taken for a formula', async () => {
    const response = await call(alex, contract.paths.csv);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="board-\d{4}-\d{2}-\d{2}\.csv"$/,
    );
    const text = await response.text();
    const [head, ...rows] = text.trim().split('\r\n');
    expect(head).toContain('Kind,Name,Reseller,Enterprise,State,Waiting for,Since');
    expect(rows).toHaveLength((await boardOf(alex)).items.length);
    expect(text).toContain("'=B-77");
    expect(text).not.toMatch(/(^|,)"?[=+@]/m);
  });

  test('has only what is searched for', async () => {
    const text = await (await call(alex, `${contract.paths.csv}?search=Head%20office`)).text();
    expect(text.trim().split('\r\n')).toHaveLength(2);
  });
});

describe('the stages', () => {
  test('say how many are in each now, and how long those took that left it', async () => {
    const before = contract.stagesSchema.parse(await (await call(alex, contract.paths.stages)).json());
    const { id } = await harness.order(alex);
    const after = contract.stagesSchema.parse(await (await call(alex, contract.paths.stages)).json());
    const of = (stages: contract.Stages, stage: string) => stages.stages.find((one) => one.id === stage);
    expect(of(after, 'approval')?.open).toBe((of(before, 'approval')?.open ?? 0) + 1);
    expect(after.perDay).toHaveLength(30);
    expect(after.perDay.at(-1)?.open.approval).toBe(of(after, 'approval')?.open);
    expect(after.perDay.at(-1)?.day).toBe(after.at.slice(0, 10));

    await decide(megan, id, 'approve', { version: 1 });
    const last = contract.stagesSchema.parse(await (await call(alex, contract.paths.stages)).json());
    expect(of(last, 'approval')?.all.count).toBe((of(after, 'approval')?.all.count ?? 0) + 1);
    expect(of(last, 'approval')?.all.median).toBeGreaterThanOrEqual(0);
    expect(of(last, 'approval')?.kinds).toContainEqual(expect.objectContaining({ kind: 'reseller' }));
  });
});

test('what the page needs first is told to anybody, and names nobody in production', async () => {
  const response = await fetch(harness.app.url + contract.paths.settings);
  expect(contract.settingsSchema.parse(await response.json())).toMatchObject({
    development: false,
    people: [],
    appId: bot.appId,
  });
});

test('what is refused at the door is counted by its code, and so are the pages that listen', async () => {
  await fetch(harness.app.url + contract.paths.board);
  const leaving = new AbortController();
  const open = await call(alex, contract.paths.events, { signal: leaving.signal });
  expect(open.status).toBe(200);
  const metrics = await (await fetch(`${harness.app.url}/metrics`)).text();
  expect(metrics).toMatch(/^teammate_sign_ons_refused_total\{code="sign-on-missing"\} [1-9]/m);
  expect(metrics).toMatch(/^teammate_tab_streams 1$/m);
  expect(metrics).toMatch(/^teammate_http_seconds_count\{route="GET \/api\/board",status="200"\} [1-9]/m);
  expect(metrics).not.toContain(alex.aadObjectId);
  leaving.abort();
});
