import { Refusal } from '../errors.ts';
import { accountOf } from '../people/organisations.ts';
import type { Person } from '../people/person.ts';
import { compose, isCompose, message } from './compose.ts';
import { isTask, taskMessage } from './dialog.ts';
import type { IncomingActivity } from './incoming.ts';
import { isRefresh, seenBy } from './live.ts';
import { cardResponse, messageResponse } from './replies.ts';
import type { Turn } from './turn.ts';

/*
 * What only looks: cards that clients have made anew by themselves, and what the box asks for in which people write a message.
 * It comes often, and from chats in which the bot is not: nothing is written down, posted or updated for it, which a card made
 * anew would loop on.
 */

const isAutomatic = ({ execute }: IncomingActivity) => execute?.trigger === 'automatic';

export const isLook = (activity: IncomingActivity) =>
  isCompose(activity) || isAutomatic(activity) || (activity.execute !== undefined && isRefresh(activity.execute.verb));

/** The answer to a look. A client that asked by itself is told nothing where its reader may see nothing more. */
export async function look(at: Omit<Turn, 'person'>, person: Person | undefined): Promise<object> {
  const { activity, trx } = at;
  const { execute } = activity;
  const refused = (await accountOf(trx, activity.tenantId)) === undefined ? notServed(at) : undefined;
  if (!execute) return compose({ ...at, ...(person && { person }) }, refused);
  try {
    if (refused) throw refused;
    if (!person) throw new Refusal('identity-unknown');
    return cardResponse(await seenBy({ ...at, person }, execute.verb, execute.data));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return messageResponse(isAutomatic(activity) ? '' : `${error.says} ${error.next}`);
  }
}

const notServed = ({ activity, config }: Pick<Turn, 'activity' | 'config'>) =>
  config.PROVIDER_TENANT ? new Refusal('access-needed') : new Refusal('tenant-unknown', { tenant: activity.tenantId });

/** What an invoke is told that something went wrong with, in the shape its client takes. */
export function toldInstead(activity: IncomingActivity, says: string): object {
  if (isTask(activity)) return taskMessage(says);
  return isCompose(activity) ? message(says) : messageResponse(isAutomatic(activity) ? '' : says);
}
