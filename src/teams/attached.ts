import type { Logger } from 'pino';
import { type Dispatcher, request } from 'undici';
import * as z from 'zod';
import { entryOf, isKind, type Kind } from '../catalog/index.ts';
import type { Config } from '../config.ts';
import type { Jobs, Payloads } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import { Refusal } from '../errors.ts';
import { toType } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { asReadIn } from '../people/conversations.ts';
import { requireRole } from '../people/roles.ts';
import { headerScore, sheetLimits } from '../requests/sheet.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { messageCard, refusalCard } from '../views/message.ts';
import type { Card } from '../views/templates.ts';
import { cut, plain } from '../views/text.ts';
import { checkedCard, severalKinds } from './batches.ts';
import { commands } from './commands.ts';
import type { Attachment } from './incoming.ts';
import type { Outbox } from './outbox.ts';
import { parseCommand } from './parse.ts';
import { type Answer, below, type Turn } from './turn.ts';

/** A file in a chat with the bot alone ("Send and receive files from a bot"): the address needs no login, and ends soon. */
const downloadInfo = 'application/vnd.microsoft.teams.file.download.info';
const download = z.object({ downloadUrl: z.string().max(4000) });

/** Twice the text, for UTF-16 takes two bytes a letter. */
const largestFile = sheetLimits.bytes * 2 + 2;
/** Milliseconds for the whole of a download. */
const patience = 20_000;

const commandOf = (kind: Kind) => entryOf(kind).several?.command ?? 'help';

/**
 * A list attached to a message: it is downloaded by a job, for that may take its time. Undefined when nothing is attached,
 * or when the message says something else.
 * @throws Refusal `list-elsewhere` where a bot cannot get at what is attached.
 */
export async function takeAttached(turn: Turn): Promise<Answer | undefined> {
  const { attachments, conversation, said, id } = turn.activity;
  const [first = 'reseller'] = severalKinds;
  const meant = parseCommand(said, commands);
  const kind = severalKinds.find((one) => meant?.command.id === commandOf(one));
  if (meant && !kind) return undefined;
  if (conversation.kind !== 'personal') {
    if ((kind || !said) && attachments.some(isElsewhere))
      throw new Refusal('list-elsewhere', { command: toType(commandOf(first)) });
    return undefined;
  }
  const files = attachments.filter(({ contentType }) => contentType === downloadInfo);
  const file = files.find(({ name }) => /\.(csv|txt|tsv)$/i.test(name ?? '')) ?? files[0];
  if (!file) return undefined;

  await requireRole(turn.trx, turn.person, turn.now, 'requester');
  const name = cut(file.name ?? 'list.csv', 100);
  const info = download.safeParse(file.content);
  if (!info.success || !downloadAllowed(info.data.downloadUrl, turn.config))
    throw new Refusal('file-refused', { name, command: toType(commandOf(kind ?? first)) });
  const { tenantId, directoryId, teamsId, name: personName } = turn.person;
  await turn.jobs.send(turn.trx, 'attached', {
    person: { tenantId, directoryId, teamsId, name: personName },
    conversationId: conversation.id,
    activityId: id,
    ...(kind && { kind }),
    name,
    url: info.data.downloadUrl,
  });
  const reading = say(files.length > 1 ? 'chat.attached.first' : 'chat.attached.reading', { name: plain(name) });
  return below(messageCard({ title: say('chat.moment'), lines: [reading] }), say('chat.attached.summary'));
}

/** In channels and group chats a file is only named, in the message's HTML or by a reference to where it lies. */
const isElsewhere = ({ contentType, content }: Attachment) =>
  contentType === 'reference' ||
  contentType === downloadInfo ||
  (contentType === 'text/html' && typeof content === 'string' && /<attachment\b/i.test(content));

/** Only https, and only a host that is listed; in development plain http to this machine as well. */
export function downloadAllowed(
  url: string,
  {
    FILE_DOWNLOAD_HOSTS: hosts,
    ALLOW_UNAUTHENTICATED: development,
  }: Pick<Config, 'FILE_DOWNLOAD_HOSTS' | 'ALLOW_UNAUTHENTICATED'>,
): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, hostname, host } = new URL(url);
  if (username || password) return false;
  const listed = (pattern: string) =>
    // Against `host`, which has no port only when it is the usual one.
    pattern.startsWith('*.') ? host.endsWith(pattern.slice(1).toLowerCase()) : host === pattern.toLowerCase();
  if (protocol === 'https:') return hosts.some(listed);
  return development && protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

