import { type AnyOrder, entryOf, type Kind } from '../catalog/index.ts';
import type { Typed } from '../catalog/orderable.ts';
import type { Db, Trx } from '../db/open.ts';
import { type Keyring, type Secrets, SecretsLost } from '../secrets/keyring.ts';

/** Whose secrets they are: a request's, a form's that is being filled in, or those of the rows of a list that is looked at. */
export type Owner = { requestId: string } | { nonce: string } | { batchId: string };

/** An envelope opens for this owner, in this tenant, only; and with the names of its fields behind. */
function about(tenantId: string, owner: Owner): string[] {
  if ('nonce' in owner) return [tenantId, 'form', owner.nonce];
  return 'batchId' in owner ? [tenantId, 'batch', owner.batchId] : [tenantId, 'request', owner.requestId];
}

/** Its column in the table, and what stands there. */
function columnOf(owner: Owner): [column: 'nonce' | 'batch_id' | 'request_id', value: string] {
  if ('nonce' in owner) return ['nonce', owner.nonce];
  return 'batchId' in owner ? ['batch_id', owner.batchId] : ['request_id', owner.requestId];
}

function isOf(owner: Owner) {
  const [column, value] = columnOf(owner);
  return [column, '=', value] as const;
}

/** Puts secrets in the place of those the owner has; none means that it has none any more. */
export async function keepSecrets(
  trx: Trx,
  keys: Keyring,
  tenantId: string,
  owner: Owner,
  secrets: Secrets,
): Promise<void> {
  await dropSecrets(trx, owner);
  await keepNewSecrets(trx, keys, tenantId, [{ owner, secrets }]);
}

/** The same for many that have none yet, in one statement. */
export async function keepNewSecrets(
  trx: Trx,
  keys: Keyring,
  tenantId: string,
  all: readonly { owner: Owner; secrets: Secrets }[],
): Promise<void> {
  const rows = all.flatMap(({ owner, secrets }) => {
    const names = Object.keys(secrets).sort();
    if (names.length === 0) return [];
    const [column, value] = columnOf(owner);
    const envelope = keys.seal(secrets, [...about(tenantId, owner), ...names]);
    const nobody = { request_id: null, nonce: null, batch_id: null };
    return [{ tenant_id: tenantId, ...nobody, [column]: value, fields: names, envelope }];
  });
  if (rows.length > 0) await trx.insertInto('secrets').values(rows).execute();
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
  const row = await db
    .selectFrom('secrets')
    .select(['fields', 'envelope'])
    .where('tenant_id', '=', tenantId)
    .where(...isOf(owner))
    .executeTakeFirst();
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
  await trx
    .deleteFrom('secrets')
    .where(...isOf(owner))
    .execute();
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
