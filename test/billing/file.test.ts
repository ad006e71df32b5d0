import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import ExcelJS from 'exceljs';
import { sql } from 'kysely';
import type { BillingRow } from '../../src/billing/bill.ts';
import { writeCsv } from '../../src/billing/csv.ts';
import { type Format, makeFile, piecesOf } from '../../src/billing/file.ts';
import { keepBill } from '../../src/billing/store.ts';
import { writeXlsx } from '../../src/billing/xlsx.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { pagesOf, row } from './rows.ts';

let home: FreshDatabase;
let database: Database;
beforeAll(async () => {
  home = await freshDatabase();
  database = await openDatabase({ ...home, folder: '' });
});
afterAll(async () => {
  await database.close();
  await home.drop();
});

const now = new Date('2026-11-23T12:00:00Z');
let tenants = 0;
/** A tenant of its own, with the bills of October and November. */
async function kept(october: BillingRow[] | undefined, november: BillingRow[]): Promise<string> {
  const tenantId = `tenant ${++tenants}`;
  const { db } = database;
  if (october) await keepBill(db, { tenantId, month: '2026-10', now }, pagesOf(october));
  await keepBill(db, { tenantId, month: '2026-11', now }, pagesOf(november));
  return tenantId;
}

async function made(tenantId: string, format: Format): Promise<Buffer> {
  const file = await makeFile(database.db, tenantId, '2026-11', format);
  if (!file) throw new Error('there is no file');
  const chunks: Buffer[] = [];
  for await (const piece of piecesOf(file.handle)) chunks.push(piece);
  await file.close();
  const bytes = Buffer.concat(chunks);
  expect(bytes.length).toBe(file.size);
  return bytes;
}

const october = [row('Grows', 2), row('Shrinks', 9), row('Stays', 5), row('Goes', 3)];
const november = [row('Grows', 7), row('Shrinks', 4), row('Stays', 5), row('Comes', 6)];

describe('the CSV file', () => {
  test('has a line for each enterprise, what it had a month before, and the change', async () => {
    const bytes = await made(await kept(october, november), 'csv');
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const text = bytes.toString('utf8');
    expect(text.split('\r\n')).toHaveLength(6);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    const rows = parse<Record<string, string>>(text, { bom: true, columns: true });
    expect(rows.map((one) => [one.Enterprise, one['Licences in use'], one['Licences last month'], one.Change])).toEqual(
      [
        ['Grows', '7', '2', '5'],
        ['Shrinks', '4', '9', '-5'],
        ['Stays', '5', '5', '0'],
        ['Comes', '6', '0', '6'],
      ],
    );
    expect(rows[0]).toMatchObject({
      Reseller: 'Contoso',
      'Reseller Id': '6001',
      'Reseller Billing Reference': 'B-77',
      'Enterprise Id': 'id of Grows',
      'Enterprise Billing Reference': 'E-1',
      Services: 'PBX, SMS',
      'Operator Connect': '1',
      'Call Recording': '1',
    });
  });

  test('leaves the comparison empty when the month before is not known', async () => {
    const rows = parse<Record<string, string>>(await made(await kept(undefined, november), 'csv'), {
      bom: true,
      columns: true,
    });
    expect(rows.map((one) => [one['Licences last month'], one.Change])).toEqual(Array(4).fill(['', '']));
  });

  test('holds every text as text, however it is written', async () => {
    const name = '=HYPERLINK("http://evil","a,b")';
    const lines = '@two\r\nlines "quoted"; x';
    const bytes = await made(await kept(undefined, [row(name, 1, { enterpriseBillingReference: lines })]), 'csv');
    const [one] = parse<Record<string, string>>(bytes, { bom: true, columns: true });
    expect(one).toMatchObject({ Enterprise: `'${name}`, 'Enterprise Billing Reference': `'${lines}` });
  });
});

