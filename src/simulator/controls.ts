import type { Server } from 'restify';
import { faultRequest } from './faults.ts';
import { readJson, route } from './http.ts';
import type { Parts } from './simulator.ts';

/** What TeamMate does not have: `POST /_faults` makes things go wrong, `GET /_state` shows what happened. No login. */
export function serveControls(server: Server, { store, tokens, faults, log }: Parts): void {
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
        const { resellers, creations } = store.state;
        return {
          status: 200,
          body: {
            resellers: resellers.map(({ admin, ...reseller }) => ({ ...reseller, userName: admin?.userName ?? null })),
            mailsSent: resellers.reduce((sum, reseller) => sum + reseller.invitation.mailsSent, 0),
            tokensIssued: tokens.issued,
            creations,
          },
        };
      },
      { log },
    ),
  );
}
