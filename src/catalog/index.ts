import { say } from '../language/say.ts';
import { type AccessOrder, access } from './access.ts';
import { type DirectRoutingOrder, directRouting } from './direct-routing.ts';
import { type EnterpriseOrder, enterprise } from './enterprise.ts';
import type { Orderable } from './orderable.ts';
import { type PbxOrder, pbx } from './pbx.ts';
import { type ResellerOrder, reseller } from './reseller.ts';

/** What can be ordered. A new thing is added here, and the type checker then asks for its backend operations. */
export interface Orders {
  reseller: ResellerOrder;
  enterprise: EnterpriseOrder;
  'direct-routing': DirectRoutingOrder;
  pbx: PbxOrder;
  access: AccessOrder;
}

export type Kind = keyof Orders;
/** Set up by the bot itself, without TeamMate (`Orderable.local`). */
export type LocalKind = 'access';
/** What is created there; the rest the bot sets up by itself (local.ts). */
export type RemoteKind = Exclude<Kind, LocalKind>;
export type AnyOrder = Orders[Kind];

export const catalog: { readonly [K in Kind]: Orderable<Orders[K]> } = {
  reseller,
  enterprise,
  'direct-routing': directRouting,
  pbx,
  access,
};

export const isKind = (text: string): text is Kind => Object.hasOwn(catalog, text);

export const isLocal = (kind: Kind): kind is LocalKind => entryOf(kind).local === true;

/** An entry whose order type is not known at compile time; orders come from the database, checked when they went in. */
export const entryOf = (kind: Kind) => catalog[kind] as Orderable<AnyOrder>;

/** "28 resellers": as many of a kind, as they stand in a sentence. */
export const counted = (kind: Kind, count: number): string => say(`catalog.${kind}.counted`, { count });

/** What TeamMate creates, and lists as things it has. */
export const remoteKinds = (Object.keys(catalog) as Kind[]).filter((kind) => !isLocal(kind)) as readonly RemoteKind[];
