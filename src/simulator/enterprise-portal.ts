import type { Request, Server } from 'restify';
import * as z from 'zod';
import { consentActions, consentTypes, revokeConsent, shownConsents } from './consent.ts';
import { day, moment } from './dates.ts';
import { type Enterprise, progressOf } from './enterprise.ts';
import { type Html, html } from './html.ts';
import { ownButton, Refusal, type Reply, readForm, readId, readQuery, route } from './http.ts';
import { isInvited } from './new-enterprise.ts';
import { page } from './page.ts';
import { pbxSection } from './pbx-portal.ts';
import { billingList, chip, serviceList } from './portal-words.ts';
import { regionOf } from './routing.ts';
import { routingSection } from './routing-portal.ts';
import { typeOf } from './seed.ts';
import type { Parts } from './simulator.ts';
import { findEnterprise, findReseller, ownEnterprise, pbxesOf, type State } from './state.ts';

const oneQuery = z.object({ sent: z.string().optional().catch(undefined) });

/** What a reseller would look at in TeamMate's own portal: one enterprise with all that is known of it. */
export function serveEnterprisePortal(server: Server, { store, clock, inviteEnterprise, tell, log }: Parts): void {
  server.get(
    '/enterprises/:id',
    route(
      (request) => {
        const enterprise = findEnterprise(store.state, readId(request, 'enterprise'));
        if (!enterprise) return { status: 404, body: page('Not found', notFound) };
        const sent = readQuery(request, oneQuery).sent === '1';
        return {
          status: 200,
          body: page(enterprise.enterpriseName, one(store.state, enterprise, sent), { narrow: false }),
        };
      },
      { log },
    ),
  );

  server.post('/enterprises/:id/resend', route(resend, { log }));
  server.post('/enterprises/:id/revoke', route(revoke, { log }));

  async function resend(request: Request): Promise<Reply> {
    ownButton(request);
    const { enterpriseId } = await inviteEnterprise.again(readId(request, 'enterprise'));
    return { status: 303, headers: { location: `/enterprises/${enterpriseId}?sent=1` } };
  }

  async function revoke(request: Request): Promise<Reply> {
    ownButton(request);
    const enterpriseId = readId(request, 'enterprise');
    const asked = z.enum(consentActions).safeParse(readForm(request).actionType);
    if (!asked.success) throw new Refusal(400, { message: 'There is no such consent.' });
    const actionType = asked.data;
    const { resellerId } = await store.change((draft) => {
      const enterprise = ownEnterprise(draft, enterpriseId);
      revokeConsent(enterprise, actionType, clock());
      return enterprise;
    });
    tell({ event: 'enterprise.consent', enterpriseId, resellerId, actionType, result: 'revoked' });
    return { status: 303, headers: { location: `/enterprises/${enterpriseId}` } };
  }
}

/** An enterprise in the columns of the list of resellers; `under` its reseller, or in a list of its own. */
export function enterpriseRow(enterprise: Enterprise, under: boolean): Html {
  const { enterpriseId, enterpriseName, adminEmail, services, billingReferences, createdDate } = enterprise;
  return html`<tr${under && html` class="under"`} data-enterprise="${enterpriseId}">
<td class="name"><a href="/enterprises/${enterpriseId}">${enterpriseName}</a></td>
<td data-label="State">${stateOf(enterprise)}</td>
<td class="mail" data-label="Admin Email"><span>${adminEmail || '—'}</span></td>
<td data-label="Services"><span>${services.length > 0 ? serviceList(services) : '—'}</span></td>
<td data-label="Billing Reference"><span>${billingList(billingReferences)}</span></td>
<td data-label="Created">${day(createdDate)}</td>
<td class="act"></td>
</tr>
`;
}

/** The state of an enterprise, and who is waited for. */
export function stateOf(enterprise: Enterprise): Html {
  const { state, tone, waitingFor } = progressOf(enterprise);
  return html`<div>${chip(state, tone)}${waitingFor && html`<p class="waits">Waiting for ${waitingFor}</p>`}</div>`;
}

