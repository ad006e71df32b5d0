import { entryOf, isLocal } from '../catalog/index.ts';
import type { Trx } from '../db/open.ts';
import { accountOf } from '../people/organisations.ts';
import type { Request } from '../requests/request.ts';
import { dropOlder, keep } from '../requests/things.ts';
import { BackendRefused, BackendUnavailable, type Depth, listedKinds } from './backend.ts';
import type { Provisioning } from './workers.ts';

/** Within this time one look at the backend serves everybody. Milliseconds; a whole look is many calls. */
const freshFor: Record<Depth, number> = { top: 3_000, whole: 60_000 };

/**
 * Copies what the backend has for a tenant, so that a form is checked and a list is shown without waiting for it.
 * The copy may be a little old: the backend itself has the last word when the request is provisioned.
 */
export async function mirror({ db, backend, cache, clock, log }: Provisioning, tenantId: string): Promise<void> {
  const account = await accountOf(db, tenantId);
  if (!account || (await cache.get(`mirrored:${tenantId}:top`))) return;
  const depth = (await cache.get(`mirrored:${tenantId}:whole`)) ? 'top' : 'whole';
  const started = clock();
  try {
    for await (const page of backend.listThings(account, depth))
      await db.transaction().execute((trx) => keep(trx, tenantId, page, started));
  } catch (error) {
    if (!(error instanceof BackendUnavailable || error instanceof BackendRefused)) throw error;
    // The old copy serves meanwhile; whoever provisions meets the same trouble and shows it.
    log.warn({ err: error, tenantId }, 'could not list what TeamMate has');
    return;
  }
  await dropOlder(db, tenantId, listedKinds[depth], started);
  await cache.set(`mirrored:${tenantId}:top`, true, freshFor.top);
  if (depth === 'whole') await cache.set(`mirrored:${tenantId}:whole`, true, freshFor.whole);
}

/** Adds what we have just made, so that nobody can ask for it again before the next look. */
export async function remember(trx: Trx, request: Request, active: boolean, now: Date): Promise<void> {
  const { reference, kind, name, content, tenantId } = request;
  if (!reference || isLocal(kind)) return;
  const entry = entryOf(kind);
  const parent = entry.parent?.(content);
  const { name: _, ...facts } = entry.typed(content);
  const thing = { kind, reference, name, active, suspended: false, facts, ...(parent !== undefined && { parent }) };
  await keep(trx, tenantId, [thing], now);
}
