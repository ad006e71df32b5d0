import { useCallback, useEffect, useState } from 'react';

/** What is read from the server for one revision of the board. What was read before stays until the next is there. */
export function useRead<Value>(read: () => Promise<Value>, revision: string) {
  const [held, setHeld] = useState<{ value?: Value; error?: unknown; of?: string }>({});
  const [turn, setTurn] = useState(0);
  const of = `${revision} ${turn}`;
  useEffect(() => {
    let stale = false;
    read().then(
      (value) => {
        if (!stale) setHeld({ value, of });
      },
      (error) => {
        if (!stale) setHeld((before) => ({ ...before, error, of }));
      },
    );
    return () => {
      stale = true;
    };
  }, [read, of]);
  const again = useCallback(() => setTurn((one) => one + 1), []);
  const put = useCallback((value: Value) => setHeld({ value }), []);
  return { ...held, again, put };
}
