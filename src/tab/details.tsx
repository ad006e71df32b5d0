import {
  Button,
  Divider,
  MessageBar,
  MessageBarBody,
  makeStyles,
  mergeClasses,
  Skeleton,
  SkeletonItem,
  Text,
  tokens,
} from '@fluentui/react-components';
import {
  ArrowCircleRightRegular,
  CheckmarkCircleFilled,
  CircleRegular,
  DismissRegular,
  ErrorCircleRegular,
  OpenRegular,
  SubtractCircleRegular,
  WarningRegular,
} from '@fluentui/react-icons';
import { type ComponentType, useCallback, useEffect, useRef } from 'react';
import type { Board, Checkpoint, Item, Request, Step } from '../board/contract.ts';
import { toldOf } from './calls.ts';
import { Decide } from './decide.tsx';
import { Facts } from './facts.tsx';
import { Refusal } from './notices.tsx';
import { useReader } from './reader.ts';
import { Heading, KindIcon, Moment, StateBadge, Unseen } from './shapes.tsx';
import { CopyLink, narrow } from './tree-row.tsx';
import { useRead } from './use-read.ts';
import { say } from './words.ts';

/** Where it covers the whole page: as wide as that is `narrow`. Pixels. */
export const coversBelow = 720;

const useStyles = makeStyles({
  panel: {
    position: 'fixed',
    insetBlock: 0,
    insetInlineEnd: 0,
    zIndex: 10,
    width: '440px',
    maxWidth: '100vw',
    boxSizing: 'border-box',
    overflowY: 'auto',
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow28,
    borderInlineStartWidth: '1px',
    borderInlineStartStyle: 'solid',
    borderInlineStartColor: tokens.colorTransparentStroke,
    [narrow]: { width: '100vw' },
  },
  head: {
    position: 'sticky',
    top: 0,
    zIndex: 1,
    display: 'flex',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
    padding: tokens.spacingHorizontalL,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  body: {
    display: 'grid',
    gap: tokens.spacingVerticalL,
    gridTemplateColumns: 'minmax(0, 1fr)',
    alignContent: 'start',
    paddingInline: tokens.spacingHorizontalL,
    paddingBlockEnd: tokens.spacingVerticalXXL,
  },
  title: {
    display: 'flex',
    gap: tokens.spacingHorizontalS,
    alignItems: 'center',
    overflowWrap: 'anywhere',
    outline: 'none',
  },
  request: { display: 'grid', gap: tokens.spacingVerticalM, gridTemplateColumns: 'minmax(0, 1fr)' },
  line: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  quiet: { color: tokens.colorNeutralForeground2 },
  sentence: { display: 'inline-block', '::first-letter': { textTransform: 'uppercase' } },
  steps: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalXS },
  step: { display: 'flex', gap: tokens.spacingHorizontalS, alignItems: 'flex-start' },
  icon: { display: 'inline-flex', fontSize: '20px', flexShrink: 0, color: tokens.colorNeutralForeground2 },
  good: { color: tokens.colorPaletteGreenForeground1 },
  bad: { color: tokens.colorPaletteRedForeground1 },
  now: { color: tokens.colorBrandForeground1 },
});

/** What a link means that is on no board: a request that is over, by what people call it. */
const requestId = (row: string | undefined) => /^(?:R-|request:)(\d{1,18})$/.exec(row ?? '')?.[1];

/** All there is to tell of a row, beside the board. */
export function Details({
  row,
  item,
  board,
  covering,
  refresh,
  close,
}: {
  row: string | undefined;
  item: Item | undefined;
  board: Board;
  /** Nothing of the page is seen beside it. */
  covering: boolean;
  refresh: () => Promise<void>;
  close: () => void;
}) {
  const styles = useStyles();
  const { open } = useReader();
  const lone = item ? undefined : requestId(row);
  const name = item?.name ?? row ?? '';
  const ids = item ? item.requests.map(({ id }) => id) : lone ? [lone] : [];
  const panel = useRef<HTMLElement>(null);
  const title = useRef<HTMLDivElement>(null);
  // A link from elsewhere means the row, which keeps the focus where both are seen; whoever opens it here wants to read it.
  const linked = useRef(row !== undefined && item !== undefined && !covering);
  useEffect(() => {
    if (row && !linked.current) title.current?.focus();
    linked.current = false;
  }, [row]);
  const leave = () => {
    close();
    const back = item && document.querySelector<HTMLElement>(`[data-key="${CSS.escape(item.key)}"]`);
    // Where the panel covers the page, nothing below it can be focused before it is gone.
    requestAnimationFrame(() =>
      (back ?? document.querySelector<HTMLElement>('[role=tab][aria-selected=true]'))?.focus(),
    );
  };
  useEffect(() => {
    const element = panel.current;
    const onKeyDown = ({ key }: KeyboardEvent) => key === 'Escape' && latest.current();
    element?.addEventListener('keydown', onKeyDown);
    return () => element?.removeEventListener('keydown', onKeyDown);
  });
  const latest = useRef(leave);
  latest.current = leave;
  if (!row) return undefined;
  return (
    <aside ref={panel} className={styles.panel} aria-label={say('tab.details.of', { name })}>
      <div className={styles.head}>
        <div ref={title} tabIndex={-1} className={styles.title}>
          {item && <KindIcon kind={item.kind} />}
          <Heading level={2}>{name}</Heading>
        </div>
        <Button appearance="subtle" aria-label={say('tab.close')} icon={<DismissRegular />} onClick={leave} />
      </div>
      <div className={styles.body}>
        {item && (
          <>
            <div className={styles.line}>
              <StateBadge state={item.state} />
              <Text className={mergeClasses(styles.quiet, styles.sentence)}>{item.noun}</Text>
            </div>
            <Facts facts={factsOf(item)} />
            <div className={styles.line}>
              {item.link && (
                <Button icon={<OpenRegular />} onClick={() => open(item.link as string)}>
                  {say('tab.card')}
                </Button>
              )}
              <CopyLink row={item.key} worded />
            </div>
          </>
        )}
        {ids.map((id) => (
          <OneRequest
            key={id}
            id={id}
            known={item?.requests.find((one) => one.id === id)}
            revision={board.revision}
            refresh={refresh}
          />
        ))}
        {ids.length === 0 && (
          <Text className={styles.quiet}>{say(item ? 'tab.details.quiet' : 'tab.details.gone')}</Text>
        )}
      </div>
    </aside>
  );
}

