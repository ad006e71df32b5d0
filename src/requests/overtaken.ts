import type { RemoteKind } from '../catalog/index.ts';
import { explain } from '../errors.ts';
import { type Verdict, verdictOn } from './difference.ts';
import type { Request } from './request.ts';
import { move, type Work } from './store.ts';
import { knownTo } from './things.ts';

/** What a request says whose thing somebody else has changed since it was asked for. */
export const overtaken = ({ meanwhile }: Exclude<Verdict, string>) =>
  explain('changed-meanwhile', { what: meanwhile.length > 1000 ? `${meanwhile.slice(0, 999)}…` : meanwhile });

/**
 * Ends a pending change whose thing our copy shows otherwise than its asker saw it. Resolves to the void request, or to
 * undefined when it may go on: the copy may be old, and the worker's own look has the last word.
 */
export async function voidIfOvertaken(work: Work, request: Request): Promise<Request | undefined> {
  if (request.operation === 'add' || request.state !== 'pending' || !request.reference) return undefined;
  const lists = knownTo(work.trx, request.tenantId);
  const verdict = await verdictOn(lists, request, await lists.thing(request.kind as RemoteKind, request.reference));
  if (typeof verdict === 'string') return undefined;
  return move(work, request, 'void', undefined, { trouble: overtaken(verdict) });
}
