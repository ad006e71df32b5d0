import * as z from 'zod';
import { linksSchema } from './action-link.ts';
import { consentsSchema, consentTypes, missingConsents } from './consent.ts';
import { invitationSchema } from './invitation.ts';
import { lastState, licencesSchema, licenceTitles, missingLicences, routingsSchema } from './routing.ts';
import { enterpriseServices } from './services.ts';

const flag = z.boolean().default(false);
const numbers = z.array(z.number().int()).default([]);

/**
 * An enterprise: the customer whose telephones are connected. What has a default was not kept by the first version of the
 * data file, which knew an enterprise's name and address only.
 */
export const enterpriseSchema = z.object({
  enterpriseId: z.number().int(),
  resellerId: z.number().int(),
  enterpriseName: z.string(),
  /** Empty while nobody is known: an enterprise with restricted access may be made without an address. */
  adminEmail: z.string(),
  services: z.array(z.enum(enterpriseServices)).default([]),
  sbcGateways: numbers,
  pbxId: numbers,
  /** Null is unlimited. */
  userLimit: z.number().int().nullable().default(null),
  pbxMOH: flag,
  allowExternalNumbers: flag,
  canAddExtensions: flag,
  /** Its administrators see the call records. */
  accessSIPData: flag,
  /** The provider asks for the consent to manage it. */
  canResellerManageEnterpriseProvisioning: flag,
  /** (E) Its administrator works in the provider's portal: no registration e-mail. */
  restrictAdminAccess: flag,
  federated: flag,
  secureSMSEnabled: flag,
  userProvisioningEnabled: flag,
  countryName: z.string().default(''),
  federationDomain: z.string().default(''),
  registeredBy: z.string().default(''),
  billingReferences: z.array(z.string()).default([]),
  createdDate: z.string().default('2025-02-12T08:00:00.000Z'),
  registeredDate: z.string().nullable().default(null),
  suspended: flag,
  /** The customer's administrator, who registered it. */
  admin: z.object({ name: z.string(), email: z.string() }).nullable().default(null),
  invitation: invitationSchema.default({ code: '', mail: 'sent', mailsSent: 0 }),
  /** What its administrator's dashboard is found by; empty for who has never signed in. */
  portalKey: z.string().default(''),
  consents: consentsSchema,
  links: linksSchema,
  licences: licencesSchema,
  routings: routingsSchema,
});
export type Enterprise = z.infer<typeof enterpriseSchema>;

/** How far an enterprise is, and who has to do something next. */
export interface Progress {
  state: string;
  tone: 'good' | 'wait' | 'bad';
  /** As it stands after "Waiting for"; nothing when nobody is waited for. */
  waitingFor?: string;
}

/** Where an enterprise stands on the way from its invitation to its calls. */
export function progressOf(enterprise: Enterprise): Progress {
  const { invitation, restrictAdminAccess } = enterprise;
  if (enterprise.suspended) return { state: 'Suspended', tone: 'bad', waitingFor: 'the provider to resume it' };
  if (!enterprise.registeredDate) {
    const waitingFor = `${whoAdministers(enterprise)} to register`;
    if (restrictAdminAccess) return { state: 'Waiting for registration', tone: 'wait', waitingFor };
    if (invitation.mail === 'failed')
      return { state: 'E-mail not sent', tone: 'bad', waitingFor: 'the provider to send the invitation again' };
    if (invitation.mail === 'queued') return { state: 'Sending e-mail', tone: 'wait', waitingFor };
    return { state: 'Waiting for registration', tone: 'wait', waitingFor };
  }
  const missing = missingConsents(enterprise).map((action) => consentTypes[action].title);
  if (missing.length > 0) {
    const waitingFor = `${whoAdministers(enterprise)} to grant consent: ${missing.join(', ')}`;
    return { state: 'Waiting for consent', tone: 'wait', waitingFor };
  }
  return routingProgress(enterprise);
}

function routingProgress(enterprise: Enterprise): Progress {
  const { routings } = enterprise;
  const unfinished = routings.find((one) => one.state !== lastState);
  if (unfinished?.state === 'DOMAIN_ACTIVE')
    return { state: 'Domain active', tone: 'wait', waitingFor: 'TeamMate to create the voice routes' };
  if (unfinished)
    return { state: 'Domain activating', tone: 'wait', waitingFor: `Microsoft to activate ${unfinished.domain}` };
  if (routings.length > 0) return { state: 'Direct Routing active', tone: 'good' };
  const licences = missingLicences(enterprise).map((licence) => licenceTitles[licence]);
  if (licences.length > 0) {
    const waitingFor = `${whoAdministers(enterprise)} to get ${licences.join(' and ')}`;
    return { state: 'Waiting for licences', tone: 'wait', waitingFor };
  }
  return { state: 'Ready for Direct Routing', tone: 'wait', waitingFor: 'the provider to set up Direct Routing' };
}

/** The customer's administrator, by the address we know. */
export const whoAdministers = ({ admin, adminEmail }: Enterprise): string =>
  admin?.email || adminEmail || 'the customer’s administrator';
