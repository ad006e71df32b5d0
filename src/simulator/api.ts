import type { Request, Server } from 'restify';
import * as z from 'zod';
import { countCreation, createReseller, newReseller } from './accounts.ts';
import { type Handler, Refusal, readId, readJson, readQuery, route } from './http.ts';
import { pbxTypes, sbcRegions } from './seed.ts';
import type { Parts } from './simulator.ts';
import { findReseller, type Reseller } from './state.ts';

/** A reseller as the API shows it: never its code or its password. (I) the names, after the documented calls. */
const shown = (reseller: Reseller) => ({
  resellerId: reseller.resellerId,
  resellerName: reseller.resellerName,
  preferredEmail: reseller.preferredEmail,
  services: reseller.services,
  billingReferences: reseller.billingReferences,
  masterResellerId: reseller.masterResellerId,
  type: 'RESELLER',
  activated: reseller.activatedDate !== null,
  createdDate: reseller.createdDate,
});

/** (I) Bounds of a page; the documentation says that there are pages, not how large. */
const listQuery = z.object({
  masterResellerId: z.coerce.number().int().optional(),
  page: z.coerce.number().int().min(0).max(1_000_000).default(0),
  size: z.coerce.number().int().min(1).max(100).default(20),
});

const idempotencyKey = z.string().max(200).optional();

/** The REST API: what is documented, and beside it the most careful reading of what is not (marked (I)). */
export function serveApi(server: Server, { store, tokens, faults, login, clock, invite, log }: Parts): void {
  const open = (handler: Handler) => route(handler, { log, faults });
  const closed = (handler: Handler) =>
    open((request) => {
      tokens.check(request);
      return handler(request);
    });
  const ours = (id: number | undefined) => {
    if (id === undefined || id === store.state.masterReseller.resellerId) return;
    throw new Refusal(403, { message: `The master reseller ${id} is not yours.` });
  };

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
      const all = store.state.resellers;
      const pages = Math.ceil(all.length / size);
      const link = (number: number) => ({
        href: `${request.path()}?${new URLSearchParams({ page: String(number), size: String(size) })}`,
      });
      return {
        status: 200,
        body: {
          resellers: all.slice(page * size, (page + 1) * size).map(shown),
          page: { number: page, size, totalElements: all.length, totalPages: pages },
          _links: { self: link(page), ...(page + 1 < pages ? { next: link(page + 1) } : {}) },
        },
      };
    }),
  );

  server.post(
    '/reseller/newReseller',
    closed(async (request) => {
      const order = readJson(request, newReseller);
      const key = idempotencyKey.safeParse(request.header('idempotency-key')).data;
      // The key is counted and not honoured: TeamMate promises nothing of the kind.
      const made = await store.change((draft) => {
        try {
          const reseller = createReseller(draft, order, clock());
          countCreation(draft, key, order.resellerName, order.preferredEmail, true);
          return reseller;
        } catch (error) {
          countCreation(draft, key, order.resellerName, order.preferredEmail, false);
          if (error instanceof Refusal) return error;
          throw error;
        }
      });
      if (made instanceof Refusal) throw made;
      invite(made.resellerId);
      return { status: 201, body: shown(made) };
    }),
  );

  server.get(
    '/reseller/getReseller/:id',
    closed((request) => ({ status: 200, body: shown(existing(request)) })),
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
