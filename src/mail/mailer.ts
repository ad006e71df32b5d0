import nodemailer from 'nodemailer';

/** An e-mail to one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** The mail server did not say that it took an e-mail. Its message holds nothing of the e-mail. */
export class MailNotTaken extends Error {
  /** Whether it may have taken it all the same: the connection ended before it could say. */
  readonly perhaps: boolean;

  constructor(message: string, perhaps: boolean) {
    super(message);
    this.name = 'MailNotTaken';
    this.perhaps = perhaps;
  }
}

export interface Mailer {
  /** Resolves when the mail server has taken it. @throws MailNotTaken */
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** How long the mail server may take to say anything. Milliseconds. */
const patience = 20_000;

/** The bot's e-mails by SMTP; undefined when no mail server is set. */
export function createMailer({ SMTP_URL, MAIL_FROM }: { SMTP_URL: string; MAIL_FROM: string }): Mailer | undefined {
  if (!SMTP_URL) return undefined;
  const { hostname, password } = new URL(SMTP_URL);
  const here = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
  const transport = nodemailer.createTransport(
    {
      url: SMTP_URL,
      // A mail server on this machine has at most a certificate that nobody signed; a password goes nowhere in the clear.
      ...(here ? { ignoreTLS: true } : password && { requireTLS: true }),
      connectionTimeout: patience,
      greetingTimeout: patience,
      socketTimeout: patience,
      // What is sent is text of our own making: nothing is fetched or read from a file for it.
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from: { name: 'TeamMate', address: MAIL_FROM } },
  );
  return {
    async send({ to, ...mail }) {
      try {
        await transport.sendMail({ to: { name: '', address: to }, ...mail });
      } catch (error) {
        const { code = 'unknown', responseCode, syscall } = error as NodeJS.ErrnoException & { responseCode?: number };
        const surelyNot = responseCode !== undefined || syscall === 'connect' || certain.includes(code);
        throw new MailNotTaken(`the mail server did not take an e-mail (${responseCode ?? code})`, !surelyNot);
      }
    },
    close: () => transport.close(),
  };
}

/** Nodemailer's codes for what goes wrong before a mail is handed over. */
const certain = ['EDNS', 'EAUTH', 'EENVELOPE', 'ETLS', 'ENOTFOUND'];
