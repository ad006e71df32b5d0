import * as z from 'zod';
import { entryOf } from '../catalog/index.ts';
import { paths } from '../dialog/contract.ts';
import { ticketLifetime, writeTicket } from '../dialog/ticket.ts';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { requireRole } from '../people/roles.ts';
import { handedOut } from '../requests/forms.ts';
import { shown } from '../requests/request.ts';
import { messageCard } from '../views/message.ts';
import type { IncomingActivity } from './incoming.ts';
import { type Answer, below, type Turn } from './turn.ts';

/*
 * A form as a page that Teams shows beside the chat ("Use dialogs in Teams", url-based): Teams asks for its address by the invoke
 * task/fetch when the button on the card is clicked, and hands in what the page ended with by task/submit.
 */

const fetched = z.object({ data: z.object({ verb: z.literal('dialog'), nonce: z.string().min(10).max(100) }) });

export const isTask = ({ type, name }: IncomingActivity) =>
  type === 'invoke' && (name === 'task/fetch' || name === 'task/submit');

/** What Teams is to show for its invoke; nothing where the page is to close. */
export async function task(turn: Turn): Promise<object | undefined> {
  // All that was to be done was done when the page sent the form, and the card in the chat shows it.
  if (turn.activity.name === 'task/submit') return undefined;
  const { data: asked } = fetched.safeParse(turn.activity.value);
  if (!asked) throw new Refusal('action-unknown');
  const { url, title } = await pageOf(turn, asked.data.nonce);
  // A client that shows no pages of its own opens it in a browser.
  return { task: { type: 'continue', value: { title, url, fallbackUrl: url, width: 'medium', height: 'large' } } };
}

/** What is said in the place of a page. */
export const taskMessage = (says: string) => ({ task: { type: 'message', value: says } });

/**
 * The button in an app that does not know of pages, which sends it as any other. Only in development it is answered with a link:
 * the Agents Playground shows no pages, and in a channel everybody could open somebody else's form.
 */
export async function linkToPage(turn: Turn, nonce: string): Promise<Answer> {
  if (!turn.config.ALLOW_UNAUTHENTICATED) throw new Refusal('page-unshown');
  const { url, title } = await pageOf(turn, nonce);
  const lines = [say('dialog.link.says', { minutes: ticketLifetime / 60_000 }), `[${say('dialog.link')}](${url})`];
  return below(messageCard({ title, lines }), title);
}

/** The address of a form's page, for the one it was handed out to and for nobody else. */
async function pageOf(turn: Turn, nonce: string): Promise<{ url: string; title: string }> {
  const { trx, person, now, keys, activity, config } = turn;
  await requireRole(trx, person, now, 'requester');
  const form = await handedOut(turn, person, nonce);
  if ('used' in form) throw new Refusal('form-used', { id: shown(form.used.id) });
  const { title, noun } = entryOf(form.row.kind);
  if (!keys) throw new Refusal('secrets-not-kept', { noun });
  const ticket = await writeTicket(
    keys,
    {
      tenantId: person.tenantId,
      directoryId: person.directoryId,
      nonce,
      conversationId: activity.conversation.id,
      activityId: activity.replyToId,
    },
    now,
  );
  return { url: `${config.PUBLIC_URL.replace(/\/+$/, '')}${paths.page}#${ticket}`, title };
}
