import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Bill } from '../billing/bill.ts';
import { makeFile, piecesOf } from '../billing/file.ts';
import { monthName } from '../billing/month.ts';
import { linkLife, noteDigest, offer, offerOf, type StoredOffer, sealedFor, settle } from '../billing/offers.ts';
import { summarise } from '../billing/summary.ts';
import type { Config } from '../config.ts';
import type { Handlers, Payloads } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import { Refusal, saidAgain } from '../errors.ts';
import { retell, say, told } from '../language/say.ts';
import { asReadIn } from '../people/conversations.ts';
import { type BillReading, readBill, type Trouble } from '../provisioning/bill.ts';
import { type Keyring, SecretsLost } from '../secrets/keyring.ts';
import { consentCard, savedCard, type UploadInfo, uploadInfo } from '../teams/file-cards.ts';
import type { Outbox, Place } from '../teams/outbox.ts';
import { type Uploader, UploadFailed } from '../teams/upload.ts';
import { billCard, linkCard, noBillCard, type Readers } from '../views/bill.ts';
import { plainButton } from '../views/buttons.ts';
import { refusalCard } from '../views/message.ts';
import type { Card } from '../views/templates.ts';
import { plain } from '../views/text.ts';

export interface Bills extends BillReading {
  outbox: Outbox;
  uploader: Uploader;
  /** What the address of a file to be saved is sealed with; without it none is saved, and there is the link alone. */
  keys?: Keyring | undefined;
  config: Config;
  log: Logger;
}

/** The background work of bills and their files. Each can be killed at any line and run again: it posts once. */
export const billWorkers = (room: Bills): Pick<Handlers, 'bill' | 'bill-file' | 'upload'> => ({
  bill: (asked, signal) => postBill(room, asked, signal),
  'bill-file': (asked) => offerFile(room, asked),
  upload: ({ file }, signal) => upload(room, file, signal),
});

/** Reads a month's bill and posts it, or why there is none. */
async function postBill(room: Bills, asked: Payloads['bill'], signal: AbortSignal): Promise<void> {
  const { db } = room;
  const { tenantId, conversationId, month } = asked;
  const once = `bill:${asked.asked}`;
  if (await posted(db, once)) return;
  const read = await readBill(room, tenantId, month, signal);
  const place = { tenantId, conversationId };
  if ('trouble' in read) {
    room.log.warn({ tenantId, month, code: read.trouble.code }, 'the bill could not be read');
    const { trouble } = read;
    return post(room, place, once, () => ({
      card: noBillCard(month, sentences(trouble)),
      summary: say('notices.bill.none', { month: monthName(month) }),
    }));
  }
  const known: Bill | undefined = 'says' in read.before ? undefined : read.before;
  const summary = await summarise(db, read.bill, known);
  const readers = await readersOf(db, place);
  const { before } = read;
  await post(room, place, once, () => ({
    card: billCard(summary, { readers, ...('says' in before && { trouble: sentences(before) }) }),
    summary: say('notices.bill', { month: monthName(month) }),
  }));
}

/** Makes the file, to know its size, and offers it: in a personal chat to be saved when there are keys, and everywhere as a link. */
async function offerFile(room: Bills, asked: Payloads['bill-file']): Promise<void> {
  const { db, outbox, config, clock, keys } = room;
  const { tenantId, conversationId, directoryId, month, format } = asked;
  const place = { tenantId, conversationId };
  const once = `file:${asked.asked}`;
  if (await posted(db, once)) return;
  const file = await makeFile(db, tenantId, month, format);
  if (!file) {
    return post(room, place, once, () => {
      const missing = new Refusal('bill-missing', { month: monthName(month), number: month });
      return { card: refusalCard(missing), summary: missing.says };
    });
  }
  await file.close();
  const readers = await readersOf(db, place, directoryId);
  await db.transaction().execute(async (trx) => {
    const to = { tenantId, conversationId, directoryId, month, format };
    if (readers === 'one' && keys) {
      const token = await offer(trx, { ...to, way: 'consent' }, clock());
      const card = await asReadIn(trx, place, () => consentCard(month, format, file.size, token));
      await outbox.attach(trx, place, `${once}:consent`, card, card.name);
    }
    const token = await offer(trx, { ...to, way: 'link' }, clock());
    const address = `${config.PUBLIC_URL.replace(/\/+$/, '')}/files/${token}`;
    await asReadIn(trx, place, () =>
      outbox.post(trx, place, once, linkCard(month, format, address, linkLife / 60_000, readers), say('notices.file')),
    );
  });
}

