import * as z from 'zod';
import type { EnterpriseOrder } from '../catalog/enterprise.ts';
import { fold, type Thing } from '../catalog/orderable.ts';
import type { Found, Operations, Standing } from './backend.ts';
import {
  type EnterpriseAnswer,
  enterpriseAnswer,
  enterpriseCreated,
  enterprisesPage,
  pbxTypesAnswer,
  regionsAnswer,
} from './teammate-answers.ts';
import { NotThere, type TeamMateHttp } from './teammate-http.ts';
import { asNumber, pagesOf, withId } from './teammate-lists.ts';

/** (E) newEnterprise, getEnterprisesForReseller; (I) unverified: the other two. */
const paths = {
  create: '/reseller/newEnterprise',
  list: '/reseller/v3/getEnterprisesForReseller',
  read: '/reseller/getEnterprise/{id}',
  resend: '/reseller/resendEnterpriseInvitationEmail/{id}',
} as const;

/** A reseller's enterprises, page by page. */
export async function* enterprisesOf(http: TeamMateHttp, resellerId: string): AsyncGenerator<EnterpriseAnswer[]> {
  const asked = { path: paths.list, query: { resellerId }, answer: enterprisesPage };
  for await (const page of pagesOf(http, asked)) yield page.enterprises;
}

/** One enterprise. A 404 alone does not make it gone, as with a reseller: the path is unverified. The list has the last word. */
export async function readEnterprise(
  http: TeamMateHttp,
  reference: string,
  resellerId: string,
): Promise<EnterpriseAnswer | undefined> {
  const path = withId(paths.read, reference);
  try {
    return await http.call({ method: 'GET', path, answer: enterpriseAnswer, repeatable: true });
  } catch (error) {
    if (!(error instanceof NotThere)) throw error;
  }
  for await (const page of enterprisesOf(http, resellerId)) {
    const entry = page.find((one) => one.enterpriseId === reference);
    if (entry) return entry;
  }
  return undefined;
}

/** The SBC regions on offer to a reseller or master reseller. */
export async function sbcRegions(http: TeamMateHttp, account: string): Promise<Thing[]> {
  const path = withId('/reseller/getAvailableSBCGatewayRegionsByResellerId/{id}', account);
  const regions = await http.call({ method: 'GET', path, answer: regionsAnswer, repeatable: true });
  return regions.map(({ sbcGatewayId, sbcGatewayRegion }) => offered('sbc-region', sbcGatewayId, sbcGatewayRegion));
}

/** The PBX types on offer; one that is disabled is known by name and cannot be chosen. */
export async function pbxTypes(http: TeamMateHttp, account: string): Promise<Thing[]> {
  const path = `/pbx/getPBXTypesByResellerId?${new URLSearchParams({ resellerId: account })}`;
  const types = await http.call({ method: 'GET', path, answer: pbxTypesAnswer, repeatable: true });
  return types.map(({ id, pbxLabel, isDisabled }) => offered('pbx-type', id, pbxLabel, !isDisabled));
}

const offered = (kind: Thing['kind'], reference: string, name: string, active = true): Thing => ({
  kind,
  reference,
  name,
  active,
  suspended: false,
  facts: {},
});

/** Enterprises by TeamMate's REST API. Errors as everywhere in the client: BackendRefused and BackendUnavailable only. */
export function enterpriseOperations(http: TeamMateHttp): Operations<EnterpriseOrder> {
  return {
    /** Among the reseller's own: an address that another one's enterprise has, TeamMate refuses by itself. */
    async find(order) {
      let partly: Found | undefined;
      for await (const page of enterprisesOf(http, order.reseller))
        for (const entry of page) {
          const same = [
            ...(fold(entry.enterpriseName) === fold(order.name) ? ['name'] : []),
            ...(fold(entry.enterpriseAdminEmail) === fold(order.email) ? ['email'] : []),
          ];
          if (same.length === 2) return { reference: entry.enterpriseId, same };
          if (same.length === 1) partly ??= { reference: entry.enterpriseId, same };
        }
      return partly;
    },

    async create(order, _account, key) {
      const created = await http.call({
        method: 'POST',
        path: paths.create,
        headers: { 'idempotency-key': key },
        body: {
          enterpriseName: order.name,
          resellerId: asNumber(order.reseller),
          // (I) Its name: the portal asks for it, the documented body does not show it.
          enterpriseAdminEmail: order.email,
          services: order.services,
          sbcGateways: order.regions.map(asNumber),
          pbxId: order.pbxTypes.map(asNumber),
          userLimit: order.userLimit ? Number(order.userLimit) : null,
          pbxMOH: order.musicOnHold,
          canAddExtensions: order.addExtensions,
          allowExternalNumbers: order.externalNumbers,
          canResellerManageEnterpriseProvisioning: order.requestConsent,
          // (I) Its name, as the e-mail's.
          accessSIPData: order.accessSipData,
          billingReferences: order.billingReference ? [order.billingReference] : [],
        },
        answer: enterpriseCreated,
        repeatable: false,
        creates: true,
      });
      return { reference: created.enterpriseId };
    },

    async standing(reference, _account, order) {
      const entry = await readEnterprise(http, reference, order.reseller);
      return entry ? standingOf(entry) : { state: 'gone' };
    },

    async resend(reference) {
      await http.call({
        method: 'POST',
        path: withId(paths.resend, reference),
        answer: z.unknown(),
        repeatable: false,
      });
    },
  };
}

const standingOf = (entry: EnterpriseAnswer): Standing => ({ state: entry.registered ? 'active' : 'waiting' });
