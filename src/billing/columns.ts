import { counters } from './bill.ts';
import { cell } from './cell.ts';
import type { ComparedRow } from './store.ts';

/** A column of the exported bill. Texts are already safe; a number stays a number. */
interface Column {
  header: string;
  width: number;
  of(row: ComparedRow): string | number;
}

const identity: Column[] = [
  { header: 'Reseller', width: 30, of: (row) => cell(row.resellerName) },
  { header: 'Reseller Id', width: 14, of: (row) => cell(row.resellerId) },
  { header: 'Reseller Billing Reference', width: 26, of: (row) => cell(row.resellerBillingReference) },
  { header: 'Enterprise', width: 30, of: (row) => cell(row.enterpriseName) },
  { header: 'Enterprise Id', width: 14, of: (row) => cell(row.enterpriseId) },
  { header: 'Enterprise Billing Reference', width: 28, of: (row) => cell(row.enterpriseBillingReference) },
];
const services: Column = { header: 'Services', width: 24, of: (row) => cell(row.services.join(', ')) };
const counts = counters.map(
  ({ key, label }): Column => ({ header: label, width: Math.max(10, label.length + 2), of: (row) => row.counts[key] }),
);
/** What an enterprise that is new had the month before is nothing. */
const comparison: Column[] = [
  { header: 'Licences last month', width: 20, of: (row) => row.last ?? 0 },
  { header: 'Change', width: 10, of: (row) => row.counts.licensesInUse - (row.last ?? 0) },
];

/** `compared`: whether the month before is known; without it the last two columns stay empty. */
export const billColumns = (compared: boolean): Column[] => [
  ...identity,
  services,
  ...counts,
  ...comparison.map((column) => (compared ? column : { ...column, of: () => '' })),
];

export type What = 'New' | 'Gone' | 'Up' | 'Down';

/** What became of an enterprise since the month before; undefined when its licences are as many. */
export function whatOf(row: ComparedRow): What | undefined {
  if (row.last === undefined) return 'New';
  const change = row.counts.licensesInUse - row.last;
  return change > 0 ? 'Up' : change < 0 ? 'Down' : undefined;
}

export const changeHeaders = [
  { header: 'What', width: 8 },
  ...identity.map(({ header, width }) => ({ header, width })),
  { header: 'Licences last month', width: 20 },
  { header: 'Licences in use', width: 17 },
  { header: 'Change', width: 10 },
];

/** A row of the sheet of changes. One that is gone comes from the bill before, where it stood with all it had. */
export function changeCells(what: What, row: ComparedRow): (string | number)[] {
  const [before, now] = what === 'Gone' ? [row.counts.licensesInUse, 0] : [row.last ?? 0, row.counts.licensesInUse];
  return [what, ...identity.map(({ of }) => of(row)), before, now, now - before];
}
