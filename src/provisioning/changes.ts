import type { AnyOrder, RemoteKind } from '../catalog/index.ts';
import { entryOf } from '../catalog/index.ts';
import type { Thing } from '../catalog/orderable.ts';
import { accountOf } from '../people/organisations.ts';
import { changedFields, verdictOn } from '../requests/difference.ts';
import type { Change } from '../requests/lifecycle.ts';
import { overtaken } from '../requests/overtaken.ts';
import type { Request } from '../requests/request.ts';
import { openSecrets } from '../requests/secrets.ts';
import { correct, move, type Work } from '../requests/store.ts';
import { drop, keep, knownTo } from '../requests/things.ts';
import { type Secrets, SecretsLost } from '../secrets/keyring.ts';
import { BackendRefused, type Operations } from './backend.ts';
import { begin, finish, forgetCall } from './ledger.ts';
import type { Provisioning } from './workers.ts';

/**
 * Carries out an approved change: looks, calls only when there is something left to do, and brings our copy up to date.
 * It can be killed at any line and run again, because a second look finds what the first call did. What somebody else
 * changed since the request was made makes it void, and then nothing is called.
 */
export async function carryOut(room: Provisioning, request: Request): Promise<void> {
  const { db, backend, clock } = room;
  // Nothing the bot sets up by itself offers a change.
  const kind = request.kind as RemoteKind;
  const operations = backend[kind] as Operations<AnyOrder>;
  const operation = request.operation as Change;
  const account = (await accountOf(db, request.tenantId)) ?? '';
  const { reference = '', before, content } = request;
  const transact = <T>(run: (work: Work) => Promise<T>) =>
    db.transaction().execute((trx) => run({ trx, jobs: room.jobs, now: clock() }));
  const lacks = () => new Error(`the backend cannot ${operation} a ${request.kind}`);
  if (!operations.read || !before) throw lacks();

  const thing = await operations.read(reference, account, before.order);
  const verdict = await verdictOn(knownTo(db, request.tenantId), request, thing);
  if (typeof verdict !== 'string') {
    await transact(async (work) => {
      if (thing) await keep(work.trx, request.tenantId, [thing], work.now);
      else await drop(work.trx, request.tenantId, kind, reference);
      await move(work, request, 'void', undefined, { trouble: overtaken(verdict) });
    });
    return;
  }
  if (verdict === 'untouched') {
    const secrets = await replacements(room, request);
    const call = await begin(db, request.id, operation, clock());
    const carry: Record<Change, (() => Promise<void>) | undefined> = {
      edit: operations.change?.bind(operations, reference, before.order, { ...content, ...secrets }, account, call.key),
      suspend: operations.suspend?.bind(operations, reference, account, content, call.key),
      resume: operations.resume?.bind(operations, reference, account, content, call.key),
      remove: operations.remove?.bind(operations, reference, account, content, call.key),
    };
    const does = carry[operation];
    if (!does) throw lacks();
    try {
      await does();
    } catch (error) {
      // A clear no to the only attempt: it took no effect, and the next one is a new call.
      if (error instanceof BackendRefused && call.attempts === 1) await forgetCall(db, request.id, operation);
      throw error;
    }
  }
  await transact(async (work) => {
    const moved = await move(work, request, 'done', undefined, { trouble: null });
    if (!moved) return;
    await finish(work.trx, request.id, operation);
    await bringUpToDate(work, moved, thing);
  });
}

/** Brings our copy up to date with a change that was carried out. `thing`: as it was before; undefined when it is gone. */
export async function bringUpToDate(work: Work, request: Request, thing: Thing | undefined): Promise<void> {
  const { tenantId, kind, reference = '', operation, content } = request;
  if (operation === 'remove' || !thing) return drop(work.trx, tenantId, kind as RemoteKind, reference);
  await keep(work.trx, tenantId, [changed(request, thing)], work.now);
  if (operation === 'edit') await correct(work, request, values(request, content));
}

/**
 * The secrets that take the place of those the thing has.
 * @throws SecretsLost when one of them cannot be read: a change without it would not be the one that was approved.
 */
async function replacements({ db, keys }: Provisioning, { id, tenantId, replaced = [] }: Request): Promise<Secrets> {
  const secrets = await openSecrets(db, keys, tenantId, { requestId: id });
  if (!replaced.every((field) => secrets[field])) throw new SecretsLost();
  return secrets;
}

/** What of an order the change is about. */
function values({ kind, before, content }: Request, order: AnyOrder): Partial<AnyOrder> {
  const fields = before ? changedFields(kind, before.order, content) : [];
  return Object.fromEntries(Object.entries(order).filter(([field]) => fields.includes(field)));
}

/** The thing as it is after its change: all that we know of it without asking once more. */
function changed(request: Request, thing: Thing): Thing {
  const { kind, operation, before, content } = request;
  if (operation === 'suspend' || operation === 'resume') return { ...thing, suspended: operation === 'suspend' };
  if (!before) return thing;
  const told = changedFields(kind, before.order, content);
  const facts = entryOf(kind).typed(content);
  return {
    ...thing,
    facts: { ...thing.facts, ...Object.fromEntries(told.map((field) => [field, facts[field] ?? ''])) },
  };
}
