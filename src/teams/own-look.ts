import { rolesOf } from '../people/roles.ts';
import { isRequester, type Request } from '../requests/request.ts';
import { viewFor } from '../views/refresh.ts';
import type { Audience } from '../views/request.ts';
import type { Turn } from './turn.ts';

/**
 * The look that who clicked on a card gets of it in answer: their own, for only they see that answer. An old client's click
 * brings the post itself up to date, which everybody sees as it was posted.
 */
export async function ownLook(
  { activity, trx, person, now }: Turn,
  about: Pick<Request, 'requester'>,
  posted: Audience,
): Promise<Audience> {
  if (!activity.execute || activity.conversation.kind === 'personal') return posted;
  return viewFor(posted, { requester: isRequester(about, person), roles: await rolesOf(trx, person, now) });
}
