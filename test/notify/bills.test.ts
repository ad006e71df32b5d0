import { pino } from 'pino';
import type { BillingRow } from '../../src/billing/bill.ts';
import { hashOf, offer, offerOf, sealedFor, settle } from '../../src/billing/offers.ts';
import { keepBill, newestBill } from '../../src/billing/store.ts';
import { readConfig } from '../../src/config.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { billWorkers } from '../../src/notify/bills.ts';
import { createOutbox } from '../../src/notify/outbox.ts';
import { remember } from '../../src/people/conversations.ts';
import { serve } from '../../src/people/organisations.ts';
import { type Backend, BackendRefused, BackendUnavailable } from '../../src/provisioning/backend.ts';
import { type Keyring, newKey, readKeys } from '../../src/secrets/keyring.ts';
import { createUploader } from '../../src/teams/upload.ts';
import { pagesOf, row } from '../billing/rows.ts';
import { actionsOf } from '../support/cards.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type FakeOneDrive, startFakeOneDrive } from '../support/fake-onedrive.ts';
import { type Activity, cardOf, textsOf } from '../support/fake-teams.ts';
import { alex, channel, personal, type TestConversation, tenantId } from '../support/people.ts';

const log = pino({ level: 'silent' });
const config = readConfig({
  ALLOW_UNAUTHENTICATED: 'true',
  ORGANISATIONS: `${tenantId}=5001`,
  PUBLIC_URL: 'https://bot.example.com/',
  TEAMMATE_CLIENT_ID: 'id',
  TEAMMATE_CLIENT_SECRET: 'secret',
  TEAMMATE_USERNAME: 'user',
  TEAMMATE_PASSWORD: 'password',
});

let home: FreshDatabase;
let database: Database;
let drive: FakeOneDrive;
let now: Date;
/** What TeamMate has of each month; an error is met after the pages before it. */
let months: Record<string, (BillingRow[] | Error)[]>;
let asked: string[];
beforeAll(async () => {
  home = await freshDatabase();
  database = await openDatabase({ ...home, folder: '' });
});
afterAll(async () => {
  await database.close();
  await home.drop();
});
beforeEach(async () => {
  for (const table of ['outbox', 'bills', 'bill_files'] as const) await database.db.deleteFrom(table).execute();
  drive = await startFakeOneDrive();
  now = new Date('2026-11-23T12:00:00Z');
  asked = [];
  months = { '2026-10': [[row('Grows', 2), row('Goes', 3)]], '2026-11': [[row('Grows', 7)], [row('Comes', 6)]] };
  await serve(database.db, { tenantId, account: '5001' }, 'test', now);
  for (const place of [personal(alex), channel('Bills')]) await remember(database.db, knownAs(place), undefined, now);
});
afterEach(() => drive.close());

const knownAs = ({ id, kind }: TestConversation) => ({
  tenantId,
  conversationId: id,
  kind,
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  ...(kind === 'personal' && { directoryId: alex.aadObjectId }),
});

const billing: Backend['billing'] = async function* (account, month) {
  expect(account).toBe('5001');
  asked.push(month);
  for (const page of months[month] ?? []) {
    if (page instanceof Error) throw page;
    yield page;
  }
};

const ring = readKeys(newKey())!;

function workers(keys: { keys?: Keyring } = { keys: ring }) {
  const uploader = createUploader({ dispatcher: drive.dispatcher(), pause: async () => {} });
  const clock = () => now;
  const room = { db: database.db, backend: { billing }, outbox: createOutbox(clock), uploader, config, clock, log };
  return billWorkers({ ...room, ...keys });
}
const { signal } = new AbortController();

/** What is queued for a conversation, oldest first. */
async function queued(where: TestConversation) {
  const rows = await database.db
    .selectFrom('outbox')
    .select('activity')
    .where('conversation_id', '=', where.id)
    .orderBy('id')
    .execute();
  return rows.map(({ activity }) => activity as unknown as Activity);
}
const says = (activity: Activity | undefined) => textsOf(cardOf(activity)).join('\n');
const buttons = (activity: Activity | undefined) => actionsOf(cardOf(activity)).map(({ title }) => title);

