import { catalog, entryOf, type Kind, type RemoteKind } from '../catalog/index.ts';
import type { Thing, ThingKind } from '../catalog/orderable.ts';
import type { Db, Trx } from '../db/open.ts';
import { open } from './lifecycle.ts';
import type { Request } from './request.ts';
import { list } from './store.ts';
import { knownTo } from './things.ts';

/** One link of the chain reseller → enterprise → …: a thing TeamMate has, what is under way with it, or both. */
export interface Link {
  /** 0 for the top. */
  depth: number;
  kind: Kind;
  name: string;
  thing?: Thing;
  /** The open request that makes or changes it. */
  request?: Request;
}

/** What stands below what in the chain; what is not here stands at its end. */
const below: Partial<Record<ThingKind, RemoteKind[]>> = { reseller: ['enterprise'] };
/** The kinds of things that are links, from the top. */
export const linkKinds = (Object.keys(catalog) as Kind[]).filter((kind) => !entryOf(kind).local) as RemoteKind[];

/** Links on one card; more would make it too long to read. */
const most = 25;

/**
 * The whole chain that a thing is in: from its top, with all that is under the thing itself; of what stands beside it, nothing.
 * `more`: how many links were left out.
 */
export async function chainOf(db: Db | Trx, tenantId: string, of: Thing): Promise<{ links: Link[]; more: number }> {
  const known = knownTo(db, tenantId);
  const requests = await list(db, tenantId, { states: open, limit: 1000 });
  const above: Thing[] = [];
  for (let thing: Thing | undefined = of; thing; thing = await parentOf(known, thing)) above.unshift(thing);
  const links = above.map((thing, depth) => linkTo(thing, depth, requests));

  let more = 0;
  const descend = async (thing: Thing, depth: number): Promise<void> => {
    for (const kind of below[thing.kind] ?? []) {
      const things = await known.things(kind, { parent: thing.reference, limit: 1000 });
      // What is asked for and not there yet stands under what it will belong to.
      const coming = requests.filter(
        (request) =>
          request.kind === kind && !request.reference && entryOf(kind).parent?.(request.content) === thing.reference,
      );
      for (const next of things) {
        if (links.length >= most) more += 1;
        else {
          links.push(linkTo(next, depth, requests));
          await descend(next, depth + 1);
        }
      }
      for (const request of coming) {
        if (links.length >= most) more += 1;
        else links.push({ depth, kind, name: request.name, request });
      }
    }
  };
  await descend(of, above.length);
  return { links, more };
}

/** The thing that another one belongs to. */
async function parentOf(known: ReturnType<typeof knownTo>, { kind, parent }: Thing): Promise<Thing | undefined> {
  const above = linkKinds.find((one) => below[one]?.some((under) => under === kind));
  return above && parent ? known.thing(above, parent) : undefined;
}

function linkTo(thing: Thing, depth: number, requests: Request[]): Link {
  const request = requests.find((one) => one.kind === thing.kind && one.reference === thing.reference);
  return { depth, kind: thing.kind as Kind, name: thing.name, thing, ...(request && { request }) };
}
