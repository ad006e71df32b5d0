import type { Server } from 'restify';
import { guards } from './guard.ts';
import { readId, readJson } from './http.ts';
import { beginRouting, newRouting, shownRouting } from './routing.ts';
import type { Parts } from './simulator.ts';
import { ownEnterprise } from './state.ts';

/** The REST API of Direct Routing. */
export function serveRoutingApi(server: Server, parts: Parts): void {
  const { store, clock, routing } = parts;
  const { closed } = guards(parts);

  // (E) the path and the 200; (I) what comes with it.
  server.post(
    '/provisioning/provisionDirectRouting',
    closed(async (request) => {
      const order = readJson(request, newRouting);
      const { enterpriseId, sbcGatewayId } = order;
      const begun = await store.change((draft) => beginRouting(ownEnterprise(draft, enterpriseId), order, clock()));
      routing.start(enterpriseId, sbcGatewayId);
      return { status: 200, body: { enterpriseId, directRouting: shownRouting(begun) } };
    }),
  );

  // (I) All of it: no call that tells the state is documented, nor a webhook that would.
  server.get(
    '/provisioning/getDirectRoutingStatus/:id',
    closed((request) => {
      const { enterpriseId, routings } = ownEnterprise(store.state, readId(request, 'enterprise'));
      return { status: 200, body: { enterpriseId, directRoutings: routings.map(shownRouting) } };
    }),
  );
}
