import * as z from 'zod';
import type { Thing } from '../catalog/orderable.ts';
import { oneLine } from './one-line.ts';
import { consentsAnswer, routingsAnswer } from './teammate-routing-answers.ts';

/**
 * What TeamMate answers, as far as we read it; what we do not read may change without us noticing. This is the one place
 * to mend when a real account answers otherwise: (E) is written in TeamMate's documentation, (I) is our inference from
 * the documented calls beside it, unverified.
 */

/** Ids are numbers in the documented answers; the rest of the bot treats them as opaque text. */
const id = z.union([z.number().int(), z.string().min(1)]).transform(String);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
const texts = z
  .array(z.string())
  .nullish()
  .transform((value) => value ?? []);

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const ids = z
  .array(id)
  .nullish()
  .transform((value) => value ?? []);

/** (E) that a token comes back; (I) that it does so in the shape of RFC 6749, section 5.1. `expires_in` in seconds. */
export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().optional(),
});

/** (E) `{username, type: "RESELLER", resellerId}`. */
export const userAnswer = z.object({ username: z.string(), resellerId: id });

/** (I) One reseller; named after the portal's fields and `newEnterprise`'s plural `billingReferences`. */
export const resellerAnswer = z.object({
  resellerId: id,
  resellerName: z.string(),
  preferredEmail: text,
  services: texts,
  billingReferences: texts,
  activated: z.boolean(),
  suspended: flag,
  /** The list's name says it may also hold master resellers; those are not ours to show or to match by name. */
  type: text,
  masterResellerId: id.nullish(),
});
export type ResellerAnswer = z.infer<typeof resellerAnswer>;

/** (I) All we need of a creation is what to ask for later. */
export const createdAnswer = z.object({ resellerId: id });

/** (E) that lists are paged with `_links`; (I) the rest, after HAL. A link may be an object or the bare address. */
const links = {
  _links: z
    .object({ next: z.union([z.string(), z.object({ href: z.string() }).transform((link) => link.href)]).nullish() })
    .nullish(),
};
export const resellersPage = z.object({ resellers: z.array(resellerAnswer), ...links });

/** (E) the names that `newEnterprise` takes; (I) that a read gives them back, and the rest. */
export const enterpriseAnswer = z.object({
  enterpriseId: id,
  enterpriseName: z.string(),
  resellerId: id,
  enterpriseAdminEmail: text,
  services: texts,
  sbcGateways: ids,
  pbxId: ids,
  userLimit: z.number().int().nullish(),
  pbxMOH: flag,
  canAddExtensions: flag,
  allowExternalNumbers: flag,
  canResellerManageEnterpriseProvisioning: flag,
  accessSIPData: flag,
  billingReferences: texts,
  registered: z.boolean(),
  suspended: flag,
  consents: consentsAnswer,
  directRoutings: routingsAnswer.optional().catch(undefined),
});
export type EnterpriseAnswer = z.infer<typeof enterpriseAnswer>;
export const enterprisesPage = z.object({ enterprises: z.array(enterpriseAnswer), ...links });
export const enterpriseCreated = z.object({ enterpriseId: id });

/** (I) After our own `newPBX`, without its secrets. Another state than these is one that is not registered. */
export const pbxAnswer = z.object({
  pbxId: id,
  enterpriseId: id,
  pbxTypeId: id,
  pbxLocation: z.string(),
  dnsLookupType: text,
  sipDomain: text,
  sipDomainProxy: text,
  transport: text,
  port: z.number().int().nullish(),
  registrationExpiry: z.number().int().nullish(),
  voicemailFeatureCode: text,
  sipUser: text,
  authenticationId: text,
  portal: z.object({ authorizationUrl: text, clientId: text, masqueradingLogin: text }).nullish(),
  registration: z.object({
    state: z.enum(['REGISTERED', 'NOT_REGISTERED', 'PENDING']).catch('NOT_REGISTERED'),
    reason: text.transform((words) => oneLine(words)),
  }),
  suspended: flag,
});
export type PbxAnswer = z.infer<typeof pbxAnswer>;
export const pbxesPage = z.object({ pbxs: z.array(pbxAnswer), ...links });
export const pbxCreated = z.object({ pbxId: id });

