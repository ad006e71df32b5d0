import type { Server } from 'restify';
import * as z from 'zod';
import { faultRequest } from './faults.ts';
import { readJson, route } from './http.ts';
import { shownPbx } from './pbx.ts';
import type { Parts } from './simulator.ts';
import { ownEnterprise } from './state.ts';

/** What `POST /_controls` takes. */
const control = z.union([
  /** How long Direct Routing takes from now on, also where it is under way. Milliseconds. */
  z.strictObject({ directRoutingMs: z.number().int().min(0).max(1_000_000_000) }),
  /** Makes the billing summary this many made-up rows long; 0 makes it the true one again. */
  z.strictObject({ billingRows: z.number().int().min(0).max(10_000_000) }),
  /** Which licences a customer has. */
  z
    .strictObject({
      enterpriseId: z.number().int(),
      userLicence: z.boolean().optional(),
      phoneSystemLicence: z.boolean().optional(),
    })
    .refine((one) => one.userLicence !== undefined || one.phoneSystemLicence !== undefined, {
      error: 'Give userLicence or phoneSystemLicence.',
    }),
]);

/**
 * What TeamMate does not have: `POST /_faults` makes things go wrong, `POST /_controls` sets what is outside of TeamMate,
 * `GET /_state` shows what happened. No login.
 */
export function serveControls(server: Server, { store, tokens, faults, routing, billing, log }: Parts): void {
  server.post(
    '/_controls',
    route(
      async (request) => {
        const asked = readJson(request, control);
        if ('directRoutingMs' in asked) {
          routing.durationMs = asked.directRoutingMs;
          return { status: 204 };
        }
        if ('billingRows' in asked) {
          billing.madeUp = asked.billingRows;
          return { status: 204 };
        }
        await store.change((draft) => {
          const { licences } = ownEnterprise(draft, asked.enterpriseId);
          licences.user = asked.userLicence ?? licences.user;
          licences.phoneSystem = asked.phoneSystemLicence ?? licences.phoneSystem;
        });
        return { status: 204 };
      },
      { log },
    ),
  );

  server.post(
    '/_faults',
    route(
      (request) => {
        const fault = readJson(request, faultRequest);
        if ('times' in fault) faults.add(fault);
        else if ('webhooks' in fault) faults.webhooks = fault.webhooks;
        else if ('clear' in fault) faults.clear();
        else tokens.expireAll();
        return { status: 204 };
      },
      { log },
    ),
  );

  server.get(
    '/_state',
    route(
      () => {
        const { resellers, enterprises, pbxes, creations } = store.state;
        return {
          status: 200,
          body: {
            resellers: resellers.map(({ admin, ...reseller }) => ({ ...reseller, userName: admin?.userName ?? null })),
            enterprises,
            pbxes: pbxes.map(shownPbx),
            mailsSent: [...resellers, ...enterprises].reduce((sum, one) => sum + one.invitation.mailsSent, 0),
            tokensIssued: tokens.issued,
            creations,
          },
        };
      },
      { log },
    ),
  );
}
