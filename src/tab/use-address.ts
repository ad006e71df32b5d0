import { useCallback, useEffect, useState } from 'react';
import { type Address, readAddress, writeAddress } from './address.ts';

/** Where the reader is, kept behind the # of the page. `first`: what a link wants to be shown, if one brought them here. */
export function useAddress(first: string | undefined): [Address, (change: Partial<Address>) => void] {
  const [address, setAddress] = useState(() => readAddress(location.hash || first || ''));
  useEffect(() => {
    const moved = () => setAddress(readAddress(location.hash));
    window.addEventListener('hashchange', moved);
    return () => window.removeEventListener('hashchange', moved);
  }, []);
  const go = useCallback((change: Partial<Address>) => {
    setAddress((before) => {
      const { row, ...rest } = { ...before, ...change };
      const after: Address = { ...rest, ...(row && { row }) };
      // In the place of what was there: typing a search makes no twenty steps back. It tells nobody, unlike setting the hash.
      history.replaceState(undefined, '', `#${writeAddress(after)}`);
      return after;
    });
  }, []);
  return [address, go];
}
