import {
  Button,
  makeStyles,
  Table,
  TableBody,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Item } from '../board/contract.ts';
import type { Row } from './tree.ts';
import { gridTemplate, middling, narrow, TreeRow } from './tree-row.tsx';
import { say } from './words.ts';

/*
 * A treegrid as the ARIA Authoring Practices have it: one row has the focus, the arrows move it, right opens and goes in, left
 * closes and goes out, Enter shows the details, and Tab goes through the buttons of the row. Fluent's Tree has no columns and
 * its DataGrid no levels, so the rows are Fluent's table and the keys are ours.
 */

const useStyles = makeStyles({
  table: {
    minWidth: 0,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusLarge,
    boxShadow: tokens.shadow4,
    overflow: 'clip',
    paddingInline: tokens.spacingHorizontalS,
    boxSizing: 'border-box',
    '@media (forced-colors: active)': { border: '1px solid CanvasText' },
  },
  head: {
    ...gridTemplate,
    // On a phone each row says what is what; the names of the columns are there for a screen reader.
    [narrow]: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
  },
  billing: { [middling]: { display: 'none' } },
  more: { display: 'flex', justifyContent: 'center', padding: tokens.spacingVerticalM },
});

/** Rows that are drawn at first, and that each look at the end adds: thousands at once would make every key slow. */
const portion = 100;

export function TreeGrid({
  rows,
  focused,
  toggle,
  show,
}: {
  rows: readonly Row[];
  /** The row that a link means: shown, and focused once. */
  focused: string | undefined;
  toggle: (key: string) => void;
  show: (item: Item) => void;
}) {
  const styles = useStyles();
  const grid = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const [limit, setLimit] = useState(portion);
  const [active, setActive] = useState<string>();
  const wanted = focused === undefined ? -1 : rows.findIndex(({ key }) => key === focused);
  const drawn = rows.slice(0, Math.max(limit, wanted + 1));
  const current = drawn.some(({ key }) => key === active) ? active : drawn[0]?.key;

  const focus = (key: string | undefined) => {
    if (key === undefined) return;
    setActive(key);
    grid.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
  };

  // Once for each link: afterwards the reader goes where they like, and the board may change under them.
  const reached = useRef<string>(undefined);
  useEffect(() => {
    if (focused === undefined || wanted < 0 || reached.current === focused) return;
    reached.current = focused;
    setActive(focused);
    const row = grid.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`);
    row?.scrollIntoView({ block: 'center' });
    row?.focus({ preventScroll: true });
  }, [focused, wanted]);

  // A row that had the focus may be another one now: what was asked for is there, or somebody removed it.
  const within = useRef(false);
  const last = useRef<{ index: number; row: Row | undefined }>({ index: 0, row: undefined });
  useLayoutEffect(() => {
    const index = drawn.findIndex(({ key }) => key === active);
    if (index >= 0) {
      last.current = { index, row: drawn[index] };
      return;
    }
    if (!within.current || active === undefined) return;
    const { row, index: before } = last.current;
    const heir = drawn.find((one) => isHeir(one, row)) ?? drawn[Math.min(before, drawn.length - 1)];
    if (!heir) return;
    setActive(heir.key);
    grid.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(heir.key)}"]`)?.focus();
  });

  const more = rows.length - drawn.length;
  useEffect(() => {
    if (more === 0 || !end.current) return;
    const near = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting) setLimit((before) => before + portion);
      },
      { rootMargin: '600px' },
    );
    near.observe(end.current);
    return () => near.disconnect();
  }, [more]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const element = (event.target as HTMLElement).closest<HTMLElement>('[data-key]');
    const index = drawn.findIndex(({ key }) => key === element?.dataset.key);
    const row = drawn[index];
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const inside = event.target !== element;
    const go = (to: Row | undefined) => focus(to?.key);
    const use = () => row.item && show(row.item);
    const moves: [name: string, move: () => void][] = [
      ['ArrowDown', () => go(drawn[index + 1])],
      ['ArrowUp', () => go(drawn[index - 1])],
      ['Home', () => go(drawn[0])],
      ['End', () => go(drawn.at(-1))],
      [
        'ArrowRight',
        () => {
          if (row.expanded === false && !inside) toggle(row.key);
          else step(element, event.target as HTMLElement, 1);
        },
      ],
      [
        'ArrowLeft',
        () => {
          if (inside) step(element, event.target as HTMLElement, -1);
          else if (row.expanded) toggle(row.key);
          else go(drawn.slice(0, index).findLast(({ level }) => level < row.level));
        },
      ],
    ];
    if (!inside) moves.push(['Enter', use], [' ', () => (row.expanded === undefined ? use() : toggle(row.key))]);
    const act = moves.find(([name]) => name === event.key)?.[1];
    if (!act) return;
    event.preventDefault();
    act();
  };

  return (
    <div ref={grid}>
      <Table
        noNativeElements
        role="treegrid"
        className={styles.table}
        aria-label={say('tab.board.title')}
        aria-rowcount={rows.length + 1}
        onKeyDown={onKeyDown}
        onFocus={() => {
          within.current = true;
        }}
        onBlur={({ target }) => {
          // What is taken out of the page is blurred as well, and nobody left it.
          if (target.isConnected) within.current = false;
        }}
      >
        <TableHeader>
          <TableRow className={styles.head} aria-rowindex={1}>
            {(['name', 'state', 'waiting', 'billing', 'links'] as const).map((column) => (
              <TableHeaderCell key={column} className={column === 'billing' ? styles.billing : undefined}>
                {say(`tab.column.${column}`)}
              </TableHeaderCell>
            ))}
          </TableRow>
        </TableHeader>
        <TableBody>
          {drawn.map((row, index) => (
            <TreeRow
              key={row.key}
              row={row}
              index={index + 2}
              active={row.key === current}
              shown={row.key === focused}
              activate={setActive}
              toggle={toggle}
              show={show}
            />
          ))}
        </TableBody>
      </Table>
      {more > 0 && (
        <div ref={end} className={styles.more}>
          <Button onClick={() => setLimit(limit + portion)}>{say('tab.board.more', { count: more })}</Button>
        </div>
      )}
    </div>
  );
}

/** Whether a row is what another one has become: the same name of the same kind, below the same. */
const isHeir = ({ item, name }: Row, row: Row | undefined) =>
  name === row?.name && item?.kind === row.item?.kind && item?.parents.at(-1)?.key === row.item?.parents.at(-1)?.key;

/** From the row into what can be used in it, from one to the next, and back to the row. */
function step(row: HTMLElement | null, from: HTMLElement, by: 1 | -1) {
  if (!row) return;
  const stops = [row, ...row.querySelectorAll<HTMLElement>('button, a[href], time[tabindex]')];
  stops[stops.indexOf(from) + by]?.focus();
}
