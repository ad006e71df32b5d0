import type { Handlers } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import { inLanguage } from '../language/reader.ts';
import { personalChat, spokenIn } from '../people/conversations.ts';

/** The language of whoever made a request, as it is spoken in their own chat. */
async function languageOfRequester(db: Db, requestId: string) {
  const request = await db
    .selectFrom('requests')
    .select(['requester_tenant_id', 'requester_id'])
    .where('id', '=', requestId)
    .executeTakeFirst();
  const tenantId = request?.requester_tenant_id ?? '';
  const chat = request && (await personalChat(db, tenantId, request.requester_id));
  return spokenIn(db, { tenantId, conversationId: chat ?? '' });
}

/**
 * What background work writes down about a request (what a check found, whom it waits for, why it failed) is in the
 * language of whoever asked for it; and so is the e-mail to their customer. Work that is about no request is not changed.
 */
export function asRequestersRead(db: Db, handlers: Handlers): Handlers {
  const wrapped = Object.entries(handlers).map(([name, handle]) => [
    name,
    async (data: { requestId?: string }, signal: AbortSignal) => {
      const work = () => (handle as (data: object, signal: AbortSignal) => Promise<void>)(data, signal);
      return data.requestId ? inLanguage(await languageOfRequester(db, data.requestId), work) : work();
    },
  ]);
  return Object.fromEntries(wrapped) as Handlers;
}
