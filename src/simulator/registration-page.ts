import type { Request, Server } from 'restify';
import { dashboardOf, simulatedToken } from './dashboard.ts';
import type { Enterprise } from './enterprise.ts';
import { mistakes, textField, tickField } from './field.ts';
import { inFrame } from './frame.ts';
import { html } from './html.ts';
import { type Reply, readForm, route } from './http.ts';
import { page } from './page.ts';
import {
  enterpriseInvitedBy,
  type Registration,
  type RegistrationErrors,
  type RegistrationField,
  register,
  registrationErrors,
  registrationFields,
  registrationForm,
} from './registration.ts';
import type { Parts } from './simulator.ts';
import { findReseller } from './state.ts';

/** The page on which the customer's administrator registers the organisation; it leads to the dashboard. */
export function serveRegistration(server: Server, { store, clock, tell, log }: Parts): void {
  server.get(
    '/register',
    route(
      (request) => {
        const framed = inFrame(request);
        if (framed) return framed;
        const code = new URLSearchParams(request.getQuery()).get('code') ?? '';
        const form = registrationForm.parse({ invitationCode: code });
        // A link that cannot work says so at once, not after a form has been filled in for nothing.
        const { invitationCode } = registrationErrors(store.state, form);
        return formPage(form, code && invitationCode ? { invitationCode } : {}, 200);
      },
      { log },
    ),
  );

  server.post('/register', route(submit, { log }));

  async function submit(request: Request): Promise<Reply> {
    const form = registrationForm.parse(readForm(request));
    const outcome = await store.change((draft) => {
      const wrong = registrationErrors(draft, form);
      return Object.keys(wrong).length > 0 ? { wrong } : { enterprise: register(draft, form, clock()) };
    });
    if ('wrong' in outcome) return formPage(form, outcome.wrong, 422);
    const { enterpriseId, resellerId, portalKey } = outcome.enterprise;
    tell({ event: 'enterprise.registered', enterpriseId, resellerId, msalAuthentication: simulatedToken });
    // So that a reload shows the page again and does not send the form again.
    return { status: 303, headers: { location: `${dashboardOf(portalKey)}&welcome=1` } };
  }

  const providerOf = ({ resellerId }: Enterprise) => findReseller(store.state, resellerId)?.resellerName ?? '';

  function formPage(form: Registration, errors: RegistrationErrors, status: number): Reply {
    const invited = errors.invitationCode ? undefined : enterpriseInvitedBy(store.state, form.invitationCode);
    const count = Object.keys(errors).length;
    const title = `${count > 0 ? 'Error: ' : ''}Register your organisation`;
    return { status, body: page(title, content(form, errors, invited, invited && providerOf(invited))) };
  }
}

const attributes: Record<
  Exclude<RegistrationField, 'accept'>,
  { type?: string; autocomplete: string; hint: string }
> = {
  invitationCode: { autocomplete: 'one-time-code', hint: 'From the latest invitation e-mail' },
  adminName: { autocomplete: 'name', hint: 'First and last name' },
  adminEmail: { type: 'email', autocomplete: 'email', hint: 'The address that was invited: a Global Administrator’s' },
};

function content(
  form: Registration,
  errors: RegistrationErrors,
  invited: Enterprise | undefined,
  provider: string | undefined,
) {
  const names = Object.keys(registrationFields) as RegistrationField[];
  const wrong = names.filter((name) => errors[name]);
  const input = (name: RegistrationField) => {
    const common = { name, value: form[name], error: errors[name], focus: name === wrong[0] };
    if (name !== 'accept') return textField({ ...common, ...attributes[name], label: registrationFields[name] });
    return tickField({
      ...common,
      label: `I administer Microsoft 365 for ${invited?.enterpriseName ?? 'this organisation'} and accept that TeamMate connects it to ${provider ?? 'the provider'}’s telephone service.`,
    });
  };
  // `novalidate`: the server's answer names every mistake at once; a browser stops at the first.
  return html`<div class="card">
<h1>Register ${invited?.enterpriseName ?? 'your organisation'}</h1>
<p class="quiet">${invited ? html`<strong>${provider}</strong> invites you to connect your telephones to Microsoft Teams. ` : ''}In reality you would now sign in with Microsoft; here you say who you are.</p>
${mistakes(wrong.length)}
<form method="post" action="/register" novalidate>
${names.map(input)}
<button class="wide" type="submit">Register</button>
</form>
</div>`;
}
