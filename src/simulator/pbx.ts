import * as z from 'zod';

/** (E) SRV; (I) the other two. */
export const lookups = ['SRV', 'A', 'NAPTR'] as const;
/** (I) After SIP's own (RFC 3261). */
export const transports = ['UDP', 'TCP', 'TLS'] as const;
/** (I) What is said of a registration. PENDING is one that is being tried for the first time, or anew after a change. */
export const registrationStates = ['REGISTERED', 'NOT_REGISTERED', 'PENDING'] as const;

/**
 * A PBX: where an enterprise's telephones are, and how TeamMate registers there. (E) type, location, lookup, domain, proxy,
 * voicemail code and the portal of the NetSapiens family; (I) the rest, which a registration cannot do without.
 */
export const pbxSchema = z.object({
  pbxId: z.number().int(),
  enterpriseId: z.number().int(),
  pbxTypeId: z.number().int(),
  pbxLocation: z.string(),
  dnsLookupType: z.enum(lookups),
  sipDomain: z.string(),
  /** Host or host:port. */
  sipDomainProxy: z.string().nullable(),
  transport: z.enum(transports),
  /** Null is the transport's own. */
  port: z.number().int().nullable(),
  /** Seconds. */
  registrationExpiry: z.number().int(),
  voicemailFeatureCode: z.string().nullable(),
  sipUser: z.string(),
  /** Null is the SIP user. */
  authenticationId: z.string().nullable(),
  portal: z
    .object({ authorizationUrl: z.string(), clientId: z.string(), masqueradingLogin: z.string().nullable() })
    .nullable(),
  /** Apart, so that whoever shows a PBX leaves out one thing. */
  secrets: z.object({
    sipPassword: z.string(),
    clientSecret: z.string().nullable(),
    masqueradingPassword: z.string().nullable(),
  }),
  createdDate: z.string(),
  suspended: z.boolean(),
  registration: z.object({ state: z.enum(registrationStates), reason: z.string(), changedDate: z.string() }),
});
export type Pbx = z.infer<typeof pbxSchema>;
export type Registration = Pbx['registration'];

/** A PBX as everybody sees it: without any secret. */
export const shownPbx = ({ secrets: _, ...pbx }: Pbx) => pbx;

/** What is said before the PBX has answered. */
export const pending = (now: Date): Registration => ({
  state: 'PENDING',
  reason: 'TeamMate registers at the PBX.',
  changedDate: now.toISOString(),
});
