import * as z from 'zod';
import { type Format, formats } from '../billing/file.ts';
import { isMonth, type Month, monthName, parseMonth } from '../billing/month.ts';
import { hashOf, offerOf, sealedFor, settle } from '../billing/offers.ts';
import { newestBill } from '../billing/store.ts';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { requireRole } from '../people/roles.ts';
import { declinedCard, gettingCard, makingCard, type Readers, savingCard } from '../views/bill.ts';
import { command } from './command.ts';
import { type Consent, uploadAllowed } from './file-cards.ts';
import type { Outbox } from './outbox.ts';
import { type Answer, below, type Turn } from './turn.ts';

/** The master reseller's own bill: everybody with a role may read it. */
const readerRoles = ['requester', 'approver', 'administrator'] as const;

/** The same for every delivery of one message or click, so that what it asks for is posted once. */
const askedIn = ({ activity }: Turn) => `${activity.conversation.id}:${activity.id}`;

const readersIn = ({ activity }: Turn): Readers =>
  activity.conversation.kind === 'personal' ? 'one' : activity.conversation.kind;

export const billing = command('billing', {
  topic: 'see',
  alone: true,
  roles: readerRoles,
  async run(turn, rest) {
    if (turn.config.PROVISIONING_BACKEND === 'portal') throw new Refusal('bill-by-hand');
    const month = parseMonth(rest, turn.now);
    const { person, activity } = turn;
    await turn.jobs.send(turn.trx, 'bill', {
      tenantId: person.tenantId,
      conversationId: activity.conversation.id,
      month,
      asked: askedIn(turn),
    });
    return below(gettingCard(month, readersIn(turn)), say('chat.billing.summary', { month: monthName(month) }));
  },
});

export const billFile = z.object({ month: z.string().refine(isMonth), format: z.enum(formats) });

/** Has a file made of a bill that is kept, and offered to who asked. */
export async function askForFile(turn: Turn, { month, format }: { month: Month; format: Format }): Promise<Answer> {
  await requireRole(turn.trx, turn.person, turn.now, ...readerRoles);
  const { person, activity, trx } = turn;
  if (!(await newestBill(trx, person.tenantId, month)))
    throw new Refusal('bill-missing', { month: monthName(month), number: month });
  await turn.jobs.send(trx, 'bill-file', {
    tenantId: person.tenantId,
    conversationId: activity.conversation.id,
    directoryId: person.directoryId,
    month,
    format,
    asked: askedIn(turn),
  });
  return below(makingCard(month, format), say('chat.billing.file.summary', { format, month: monthName(month) }));
}

/**
 * Takes the answer to a file consent card. It counts only for an offer of ours, in the conversation it was made in, from
 * the person it was made to; a second delivery of the same answer changes nothing.
 * @throws Refusal `file-over`, `file-foreign`, `upload-refused`, `role-missing`.
 */
export async function takeConsent(turn: Turn, outbox: Outbox, consent: Consent): Promise<void> {
  const { person, activity, trx, config, now, keys } = turn;
  const place = { tenantId: activity.tenantId, conversationId: activity.conversation.id };
  const offer = await offerOf(trx, hashOf(consent.context.file));
  if (offer?.way !== 'consent' || offer.tenantId !== person.tenantId) throw new Refusal('file-over');
  if (offer.directoryId !== person.directoryId || offer.conversationId !== place.conversationId)
    throw new Refusal('file-foreign');
  await requireRole(trx, person, now, ...readerRoles);
  const accepts = consent.action === 'accept';
  if (offer.state === (accepts ? 'accepted' : 'declined') || offer.state === 'saved') return;
  if (offer.state !== 'open' || offer.expiresAt <= now) throw new Refusal('file-over');

  const { month, format, hash } = offer;
  const answer = (card: ReturnType<typeof savingCard>) =>
    activity.replyToId
      ? outbox.replace(trx, place, `consent:${hash}`, activity.replyToId, card)
      : outbox.post(trx, place, `consent:${hash}`, card, say('chat.billing.answer'));
  if (!accepts) {
    await settle(trx, hash, 'declined');
    return answer(declinedCard(month, format));
  }
  const info = consent.uploadInfo;
  const known = (url: string) => uploadAllowed(url, config.FILE_UPLOAD_HOSTS, config.ALLOW_UNAUTHENTICATED);
  if (!info || !known(info.uploadUrl) || !known(info.contentUrl)) throw new Refusal('upload-refused');
  // The keys may have been taken away since it was offered.
  if (!keys) throw new Refusal('file-over');
  // The address is sealed while it waits, and forgotten afterwards.
  await settle(trx, hash, 'accepted', keys.seal({ info: JSON.stringify(info) }, sealedFor(offer)));
  await turn.jobs.send(trx, 'upload', { file: hash });
  return answer(savingCard(month, format));
}
