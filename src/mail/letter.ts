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
  const several = links.length > 1;
  const why = `${provider} connects the telephones of ${customer} to Microsoft Teams, with TeamMate. ${
    several ? 'Some steps of it need' : 'One step of it needs'
  } an administrator of your Microsoft 365, so we kindly ask you to open ${
    several ? 'each of these links' : 'this link'
  } and agree:`;
  const rest = [
    'A link works once and for a short time. As long as something is missing a new e-mail comes once a day; the newest one counts.',
    'Only a Global Administrator of your Microsoft 365 can do this. If that is somebody else, please forward this e-mail to them.',
    `If you did not expect it, do nothing: without you nothing is connected. ${provider} can tell you more.`,
  ];
  const subject = `${provider} needs your permission to connect ${customer} to Microsoft Teams`;
  const hello = 'Good day,';
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
  `<!doctype html><html lang="en"><body style="font:16px/1.5 'Segoe UI',sans-serif;color:#1f2030">${parts.join('\n')}</body></html>`;
