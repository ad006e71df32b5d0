import * as z from 'zod';
import { mostChoices, thingKinds } from '../catalog/orderable.ts';
import { rolesOf } from '../people/roles.ts';
import { knownTo } from '../requests/things.ts';
import type { IncomingActivity } from './incoming.ts';
import type { Turn } from './turn.ts';

/** The value of an `application/search` invoke (Teams: "Typeahead search in Adaptive Cards"). */
const asked = z.object({
  queryText: z.string().max(1000).default(''),
  queryOptions: z.object({ top: z.coerce.number().int().min(1).default(15) }).nullish(),
  dataset: z.enum(thingKinds),
});

export const isSearch = ({ type, name }: IncomingActivity) => type === 'invoke' && name === 'application/search';

/** What a field of a form offers for the letters typed so far: live things of the organisation, by name. */
export async function search(turn: Turn): Promise<object> {
  const parsed = asked.safeParse(turn.activity.value);
  if (!parsed.success) return answer(400, []);
  // Only somebody who may fill in a form is offered anything.
  if (!(await rolesOf(turn.trx, turn.person, turn.now)).has('requester')) return answer(200, []);
  const { queryText, queryOptions, dataset } = parsed.data;
  const limit = Math.min(queryOptions?.top ?? 15, mostChoices);
  const things = await knownTo(turn.trx, turn.person.tenantId).things(dataset, {
    search: queryText.trim(),
    active: true,
    limit,
  });
  return answer(
    200,
    things.map(({ name, reference }) => ({ title: name, value: reference })),
  );
}

const answer = (statusCode: number, results: { title: string; value: string }[]) => ({
  statusCode,
  type: 'application/vnd.microsoft.search.searchResponse',
  value: { results },
});
