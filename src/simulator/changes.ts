import * as z from 'zod';
import { fold } from '../catalog/orderable.ts';
import { newReseller } from './accounts.ts';
import type { Enterprise } from './enterprise.ts';
import { oneMistake, Refusal } from './http.ts';
import { renewed } from './invitation.ts';
import { lackingFor, newEnterprise, refuseUnsold } from './new-enterprise.ts';
import { serviceTitles } from './services.ts';
import { emailTaken, nameTaken, ownReseller, pbxesOf, type Reseller, type State } from './state.ts';

const references = newReseller.shape.billingReferences.unwrap();

/** The body of `PUT /reseller/updateReseller`: what is left out stays. */
export const resellerChange = newReseller
  .pick({ resellerName: true, preferredEmail: true, services: true })
  .extend({ billingReferences: references })
  .partial();

const { shape } = newEnterprise;

/** The body of `PUT /reseller/updateEnterprise`: what is left out stays, and a user limit of null is no limit. */
export const enterpriseChange = z
  .object({
    userLimit: shape.userLimit.in.unwrap(),
    pbxMOH: shape.pbxMOH.unwrap(),
    allowExternalNumbers: shape.allowExternalNumbers.unwrap(),
    canAddExtensions: shape.canAddExtensions.unwrap(),
    accessSIPData: shape.accessSIPData.unwrap(),
    canResellerManageEnterpriseProvisioning: shape.canResellerManageEnterpriseProvisioning.unwrap(),
    billingReferences: references,
    services: shape.services,
  })
  .partial();

/**
 * Changes a reseller; true when a new invitation is to be sent, because the one to the older address is now useless (I).
 * Who is active stays active. @throws Refusal 409
 */
export function changeReseller(draft: State, reseller: Reseller, order: z.infer<typeof resellerChange>): boolean {
  const { preferredEmail: email = reseller.preferredEmail, resellerName: name = reseller.resellerName } = order;
  const moved = email.toLowerCase() !== reseller.preferredEmail.toLowerCase();
  if (moved && emailTaken(draft, email)) {
    const message = `The e-mail address ${email} is already in use. Use a different one for each account.`;
    throw new Refusal(409, { message, field: 'preferredEmail' });
  }
  if (fold(name) !== fold(reseller.resellerName) && nameTaken(draft, reseller.masterResellerId, name)) {
    throw new Refusal(409, { message: `A reseller with the name ${name} already exists.`, field: 'resellerName' });
  }
  for (const service of reseller.services) {
    if (order.services?.includes(service) ?? true) continue;
    const user = draft.enterprises.find(
      (one) => one.resellerId === reseller.resellerId && one.services.includes(service),
    );
    if (user) throw inUse(`${user.enterpriseName} uses ${serviceTitles[service]}.`);
  }
  Object.assign(reseller, given(order));
  const invited = moved && !reseller.activatedDate;
  if (invited) reseller.invitation = renewed(reseller.invitation);
  return invited;
}

/** @throws Refusal 400, 409 */
export function changeEnterprise(draft: State, enterprise: Enterprise, order: z.infer<typeof enterpriseChange>): void {
  const { services = enterprise.services } = order;
  const added = services.filter((service) => !enterprise.services.includes(service));
  refuseUnsold(ownReseller(draft, enterprise.resellerId), added);
  for (const [, message] of lackingFor({ ...enterprise, services: added }))
    throw oneMistake('INVALID', 'services', message);
  if (
    enterprise.services.includes('PBX') &&
    !services.includes('PBX') &&
    pbxesOf(draft, enterprise.enterpriseId).length
  )
    throw inUse(`${enterprise.enterpriseName} has PBXes.`);
  Object.assign(enterprise, given(order));
}

/** @throws Refusal 409 while it has enterprises */
export function removeReseller(draft: State, reseller: Reseller): void {
  const { resellerId, resellerName } = reseller;
  if (draft.enterprises.some((one) => one.resellerId === resellerId))
    throw new Refusal(409, { message: `${resellerName} has enterprises: remove them first.`, code: 'HAS_ENTERPRISES' });
  draft.resellers = draft.resellers.filter((one) => one !== reseller);
}

/** Its Direct Routing goes with it. @throws Refusal 409 while it has PBXes */
export function removeEnterprise(draft: State, enterprise: Enterprise): void {
  const { enterpriseId, enterpriseName } = enterprise;
  if (pbxesOf(draft, enterpriseId).length > 0)
    throw new Refusal(409, { message: `${enterpriseName} has PBXes: remove them first.`, code: 'HAS_PBXS' });
  draft.enterprises = draft.enterprises.filter((one) => one !== enterprise);
}

const inUse = (message: string) => oneMistake('SERVICE_IN_USE', 'services', message, 409);

/** What a body names: a field that is left out changes nothing. */
const given = <Order extends object>(order: Order) =>
  Object.fromEntries(Object.entries(order).filter(([, value]) => value !== undefined));
