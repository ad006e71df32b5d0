import { PassThrough } from 'node:stream';
import type { Logger } from 'pino';
import { Refusal } from '../errors.ts';
import type { Answer } from '../web/server.ts';
import { heartbeatEvery, type StreamEvent, type streamEvents } from './contract.ts';
import type { Watch } from './revision.ts';
import type { SignedOn } from './sign-on.ts';

/** Pages that one person may have open at once, on each node. */
const mostStreams = 6;
/** What Node's timers can count. Milliseconds. */
const longestTimer = 2 ** 31 - 1;

type Data<Event extends StreamEvent> = (typeof streamEvents)[Event]['_output'];

/** The streams on which the open pages of this process hear what changed. */
export interface Streams {
  /** @throws Refusal `streams-many` */
  open(who: SignedOn, closing: AbortSignal): Promise<Answer>;
  /** How many there are. */
  count(): number;
}

/**
 * `mayRead`: asked at each heartbeat, so that whoever lost their last role does not go on hearing for as long as a token
 * holds.
 */
export function createStreams({
  watch,
  mayRead,
  clock,
  log,
  heartbeat = heartbeatEvery,
}: {
  watch: Watch;
  mayRead: (who: SignedOn['person']) => Promise<boolean>;
  clock: () => Date;
  log: Logger;
  heartbeat?: number;
}): Streams {
  const byPerson = new Map<string, number>();
  let all = 0;

  const count = (key: string, by: 1 | -1) => {
    all += by;
    const left = (byPerson.get(key) ?? 0) + by;
    if (left > 0) byPerson.set(key, left);
    else byPerson.delete(key);
  };

  return {
    count: () => all,

    async open({ person, until }, closing) {
      const key = `${person.tenantId} ${person.directoryId}`;
      if ((byPerson.get(key) ?? 0) >= mostStreams) throw new Refusal('streams-many', { limit: mostStreams });
      const out = new PassThrough();
      const write = (text: string) => {
        if (out.writableEnded || out.destroyed) return;
        // Whoever takes nothing from a stream that says so little has gone, and nobody told us.
        if (!out.write(text)) out.destroy();
      };
      const send = <Event extends StreamEvent>(event: Event, data: Data<Event>) =>
        write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      const end = (why: Data<'end'>['why']) => {
        send('end', { why });
        out.end();
      };

      // Counted before anything is waited for, or many at once would all be the first.
      count(key, 1);
      let board: Awaited<ReturnType<Watch['follow']>>;
      try {
        board = await watch.follow(person.tenantId, (revision) => send('changed', { revision }));
      } catch (error) {
        count(key, -1);
        throw error;
      }
      const beating = setInterval(() => {
        write(': still here\n\n');
        mayRead(person).then(
          (may) => may || end('role'),
          (error) => log.warn({ err: error }, 'stream'),
        );
      }, heartbeat);
      const left = until.getTime() - clock().getTime();
      const over = setTimeout(() => end('token'), Math.min(Math.max(left, 0), longestTimer));
      const onClosing = () => end('closing');
      closing.addEventListener('abort', onClosing, { once: true });
      out.once('close', () => {
        clearInterval(beating);
        clearTimeout(over);
        closing.removeEventListener('abort', onClosing);
        board.stop();
        count(key, -1);
      });
      send('board', { revision: board.revision });
      if (closing.aborted) onClosing();
      return {
        status: 200,
        stream: out,
        lasting: true,
        type: 'text/event-stream; charset=utf-8',
        headers: {
          // Neither kept nor compressed on the way: each event has to arrive when it is sent.
          'cache-control': 'no-store, no-transform',
          'x-accel-buffering': 'no',
          // A connection that is free again would be waited for when the server closes.
          connection: 'close',
        },
      };
    },
  };
}
