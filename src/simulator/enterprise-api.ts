import type { Server } from 'restify';
import * as z from 'zod';
import { shownConsents } from './consent.ts';
import { counted } from './creation.ts';
import type { Enterprise } from './enterprise.ts';
import { guards, keyOf } from './guard.ts';
import { readId, readJson, readQuery } from './http.ts';
import { createEnterprise, isInvited, newEnterprise } from './new-enterprise.ts';
import { pageOf, pageQuery } from './paging.ts';
import { shownRouting } from './routing.ts';
import type { Parts } from './simulator.ts';
import { naturalKey, ownEnterprise, ownReseller } from './state.ts';

/** An enterprise as the API shows it: nothing that opens a page, and of the customer's tenant only the
 *  routing. (I) the names. */
export function shownEnterprise(enterprise: Enterprise) {
  const { adminEmail, admin, invitation, portalKey, links, licences, routings, registeredDate, ...rest } = enterprise;
  return {
    ...rest,
    enterpriseAdminEmail: adminEmail,
    registered: registeredDate !== null,
    registeredDate,
    consents: shownConsents(enterprise),
    directRoutings: routings.map(shownRouting),
  };
}

const listQuery = z.object({ resellerId: z.coerce.number().int(), ...pageQuery });

/** The REST API of enterprises: what is documented, and beside it the most careful reading of what is not (I). */
export function serveEnterpriseApi(server: Server, parts: Parts): void {
  const { store, clock, inviteEnterprise } = parts;
  const { closed } = guards(parts);

  const list = closed((request) => {
    const { resellerId, page, size } = readQuery(request, listQuery);
    ownReseller(store.state, resellerId);
    const all = store.state.enterprises.filter((one) => one.resellerId === resellerId).map(shownEnterprise);
    const query = { resellerId: String(resellerId) };
    return { status: 200, body: pageOf(request, { key: 'enterprises', all, page, size, query }) };
  });
  // (E) the path with its version, in the links of the billing summary; (I) the one without.
  server.get('/reseller/v3/getEnterprisesForReseller', list);
  server.get('/reseller/getEnterprisesForReseller', list);

  server.post(
    '/reseller/newEnterprise',
    closed(async (request) => {
      const order = readJson(request, newEnterprise);
      const natural = naturalKey(order.enterpriseName, order.enterpriseAdminEmail ?? '');
      const counts = { natural, key: keyOf(request) };
      const made = await counted(store, counts, (draft) => createEnterprise(draft, order, clock()));
      if (isInvited(made)) inviteEnterprise(made.enterpriseId);
      return { status: 201, body: shownEnterprise(made) };
    }),
  );

  server.get(
    '/reseller/getEnterprise/:id',
    closed((request) => ({
      status: 200,
      body: shownEnterprise(ownEnterprise(store.state, readId(request, 'enterprise'))),
    })),
  );

  server.post(
    '/reseller/resendEnterpriseInvitationEmail/:id',
    closed(async (request) => {
      const { enterpriseId, adminEmail } = await inviteEnterprise.again(readId(request, 'enterprise'));
      return { status: 200, body: { enterpriseId, sentTo: adminEmail } };
    }),
  );
}
