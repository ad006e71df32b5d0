import type { Db } from '../db/open.ts';

/** How long what is over is kept, for whoever looks into a complaint. Milliseconds. */
const kept = 30 * 86_400_000;

/**
 * Drops forms that are long over and posts that are long delivered, and at once what was typed into a form and is secret
 * when it can no longer be submitted. Requests and events stay.
 */
export async function tidy(db: Db, now: Date): Promise<void> {
  const over = db.selectFrom('forms').select('nonce').where('expires_at', '<=', now);
  await db.deleteFrom('secrets').where('nonce', 'in', over).execute();
  const before = new Date(now.getTime() - kept);
  await db.deleteFrom('forms').where('expires_at', '<', before).execute();
  await db.deleteFrom('batches').where('state', 'in', ['preview', 'cancelled']).where('expires_at', '<', now).execute();
  await db.deleteFrom('outbox').where('state', 'in', ['sent', 'superseded']).where('created_at', '<', before).execute();
}
