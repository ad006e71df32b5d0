import { itemStates, kinds } from '../board/contract.ts';

/*
 * Where the reader is in the tab: which view, what is searched for and filtered, which row. It is kept behind the # of the
 * page's address, so that a reload and a link come back to it, and a link from Teams brings it as its subEntityId.
 */

export const views = ['queue', 'board', 'flow'] as const;
export type View = (typeof views)[number];
export const orders = ['tree', 'waiting'] as const;

export interface Address {
  /** Absent: the first one that the reader has. */
  view?: View;
  search: string;
  kind: (typeof kinds)[number] | '';
  /** A state of `itemStates`, or `open`: whatever somebody is waited for. */
  state: (typeof itemStates)[number] | 'open' | '';
  /** As in "Waiting for …". */
  waitingFor: string;
  order: (typeof orders)[number];
  /** The key of a row, or what people call a request (R-1001): shown and focused. */
  row?: string;
}

export const nowhere: Address = { search: '', kind: '', state: '', waitingFor: '', order: 'tree' };
export const isFiltered = ({ search, kind, state, waitingFor }: Address) =>
  Boolean(search.trim() || kind || state || waitingFor);

/** The longest search the address keeps, in characters: an address has its limits. */
const longest = 200;

/** Reads what stands behind the #, or a link's subEntityId. Whatever is not understood is left out. */
export function readAddress(text: string): Address {
  const bare = text.replace(/^#/, '');
  if (isRow(bare)) return { ...nowhere, row: bare };
  const query = new URLSearchParams(bare);
  const among = <Value extends string>(name: string, known: readonly Value[]) =>
    known.find((one) => one === query.get(name));
  const view = among('view', views);
  const row = query.get('row') ?? '';
  return {
    ...(view && { view }),
    search: (query.get('search') ?? '').slice(0, longest),
    kind: among('kind', kinds) ?? '',
    state: among('state', [...itemStates, 'open']) ?? '',
    waitingFor: (query.get('for') ?? '').slice(0, longest),
    order: among('order', orders) ?? 'tree',
    ...(isRow(row) && { row }),
  };
}

export function writeAddress({ view, search, kind, state, waitingFor, order, row }: Address): string {
  const query = new URLSearchParams();
  const named = { view, search: search.trim(), kind, state, for: waitingFor, row };
  for (const [name, value] of Object.entries(named)) if (value) query.set(name, value);
  if (order !== nowhere.order) query.set('order', order);
  return query.toString();
}

const isRow = (text: string) => /^(R-\d{1,18}|[a-z][a-z-]{2,20}:[\w.-]{1,100})$/.test(text);

/** The link in Teams to the tab, and to what it is to show: an Entity link. */
export function entityLink(appId: string, entity: string, subEntityId?: string): string {
  const link = `https://teams.microsoft.com/l/entity/${encodeURIComponent(appId)}/${encodeURIComponent(entity)}`;
  return subEntityId ? `${link}?context=${encodeURIComponent(JSON.stringify({ subEntityId }))}` : link;
}

/** The link to the app's own chat, where things are ordered. */
export const chatLink = (appId: string) => entityLink(appId, 'conversations');
