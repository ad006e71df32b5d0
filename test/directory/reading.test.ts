import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { Jobs, Payloads } from '../../src/db/jobs.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { createDirectory, type Directory } from '../../src/directory/graph.ts';
import { type Outcome, readGroups } from '../../src/directory/reading.ts';
import { Refusal } from '../../src/errors.ts';
import { follow, followedGroups, groupLimit, unfollow } from '../../src/people/groups.ts';
import { serve } from '../../src/people/organisations.ts';
import type { Role } from '../../src/people/person.ts';
import { grant, listRoles, requireRole, revoke, rolesOf } from '../../src/people/roles.ts';
import { freshDatabase } from '../support/database.ts';
import { type FakeGraph, startGraph } from '../support/graph.ts';

const minute = 60_000;
const never = new AbortController().signal;
/** Each test has a tenant of its own; these are the ones that are served. */
const served = Array.from({ length: 40 }, () => randomUUID());

let home: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
let graph: FakeGraph;
let directory: Directory;
beforeAll(async () => {
  home = await freshDatabase();
  database = await openDatabase({ ...home, folder: '' });
  for (const tenantId of served) await serve(database.db, { tenantId, account: '5001' }, 'a test', new Date(0));
  graph = await startGraph({ page: 2 });
  directory = createDirectory({ GRAPH_URL: graph.url }, { token: graph.token });
});
afterAll(async () => {
  await directory.close();
  await graph.close();
  await database.close();
  await home.drop();
});
afterEach(() => graph.bend(undefined));

/** A tenant with its clock, and what was queued and told there. */
function stage(env: Record<string, string> = {}, tenantId = served.pop() as string) {
  let now = Date.parse('2026-03-04T05:06:07Z');
  const clock = () => new Date(now);
  const queued: { data: Payloads['groups']; inMs: number }[] = [];
  const told: Outcome[] = [];
  const jobs: Jobs = {
    send: async (_, __, data, after) => {
      queued.push({ data: data as Payloads['groups'], inMs: after ? after.getTime() - now : 0 });
    },
    work: async () => {},
    counts: async () => [],
    stop: async () => {},
  };
  const config = readConfig({
    BOT_ID: randomUUID(),
    BOT_TENANT_ID: tenantId,
    BOT_CREDENTIAL: 'secret',
    BOT_SECRET: 'secret',
    ORGANISATIONS: `${tenantId}=5001`,
    TEAMMATE_CLIENT_ID: 'id',
    TEAMMATE_CLIENT_SECRET: 'secret',
    TEAMMATE_USERNAME: 'user',
    TEAMMATE_PASSWORD: 'password',
    ...env,
  });
  const { db } = database;
  const log = pino({ level: 'silent' });
  const tell = async (_: unknown, __: unknown, outcome: Outcome) => void told.push(outcome);
  const room = { db, jobs, directory, config, clock, log, tell };
  const transact = db.transaction().execute.bind(db.transaction());
  const here = (directoryId: string) => ({ tenantId, directoryId });
  return {
    tenantId,
    queued,
    told,
    clock,
    here,
    pass: (ms: number) => {
      now += ms;
    },
    read: (asked: Partial<Payloads['groups']> = {}) => readGroups(room, { tenantId, ...asked }, never),
    follow: (groupId: string, role: Role = 'approver') =>
      transact((trx) => follow(trx, 'test', tenantId, groupId, role, clock())),
    unfollow: (groupId: string, role: Role = 'approver') =>
      db.transaction().execute((trx) => unfollow(trx, tenantId, groupId, role)),
    rolesOf: async (directoryId: string) => [...(await rolesOf(db, here(directoryId), clock()))].sort(),
    groups: () => followedGroups(db, tenantId),
    refusal: async (directoryId: string, role: Role = 'approver') => {
      const person = { ...here(directoryId), teamsId: '29:x', name: 'Kim' };
      const error = await requireRole(db, person, clock(), role).catch((reason: unknown) => reason);
      if (!(error instanceof Refusal)) throw new Error('not refused');
      return error;
    },
  };
}

