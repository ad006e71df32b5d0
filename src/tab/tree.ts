import type { Item } from '../board/contract.ts';
import { type Address, isFiltered } from './address.ts';

/** A row as it stands in the tree, or in the list of who waits the longest. */
export interface Row {
  key: string;
  /** Absent where only something below it was found and it is not among what the server sent: `name` is all there is. */
  item?: Item;
  name: string;
  /** 1 for the top. */
  level: number;
  /** Its place among its siblings, from 1, and how many they are. */
  place: number;
  siblings: number;
  /** Absent when nothing is below it. */
  expanded?: boolean;
  /** How many there are below it, at any depth. */
  below: number;
  /** Stands there only for what was found below it. */
  onTheWay: boolean;
}

/** What a row that is closed and opened by hand begins as: a board that is small is seen whole. */
export const mostOpen = 150;

interface Node {
  key: string;
  name: string;
  item?: Item;
  children: Node[];
}

/** Whether an item is what is asked for. */
export function matches(item: Item, { search, kind, state, waitingFor }: Omit<Address, 'order'>): boolean {
  if (kind && item.kind !== kind) return false;
  if (state === 'open' ? !item.waitingFor : state && item.state.id !== state) return false;
  if (waitingFor && item.waitingFor !== waitingFor) return false;
  const words = search.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = textOf(item);
  return words.every((word) => text.includes(word));
}

const texts = new WeakMap<Item, string>();
function textOf(item: Item): string {
  const known = texts.get(item);
  if (known !== undefined) return known;
  const text = [
    item.name,
    item.noun,
    item.reference,
    item.email,
    item.billingReference,
    item.waitingFor,
    item.state.label,
    ...item.requests.flatMap((one) => [one.shown, one.requester.name, one.name]),
    ...item.parents.map((parent) => parent.name),
  ]
    .join('\n')
    .toLocaleLowerCase();
  texts.set(item, text);
  return text;
}

/**
 * The rows that are seen, from the top. `toggled`: what the reader opened or closed by hand, which holds however the rest
 * begins; while something is searched for, all that was found is seen. `searched`: these are what the server found by the same
 * words, and it knows more of an item than it sends.
 */
export function rowsOf(
  items: readonly Item[],
  address: Address,
  toggled: ReadonlySet<string>,
  searched = false,
): Row[] {
  const wantedOf = searched ? { ...address, search: '' } : address;
  const found = items.filter((item) => matches(item, wantedOf));
  if (address.order === 'waiting') return longestFirst(found);
  const openAtFirst = isFiltered(address) || items.length <= mostOpen;
  const wanted = new Set(found.map(({ key }) => key));
  const rows: Row[] = [];
  const walk = (nodes: readonly Node[], level: number) => {
    for (const [index, { key, name, item, children }] of nodes.entries()) {
      const expanded = children.length > 0 && openAtFirst !== toggled.has(key);
      rows.push({
        ...{ key, name, level, place: index + 1, siblings: nodes.length, below: sizeOf(children) },
        ...(item && { item }),
        ...(children.length > 0 && { expanded }),
        onTheWay: !wanted.has(key),
      });
      if (expanded) walk(children, level + 1);
    }
  };
  walk(treeOf(items, found), 1);
  return rows;
}

/** What was found, each below what it belongs to, in the order in which the server has them. */
function treeOf(items: readonly Item[], found: readonly Item[]): Node[] {
  const known = new Map(items.map((item) => [item.key, item]));
  const nodes = new Map<string, Node>();
  const top: Node[] = [];
  const nodeOf = (key: string, name: string, parents: Item['parents']): Node => {
    const there = nodes.get(key);
    if (there) return there;
    const item = known.get(key);
    const node: Node = { key, name, children: [], ...(item && { item }) };
    nodes.set(key, node);
    const above = parents.at(-1);
    (above ? nodeOf(above.key, above.name, parents.slice(0, -1)).children : top).push(node);
    return node;
  };
  for (const { key, name, parents } of found) nodeOf(key, name, parents);
  return top;
}

const sizeOf = (nodes: readonly Node[]): number => nodes.reduce((sum, { children }) => sum + 1 + sizeOf(children), 0);

/** Whom nobody waits for stands at the end. */
function longestFirst(found: readonly Item[]): Row[] {
  const last = '9';
  const sorted = found.toSorted((a, b) => (a.since ?? last).localeCompare(b.since ?? last));
  return sorted.map((item, index) => ({
    ...{ key: item.key, item, name: item.name, level: 1, place: index + 1, siblings: sorted.length },
    ...{ below: 0, onTheWay: false },
  }));
}

/** The row a link means: by its key, or by a request that is under way with it. */
export const itemOf = (items: readonly Item[], row: string): Item | undefined =>
  items.find(({ key }) => key === row) ?? items.find((item) => item.requests.some(({ shown }) => shown === row));

/** What there is to filter by, as far as it occurs, and how often. */
export function choicesOf<Value extends string>(items: readonly Item[], of: (item: Item) => Value | undefined) {
  const counts = new Map<Value, number>();
  for (const item of items) {
    const value = of(item);
    if (value) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count })).toSorted((a, b) => b.count - a.count);
}

/** What is different in a newer board, by key: what is told to a screen reader, and what is seen to light up. */
export function changedItems(before: readonly Item[], after: readonly Item[]): Item[] {
  const known = new Map(before.map((item) => [item.key, fingerprint(item)]));
  return after.filter((item) => known.get(item.key) !== fingerprint(item));
}

const fingerprint = ({ name, state, waitingFor, since }: Item) => [name, state.id, waitingFor, since].join('\n');
