import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import { actionsOf } from '../support/cards.ts';
import { type FakeOneDrive, startFakeOneDrive } from '../support/fake-onedrive.ts';
import { type Activity, cardOf, textsOf } from '../support/fake-teams.ts';
import { type Harness, type Posted, startHarness } from '../support/harness.ts';
import {
  channel,
  fileConsent,
  megan,
  personal,
  stranger,
  type TestConversation,
  type TestPerson,
} from '../support/people.ts';

let drive: FakeOneDrive;
let harness: Harness;
let now = new Date('2026-11-23T12:00:00Z');
beforeAll(async () => {
  drive = await startFakeOneDrive();
  harness = await startHarness({
    bare: true,
    simulator: { clock: () => now },
    replacements: { files: drive.dispatcher(), clock: () => now },
  });
  await fetch(`${harness.simulator.url}/_controls`, { method: 'POST', body: JSON.stringify({ billingRows: 60 }) });
});
afterAll(async () => {
  await harness.close();
  await drive.close();
});
beforeEach(() => {
  now = new Date(now.getTime() + 120_000);
});

const titles = (posted: Posted) => actionsOf(posted.card).map(({ title }) => title);

/** Asks for a bill and waits for it. */
async function bill(by: TestPerson, said: string, title: string, where: TestConversation = personal(by)) {
  const getting = await harness.type(by, said, where);
  expect(getting.says).toContain('Getting the bill of');
  return harness.see(where, title, 'Licences in use');
}

/** A post after so many that has something else attached than an Adaptive Card. */
async function attached(where: TestConversation, kind: string, after: number) {
  const type = `application/vnd.microsoft.teams.card.file.${kind}`;
  const of = (activity: Activity | undefined) => (activity?.attachments ?? []) as { contentType: string }[];
  const call = await harness.teams.waitFor(
    (one) => one.conversationId === where.id && of(one.activity).some(({ contentType }) => contentType === type),
    { after, what: `a file card (${kind})` },
  );
  const [card] = of(call.activity) as unknown as { name: string; content: Record<string, unknown> }[];
  return { activityId: call.activityId as string, name: card!.name, content: card!.content };
}

/** Clicks CSV or Excel in a personal chat. Resolves to the consent card and the link beside it. */
async function offered(by: TestPerson, on: Posted, title: 'CSV' | 'Excel') {
  const after = harness.teams.delivered().length;
  await harness.press(by, on, title);
  const consent = await attached(personal(by), 'consent', after);
  const file = (consent.content.acceptContext as { file: string }).file;
  return { ...consent, file, link: await linkIn(personal(by), after) };
}

async function linkIn(where: TestConversation, after: number) {
  const call = await harness.teams.waitFor(
    (one) => one.conversationId === where.id && says(one.activity).includes('/files/'),
    { after, what: 'a link' },
  );
  return { says: says(call.activity), path: /(\/files\/[\w-]+)/.exec(says(call.activity))?.[1] ?? '' };
}
const says = (activity: Activity | undefined) => textsOf(cardOf(activity)).join('\n');
const get = (path: string) => fetch(harness.app.url + path);

describe('the command', () => {
  test.each(['requester', 'approver', 'administrator'] as const)('gives the bill to every %s', async (role) => {
    const alex = await harness.join('Alex', role);
    const card = await bill(alex, 'billing', 'Bill of November 2026, so far');
    expect(card.says).toContain('60 enterprises of 3 resellers');
    expect(card.says).toContain('Since October 2026');
    expect(titles(card)).toEqual(['CSV', 'Excel', 'Previous month']);
  });

  test.each(['billing report 2026-09', 'Billing September 2026', 'bill sept 2026', 'billing  report  09/2026'])(
    '“%s” gives the bill of September',
    async (said) => {
      const alex = await harness.join('Alex', 'requester');
      expect((await bill(alex, said, 'Bill of September 2026')).says).not.toContain('so far');
    },
  );

  test('is refused to somebody without a role, and nothing is read', async () => {
    const alex = await harness.join('Alex');
    const card = await harness.type(alex, 'billing');
    expect(card.says).toContain('This needs the role requester');
  });

  test.each([
    ['billing 2026-12', 'December 2026 has not begun yet'],
    ['billing sometime', 'I cannot tell which month “sometime” is.'],
    ['billing *x* [y](http://z)', 'I cannot tell which month “\\*x\\* \\[y\\](http://z)” is.'],
  ])('“%s” is refused with the reason', async (said, reason) => {
    const alex = await harness.join('Alex', 'requester');
    expect((await harness.type(alex, said)).says).toContain(reason);
  });

  test('says in a channel who can read it, at once and on the bill', async () => {
    const alex = await harness.join('Alex', 'requester');
    const place = channel('Money');
    harness.teams.install(place, [alex]);
    const getting = await harness.type(alex, 'billing', place);
    expect(getting.says).toContain('Everybody in this channel can read this bill.');
    const card = await harness.see(place, 'Licences in use');
    expect(card.says).toContain('Everybody in this channel can read this bill.');
  });

  test('leads from month to month', async () => {
    const alex = await harness.join('Alex', 'requester');
    const card = await bill(alex, 'billing january 2026', 'Bill of January 2026');
    await harness.press(alex, card, 'Previous month');
    await harness.see(personal(alex), 'Bill of December 2025', 'Licences in use');
  });

  test('says when TeamMate fails, and tries again', async () => {
    const alex = await harness.join('Alex', 'requester');
    const fault = { status: 500, times: 100, path: '/reseller/v3/getBillingSummaryReport' };
    await fetch(`${harness.simulator.url}/_faults`, { method: 'POST', body: JSON.stringify(fault) });
    await harness.type(alex, 'billing 2026-04');
    const card = await harness.see(personal(alex), 'No bill of April 2026', 'it answered 500');
    await fetch(`${harness.simulator.url}/_faults`, { method: 'POST', body: JSON.stringify({ clear: true }) });
    await harness.press(alex, card, 'Try again');
    await harness.see(personal(alex), 'Bill of April 2026', 'Licences in use');
  });
});

