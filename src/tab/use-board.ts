import { useCallback, useEffect, useRef, useState } from 'react';
import type { Board } from '../board/contract.ts';
import type { Calls } from './calls.ts';
import { follow, type Live, type Liveness } from './live.ts';

export interface BoardHeld {
  board: Board | undefined;
  /** Why the last look failed; what was there before is still shown. */
  error: unknown;
  loading: boolean;
  liveness: Liveness;
  /** When it was last known to be as it is on the server. */
  freshAt: Date | undefined;
  refresh(): Promise<void>;
  reconnect(): void;
}

/** The board, kept as it is on the server. `search`: what the server is to look for, when it did not send everything. */
export function useBoard(calls: Calls, search: string): BoardHeld {
  const [board, setBoard] = useState<Board>();
  const [error, setError] = useState<unknown>();
  const [loading, setLoading] = useState(true);
  const [liveness, setLiveness] = useState<Liveness>({ state: 'connecting' });
  const [freshAt, setFreshAt] = useState<Date>();
  const held = useRef<Board>(undefined);
  const asked = useRef(0);
  const live = useRef<Live>(undefined);

  const refresh = useCallback(async () => {
    // An answer that is overtaken by a later question is of no interest any more.
    asked.current += 1;
    const mine = asked.current;
    setLoading(true);
    try {
      const fresh = await calls.board(search);
      if (mine !== asked.current) return;
      held.current = fresh;
      setBoard(fresh);
      setFreshAt(new Date());
      setError(undefined);
    } catch (failure) {
      if (mine === asked.current) setError(failure);
    } finally {
      if (mine === asked.current) setLoading(false);
    }
  }, [calls, search]);
  const latest = useRef(refresh);
  latest.current = refresh;

  useEffect(() => {
    void refresh();
  }, [refresh]);
  // Whoever has no board gets no stream either: it would be refused the same way, over and over.
  const begun = board !== undefined;
  useEffect(() => {
    if (!begun) return;
    live.current = follow(calls, {
      changed: (revision) => {
        if (held.current?.revision === revision) setFreshAt(new Date());
        else void latest.current();
      },
      is: setLiveness,
    });
    return () => live.current?.stop();
  }, [calls, begun]);

  const reconnect = useCallback(() => {
    // First what may ask the reader to sign in, and then the stream, which may not and takes what came of it.
    void latest.current();
    live.current?.retry();
  }, []);
  return { board, error, loading, liveness, freshAt, refresh, reconnect };
}
