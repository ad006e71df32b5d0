import type { Server } from 'restify';
import * as z from 'zod';
import { moment } from './dates.ts';
import type { Enterprise } from './enterprise.ts';
import { type Html, html } from './html.ts';
import { ownButton, Refusal, readForm, readId, route } from './http.ts';
import { chip } from './portal-words.ts';
import { lastState, licenceTitles, type RoutingState, regionOf } from './routing.ts';
import type { Parts } from './simulator.ts';
import { ownEnterprise } from './state.ts';

const change = z.object({
  licence: z.enum(['user', 'phoneSystem']),
  there: z.enum(['yes', 'no']).transform((answer) => answer === 'yes'),
});

/** The switches for an enterprise's licences, on its page: in reality they are in the customer's Microsoft 365. */
export function serveLicences(server: Server, { store, log }: Parts): void {
  server.post(
    '/enterprises/:id/licence',
    route(
      async (request) => {
        ownButton(request);
        const id = readId(request, 'enterprise');
        const asked = change.safeParse(readForm(request));
        if (!asked.success) throw new Refusal(400, { message: 'There is no such licence.' });
        const { licence, there } = asked.data;
        await store.change((draft) => {
          ownEnterprise(draft, id).licences[licence] = there;
        });
        return { status: 303, headers: { location: `/enterprises/${id}` } };
      },
      { log },
    ),
  );
}

/** Direct Routing and licences, as an enterprise's page shows them. */
export function routingSection({ enterpriseId, routings, licences }: Enterprise): Html {
  return html`<h2>Direct Routing</h2>
${
  routings.length === 0
    ? html`<p class="quiet">Not set up for any SBC region.</p>`
    : html`<div class="card list"><table>
<thead><tr><th scope="col">SBC Region</th><th scope="col">State</th><th scope="col">Domain</th><th scope="col">Since</th></tr></thead>
<tbody>
${routings.map(
  ({ sbcGatewayId, state, domain, changedDate }) => html`<tr data-gateway="${sbcGatewayId}">
<td class="name">${regionOf(sbcGatewayId)}</td>
<td data-label="State">${chip(stateTitles[state], state === lastState ? 'good' : 'wait')}</td>
<td data-label="Domain"><span class="code">${domain}</span></td>
<td data-label="Since">${moment(changedDate)}</td>
</tr>
`,
)}
</tbody></table></div>`
}
<h2>Microsoft 365 licences</h2>
<p class="quiet">Direct Routing needs both. Here you decide what the customer has.</p>
<ul class="items card list">
${(['user', 'phoneSystem'] as const).map((licence) => {
  const there = licences[licence];
  const title = licenceTitles[licence];
  return html`<li><div><strong>${title[0]!.toUpperCase()}${title.slice(1)}</strong><br>${chip(there ? 'Available' : 'Missing', there ? 'good' : 'bad')}</div>
<form method="post" action="/enterprises/${enterpriseId}/licence"><input type="hidden" name="licence" value="${licence}"><button class="small" id="licence-${licence}" name="there" value="${there ? 'no' : 'yes'}" type="submit">${there ? 'Take away' : 'Give'}<span class="unseen"> ${title}</span></button></form></li>
`;
})}
</ul>`;
}

const stateTitles: Record<RoutingState, string> = {
  DOMAIN_ADDED: 'Domain added',
  DOMAIN_ACTIVATING: 'Microsoft activates the domain',
  DOMAIN_ACTIVE: 'Domain active',
  ROUTES_CREATED: 'Routes created',
};