describe('a file in a personal chat', () => {
  test.each(['CSV', 'Excel'] as const)('%s is saved where Teams says, once it is agreed to', async (title) => {
    const alex = await harness.join('Alex', 'requester');
    const offer = await offered(alex, await bill(alex, 'billing 2026-10', 'Bill of October 2026'), title);
    const place = drive.place(offer.name);
    const after = harness.teams.delivered().length;
    const body = fileConsent(alex, 'accept', offer.file, { replyToId: offer.activityId, uploadInfo: place.info });
    // Teams sends an unanswered invoke again.
    const answers = await Promise.all([harness.send(body), harness.send({ ...body, id: `${body.id}0` })]);
    expect(answers).toEqual(Array(2).fill({ status: 200, body: {} }));
    const saved = await attached(personal(alex), 'info', after);
    expect(saved.content).toEqual({ uniqueId: place.info.uniqueId, fileType: title === 'CSV' ? 'csv' : 'xlsx' });
    const bytes = drive.file(place.path)!;
    if (title === 'CSV') {
      const rows = parse<Record<string, string>>(bytes, { bom: true, columns: true });
      expect(rows).toHaveLength(60);
      expect(rows[0]).toMatchObject({ Reseller: 'Reseller 1', Enterprise: 'Enterprise 1' });
      expect(bytes.length).toBe(offer.content.sizeInBytes);
    } else {
      const workbook = new ExcelJS.Workbook();
      await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
      expect(workbook.getWorksheet('Bill')?.rowCount).toBe(61);
    }
    const infos = harness.teams.delivered().filter(({ activity }) => JSON.stringify(activity).includes('file.info'));
    expect(infos.filter(({ conversationId }) => conversationId === personal(alex).id)).toHaveLength(1);
    expect(says(harness.teams.activity(personal(alex).id, offer.activityId))).toContain('is being saved');
  });

  test('is not saved when it is declined', async () => {
    const alex = await harness.join('Alex', 'requester');
    const offer = await offered(alex, await bill(alex, 'billing 2026-10', 'Bill of October 2026'), 'CSV');
    const options = { replyToId: offer.activityId };
    expect((await harness.send(fileConsent(alex, 'decline', offer.file, options))).status).toBe(200);
    await harness.see(personal(alex), 'Not saved');
    // It is too late to agree now.
    const place = drive.place('late.csv');
    await harness.send(fileConsent(alex, 'accept', offer.file, { ...options, uploadInfo: place.info }));
    await harness.see(personal(alex), 'This file is no longer offered.');
    expect(drive.file(place.path)).toBeUndefined();
  });

  test.each<[string, string, (alex: TestPerson) => Promise<TestPerson> | TestPerson]>([
    ['somebody else', 'This file was not offered to you.', () => harness.join('Sam', 'requester')],
    [
      'somebody who has lost their role',
      'This needs the role requester',
      async (alex) => {
        await harness.type(megan, `revoke requester ${alex.aadObjectId}`);
        return alex;
      },
    ],
  ])('cannot be agreed to by %s', async (_, words, who) => {
    const alex = await harness.join('Alex', 'requester');
    const offer = await offered(alex, await bill(alex, 'billing 2026-10', 'Bill of October 2026'), 'CSV');
    const other = await who(alex);
    const place = drive.place('foreign.csv');
    const body = fileConsent(other, 'accept', offer.file, { uploadInfo: place.info });
    expect((await harness.send(body)).status).toBe(200);
    await harness.see(personal(other), words);
    expect(drive.file(place.path)).toBeUndefined();
  });

  test('cannot be agreed to from another organisation', async () => {
    const alex = await harness.join('Alex', 'requester');
    const offer = await offered(alex, await bill(alex, 'billing 2026-10', 'Bill of October 2026'), 'CSV');
    harness.teams.install(personal(stranger), [stranger]);
    const place = drive.place('foreign.csv');
    const { status } = await harness.send(fileConsent(stranger, 'accept', offer.file, { uploadInfo: place.info }));
    expect(status).toBe(200);
    await harness.see(personal(stranger), 'not set up with TeamMate');
  });

  test('cannot be agreed to when the offer is over, or was never made', async () => {
    const alex = await harness.join('Alex', 'requester');
    const offer = await offered(alex, await bill(alex, 'billing 2026-10', 'Bill of October 2026'), 'CSV');
    const { info } = drive.place('old.csv');
    const link = offer.link.path.split('/').at(-1) as string;
    for (const token of ['A'.repeat(43), link]) {
      const after = harness.teams.delivered().length;
      await harness.send(fileConsent(alex, 'accept', token, { uploadInfo: info }));
      await harness.teams.waitFor((one) => says(one.activity).includes('no longer offered'), { after });
    }
    now = new Date(now.getTime() + 25 * 3_600_000);
    const after = harness.teams.delivered().length;
    await harness.send(fileConsent(alex, 'accept', offer.file, { uploadInfo: info }));
    await harness.teams.waitFor((one) => says(one.activity).includes('no longer offered'), { after });
  });

  test.each(['https://evil.example/upload', 'http://127.0.0.1:1/upload', 'https://sharepoint.com.evil.example/'])(
    'is not sent to %s',
    async (uploadUrl) => {
      const alex = await harness.join('Alex', 'requester');
      const offer = await offered(alex, await bill(alex, 'billing 2026-10', 'Bill of October 2026'), 'CSV');
      const uploadInfo = { ...drive.place('x.csv').info, uploadUrl };
      const before = drive.pieces.length;
      await harness.send(fileConsent(alex, 'accept', offer.file, { uploadInfo }));
      await harness.see(personal(alex), 'a place for the file that the bot does not know');
      expect(drive.pieces).toHaveLength(before);
    },
  );

  test('with an answer that is malformed is refused as such', async () => {
    const alex = await harness.join('Alex', 'requester');
    const body = fileConsent(alex, 'accept', 'A'.repeat(43), {});
    for (const value of [null, {}, { action: 'accept' }, { action: 'delete', context: { file: 'A'.repeat(43) } }])
      expect((await harness.send({ ...body, value })).status).toBe(400);
  });
});

