import { createHash, randomBytes } from 'node:crypto';
import type { Db, Trx } from '../db/open.ts';
import type { Format } from './file.ts';
import type { Month } from './month.ts';

/** How long a link can be opened. Milliseconds. */
export const linkLife = 15 * 60_000;
/** How long Teams' question whether to save a file can be answered. Milliseconds. */
export const consentLife = 24 * 60 * 60_000;

/** A file that was offered, to whom and where. */
export interface Offer {
  way: 'link' | 'consent';
  tenantId: string;
  directoryId: string;
  conversationId: string;
  month: Month;
  format: Format;
}

export interface StoredOffer extends Offer {
  hash: string;
  state: 'open' | 'accepted' | 'declined' | 'saved' | 'failed';
  /** Sealed. */
  target: string | undefined;
  digest: string | undefined;
  expiresAt: Date;
}

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Offers a file. Resolves to the token (256 random bits), which is kept nowhere but with whom it is given to. */
export async function offer(trx: Trx, { way, ...to }: Offer, now: Date): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await trx
    .insertInto('bill_files')
    .values({
      token_hash: hashOf(token),
      way,
      tenant_id: to.tenantId,
      directory_id: to.directoryId,
      conversation_id: to.conversationId,
      month: to.month,
      format: to.format,
      expires_at: new Date(now.getTime() + (way === 'link' ? linkLife : consentLife)),
    })
    .execute();
  return token;
}

/** The offer of a hash. With a transaction its row is locked, so that two answers to one question are one after the other. */
export async function offerOf(db: Db | Trx, hash: string): Promise<StoredOffer | undefined> {
  const query = db.selectFrom('bill_files').selectAll().where('token_hash', '=', hash);
  const row = await (db.isTransaction ? query.forUpdate() : query).executeTakeFirst();
  return (
    row && {
      hash,
      way: row.way as Offer['way'],
      tenantId: row.tenant_id,
      directoryId: row.directory_id,
      conversationId: row.conversation_id,
      month: row.month,
      format: row.format as Format,
      state: row.state as StoredOffer['state'],
      target: row.target ?? undefined,
      digest: row.digest ?? undefined,
      expiresAt: row.expires_at,
    }
  );
}

/** Where a file is to be saved is sealed for its offer alone: whoever has the address can write there. */
export const sealedFor = ({ tenantId, hash }: Pick<StoredOffer, 'tenantId' | 'hash'>) => [tenantId, 'upload', hash];

/** Notes what became of an offer. Where the file was to go is forgotten as soon as it is not needed any more. */
export async function settle(trx: Db | Trx, hash: string, state: StoredOffer['state'], target?: string): Promise<void> {
  await trx
    .updateTable('bill_files')
    .set({ state, target: target ?? null })
    .where('token_hash', '=', hash)
    .execute();
}

export async function noteDigest(db: Db, hash: string, digest: string): Promise<void> {
  await db.updateTable('bill_files').set({ digest }).where('token_hash', '=', hash).execute();
}

/** Drops offers that have been over for a day; until then a late click is told that they are. */
export async function tidyOffers(db: Db, now: Date): Promise<void> {
  await db
    .deleteFrom('bill_files')
    .where('expires_at', '<', new Date(now.getTime() - 24 * 60 * 60_000))
    .execute();
}
