import { FluentProvider, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { CheckmarkCircleRegular, ErrorCircleRegular } from '@fluentui/react-icons';
import { dialog } from '@microsoft/teams-js';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import type { Answer } from '../../dialog/contract.ts';
import { findHost, type Host, type ThemeName } from '../host.ts';
import { fluent, themeOutside } from '../theme.ts';
import { createCalls, Refused } from './calls.ts';
import { FormView, type Problem } from './form-view.tsx';
import { type Say, SayContext, sayFrom } from './words.ts';

const useStyles = makeStyles({
  middle: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'center',
    gap: tokens.spacingVerticalM,
    boxSizing: 'border-box',
    minHeight: '100vh',
    padding: tokens.spacingHorizontalXL,
    textAlign: 'center',
  },
  picture: { display: 'flex', fontSize: '48px' },
  good: { color: tokens.colorPaletteGreenForeground1 },
  bad: { color: tokens.colorPaletteRedForeground1 },
  title: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500 },
  text: { margin: 0, color: tokens.colorNeutralForeground2 },
});

/** A form as a page: it is fetched, filled in, sent, and closes itself when it was taken. */
export function Root() {
  const [theme, setTheme] = useState<ThemeName>(themeOutside);
  const [host, setHost] = useState<Host>();
  const [answer, setAnswer] = useState<Answer>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(true);
  // Nothing else ever has it: what stands behind the # is in no request and in no log.
  const calls = useMemo(() => createCalls(location.hash.slice(1)), []);
  const say = useMemo(() => sayFrom(answer?.words ?? {}), [answer]);

  const take = useCallback(
    (answering: Promise<Answer>) => {
      setBusy(true);
      setProblem(undefined);
      answering.then(setAnswer, (error: unknown) => setProblem(toldOf(error, say))).finally(() => setBusy(false));
    },
    [say],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is fetched once
  useEffect(() => take(calls.show()), []);
  useEffect(() => {
    findHost().then((found) => {
      if (!found) return;
      setHost(found);
      setTheme(found.theme);
      found.onTheme(setTheme);
      found.ready();
    });
  }, []);
  useEffect(() => {
    if (!answer) return;
    document.documentElement.lang = answer.language;
    document.title = answer.form?.title ?? document.title;
  }, [answer]);
  const request = answer?.request;
  useEffect(() => {
    // Teams closes the page; the bot gets the id and nothing of what was typed.
    if (host && request) dialog.url.submit({ requestId: request.id });
  }, [host, request]);

  return (
    <FluentProvider theme={fluent[theme]} style={{ minHeight: '100%' }} data-theme={theme}>
      <SayContext value={say}>
        <main>{shown()}</main>
      </SayContext>
    </FluentProvider>
  );

  function shown(): ReactNode {
    if (request) return <Message good says={say('sent', { id: request.shown })} next={say('sent.next')} />;
    if (answer?.form)
      return (
        <FormView
          form={answer.form}
          busy={busy}
          problem={problem}
          send={(values) => answer.form && take(calls.send({ page: answer.form.page, values }))}
          leave={host && (() => dialog.url.submit())}
          find={calls.find}
        />
      );
    return problem ? <Message {...problem} /> : <Fetching />;
  }
}

function Fetching() {
  const styles = useStyles();
  return (
    <div className={styles.middle}>
      <Spinner label={sayFrom({})('loading')} labelPosition="below" />
    </div>
  );
}

/** How it ended, or why there is nothing to fill in. */
function Message({ says, next, good = false }: Problem & { good?: boolean }) {
  const styles = useStyles();
  return (
    <div className={styles.middle} role={good ? 'status' : 'alert'}>
      <span className={`${styles.picture} ${good ? styles.good : styles.bad}`} aria-hidden="true">
        {good ? <CheckmarkCircleRegular /> : <ErrorCircleRegular />}
      </span>
      <h1 className={styles.title}>{says}</h1>
      <p className={styles.text}>{next}</p>
    </div>
  );
}

const toldOf = (error: unknown, say: Say): Problem =>
  error instanceof Refused
    ? { says: error.message, next: error.next }
    : { says: say('unreachable'), next: say('unreachable.next') };
