import { messageCard } from './message.ts';
import type { Card } from './templates.ts';
import { plain } from './text.ts';

/** Links for somebody outside, for their reader to forward. For one person's own chat: who has a link can use it. */
export function linksCard(about: {
  to: string;
  customer: string;
  links: readonly { title: string; url: string }[];
}): Card {
  const who = about.to || 'the administrator of its Microsoft 365';
  return messageCard({
    title: `🔗 ${plain(about.customer)}: links to forward`,
    style: 'emphasis',
    lines: [
      `The bot could send no e-mail for this, so please forward these links to ${plain(who)}, and to nobody else.`,
      // Shown whole, to be copied; a parenthesis in it would end the link.
      ...about.links.map(({ title, url }) => {
        const address = url.replaceAll('(', '%28').replaceAll(')', '%29');
        return `**${plain(title)}**\n\n[${plain(address)}](${address})`;
      }),
      'Each works once and for a short time; newer ones come here once a day as long as something is missing.',
    ],
  });
}