describe('a member of a followed group', () => {
  test('has the role once the group was read, and only that role', async () => {
    const { tenantId, follow, read, rolesOf } = stage();
    const [kim, lee] = [randomUUID(), randomUUID()];
    const group = graph.group(tenantId, { members: [kim.toUpperCase()] });
    await follow(group);
    expect(await rolesOf(kim)).toEqual([]);
    await read();
    expect(await rolesOf(kim)).toEqual(['approver']);
    expect(await rolesOf(lee)).toEqual([]);
  });

  test('loses it with the membership, and gains it by a group within the group', async () => {
    const { tenantId, follow, read, rolesOf, pass } = stage();
    const [kim, lee] = [randomUUID(), randomUUID()];
    const inner = graph.group(tenantId, { members: [lee] });
    const outer = graph.group(tenantId, { members: [kim] });
    await follow(outer);
    await read();
    graph.group(tenantId, { groups: [inner] }, outer);
    pass(5 * minute);
    await read();
    expect(await rolesOf(kim)).toEqual([]);
    expect(await rolesOf(lee)).toEqual(['approver']);
  });

  test('keeps what was granted to them by name', async () => {
    const { tenantId, follow, read, rolesOf, unfollow, clock } = stage();
    const kim = randomUUID();
    const group = graph.group(tenantId, { members: [kim] });
    await grant(database.db, 'test', tenantId, kim, 'requester', clock());
    await grant(database.db, 'test', tenantId, kim, 'approver', clock());
    await follow(group);
    await read();
    expect(await rolesOf(kim)).toEqual(['approver', 'requester']);
    await unfollow(group);
    expect(await rolesOf(kim)).toEqual(['approver', 'requester']);
  });

  test('in one tenant is nobody in another, though the group and the person have the same ids there', async () => {
    const [one, other] = [stage(), stage()];
    const kim = randomUUID();
    const group = graph.group(one.tenantId, { members: [kim] });
    graph.group(other.tenantId, {});
    await one.follow(group);
    await other.follow(group);
    await one.read();
    await other.read();
    expect(await one.rolesOf(kim)).toEqual(['approver']);
    expect(await other.rolesOf(kim)).toEqual([]);
    expect((await other.groups())[0]?.problem?.code).toBe('directory-group-gone');
  });

  test('has each role that the group has, and loses the one that is revoked', async () => {
    const { tenantId, follow, read, rolesOf, unfollow } = stage();
    const kim = randomUUID();
    const group = graph.group(tenantId, { members: [kim] });
    await follow(group, 'approver');
    await follow(group, 'requester');
    graph.asked();
    await read();
    expect(graph.asked()).toHaveLength(2);
    expect(await rolesOf(kim)).toEqual(['approver', 'requester']);
    expect(await unfollow(group, 'approver')).toBe(true);
    expect(await unfollow(group, 'approver')).toBe(false);
    expect(await rolesOf(kim)).toEqual(['requester']);
  });

  test('does not have the role again when the group is granted again, before it is read', async () => {
    const { tenantId, follow, read, rolesOf, unfollow } = stage();
    const kim = randomUUID();
    const group = graph.group(tenantId, { members: [kim] });
    await follow(group);
    await read();
    await unfollow(group);
    await follow(group);
    expect(await rolesOf(kim)).toEqual([]);
  });

  test('is listed once the bot has met them, beside who was granted the role', async () => {
    const { tenantId, follow, read, clock } = stage();
    const [kim, ada] = [randomUUID(), randomUUID()];
    const met = { tenant_id: tenantId, teams_id: '29:kim', seen_at: clock() };
    await database.db
      .insertInto('people')
      .values({ ...met, directory_id: kim, name: 'Kim' })
      .execute();
    await grant(database.db, 'test', tenantId, ada, 'administrator', clock());
    await follow(graph.group(tenantId, { name: 'Admins', members: [kim, ada, randomUUID()] }), 'administrator');
    await read();
    const listed = await listRoles(database.db, tenantId, clock());
    expect(listed.map(({ name, group }) => [name, group])).toEqual([
      [ada, null],
      ['Kim', 'Admins'],
    ]);
    const later = new Date(clock().getTime() + 15 * minute);
    expect(await listRoles(database.db, tenantId, later)).toHaveLength(1);
  });
});

