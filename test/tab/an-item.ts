import type { Item, Request } from '../../src/board/contract.ts';

const states = {
  active: { id: 'active', icon: '✅', label: 'Active', tone: 'good' },
  pending: { id: 'pending', icon: '⏳', label: 'Pending', tone: 'neutral' },
  waiting: { id: 'waiting', icon: '⏳', label: 'Not active yet', tone: 'warning' },
} as const;

/** A row of the board. `above`: what it belongs to, from the top. */
export function anItem(
  kind: Item['kind'],
  name: string,
  more: Partial<Omit<Item, 'state' | 'parents'>> & { state?: keyof typeof states; above?: Item[] } = {},
): Item {
  const { state = 'active', above = [], ...rest } = more;
  return {
    key: `${kind}:${name.toLowerCase().replace(/\W+/g, '-')}`,
    kind,
    noun: kind,
    name,
    state: states[state],
    parents: above.map(({ key, kind, name }) => ({ key, kind, name })),
    requests: [],
    ...rest,
  };
}

/** A request as far as a row needs one. */
export const aRequest = (id: string, name: string): Request => ({
  id,
  shown: `R-${id}`,
  kind: 'reseller',
  operation: 'add',
  subject: 'reseller',
  name,
  version: 1,
  state: states.pending,
  since: '2026-11-02T08:30:00.000Z',
  createdAt: '2026-11-02T08:30:00.000Z',
  requester: { name: 'Alex Wilber', you: false },
  notes: [],
  steps: [],
  checklist: [],
  actions: [],
});
