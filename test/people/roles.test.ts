import { type Database, openDatabase } from '../../src/db/open.ts';
import { Refusal } from '../../src/errors.ts';
import { remember } from '../../src/people/conversations.ts';
import type { Role } from '../../src/people/person.ts';
import { grant, listRoles, requireRole, revoke, rolesOf } from '../../src/people/roles.ts';
import { freshDatabase } from '../support/database.ts';

const at = new Date('2025-06-15T12:00:00.000Z');

let place: Awaited<ReturnType<typeof freshDatabase>>;
let database: Database;
beforeAll(async () => {
  place = await freshDatabase();
  database = await openDatabase({ ...place, folder: '' });
});
afterAll(async () => {
  await database.close();
  await place.drop();
});

/** Each test has a tenant of its own. */
let tenants = 0;
const tenant = () => `tenant-${++tenants}`;
const person = (tenantId: string, directoryId: string, name = directoryId) => ({
  tenantId,
  directoryId,
  teamsId: `29:${directoryId}`,
  name,
});
const give = (tenantId: string, directoryId: string, role: Role) =>
  grant(database.db, 'test', tenantId, directoryId, role, at);
const take = (tenantId: string, directoryId: string, role: Role) =>
  database.db.transaction().execute((trx) => revoke(trx, tenantId, directoryId, role));
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'passed',
    (error: unknown) => (error instanceof Refusal ? error.code : error),
  );

describe('a role', () => {
  test('is given once, however often it is granted', async () => {
    const here = tenant();
    expect(await give(here, 'megan', 'approver')).toBe(true);
    expect(await give(here, 'megan', 'approver')).toBe(false);
    expect([...(await rolesOf(database.db, person(here, 'megan'), at))]).toEqual(['approver']);
  });

  test('is one of several a person can have', async () => {
    const here = tenant();
    for (const role of ['requester', 'approver', 'administrator'] as const) await give(here, 'megan', role);
    expect((await rolesOf(database.db, person(here, 'megan'), at)).size).toBe(3);
  });

  test('is taken away once', async () => {
    const here = tenant();
    await give(here, 'megan', 'approver');
    expect(await take(here, 'megan', 'approver')).toBe(true);
    expect(await take(here, 'megan', 'approver')).toBe(false);
    expect((await rolesOf(database.db, person(here, 'megan'), at)).size).toBe(0);
  });

  test('in one organisation is none in another', async () => {
    const [here, there] = [tenant(), tenant()];
    await give(here, 'megan', 'administrator');
    expect((await rolesOf(database.db, person(there, 'megan'), at)).size).toBe(0);
    expect(await take(there, 'megan', 'administrator')).toBe(false);
    expect(await listRoles(database.db, there, at)).toEqual([]);
  });
});

describe('the last administrator', () => {
  test('stays', async () => {
    const here = tenant();
    await give(here, 'ada', 'administrator');
    await give(tenant(), 'bea', 'administrator');
    expect(await codeOf(take(here, 'ada', 'administrator'))).toBe('last-administrator');
    expect((await rolesOf(database.db, person(here, 'ada'), at)).has('administrator')).toBe(true);
  });

  test('may go once there is another', async () => {
    const here = tenant();
    await give(here, 'ada', 'administrator');
    await give(here, 'bea', 'administrator');
    expect(await take(here, 'ada', 'administrator')).toBe(true);
    expect(await codeOf(take(here, 'bea', 'administrator'))).toBe('last-administrator');
  });

  test('stays when two take each other’s role at the same moment', async () => {
    const here = tenant();
    await give(here, 'ada', 'administrator');
    await give(here, 'bea', 'administrator');
    await Promise.allSettled([take(here, 'ada', 'administrator'), take(here, 'bea', 'administrator')]);
    expect(await listRoles(database.db, here, at)).toHaveLength(1);
  });
});

describe('needing a role', () => {
  test.each<[has: Role[], needs: [Role, ...Role[]], passes: boolean]>([
    [['approver'], ['approver'], true],
    [['approver'], ['requester', 'approver'], true],
    [['requester'], ['approver'], false],
    // An administrator may grant and route, but does not thereby approve.
    [['administrator'], ['approver'], false],
    [[], ['requester', 'approver', 'administrator'], false],
  ])('with %j where %j will do: %p', async (has, needs, passes) => {
    const here = tenant();
    for (const role of has) await give(here, 'kim', role);
    expect(await codeOf(requireRole(database.db, person(here, 'kim'), at, ...needs))).toBe(
      passes ? 'passed' : 'role-missing',
    );
  });

  test('names the administrators, by name or else by directory id', async () => {
    const here = tenant();
    await give(here, 'ada', 'administrator');
    await give(here, 'bea', 'administrator');
    const conversation = {
      tenantId: here,
      conversationId: 'a:1',
      kind: 'personal' as const,
      serviceUrl: 'https://x.example',
    };
    await remember(database.db, conversation, person(here, 'ada', 'Ada Admin'), at);
    const refusal = (await requireRole(database.db, person(here, 'kim', 'Kim'), at, 'approver').catch(
      (error) => error,
    )) as Refusal;
    expect(refusal.next).toBe('Ask an administrator (Ada Admin, bea) to type: grant approver @Kim');
  });

  test('says so when there is no administrator at all', async () => {
    const refusal = (await requireRole(database.db, person(tenant(), 'kim'), at, 'approver').catch(
      (error) => error,
    )) as Refusal;
    expect(refusal.next).toContain('BOOTSTRAP_ADMINS');
  });
});
