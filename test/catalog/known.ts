import type { Known, Thing } from '../../src/catalog/orderable.ts';

/** What TeamMate has, from a list. */
export function knownOf(all: readonly Thing[]): Known {
  const live = ({ active, suspended }: Thing) => active && !suspended;
  return {
    thing: async (kind, reference) => all.find((one) => one.kind === kind && one.reference === reference),
    things: async (kind, { search = '', parent, active, limit }) =>
      all
        .filter((one) => one.kind === kind && one.name.toLowerCase().includes(search.toLowerCase()))
        .filter((one) => parent === undefined || one.parent === parent)
        .filter((one) => !active || live(one))
        .slice(0, limit),
  };
}

export const thing = (kind: Thing['kind'], reference: string, name: string, more: Partial<Thing> = {}): Thing => ({
  kind,
  reference,
  name,
  active: true,
  suspended: false,
  facts: {},
  ...more,
});