interface Room {
  db: Db;
  outbox: Outbox;
  jobs: Jobs;
  config: Config;
  keys?: Keyring | undefined;
  clock: () => Date;
  log: Logger;
  /** For tests: takes the downloads. */
  files?: Dispatcher | undefined;
}

/** Downloads what was attached and posts its preview, or why there is none. Run again it posts nothing twice. */
export function readAttached(room: Room, asked: Payloads['attached']): Promise<void> {
  const { person, conversationId } = asked;
  return asReadIn(room.db, { tenantId: person.tenantId, conversationId }, () => readAndTell(room, asked));
}

async function readAndTell(room: Room, asked: Payloads['attached']): Promise<void> {
  const { db, outbox, jobs, config, keys, clock } = room;
  const { person, conversationId, activityId, name } = asked;
  const place = { tenantId: person.tenantId, conversationId };
  const once = `attached:${conversationId}:${activityId}`;
  const found = await textOf(room, asked).catch((error: unknown) => {
    if (error instanceof Refusal) return error;
    throw error;
  });
  await db.transaction().execute(async (trx) => {
    const card: Card =
      found instanceof Refusal
        ? refusalCard(found)
        : await checkedCard(
            { trx, jobs, now: clock(), person, config, keys },
            kindOf(asked.kind, found),
            found,
            'message',
          );
    await outbox.post(trx, place, once, card, found instanceof Refusal ? found.says : name);
  });
}

/** The kind it was said to be, or else the one whose columns it names most of. */
function kindOf(said: string | undefined, text: string): Kind {
  if (said !== undefined && isKind(said)) return said;
  const [first = 'reseller', ...others] = severalKinds;
  return others.reduce((best, one) => (headerScore(one, text) > headerScore(best, text) ? one : best), first);
}

/** @throws Refusal that names the file and never its address, which is as good as a key to it. */
async function textOf({ config, log, files }: Room, { url, name, kind }: Payloads['attached']): Promise<string> {
  const [first = 'reseller'] = severalKinds;
  const command = toType(commandOf(kind !== undefined && isKind(kind) ? kind : first));
  if (!downloadAllowed(url, config)) throw new Refusal('file-refused', { name, command });
  const unreachable = (reason: string) => new Refusal('file-unreachable', { name, reason, command });
  const signal = AbortSignal.timeout(patience);
  const bytes = await (async () => {
    // A redirect is an answer like another: it could lead to any host.
    const response = await request(url, { signal, ...(files && { dispatcher: files }) });
    // Destroying it raises an error there; unheard, it would end the process.
    response.body.on('error', () => {});
    if (response.statusCode !== 200) {
      response.body.destroy();
      throw unreachable(say('chat.attached.answered', { status: response.statusCode }));
    }
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += (chunk as Buffer).length;
      if (size > largestFile) {
        response.body.destroy();
        throw new Refusal('list-too-large', { limit: `${sheetLimits.bytes / 1024} KB` });
      }
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  })().catch((error: unknown) => {
    if (error instanceof Refusal) throw error;
    // The library's error may name the address.
    log.warn({ code: (error as { code?: unknown }).code }, 'an attached file could not be downloaded');
    throw unreachable(say(signal.aborted ? 'chat.attached.late' : 'chat.attached.cut'));
  });
  const text = decoded(bytes);
  if (text === undefined) throw new Refusal('file-not-text', { name, command });
  return text;
}

/**
 * Bytes as text: UTF-8, or UTF-16 when it says so at its beginning, as Excel writes both; anything else is what Windows
 * wrote before. Undefined for what is no text: control characters stand in programs, pictures and workbooks alone.
 */
export function decoded(bytes: Uint8Array): string | undefined {
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: encoding === 'utf-8' }).decode(bytes);
  } catch {
    text = new TextDecoder('windows-1252').decode(bytes);
  }
  const isControl = (code: number) => code < 32 && code !== 9 && code !== 10 && code !== 13;
  for (let at = 0; at < text.length; at++) if (isControl(text.charCodeAt(at))) return undefined;
  return text.startsWith('%PDF-') || text.startsWith('{\\rtf') ? undefined : text;
}
