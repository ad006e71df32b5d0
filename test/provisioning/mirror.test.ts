import type { Thing } from '../../src/catalog/orderable.ts';
import { BackendUnavailable } from '../../src/provisioning/backend.ts';
import { held } from '../../src/requests/store.ts';
import { foreignTenantId, tenantId } from '../support/people.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeEach(async () => {
  await room.db.deleteFrom('listed').execute();
  room.backend.called();
  room.pass(60_000);
});
beforeAll(async () => {
  room = await openWorkroom();
});
afterAll(() => room.close());

const reseller = (name: string, { email, ...more }: Partial<Thing> & { email?: string } = {}): Thing => ({
  kind: 'reseller',
  reference: name,
  name,
  active: true,
  suspended: false,
  facts: {
    email: email ?? `ops@${name.toLowerCase().replace(/\W+/g, '-')}.example`,
    services: 'PBX',
    billingReference: 'B-1',
  },
  ...more,
});

const listed = async (tenant = tenantId) => {
  const rows = await room.db
    .selectFrom('listed')
    .select('name')
    .where('tenant_id', '=', tenant)
    .orderBy('name')
    .execute();
  return rows.map(({ name }) => name);
};
const isHeld = async (key: string, tenant = tenantId) => (await held(room.db, tenant, [key])).length > 0;

describe('what TeamMate has', () => {
  test('is copied page by page, and what it holds can no longer be asked for, in any spelling', async () => {
    room.backend.lists([reseller('Fabrikam')], [reseller('Adventure  Works'), reseller('Litware')]);
    await room.mirror();
    expect(await listed()).toEqual(['Adventure  Works', 'Fabrikam', 'Litware']);
    expect(await isHeld('reseller:adventure works')).toBe(true);
    expect(await isHeld('email:ops@litware.example')).toBe(true);
    expect(await isHeld('reseller:contoso')).toBe(false);
  });

  test('is a matter of one organisation: another one may use the same names', async () => {
    room.backend.lists([reseller('Fabrikam')]);
    await room.mirror();
    expect(room.backend.asked('list')).toEqual([['5001', 'whole']]);
    expect(await listed(foreignTenantId)).toEqual([]);
    expect(await isHeld('reseller:fabrikam', foreignTenantId)).toBe(false);
  });

  test('follows what is changed there', async () => {
    room.backend.lists([reseller('Fabrikam', { active: false })]);
    await room.mirror();
    room.pass(1_000);
    room.backend.lists([reseller('Fabrikam', { name: 'Fabrikam Europe', email: 'new@fabrikam.example' })]);
    await room.mirror();
    expect(await listed()).toEqual(['Fabrikam Europe']);
    expect(await isHeld('email:ops@fabrikam.example')).toBe(false);
    expect(await isHeld('email:new@fabrikam.example')).toBe(true);
  });

  test('and no longer has disappears, and its name is free again', async () => {
    room.backend.lists([reseller('Fabrikam'), reseller('Litware')]);
    await room.mirror();
    room.pass(1_000);
    room.backend.lists([reseller('Litware')]);
    await room.mirror();
    expect(await listed()).toEqual(['Litware']);
    expect(await isHeld('reseller:fabrikam')).toBe(false);
  });

  test.each([
    ['is down', 0],
    ['breaks off after a page', 1],
  ])('stays as it was while TeamMate %s', async (_, pages) => {
    room.backend.lists([reseller('Fabrikam')], [reseller('Litware')]);
    await room.mirror();
    room.pass(1_000);
    if (pages) room.backend.next('list', () => [reseller('Fabrikam')]);
    room.backend.next('list', new BackendUnavailable('TeamMate gave no answer.'));
    await room.mirror();
    expect(await listed()).toEqual(['Fabrikam', 'Litware']);
  });

  test('is asked for once when several people open a form at a time, and again a moment later', async () => {
    room.backend.lists([reseller('Fabrikam')]);
    await room.mirror();
    await room.mirrorAgain();
    await room.mirrorAgain();
    expect(room.backend.called()).toEqual(['list']);
  });

  test('is asked for anew after a failure, at once', async () => {
    room.backend.lists([reseller('Fabrikam')]);
    room.backend.next('list', new BackendUnavailable('TeamMate gave no answer.'));
    await room.mirror();
    await room.mirrorAgain();
    expect(await listed()).toEqual(['Fabrikam']);
  });

  test('is not asked for on behalf of an organisation without an account', async () => {
    await room.mirror('00000000-0000-4000-8000-000000000000');
    expect(room.backend.called()).toEqual([]);
  });
});

describe('what the bot has just created', () => {
  const order = { name: 'Brand New', email: 'ops@brand-new.example', services: ['PBX' as const], billingReference: '' };

  test('is held at once, before TeamMate lists it', async () => {
    await room.provision(await room.approved(order));
    expect(await listed()).toEqual(['Brand New']);
    expect(await isHeld('reseller:brand new')).toBe(true);
  });

  test('is not forgotten by a look that had begun before', async () => {
    room.backend.lists([reseller('Fabrikam')], []);
    room.backend.next('list', () => [reseller('Fabrikam')]);
    const request = await room.approved(order);
    // The list was read up to its last page when it comes in.
    const creation = { done: Promise.resolve() };
    room.backend.next('list', () => {
      creation.done = room.provision(request).then(() => {});
      return [];
    });
    await room.mirror();
    await creation.done;
    expect(await listed()).toEqual(['Brand New', 'Fabrikam']);
  });
});
