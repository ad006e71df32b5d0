import type { Request, Server } from 'restify';
import { findLink } from './action-link.ts';
import { type Answer, type ConsentAction, consentTypes, isConsent } from './consent.ts';
import { type Enterprise, whoAdministers } from './enterprise.ts';
import { type Html, html } from './html.ts';
import { type Reply, readForm, route } from './http.ts';
import { page } from './page.ts';
import type { Parts } from './simulator.ts';
import { findReseller } from './state.ts';

/** The page on which the customer's administrator grants or declines one consent, and what became of it. */
export function serveConsent(server: Server, { store, clock, tell, log }: Parts): void {
  const linked = (token: string) => {
    const found = findLink(store.state, token, clock());
    return found && isConsent(found.action) ? { ...found, action: found.action } : undefined;
  };
  const tokenOf = (request: Request) => new URLSearchParams(request.getQuery()).get('token') ?? '';

  server.get(
    '/consent',
    route(
      (request) => {
        const token = tokenOf(request);
        const found = linked(token);
        if (!found) return { status: 404, body: page('Link not valid', notValid) };
        if (found.state === 'expired') return { status: 410, body: page('Link expired', expired) };
        const { enterprise, action } = found;
        const { title } = consentTypes[action];
        if (found.state === 'used') return { status: 200, body: page(title, answered(found)) };
        const provider = findReseller(store.state, enterprise.resellerId)?.resellerName ?? '';
        return { status: 200, body: page(`Consent: ${title}`, question(enterprise, action, provider, token)) };
      },
      { log },
    ),
  );

  server.post('/consent', route(answer, { log }));

  async function answer(request: Request): Promise<Reply> {
    const { token = '', answer = '' } = readForm(request);
    if (answer !== 'granted' && answer !== 'declined') return { status: 422, body: page('No answer', noAnswer) };
    const done = await store.change((draft) => {
      const found = findLink(draft, token, clock());
      if (found?.state !== 'open' || !isConsent(found.action)) return undefined;
      const { enterprise, action } = found;
      enterprise.consents[action] = { answer, date: clock().toISOString() };
      enterprise.links[action]!.used = true;
      return { enterprise, actionType: action };
    });
    if (done) {
      const { enterpriseId, resellerId } = done.enterprise;
      tell({ event: 'enterprise.consent', enterpriseId, resellerId, actionType: done.actionType, result: answer });
    }
    // Whoever was too late sees there what became of the link.
    return { status: 303, headers: { location: `/consent?${new URLSearchParams({ token })}` } };
  }
}

/** Where the administrator came from. A link, not a redirect: a form may not lead to another site (see `page.ts`). */
export const onward = (callbackUrl: string | null | undefined, label = 'Continue') =>
  callbackUrl && html`<p><a class="button" id="continue" href="${callbackUrl}">${label}</a></p>`;

function question(enterprise: Enterprise, action: ConsentAction, provider: string, token: string): Html {
  const { title, allows } = consentTypes[action];
  const twoWay = (answer: Exclude<Answer, 'revoked'>, label: string, id: string, style: string) =>
    html`<button id="${id}" class="${style}" name="answer" value="${answer}" type="submit">${label}</button>`;
  return html`<div class="card">
<p class="quiet">Signed in as ${whoAdministers(enterprise)}</p>
<h1>${title}: permission requested</h1>
<p>TeamMate, for <strong>${provider}</strong>, asks for this on behalf of everybody in <strong>${enterprise.enterpriseName}</strong>:</p>
<ul class="allows">${allows.map((line) => html`<li>${line}</li>`)}</ul>
<p class="quiet">It can be revoked at any time. In reality this page would be Microsoft’s.</p>
<form class="pair" method="post" action="/consent">
<input type="hidden" name="token" value="${token}">
${twoWay('granted', 'Accept', 'accept', '')}
${twoWay('declined', 'Decline', 'decline', 'quiet-button')}
</form>
</div>`;
}

function answered({
  enterprise,
  action,
  callbackUrl,
}: {
  enterprise: Enterprise;
  action: ConsentAction;
  callbackUrl: string | null;
}): Html {
  const { title } = consentTypes[action];
  const outcome = enterprise.consents[action]?.answer;
  const notes: Record<Answer, Html> = {
    granted: html`<p class="note good" role="status">Granted Consent</p>`,
    declined: html`<p class="note bad" role="status">Consent declined</p>`,
    revoked: html`<p class="note bad" role="status">Consent revoked</p>`,
  };
  return html`<div class="card">
${outcome && notes[outcome]}
<h1>${title}</h1>
<p>${outcome === 'granted' ? `${enterprise.enterpriseName} has granted this consent.` : 'The provider can ask again with a new link.'}</p>
<p class="quiet">Whoever asked has been told automatically. You can close this page.</p>
${onward(callbackUrl)}
</div>`;
}

export const notValid = html`<div class="card"><h1>Link not valid</h1>
<p class="quiet">This link is not known, or a newer one has replaced it. Use the link in the latest message from your provider.</p></div>`;

export const expired = html`<div class="card"><h1>Link expired</h1>
<p class="quiet">Links work for one day. Ask your provider for a new one.</p></div>`;

const noAnswer = html`<div class="card"><h1>No answer</h1>
<p class="quiet">Go back and choose Accept or Decline.</p></div>`;
