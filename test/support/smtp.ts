import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  to: string[];
  subject: string;
  text: string;
  html: string;
}

export interface SmtpTestServer {
  host: string;
  port: number;
  /** What has arrived, oldest first. */
  mails: Mail[];
  /** Resolves with the `number`th mail to this address (1 is the first), whether it has come or is yet to come. */
  mailTo(address: string, number?: number): Promise<Mail>;
  /** Refuses the next so many mails with a 451. */
  refuse(times: number): void;
  close(): Promise<void>;
}

/** A real SMTP server on a free port of the loopback interface. */
export async function startSmtp(): Promise<SmtpTestServer> {
  const mails: Mail[] = [];
  const waiting = new Set<() => void>();
  let refusals = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, callback) {
      simpleParser(stream).then((mail: ParsedMail) => {
        if (refusals > 0) {
          refusals -= 1;
          return callback(Object.assign(new Error('Try again later'), { responseCode: 451 }));
        }
        mails.push({
          to: session.envelope.rcptTo.map((recipient) => recipient.address),
          subject: mail.subject ?? '',
          text: mail.text ?? '',
          html: mail.html || '',
        });
        callback();
        for (const look of waiting) look();
      }, callback);
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.server.address() as AddressInfo).port,
    mails,
    mailTo: (address, number = 1) =>
      new Promise((resolve) => {
        const look = () => {
          const mail = mails.filter((one) => one.to.includes(address))[number - 1];
          if (!mail) return;
          waiting.delete(look);
          resolve(mail);
        };
        waiting.add(look);
        look();
      }),
    refuse: (times) => {
      refusals += times;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
