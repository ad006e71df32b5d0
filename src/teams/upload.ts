import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import * as z from 'zod';
import { inLanguage } from '../language/reader.ts';
import { retell, type Told, told } from '../language/say.ts';

/** A file as it is sent: read piece by piece, never as a whole. */
export interface Upload {
  url: string;
  handle: Pick<FileHandle, 'read'>;
  size: number;
  /** What an attempt before this one, which was cut short, sent: nothing, these very bytes, or those of another file. */
  earlier: 'none' | 'same' | 'other';
  signal: AbortSignal;
}

export interface Uploader {
  /** Resolves when the file is saved. @throws UploadFailed */
  send(upload: Upload): Promise<void>;
  close(): Promise<void>;
}

/** The file could not be saved; `brief` is a few words that mean something to a person. No message holds the address. */
export class UploadFailed extends Error {
  readonly brief: Told;
  constructor(brief: Told) {
    super(`upload: ${inLanguage('en', () => retell(brief))}`);
    this.name = 'UploadFailed';
    this.brief = brief;
  }
}

/** OneDrive takes multiples of 320 KiB ("driveItem: createUploadSession", Microsoft Graph); ten of them are 3.2 MB. */
export const chunkSize = 10 * 320 * 1024;
/** Tries of one chunk, and the pause before the second; it doubles. Milliseconds. */
const tries = { most: 5, first: 500, longest: 30_000 };
const timeout = 60_000;
const worthRepeating = new Set([408, 429, 500, 502, 503, 504]);

/** What nobody but the person can find out. */
const atItsEnd = told('chat.upload.end');

const session = z.object({ nextExpectedRanges: z.array(z.string()).nullish() });

type Reply = { status: number; retryAfter: string; body: string };

const answered = ({ status }: Reply) => told('chat.upload.answered', { status });

/** Saves files at an address that Teams gave, which lets in whoever has it: no token of ours goes there. */
export function createUploader({
  dispatcher,
  pause = (ms, signal) => sleep(ms, undefined, { signal }),
}: {
  dispatcher?: Dispatcher | undefined;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
} = {}): Uploader {
  const own = dispatcher ? undefined : new Agent({ keepAliveTimeout: 30_000, maxResponseSize: 1024 * 1024 });
  const through = dispatcher ?? (own as Agent);

  async function ask(upload: Upload, method: 'GET' | 'PUT', body?: Buffer, range?: string): Promise<Reply> {
    for (let attempt = 1; ; attempt++) {
      const reply = await once(upload, method, body, range);
      if (reply && !worthRepeating.has(reply.status)) return reply;
      if (attempt === tries.most) throw new UploadFailed(reply ? answered(reply) : told('chat.upload.unconnected'));
      const asked = /^\d{1,6}$/.test(reply?.retryAfter ?? '') ? Number(reply?.retryAfter) * 1000 : 0;
      await pause(Math.min(Math.max(asked, tries.first * 2 ** (attempt - 1)), tries.longest), upload.signal);
    }
  }

  /** Undefined when there was no answer. A redirect is not followed: it would lead to a host nobody has looked at. */
  async function once({ url, signal }: Upload, method: 'GET' | 'PUT', body?: Buffer, range?: string) {
    signal.throwIfAborted();
    try {
      const reply = await request(url, {
        method,
        body: body ?? null,
        dispatcher: through,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
        headers: {
          accept: 'application/json',
          ...(range && { 'content-range': range, 'content-type': 'application/octet-stream' }),
        },
      });
      const text = await reply.body.text();
      return { status: reply.statusCode, retryAfter: String(reply.headers['retry-after'] ?? ''), body: text };
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  /** Where OneDrive wants the file to go on; undefined when it has no session there any more. */
  async function expected(upload: Upload): Promise<number | undefined> {
    const reply = await ask(upload, 'GET');
    return reply.status === 200 ? firstOf(reply.body) : undefined;
  }

  return {
    async send(upload) {
      let from = 0;
      if (upload.earlier !== 'none') {
        const next = await expected(upload);
        if (next === undefined) throw new UploadFailed(atItsEnd);
        if (next > 0 && upload.earlier === 'other') throw new UploadFailed(told('chat.upload.half'));
        from = next;
      }
      const chunk = Buffer.alloc(Math.min(chunkSize, upload.size));
      while (from < upload.size) {
        const { bytesRead } = await upload.handle.read(chunk, 0, Math.min(chunk.length, upload.size - from), from);
        if (bytesRead === 0) throw new UploadFailed(told('chat.upload.short'));
        const range = `bytes ${from}-${from + bytesRead - 1}/${upload.size}`;
        const reply = await ask(upload, 'PUT', chunk.subarray(0, bytesRead), range);
        if (reply.status === 200 || reply.status === 201) return;
        // A place is gone as soon as its file is whole: the answer that said so may have got lost.
        if (reply.status === 404 && from + bytesRead === upload.size && from > 0) throw new UploadFailed(atItsEnd);
        // It has these bytes already: an answer of its own got lost.
        const known = reply.status === 416 ? await expected(upload) : undefined;
        if (reply.status !== 202 && known === undefined) throw new UploadFailed(answered(reply));
        from = known ?? firstOf(reply.body) ?? from + bytesRead;
      }
      throw new UploadFailed(told('chat.upload.silent'));
    },
    close: async () => own?.close(),
  };
}

function firstOf(body: string): number | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  const [range] = session.safeParse(parsed).data?.nextExpectedRanges ?? [];
  const first = /^(\d{1,15})-/.exec(range ?? '')?.[1];
  return first === undefined ? undefined : Number(first);
}
