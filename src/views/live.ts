import { say } from '../language/say.ts';
import { messageCard } from './message.ts';
import { type LiveData, refreshedFor } from './refresh.ts';
import type { Card } from './templates.ts';
import { plain } from './text.ts';

/** What of a thing or a request may be read by whoever is in a chat in which somebody has put it. */
export interface Shared {
  icon: string;
  name: string;
  /** What it is and how it stands, in a word each. */
  says: readonly string[];
}

/**
 * What everybody in a chat sees of what somebody put there: its name and how it stands. For `viewers`, who have a role, it
 * is made anew each time they look at it, with all that they may read.
 */
export const sharedCard = ({ icon, name, says }: Shared, data: LiveData, viewers: readonly string[]): Card =>
  refreshedFor(
    messageCard({
      title: `${icon} ${plain(name)}`,
      lines: [says.map(plain).join(' · '), say('ways.live.more')],
      style: 'emphasis',
    }),
    data,
    viewers,
  );

/** What somebody sees of a link that is not for them: that it is one, and no more. */
export const closedCard = (): Card =>
  messageCard({ title: say('ways.live.closed.title'), lines: [say('ways.live.closed')], style: 'emphasis' });

/** A line of a list as Teams shows it; it reads some HTML there, so nothing people wrote may look like it. */
const bare = (text: string) => text.replaceAll('<', '‹').replaceAll('>', '›');

const thumbnail = (title: string, text: string, tap?: object) => ({
  contentType: 'application/vnd.microsoft.card.thumbnail',
  content: { title: bare(title), text: bare(text), ...(tap && { tap: { type: 'invoke', value: tap } }) },
});

/**
 * A card as a message extension hands it out, with the line that stands for it in a list ("Respond to search command").
 * `tap`: what Teams asks for when it is chosen; without it the card is put into the message as it is.
 */
export const found = (card: Card, { name, says, icon }: Shared, tap?: object) => ({
  contentType: 'application/vnd.microsoft.card.adaptive',
  content: card,
  preview: thumbnail(`${icon} ${name}`, says.join(' · '), tap),
});

export const closedLink = () => ({
  contentType: 'application/vnd.microsoft.card.adaptive',
  content: closedCard(),
  preview: thumbnail(say('ways.live.closed.title'), say('ways.live.closed')),
});
