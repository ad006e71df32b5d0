import type { Request, Server } from 'restify';
import * as z from 'zod';
import { html } from './html.ts';
import { Refusal, type Reply, readId, readQuery, route } from './http.ts';
import { page } from './page.ts';
import type { Parts } from './simulator.ts';
import { findReseller, type Reseller, type State } from './state.ts';

const pageSize = 50;
const listQuery = z.object({ page: z.coerce.number().int().min(1).max(1_000_000).default(1).catch(1) });
const oneQuery = z.object({ sent: z.string().optional().catch(undefined) });

/** What a master reseller would look at in TeamMate's own portal: all resellers, and one with Resend. */
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
        return { status: 200, body: one(reseller, readQuery(request, oneQuery).sent === '1') };
      },
      { log },
    ),
  );

  server.post('/resellers/:id/resend', route(resend, { log }));

  async function resend(request: Request): Promise<Reply> {
    // The portal has no login, so at least no other site may click for whoever has it open.
    if (!['same-origin', 'none', undefined].includes(request.header('sec-fetch-site') || undefined)) {
      throw new Refusal(403, { message: 'Use the button on the portal.' });
    }
    const { resellerId } = await invite.again(readId(request));
    return { status: 303, headers: { location: `/resellers/${resellerId}?sent=1` } };
  }
}

const titles: Record<Reseller['services'][number], string> = { PBX: 'PBX Connector', TRUNK: 'SIP Trunk' };
/** A line may break between two services, not within one. */
const servicesOf = ({ services }: Reseller) =>
  services.map(
    (service, index) =>
      html`${index > 0 && ' '}<span class="one">${titles[service]}${index + 1 < services.length && ','}</span>`,
  );
const billingOf = (reseller: Reseller) => reseller.billingReferences.join(', ') || '—';

function stateOf({ activatedDate, invitation }: Reseller) {
  if (activatedDate) return html`<span class="chip good">Active</span>`;
  if (invitation.mail === 'failed') return html`<span class="chip bad">E-mail not sent</span>`;
  return html`<span class="chip wait">${invitation.mail === 'sent' ? 'Waiting for activation' : 'Sending e-mail'}</span>`;
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
const timeFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
const day = (iso: string) => html`<time datetime="${iso}">${dateFormat.format(new Date(iso))}</time>`;
const moment = (iso: string) => html`<time datetime="${iso}">${timeFormat.format(new Date(iso))} UTC</time>`;

const resendForm = (reseller: Reseller, label: string, style: string) =>
  !reseller.activatedDate &&
  html`<form method="post" action="/resellers/${reseller.resellerId}/resend"><button class="${style}" type="submit" aria-label="${label} to ${reseller.preferredEmail}">${label}</button></form>`;

function list({ masterReseller, resellers }: State, wanted: number) {
  const newestFirst = resellers.toReversed();
  const pages = Math.max(1, Math.ceil(newestFirst.length / pageSize));
  const number = Math.min(wanted, pages);
  const shown = newestFirst.slice((number - 1) * pageSize, number * pageSize);
  const active = resellers.filter((one) => one.activatedDate).length;
  const content = html`<div class="head"><h1>Resellers of ${masterReseller.name}</h1>
<p class="quiet">${resellers.length} in all, ${active} active</p></div>
<div class="card list"><table>
<thead><tr><th scope="col">Reseller Name</th><th scope="col">State</th><th scope="col">Preferred Email</th><th scope="col">Services</th><th scope="col">Billing Reference</th><th scope="col">Created</th><th scope="col"><span class="unseen">Action</span></th></tr></thead>
<tbody>
${shown.map(row)}
</tbody></table></div>
${
  pages > 1 &&
  html`<nav class="pages" aria-label="Pages"><span>${number > 1 && html`<a href="/?page=${number - 1}">Newer</a>`}</span>
<span class="quiet">Page ${number} of ${pages}</span><span>${number < pages && html`<a href="/?page=${number + 1}">Older</a>`}</span></nav>`
}`;
  return page('Resellers', content, { narrow: false });
}

const row = (reseller: Reseller) => html`<tr id="reseller-${reseller.resellerId}">
<td class="name"><a href="/resellers/${reseller.resellerId}">${reseller.resellerName}</a></td>
<td data-label="State">${stateOf(reseller)}</td>
<td class="mail" data-label="Preferred Email"><span>${reseller.preferredEmail}</span></td>
<td data-label="Services"><span>${servicesOf(reseller)}</span></td>
<td data-label="Billing Reference"><span>${billingOf(reseller)}</span></td>
<td data-label="Created">${day(reseller.createdDate)}</td>
<td class="act">${resendForm(reseller, 'Resend', 'small')}</td>
</tr>
`;

function one(reseller: Reseller, sent: boolean) {
  const { activatedDate, invitation } = reseller;
  const content = html`<p><a href="/">All resellers</a></p>
<div class="card">
${sent && !activatedDate && html`<p class="note good" role="status">A new activation e-mail is on its way. The links in older ones no longer work.</p>`}
<h1>${reseller.resellerName}</h1>
${stateOf(reseller)}
<dl>
<dt>Reseller id</dt><dd>${reseller.resellerId}</dd>
<dt>Preferred Email</dt><dd>${reseller.preferredEmail}</dd>
<dt>Services</dt><dd>${servicesOf(reseller)}</dd>
<dt>Billing Reference</dt><dd>${billingOf(reseller)}</dd>
<dt>Created</dt><dd>${moment(reseller.createdDate)}</dd>
<dt>Activated</dt><dd>${activatedDate ? moment(activatedDate) : 'Not yet'}</dd>
${activatedDate ? '' : html`<dt>E-mails sent</dt><dd>${invitation.mailsSent}</dd>`}
</dl>
${resendForm(reseller, 'Resend activation e-mail', 'main')}
</div>`;
  return page(reseller.resellerName, content);
}

const notFound = html`<div class="card"><h1>Not found</h1>
<p class="quiet">There is no reseller at this address. <a href="/">All resellers</a></p></div>`;
