import nodemailer from 'nodemailer';
import { html } from './html.ts';
import type { Reseller } from './state.ts';

export interface Smtp {
  host: string;
  port: number;
}

/** Sends one activation e-mail over SMTP. @throws Error when the mail server does not take it */
export async function sendInvitation(
  smtp: Smtp,
  publicUrl: string,
  masterReseller: string,
  to: Reseller,
): Promise<void> {
  // No TLS: a demo's mail viewer has at most a certificate that nobody signed.
  const transport = nodemailer.createTransport({
    ...smtp,
    secure: false,
    ignoreTLS: true,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 10_000,
  });
  const link = `${publicUrl}/activate?code=${encodeURIComponent(to.invitation.code)}`;
  try {
    await transport.sendMail({
      from: { name: 'TeamMate', address: 'no-reply@teammate.example' },
      to: { name: '', address: to.preferredEmail },
      subject: `Activate ${to.resellerName} in TeamMate`,
      text: [
        `${masterReseller} has added ${to.resellerName} to TeamMate as a reseller.`,
        `Activate the account here: ${link}`,
        `Invitation code: ${to.invitation.code}`,
        'You will be asked for this code, for the address this e-mail came to, and for a user name and a password.',
        'If you did not expect this, do nothing: without you the account stays inactive.',
      ].join('\n\n'),
      html: letter(masterReseller, to, link).toString(),
    });
  } finally {
    transport.close();
  }
}

/** Styles stand in the elements, because mail programs drop the rest. */
function letter(masterReseller: string, to: Reseller, link: string) {
  const paragraph = 'margin:0 0 16px';
  const button =
    'display:inline-block;padding:12px 22px;border-radius:8px;background:#4a4fc4;color:#ffffff;font-weight:600;text-decoration:none';
  return html`<!doctype html>
<html lang="en"><body style="margin:0;background:#f3f3f8">
<div style="max-width:520px;margin:0 auto;padding:32px 24px;font:16px/1.5 'Segoe UI',system-ui,sans-serif;color:#1f2030">
<div style="padding:28px;border-radius:12px;background:#ffffff">
<h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">Activate ${to.resellerName}</h1>
<p style="${paragraph}">${masterReseller} has added <strong>${to.resellerName}</strong> to TeamMate as a reseller.</p>
<p style="margin:24px 0"><a href="${link}" style="${button}">Activate the account</a></p>
<p style="${paragraph}">Invitation code: <strong style="font-family:Consolas,monospace">${to.invitation.code}</strong></p>
<p style="margin:0;color:#5c5e73;font-size:14px">You will be asked for this code, for the address this e-mail came to, and for a user name and a
password. If you did not expect this, do nothing: without you the account stays inactive.</p>
</div></div></body></html>`;
}
