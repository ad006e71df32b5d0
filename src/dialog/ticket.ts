import { jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import type { Keyring } from '../secrets/keyring.ts';

/** Whose form it is, and where its card is: what the page of a form may do, and nothing else. */
export interface Ticket {
  tenantId: string;
  directoryId: string;
  /** The form's: it is used up when the form is sent, and the ticket with it. */
  nonce: string;
  conversationId: string;
  /** The form's card, which the request's takes the place of; absent where Teams did not name it. */
  activityId?: string | undefined;
}

/** Long enough to look up what has to be typed; a new one is a click away. Milliseconds. */
export const ticketLifetime = 30 * 60_000;

const purpose = 'teammate-bot form page v1';
const audience = 'form-page';
const algorithm = 'HS256';

const claims = z.object({
  tid: z.string().min(1),
  sub: z.string().min(1),
  form: z.string().min(10),
  in: z.string().min(1),
  card: z.string().min(1).optional(),
});

/** Signed by the first of the keys, which seal secrets as well: who has no key can show no page. */
export async function writeTicket(keys: Keyring, ticket: Ticket, now: Date): Promise<string> {
  const { tenantId, directoryId, nonce, conversationId, activityId } = ticket;
  const seconds = Math.floor(now.getTime() / 1000);
  const [first] = keys.derived(purpose);
  return new SignJWT({ tid: tenantId, form: nonce, in: conversationId, ...(activityId && { card: activityId }) })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setSubject(directoryId)
    .setAudience(audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ticketLifetime / 1000)
    .sign(first as Uint8Array);
}

/** What a ticket says, if it is one of ours and still holds. Any of the keys may have signed it. */
export async function readTicket(keys: Keyring, text: string, now: Date): Promise<Ticket | undefined> {
  for (const key of keys.derived(purpose)) {
    const required = { audience, currentDate: now, requiredClaims: ['exp', 'sub'] };
    const verified = await jwtVerify(text, key, { algorithms: [algorithm], ...required }).catch(() => undefined);
    if (!verified) continue;
    const { data } = claims.safeParse(verified.payload);
    return (
      data && {
        tenantId: data.tid,
        directoryId: data.sub,
        nonce: data.form,
        conversationId: data.in,
        activityId: data.card,
      }
    );
  }
  return undefined;
}
