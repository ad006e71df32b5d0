import { type AnyOrder, entryOf, type RemoteKind, remoteKinds } from '../../src/catalog/index.ts';
import type { Thing, ThingKind } from '../../src/catalog/orderable.ts';
import { BackendRefused, BackendUnavailable } from '../../src/provisioning/backend.ts';
import { provisioningWorkers } from '../../src/provisioning/workers.ts';
import { offers } from '../../src/requests/changes.ts';
import { changedFields, editableOf, orderOf, replaceableOf } from '../../src/requests/difference.ts';
import type { Change } from '../../src/requests/lifecycle.ts';
import type { Request } from '../../src/requests/request.ts';
import { keepSecrets } from '../../src/requests/secrets.ts';
import { insert, move } from '../../src/requests/store.ts';
import { keep, knownTo } from '../../src/requests/things.ts';
import { newKey, readKeys } from '../../src/secrets/keyring.ts';
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
type Changeable = Exclude<RemoteKind, 'direct-routing'>;
const kinds = remoteKinds.filter((kind): kind is Changeable => kind !== 'direct-routing');

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
  pbx: {
    kind: 'pbx',
    reference: '6901',
    name: 'Head Office',
    active: true,
    suspended: false,
    parent: '5901',
    facts: {
      enterprise: '5901',
      pbxType: '1',
      location: 'Head Office',
      lookup: 'A',
      domain: 'sip.proseware.example',
      proxy: '',
      transport: 'UDP',
      port: '',
      expiry: '300',
      voicemail: '9901',
      user: 'teammate',
      authId: '',
      authorizationUrl: '',
      clientId: '',
      masqueradingLogin: '',
    },
  },
};
const operations: Change[] = ['edit', 'suspend', 'resume', 'remove'];
const table = kinds.flatMap((kind) =>
  operations.filter((operation) => offers(kind, operation)).map((operation) => [operation, kind] as const),
);

/** The field whose change is told. */
const fieldOf: Record<Changeable, string> = {
  reseller: 'billingReference',
  enterprise: 'billingReference',
  pbx: 'voicemail',
};
const changeOf = (kind: ThingKind, value: string) => ({ [fieldOf[kind as Changeable]]: value });
const orderIn = (thing: Thing, more: Record<string, string> = {}): AnyOrder =>
  orderOf(thing.kind as Changeable, { ...thing.facts, name: thing.name, ...more });
const after = (operation: Change, thing: Thing): Thing | undefined => {
  if (operation === 'remove') return undefined;
  if (operation === 'edit') return { ...thing, facts: { ...thing.facts, ...changeOf(thing.kind, '7') } };
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
      content: orderIn(thing, operation === 'edit' ? changeOf(kind, '7') : {}),
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
    const changed = { ...there(), facts: { ...there().facts, ...changeOf(kind, '8') } };
    room.backend.next('read', () => changed);
    const ended = await room.provision(request);
    expect(ended).toMatchObject({ state: 'void', trouble: { code: 'changed-meanwhile' } });
    const { label } = entryOf(kind).fields[fieldOf[kind]]!;
    expect(ended.trouble?.says).toMatch(new RegExp(`changed it in TeamMate: ${label}: \\S+ → 8\\.`));
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
      content: JSON.stringify({ ...order, billingReference: '7' }),
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
  expect((await copyOf('reseller'))?.facts.billingReference).toBe('7');
});