describe('the workbook', () => {
  const sheetsOf = async (bytes: Buffer) => {
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
    const values = (name: string) => {
      const rows: unknown[][] = [];
      workbook.getWorksheet(name)?.eachRow((one) => rows.push((one.values as unknown[]).slice(1)));
      return rows;
    };
    return { workbook, bill: values('Bill'), changes: values('Changes') };
  };

  test('has the bill, numbers as numbers, under a header that stays', async () => {
    const { workbook, bill } = await sheetsOf(await made(await kept(october, november), 'xlsx'));
    const [header, first] = bill;
    expect(header).toContain('Enterprise Billing Reference');
    expect(first).toEqual(
      ['Contoso', '6001', 'B-77', 'Grows', 'id of Grows', 'E-1', 'PBX, SMS', 7].concat(Array(8).fill(1), 2, 5),
    );
    expect(bill).toHaveLength(5);
    const sheet = workbook.getWorksheet('Bill');
    expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 });
    expect(sheet?.getColumn(1).width).toBe(30);
    expect(sheet?.getRow(1).font?.bold).toBe(true);
  });

  test('has what changed since the month before', async () => {
    const { changes } = await sheetsOf(await made(await kept(october, november), 'xlsx'));
    expect(changes.slice(1).map((one) => [one[0], one[4], ...one.slice(7)])).toEqual([
      ['Up', 'Grows', 2, 7, 5],
      ['Down', 'Shrinks', 9, 4, -5],
      ['New', 'Comes', 0, 6, 6],
      ['Gone', 'Goes', 3, 0, -3],
    ]);
  });

  test('says when the month before is not known', async () => {
    const { changes } = await sheetsOf(await made(await kept(undefined, november), 'xlsx'));
    expect(changes).toEqual([['The month before is not known.']]);
  });

  test('holds every text as text', async () => {
    const { bill } = await sheetsOf(
      await made(await kept(undefined, [row(' ＝cmd', 1), row('a\u0001<b>&', 2)]), 'xlsx'),
    );
    expect(bill.slice(1).map((one) => one[3])).toEqual(["' ＝cmd", 'a<b>&']);
  });
});

describe('a file of a month', () => {
  test('is made of the newest bill that was read to its end', async () => {
    const tenantId = await kept(undefined, [row('Old', 1)]);
    await keepBill(database.db, { tenantId, month: '2026-11', now }, pagesOf([row('New', 1)]));
    async function* broken() {
      yield [row('Half', 1)];
      throw new Error('the line is dead');
    }
    await expect(keepBill(database.db, { tenantId, month: '2026-11', now }, broken())).rejects.toThrow('dead');
    const text = (await made(tenantId, 'csv')).toString();
    expect(text).toContain('New');
    expect(text).not.toMatch(/Old|Half/);
  });

  test('is not made when there is no bill', async () => {
    expect(await makeFile(database.db, 'nobody', '2026-11', 'csv')).toBeUndefined();
  });

  test('is not made of half a bill', async () => {
    const tenantId = await kept(undefined, november);
    await sql`delete from bill_rows where enterprise_name = 'Stays'
      and bill_id in (select id from bills where tenant_id = ${tenantId})`.execute(database.db);
    await expect(makeFile(database.db, tenantId, '2026-11', 'csv')).rejects.toThrow('4 rows, and 3 were found');
    await expect(makeFile(database.db, tenantId, '2026-11', 'xlsx')).rejects.toThrow('4 rows, and 3 were found');
  });
});

test('a disk that is full ends the writing, whatever the format', async () => {
  const full = () => new Writable({ write: (_, __, done) => done(new Error('ENOSPC')) });
  async function* rows() {
    for (let page = 0; page < 20; page++)
      yield Array.from({ length: 500 }, (_, n) => ({ ...row(`E ${page} ${n} ${Math.random()}`, n), last: n }));
  }
  await expect(writeXlsx({ rows, gone: undefined }, full())).rejects.toThrow('ENOSPC');
  await expect(writeCsv(rows(), { compared: false, into: full() })).rejects.toThrow('ENOSPC');
});

test('an enterprise that two pages name is on the bill once', async () => {
  const tenantId = 'twice';
  const bill = await keepBill(
    database.db,
    { tenantId, month: '2026-11', now },
    pagesOf([row('A', 1), row('A', 1)], [row('A', 1), row('B', 1)]),
  );
  expect(bill.size).toBe(2);
});

test('a long bill takes no more memory than a short one, whatever the format', async () => {
  const script = join(import.meta.dirname, 'long-bill.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], { env: process.env });
  const more = JSON.parse(stdout) as Record<Format, number>;
  // 20 000 rows that were all held would be three times this. What is left over are pages of the query and buffers.
  expect(more.csv).toBeLessThan(5);
  expect(more.xlsx).toBeLessThan(5);
}, 120_000);

test('nothing is left on the disk', async () => {
  const tenantId = await kept(undefined, november);
  const ours = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('teammate-file-'));
  const before = await ours();
  await made(tenantId, 'xlsx');
  expect((await ours()).filter((name) => !before.includes(name))).toEqual([]);
});
