import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import { cell } from '../billing/cell.ts';
import type { Db } from '../db/open.ts';
import { inLanguage, language } from '../language/reader.ts';
import { say } from '../language/say.ts';
import type { Item } from './contract.ts';
import { itemsOf, underWay } from './items.ts';
import type { Reader } from './links.ts';

const above = (item: Item, kind: string) => item.parents.find((one) => one.kind === kind)?.name ?? '';

/** The board as RFC 4180 has it: all rows of a search, however many, as they are read. */
export async function boardAsCsv(db: Db, reader: Reader, search: string): Promise<Readable> {
  const columns: readonly [string, (item: Item) => string][] = [
    [say('board.column.kind'), ({ noun }) => noun],
    [say('board.column.name'), ({ name }) => name],
    [say('board.column.reseller'), (item) => above(item, 'reseller')],
    [say('board.column.enterprise'), (item) => above(item, 'enterprise')],
    [say('board.column.state'), ({ state }) => state.label],
    [say('board.column.waiting'), ({ waitingFor = '' }) => waitingFor],
    [say('board.column.since'), ({ since = '' }) => since],
    [say('board.column.email'), ({ email = '' }) => email],
    [say('board.column.reference'), ({ billingReference = '' }) => billingReference],
    [say('board.column.id'), ({ reference = '' }) => reference],
    [say('board.column.requests'), ({ requests }) => requests.map(({ shown }) => shown).join(', ')],
    [say('board.column.requester'), ({ requests }) => requests.map(({ requester }) => requester.name).join(', ')],
  ];
  // Whoever reads the stream later is nobody's language any more.
  const spoken = language();
  const under = await underWay(db, reader.person.tenantId, search);
  const pages = itemsOf(db, reader, { search, pageSize: 500, under });
  async function* records() {
    for (;;) {
      const { value: page, done } = await inLanguage(spoken, () => pages.next());
      if (done) return;
      for (const item of page) yield columns.map(([, of]) => cell(of(item)));
    }
  }
  const text = stringify({
    // For Excel, which else takes UTF-8 for something older.
    bom: true,
    header: true,
    columns: columns.map(([header]) => header),
    record_delimiter: 'windows',
  });
  const out = new PassThrough();
  // What goes wrong on the way ends what is read from it, which says so.
  pipeline(Readable.from(records()), text, out).catch(() => {});
  return out;
}
