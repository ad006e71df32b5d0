import { type AnyOrder, entryOf, type Kind } from '../catalog/index.ts';
import type { Before, Progress, Task, Trouble } from '../db/schema.ts';
import { say } from '../language/say.ts';
import type { Person } from '../people/person.ts';
import type { Operation, State } from './lifecycle.ts';

/** A request, as every room above the store sees it. */
export interface Request {
  id: string;
  tenantId: string;
  kind: Kind;
  operation: Operation;
  state: State;
  /** Grows with every move; an approval is for the version it saw. */
  version: number;
  /** What is wanted; of a change, all that the thing is to be afterwards. */
  content: AnyOrder;
  /** Of a change: what the thing was when it was asked for. */
  before?: Before;
  /** Of a change: the fields of the secrets that it replaces. */
  replaced?: readonly string[];
  /** Why it is asked for. */
  why?: string;
  name: string;
  /** The batch it was asked for in. */
  batchId?: string;
  /** Of another tenant than the request when they ask for access: the provider's decides. */
  requester: { tenantId: string; directoryId: string; name: string };
  /** `entered`: what the approver had to enter. */
  decision?: { by: string; name: string; at: Date; reason?: string; entered?: string };
  /** The backend's id, once it has one. */
  reference?: string;
  trouble?: Trouble;
  /** How far a long wait has come. */
  progress?: Progress;
  /** What an operator has to do for it in TeamMate's portal. */
  task?: Task;
  /** When it came into its state. */
  since: Date;
  remindedAt?: Date;
  resentAt?: Date;
  /** Of what is active and watched: when a look first said that it no longer works. */
  doubtedAt?: Date;
  /** Since when that is sure, and was told. */
  lostAt?: Date;
  createdAt: Date;
}

/** Whether somebody made a request: a directory id alone says nothing, it is unique in its tenant only. */
export const isRequester = (
  { requester }: Pick<Request, 'requester'>,
  person: Pick<Person, 'tenantId' | 'directoryId'>,
): boolean => requester.tenantId === person.tenantId && requester.directoryId === person.directoryId;

/** What people call a request: R-1001. */
export const shown = (id: string) => `R-${id}`;

/** The id in what somebody typed (R-1001, r1001, 1001.), or undefined. Ids are bigint: at most 18 digits are safe. */
export const parseId = (text: string) => /^(?:r-?)?(\d{1,18})[.!?]*$/i.exec(text.trim())?.[1];

/** Since when a request waits for whom it is waiting for. */
export const waitingSince = ({ state, progress, since }: Request): Date | string =>
  (state === 'waiting' && progress?.since) || since;

/** Whether there is something that can be sent again: in a long wait, not while nobody outside is to be asked. */
export const canResend = ({ kind, state, progress }: Request) =>
  entryOf(kind).resend !== undefined && state === 'waiting' && progress?.asks !== false;

/**
 * Whom a request is waiting for: the one question the bot answers at all times. Undefined when nobody is (it is over).
 */
export function waitingFor(request: Request): string | undefined {
  switch (request.state) {
    case 'checking':
      return request.progress?.waitingFor ?? say('work.waiting-for.check');
    case 'unready':
      return say('work.waiting-for.mend', { requester: request.requester.name });
    case 'pending':
      return say('work.waiting-for.approver');
    case 'approved':
    case 'provisioning':
      if (request.task) return waitingForOperator(request, request.task);
      if (entryOf(request.kind).local) return say('work.waiting-for.bot');
      return say('work.waiting-for.teammate', { operation: request.operation });
    case 'waiting':
      return request.progress?.waitingFor ?? entryOf(request.kind).waitingFor(request.content);
    case 'failed':
      return request.operation === 'add' ? say('work.waiting-for.failed') : say('work.waiting-for.failed-change');
    default:
      return undefined;
  }
}

const waitingForOperator = ({ operation }: Request, { holder }: Task) =>
  holder
    ? say('work.waiting-for.operator', { holder: holder.name, operation })
    : say('work.waiting-for.nobody-yet', { operation });
