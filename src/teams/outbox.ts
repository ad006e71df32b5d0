import type { Trx } from '../db/open.ts';
import type { Batch } from '../requests/batch.ts';
import type { Request } from '../requests/request.ts';
import type { Audience } from '../views/request.ts';
import type { Card } from '../views/templates.ts';
import type { Attachment } from './file-cards.ts';

/** Where a post goes. */
export interface Place {
  tenantId: string;
  conversationId: string;
}

/** Why a post is held back where the bot was taken out. */
export const absent = 'NotInConversation';

/** What a live card shows. */
export type Subject = Request | Batch;

/**
 * What the bot asks of whoever posts for it (notify/). Everything is queued in the turn's own transaction: what a person
 * was told would be posted is posted, whatever happens to the process. `once` makes a repeat harmless.
 */
export interface Outbox {
  /** Posts a card. `summary` is what a notification shows of it. */
  post(trx: Trx, place: Place, once: string, card: Card, summary: string): Promise<void>;
  /** Posts what is no Adaptive Card, such as Teams' own cards for files. */
  attach(trx: Trx, place: Place, once: string, attachment: Attachment, summary: string): Promise<void>;
  /** Puts a card in place of one that was posted. */
  replace(trx: Trx, place: Place, once: string, activityId: string, card: Card): Promise<void>;
  /** Posts the card of a request or a batch and keeps it up to date from then on. */
  postLive(trx: Trx, place: Place, once: string, subject: Subject, audience: Audience): Promise<void>;
  /** Keeps up to date a card that is already posted, such as the form a request came from. */
  adopt(trx: Trx, place: Place, activityId: string, subject: Subject, audience: Audience): Promise<void>;
  /** The bot is back in a conversation: what was parked there goes out. */
  resume(trx: Trx, place: Place): Promise<void>;
  /** Brings every live card of a request up to date. */
  refresh(trx: Trx, once: string, requestId: string): Promise<void>;
  /** The same for a batch's. */
  refreshBatch(trx: Trx, once: string, batchId: string): Promise<void>;
}
