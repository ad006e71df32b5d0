import { entryOf } from '../catalog/index.ts';
import type { Config } from '../config.ts';
import type { Person } from '../people/person.ts';
import type { Batch } from '../requests/batch.ts';
import { approveBatch, rejectBatch, retryBatch, withdrawBatch } from '../requests/batch-decisions.ts';
import { approve, askResend, checkAgain, insist, reject, retry, withdraw } from '../requests/decisions.ts';
import type { Request } from '../requests/request.ts';
import { loadFor, type Work } from '../requests/store.ts';
import type { BatchVerb, DecisionBody, Verb } from './contract.ts';

/**
 * Does what a button of the tab asks, by the very functions of the cards' buttons: they decide who may, and whether it still
 * can be done. @throws Refusal
 */
export async function decide(
  work: Work,
  person: Person,
  { id, verb, body }: { id: string; verb: Verb; body: DecisionBody },
  { RESEND_INTERVAL }: Pick<Config, 'RESEND_INTERVAL'>,
): Promise<Request> {
  const seen = { id, version: body.version };
  switch (verb) {
    case 'approve': {
      const { approval } = entryOf((await loadFor(work.trx, person, id)).kind);
      return approve(work, person, seen, approval ? { [approval.field]: body.entered } : {});
    }
    case 'reject':
      return reject(work, person, seen, body.reason ?? '');
    case 'withdraw':
      return withdraw(work, person, seen);
    case 'retry':
      return retry(work, person, seen);
    case 'resend':
      return askResend(work, person, seen, RESEND_INTERVAL);
    case 'check':
      return checkAgain(work, person, seen);
    case 'insist':
      return insist(work, person, seen);
  }
}

/** The same for a batch as a whole. @throws Refusal */
export async function decideBatch(
  work: Work,
  person: Person,
  { id, verb, body }: { id: string; verb: BatchVerb; body: DecisionBody },
): Promise<Batch> {
  const seen = { id, version: body.version };
  switch (verb) {
    case 'approve':
      return approveBatch(work, person, seen);
    case 'reject':
      return rejectBatch(work, person, seen, body.reason ?? '');
    case 'withdraw':
      return withdrawBatch(work, person, seen);
    case 'retry':
      return retryBatch(work, person, id);
  }
}
