import type { Role } from '../people/person.ts';
import type { Audience } from './request.ts';
import type { Card } from './templates.ts';

/** "User Specific Views": at most 60 people can see a version of a card of their own. */
export const mostViewers = 60;

/** How somebody stands to what a card is about. */
export interface Viewer {
  requester: boolean;
  roles: ReadonlySet<Role>;
}

/**
 * Which look of a card is for somebody, on a card that was posted for `posted`: it decides the buttons, and the server decides
 * again when one is clicked. Nobody is shown how to decide on their own request; an operator's task is one only where it was
 * put before the operators.
 */
export function viewFor(posted: Audience, { requester, roles }: Viewer): Audience {
  if (posted === 'operator' && roles.has('operator')) return 'operator';
  if (requester) return 'requester';
  return roles.has('approver') ? 'approver' : 'reader';
}

/** What a client sends to have a card made anew for its reader. */
export type RefreshData = { verb: 'view'; id: string } | { verb: 'view'; batch: string } | LiveData;
export type LiveData = { verb: 'show-live'; kind: string; reference: string };

/** A card that the clients of these people have made anew for them; as it is when there is nobody. */
export function refreshedFor(card: Card, data: RefreshData, teamsIds: readonly string[]): Card {
  if (teamsIds.length === 0) return card;
  const action = { type: 'Action.Execute', verb: data.verb, data };
  return { ...card, refresh: { action, userIds: teamsIds.slice(0, mostViewers) } };
}
