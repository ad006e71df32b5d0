import {
  Button,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Skeleton,
  SkeletonItem,
  Text,
  tokens,
} from '@fluentui/react-components';
import { ArrowClockwiseRegular, ChatRegular, OpenRegular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import type { Settings } from '../board/contract.ts';
import { entityLink } from './address.ts';
import type { Liveness } from './live.ts';
import { useNow, useReader } from './reader.ts';
import { Heading, Unseen } from './shapes.tsx';
import { say } from './words.ts';

const useStyles = makeStyles({
  middle: {
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: tokens.spacingVerticalM,
    maxWidth: '480px',
    marginInline: 'auto',
    paddingBlock: '48px',
    paddingInline: tokens.spacingHorizontalL,
    textAlign: 'center',
  },
  picture: { fontSize: '48px', display: 'flex', color: tokens.colorBrandForeground1 },
  quiet: { color: tokens.colorNeutralForeground2 },
  skeleton: { display: 'grid', gap: tokens.spacingVerticalM, padding: tokens.spacingHorizontalL },
  line: { display: 'grid', gridTemplateColumns: '3fr 1fr 2fr', gap: tokens.spacingHorizontalL },
});

/** Nothing to show, or nothing that can be: what it is, what to do, and the button for it. */
export function Middle({
  icon,
  title,
  children,
  action,
}: {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  const styles = useStyles();
  return (
    <div className={styles.middle}>
      <span className={styles.picture} aria-hidden="true">
        {icon}
      </span>
      <Heading level={2}>{title}</Heading>
      {children && (
        <Text className={styles.quiet} align="center">
          {children}
        </Text>
      )}
      {action}
    </div>
  );
}

/** The page as it is going to be, while what is on it is fetched. */
export function Loading() {
  const styles = useStyles();
  return (
    <main aria-busy="true">
      <Unseen as="h1">{say('tab.title')}</Unseen>
      <Unseen>{say('tab.loading')}</Unseen>
      <Skeleton className={styles.skeleton} aria-hidden="true">
        <SkeletonItem size={32} style={{ width: '40%' }} />
        <SkeletonItem size={64} />
        {['a', 'b', 'c', 'd', 'e', 'f'].map((row) => (
          <div key={row} className={styles.line}>
            <SkeletonItem size={24} />
            <SkeletonItem size={24} />
            <SkeletonItem size={24} />
          </div>
        ))}
      </Skeleton>
    </main>
  );
}

/** Nothing can be shown at all. */
export function Trouble({
  says,
  next,
  retry,
  retryTitle = say('tab.retry'),
}: {
  says: string;
  next: string;
  retry: () => void;
  retryTitle?: string;
}) {
  return (
    <main>
      <Unseen as="h1">{say('tab.title')}</Unseen>
      <div role="alert">
        <Middle
          icon={<ArrowClockwiseRegular />}
          title={says}
          action={
            <Button appearance="primary" icon={<ArrowClockwiseRegular />} onClick={retry}>
              {retryTitle}
            </Button>
          }
        >
          {next}
        </Middle>
      </div>
    </main>
  );
}

/** Opened in a browser of its own, where nobody says who reads it. */
export function Outside({ settings: { appId, tabEntity } }: { settings: Settings }) {
  return (
    <main>
      <Unseen as="h1">{say('tab.title')}</Unseen>
      <Middle
        icon={<OpenRegular />}
        title={say('tab.outside.title')}
        action={
          appId && (
            <Button as="a" appearance="primary" href={entityLink(appId, tabEntity)}>
              {say('tab.outside.open')}
            </Button>
          )
        }
      >
        {say('tab.outside.says')}
      </Middle>
    </main>
  );
}

/** Where nothing is there yet, the way to the chat, in which everything begins. */
export function Beginning({ icon, title, says }: { icon: ReactNode; title: string; says: string }) {
  const { chat, open } = useReader();
  return (
    <Middle
      icon={icon}
      title={title}
      action={
        chat && (
          <Button appearance="primary" icon={<ChatRegular />} onClick={() => open(chat)}>
            {say('tab.chat')}
          </Button>
        )
      }
    >
      {says}
    </Middle>
  );
}

/** What was not done, beside what was tried. */
export function Refusal({ says, next }: { says: string; next: string }) {
  return (
    <MessageBar intent="error" layout="multiline" politeness="assertive">
      <MessageBarBody>
        <MessageBarTitle>{says}</MessageBarTitle> {next}
      </MessageBarBody>
    </MessageBar>
  );
}

/** What is on the page may be old, and why. */
export function Stale({ liveness, failed, reconnect }: { liveness: Liveness; failed: boolean; reconnect: () => void }) {
  const now = useNow(1_000);
  if (liveness.state !== 'lost' && liveness.state !== 'over' && !failed) return undefined;
  const seconds =
    liveness.state === 'lost' ? Math.max(1, Math.ceil((liveness.again.getTime() - now.getTime()) / 1_000)) : 0;
  return (
    <MessageBar intent="warning" layout="auto" politeness="polite">
      <MessageBarBody>
        <MessageBarTitle>{say(failed ? 'tab.stale.failed' : 'tab.stale.lost')}</MessageBarTitle>{' '}
        {/* A screen reader that read each second of it would read nothing else. */}
        {seconds > 0 && <span aria-hidden="true">{say('tab.stale.again', { seconds })}</span>}
      </MessageBarBody>
      <MessageBarActions>
        <Button size="small" icon={<ArrowClockwiseRegular />} onClick={reconnect}>
          {say('tab.stale.now')}
        </Button>
      </MessageBarActions>
    </MessageBar>
  );
}
