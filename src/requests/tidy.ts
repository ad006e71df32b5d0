import type { Db } from '../db/open.ts';

/** How long what is over is kept, for whoever looks into a complaint. Milliseconds. */
const kept = 30 * 86_400_000;

/** Drops forms that are long over and posts that are long delivered. Requests and events stay. */
export async function tidy(db: Db, now: Date): Promise<void> {
  const before = new Date(now.getTime() - kept);
  await db.deleteFrom('forms').where('expires_at', '<', before).execute();
  await db.deleteFrom('batches').where('state', 'in', ['preview', 'cancelled']).where('expires_at', '<', now).execute();
  await db.deleteFrom('outbox').where('state', 'in', ['sent', 'superseded']).where('created_at', '<', before).execute();
}
