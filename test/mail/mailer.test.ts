import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { askingLetter } from '../../src/mail/letter.ts';
import { createMailer, type MailNotTaken } from '../../src/mail/mailer.ts';
import { startSmtp } from '../support/smtp.ts';

const letter = askingLetter({
  to: 'it@proseware.example',
  customer: 'Proseware & <Sons>',
  provider: 'Fabrikam\r\nBcc: x@y.example',
  links: [{ title: 'User "Sync"', url: 'https://login.example/?a=1&b=2' }],
});
const mailer = (port: number) =>
  createMailer({ SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'bot@northwind.example' })!;

const failure = async (port: number) => {
  const sender = mailer(port);
  try {
    await sender.send(letter);
  } catch (error) {
    return error as MailNotTaken;
  } finally {
    sender.close();
  }
  throw new Error('it was taken');
};

test('without a mail server there is no mailer', () => {
  expect(createMailer({ SMTP_URL: '', MAIL_FROM: '' })).toBeUndefined();
});

test('an e-mail arrives as it was written, to one person', async () => {
  const smtp = await startSmtp();
  const sender = mailer(smtp.port);
  await sender.send(letter);
  sender.close();
  expect(smtp.mails).toHaveLength(1);
  expect(smtp.mails[0]).toMatchObject({ to: ['it@proseware.example'], subject: letter.subject });
  expect(smtp.mails[0]?.text.trim()).toBe(letter.text);
  await smtp.close();
});

test('a letter has its names on one line, and nothing in them is HTML', () => {
  expect(letter.subject).toBe(
    'Fabrikam Bcc: x@y.example needs your permission to connect Proseware & <Sons> to Microsoft Teams',
  );
  expect(letter.text).toContain('One step of it needs an administrator of your Microsoft 365');
  expect(letter.text).toContain('User "Sync":\nhttps://login.example/?a=1&b=2');
  expect(letter.html).toContain('<a href="https://login.example/?a=1&#38;b=2">User &#34;Sync&#34;</a>');
  expect(letter.html).not.toContain('<Sons>');
});

describe('an e-mail that is not taken', () => {
  test('because the server says no, was surely not', async () => {
    const smtp = await startSmtp();
    smtp.refuse(1);
    const error = await failure(smtp.port);
    expect([error.name, error.perhaps]).toEqual(['MailNotTaken', false]);
    expect(error.message).toBe('the mail server did not take an e-mail (451)');
    await smtp.close();
  });

  test('because there is no server, was surely not', async () => {
    const smtp = await startSmtp();
    await smtp.close();
    expect((await failure(smtp.port)).perhaps).toBe(false);
  });

  test('because the connection ends after all of it was sent, perhaps was', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220 here\r\n');
      let body = '';
      let inBody = false;
      socket.on('data', (data) => {
        const said = String(data);
        if (inBody) {
          body += said;
          if (body.endsWith('\r\n.\r\n')) socket.destroy();
        } else {
          inBody = said.startsWith('DATA');
          socket.write(inBody ? '354 go on\r\n' : '250 fine\r\n');
        }
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    expect((await failure((server.address() as AddressInfo).port)).perhaps).toBe(true);
    server.close();
  });
});
