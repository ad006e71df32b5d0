import { Badge, Button, Card, MessageBar, MessageBarBody, makeStyles, Text, tokens } from '@fluentui/react-components';
import { CheckmarkCircleRegular, OpenRegular } from '@fluentui/react-icons';
import { useEffect, useRef, useState } from 'react';
import type { Batch, Board, Queued, Request } from '../board/contract.ts';
import type { Address } from './address.ts';
import { useAnnounce } from './announcer.tsx';
import { Decide } from './decide.tsx';
import { Facts } from './facts.tsx';
import { Middle } from './notices.tsx';
import { useReader } from './reader.ts';
import { Heading, KindIcon, Moment, StateBadge } from './shapes.tsx';
import { say } from './words.ts';

const useStyles = makeStyles({
  view: {
    display: 'grid',
    gap: tokens.spacingVerticalL,
    gridTemplateColumns: 'minmax(0, 1fr)',
    maxWidth: '960px',
    marginInline: 'auto',
  },
  list: {
    display: 'grid',
    gap: tokens.spacingVerticalM,
    gridTemplateColumns: 'minmax(0, 1fr)',
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  card: { gap: tokens.spacingVerticalM, padding: tokens.spacingHorizontalL },
  head: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  title: { flexGrow: 1, minWidth: 0, flexBasis: '200px', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2 },
  done: { outlineOffset: '2px' },
});

/** One thing that waits, whatever it is of. */
const called = (one: Queued) =>
  one.type === 'request'
    ? { id: `R-${one.request.id}`, shown: one.request.shown, title: `${one.request.subject} ${one.request.name}` }
    : { id: `B-${one.batch.id}`, shown: say('tab.batch', { id: one.batch.id }), title: one.batch.title };

/** What somebody decided here: it stays in its place, so that the eye and the focus do. */
interface Decided {
  entry: Queued;
  state: Request['state'] | undefined;
  index: number;
}

/** What waits for an approver, the oldest first, to be decided right here. */
export function QueueView({
  board,
  refresh,
  go,
}: {
  board: Board;
  refresh: () => Promise<void>;
  go: (change: Partial<Address>) => void;
}) {
  const styles = useStyles();
  const announce = useAnnounce();
  const [decided, setDecided] = useState<readonly Decided[]>([]);
  const waiting = board.queue.filter((one) => !decided.some(({ entry }) => called(entry).id === called(one).id));
  const entries: (Queued | Decided)[] = [...waiting];
  for (const one of decided.toSorted((a, b) => a.index - b.index)) entries.splice(one.index, 0, one);

  const done = (entry: Queued, index: number, now: Request | Batch, verb: string) => {
    const state = 'shown' in now ? now.state : undefined;
    setDecided((before) => [...before, { entry, state, index }]);
    announce(say(verb === 'approve' ? 'tab.queue.approved' : 'tab.queue.rejected', { what: called(entry).title }));
    void refresh();
  };

  if (entries.length === 0)
    return (
      <Middle icon={<CheckmarkCircleRegular />} title={say('tab.queue.empty.title')}>
        {say('tab.queue.empty.says')}
      </Middle>
    );
  return (
    <div className={styles.view}>
      <div>
        <Heading level={2}>{say('tab.queue.title')}</Heading>
        <Text className={styles.quiet}>{say('tab.queue.says', { count: waiting.length })}</Text>
      </div>
      <ul className={styles.list}>
        {entries.map((one, index) =>
          'entry' in one ? (
            <li key={called(one.entry).id}>
              <Outcome decided={one} go={go} />
            </li>
          ) : (
            <li key={called(one).id}>
              <Waiting entry={one} done={(now, verb) => done(one, index, now, verb)} refresh={refresh} />
            </li>
          ),
        )}
      </ul>
      {board.queueMore > 0 && <Text className={styles.quiet}>{say('tab.queue.more', { count: board.queueMore })}</Text>}
    </div>
  );
}

/** One request or batch: what it is, who asked and when, what to think of, and the decision. */
function Waiting({
  entry,
  done,
  refresh,
}: {
  entry: Queued;
  done: (now: Request | Batch, verb: string) => void;
  refresh: () => Promise<void>;
}) {
  const styles = useStyles();
  const { calls, open, times } = useReader();
  const { id, shown, title } = called(entry);
  const one = entry.type === 'request' ? entry.request : entry.batch;
  const heading = `queued-${id}`;
  const decide = { id, called: shown, version: one.version, moved: () => void refresh() };
  return (
    <Card className={styles.card} role="article" aria-labelledby={heading}>
      <div className={styles.head}>
        <KindIcon kind={one.kind} />
        <div className={styles.title}>
          <Heading level={3} id={heading}>
            {title}
          </Heading>
          <Text size={200} className={styles.quiet}>
            {say('tab.queue.asked', { shown, who: one.requester.name })} · <Moment at={one.since} focusable />
          </Text>
        </div>
        {one.requester.you && (
          <Badge appearance="outline" color="informative" size="large">
            {say('tab.queue.own')}
          </Badge>
        )}
        {one.link && (
          <Button appearance="subtle" icon={<OpenRegular />} onClick={() => open(one.link as string)}>
            {say('tab.card')}
          </Button>
        )}
      </div>
      {entry.type === 'request' && <Facts facts={entry.request.facts ?? []} />}
      {entry.type === 'batch' && (
        <Text>
          {entry.batch.names.map(({ name }) => name).join(', ')}
          {entry.batch.more > 0 && ` ${say('tab.batch.more', { count: entry.batch.more })}`}
        </Text>
      )}
      {[
        ...(one.advice ?? []),
        ...(entry.type === 'request' && entry.request.approval?.note ? [entry.request.approval.note] : []),
      ].map((text) => (
        <MessageBar key={text} intent="info" layout="multiline" politeness="polite">
          <MessageBarBody>{times.sentence(text)}</MessageBarBody>
        </MessageBar>
      ))}
      {one.requester.you && <Text className={styles.quiet}>{say('tab.queue.own.says')}</Text>}
      {entry.type === 'request' ? (
        <Decide
          {...decide}
          actions={entry.request.actions}
          approval={entry.request.approval}
          send={(verb, body) => calls.decide(entry.request.id, verb as Request['actions'][number]['verb'], body)}
          done={done}
        />
      ) : (
        <Decide
          {...decide}
          actions={entry.batch.actions}
          send={(verb, body) => calls.decideBatch(entry.batch.id, verb as Batch['actions'][number]['verb'], body)}
          done={done}
        />
      )}
    </Card>
  );
}

/** In the place of what was decided. */
function Outcome({ decided: { entry, state }, go }: { decided: Decided; go: (change: Partial<Address>) => void }) {
  const styles = useStyles();
  const place = useRef<HTMLDivElement>(null);
  const { title, shown } = called(entry);
  // The button that had the focus is gone.
  useEffect(() => place.current?.focus(), []);
  return (
    <Card className={styles.card} role="group" aria-label={title} appearance="outline">
      <div className={styles.head} ref={place} tabIndex={-1}>
        {state && <StateBadge state={state} />}
        <Text className={styles.title}>
          {title} · {shown}
        </Text>
        {entry.type === 'request' && (
          <Button appearance="subtle" onClick={() => go({ row: shown })}>
            {say('tab.details')}
          </Button>
        )}
      </div>
    </Card>
  );
}
