import { CounterBadge, makeStyles, Text, Tooltip, tokens } from '@fluentui/react-components';
import {
  ClipboardTaskListLtrRegular,
  DataHistogramRegular,
  OrganizationRegular,
  PlugDisconnectedRegular,
  PulseRegular,
} from '@fluentui/react-icons';
import { useEffect, useRef, useState } from 'react';
import type { Board } from '../board/contract.ts';
import type { View } from './address.ts';
import { Announcer, useAnnounce } from './announcer.tsx';
import { BoardView } from './board-view.tsx';
import { toldOf } from './calls.ts';
import { coversBelow, Details } from './details.tsx';
import { FlowView } from './flow-view.tsx';
import { SignOnFailed } from './host.ts';
import { Loading, Stale, Trouble } from './notices.tsx';
import { QueueView } from './queue-view.tsx';
import { useNarrow, useNow, useReader } from './reader.ts';
import { Rehearsal } from './rehearsal.tsx';
import { Unseen } from './shapes.tsx';
import { changedItems, itemOf } from './tree.ts';
import { useAddress } from './use-address.ts';
import { type BoardHeld, useBoard } from './use-board.ts';
import { ViewTabs } from './views.tsx';
import { say } from './words.ts';

const useStyles = makeStyles({
  page: { minHeight: '100vh', display: 'flex', flexDirection: 'column' },
  head: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    columnGap: tokens.spacingHorizontalL,
    paddingInline: tokens.spacingHorizontalM,
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  fresh: {
    display: 'inline-flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    paddingInline: tokens.spacingHorizontalS,
    paddingBlock: tokens.spacingVerticalXS,
    color: tokens.colorNeutralForeground2,
  },
  live: { display: 'inline-flex', color: tokens.colorPaletteGreenForeground1, fontSize: '16px' },
  lost: { display: 'inline-flex', color: tokens.colorPaletteDarkOrangeForeground1, fontSize: '16px' },
  main: {
    flexGrow: 1,
    width: '100%',
    boxSizing: 'border-box',
    maxWidth: '1440px',
    marginInline: 'auto',
    padding: tokens.spacingHorizontalL,
    '@media (max-width: 480px)': { padding: tokens.spacingHorizontalM },
  },
});

/** How long a search is left to be typed before the server is asked. Milliseconds. */
const typing = 300;

/** The tab for somebody who is signed on. */
export function Shell({ become }: { become: ((directoryId: string) => void) | undefined }) {
  const { settings, you } = useReader();
  return (
    <Announcer>
      {become && <Rehearsal settings={settings} you={you} become={become} />}
      <Views />
    </Announcer>
  );
}

function Views() {
  const styles = useStyles();
  const { calls, host } = useReader();
  const [address, go] = useAddress(host?.subPageId);
  const [asked, setAsked] = useState('');
  const held = useBoard(calls, asked);
  const { board, error } = held;
  const covering = useNarrow(coversBelow);
  useNews(board);

  // What the server left out it has to look for; everything else is found here, as fast as it is typed.
  const partial = Boolean(board && (board.more > 0 || board.search));
  useEffect(() => {
    if (!partial) return;
    const later = setTimeout(() => setAsked(address.search.trim()), typing);
    return () => clearTimeout(later);
  }, [partial, address.search]);

  if (!board)
    return error === undefined ? (
      <Loading />
    ) : (
      <Trouble
        {...toldOf(error)}
        {...(error instanceof SignOnFailed && { retryTitle: say('tab.sign-on.do') })}
        retry={held.reconnect}
      />
    );

  const seen: View[] = board.you.seesQueue ? ['queue', 'board', 'flow'] : ['board', 'flow'];
  // A link to a row wants the board, whatever else it leaves open.
  const first = address.row ? 'board' : seen[0];
  const view = seen.find((one) => one === address.view) ?? first ?? 'board';
  return (
    <>
      <div className={styles.page} inert={covering && Boolean(address.row)}>
        <header className={styles.head}>
          <Unseen as="h1">{say('tab.heading', { organisation: board.organisation.name })}</Unseen>
          <ViewTabs
            label={say('tab.title')}
            selected={view}
            select={(to) => go({ view: to })}
            tabs={seen.map((one) => ({
              view: one,
              icon: icons[one],
              title: (
                <>
                  {say(`tab.view.${one}`)}
                  {one === 'queue' && board.counts.queue > 0 && (
                    <CounterBadge
                      count={board.counts.queue}
                      size="small"
                      color="brand"
                      aria-label={say('tab.queue.count', { count: board.counts.queue })}
                    />
                  )}
                </>
              ),
            }))}
          />
          <Freshness held={held} />
        </header>
        <Stale
          liveness={held.liveness}
          failed={error !== undefined && held.liveness.state !== 'lost'}
          reconnect={held.reconnect}
        />
        <main className={styles.main}>
          <div role="tabpanel" id="view" aria-labelledby={`tab-${view}`}>
            {view === 'queue' && <QueueView board={board} refresh={held.refresh} go={go} />}
            {view === 'board' && <BoardView board={board} address={address} go={go} searching={held.loading} />}
            {view === 'flow' && <FlowView revision={board.revision} />}
          </div>
        </main>
      </div>
      {view !== 'flow' && (
        <Details
          row={address.row}
          item={address.row ? itemOf(board.items, address.row) : undefined}
          board={board}
          covering={covering}
          refresh={held.refresh}
          close={() => go({ row: '' })}
        />
      )}
    </>
  );
}

const icons: Record<View, React.ReactElement> = {
  queue: <ClipboardTaskListLtrRegular />,
  board: <OrganizationRegular />,
  flow: <DataHistogramRegular />,
};

/** That the page is live, and when it was last made sure of. */
function Freshness({ held: { freshAt, liveness } }: { held: BoardHeld }) {
  const styles = useStyles();
  const { times } = useReader();
  const now = useNow(10_000);
  if (!freshAt) return undefined;
  const live = liveness.state === 'live';
  // While the stream stands, what is shown is what is: when it last changed says nothing about how fresh it is.
  const seen = live && now.getTime() - freshAt.getTime() < 60_000 ? say('tab.fresh.now') : times.ago(freshAt, now);
  return (
    <Tooltip content={say(live ? 'tab.fresh.live' : 'tab.fresh.lost')} relationship="description" withArrow>
      <Text size={200} className={styles.fresh} data-live={liveness.state}>
        <span className={live ? styles.live : styles.lost} aria-hidden="true">
          {live ? <PulseRegular /> : <PlugDisconnectedRegular />}
        </span>
        {live ? say('tab.fresh.updated', { when: seen }) : say('tab.fresh.last', { when: times.ago(freshAt, now) })}
      </Text>
    </Tooltip>
  );
}

/** As many changes are told by name; of more only how many they are. */
const mostNames = 2;

/** Tells a screen reader what has changed since the last look. */
function useNews(board: Board | undefined) {
  const announce = useAnnounce();
  const before = useRef<Board>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = board;
    if (!board || !last || last.search !== board.search) return;
    const changed = changedItems(last.items, board.items);
    if (changed.length === 0) return;
    announce(
      changed.length > mostNames
        ? say('tab.news.many', { count: changed.length })
        : changed.map(({ name, state }) => say('tab.news.one', { name, state: state.label })).join(' '),
    );
  }, [board, announce]);
}