/** Saves a file where Teams said, once somebody has agreed to it. */
async function upload(room: Bills, hash: string, signal: AbortSignal): Promise<void> {
  const offered = await offerOf(room.db, hash);
  if (offered?.state !== 'accepted') return;
  const { month, format } = offered;
  const place = { tenantId: offered.tenantId, conversationId: offered.conversationId };
  const once = `saved:${hash}`;
  try {
    const info = targetOf(offered, room.keys);
    await save(room, offered, info.uploadUrl, signal);
    await room.db.transaction().execute(async (trx) => {
      await settle(trx, hash, 'saved');
      await asReadIn(trx, place, () =>
        room.outbox.attach(
          trx,
          place,
          once,
          savedCard(info.name, info),
          say('notices.file.saved', { name: info.name }),
        ),
      );
    });
  } catch (error) {
    if (!(error instanceof UploadFailed)) throw error;
    room.log.warn({ tenantId: offered.tenantId, reason: error.message }, 'a file could not be saved');
    await room.db.transaction().execute(async (trx) => {
      await settle(trx, hash, 'failed');
      await asReadIn(trx, place, () => {
        const refusal = new Refusal('upload-failed', { reason: retell(error.brief) });
        const again = plainButton(say('notices.file.again'), { verb: 'bill-file', month, format });
        return room.outbox.post(trx, place, once, refusalCard(refusal, [again]), refusal.says);
      });
    });
  }
}

function targetOf(offered: StoredOffer, keys: Keyring | undefined): UploadInfo {
  try {
    if (!keys) throw new SecretsLost();
    const { info = '' } = keys.open(offered.target ?? '', sealedFor(offered));
    return uploadInfo.parse(JSON.parse(info));
  } catch (error) {
    if (!(error instanceof SecretsLost)) throw error;
    throw new UploadFailed(told('notices.file.keys'));
  }
}

async function save(room: Bills, offered: StoredOffer, url: string, signal: AbortSignal): Promise<void> {
  const file = await makeFile(room.db, offered.tenantId, offered.month, offered.format);
  if (!file) throw new UploadFailed(told('notices.file.gone'));
  try {
    const digest = await digestOf(file.handle);
    // Noted before anything is sent: who comes after us must know whether theirs are the same bytes.
    if (offered.digest === undefined) await noteDigest(room.db, offered.hash, digest);
    const earlier = offered.digest === undefined ? 'none' : offered.digest === digest ? 'same' : 'other';
    await room.uploader.send({ url, handle: file.handle, size: file.size, earlier, signal });
  } finally {
    await file.close();
  }
}

async function digestOf(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of piecesOf(handle)) hash.update(piece);
  return hash.digest('base64url');
}

function sentences(trouble: Trouble): string {
  const { says, next } = saidAgain(trouble);
  return plain(`${says} ${next}`);
}

/** Posts what is made in the language of whoever reads it there. */
const post = (room: Bills, place: Place, once: string, make: () => { card: Card; summary: string }) =>
  room.db.transaction().execute((trx) =>
    asReadIn(trx, place, () => {
      const { card, summary } = make();
      return room.outbox.post(trx, place, once, card, summary);
    }),
  );

/** Whether an earlier run got as far as to queue its post: then nothing is read or made a second time. */
const posted = async (db: Db, once: string): Promise<boolean> =>
  (await db.selectFrom('outbox').select('id').where('once', '=', once).executeTakeFirst()) !== undefined;

/** Who reads a conversation. One that is not surely somebody's own is taken for everybody's. */
async function readersOf(db: Db, { tenantId, conversationId }: Place, directoryId?: string): Promise<Readers> {
  const row = await db
    .selectFrom('conversations')
    .select(['kind', 'directory_id'])
    .where('tenant_id', '=', tenantId)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  if (row?.kind === 'personal' && (directoryId === undefined || row.directory_id === directoryId)) return 'one';
  return row?.kind === 'channel' ? 'channel' : 'groupChat';
}
