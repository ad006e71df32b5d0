import { type AnyOrder, entryOf, type Kind } from '../catalog/index.ts';
import type { Typed } from '../catalog/orderable.ts';
import type { Db, Trx } from '../db/open.ts';
import { type Keyring, type Secrets, SecretsLost } from '../secrets/keyring.ts';

/** Whose secrets they are: a request's, or a form's that is being filled in. */
export type Owner = { requestId: string } | { nonce: string };

/** An envelope opens for this owner, in this tenant, only; and with the names of its fields behind. */
const about = (tenantId: string, owner: Owner): string[] =>
  'nonce' in owner ? [tenantId, 'form', owner.nonce] : [tenantId, 'request', owner.requestId];

/** Puts secrets in the place of those the owner has; none means that it has none any more. */
export async function keepSecrets(
  trx: Trx,
  keys: Keyring,
  tenantId: string,
  owner: Owner,
  secrets: Secrets,
): Promise<void> {
  await dropSecrets(trx, owner);
  const names = Object.keys(secrets).sort();
  if (names.length === 0) return;
  await trx
    .insertInto('secrets')
    .values({
      tenant_id: tenantId,
      request_id: 'nonce' in owner ? null : owner.requestId,
      nonce: 'nonce' in owner ? owner.nonce : null,
      fields: names,
      envelope: keys.seal(secrets, [...about(tenantId, owner), ...names]),
    })
    .execute();
}

/**
 * The owner's secrets; none when there are none.
 * @throws SecretsLost when there are and they cannot be opened.
 */
export async function openSecrets(
  db: Db | Trx,
  keys: Keyring | undefined,
  tenantId: string,
  owner: Owner,
): Promise<Secrets> {
  const all = db.selectFrom('secrets').select(['fields', 'envelope']).where('tenant_id', '=', tenantId);
  const row = await ('nonce' in owner
    ? all.where('nonce', '=', owner.nonce)
    : all.where('request_id', '=', owner.requestId)
  ).executeTakeFirst();
  if (!row) return {};
  if (!keys) throw new SecretsLost();
  return keys.open(row.envelope, [...about(tenantId, owner), ...row.fields]);
}

/** As `openSecrets`; what cannot be opened any more is as if it were not there, and has to be typed again. */
export async function secretsLeft(...asked: Parameters<typeof openSecrets>): Promise<Secrets> {
  try {
    return await openSecrets(...asked);
  } catch (error) {
    if (error instanceof SecretsLost) return {};
    throw error;
  }
}

export async function dropSecrets(trx: Trx, owner: Owner): Promise<void> {
  const all = trx.deleteFrom('secrets');
  await ('nonce' in owner
    ? all.where('nonce', '=', owner.nonce)
    : all.where('request_id', '=', owner.requestId)
  ).execute();
}

/** What of a typed form, or of an order, is secret, and the rest of it. */
export function apart<Values extends Typed | Partial<AnyOrder>>(
  kind: Kind,
  values: Values,
): { open: Values; secrets: Record<string, string> } {
  const { secrets: names = [] } = entryOf(kind);
  const entries = Object.entries(values as Record<string, unknown>);
  const isSecret = ([name]: [string, unknown]) => names.includes(name);
  return {
    open: Object.fromEntries(entries.filter((entry) => !isSecret(entry))) as Values,
    secrets: Object.fromEntries(entries.filter(isSecret).filter(([, value]) => value)) as Record<string, string>,
  };
}
