import * as z from 'zod';
import type { Enterprise } from './enterprise.ts';
import { Refusal } from './http.ts';

/**
 * The consents, by the action type that asks for them. (E) the types but the last, which consents exist, and which are
 * mandatory; (E) the consent types `UserSync` and `Presence`; (I) the other consent types, and all words.
 */
export const consentTypes = {
  GET_USER_SYNC_CONSENT: {
    consentType: 'UserSync',
    title: 'User Sync',
    allows: ['Read your organisation’s Teams users', 'Change the calling settings of Teams users'],
  },
  GET_PRESENCE_CONSENT: {
    consentType: 'Presence',
    title: 'Presence',
    allows: ['Read whether Teams users are available, busy or away'],
  },
  GET_CALL_APP_CONSENT: {
    consentType: 'CallApp',
    title: 'Call App',
    allows: ['Install the Call App for Teams users', 'Send activity notifications to Teams users'],
  },
  GET_CONTACTS_CONSENT: {
    consentType: 'Contacts',
    title: 'Contacts',
    allows: ['Read Outlook contacts', 'Read your organisation’s contacts'],
  },
  GET_CDR_CONSENT: {
    consentType: 'CDR',
    title: 'Call Records',
    allows: ['Read the records of Teams calls: who called whom, when, and for how long'],
  },
  /** (E) That it exists ("Allow Management by Service Provider"); (I) its action type, which no page we saw names. */
  GET_SERVICE_PROVIDER_CONSENT: {
    consentType: 'ServiceProvider',
    title: 'Management by Service Provider',
    allows: ['Set up Direct Routing and voice routes for you', 'Sync and set up users for you'],
  },
} as const satisfies Record<string, { consentType: string; title: string; allows: readonly string[] }>;
export type ConsentAction = keyof typeof consentTypes;
export const consentActions = Object.keys(consentTypes) as [ConsentAction, ...ConsentAction[]];

export const isConsent = (action: string): action is ConsentAction => Object.hasOwn(consentTypes, action);

/** The latest answer to each consent; who was never asked is not in it. */
export const consentsSchema = z
  .partialRecord(
    z.enum(consentActions),
    z.object({ answer: z.enum(['granted', 'declined', 'revoked']), date: z.string() }),
  )
  .default({});
export type Answer = 'granted' | 'declined' | 'revoked';

export const isGranted = ({ consents }: Pick<Enterprise, 'consents'>, action: ConsentAction) =>
  consents[action]?.answer === 'granted';

/** (E) User sync always, presence for calling services, the Call App's for the Call App; the others are optional. */
export function isMandatory({ services }: Pick<Enterprise, 'services'>, action: ConsentAction): boolean {
  if (action === 'GET_USER_SYNC_CONSENT') return true;
  if (action === 'GET_PRESENCE_CONSENT') return services.some((service) => service !== 'SMS');
  return action === 'GET_CALL_APP_CONSENT' && services.includes('CALLAPP');
}

/** The mandatory consents that nobody has granted, or that were revoked. */
export const missingConsents = (enterprise: Pick<Enterprise, 'services' | 'consents'>): ConsentAction[] =>
  consentActions.filter((action) => isMandatory(enterprise, action) && !isGranted(enterprise, action));

/** The consents that concern an enterprise, as the API shows them. (E) the two states; (I) the names. */
export const shownConsents = (enterprise: Enterprise) =>
  consentActions
    .filter((action) => concerns(enterprise, action))
    .map((action) => ({
      actionType: action,
      consentType: consentTypes[action].consentType,
      mandatory: isMandatory(enterprise, action),
      state: isGranted(enterprise, action) ? 'Granted Consent' : 'Pending Consent',
      changedDate: enterprise.consents[action]?.date ?? null,
    }));

/** What nobody ordered and nobody answered is not worth a line: the Call App's, and management where it is not asked for. */
function concerns(enterprise: Enterprise, action: ConsentAction): boolean {
  if (enterprise.consents[action]) return true;
  if (action === 'GET_CALL_APP_CONSENT') return enterprise.services.includes('CALLAPP');
  if (action === 'GET_SERVICE_PROVIDER_CONSENT') return enterprise.canResellerManageEnterpriseProvisioning;
  return true;
}

/** Takes a granted consent back (E). @throws Refusal 400 when there is none */
export function revokeConsent(enterprise: Enterprise, action: ConsentAction, now: Date): void {
  if (!isGranted(enterprise, action)) {
    const message = `${enterprise.enterpriseName} has not granted ${consentTypes[action].title}.`;
    throw new Refusal(400, { message, code: 'NOT_GRANTED' });
  }
  enterprise.consents[action] = { answer: 'revoked', date: now.toISOString() };
}
