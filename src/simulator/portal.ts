import type { Request, Server } from 'restify';
import * as z from 'zod';
import { day, moment } from './dates.ts';
import { enterpriseRow } from './enterprise-portal.ts';
import { type Html, html } from './html.ts';
import { ownButton, type Reply, readId, readQuery, route } from './http.ts';
import { page } from './page.ts';
import { billingList, chip, serviceList } from './portal-words.ts';
import type { Parts } from './simulator.ts';
import { findReseller, type Reseller, type State } from './state.ts';

/** Resellers a page, and enterprises under each of them there; a reseller's own page shows more. */
const pageSize = 50;
const underEach = 5;
const onOwnPage = 200;
const listQuery = z.object({ page: z.coerce.number().int().min(1).max(1_000_000).default(1).catch(1) });
const oneQuery = z.object({ sent: z.string().optional().catch(undefined) });

/** What a master reseller would look at in TeamMate's own portal: all resellers with their enterprises, and one of them. */
export function servePortal(server: Server, { store, invite, log }: Parts): void {
  server.get(
    '/',
    route((request) => ({ status: 200, body: list(store.state, readQuery(request, listQuery).page) }), { log }),
  );

  server.get(
    '/resellers/:id',
    route(
      (request) => {
        const reseller = findReseller(store.state, readId(request));
        if (!reseller) return { status: 404, body: page('Not found', notFound) };
        return { status: 200, body: one(store.state, reseller, readQuery(request, oneQuery).sent === '1') };
      },
      { log },
    ),
  );

  server.post('/resellers/:id/resend', route(resend, { log }));

  async function resend(request: Request): Promise<Reply> {
    ownButton(request);
    const { resellerId } = await invite.again(readId(request));
    return { status: 303, headers: { location: `/resellers/${resellerId}?sent=1` } };
  }
}

function stateOf({ activatedDate, invitation, suspended }: Reseller) {
  if (suspended) return chip('Suspended', 'bad');
  if (activatedDate) return chip('Active', 'good');
  if (invitation.mail === 'failed') return chip('E-mail not sent', 'bad');
  return chip(invitation.mail === 'sent' ? 'Waiting for activation' : 'Sending e-mail', 'wait');
}

/** The newest first; one more than `limit` are told by their number only. */
function enterprisesOf({ enterprises }: State, { resellerId }: Reseller, limit: number, under: boolean) {
  const all = enterprises.filter((one) => one.resellerId === resellerId).toReversed();
  return { rows: all.slice(0, limit).map((one) => enterpriseRow(one, under)), more: Math.max(0, all.length - limit) };
}

const resendForm = (reseller: Reseller, label: string, style: string) =>
  !reseller.activatedDate &&
  html`<form method="post" action="/resellers/${reseller.resellerId}/resend"><button class="${style}" type="submit" aria-label="${label} to ${reseller.preferredEmail}">${label}</button></form>`;

function list(state: State, wanted: number) {
  const { masterReseller, otherMasterResellers, resellers } = state;
  const hasOrdered = ({ resellerId }: { resellerId: number }) =>
    resellers.some((one) => one.masterResellerId === resellerId);
  const newestFirst = resellers.toReversed();
  const pages = Math.max(1, Math.ceil(newestFirst.length / pageSize));
  const number = Math.min(wanted, pages);
  const shown = newestFirst.slice((number - 1) * pageSize, number * pageSize);
  const active = resellers.filter((one) => one.activatedDate).length;
  const content = html`<div class="head"><h1>Resellers of ${[masterReseller, ...otherMasterResellers.filter(hasOrdered)].map((one) => one.name).join(', ')}</h1>
<p class="quiet">${resellers.length} in all, ${active} active</p></div>
<div class="card list"><table>
<thead><tr><th scope="col">Reseller Name</th><th scope="col">State</th><th scope="col">Preferred Email</th><th scope="col">Services</th><th scope="col">Billing Reference</th><th scope="col">Created</th><th scope="col"><span class="unseen">Action</span></th></tr></thead>
<tbody>
${shown.map((reseller) => row(state, reseller))}
</tbody></table></div>
${
  pages > 1 &&
  html`<nav class="pages" aria-label="Pages"><span>${number > 1 && html`<a href="/?page=${number - 1}">Newer</a>`}</span>
<span class="quiet">Page ${number} of ${pages}</span><span>${number < pages && html`<a href="/?page=${number + 1}">Older</a>`}</span></nav>`
}`;
  return page('Resellers', content, { narrow: false });
}

const row = (state: State, reseller: Reseller) => {
  const { rows, more } = enterprisesOf(state, reseller, underEach, true);
  return html`<tr id="reseller-${reseller.resellerId}">
<td class="name"><a href="/resellers/${reseller.resellerId}">${reseller.resellerName}</a></td>
<td data-label="State">${stateOf(reseller)}</td>
<td class="mail" data-label="Preferred Email"><span>${reseller.preferredEmail}</span></td>
<td data-label="Services"><span>${serviceList(reseller.services)}</span></td>
<td data-label="Billing Reference"><span>${billingList(reseller.billingReferences)}</span></td>
<td data-label="Created">${day(reseller.createdDate)}</td>
<td class="act">${resendForm(reseller, 'Resend', 'small')}</td>
</tr>
${rows}${more > 0 && html`<tr class="under"><td class="name" colspan="7"><a href="/resellers/${reseller.resellerId}">${more} more</a></td></tr>`}`;
};

function one(state: State, reseller: Reseller, sent: boolean) {
  const { rows, more } = enterprisesOf(state, reseller, onOwnPage, false);
  const { activatedDate, invitation } = reseller;
  const content = html`<p><a href="/">All resellers</a></p>
<div class="card">
${sent && !activatedDate && html`<p class="note good" role="status">A new activation e-mail is on its way. The links in older ones no longer work.</p>`}
<h1>${reseller.resellerName}</h1>
${stateOf(reseller)}
<dl>
<dt>Reseller id</dt><dd>${reseller.resellerId}</dd>
<dt>Preferred Email</dt><dd>${reseller.preferredEmail}</dd>
<dt>Services</dt><dd>${serviceList(reseller.services)}</dd>
<dt>Billing Reference</dt><dd>${billingList(reseller.billingReferences)}</dd>
<dt>Created</dt><dd>${moment(reseller.createdDate)}</dd>
<dt>Activated</dt><dd>${activatedDate ? moment(activatedDate) : 'Not yet'}</dd>
${activatedDate ? '' : html`<dt>E-mails sent</dt><dd>${invitation.mailsSent}</dd>`}
</dl>
${resendForm(reseller, 'Resend activation e-mail', 'main')}
</div>
${rows.length > 0 && enterpriseTable(rows, more)}`;
  return page(reseller.resellerName, content, { narrow: rows.length === 0 });
}

const enterpriseTable = (rows: Html[], more: number) => html`<h2>Enterprises</h2>
<div class="card list"><table>
<thead><tr><th scope="col">Enterprise Name</th><th scope="col">State</th><th scope="col">Enterprise Admin Email</th><th scope="col">Services</th><th scope="col">Billing Reference</th><th scope="col">Created</th><th></th></tr></thead>
<tbody>
${rows}
</tbody></table></div>
${more > 0 && html`<p class="quiet">and ${more} older ones</p>`}`;

const notFound = html`<div class="card"><h1>Not found</h1>
<p class="quiet">There is no reseller at this address. <a href="/">All resellers</a></p></div>`;
