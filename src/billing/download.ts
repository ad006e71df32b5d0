import { Readable } from 'node:stream';
import type { Db } from '../db/open.ts';
import { say } from '../language/say.ts';
import { rolesOf } from '../people/roles.ts';
import type { Answer } from '../web/server.ts';
import { fileName, fileTypes, makeFile, piecesOf } from './file.ts';
import { hashOf, offerOf } from './offers.ts';

const says = (status: number, body: string): Answer => ({ status, body, type: 'text/plain; charset=utf-8' });
const over = () => says(410, say('work.download.over'));

/** Answers a link to a file. The token in it is all that is asked for, so it is long, works for minutes, and is not kept. */
export async function download(db: Db, token: string, now: Date): Promise<Answer> {
  const offer = await offerOf(db, hashOf(token));
  if (offer?.way !== 'link') return says(404, say('work.download.none'));
  if (offer.expiresAt <= now) return over();
  // A link must not outlive the right to read what it leads to.
  if ((await rolesOf(db, offer, now)).size === 0) return over();
  const file = await makeFile(db, offer.tenantId, offer.month, offer.format);
  if (!file) return over();
  const stream = Readable.from(piecesOf(file.handle), { objectMode: false });
  stream.once('close', () => file.close());
  return {
    status: 200,
    stream,
    type: fileTypes[offer.format].type,
    headers: {
      'content-length': String(file.size),
      'content-disposition': `attachment; filename="${fileName(offer.month, offer.format)}"`,
      'referrer-policy': 'no-referrer',
    },
  };
}
