import { finished, type Writable } from 'node:stream';
import { promisify } from 'node:util';
import ExcelJS from 'exceljs';
import { billColumns, changeCells, changeHeaders, whatOf } from './columns.ts';
import type { ComparedRow } from './store.ts';

/** A worksheet of Excel has so many rows ("Excel specifications and limits"), one of which is the header. */
const mostRows = 1_048_575;

export interface Sheets {
  /** The bill; read twice, for the second sheet too. */
  rows(): AsyncIterable<ComparedRow[]>;
  /** What was on the bill before and is not on this one; undefined when that bill is not known. */
  gone: AsyncIterable<ComparedRow[]> | undefined;
}

type Writer = InstanceType<typeof ExcelJS.stream.xlsx.WorkbookWriter>;
type Cells = (string | number)[];

/**
 * The bill as a workbook, written row by row: a sheet for the bill, and one for what changed since the month before.
 * Rejects when `into` fails: the writer would wait for ever for room that nobody makes any more.
 */
export async function writeXlsx(sheets: Sheets, into: Writable): Promise<void> {
  const ended = promisify(finished)(into);
  try {
    await Promise.all([write(sheets, into), ended]);
  } catch (error) {
    into.destroy();
    throw error;
  }
}

async function write({ rows, gone }: Sheets, into: Writable): Promise<void> {
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: into, useStyles: true, useSharedStrings: false });
  const columns = billColumns(gone !== undefined);
  async function* billed(): AsyncGenerator<Cells[]> {
    for await (const page of rows()) yield page.map((row) => columns.map(({ of }) => of(row)));
  }
  await sheet(workbook, 'Bill', columns, billed());
  if (gone) await sheet(workbook, 'Changes', changeHeaders, changed(rows(), gone));
  else await sheet(workbook, 'Changes', [{ header: 'The month before is not known.', width: 40 }], []);
  await workbook.commit();
}

async function* changed(
  rows: AsyncIterable<ComparedRow[]>,
  gone: AsyncIterable<ComparedRow[]>,
): AsyncGenerator<Cells[]> {
  for await (const page of rows)
    yield page.flatMap((row) => {
      const what = whatOf(row);
      return what ? [changeCells(what, row)] : [];
    });
  for await (const page of gone) yield page.map((row) => changeCells('Gone', row));
}

async function sheet(
  workbook: Writer,
  name: string,
  columns: { header: string; width: number }[],
  pages: AsyncIterable<Cells[]> | Iterable<Cells[]>,
): Promise<void> {
  let room = mostRows;
  let part = 1;
  const open = () => {
    const title = part === 1 ? name : `${name} ${part}`;
    const opened = workbook.addWorksheet(title, { views: [{ state: 'frozen', ySplit: 1 }] });
    opened.columns = columns.map(({ header, width }) => ({ header, width }));
    opened.getRow(1).font = { bold: true };
    opened.getRow(1).commit();
    return opened;
  };
  let current = open();
  for await (const page of pages) {
    for (const cells of page) {
      if (room === 0) {
        current.commit();
        part++;
        room = mostRows;
        current = open();
      }
      current.addRow(cells).commit();
      room--;
    }
    await taken(current);
  }
  await taken(current);
  current.commit();
}

/**
 * Resolves when the zip has taken what was written to a sheet. exceljs never says that it has enough, and would keep what
 * comes faster than it is compressed: the stream between the two is asked instead, with nothing to write.
 */
async function taken(worksheet: ExcelJS.Worksheet): Promise<void> {
  const { pipes } = (worksheet as unknown as { stream: { pipes: Writable[] } }).stream;
  await Promise.all(pipes.map((pipe) => new Promise<void>((done) => pipe.write('', () => done()))));
}
