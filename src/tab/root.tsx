import { FluentProvider } from '@fluentui/react-components';
import { useCallback, useEffect, useState } from 'react';
import type { Settings } from '../board/contract.ts';
import { createCalls, type Identity, readSettings, toldOf } from './calls.ts';
import { findHost, type Host, type ThemeName } from './host.ts';
import { Loading, Outside, Trouble } from './notices.tsx';
import { createReader, type Reader, ReaderContext } from './reader.ts';
import { WhoAreYou } from './rehearsal.tsx';
import { Shell } from './shell.tsx';
import { fluent, themeOutside } from './theme.ts';
import { say, speak } from './words.ts';

type Stage =
  | { is: 'starting' }
  | { is: 'failed'; error: unknown }
  | { is: 'outside'; settings: Settings }
  | { is: 'choosing'; settings: Settings; locale: string }
  | { is: 'signed-on'; reader: Reader };

/** Who somebody is in development is remembered for the window, as a sign-on would be. */
const remembered = 'teammate.person';

/** Finds out where the page is and who reads it, and shows the tab to them. */
export function Root() {
  const [theme, setTheme] = useState<ThemeName>(themeOutside);
  const [stage, setStage] = useState<Stage>({ is: 'starting' });
  const begin = useCallback(() => {
    setStage({ is: 'starting' });
    start(setTheme).then(setStage, (error: unknown) => setStage({ is: 'failed', error }));
  }, []);
  useEffect(begin, [begin]);

  const choose = (settings: Settings, locale: string, directoryId: string) => {
    sessionStorage.setItem(remembered, directoryId);
    setStage({ is: 'signed-on', reader: developing(settings, locale, directoryId) });
  };
  const shown = () => {
    switch (stage.is) {
      case 'starting':
        return <Loading />;
      case 'failed':
        return <Trouble {...toldOf(stage.error)} retry={begin} />;
      case 'outside':
        return <Outside settings={stage.settings} />;
      case 'choosing':
        return <WhoAreYou settings={stage.settings} choose={(id) => choose(stage.settings, stage.locale, id)} />;
      case 'signed-on':
        return (
          <ReaderContext value={stage.reader}>
            <Shell
              key={stage.reader.you}
              become={
                stage.reader.settings.development && !stage.reader.host
                  ? (id) => choose(stage.reader.settings, stage.reader.locale, id)
                  : undefined
              }
            />
          </ReaderContext>
        );
    }
  };
  return (
    <FluentProvider
      theme={fluent[theme]}
      style={{ minHeight: '100%', backgroundColor: 'var(--colorNeutralBackground3)' }}
      data-theme={theme}
    >
      {shown()}
    </FluentProvider>
  );
}

async function start(setTheme: (theme: ThemeName) => void): Promise<Stage> {
  const [host, settings] = await Promise.all([findHost(), readSettings().catch((error: unknown) => ({ error }))]);
  const locale = host?.locale ?? navigator.language;
  document.documentElement.lang = await speak(locale);
  document.title = say('tab.title');
  if (host) {
    setTheme(host.theme);
    host.onTheme(setTheme);
  }
  if ('error' in settings) {
    host?.ready();
    throw settings.error;
  }
  if (host) {
    host.ready();
    return { is: 'signed-on', reader: inTeams(settings, host) };
  }
  if (!settings.development) return { is: 'outside', settings };
  const before = sessionStorage.getItem(remembered);
  return before && settings.people.some(({ directoryId }) => directoryId === before)
    ? { is: 'signed-on', reader: developing(settings, locale, before) }
    : { is: 'choosing', settings, locale };
}

/** Teams says who reads. It gives the token that it has, and another one when that has ended. */
function inTeams(settings: Settings, host: Host): Reader {
  let held: Promise<string> | undefined;
  const ask = (quiet: boolean) => {
    const asked = host.token(quiet).then((token) => `Bearer ${token}`);
    held = asked;
    asked.catch(() => {
      if (held === asked) held = undefined;
    });
    return asked;
  };
  const identity: Identity = async ({ refused, quiet = false }) => {
    const before = held ?? ask(quiet);
    const known = await before;
    if (known !== refused) return known;
    // Of several calls that were refused, the first one gets another token for all of them.
    return held && held !== before ? held : ask(quiet);
  };
  return readerOf(settings, host, host.locale, identity, 'teams');
}

const developing = (settings: Settings, locale: string, directoryId: string): Reader =>
  readerOf(settings, undefined, locale, async () => `Development ${directoryId}`, directoryId);

const readerOf = (settings: Settings, host: Host | undefined, locale: string, identity: Identity, you: string) =>
  createReader({ calls: createCalls(identity, locale), settings, host, locale, you });
