import { type AnyOrder, entryOf, type RemoteKind, remoteKinds } from '../../src/catalog/index.ts';
import type { Thing } from '../../src/catalog/orderable.ts';
import { BackendRefused, BackendUnavailable } from '../../src/provisioning/backend.ts';
import { offers } from '../../src/requests/changes.ts';
import { changedFields, orderOf } from '../../src/requests/difference.ts';
import type { Change } from '../../src/requests/lifecycle.ts';
import type { Request } from '../../src/requests/request.ts';
import { insert, move } from '../../src/requests/store.ts';
import { keep, knownTo } from '../../src/requests/things.ts';
import { alex, megan, tenantId } from '../support/people.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom({ RETRY_FIRST: '1s', RETRY_LIMIT: '3' });
});
afterAll(() => room.close());
afterEach(() => {
  room.backend.called();
  for (const name of ['provision', 'follow', 'announce']) room.queued(name);
});

/** Direct Routing ends with its enterprise and cannot be changed by itself. */
type Changeable = Exclude<RemoteKind, 'direct-routing' | 'pbx'>;
const kinds = remoteKinds.filter((kind): kind is Changeable => kind !== 'direct-routing' && kind !== 'pbx');

/** A thing of each kind, as TeamMate tells it. A kind added to the catalog is missing here until it has one. */
const things: Record<Changeable, Thing> = {
  reseller: {
    kind: 'reseller',
    reference: '5101',
    name: 'Fabrikam',
    active: true,
    suspended: false,
    facts: { email: 'ops@fabrikam.example', services: 'PBX', billingReference: 'B-1' },
  },
  enterprise: {
    kind: 'enterprise',
    reference: '5901',
    name: 'Proseware',
    active: true,
    suspended: false,
    parent: '5101',
    facts: {
      reseller: '5101',
      email: 'it@proseware.example',
      services: 'PBX',
      regions: '1',
      pbxTypes: '1',
      userLimit: '',
      musicOnHold: 'false',
      addExtensions: 'false',
      externalNumbers: 'false',
      requestConsent: 'false',
      accessSipData: 'false',
      billingReference: 'B-2',
    },
  },
};
const operations: Change[] = ['edit', 'suspend', 'resume', 'remove'];
const table = kinds.flatMap((kind) =>
  operations.filter((operation) => offers(kind, operation)).map((operation) => [operation, kind] as const),
);

/** The field every kind has: whose change is told. */
const field = 'billingReference';
const orderIn = (thing: Thing, more: Record<string, string> = {}): AnyOrder =>
  orderOf(thing.kind as Changeable, { ...thing.facts, name: thing.name, ...more });
const after = (operation: Change, thing: Thing): Thing | undefined => {
  if (operation === 'remove') return undefined;
  if (operation === 'edit') return { ...thing, facts: { ...thing.facts, [field]: 'NEW' } };
  return { ...thing, suspended: operation === 'suspend' };
};
const before = (operation: Change, kind: Changeable): Thing => ({ ...things[kind], suspended: operation === 'resume' });
/** The client's operation for it. */
const callOf = (operation: Change) => (operation === 'edit' ? 'change' : operation);

/** A change that Alex has asked for and Megan has approved, with the thing in our copy. */
async function approved(operation: Change, kind: Changeable): Promise<Request> {
  const thing = before(operation, kind);
  return room.transact(async (work) => {
    await keep(work.trx, tenantId, [thing], work.now);
    const pending = await insert(work, {
      tenantId,
      kind,
      operation,
      name: thing.name,
      content: orderIn(thing, operation === 'edit' ? { [field]: 'NEW' } : {}),
      before: { order: orderIn(thing), suspended: thing.suspended },
      reference: thing.reference,
      requester: { directoryId: alex.aadObjectId, name: alex.name },
    });
    const decision = { directoryId: megan.aadObjectId, name: megan.name };
    return (await move(work, pending, 'approve', decision, { decision })) as Request;
  });
}
const copyOf = (kind: Changeable) => knownTo(room.db, tenantId).thing(kind, things[kind].reference);
const down = () => new BackendUnavailable('TeamMate gave no answer.', undefined, 'no connection');

