import type { Server } from 'restify';
import * as z from 'zod';
import { shownConsents } from './consent.ts';
import type { Enterprise } from './enterprise.ts';
import { guards, keyOf } from './guard.ts';
import { Refusal, readId, readJson, readQuery } from './http.ts';
import { createEnterprise, isInvited, newEnterprise } from './new-enterprise.ts';
import { pageOf, pageQuery } from './paging.ts';
import type { Parts } from './simulator.ts';
import { countCreation, naturalKey, ownEnterprise, ownReseller } from './state.ts';

/** An enterprise as the API shows it: nothing that opens a page, and nothing of the customer's tenant. (I) the names. */
export function shownEnterprise(enterprise: Enterprise) {
  const { adminEmail, admin, invitation, portalKey, links, licences, routings, registeredDate, ...rest } = enterprise;
  return {
    ...rest,
    enterpriseAdminEmail: adminEmail,
    registered: registeredDate !== null,
    registeredDate,
    consents: shownConsents(enterprise),
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
      const counted = { natural, key: keyOf(request) };
      const made = await store.change((draft) => {
        try {
          const enterprise = createEnterprise(draft, order, clock());
          countCreation(draft, counted, true);
          return enterprise;
        } catch (error) {
          countCreation(draft, counted, false);
          if (error instanceof Refusal) return error;
          throw error;
        }
      });
      if (made instanceof Refusal) throw made;
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
