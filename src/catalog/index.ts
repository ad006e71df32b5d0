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
}

export type Kind = keyof Orders;
export type AnyOrder = Orders[Kind];

export const catalog: { readonly [K in Kind]: Orderable<Orders[K]> } = {
  reseller,
  enterprise,
  'direct-routing': directRouting,
  pbx,
};

export const isKind = (text: string): text is Kind => Object.hasOwn(catalog, text);

/** An entry whose order type is not known at compile time; orders come from the database, checked when they went in. */
export const entryOf = (kind: Kind) => catalog[kind] as Orderable<AnyOrder>;
