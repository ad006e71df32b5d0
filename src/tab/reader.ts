import { createContext, use, useEffect, useState } from 'react';
import type { Settings } from '../board/contract.ts';
import { chatLink, entityLink } from './address.ts';
import type { Calls } from './calls.ts';
import type { Host } from './host.ts';
import { type Times, timesIn } from './times.ts';

/** Who reads the tab, and what it can do for them. */
export interface Reader {
  calls: Calls;
  times: Times;
  settings: Settings;
  host: Host | undefined;
  locale: string;
  /** Another one for another person. */
  you: string;
  /** Opens a link of Teams where it belongs: beside the tab, not in its place. */
  open(link: string): void;
  /** A link to a row of the board, for a colleague. */
  linkTo(row: string): string;
  /** The chat with the bot, where things are ordered; undefined where it is not known. */
  chat: string | undefined;
  /** What was typed and not sent yet, by what it is for: it outlives a change of the view and of the board. */
  drafts: Map<string, string>;
}

export function createReader(given: Pick<Reader, 'calls' | 'settings' | 'host' | 'locale' | 'you'>): Reader {
  const { host, locale } = given;
  const { appId, tabEntity } = given.settings;
  const inTeams = host && appId;
  return {
    ...given,
    times: timesIn(locale),
    drafts: new Map(),
    chat: appId ? chatLink(appId) : undefined,
    open(link) {
      const elsewhere = () => window.open(link, '_blank', 'noopener');
      if (host) host.open(link).catch(elsewhere);
      else elsewhere();
    },
    linkTo: (row) =>
      inTeams
        ? entityLink(appId, tabEntity, row)
        : `${location.origin}${location.pathname}#row=${encodeURIComponent(row)}`,
  };
}

export const ReaderContext = createContext<Reader | undefined>(undefined);

/** @throws Error outside of a page that has its reader */
export function useReader(): Reader {
  const reader = use(ReaderContext);
  if (!reader) throw new Error('There is no reader yet.');
  return reader;
}

/** The time, as often as it matters to somebody who reads "3 minutes ago". Milliseconds. */
export function useNow(every = 20_000): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const tick = setInterval(() => setNow(new Date()), every);
    return () => clearInterval(tick);
  }, [every]);
  return now;
}

/** Whether the page is narrower than that, whatever it becomes. Pixels. */
export function useNarrow(below: number): boolean {
  const query = `(max-width: ${below - 1}px)`;
  const [narrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const asked = matchMedia(query);
    const changed = () => setNarrow(asked.matches);
    asked.addEventListener('change', changed);
    return () => asked.removeEventListener('change', changed);
  }, [query]);
  return narrow;
}