describe('a copy that cannot be renewed', () => {
  const unread = async () => {
    const place = stage();
    const kim = randomUUID();
    const group = graph.group(place.tenantId, { name: 'Approvers', members: [kim] });
    await place.follow(group);
    await place.read();
    return { ...place, kim, group };
  };

  test('counts until GROUPS_VALID, and not a moment longer', async () => {
    const { pass, read, rolesOf, kim } = await unread();
    graph.bend(() => ({ status: 503, body: '' }));
    pass(15 * minute - 1);
    await read();
    expect(await rolesOf(kim)).toEqual(['approver']);
    pass(1);
    expect(await rolesOf(kim)).toEqual([]);
    graph.bend(undefined);
    pass(5 * minute);
    await read();
    expect(await rolesOf(kim)).toEqual(['approver']);
  });

  test('is as old as the beginning of its reading', async () => {
    const { pass, read, rolesOf, kim } = await unread();
    pass(10 * minute);
    graph.bend(() => {
      pass(minute);
      return undefined;
    });
    await read();
    pass(13 * minute - 1);
    expect(await rolesOf(kim)).toEqual(['approver']);
    pass(1);
    expect(await rolesOf(kim)).toEqual([]);
  });

  test('is what the refusal speaks of, to who was in it and to nobody else', async () => {
    const { pass, refusal, kim, clock } = await unread();
    const since = clock().toISOString();
    pass(15 * minute);
    const { code, says, next } = await refusal(kim);
    expect(code).toBe('directory-stale');
    expect(says).toBe(
      `Your role approver comes from the group Approvers, and the directory could not be read since ${since}: it does not count for now.`,
    );
    expect(next).toContain('An administrator (none is set: see BOOTSTRAP_ADMINS) sees the reason');
    expect((await refusal(kim, 'requester')).code).toBe('role-missing');
    expect((await refusal(randomUUID())).code).toBe('role-missing');
  });

  test.each([401, 403, 404, 429, 500])('stays as it is when Graph answers %p on the way', async (status) => {
    const { pass, read, rolesOf, groups, kim } = await unread();
    pass(5 * minute);
    graph.bend((path) => (path.includes('transitiveMembers') ? { status, body: '' } : undefined));
    await read();
    expect(await rolesOf(kim)).toEqual(['approver']);
    expect(await groups()).toMatchObject([{ members: 1, problem: { code: expect.stringContaining('directory-') } }]);
  });

  test('is gone at once when the group is', async () => {
    const { tenantId, pass, read, rolesOf, refusal, groups, kim, group } = await unread();
    graph.remove(tenantId, group);
    pass(5 * minute);
    await read();
    expect(await rolesOf(kim)).toEqual([]);
    expect((await refusal(kim)).code).toBe('role-missing');
    expect(await groups()).toMatchObject([{ name: 'Approvers', members: 0, readAt: null }]);
  });

  test('is not overtaken by an earlier reading that ends later', async () => {
    const { tenantId, pass, read, rolesOf, kim, group } = await unread();
    pass(5 * minute);
    let later: Promise<void> | undefined;
    graph.bend(async (path) => {
      if (!path.includes('transitiveMembers') || later) return undefined;
      graph.group(tenantId, {}, group);
      pass(minute);
      later = read({ groupId: group });
      await later;
      return { status: 200, body: { value: [{ id: kim }] } };
    });
    await read({ groupId: group });
    expect(await rolesOf(kim)).toEqual([]);
  });
});

