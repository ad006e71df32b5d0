import { Button, makeStyles, Spinner, Text, ToggleButton, tokens } from '@fluentui/react-components';
import { ArrowDownloadRegular, OrganizationRegular, SearchRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import type { Board } from '../board/contract.ts';
import { type Address, isFiltered, nowhere } from './address.ts';
import { useAnnounce } from './announcer.tsx';
import { toldOf } from './calls.ts';
import { Filters } from './filters.tsx';
import { Beginning, Middle, Refusal } from './notices.tsx';
import { useReader } from './reader.ts';
import { Heading, StateIcon } from './shapes.tsx';
import { itemOf, rowsOf } from './tree.ts';
import { TreeGrid } from './tree-grid.tsx';
import { say } from './words.ts';

const useStyles = makeStyles({
  view: { display: 'grid', gap: tokens.spacingVerticalL, gridTemplateColumns: 'minmax(0, 1fr)' },
  head: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    justifyContent: 'space-between',
    gap: tokens.spacingHorizontalM,
  },
  tiles: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  tile: { fontWeight: tokens.fontWeightRegular, columnGap: tokens.spacingHorizontalXS },
  quiet: { color: tokens.colorNeutralForeground2 },
});

const nothing: ReadonlySet<string> = new Set();

/** The whole chain: resellers, their enterprises, and what those have, with who is waited for. */
export function BoardView({
  board,
  address,
  go,
  searching,
}: {
  board: Board;
  address: Address;
  go: (change: Partial<Address>) => void;
  searching: boolean;
}) {
  const styles = useStyles();
  const search = address.search.trim();
  // What was closed on the whole board is to be seen where it was searched for.
  const looking = isFiltered(address) ? [search, address.kind, address.state, address.waitingFor].join('\n') : '';
  const [byHand, setByHand] = useState<ReadonlyMap<string, ReadonlySet<string>>>(new Map());
  const toggled = byHand.get(looking) ?? nothing;
  // The server knows more of an item than it sends: what it found by these very words is not searched again.
  const bySelf = board.search !== '' && board.search === search;
  const rows = useMemo(() => rowsOf(board.items, address, toggled, bySelf), [board.items, address, toggled, bySelf]);
  const found = rows.reduce(
    (sum, { onTheWay, below, expanded }) => sum + (onTheWay ? 0 : 1) + (expanded ? 0 : below),
    0,
  );
  const toggle = (key: string) =>
    setByHand((before) => {
      const after = new Set(before.get(looking));
      if (!after.delete(key)) after.add(key);
      return new Map(before).set(looking, after);
    });
  const things = board.counts.things.filter(({ total }) => total > 0);

  if (board.items.length === 0 && !board.search && board.more === 0)
    return (
      <Beginning
        icon={<OrganizationRegular />}
        title={say('tab.empty.title')}
        says={say(board.you.orders ? 'tab.empty.order' : 'tab.empty.wait')}
      />
    );
  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <div>
          <Heading level={2}>{board.organisation.name || say('tab.view.board')}</Heading>
          <Text size={200} className={styles.quiet}>
            {things.map(({ title, total }) => say('tab.board.count', { title, total })).join(' · ')}
          </Text>
        </div>
        <Download search={search} />
      </div>
      <Tiles board={board} address={address} go={go} />
      <Filters board={board} address={address} go={go} />
      {rows.length > 0 ? (
        <TreeGrid
          rows={rows}
          focused={address.row && itemOf(board.items, address.row)?.key}
          toggle={toggle}
          show={(item) => go({ row: item.key })}
        />
      ) : (
        !searching && (
          <Middle
            icon={<SearchRegular />}
            title={say('tab.none.title')}
            action={<Button onClick={() => go({ ...nowhere, order: address.order })}>{say('tab.filter.clear')}</Button>}
          >
            {say('tab.none.says')}
          </Middle>
        )
      )}
      {searching && board.search !== search && <Spinner size="tiny" label={say('tab.searching')} />}
      <Text size={200} className={styles.quiet} role="note">
        {isFiltered(address) ? say('tab.board.found', { count: found }) : ''}
        {board.more > 0 ? ` ${say('tab.board.beyond', { count: board.more })}` : ''}
      </Text>
    </div>
  );
}

/** How much of what there is, each a filter. */
function Tiles({ board, address, go }: { board: Board; address: Address; go: (change: Partial<Address>) => void }) {
  const styles = useStyles();
  const { times } = useReader();
  const lost = board.items.find(({ state }) => state.id === 'lost')?.state;
  const tiles = [
    ...board.counts.requests,
    ...(lost && board.counts.lost > 0 ? [{ state: lost, count: board.counts.lost }] : []),
  ];
  if (tiles.length === 0) return undefined;
  return (
    <ul className={styles.tiles} aria-label={say('tab.board.under-way')}>
      {tiles.map(({ state, count }) => (
        <li key={state.id}>
          <ToggleButton
            className={styles.tile}
            shape="circular"
            icon={<StateIcon state={state} />}
            checked={address.state === state.id}
            onClick={() => go({ state: address.state === state.id ? '' : state.id })}
          >
            {state.label} <Text weight="semibold">{times.number(count)}</Text>
          </ToggleButton>
        </li>
      ))}
    </ul>
  );
}

/** The board as a file for a spreadsheet. */
function Download({ search }: { search: string }) {
  const { calls } = useReader();
  const announce = useAnnounce();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    setError(undefined);
    try {
      const { name, file } = await calls.csv(search);
      const address = URL.createObjectURL(file);
      const link = document.createElement('a');
      link.href = address;
      link.download = name;
      link.click();
      // The browser reads it after this turn.
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      announce(say('tab.csv.done', { name }));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div>
      <Button icon={<ArrowDownloadRegular />} onClick={download} disabledFocusable={busy}>
        {say('tab.csv')}
      </Button>
      {error !== undefined && <Refusal {...toldOf(error)} />}
    </div>
  );
}
