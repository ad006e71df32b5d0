import type { Request, Server } from 'restify';
import {
  type Activation,
  type ActivationErrors,
  type ActivationField,
  activate,
  activationErrors,
  activationFields,
  activationForm,
  hashPassword,
  invitedBy,
} from './accounts.ts';
import { mistakes, textField } from './field.ts';
import { inFrame } from './frame.ts';
import { html } from './html.ts';
import { type Reply, readForm, readId, route } from './http.ts';
import { page } from './page.ts';
import type { Parts } from './simulator.ts';
import { findReseller } from './state.ts';

/** The page an invited person fills in, and the one that tells them that it worked. */
export function serveActivation(server: Server, { store, login, clock, tell, log }: Parts): void {
  const errorsOf = (form: Activation) => activationErrors(store.state, form, login.username);

  server.get(
    '/activate',
    route(
      (request) => {
        const framed = inFrame(request);
        if (framed) return framed;
        const code = new URLSearchParams(request.getQuery()).get('code') ?? '';
        const form = activationForm.parse({ invitationCode: code });
        // A link that cannot work says so at once, not after a form has been filled in for nothing.
        const { invitationCode } = errorsOf(form);
        return formPage(form, code && invitationCode ? { invitationCode } : {}, 200);
      },
      { log },
    ),
  );

  server.post('/activate', route(submit, { log }));

  async function submit(request: Request): Promise<Reply> {
    const form = activationForm.parse(readForm(request));
    const wrong = errorsOf(form);
    if (Object.keys(wrong).length > 0) return formPage(form, wrong, 422);
    const hash = await hashPassword(form.password);
    const outcome = await store.change((draft) => {
      // Somebody else may have taken the code or the name while the password was being hashed.
      const late = activationErrors(draft, form, login.username);
      return Object.keys(late).length > 0 ? late : activate(draft, form, hash, clock()).resellerId;
    });
    if (typeof outcome !== 'number') return formPage(form, outcome, 422);
    tell({ event: 'reseller.activated', resellerId: outcome });
    // So that a reload shows the page again and does not send the form again.
    return { status: 303, headers: { location: `/activated/${outcome}` } };
  }

  server.get(
    '/activated/:id',
    route(
      (request) => {
        const reseller = findReseller(store.state, readId(request));
        if (!reseller?.activatedDate) return { status: 404, body: page('Not active', notActive) };
        return { status: 200, body: page('Account active', done(reseller.resellerName, reseller.admin?.userName)) };
      },
      { log },
    ),
  );

  function formPage(form: Activation, errors: ActivationErrors, status: number): Reply {
    const invited = errors.invitationCode ? undefined : invitedBy(store.state, form.invitationCode)?.resellerName;
    const count = Object.keys(errors).length;
    const title = `${count > 0 ? 'Error: ' : ''}Activate your account`;
    return { status, body: page(title, content(form, errors, invited)) };
  }
}

const hints: Partial<Record<ActivationField, string>> = {
  invitationCode: 'From the latest activation e-mail',
  adminEmail: 'The address the e-mail came to',
  userName: '3 to 64 characters, without spaces',
  password: 'At least 8 characters',
};

const attributes: Record<ActivationField, { type: string; autocomplete: string }> = {
  invitationCode: { type: 'text', autocomplete: 'one-time-code' },
  adminEmail: { type: 'email', autocomplete: 'email' },
  userName: { type: 'text', autocomplete: 'username' },
  password: { type: 'password', autocomplete: 'new-password' },
  confirmPassword: { type: 'password', autocomplete: 'new-password' },
};

function content(form: Activation, errors: ActivationErrors, invited: string | undefined) {
  const names = Object.keys(activationFields) as ActivationField[];
  const wrong = names.filter((name) => errors[name]);
  // `novalidate`: the server's answer names every mistake at once; a browser stops at the first.
  return html`<div class="card">
<h1>Activate your account</h1>
<p class="quiet">${invited ? html`You have been invited as <strong>${invited}</strong>. ` : ''}Choose how you will sign in to TeamMate.</p>
${mistakes(wrong.length)}
<form method="post" action="/activate" novalidate>
${names.map((name) =>
  textField({
    ...attributes[name],
    name,
    label: activationFields[name],
    value: form[name],
    error: errors[name],
    hint: hints[name],
    focus: name === wrong[0],
  }),
)}
<button class="wide" type="submit">Activate</button>
</form>
</div>`;
}

const done = (name: string, userName: string | undefined) => html`<div class="card">
<p class="note good" role="status">The account is active.</p>
<h1>Welcome, ${name}</h1>
<p>You can now sign in to TeamMate as <strong>${userName ?? ''}</strong> and add enterprises.</p>
<p class="quiet">Whoever ordered this account will be told automatically. You can close this page.</p>
</div>`;

const notActive = html`<div class="card">
<h1>Not active</h1>
<p class="quiet">There is no active account at this address. Use the link in the latest activation e-mail.</p>
</div>`;