const bill = (month: string, where = personal(alex), name = 'first') =>
  workers().bill({ tenantId, conversationId: where.id, month, asked: name }, signal);

describe('a bill', () => {
  test('is read with the month before, and posted with what changed', async () => {
    await bill('2026-11');
    expect(asked).toEqual(['2026-11', '2026-10']);
    const [card, ...more] = await queued(personal(alex));
    expect(more).toEqual([]);
    expect(says(card)).toContain('Bill of November 2026, so far');
    expect(says(card)).toContain('2 enterprises of 1 reseller');
    expect(says(card)).toContain('13 (+8)');
    expect(says(card)).toContain('**New: 1** · Comes (6)');
    expect(says(card)).toContain('**Gone: 1** · Goes (3)');
    expect(says(card)).toContain('**More licences: 1** · Grows +5 (2 → 7)');
    expect(says(card)).not.toContain('Everybody');
    expect(buttons(card)).toEqual(['CSV', 'Excel', 'Previous month']);
  });

  test('is posted once, however often its job is done', async () => {
    await bill('2026-11');
    now = new Date('2026-11-23T13:00:00Z');
    await bill('2026-11');
    expect(await queued(personal(alex))).toHaveLength(1);
    // Nor is TeamMate asked again for what was posted.
    expect(asked).toHaveLength(2);
  });

  test('of a month that was read after its end is not read again; of a running one it is, after a while', async () => {
    await bill('2026-11');
    await bill('2026-11', personal(alex), 'second');
    expect(asked).toEqual(['2026-11', '2026-10']);
    now = new Date('2026-11-23T12:02:00Z');
    months['2026-11'] = [[row('Grows', 8)]];
    await bill('2026-11', personal(alex), 'third');
    expect(asked).toEqual(['2026-11', '2026-10', '2026-11']);
    expect(says((await queued(personal(alex))).at(-1))).toContain('8 (+3)');
    // What was read while the month was running is not its last word.
    now = new Date('2026-12-01T00:00:00Z');
    await bill('2026-11', personal(alex), 'fourth');
    await bill('2026-11', personal(alex), 'fifth');
    expect(asked).toEqual(['2026-11', '2026-10', '2026-11', '2026-11']);
  });

  test('that TeamMate gives half of is not shown, and the one before stays', async () => {
    await bill('2026-11');
    now = new Date('2026-11-23T12:02:00Z');
    months['2026-11'] = [[row('Half', 100)], new BackendUnavailable('503', undefined, 'it answered 503')];
    await bill('2026-11', personal(alex), 'second');
    const card = (await queued(personal(alex))).at(-1);
    expect(says(card)).toContain('No bill of November 2026');
    expect(says(card)).toContain('it answered 503');
    expect(says(card)).not.toContain('Half');
    expect(buttons(card)).toEqual(['Try again']);
    expect(actionsOf(cardOf(card))[0]?.data).toEqual({ verb: 'run', command: 'billing 2026-11' });
    expect((await newestBill(database.db, tenantId, '2026-11'))?.size).toBe(2);
    const left = await database.db.selectFrom('bill_rows').select('enterprise_name').execute();
    expect(left.map((one) => one.enterprise_name)).not.toContain('Half');
  });

  test.each([
    [new BackendRefused('login', 'no'), 'login'],
    [new BackendRefused('invalid', 'Reports are *off*.'), 'Reports are \\*off\\*.'],
  ])('that TeamMate refuses says why', async (error, words) => {
    months['2026-11'] = [error];
    await bill('2026-11');
    expect(says((await queued(personal(alex)))[0])).toContain(words);
  });

  test('without the month before says why it is missing', async () => {
    months['2026-10'] = [new BackendUnavailable('503', undefined, 'it answered 503')];
    await bill('2026-11');
    const [card] = await queued(personal(alex));
    expect(says(card)).toContain('Since October 2026');
    expect(says(card)).toContain('Not known. TeamMate did not give the bill: it answered 503.');
    expect(says(card)).toContain('2 enterprises');
  });

  test('whose reading a mistake of ours ends leaves the job to be done again', async () => {
    months['2026-11'] = [[row('A', 1)], new TypeError('a mistake')];
    await expect(bill('2026-11')).rejects.toThrow('a mistake');
    expect(await queued(personal(alex))).toEqual([]);
    expect(await database.db.selectFrom('bills').selectAll().execute()).toEqual([]);
  });

  test('that a killed process was reading does not count, and is taken away', async () => {
    const { id } = await database.db
      .insertInto('bills')
      .values({ tenant_id: tenantId, month: '2026-11', read_at: new Date('2026-11-23T10:00:00Z') })
      .returning('id')
      .executeTakeFirstOrThrow();
    expect(await newestBill(database.db, tenantId, '2026-11')).toBeUndefined();
    await bill('2026-11');
    const ids = (await database.db.selectFrom('bills').select('id').execute()).map((one) => one.id);
    expect(ids).not.toContain(id);
  });

  test('is not asked for an organisation that is no longer served', async () => {
    await database.db.deleteFrom('organisations').execute();
    await bill('2026-11');
    expect(says((await queued(personal(alex)))[0])).toContain('not set up with TeamMate');
    expect(asked).toEqual([]);
  });

  test('in a channel says who can read it', async () => {
    await bill('2026-11', channel('Bills'));
    expect(says((await queued(channel('Bills')))[0])).toContain('Everybody in this channel can read this bill.');
  });

  test('of nobody has no files', async () => {
    months['2026-11'] = [];
    await bill('2026-11');
    const [card] = await queued(personal(alex));
    expect(says(card)).toContain('0 enterprises');
    expect(buttons(card)).toEqual(['Previous month']);
  });
});

