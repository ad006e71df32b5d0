import type { Kind } from '../catalog/index.ts';
import type { Thing } from '../catalog/orderable.ts';
import type { Db, Trx } from '../db/open.ts';
import { parentOf } from './chain.ts';
import { knownTo } from './things.ts';

type Which = Pick<Thing, 'kind' | 'reference'>;

/**
 * Whether something does not work because it was asked for here: it was removed, or it or what it belongs to is suspended.
 * What somebody suspended in TeamMate's portal is not meant, for then people here do not know of it.
 */
export async function outOfService(
  db: Db | Trx,
  tenantId: string,
  which: Which,
): Promise<'removed' | 'suspended' | undefined> {
  const known = knownTo(db, tenantId);
  let at: Which | undefined = which;
  while (at) {
    const thing: Thing | undefined = await known.thing(at.kind, at.reference);
    const last = await lastChange(db, tenantId, at);
    // What is being done may have taken effect already.
    if (last?.state === 'provisioning') return 'suspended';
    if (last?.operation === 'remove') return 'removed';
    // Somebody may have resumed it in the portal.
    if (last?.operation === 'suspend' && thing?.suspended !== false) return 'suspended';
    at = thing && (await parentOf(known, thing));
  }
  return undefined;
}

/** The last change of this sort that is carried out or being so: there is never more than one open of one thing. */
const lastChange = (db: Db | Trx, tenantId: string, { kind, reference }: Which) =>
  db
    .selectFrom('requests')
    .select(['operation', 'state'])
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', kind as Kind)
    .where('reference', '=', reference)
    .where('operation', 'in', ['suspend', 'resume', 'remove'])
    .where('state', 'in', ['provisioning', 'active'])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
