import { type Enterprise, whoAdministers } from './enterprise.ts';
import { type Html, html } from './html.ts';
import type { Letter } from './mail.ts';
import { type Routing, regionOf } from './routing.ts';
import type { Reseller } from './state.ts';

/** The activation e-mail of a reseller (E). */
export function activationLetter(publicUrl: string, masterReseller: string, to: Reseller): Letter {
  const link = `${publicUrl}/activate?code=${encodeURIComponent(to.invitation.code)}`;
  const rest = `You will be asked for this code, for the address this e-mail came to, and for a user name and a password. \
If you did not expect this, do nothing: without you the account stays inactive.`;
  return {
    to: to.preferredEmail,
    subject: `Activate ${to.resellerName} in TeamMate`,
    text: [
      `${masterReseller} has added ${to.resellerName} to TeamMate as a reseller.`,
      `Activate the account here: ${link}`,
      `Invitation code: ${to.invitation.code}`,
      rest,
    ].join('\n\n'),
    html: sheet(`Activate ${to.resellerName}`, rest, [
      html`${masterReseller} has added <strong>${to.resellerName}</strong> to TeamMate as a reseller.`,
      button(link, 'Activate the account'),
      codeLine(to.invitation.code),
    ]),
  };
}

/** The invitation of an enterprise's administrator (E); its words are ours. */
export function registrationLetter(publicUrl: string, reseller: string, to: Enterprise): Letter {
  const link = `${publicUrl}/register?code=${encodeURIComponent(to.invitation.code)}`;
  const rest = `Only a Global Administrator of your Microsoft 365 can do this. If that is somebody else, forward this e-mail. \
If you did not expect it, do nothing: without you nothing is connected.`;
  return {
    to: to.adminEmail,
    subject: `Connect ${to.enterpriseName} to Microsoft Teams calling`,
    text: [
      `${reseller} invites ${to.enterpriseName} to connect its telephones to Microsoft Teams with TeamMate.`,
      `Register here: ${link}`,
      `Invitation code: ${to.invitation.code}`,
      rest,
    ].join('\n\n'),
    html: sheet(`Connect ${to.enterpriseName} to Microsoft Teams`, rest, [
      html`${reseller} invites <strong>${to.enterpriseName}</strong> to connect its telephones to Microsoft Teams with TeamMate.`,
      button(link, 'Register'),
      codeLine(to.invitation.code),
    ]),
  };
}

/** (E) That an e-mail tells the end of Direct Routing; (I) whom, and its words. */
export function routingLetter(reseller: string, to: Enterprise, { domain, sbcGatewayId }: Routing): Letter {
  const region = regionOf(sbcGatewayId);
  const done = `Direct Routing of ${to.enterpriseName} is active in ${region}, and its voice routes have been created.`;
  const rest = `${reseller} can now connect the telephone system. You have nothing to do.`;
  return {
    to: whoAdministers(to),
    subject: `Direct Routing of ${to.enterpriseName} is active`,
    text: [done, `Domain: ${domain}`, rest].join('\n\n'),
    html: sheet('Direct Routing is active', rest, [
      html`${done}`,
      html`Domain: <strong style="font-family:Consolas,monospace">${domain}</strong>`,
    ]),
  };
}

const codeLine = (code: string) =>
  html`Invitation code: <strong style="font-family:Consolas,monospace">${code}</strong>`;

const button = (link: string, label: string) =>
  html`<a href="${link}" style="display:inline-block;margin:8px 0;padding:12px 22px;border-radius:8px;background:#4a4fc4;color:#ffffff;font-weight:600;text-decoration:none">${label}</a>`;

/** Styles stand in the elements, because mail programs drop the rest. */
function sheet(heading: string, small: string, paragraphs: Html[]): Html {
  return html`<!doctype html>
<html lang="en"><body style="margin:0;background:#f3f3f8">
<div style="max-width:520px;margin:0 auto;padding:32px 24px;font:16px/1.5 'Segoe UI',system-ui,sans-serif;color:#1f2030">
<div style="padding:28px;border-radius:12px;background:#ffffff">
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">${heading}</h1>
${paragraphs.map((paragraph) => html`<p style="margin:0 0 16px">${paragraph}</p>\n`)}
<p style="margin:0;color:#5c5e73;font-size:14px">${small}</p>
</div></div></body></html>`;
}