describe('an edit that replaces a secret', () => {
  /** Approved, with the password sealed; `fields` is what else it changes. */
  async function replacing(fields: Record<string, string> = {}) {
    const request = await approved('edit', 'pbx');
    const content = orderIn(things.pbx, fields);
    await room.db
      .updateTable('requests')
      .set({ content: JSON.stringify(content), replaced: ['password'] })
      .where('id', '=', request.id)
      .execute();
    await room.transact(({ trx }) =>
      keepSecrets(trx, room.room.keys!, tenantId, { requestId: request.id }, { password: 'new-secret' }),
    );
    return room.reload(request);
  }
  const sealed = async ({ id }: Request) =>
    (await room.db.selectFrom('secrets').select('id').where('request_id', '=', id).execute()).length;
  const passwords = () => room.backend.asked('change').map(([, , order]) => (order as { password?: string }).password);

  test('sends it with the rest, and then it is nowhere any more', async () => {
    const request = await replacing({ voicemail: '7' });
    room.backend.next('read', () => things.pbx);
    expect(await room.provision(request)).toMatchObject({ state: 'active', replaced: ['password'] });
    expect(passwords()).toEqual(['new-secret']);
    expect(await sealed(request)).toBe(0);
    const row = await room.db.selectFrom('requests').selectAll().where('id', '=', request.id).execute();
    const events = await room.db.selectFrom('events').selectAll().where('request_id', '=', request.id).execute();
    expect(JSON.stringify([row, events, await copyOf('pbx')])).not.toContain('new-secret');
    expect((await copyOf('pbx'))?.facts.voicemail).toBe('7');
  });

  test.each([
    ['alone', {}],
    ['with what has arrived already', { voicemail: '7' }],
  ])('is sent again after it was killed, %s: nobody can see whether it has arrived', async (_, fields) => {
    const request = await replacing(fields);
    room.backend.next('read', () => things.pbx);
    room.backend.next('change', new Error('killed'));
    await expect(room.provision(request)).rejects.toThrow('killed');
    room.backend.next('read', () => ({ ...things.pbx, facts: { ...things.pbx.facts, ...fields } }));
    expect(await room.provision(request)).toMatchObject({ state: 'active' });
    expect(passwords()).toEqual(['new-secret', 'new-secret']);
    const keys = room.backend.asked('change').map((asked) => asked.at(-1));
    expect(keys[0]).toBe(keys[1]);
  });

  test('is void when somebody changed something else meanwhile, and the secret is dropped unsent', async () => {
    const request = await replacing({ voicemail: '7' });
    const facts = { ...things.pbx.facts, voicemail: '7', transport: 'TCP' };
    room.backend.next('read', () => ({ ...things.pbx, facts }));
    expect(await room.provision(request)).toMatchObject({ state: 'void' });
    expect(room.backend.called()).toEqual(['read']);
    expect(await sealed(request)).toBe(0);
  });

  test.each([
    ['no key opens it any more', () => ({ ...room.room, keys: readKeys(newKey()) })],
    ['there is no key', () => ({ ...room.room, keys: undefined })],
  ])('fails when %s, and nothing is sent without it', async (_, rotated) => {
    const request = await replacing({ voicemail: '7' });
    room.backend.next('read', () => things.pbx);
    await provisioningWorkers(rotated()).provision({ requestId: request.id }, new AbortController().signal);
    expect(await room.reload(request)).toMatchObject({ state: 'failed', trouble: { code: 'secrets-lost' } });
    expect(room.backend.called()).toEqual(['read']);
  });

  test('is never sent without the secret that was approved', async () => {
    const request = await replacing();
    await room.db.deleteFrom('secrets').where('request_id', '=', request.id).execute();
    room.backend.next('read', () => things.pbx);
    expect(await room.provision(request)).toMatchObject({ state: 'failed', trouble: { code: 'secrets-lost' } });
    expect(room.backend.called()).toEqual(['read']);
  });
});

describe('the catalog', () => {
  test.each(kinds)(
    '%s: what may be changed are fields of its form, and each can be told from another value',
    (kind) => {
      const { fields } = entryOf(kind);
      const order = orderIn(things[kind]);
      for (const name of editableOf(kind)) {
        expect(Object.keys(fields)).toContain(name);
        const other = fields[name]?.input === 'toggle' ? 'true' : name === 'services' ? 'TRUNK' : '7';
        expect(changedFields(kind, order, orderIn(things[kind], { [name]: other }))).toEqual([name]);
      }
    },
  );

  test.each(kinds)('%s: the secrets that may be replaced are those it keeps sealed', (kind) => {
    const { secrets = [] } = entryOf(kind);
    expect(secrets).toEqual(expect.arrayContaining(replaceableOf(kind)));
    for (const name of replaceableOf(kind))
      expect(changedFields(kind, orderIn(things[kind]), orderIn(things[kind], { [name]: 'secret' }))).toEqual([]);
  });

  test('pbx: a thing of the portal’s that our form would not take is read as it is', () => {
    const odd = { lookup: 'HOSTS', transport: '', domain: 'Not A Host', expiry: '9', voicemail: 'none', port: '0' };
    expect(entryOf('pbx').typed(orderIn(things.pbx, odd))).toMatchObject(odd);
  });

  test.each(['reseller', 'enterprise'] as const)(
    '%s: a thing of the portal’s that our form would not take is read as it is',
    (kind) => {
      const odd = { services: 'PBX,SMS', email: '', billingReference: 'x'.repeat(400), userLimit: '12.5' };
      const order = orderIn(things[kind], odd);
      expect(entryOf(kind).typed(order)).toMatchObject({
        services: 'PBX,SMS',
        email: '',
        billingReference: 'x'.repeat(400),
      });
      expect(
        entryOf(kind)
          .facts(order)
          .find(({ title }) => title === 'Services')?.value,
      ).toBe('PBX Connector, SMS');
    },
  );
});
