import type { Request } from 'restify';
import * as z from 'zod';
import { type Handler, Refusal, route } from './http.ts';
import type { Parts } from './simulator.ts';
import { masterOf } from './state.ts';

const idempotencyKey = z.string().max(200).optional();

/** The key a caller sends with a creation. It is counted and not honoured: TeamMate promises nothing of the kind. */
export const keyOf = (request: Request): string | undefined =>
  idempotencyKey.safeParse(request.header('idempotency-key')).data;

/** What stands before the API's handlers: the faults that were asked for, and the token. */
export function guards({ store, tokens, faults, log }: Parts) {
  const open = (handler: Handler) => route(handler, { log, faults });
  return {
    /** For whoever asks. */
    open,
    /** For who brings a good token. */
    closed: (handler: Handler) =>
      open((request) => {
        tokens.check(request);
        return handler(request);
      }),
    /** @throws Refusal 403 unless it is a master reseller that the caller works for */
    ours(masterResellerId: number | undefined): void {
      if (masterResellerId === undefined || masterOf(store.state, masterResellerId)) return;
      throw new Refusal(403, { message: `The master reseller ${masterResellerId} is not yours.` });
    },
  };
}