describe('a file of a bill', () => {
  beforeEach(async () => {
    await keepBill(database.db, { tenantId, month: '2026-11', now }, pagesOf([row('A', 1)]));
  });
  const make = (where: TestConversation, directoryId = alex.aadObjectId, does = workers()) =>
    does['bill-file'](
      { tenantId, conversationId: where.id, directoryId, month: '2026-11', format: 'csv', asked: 'first' },
      signal,
    );

  test('is offered in a personal chat to be saved, with its size, and as a link', async () => {
    await make(personal(alex));
    await make(personal(alex));
    const [consent, link, ...more] = await queued(personal(alex));
    expect(more).toEqual([]);
    expect(consent?.attachments).toEqual([
      {
        contentType: 'application/vnd.microsoft.teams.card.file.consent',
        name: 'billing-2026-11.csv',
        content: {
          description: expect.stringContaining('November 2026'),
          sizeInBytes: expect.any(Number),
          acceptContext: { file: expect.stringMatching(/^[\w-]{43}$/) },
          declineContext: { file: expect.any(String) },
        },
      },
    ]);
    expect(says(link)).toMatch(/\(https:\/\/bot\.example\.com\/files\/[\w-]{43}\)/);
    expect(says(link)).toContain('15 minutes');
  });

  test.each([
    ['a channel', channel('Bills'), alex.aadObjectId],
    ['a chat that is not surely theirs', personal(alex), '99999999-aaaa-4aaa-8aaa-aaaaaaaaaaaa'],
  ])('is a link alone in %s', async (_, where, directoryId) => {
    await make(where, directoryId);
    const [link, ...more] = await queued(where);
    expect(more).toEqual([]);
    expect(says(link)).toContain('for everybody who has it: whoever reads this');
  });

  test('is a link alone where there is no key to seal the way there with', async () => {
    await make(personal(alex), alex.aadObjectId, workers({}));
    const [link, ...more] = await queued(personal(alex));
    expect(more).toEqual([]);
    expect(says(link)).toMatch(/bot\.example\.com\/files\//);
  });

  test('keeps of its tokens only the hashes', async () => {
    await make(personal(alex));
    const [consent, link] = await queued(personal(alex));
    const [card] = (consent?.attachments ?? []) as { content: { acceptContext: { file: string } } }[];
    const tokens = [card!.content.acceptContext.file, /files\/([\w-]+)/.exec(says(link))![1]!];
    const kept = await database.db.selectFrom('bill_files').selectAll().execute();
    expect(kept.map((one) => one.token_hash).sort()).toEqual(tokens.map(hashOf).sort());
    for (const token of tokens) expect(JSON.stringify(kept)).not.toContain(token);
  });
});

describe('a file that somebody agreed to', () => {
  async function agreed(keys = ring, about = sealedFor) {
    await keepBill(database.db, { tenantId, month: '2026-11', now }, pagesOf([row('A', 1)]));
    const place = drive.place('billing-2026-11.csv');
    const token = await database.db.transaction().execute((trx) => {
      const conversationId = personal(alex).id;
      const to = { tenantId, conversationId, directoryId: alex.aadObjectId, month: '2026-11', format: 'csv' as const };
      return offer(trx, { ...to, way: 'consent' }, now);
    });
    const hash = hashOf(token);
    const target = keys.seal({ info: JSON.stringify(place.info) }, about({ tenantId, hash }));
    await settle(database.db, hash, 'accepted', target);
    return { place, hash };
  }
  const upload = (file: string) => workers().upload({ file }, signal);

  test('is saved, shown once, and the way there forgotten', async () => {
    const { place, hash } = await agreed();
    await upload(hash);
    await upload(hash);
    expect(drive.file(place.path)?.toString()).toContain('Enterprise Billing Reference');
    const [card, ...more] = await queued(personal(alex));
    expect(more).toEqual([]);
    expect(card?.attachments).toEqual([
      {
        contentType: 'application/vnd.microsoft.teams.card.file.info',
        contentUrl: place.info.contentUrl,
        name: 'billing-2026-11.csv',
        content: { uniqueId: place.info.uniqueId, fileType: 'csv' },
      },
    ]);
    expect(await offerOf(database.db, hash)).toMatchObject({ state: 'saved', target: undefined });
  });

  test('that cannot be saved says so, and is offered again', async () => {
    const { hash } = await agreed();
    drive.fault({ status: 507 });
    await upload(hash);
    const [card] = await queued(personal(alex));
    expect(says(card)).toContain('could not be saved in your OneDrive: it answered 507');
    expect(buttons(card)).toEqual(['Offer it again']);
    expect(await offerOf(database.db, hash)).toMatchObject({ state: 'failed', target: undefined });
  });

  test('whose saving was killed half-way goes on, once', async () => {
    const { place, hash } = await agreed();
    const killed = new AbortController();
    const first = workers().upload({ file: hash }, killed.signal);
    drive.fault('drop', 'drop');
    killed.abort();
    await expect(first).rejects.toThrow();
    expect(await offerOf(database.db, hash)).toMatchObject({ state: 'accepted' });
    await upload(hash);
    expect(drive.file(place.path)).toBeDefined();
    expect(await queued(personal(alex))).toHaveLength(1);
  });

  test.each<[string, Parameters<typeof agreed>]>([
    ['another key', [readKeys(newKey())!]],
    ['another offer', [ring, () => sealedFor({ tenantId, hash: 'another' })]],
  ])('is not saved when the way there was sealed with or for %s', async (_, how) => {
    const { hash } = await agreed(...how);
    await upload(hash);
    expect(says((await queued(personal(alex)))[0])).toContain('keys of the bot were changed');
    expect(drive.pieces).toEqual([]);
  });
});
