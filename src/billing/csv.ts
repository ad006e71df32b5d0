import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { billColumns } from './columns.ts';
import type { ComparedRow } from './store.ts';

/** The bill as RFC 4180 has it. The byte order mark is for Excel, which else takes UTF-8 for something older. */
export async function writeCsv(
  pages: AsyncIterable<ComparedRow[]>,
  { compared, into }: { compared: boolean; into: Writable },
): Promise<void> {
  const columns = billColumns(compared);
  async function* records() {
    for await (const page of pages) for (const row of page) yield columns.map(({ of }) => of(row));
  }
  const text = stringify({
    bom: true,
    header: true,
    columns: columns.map(({ header }) => header),
    record_delimiter: 'windows',
  });
  await pipeline(Readable.from(records()), text, into);
}
