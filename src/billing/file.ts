import type { FileHandle } from 'node:fs/promises';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import pLimit from 'p-limit';
import type { Db } from '../db/open.ts';
import type { Bill } from './bill.ts';
import { writeCsv } from './csv.ts';
import { type Month, monthBefore } from './month.ts';
import { newestBill, rowsOf } from './store.ts';
import { writeXlsx } from './xlsx.ts';

export const formats = ['csv', 'xlsx'] as const;
export type Format = (typeof formats)[number];

export const fileTypes: Record<Format, { name: string; type: string }> = {
  csv: { name: 'CSV', type: 'text/csv; charset=utf-8' },
  xlsx: { name: 'Excel', type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' },
};

export const fileName = (month: Month, format: Format) => `billing-${month}.${format}`;

/** A file on the disk of this machine that nobody else can open. */
export interface MadeFile {
  handle: FileHandle;
  size: number;
  /** Gives its room on the disk back. */
  close(): Promise<void>;
}

/** Files made at the same time by this process: each takes a core and room on the disk. */
const makingAtOnce = pLimit(2);

/**
 * Makes the file of a month's bill. Undefined when there is no bill of that month. It has no name any more when it is
 * there, so that it is gone with the process too.
 */
export const makeFile = (db: Db, tenantId: string, month: Month, format: Format): Promise<MadeFile | undefined> =>
  makingAtOnce(async () => {
    const bill = await newestBill(db, tenantId, month);
    if (!bill) return undefined;
    const before = await newestBill(db, tenantId, monthBefore(month));
    const handle = await nameless();
    try {
      await write(db, handle, bill, before, format);
      const { size } = await handle.stat();
      return { handle, size, close: () => handle.close() };
    } catch (error) {
      await handle.close();
      throw error;
    }
  });

async function nameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'teammate-file-'));
  try {
    return await open(join(folder, 'file'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a file holds, from its start, piece by piece. */
export async function* piecesOf(handle: Pick<FileHandle, 'read'>): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(64 * 1024), 0, undefined, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** Node's own stream over a handle that stays open never tells a pipeline that it has ended. */
const writing = (handle: FileHandle) =>
  new Writable({
    write(chunk: Buffer, _, done) {
      handle.writeFile(chunk).then(() => done(), done);
    },
  });

async function write(db: Db, handle: FileHandle, bill: Bill, before: Bill | undefined, format: Format) {
  const into = writing(handle);
  let passed = 0;
  async function* rows() {
    passed = 0;
    for await (const page of rowsOf(db, bill, { before })) {
      passed += page.length;
      yield page;
    }
    // The bill was replaced long ago and taken away meanwhile: half of it must not pass for the whole.
    if (passed !== bill.size) throw new Error(`bill ${bill.id} has ${bill.size} rows, and ${passed} were found`);
  }
  if (format === 'csv') await writeCsv(rows(), { compared: before !== undefined, into });
  else await writeXlsx({ rows, gone: before && rowsOf(db, before, { but: bill }) }, into);
}