const factsOf = ({ parents, reference, email, billingReference }: Item) =>
  [
    { title: say('tab.belongs'), value: parents.map(({ name }) => name).join(' › ') },
    { title: say('tab.reference'), value: reference ?? '' },
    { title: say('tab.email'), value: email ?? '' },
    { title: say('tab.column.billing'), value: billingReference ?? '' },
  ].filter(({ value }) => value);

/** One request: how far it is, what is to be done, and what the reader can do. */
function OneRequest({
  id,
  known,
  revision,
  refresh,
}: {
  id: string;
  known: Request | undefined;
  revision: string;
  refresh: () => Promise<void>;
}) {
  const styles = useStyles();
  const { calls, times } = useReader();
  const read = useCallback(() => calls.request(id), [calls, id]);
  const { value: request = known, error, put } = useRead(read, revision);
  if (!request)
    return error === undefined ? (
      <Skeleton aria-hidden="true">
        <SkeletonItem size={128} />
      </Skeleton>
    ) : (
      <Refusal {...toldOf(error)} />
    );
  const { state, waitingFor, since, requester, decision, createdAt, approval } = request;
  return (
    <section className={styles.request} aria-labelledby={`request-${id}`}>
      <Divider />
      <Heading level={3} id={`request-${id}`}>
        {say('tab.request.heading', { shown: request.shown, subject: request.subject })}
      </Heading>
      <div className={styles.line}>
        <StateBadge state={state} />
        <Text size={200} className={styles.quiet}>
          <Moment at={since} focusable />
        </Text>
      </div>
      {waitingFor && <Text weight="semibold">{say('tab.waiting-for', { whom: times.sentence(waitingFor) })}</Text>}
      {request.notes.map((note) => (
        <MessageBar key={note} intent="warning" layout="multiline">
          <MessageBarBody>{times.sentence(note)}</MessageBarBody>
        </MessageBar>
      ))}
      <Progress title={say('tab.steps')} points={request.steps} />
      {request.checklist.length > 0 && <Progress title={say('tab.checklist')} points={request.checklist} />}
      <Facts
        facts={[
          ...(request.facts ?? []),
          { title: say('tab.asked-by'), value: `${requester.name}, ${times.exact(createdAt)}` },
          ...(decision
            ? [{ title: say('tab.decided-by'), value: `${decision.name}, ${times.exact(decision.at)}` }]
            : []),
          ...(decision?.reason ? [{ title: say('tab.reason'), value: decision.reason }] : []),
        ]}
      />
      {(request.advice ?? []).map((text) => (
        <MessageBar key={text} intent="info" layout="multiline">
          <MessageBarBody>{times.sentence(text)}</MessageBarBody>
        </MessageBar>
      ))}
      <Decide
        id={`R-${id}`}
        called={request.shown}
        version={request.version}
        actions={request.actions}
        approval={approval}
        send={(verb, body) => calls.decide(id, verb as Request['actions'][number]['verb'], body)}
        done={(now) => {
          put(now);
          void refresh();
        }}
        moved={(now) => {
          if ('shown' in now) put(now);
          void refresh();
        }}
      />
    </section>
  );
}

type Point = Step | Checkpoint;
const pointIcons: Record<Point['state'], ComponentType> = {
  done: CheckmarkCircleFilled,
  now: ArrowCircleRightRegular,
  later: CircleRegular,
  stopped: ErrorCircleRegular,
  failed: ErrorCircleRegular,
  warned: WarningRegular,
  skipped: SubtractCircleRegular,
};

/** What is done, under way and to come. */
function Progress({ title, points }: { title: string; points: readonly Point[] }) {
  const styles = useStyles();
  const { times } = useReader();
  const tones: Partial<Record<Point['state'], string>> = {
    done: styles.good,
    now: styles.now,
    stopped: styles.bad,
    failed: styles.bad,
  };
  return (
    <ol className={styles.steps} aria-label={title}>
      {points.map((point) => {
        const Icon = pointIcons[point.state];
        const says = 'says' in point ? point.says : undefined;
        return (
          <li
            key={point.label}
            className={styles.step}
            {...(point.state === 'now' && { 'aria-current': 'step' as const })}
          >
            <span className={mergeClasses(styles.icon, tones[point.state])} aria-hidden="true">
              <Icon />
            </span>
            <span>
              <Text weight={point.state === 'now' ? 'semibold' : 'regular'}>{times.sentence(point.label)}</Text>
              <Unseen>{` (${say(`tab.step.${point.state}`)})`}</Unseen>
              {says && (
                <Text block size={200} className={styles.quiet}>
                  {times.sentence(says)}
                </Text>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