describe.each(table)('%s of a kind %s', (operation, kind) => {
  const call = callOf(operation);
  const there = () => before(operation, kind);
  const wanted = () => after(operation, there());

  test('looks, calls once, and our copy says so at once', async () => {
    const request = await approved(operation, kind);
    room.backend.next('read', there);
    expect(await room.provision(request)).toMatchObject({ state: 'active' });
    expect(room.backend.called()).toEqual(['read', call]);
    expect(await room.events(request)).toEqual(['submitted', 'approve', 'start', 'done']);
    const copy = await copyOf(kind);
    expect(copy).toEqual(wanted());
  });

  test('calls nothing when it is so already', async () => {
    const request = await approved(operation, kind);
    room.backend.next('read', wanted);
    expect(await room.provision(request)).toMatchObject({ state: 'active' });
    expect(room.backend.called()).toEqual(['read']);
  });

  test('killed after the call is found done, and not called again', async () => {
    const request = await approved(operation, kind);
    room.backend.next('read', there);
    room.backend.next(call, new Error('killed'));
    await expect(room.provision(request)).rejects.toThrow('killed');
    expect(await room.reload(request)).toMatchObject({ state: 'provisioning' });
    room.backend.next('read', wanted);
    expect(await room.provision(request)).toMatchObject({ state: 'active' });
    expect(room.backend.called()).toEqual(['read', call, 'read']);
  });

  test('killed before the call is called, with the same key', async () => {
    const request = await approved(operation, kind);
    for (const outcome of [down(), () => undefined]) {
      room.backend.next('read', there);
      room.backend.next(call, outcome);
      await room.provision(request);
    }
    const keys = room.backend.asked(call).map((asked) => asked.at(-1));
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
    expect(await room.reload(request)).toMatchObject({ state: 'active' });
  });

  test('that TeamMate does not answer is tried again with growing pauses, and then fails; Retry brings it through', async () => {
    const request = await approved(operation, kind);
    for (let attempt = 1; attempt <= 4; attempt++) {
      room.backend.next('read', down());
      await room.provision(request);
    }
    expect(room.queued('provision')).toEqual([1000, 2000, 4000]);
    const failed = await room.reload(request);
    expect(failed).toMatchObject({ state: 'failed', trouble: { code: 'backend-unreachable' } });
    room.backend.next('read', there);
    expect(await room.provision(await room.move(failed, 'retry'))).toMatchObject({ state: 'active' });
  });

  test('that TeamMate refuses fails with its words, and another try is a new call', async () => {
    const request = await approved(operation, kind);
    room.backend.next('read', there);
    room.backend.next(call, new BackendRefused('invalid', 'Fabrikam has enterprises: remove them first.'));
    const failed = await room.provision(request);
    expect(failed).toMatchObject({
      state: 'failed',
      trouble: { code: 'change-refused', says: 'TeamMate refused: Fabrikam has enterprises: remove them first.' },
    });
    room.backend.next('read', there);
    await room.provision(await room.move(failed, 'retry'));
    const [first, second] = room.backend.asked(call).map((asked) => asked.at(-1));
    expect(first).not.toBe(second);
  });

  test('of what somebody else changed meanwhile becomes void, says what it was, and calls nothing', async () => {
    const request = await approved(operation, kind);
    const changed = { ...there(), facts: { ...there().facts, [field]: 'THEIRS' } };
    room.backend.next('read', () => changed);
    const ended = await room.provision(request);
    expect(ended).toMatchObject({ state: 'void', trouble: { code: 'changed-meanwhile' } });
    expect(ended.trouble?.says).toMatch(/changed it in TeamMate: Billing Reference: B-\d → THEIRS\./);
    expect(room.backend.called()).toEqual(['read']);
    expect(await room.events(request)).toEqual(['submitted', 'approve', 'start', 'void']);
    // The new beginning sees it.
    expect(await copyOf(kind)).toEqual(changed);
  });

  test('of what is gone is done when it was to go, and else void', async () => {
    const request = await approved(operation, kind);
    const ended = await room.provision(request);
    expect(ended.state).toBe(operation === 'remove' ? 'active' : 'void');
    if (operation !== 'remove') expect(ended.trouble?.says).toContain('it was removed');
    expect(room.backend.called()).toEqual(['read']);
    expect(await copyOf(kind)).toBeUndefined();
  });

  test('whose approval expired is over: no notice of TeamMate’s has it looked at', async () => {
    const request = await approved(operation, kind);
    await room.db.updateTable('requests').set({ state: 'expired' }).where('id', '=', request.id).execute();
    await room.follow(request);
    expect(room.backend.called()).toEqual([]);
  });
});

test('an edit of what was suspended meanwhile is void, for its asker did not know', async () => {
  const request = await approved('edit', 'reseller');
  room.backend.next('read', () => ({ ...things.reseller, suspended: true }));
  const { state, trouble } = await room.provision(request);
  expect([state, trouble?.says]).toEqual(['void', expect.stringContaining('State: Not suspended → Suspended')]);
});

test('a value that TeamMate does not tell is no change of somebody else', async () => {
  const request = await approved('edit', 'enterprise');
  const { before: saw } = request;
  const order = { ...saw?.order, accessSipData: true, sipDataReason: 'Audit' };
  const told = { ...things.enterprise.facts, accessSipData: 'true' };
  await room.db
    .updateTable('requests')
    .set({
      before: JSON.stringify({ order, suspended: false }),
      content: JSON.stringify({ ...order, billingReference: 'NEW' }),
    })
    .where('id', '=', request.id)
    .execute();
  room.backend.next('read', () => ({ ...things.enterprise, facts: told }));
  expect(await room.provision(request)).toMatchObject({ state: 'active' });
  expect(room.backend.called()).toEqual(['read', 'change']);
});

test('a look that began before a change does not undo it in our copy', async () => {
  const began = room.clock();
  room.pass(1000);
  const request = await approved('edit', 'reseller');
  room.backend.next('read', () => things.reseller);
  await room.provision(request);
  await room.transact((work) => keep(work.trx, tenantId, [things.reseller], began));
  expect((await copyOf('reseller'))?.facts[field]).toBe('NEW');
});

describe('the catalog', () => {
  test.each(kinds)(
    '%s: what may be changed are fields of its form, and each can be told from another value',
    (kind) => {
      const { editable = [], fields } = entryOf(kind);
      const order = orderIn(things[kind]);
      for (const name of editable) {
        expect(Object.keys(fields)).toContain(name);
        const other = fields[name]?.input === 'toggle' ? 'true' : name === 'services' ? 'TRUNK' : '7';
        expect(changedFields(kind, order, orderIn(things[kind], { [name]: other }))).toEqual([name]);
      }
    },
  );

  test.each(kinds)('%s: a thing of the portal’s that our form would not take is read as it is', (kind) => {
    const odd = { services: 'PBX,SMS', email: '', billingReference: 'x'.repeat(400), userLimit: '12.5' };
    const order = orderIn(things[kind], odd);
    expect(entryOf(kind).typed(order)).toMatchObject({ services: 'PBX,SMS', email: '', [field]: 'x'.repeat(400) });
    expect(
      entryOf(kind)
        .facts(order)
        .find(({ title }) => title === 'Services')?.value,
    ).toBe('PBX Connector, SMS');
  });
});
