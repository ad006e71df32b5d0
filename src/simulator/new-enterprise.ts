import * as z from 'zod';
import { line } from './accounts.ts';
import type { Enterprise } from './enterprise.ts';
import { Refusal } from './http.ts';
import { newInvitation, renewed } from './invitation.ts';
import { sbcRegions } from './regions.ts';
import { pbxTypes } from './seed.ts';
import { enterpriseServices, type Service } from './services.ts';
import { emailTaken, enterpriseNameTaken, ownEnterprise, ownReseller, type Reseller, type State } from './state.ts';
import { refuseSuspended } from './suspension.ts';

const flag = (name: string) => z.boolean({ error: `${name} is true or false.` }).default(false);

const ids = (name: string) =>
  z
    .array(z.number({ error: `${name} holds numbers.` }).int({ error: `${name} holds whole numbers.` }), {
      error: `${name} is a list of numbers.`,
    })
    .max(50, { error: `${name} holds at most 50 numbers.` })
    .default([])
    .transform((list) => [...new Set(list)]);

/**
 * The body of `POST /reseller/newEnterprise`. (E) every name but two, and that `enterpriseName` is required; (I)
 * `enterpriseAdminEmail` and `accessSIPData`, which the portal asks for and the documented body does not show, what else is
 * required, and all limits.
 */
export const newEnterprise = z
  .object({
    enterpriseName: line('Enterprise Name', 100),
    resellerId: z.number({ error: 'resellerId is required.' }).int(),
    /** (I) The portal's "Enterprise Admin Email": the customer's Microsoft 365 Global Admin. */
    enterpriseAdminEmail: line('Enterprise Admin Email', 254)
      .pipe(z.email({ error: 'Enterprise Admin Email is not an e-mail address.' }))
      .optional(),
    services: z
      .array(z.enum(enterpriseServices, { error: 'Services are PBX, TRUNK, SMS and CALLAPP.' }), {
        error: 'Services is required.',
      })
      .min(1, { error: 'At least one service is required.' })
      .transform((list) => [...new Set(list)]),
    sbcGateways: ids('sbcGateways'),
    pbxId: ids('pbxId'),
    /** Nothing is unlimited (E); the documentation does not say what 0 would be, so it is refused (I). */
    userLimit: z
      .number({ error: 'User Limit is a number, or nothing for unlimited.' })
      .int({ error: 'User Limit is a whole number.' })
      .min(1, { error: 'User Limit is 1 or more, or nothing for unlimited.' })
      .max(1_000_000, { error: 'User Limit is at most 1000000.' })
      .nullish()
      .transform((limit) => limit ?? null),
    pbxMOH: flag('pbxMOH'),
    allowExternalNumbers: flag('allowExternalNumbers'),
    canAddExtensions: flag('canAddExtensions'),
    accessSIPData: flag('accessSIPData'),
    canResellerManageEnterpriseProvisioning: flag('canResellerManageEnterpriseProvisioning'),
    restrictAdminAccess: flag('restrictAdminAccess'),
    federated: flag('federated'),
    secureSMSEnabled: flag('secureSMSEnabled'),
    userProvisioningEnabled: flag('userProvisioningEnabled'),
    billingReferences: z.array(line('Billing Reference', 200)).max(10).default([]),
    countryName: z.string().max(100).default(''),
    federationDomain: z.string().max(253).default(''),
    registeredBy: z.string().max(254).default(''),
  })
  .superRefine((order, context) => {
    const need = (missing: boolean, field: string, message: string) => {
      if (missing) context.addIssue({ code: 'custom', path: [field], message });
    };
    const { sbcGateways, pbxId } = order;
    for (const [field, message] of lackingFor(order)) need(true, field, message);
    const email = order.enterpriseAdminEmail;
    need(!email && !order.restrictAdminAccess, 'enterpriseAdminEmail', 'Enterprise Admin Email is required.');
    for (const id of sbcGateways)
      need(!sbcRegions.some((one) => one.sbcGatewayId === id), 'sbcGateways', `There is no SBC gateway ${id}.`);
    for (const id of pbxId) {
      const type = pbxTypes.find((one) => one.id === id);
      need(!type || type.isDisabled, 'pbxId', `There is no PBX type ${id}.`);
    }
  });