describe('a reading that fails for a while', () => {
  test('is tried again after the pause Graph asks for, three times, and then told', async () => {
    const { tenantId, follow, read, queued, told } = stage({ RETRY_FIRST: '5s' });
    const group = graph.group(tenantId, {});
    await follow(group);
    const tell = { conversationId: 'a:1', role: 'approver', once: 'once' };
    graph.bend(() => ({ status: 429, body: '', headers: { 'retry-after': '8' } }));
    await read({ groupId: group, tell });
    const pauses: number[] = [];
    for (let again = queued.shift(); again; again = queued.shift()) {
      expect(told).toEqual([]);
      pauses.push(again.inMs);
      expect(again.data).toMatchObject({ tenantId, groupId: group, tell });
      await read(again.data);
    }
    expect(pauses).toEqual([8_000, 10_000, 20_000]);
    expect(told).toMatchObject([{ problem: { says: expect.stringContaining('it answered 429') } }]);
  });

  test('and then succeeds is told once, with who is in the group', async () => {
    const { tenantId, follow, read, queued, told } = stage();
    const group = graph.group(tenantId, { name: 'Approvers', members: [randomUUID()] });
    await follow(group);
    graph.throttle(1, 1);
    await read({ groupId: group });
    await read(queued[0]?.data);
    expect(told).toMatchObject([{ group: { name: 'Approvers', members: [expect.any(String)] } }]);
  });

  test('for good is told at once', async () => {
    const { tenantId, follow, read, queued, told } = stage();
    graph.group(tenantId, {});
    const group = randomUUID();
    await follow(group);
    await read({ groupId: group });
    expect(queued).toEqual([]);
    expect(told).toMatchObject([{ problem: { code: 'directory-group-gone' } }]);
  });

  test('holds up no other group', async () => {
    const { tenantId, follow, read, groups } = stage();
    const [good, bad] = [graph.group(tenantId, { name: 'Good' }), graph.group(tenantId, { name: 'Bad' })];
    await follow(good);
    await follow(bad);
    graph.bend((path) => (path.includes(bad) ? { status: 500, body: '' } : undefined));
    await read();
    expect((await groups()).map(({ name, problem }) => [name, problem?.code])).toEqual([
      ['Good', undefined],
      [bad, 'directory-unreachable'],
    ]);
  });
});

describe('a round', () => {
  test('leaves out what another node has just read; a group that is asked for by name it does not', async () => {
    const { tenantId, follow, read, pass } = stage();
    const group = graph.group(tenantId, {});
    await follow(group);
    await read();
    graph.asked();
    pass(2 * minute);
    await read();
    expect(graph.asked()).toHaveLength(0);
    await read({ groupId: group });
    expect(graph.asked()).toHaveLength(2);
  });

  test('asks for nothing where nothing is followed, nor for a group that was revoked meanwhile', async () => {
    const { read } = stage();
    graph.asked();
    await read();
    await read({ groupId: randomUUID() });
    expect(graph.asked()).toEqual([]);
  });

  test('of a tenant that is no longer served does nothing', async () => {
    const { follow, read, tenantId } = stage({}, randomUUID());
    await follow(graph.group(tenantId, {}));
    graph.asked();
    await read();
    expect(graph.asked()).toEqual([]);
  });

  test('with a managed identity of another tenant asks nobody, and says why', async () => {
    const { follow, read, tenantId, groups } = stage({
      BOT_CREDENTIAL: 'managed-identity',
      BOT_TENANT_ID: randomUUID(),
    });
    await follow(graph.group(tenantId, {}));
    graph.asked();
    await read();
    expect(graph.asked()).toEqual([]);
    expect((await groups())[0]?.problem?.says).toContain('the directory of its own tenant only');
  });

  test('reads a group that is revoked meanwhile into nothing', async () => {
    const { tenantId, follow, unfollow, read, rolesOf } = stage();
    const kim = randomUUID();
    const group = graph.group(tenantId, { members: [kim] });
    await follow(group);
    graph.bend(async (path) => {
      if (path.includes('transitiveMembers')) await unfollow(group);
      return undefined;
    });
    await read();
    expect(await rolesOf(kim)).toEqual([]);
    const left = await database.db.selectFrom('role_group_members').select('role').where('tenant_id', '=', tenantId);
    expect(await left.execute()).toEqual([]);
  });
});

test('so many groups can be followed, and no more', async () => {
  const { follow, groups } = stage();
  for (let number = 0; number < groupLimit; number++) await follow(randomUUID());
  const error = await follow(randomUUID()).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'groups-too-many', next: expect.stringContaining('revoke one') });
  expect(await groups()).toHaveLength(groupLimit);
});

test('a group does not count as an administrator who remains', async () => {
  const { tenantId, follow, read, clock, rolesOf } = stage();
  const [ada, kim] = [randomUUID(), randomUUID()];
  await grant(database.db, 'test', tenantId, ada, 'administrator', clock());
  await follow(graph.group(tenantId, { members: [ada, kim] }), 'administrator');
  await read();
  expect(await rolesOf(kim)).toEqual(['administrator']);
  const take = database.db.transaction().execute((trx) => revoke(trx, tenantId, ada, 'administrator'));
  await expect(take).rejects.toMatchObject({ code: 'last-administrator' });
});
