import * as z from 'zod';
import type { Problem } from './backend.ts';
import { oneLine } from './one-line.ts';

/** What TeamMate answers of consents and Direct Routing; (E) and (I) as in teammate-answers.ts. */

const id = z.union([z.number().int(), z.string().min(1).max(100)]).transform(String);
const brief = z
  .string()
  .nullish()
  .transform((words) => oneLine(words ?? '', 100));
/** A name of TeamMate's own, such as GET_USER_SYNC_CONSENT. */
const code = z.string().regex(/^[A-Z][A-Z0-9_]{0,79}$/);

/** (E) that a consent is pending or granted, and which are mandatory; (I) that a read tells it, and in which shape. */
export const consentAnswer = z.object({
  actionType: code,
  consentType: brief,
  mandatory: z.boolean(),
  state: brief,
  /** Of a pending one: since when somebody has declined or revoked it. */
  changedDate: brief,
});
export type ConsentAnswer = z.infer<typeof consentAnswer>;

/** Not told, or not in this shape: then they are unknown, and TeamMate names the missing ones when it is asked to begin. */
export const consentsAnswer = z.array(consentAnswer).optional().catch(undefined);

/** (E) the order in which these come; (I) that they are told, and by these names. */
export const routingAnswer = z.object({
  sbcGatewayId: id,
  sbcGatewayRegion: brief,
  domain: brief,
  state: brief,
  startedDate: brief,
});
export type RoutingAnswer = z.infer<typeof routingAnswer>;
export const routingsAnswer = z.array(routingAnswer);

/** (I) */
export const routingStatusAnswer = z.object({ directRoutings: routingsAnswer });

/** (E) that it answers with a URL; (I) in which shape. */
export const linkAnswer = z.object({ url: z.url({ protocol: /^https?$/ }).max(2000) });

const coded = z.object({ code, actionType: code.optional().catch(undefined) });

/** (I) The codes in an error's body; none in one that has another shape. */
export function problemsOf(body: unknown): Problem[] {
  const whole = coded.safeParse(body);
  const several = z.object({ errors: z.array(z.unknown()) }).safeParse(body);
  const each = (several.data?.errors ?? []).slice(0, 50).map((one) => coded.safeParse(one));
  return [whole, ...each].flatMap(({ data }) => (data ? [data] : []));
}
