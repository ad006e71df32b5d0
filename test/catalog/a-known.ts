import type { Known, Thing, ThingKind } from '../../src/catalog/orderable.ts';

export const aThing = (kind: ThingKind, reference: string, name: string, more: Partial<Thing> = {}): Thing => ({
  kind,
  reference,
  name,
  active: true,
  suspended: false,
  facts: {},
  ...more,
});

/** What TeamMate has, as a list in memory. */
export function aKnown(all: Thing[]): Known {
  return {
    tenantId: 'a-tenant',
    thing: async (kind, reference) => all.find((one) => one.kind === kind && one.reference === reference),
    things: async (kind, { search = '', parent, active, limit }) =>
      all
        .filter((one) => one.kind === kind && one.name.toLowerCase().includes(search.toLowerCase()))
        .filter((one) => (parent === undefined || one.parent === parent) && (!active || (one.active && !one.suspended)))
        .slice(0, limit),
  };
}
