import { language } from '../language/reader.ts';
import { say } from '../language/say.ts';
import type { Mail } from './mailer.ts';

/** What a customer's administrator is asked for, with a link for each thing. */
export interface Request {
  to: string;
  customer: string;
  provider: string;
  links: readonly { title: string; url: string }[];
}

/** The e-mail that asks a customer's administrator for what only they can do: who asks, why, and a link for each thing. */
export function askingLetter({ to, ...about }: Request): Mail {
  const [customer, provider] = [line(about.customer), line(about.provider)];
  const links = about.links.map(({ title, url }) => ({ title: line(title), url }));
  const why = say('work.mail.why', { provider, customer, count: links.length });
  const rest = [say('work.mail.once'), say('work.mail.who'), say('work.mail.unexpected', { provider })];
  const subject = say('work.mail.subject', { provider, customer });
  const hello = say('work.mail.hello');
  return {
    to,
    subject,
    text: [hello, why, ...links.map(({ title, url }) => `${title}:\n${url}`), ...rest].join('\n\n'),
    html: sheet([
      paragraph(hello),
      paragraph(why),
      `<ul>${links.map(({ title, url }) => `<li><a href="${escaped(url)}">${escaped(title)}</a></li>`).join('')}</ul>`,
      ...rest.map(paragraph),
    ]),
  };
}

/** Names come from elsewhere: on one line, and of a length that fits a subject. */
const line = (text: string) =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);

const escaped = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);

const paragraph = (text: string) => `<p>${escaped(text)}</p>`;

const sheet = (parts: string[]) =>
  `<!doctype html><html lang="${language()}"><body style="font:16px/1.5 'Segoe UI',sans-serif;color:#1f2030">${parts.join('\n')}</body></html>`;
