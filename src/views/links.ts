import { say } from '../language/say.ts';
import { messageCard } from './message.ts';
import type { Card } from './templates.ts';
import { plain } from './text.ts';

/** Links for somebody outside, for their reader to forward. For one person's own chat: who has a link can use it. */
export function linksCard(about: {
  to: string;
  customer: string;
  links: readonly { title: string; url: string }[];
}): Card {
  return messageCard({
    title: `🔗 ${say('cards.links.title', { customer: plain(about.customer) })}`,
    style: 'emphasis',
    lines: [
      about.to ? say('cards.links.forward', { who: plain(about.to) }) : say('cards.links.forwardToAdministrator'),
      // Shown whole, to be copied; a parenthesis in it would end the link.
      ...about.links.map(({ title, url }) => {
        const address = url.replaceAll('(', '%28').replaceAll(')', '%29');
        return `**${plain(title)}**\n\n[${plain(address)}](${address})`;
      }),
      say('cards.links.once'),
    ],
  });
}
