import { timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Jobs } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import { byReference } from '../requests/store.ts';
import { isWatched } from './watch.ts';

/** What we read of a notice from TeamMate. Its real shape is unverified; only the id is used, and only as a hint. */
const id = z
  .union([z.string().max(100), z.int()])
  .transform(String)
  .optional();
const notice = z
  .object({ resellerId: id, enterpriseId: id, pbxId: id })
  .refine((ids) => Object.values(ids).some((value) => value !== undefined));

/**
 * Takes a notice that something changed at TeamMate. Nothing in it is believed: it only makes the bot look now instead of
 * at the next poll, so a forged one can do no more than that. The token in the URL keeps strangers out.
 * Resolves to the HTTP status and a sentence.
 */
export async function takeNotice(
  { db, jobs, token }: { db: Db; jobs: Jobs; token: string },
  given: { token: unknown; body: unknown },
): Promise<{ status: number; says: string }> {
  if (!token) return { status: 404, says: 'No webhook is set up here.' };
  if (typeof given.token !== 'string' || !same(given.token, token))
    return { status: 403, says: 'The token in the address is not ours.' };
  const parsed = notice.safeParse(given.body);
  if (!parsed.success) return { status: 400, says: 'Send JSON with a resellerId, enterpriseId or pbxId.' };
  const references = Object.values(parsed.data).filter((value) => value !== undefined);
  const requests = (await Promise.all(references.map((reference) => byReference(db, reference)))).flat();
  for (const request of requests) {
    const look = isWatched(request) ? 'watch' : 'follow';
    await db.transaction().execute((trx) => jobs.send(trx, look, { requestId: request.id }));
  }
  return { status: 202, says: 'Thank you, we shall look.' };
}

const same = (a: string, b: string) => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};
