import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { consentActions, consentTypes, isConsent, isGranted } from './consent.ts';
import type { Enterprise } from './enterprise.ts';
import { Refusal } from './http.ts';
import { newCode } from './invitation.ts';
import type { State } from './state.ts';

/** (E) What a link can ask the customer's administrator to do. */
export const actionTypes = ['REGISTRATION', 'LOGIN_ENTERPRISE_ADMIN', ...consentActions] as const;
export type ActionType = (typeof actionTypes)[number];

/** The latest link of each action; a newer one makes it useless, and so does its use. */
export const linksSchema = z
  .partialRecord(
    z.enum(actionTypes),
    z.object({
      token: z.string(),
      createdDate: z.string(),
      /** Where to send the administrator afterwards. */
      callbackUrl: z.string().nullable(),
      used: z.boolean(),
    }),
  )
  .default({});

/** (I) How long a link lives: nothing is published, so the shortest that a reminder a day can live with. Milliseconds. */
const linkLife = 24 * 60 * 60 * 1000;

/**
 * Makes a link and returns its path on this server.
 * @throws Refusal 400 when there is nothing to do: registered already, not registered yet, or granted already (I)
 */
export function newLink(
  enterprise: Enterprise,
  action: ActionType,
  { callbackUrl, now }: { callbackUrl: string | null; now: Date },
): string {
  const { enterpriseName, registeredDate } = enterprise;
  const refuse = (code: string, message: string) => new Refusal(400, { message, code });
  if (action === 'REGISTRATION' && registeredDate)
    throw refuse('ALREADY_REGISTERED', `${enterpriseName} is registered already.`);
  if (action !== 'REGISTRATION' && !registeredDate)
    throw refuse('NOT_REGISTERED', `${enterpriseName} is not registered yet: its administrator has to do that first.`);
  if (isConsent(action) && isGranted(enterprise, action))
    throw refuse('ALREADY_GRANTED', `${enterpriseName} has granted ${consentTypes[action].title} already.`);
  const token = randomBytes(24).toString('base64url');
  enterprise.links[action] = { token, createdDate: now.toISOString(), callbackUrl, used: false };
  if (action === 'REGISTRATION') {
    // The e-mail's code stays good: whichever of the two links the administrator finds first works.
    enterprise.invitation.code ||= newCode();
    return `/register?code=${encodeURIComponent(enterprise.invitation.code)}`;
  }
  return `${action === 'LOGIN_ENTERPRISE_ADMIN' ? '/login' : '/consent'}?token=${token}`;
}

export type Found = { enterprise: Enterprise; action: ActionType; callbackUrl: string | null } & {
  state: 'open' | 'used' | 'expired';
};

/** What a link is for, and whether it still works; nothing for a token that is not the latest of anything. */
export function findLink(state: State, token: string, now: Date): Found | undefined {
  if (token === '') return undefined;
  for (const enterprise of state.enterprises)
    for (const action of actionTypes) {
      const link = enterprise.links[action];
      if (link?.token !== token) continue;
      const expired = now.getTime() - Date.parse(link.createdDate) >= linkLife;
      const { callbackUrl } = link;
      return { enterprise, action, callbackUrl, state: link.used ? 'used' : expired ? 'expired' : 'open' };
    }
  return undefined;
}