describe('a link to a file', () => {
  async function link() {
    const alex = await harness.join('Alex', 'requester');
    const offer = await offered(alex, await bill(alex, 'billing 2026-10', 'Bill of October 2026'), 'CSV');
    return { alex, path: offer.link.path };
  }

  test('gives the file, to be kept and not to be shown', async () => {
    const { path } = await link();
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-disposition': 'attachment; filename="billing-2026-10.csv"',
      'content-type': 'text/csv; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    const text = await response.text();
    expect(parse(text, { bom: true, columns: true })).toHaveLength(60);
    expect((await get(path)).status).toBe(200);
  });

  test('is over after fifteen minutes', async () => {
    const { path } = await link();
    now = new Date(now.getTime() + 15 * 60_000 - 1);
    expect((await get(path)).status).toBe(200);
    now = new Date(now.getTime() + 1);
    const response = await get(path);
    expect(response.status).toBe(410);
    expect(await response.text()).toMatch(/^This link is over\. Type billing in Teams/);
  });

  test('is over when who asked has no role any more', async () => {
    const { alex, path } = await link();
    await harness.type(megan, `revoke requester ${alex.aadObjectId}`);
    expect((await get(path)).status).toBe(410);
  });

  test.each(['/files/nonsense', `/files/${'A'.repeat(43)}`, '/files/%00', '/files/..%2f..%2fetc'])(
    '%s is none',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(404);
      expect(await response.text()).toBe('There is no such file. Was the whole link copied?');
    },
  );

  test('is what a channel gets, and it says for whom it is', async () => {
    const alex = await harness.join('Alex', 'requester');
    const place = channel('Books');
    harness.teams.install(place, [alex]);
    const card = await bill(alex, 'billing 2026-10', 'Bill of October 2026', place);
    const after = harness.teams.delivered().length;
    await harness.press(alex, card, 'Excel');
    const { path, says: words } = await linkIn(place, after);
    expect(words).toContain('whoever reads this channel');
    const response = await get(path);
    expect(response.headers.get('content-type')).toContain('spreadsheetml');
    const kinds = harness.teams
      .delivered()
      .slice(after)
      .map(({ activity }) => JSON.stringify(activity));
    expect(kinds.join()).not.toContain('file.consent');
  });
});

test.each([
  [{ month: '2020-01', format: 'csv' }, 'The bill of January 2020 is not kept here.'],
  [{ month: '2026-10', format: 'pdf' }, 'another version of the bot'],
  [{ month: "2026-10'--", format: 'csv' }, 'another version of the bot'],
])('a click on a file with %j is refused', async (data, words) => {
  const alex = await harness.join('Alex', 'requester');
  const card = await bill(alex, 'billing 2026-10', 'Bill of October 2026');
  const forged = JSON.parse(
    JSON.stringify(card.card).replace(/"month":"2026-10","format":"csv"/g, JSON.stringify(data).slice(1, -1)),
  );
  await harness.press(alex, { ...card, card: forged }, 'CSV');
  await harness.see(personal(alex), words);
});