function one(state: State, enterprise: Enterprise, sent: boolean): Html {
  const { invitation, registeredDate, admin } = enterprise;
  const reseller = findReseller(state, enterprise.resellerId);
  const regions = enterprise.sbcGateways.map(regionOf);
  const types = enterprise.pbxId.map(typeOf);
  return html`<p><a href="/">All resellers</a>${reseller && html` / <a href="/resellers/${reseller.resellerId}">${reseller.resellerName}</a>`}</p>
<div class="card">
${sent && isInvited(enterprise) && html`<p class="note good" role="status">A new invitation e-mail is on its way. The links in older ones no longer work.</p>`}
<h1>${enterprise.enterpriseName}</h1>
${stateOf(enterprise)}
<dl>
<dt>Enterprise id</dt><dd>${enterprise.enterpriseId}</dd>
<dt>Enterprise Admin Email</dt><dd>${enterprise.adminEmail || '—'}</dd>
${admin ? html`<dt>Administrator</dt><dd>${admin.name}</dd>` : ''}
<dt>Services</dt><dd>${enterprise.services.length > 0 ? serviceList(enterprise.services) : '—'}</dd>
<dt>SBC Region</dt><dd>${regions.join(', ') || '—'}</dd>
<dt>PBX Type</dt><dd>${types.join(', ') || '—'}</dd>
<dt>User Limit</dt><dd>${enterprise.userLimit ?? 'Unlimited'}</dd>
<dt>Options</dt><dd>${optionsOf(enterprise)}</dd>
<dt>Billing Reference</dt><dd>${billingList(enterprise.billingReferences)}</dd>
<dt>Created</dt><dd>${moment(enterprise.createdDate)}</dd>
<dt>Registered</dt><dd>${registeredDate ? moment(registeredDate) : 'Not yet'}</dd>
${registeredDate ? '' : html`<dt>E-mails sent</dt><dd>${invitation.mailsSent}</dd>`}
</dl>
${isInvited(enterprise) && html`<form method="post" action="/enterprises/${enterprise.enterpriseId}/resend"><button type="submit">Resend Invitation Email</button></form>`}
</div>
${registeredDate && actionItems(enterprise)}
${registeredDate && routingSection(enterprise)}
${registeredDate && pbxSection(pbxesOf(state, enterprise.enterpriseId))}`;
}

/** (E) The portal's table of this name, with Revoke where a consent was granted. */
const actionItems = (enterprise: Enterprise) => html`<h2>Enterprise Admin Action Items</h2>
<div class="card list"><table>
<thead><tr><th scope="col">Consent</th><th scope="col">State</th><th scope="col">Needed</th><th scope="col">Since</th><th scope="col"><span class="unseen">Action</span></th></tr></thead>
<tbody>
${shownConsents(enterprise).map((consent) => actionItem(enterprise, consent))}
</tbody></table></div>`;

function actionItem(
  { enterpriseId, consents }: Enterprise,
  { actionType, mandatory, state, changedDate }: ReturnType<typeof shownConsents>[number],
): Html {
  const granted = state === 'Granted Consent';
  const { title } = consentTypes[actionType];
  const answer = consents[actionType]?.answer;
  return html`<tr data-consent="${actionType}">
<td class="name">${title}</td>
<td data-label="State"><div>${chip(state, granted ? 'good' : 'wait')}${answer && !granted && html`<p class="waits">${answer === 'declined' ? 'Declined' : 'Revoked'}</p>`}</div></td>
<td data-label="Needed"><span>${mandatory ? 'Mandatory' : 'Optional'}</span></td>
<td data-label="Since">${changedDate ? moment(changedDate) : html`<span>—</span>`}</td>
<td class="act">${granted && html`<form method="post" action="/enterprises/${enterpriseId}/revoke"><button class="small" name="actionType" value="${actionType}" type="submit" aria-label="Revoke ${title}">Revoke</button></form>`}</td>
</tr>
`;
}

/** The boxes that are ticked, in the portal's words. */
function optionsOf(enterprise: Enterprise): string {
  const ticked: [boolean, string][] = [
    [enterprise.pbxMOH, 'PBX Music on Hold'],
    [enterprise.accessSIPData, 'Access SIP Data'],
    [enterprise.canResellerManageEnterpriseProvisioning, 'Request Consent for Enterprise Management'],
    [enterprise.canAddExtensions, 'Add New Extensions'],
    [enterprise.allowExternalNumbers, 'Allow External Numbers'],
    [enterprise.restrictAdminAccess, 'Restricted Access'],
  ];
  return ticked.flatMap(([is, words]) => (is ? [words] : [])).join(', ') || 'None';
}

const notFound = html`<div class="card"><h1>Not found</h1>
<p class="quiet">There is no enterprise at this address. <a href="/">All resellers</a></p></div>`;
