import type { Request, Server } from 'restify';
import * as z from 'zod';
import { findLink, newLink } from './action-link.ts';
import { consentActions, consentTypes, shownConsents } from './consent.ts';
import { expired, notValid, onward } from './consent-page.ts';
import { type Enterprise, whoAdministers } from './enterprise.ts';
import { mistakes, textField } from './field.ts';
import { type Html, html } from './html.ts';
import { Refusal, type Reply, readForm, readQuery, route } from './http.ts';
import { page } from './page.ts';
import { chip } from './portal-words.ts';
import type { Parts } from './simulator.ts';
import { findReseller, type State } from './state.ts';

const dashboardQuery = z.object({
  key: z.string().catch(''),
  welcome: z.string().optional().catch(undefined),
});
const ask = z.object({ key: z.string(), actionType: z.enum(consentActions) });

/** What the customer's administrator sees in the enterprise portal: signing in, and the action items (E). */
export function serveDashboard(server: Server, { store, clock, tell, log }: Parts): void {
  const tokenIn = (request: Request) => new URLSearchParams(request.getQuery()).get('token') ?? '';
  const login = (token: string) => {
    const found = findLink(store.state, token, clock());
    return found?.action === 'LOGIN_ENTERPRISE_ADMIN' ? found : undefined;
  };

  server.get(
    '/login',
    route((request) => loginPage(tokenIn(request), '', undefined), { log }),
  );

  server.post(
    '/login',
    route(
      async (request) => {
        const { token = '', adminEmail = '' } = readForm(request);
        const known = login(token);
        if (known?.state !== 'open') return loginPage(token, '', undefined);
        if (whoAdministers(known.enterprise).toLowerCase() !== adminEmail.trim().toLowerCase())
          return loginPage(token, adminEmail, 'This is not the administrator who registered the organisation.');
        const done = await store.change((draft) => {
          const found = findLink(draft, token, clock());
          if (found?.state !== 'open') return undefined;
          found.enterprise.links.LOGIN_ENTERPRISE_ADMIN!.used = true;
          return found;
        });
        if (!done) return loginPage(token, '', undefined);
        const { enterpriseId, resellerId, portalKey } = done.enterprise;
        tell({ event: 'enterprise.login', enterpriseId, resellerId, msalAuthentication: simulatedToken });
        return { status: 303, headers: { location: dashboardOf(portalKey) } };
      },
      { log },
    ),
  );

  server.get(
    '/dashboard',
    route(
      (request) => {
        const { key, welcome } = readQuery(request, dashboardQuery);
        const enterprise = withKey(store.state, key);
        if (!enterprise) return { status: 404, body: page('Link not valid', notValid) };
        const provider = findReseller(store.state, enterprise.resellerId)?.resellerName ?? '';
        const body = page(enterprise.enterpriseName, dashboard(enterprise, provider, welcome === '1'));
        return { status: 200, body };
      },
      { log },
    ),
  );

  // A button, not a link: it makes a new link to the consent, which replaces the one that was sent.
  server.post(
    '/dashboard',
    route(
      async (request) => {
        const asked = ask.safeParse(readForm(request));
        if (!asked.success) throw new Refusal(400, { message: 'Use the button on the dashboard.' });
        const { key, actionType } = asked.data;
        const location = await store.change((draft) => {
          const enterprise = withKey(draft, key);
          if (!enterprise) throw new Refusal(404, { message: 'This dashboard is not known.' });
          return newLink(enterprise, actionType, { callbackUrl: dashboardOf(key), now: clock() });
        });
        return { status: 303, headers: { location } };
      },
      { log },
    ),
  );

  function loginPage(token: string, adminEmail: string, error: string | undefined): Reply {
    const found = login(token);
    if (!found || found.state === 'used') return { status: 404, body: page('Link not valid', notValid) };
    if (found.state === 'expired') return { status: 410, body: page('Link expired', expired) };
    const body = page(`${error ? 'Error: ' : ''}Sign in`, signIn(token, adminEmail, error, found.enterprise));
    return { status: error ? 422 : 200, body };
  }
}

/** (E) A registration and a sign-in hand a Microsoft token to the webhook; (I) its shape. This one opens nothing. */
export const simulatedToken = { accessToken: 'simulated-microsoft-token', accessTokenType: 'simulated' } as const;

/** Where an administrator who has signed in goes. */
export const dashboardOf = (key: string) => `/dashboard?${new URLSearchParams({ key })}`;

/** An enterprise that was registered by hand has a key; a seeded one has none, so nobody sees its dashboard unasked. */
const withKey = (state: State, key: string) =>
  key === '' ? undefined : state.enterprises.find((one) => one.portalKey === key);

function signIn(token: string, value: string, error: string | undefined, { enterpriseName }: Enterprise): Html {
  const common = { name: 'adminEmail', label: 'Microsoft 365 Admin Email', type: 'email', autocomplete: 'email' };
  const hint = 'The administrator who registered the organisation';
  return html`<div class="card">
<h1>Sign in for ${enterpriseName}</h1>
<p class="quiet">In reality you would now sign in with Microsoft; here you say who you are.</p>
${mistakes(error ? 1 : 0)}
<form method="post" action="/login" novalidate>
<input type="hidden" name="token" value="${token}">
${textField({ ...common, value, error, hint, focus: true })}
<button class="wide" type="submit">Sign in</button>
</form>
</div>`;
}

function dashboard(enterprise: Enterprise, provider: string, welcome: boolean): Html {
  const { enterpriseName, admin, portalKey, links } = enterprise;
  return html`<div class="card">
${welcome && html`<p class="note good" role="status">The organisation is registered.</p>`}
<h1>${enterpriseName}</h1>
<p>Welcome${admin && `, ${admin.name}`}. Your provider in TeamMate is <strong>${provider}</strong>.</p>
<h2>Enterprise Admin Action Items</h2>
<ul class="items">
${shownConsents(enterprise).map((consent) => item(consent, portalKey))}
</ul>
<p class="quiet">${provider} is told of each answer automatically.</p>
${onward(links.REGISTRATION?.callbackUrl, `Back to ${provider}`)}
</div>`;
}

function item({ actionType, mandatory, state }: ReturnType<typeof shownConsents>[number], key: string): Html {
  const granted = state === 'Granted Consent';
  const { title } = consentTypes[actionType];
  return html`<li id="${actionType}">
<div><strong>${title}</strong> <span class="quiet">${mandatory ? 'Mandatory' : 'Optional'}</span><br>${chip(state, granted ? 'good' : 'wait')}</div>
${
  !granted &&
  html`<form method="post" action="/dashboard"><input type="hidden" name="key" value="${key}"><button class="small" name="actionType" value="${actionType}" type="submit" aria-label="Grant Consent: ${title}">Grant Consent</button></form>`
}
</li>
`;
}