/** (E) Gateways for whoever calls (PBX or Trunk), PBX types for PBX and the Call App; (I) that they are enforced. */
export function lackingFor({ services, sbcGateways, pbxId }: Pick<Enterprise, 'services' | 'sbcGateways' | 'pbxId'>) {
  const calls = services.includes('PBX') || services.includes('TRUNK');
  const pbx = services.includes('PBX') || services.includes('CALLAPP');
  const checks: [field: string, message: string, lacking: boolean][] = [
    ['sbcGateways', 'At least one SBC gateway is required for PBX and TRUNK.', calls && sbcGateways.length === 0],
    ['pbxId', 'At least one PBX type is required for PBX and CALLAPP.', pbx && pbxId.length === 0],
  ];
  return checks.filter(([, , lacking]) => lacking);
}

/** (E) An enterprise has what its reseller sells. @throws Refusal 400 */
export function refuseUnsold(reseller: Reseller, wanted: readonly Service[]): void {
  const sold: readonly string[] = reseller.services;
  const unsold = wanted.filter((service) => !sold.includes(service));
  if (unsold.length === 0) return;
  const message = `${reseller.resellerName} does not sell ${unsold.join(', ')}.`;
  throw new Refusal(400, { message, field: 'services' });
}

/** Makes the enterprise and its first invitation, whose mail is still to be sent. @throws Refusal 400, 403, 409 */
export function createEnterprise(draft: State, order: z.infer<typeof newEnterprise>, now: Date): Enterprise {
  const { enterpriseAdminEmail: email, ...rest } = order;
  const reseller = ownReseller(draft, order.resellerId);
  if (!reseller.activatedDate) {
    const message = `${reseller.resellerName} is not active yet: an enterprise needs an active reseller.`;
    throw new Refusal(400, { message, field: 'resellerId' });
  }
  refuseSuspended(reseller, { name: reseller.resellerName, field: 'resellerId' });
  refuseUnsold(reseller, order.services);
  if (email && emailTaken(draft, email)) {
    const message = `The e-mail address ${email} is already in use. Use a different one for each account.`;
    throw new Refusal(409, { message, field: 'enterpriseAdminEmail' });
  }
  if (enterpriseNameTaken(draft, order.enterpriseName)) {
    const message = `An enterprise with the name ${order.enterpriseName} already exists.`;
    throw new Refusal(409, { message, field: 'enterpriseName' });
  }
  const enterprise: Enterprise = {
    ...rest,
    adminEmail: email ?? '',
    enterpriseId: draft.nextId,
    createdDate: now.toISOString(),
    registeredDate: null,
    suspended: false,
    admin: null,
    invitation: newInvitation(),
    portalKey: '',
    consents: {},
    links: {},
    licences: { user: true, phoneSystem: true },
    routings: [],
  };
  draft.nextId += 1;
  draft.enterprises.push(enterprise);
  return enterprise;
}

/** Whether an invitation e-mail goes out: not to who is registered, nor (E) to who works in the provider's own portal. */
export const isInvited = ({ registeredDate, restrictAdminAccess, adminEmail }: Enterprise) =>
  !registeredDate && !restrictAdminAccess && adminEmail !== '';

/** A new code, which makes the older mails' links useless. @throws Refusal 404, 400 when there is nobody to invite */
export function renewEnterpriseInvitation(draft: State, id: number): Enterprise {
  const enterprise = ownEnterprise(draft, id);
  const { enterpriseName } = enterprise;
  if (enterprise.registeredDate)
    throw new Refusal(400, { message: `${enterpriseName} is registered: nobody to invite.` });
  if (!isInvited(enterprise))
    throw new Refusal(400, { message: `${enterpriseName} has restricted access: its administrator gets no e-mail.` });
  enterprise.invitation = renewed(enterprise.invitation);
  return enterprise;
}
