import type { Server } from 'restify';
import * as z from 'zod';
import { actionTypes, newLink } from './action-link.ts';
import { consentActions, revokeConsent, shownConsents } from './consent.ts';
import { guards } from './guard.ts';
import { readJson } from './http.ts';
import type { Parts } from './simulator.ts';
import { ownEnterprise } from './state.ts';

const enterpriseId = z.number({ error: 'enterpriseId is required.' }).int();

/** (E) `actionType` and the enterprise's id; (E) that there is a callback URL, (I) its name, and that it may be missing. */
const actionItem = z.object({
  actionType: z.enum(actionTypes, { error: `actionType is one of ${actionTypes.join(', ')}.` }),
  enterpriseId,
  callbackUrl: z
    .url({ protocol: /^https?$/, error: 'callbackUrl is a whole URL.' })
    .max(2000)
    .nullish(),
});

const revocation = z.object({
  actionType: z.enum(consentActions, { error: `actionType is one of ${consentActions.join(', ')}.` }),
  enterpriseId,
});

/** The REST API of what the customer's administrator is asked to do. */
export function serveActionApi(server: Server, parts: Parts): void {
  const { store, clock, tell, publicUrl } = parts;
  const { closed } = guards(parts);

  // (E) the path and that it answers with a URL; (I) in which shape.
  server.post(
    '/enterprise/getActionItemUrl',
    closed(async (request) => {
      const { actionType, callbackUrl = null, ...which } = readJson(request, actionItem);
      const path = await store.change((draft) =>
        newLink(ownEnterprise(draft, which.enterpriseId), actionType, { callbackUrl, now: clock() }),
      );
      return { status: 200, body: { enterpriseId: which.enterpriseId, actionType, url: publicUrl() + path } };
    }),
  );

  // (E) that a provider can revoke in the portal; (I) that the API can.
  server.post(
    '/enterprise/revokeConsent',
    closed(async (request) => {
      const { actionType, ...which } = readJson(request, revocation);
      const enterprise = await store.change((draft) => {
        const one = ownEnterprise(draft, which.enterpriseId);
        revokeConsent(one, actionType, clock());
        return one;
      });
      const { resellerId } = enterprise;
      tell({ event: 'enterprise.consent', ...which, resellerId, actionType, result: 'revoked' });
      return { status: 200, body: { ...which, consents: shownConsents(enterprise) } };
    }),
  );
}
