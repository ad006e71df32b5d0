import { createContext, type ReactNode, use, useCallback, useMemo, useRef, useState } from 'react';
import { Unseen } from './shapes.tsx';

/** Has a screen reader say something when it has finished what it says. */
export type Announce = (text: string) => void;

const AnnounceContext = createContext<Announce>(() => {});
export const useAnnounce = () => use(AnnounceContext);

/** One voice for the whole page: several live regions would talk over each other. */
export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ text: '', turn: 0 });
  const turn = useRef(0);
  const announce = useCallback((text: string) => {
    turn.current += 1;
    setSaid({ text, turn: turn.current });
  }, []);
  // The same words twice are said twice only where they are another element.
  const voice = useMemo(() => <span key={said.turn}>{said.text}</span>, [said]);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div role="status" aria-live="polite" data-voice="">
        <Unseen>{voice}</Unseen>
      </div>
    </AnnounceContext>
  );
}
