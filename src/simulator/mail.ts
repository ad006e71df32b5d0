import nodemailer from 'nodemailer';
import type { Html } from './html.ts';

export interface Smtp {
  host: string;
  port: number;
}

export interface Letter {
  to: string;
  subject: string;
  text: string;
  html: Html;
}

/** Sends one e-mail over SMTP. @throws Error when the mail server does not take it */
export async function sendLetter(smtp: Smtp, { to, subject, text, html }: Letter): Promise<void> {
  // No TLS: a demo's mail viewer has at most a certificate that nobody signed.
  const transport = nodemailer.createTransport({
    ...smtp,
    secure: false,
    ignoreTLS: true,
    connectionTimeout: 5_000,
    greetingTimeout: 5_000,
    socketTimeout: 10_000,
  });
  try {
    await transport.sendMail({
      from: { name: 'TeamMate', address: 'no-reply@teammate.example' },
      to: { name: '', address: to },
      subject,
      text,
      html: html.toString(),
    });
  } finally {
    transport.close();
  }
}
