import { isLocal } from '../catalog/index.ts';
import type { Trouble } from '../db/schema.ts';
import { explain } from '../errors.ts';
import { say } from '../language/say.ts';
import { askingLetter } from '../mail/letter.ts';
import { MailNotTaken } from '../mail/mailer.ts';
import { personalChat } from '../people/conversations.ts';
import { accountOf } from '../people/organisations.ts';
import type { Request } from '../requests/request.ts';
import { loadAny, note, type Work } from '../requests/store.ts';
import type { Asking, Operations } from './backend.ts';
import { forgetCall, isDue, takeTurn } from './ledger.ts';
import type { Provisioning } from './workers.ts';

/** The row of the ledger that says when the customer was last asked. */
const step = 'ask the customer';

type Room = Pick<Provisioning, 'db' | 'jobs' | 'backend' | 'clock' | 'log' | 'mailer'>;

/**
 * Asks the customer's administrator for what only they can do, unless they have been asked since the moment given: by
 * e-mail, or, where the bot sends none, by a card for whoever made the request to forward. `again`: somebody clicked Resend.
 *
 * The turn is taken just before the e-mail goes out, after everything that can fail or take long: whoever is killed
 * before loses nothing, and of two nodes one sends. Killed in the moment after, the e-mail may be lost until the next turn;
 * the other order could send two, of which the first would have links that work no more.
 * @throws BackendRefused and BackendUnavailable
 */
export async function askCustomer(
  room: Room,
  request: Request,
  { since, again }: { since: Date; again: boolean },
): Promise<Trouble | undefined> {
  const { db, mailer, clock, log } = room;
  if (!(await isDue(db, request.id, step, since))) return undefined;
  const asking = await askingOf(room, request);
  if (!asking) return undefined;
  if (!mailer || !asking.to) return handOver(room, request, asking, since);

  const links = await linksOf(asking);
  if (links.length === 0) return undefined;
  const mail = askingLetter({ ...asking, links });
  if (!(await takeTurn(db, request.id, step, { now: clock(), since }))) return undefined;
  try {
    await mailer.send(mail);
  } catch (error) {
    if (!(error instanceof MailNotTaken)) throw error;
    log.warn({ request: request.id, problem: error.message, perhaps: error.perhaps }, 'e-mail to a customer not sent');
    // One that may have arrived is not sent twice.
    if (error.perhaps) return undefined;
    await forgetCall(db, request.id, step);
    return explain('mail-unsent');
  }
  const detail = { by: 'mail', to: asking.to, what: links.map(({ title }) => title).join(', ') };
  await transact(room, (work) => note(work, request, again ? 'resent' : 'asked', undefined, {}, detail));
  return undefined;
}

/** Has the links put into the chat of whoever made the request: into that one only, for who has a link can use it. */
async function handOver(room: Room, request: Request, asking: Asking, since: Date): Promise<Trouble | undefined> {
  const { tenantId, requester } = request;
  if (!(await personalChat(room.db, tenantId, requester.directoryId)))
    return explain('links-nowhere', { requester: requester.name });
  await transact(room, async (work) => {
    const turn = await takeTurn(work.trx, request.id, step, { now: work.now, since });
    if (!turn) return;
    await work.jobs.send(work.trx, 'hand-over', { requestId: request.id, turn: String(turn.attempts) });
    const what = asking.wanted.map(({ title }) => title).join(', ');
    await note(
      work,
      request,
      'asked',
      undefined,
      {},
      { by: 'chat', to: asking.to || say('work.asking.administrator'), what },
    );
  });
  return undefined;
}

/** What is to be asked for a request now, with fresh links; undefined when it is nothing any more. */
export async function freshLinks(room: Room, requestId: string) {
  const request = await loadAny(room.db, requestId);
  const asking = request?.state === 'waiting' ? await askingOf(room, request) : undefined;
  const links = asking ? await linksOf(asking) : [];
  return asking && links.length > 0 ? { to: asking.to, customer: asking.customer, links } : undefined;
}

async function askingOf({ db, backend }: Room, request: Request): Promise<Asking | undefined> {
  if (isLocal(request.kind)) return undefined;
  const operations = backend[request.kind] as Operations<Request['content']>;
  const account = (await accountOf(db, request.tenantId)) ?? '';
  return operations.asking?.(request.reference ?? '', account, request.content);
}

async function linksOf({ wanted }: Asking): Promise<{ title: string; url: string }[]> {
  const links: { title: string; url: string }[] = [];
  for (const { title, link } of wanted) {
    const url = await link();
    if (url) links.push({ title, url });
  }
  return links;
}

const transact = (room: Room, run: (work: Work) => Promise<void>) =>
  room.db.transaction().execute((trx) => run({ trx, jobs: room.jobs, now: room.clock() }));
