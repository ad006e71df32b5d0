import { EventSource } from 'eventsource';
import { heartbeatEvery, paths, streamEvents } from '../board/contract.ts';
import type { Calls } from './calls.ts';
import { pauseBefore } from './pauses.ts';

/** How the stream of changes is. `lost`: `again` is when it is tried next. */
export type Liveness =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'lost'; again: Date }
  /** The server will have no more of this reader. */
  | { state: 'over' };

export interface Live {
  /** Tries now instead of when it would by itself. */
  retry(): void;
  stop(): void;
}

/** A stream that is silent for longer than two of its heartbeats is dead, whatever the network says. Milliseconds. */
const silence = heartbeatEvery * 2.4;

/** Follows what the server tells of changes, and comes back when it breaks. */
export function follow(
  calls: Pick<Calls, 'fetch'>,
  { changed, is }: { changed: (revision: string) => void; is: (liveness: Liveness) => void },
): Live {
  let source: EventSource | undefined;
  let attempts = 0;
  let next: number | undefined;
  let dead: number | undefined;
  let stopped = false;

  const close = () => {
    source?.close();
    source = undefined;
    clearTimeout(next);
    clearTimeout(dead);
  };
  const lost = () => {
    if (stopped) return;
    close();
    attempts += 1;
    const pause = pauseBefore(attempts);
    is({ state: 'lost', again: new Date(Date.now() + pause) });
    next = window.setTimeout(open, pause);
  };
  const heard = () => {
    clearTimeout(dead);
    dead = window.setTimeout(lost, silence);
  };

  function open() {
    close();
    heard();
    const opened = new EventSource(new URL(paths.events, location.href), { fetch: heardFetch });
    source = opened;
    const on = (name: 'board' | 'changed') =>
      opened.addEventListener(name, (event) => {
        const told = streamEvents[name].safeParse(parsed(event.data));
        if (!told.success) return;
        attempts = 0;
        is({ state: 'live' });
        changed(told.data.revision);
      });
    on('board');
    on('changed');
    opened.addEventListener('end', (event) => {
      const told = streamEvents.end.safeParse(parsed(event.data));
      if (told.success && told.data.why === 'token') return open();
      if (!told.success || told.data.why === 'closing') return lost();
      close();
      is({ state: 'over' });
    });
    // It would come back by itself, but says neither when nor that it is tried.
    opened.addEventListener('error', lost);
  }
  /** The heartbeats are comments, which an event source keeps to itself: so the bytes are listened to. */
  async function heardFetch(input: string | URL, init: RequestInit) {
    const response = await calls.fetch(String(input), init);
    const ear = new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        heard();
        controller.enqueue(bytes);
      },
    });
    const { status, redirected, headers, url } = response;
    return { status, redirected, headers, url, body: response.body?.pipeThrough(ear) ?? null };
  }

  // A laptop that wakes up, a network that is back: no reason to sit the pause out.
  const back = () => {
    if (next !== undefined && !source) retry();
  };
  const retry = () => {
    attempts = 0;
    is({ state: 'connecting' });
    open();
  };
  window.addEventListener('online', back);
  is({ state: 'connecting' });
  open();
  return {
    retry,
    stop() {
      stopped = true;
      window.removeEventListener('online', back);
      close();
    },
  };
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return undefined;
  }
}
