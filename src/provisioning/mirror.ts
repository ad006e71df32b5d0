import { entryOf } from '../catalog/index.ts';
import { reseller } from '../catalog/reseller.ts';
import type { Trx } from '../db/open.ts';
import type { Request } from '../requests/request.ts';
import { BackendRefused, BackendUnavailable, type ListedReseller } from './backend.ts';
import type { Provisioning } from './workers.ts';

/** Forms opened within this time share one look at the backend. Milliseconds. */
const freshFor = 3_000;

/**
 * Copies what the backend has for a tenant, so that a form is checked and a list is shown without waiting for it.
 * The copy may be a little old: the backend itself has the last word when the request is provisioned.
 */
export async function mirror(
  { db, backend, config, cache, clock, log }: Provisioning,
  tenantId: string,
): Promise<void> {
  const account = config.ORGANISATIONS.get(tenantId);
  if (!account || (await cache.get(`mirrored:${tenantId}`))) return;
  const started = clock();
  try {
    for await (const page of backend.listResellers(account))
      await db.transaction().execute((trx) => keep(trx, tenantId, page, started));
  } catch (error) {
    if (!(error instanceof BackendUnavailable || error instanceof BackendRefused)) throw error;
    // The old copy serves meanwhile; whoever provisions meets the same trouble and shows it.
    log.warn({ err: error, tenantId }, 'could not list the resellers in TeamMate');
    return;
  }
  // Only what a whole listing did not name is gone, and not what came in while it ran.
  await db
    .deleteFrom('listed')
    .where('tenant_id', '=', tenantId)
    .where('kind', '=', 'reseller')
    .where('synced_at', '<', started)
    .execute();
  await cache.set(`mirrored:${tenantId}`, true, freshFor);
}

async function keep(trx: Trx, tenantId: string, page: ListedReseller[], at: Date): Promise<void> {
  for (const { reference, name, email, services, billingReference, active } of page)
    await put(trx, {
      tenant_id: tenantId,
      kind: 'reseller',
      reference,
      name,
      keys: reseller.claims({ name, email }).map(({ key }) => key),
      facts: { email, services: services.join(','), billingReference },
      active,
      synced_at: at,
    });
}

/** Adds what we have just made, so that nobody can ask for it again before the next look. */
export async function remember(trx: Trx, request: Request, active: boolean, now: Date): Promise<void> {
  if (!request.reference) return;
  const entry = entryOf(request.kind);
  const { name: _, ...facts } = entry.typed(request.content);
  await put(trx, {
    tenant_id: request.tenantId,
    kind: request.kind,
    reference: request.reference,
    name: request.name,
    keys: entry.claims(request.content).map(({ key }) => key),
    facts,
    active,
    synced_at: now,
  });
}

type Row = {
  tenant_id: string;
  kind: Request['kind'];
  reference: string;
  name: string;
  keys: string[];
  facts: Record<string, string>;
  active: boolean;
  synced_at: Date;
};

async function put(trx: Trx, { facts, ...row }: Row): Promise<void> {
  const values = { ...row, facts: JSON.stringify(facts) };
  await trx
    .insertInto('listed')
    .values(values)
    .onConflict((conflict) => conflict.columns(['tenant_id', 'kind', 'reference']).doUpdateSet(values))
    .execute();
}
