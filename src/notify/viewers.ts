import { isDeepStrictEqual } from 'node:util';
import type { Db } from '../db/open.ts';
import { met } from '../people/met.ts';
import { isRequester, type Request } from '../requests/request.ts';
import { type RefreshData, refreshedFor, viewFor } from '../views/refresh.ts';
import type { Audience } from '../views/request.ts';
import type { Card } from '../views/templates.ts';

/**
 * A card in a channel or a chat of several, with the people whose own look is another one than the one everybody gets.
 *
 * Everybody gets the look it was posted for, with its buttons: where a client does not refresh (the Agents Playground, old
 * clients), and for approvers beyond the sixty or not met yet, it has to be possible to decide; the server refuses whoever may
 * not. So those are named who would be refused: above all the requester, who is not shown how to approve their own request.
 * Approvers are not: they would see the same, and a refresh would take away the reason that they are just writing.
 */
export async function withViewers(
  db: Db,
  about: Pick<Request, 'tenantId' | 'requester'>,
  posted: Audience,
  data: RefreshData,
  now: Date,
  look: (audience: Audience) => Card,
): Promise<Card> {
  const base = look(posted);
  const looks = new Map<Audience, boolean>([[posted, false]]);
  const differs = (audience: Audience) => {
    const known = looks.get(audience) ?? !isDeepStrictEqual(look(audience), base);
    looks.set(audience, known);
    return known;
  };
  const people = await met(db, about.tenantId, now, about.requester);
  const viewers = people.filter(({ directoryId, roles }) =>
    differs(viewFor(posted, { requester: isRequester(about, { tenantId: about.tenantId, directoryId }), roles })),
  );
  return refreshedFor(
    base,
    data,
    viewers.map(({ teamsId }) => teamsId),
  );
}
