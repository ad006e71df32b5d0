import type { Request, Server } from 'restify';
import * as z from 'zod';
import { createReseller, newReseller } from './accounts.ts';
import { counted } from './creation.ts';
import { guards, keyOf } from './guard.ts';
import { Refusal, readId, readJson, readQuery } from './http.ts';
import { pageOf, pageQuery } from './paging.ts';
import { sbcRegions } from './regions.ts';
import { pbxTypes } from './seed.ts';
import type { Parts } from './simulator.ts';
import { findReseller, naturalKey, type Reseller } from './state.ts';

/** A reseller as the API shows it: never its code or its password. (I) the names, after the documented calls. */
export const shownReseller = (reseller: Reseller) => ({
  resellerId: reseller.resellerId,
  resellerName: reseller.resellerName,
  preferredEmail: reseller.preferredEmail,
  services: reseller.services,
  billingReferences: reseller.billingReferences,
  masterResellerId: reseller.masterResellerId,
  type: 'RESELLER',
  activated: reseller.activatedDate !== null,
  suspended: reseller.suspended,
  createdDate: reseller.createdDate,
});

const listQuery = z.object({ masterResellerId: z.coerce.number().int().optional(), ...pageQuery });

/** The REST API of resellers: what is documented, and beside it the most careful reading of what is not (I). */
export function serveApi(server: Server, parts: Parts): void {
  const { store, tokens, login, clock, invite } = parts;
  const { open, closed, ours } = guards(parts);

  server.post(
    '/oauth/token',
    open((request) => tokens.grant(request)),
  );

  server.put(
    '/reseller/getAuthenticatedUser',
    closed((request) => {
      const username = readJson(request, z.string().max(254));
      if (username !== login.username) throw new Refusal(404, { message: 'There is no such user.' });
      return { status: 200, body: { username, type: 'RESELLER', resellerId: store.state.masterReseller.resellerId } };
    }),
  );

  server.get(
    '/reseller/getAvailableSBCGatewayRegionsByResellerId/:id',
    closed((request) => {
      ours(readId(request));
      return { status: 200, body: sbcRegions };
    }),
  );

  server.get(
    '/pbx/getPBXTypesByResellerId',
    closed((request) => {
      ours(readQuery(request, z.object({ resellerId: z.coerce.number().int() })).resellerId);
      return { status: 200, body: pbxTypes };
    }),
  );

  server.get(
    '/reseller/v3/getResellersOrMasterResellers',
    closed((request) => {
      const { masterResellerId, page, size } = readQuery(request, listQuery);
      ours(masterResellerId);
      const of = masterResellerId ?? store.state.masterReseller.resellerId;
      const all = store.state.resellers.filter((one) => one.masterResellerId === of).map(shownReseller);
      return { status: 200, body: pageOf(request, { key: 'resellers', all, page, size }) };
    }),
  );

  server.post(
    '/reseller/newReseller',
    closed(async (request) => {
      const order = readJson(request, newReseller);
      const counts = { natural: naturalKey(order.resellerName, order.preferredEmail), key: keyOf(request) };
      const made = await counted(store, counts, (draft) => createReseller(draft, order, clock()));
      invite(made.resellerId);
      return { status: 201, body: shownReseller(made) };
    }),
  );

  server.get(
    '/reseller/getReseller/:id',
    closed((request) => ({ status: 200, body: shownReseller(existing(request)) })),
  );

  server.post(
    '/reseller/resendInvitationEmail/:id',
    closed(async (request) => {
      const { resellerId, preferredEmail } = await invite.again(readId(request));
      return { status: 200, body: { resellerId, sentTo: preferredEmail } };
    }),
  );

  function existing(request: Request): Reseller {
    const reseller = findReseller(store.state, readId(request));
    if (!reseller) throw new Refusal(404, { message: 'There is no reseller with this id.' });
    return reseller;
  }
}
