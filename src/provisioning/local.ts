import { accountKey } from '../catalog/access.ts';
import { isLocal, type LocalKind } from '../catalog/index.ts';
import { explain } from '../errors.ts';
import { say } from '../language/say.ts';
import { accountsInUse, serve } from '../people/organisations.ts';
import { grant } from '../people/roles.ts';
import { type Request, shown } from '../requests/request.ts';
import { loadAny, move, type Work } from '../requests/store.ts';

/** What was made, by the id it has from then on; or why it could not be. */
type Made = { reference: string } | { overtaken: string };

/** What the bot sets up by itself. A kind that the catalog calls local is missing here until it is. */
const makers: { readonly [K in LocalKind]: (work: Work, request: Request) => Promise<Made> } = { access: admit };

/** Sets up what was approved, in one transaction with its moves: a repeat finds it done, a kill leaves nothing. */
export async function setUp(work: Work, requestId: string): Promise<void> {
  const approved = await loadAny(work.trx, requestId);
  if (approved?.state !== 'approved' || !isLocal(approved.kind)) return;
  const started = await move(work, approved, 'start', undefined);
  if (!started) return;
  const made = await makers[approved.kind](work, started);
  if ('reference' in made) await move(work, started, 'done', undefined, { reference: made.reference, trouble: null });
  else
    await move(work, started, 'fail', undefined, { trouble: explain('access-overtaken', { reason: made.overtaken }) });
}

/** Serves the tenant that asked, with whoever asked as its first administrator and requester. */
async function admit({ trx, jobs, now }: Work, { id, name, requester, decision }: Request): Promise<Made> {
  const account = decision?.entered;
  // What was free when it was approved may have been given away since by ORGANISATIONS.
  if (!account || (await accountsInUse(trx, [accountKey(account)])).length > 0)
    return { overtaken: say('work.access.account-taken') };
  const { tenantId, directoryId } = requester;
  const by = shown(id);
  if (!(await serve(trx, { tenantId, account, name }, by, now))) return { overtaken: say('work.access.served') };
  await grant(trx, by, tenantId, directoryId, 'administrator', now);
  await grant(trx, by, tenantId, directoryId, 'requester', now);
  await jobs.send(trx, 'sync', { tenantId });
  return { reference: account };
}