/** (E) `[{sbcGatewayId, sbcGatewayRegion}]`. */
export const regionsAnswer = z.array(z.object({ sbcGatewayId: id, sbcGatewayRegion: z.string() }));

/** (E) `[{id, pbxName, pbxLabel, isDefault, isDisabled, hostingType}]`. */
export const pbxTypesAnswer = z.array(z.object({ id, pbxName: text, pbxLabel: z.string(), isDisabled: flag }));

/** TeamMate's reseller in the port's words. */
export const resellerThing = (reseller: ResellerAnswer): Thing => ({
  kind: 'reseller',
  reference: reseller.resellerId,
  name: reseller.resellerName,
  active: reseller.activated,
  suspended: reseller.suspended,
  facts: {
    email: reseller.preferredEmail,
    services: reseller.services.join(','),
    billingReference: reseller.billingReferences.join(', '),
  },
});

/** TeamMate's enterprise in the port's words: what its form would say. */
export const enterpriseThing = (enterprise: EnterpriseAnswer): Thing => ({
  kind: 'enterprise',
  reference: enterprise.enterpriseId,
  name: enterprise.enterpriseName,
  active: enterprise.registered,
  suspended: enterprise.suspended,
  parent: enterprise.resellerId,
  facts: {
    reseller: enterprise.resellerId,
    email: enterprise.enterpriseAdminEmail,
    services: enterprise.services.join(','),
    regions: enterprise.sbcGateways.join(','),
    pbxTypes: enterprise.pbxId.join(','),
    userLimit: enterprise.userLimit ? String(enterprise.userLimit) : '',
    musicOnHold: String(enterprise.pbxMOH),
    addExtensions: String(enterprise.canAddExtensions),
    externalNumbers: String(enterprise.allowExternalNumbers),
    requestConsent: String(enterprise.canResellerManageEnterpriseProvisioning),
    accessSipData: String(enterprise.accessSIPData),
    billingReference: enterprise.billingReferences.join(', '),
  },
});

/** TeamMate's PBX in the port's words: what its form would say, but its secrets. */
export const pbxThing = (pbx: PbxAnswer): Thing => ({
  kind: 'pbx',
  reference: pbx.pbxId,
  name: pbx.pbxLocation,
  active: pbx.registration.state === 'REGISTERED',
  suspended: pbx.suspended,
  parent: pbx.enterpriseId,
  facts: {
    enterprise: pbx.enterpriseId,
    pbxType: pbx.pbxTypeId,
    location: pbx.pbxLocation,
    lookup: pbx.dnsLookupType,
    domain: pbx.sipDomain,
    proxy: pbx.sipDomainProxy,
    transport: pbx.transport,
    port: pbx.port ? String(pbx.port) : '',
    expiry: pbx.registrationExpiry ? String(pbx.registrationExpiry) : '',
    voicemail: pbx.voicemailFeatureCode,
    user: pbx.sipUser,
    authId: pbx.authenticationId,
    authorizationUrl: pbx.portal?.authorizationUrl ?? '',
    clientId: pbx.portal?.clientId ?? '',
    masqueradingLogin: pbx.portal?.masqueradingLogin ?? '',
  },
});

const said = z.object({
  message: z.string().optional(),
  error_description: z.string().optional(),
  error: z.string().optional(),
  field: z.string().optional(),
  errors: z.array(z.object({ field: z.string().optional(), message: z.string() })).optional(),
});

/**
 * The reason in an error's body, fit to be shown: one line of at most 300 characters without control characters and
 * direction overrides; '' when there is none (an HTML page of some proxy is none). (I) `message` and `errors` after
 * Spring, `error_description` after RFC 6749: TeamMate documents no error format.
 */
export function wordsOf(body: string): { words: string; fields: string[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { words: /^\s*</.test(body) ? '' : oneLine(body), fields: [] };
  }
  const answer = said.safeParse(parsed);
  if (!answer.success) return { words: typeof parsed === 'string' ? oneLine(parsed) : '', fields: [] };
  const { message, error_description, error, field, errors = [] } = answer.data;
  const each = errors.map((mistake) => mistake.message).join(' ');
  return {
    words: oneLine(each || message || error_description || error || ''),
    fields: [field, ...errors.map((mistake) => mistake.field)].filter((name) => name !== undefined),
  };
}
