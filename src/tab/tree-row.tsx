import {
  Button,
  createFocusOutlineStyle,
  makeStyles,
  mergeClasses,
  TableCell,
  TableRow,
  Text,
  Tooltip,
  tokens,
} from '@fluentui/react-components';
import {
  CheckmarkRegular,
  ChevronDownRegular,
  ChevronRightRegular,
  LinkRegular,
  OpenRegular,
} from '@fluentui/react-icons';
import { Fragment, memo, useEffect, useRef, useState } from 'react';
import type { Item } from '../board/contract.ts';
import { useAnnounce } from './announcer.tsx';
import { Breaking } from './breaking.tsx';
import { useReader } from './reader.ts';
import { KindIcon, Moment, StateBadge } from './shapes.tsx';
import type { Row } from './tree.ts';
import { say } from './words.ts';

/** As wide as a phone, or as a tab beside a chat: each row becomes a card. */
export const narrow = '@media (max-width: 719px)';
// Apart from the phone's: of two that overlap, the order in which they are written decides nothing.
export const middling = '@media (min-width: 720px) and (max-width: 959px)';

/** The columns: name, state, who is waited for, billing reference, links. */
export const gridTemplate = {
  display: 'grid',
  gridTemplateColumns: 'minmax(0, 5fr) minmax(0, 3fr) minmax(0, 4fr) minmax(0, 2fr) 76px',
  [middling]: { gridTemplateColumns: 'minmax(0, 5fr) minmax(0, 3fr) minmax(0, 4fr) 76px' },
} as const;

const useStyles = makeStyles({
  row: {
    ...gridTemplate,
    height: 'auto',
    minHeight: '60px',
    cursor: 'pointer',
    // What is not in sight is not laid out.
    contentVisibility: 'auto',
    containIntrinsicSize: 'auto 60px',
    [narrow]: {
      gridTemplateColumns: 'minmax(0, 1fr) auto',
      gridTemplateAreas: '"name links" "state state" "waiting waiting"',
      paddingBlock: tokens.spacingVerticalS,
    },
    ...createFocusOutlineStyle({ style: { outlineOffset: '-3px' } }),
  },
  cell: {
    height: 'auto',
    minWidth: 0,
    paddingBlock: tokens.spacingVerticalS,
    alignItems: 'center',
    [narrow]: { display: 'flex', paddingBlock: tokens.spacingVerticalXXS },
  },
  name: { gap: tokens.spacingHorizontalS, [narrow]: { gridArea: 'name' } },
  state: { [narrow]: { gridArea: 'state', paddingInlineStart: '44px' } },
  waiting: { [narrow]: { gridArea: 'waiting', paddingInlineStart: '44px' } },
  nobody: { [narrow]: { display: 'none' } },
  billing: { [middling]: { display: 'none' }, [narrow]: { display: 'none' } },
  billed: { '@media (min-width: 960px)': { display: 'none' } },
  links: { justifyContent: 'flex-end', gap: 0, padding: 0, [narrow]: { gridArea: 'links', alignItems: 'start' } },
  chevron: {
    display: 'inline-flex',
    justifyContent: 'center',
    alignItems: 'center',
    flexShrink: 0,
    width: '20px',
    height: '32px',
    fontSize: '16px',
    color: tokens.colorNeutralForeground2,
  },
  texts: { minWidth: 0, display: 'flex', flexDirection: 'column' },
  quiet: { color: tokens.colorNeutralForeground2 },
  clamp: { overflowWrap: 'anywhere' },
  sentence: { '::first-letter': { textTransform: 'uppercase' } },
  shown: {
    // Of the theme of high contrast too: what is selected there has colours that only its own text is seen on.
    backgroundColor: tokens.colorNeutralBackground2,
    boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandStroke}`,
    '@media (forced-colors: active)': { outline: '2px solid Highlight' },
  },
  news: {
    animationName: {
      from: { backgroundColor: tokens.colorNeutralBackground4 },
      to: { backgroundColor: 'transparent' },
    },
    animationDuration: '3s',
    animationTimingFunction: 'ease-out',
    '@media (prefers-reduced-motion: reduce)': { animationName: 'none' },
  },
});

/** How far each level stands in. Pixels. */
const indent = 24;

export const TreeRow = memo(function TreeRow({
  row: { key, item, name, level, place, siblings, expanded, below, onTheWay },
  index,
  active,
  shown,
  activate,
  toggle,
  show,
}: {
  row: Row;
  index: number;
  active: boolean;
  /** Its details are shown. */
  shown: boolean;
  activate: (key: string) => void;
  toggle: (key: string) => void;
  show: (item: Item) => void;
}) {
  const styles = useStyles();
  const { times, open } = useReader();
  const news = useChanged(item && `${item.state.id} ${item.waitingFor} ${item.name}`);
  const above = item && level === 1 ? item.parents.map((parent) => parent.name).join(' › ') : '';
  return (
    <TableRow
      className={mergeClasses(styles.row, news && styles.news, shown && styles.shown)}
      aria-selected={shown}
      data-key={key}
      tabIndex={active ? 0 : -1}
      aria-level={level}
      aria-posinset={place}
      aria-setsize={siblings}
      aria-rowindex={index}
      {...(expanded !== undefined && { 'aria-expanded': expanded })}
      onFocus={() => activate(key)}
      onClick={(event) => {
        const on = event.target as HTMLElement;
        if (on.closest('button, a')) return;
        if (on.closest('[data-chevron]') || !item) toggle(key);
        else show(item);
      }}
    >
      <TableCell
        role="gridcell"
        className={mergeClasses(styles.cell, styles.name)}
        style={{ paddingInlineStart: `min(${(level - 1) * indent}px, ${(level - 1) * 4}vw)` }}
      >
        <span className={styles.chevron} aria-hidden="true" {...(expanded !== undefined && { 'data-chevron': '' })}>
          {expanded !== undefined && (expanded ? <ChevronDownRegular /> : <ChevronRightRegular />)}
        </span>
        {item && <KindIcon kind={item.kind} />}
        <span className={styles.texts}>
          <Text weight={onTheWay ? 'regular' : 'semibold'} className={styles.clamp} block>
            {name}
          </Text>
          {item && (
            <Text size={200} className={mergeClasses(styles.quiet, styles.clamp, styles.sentence)} block>
              {[above, item.noun, item.reference, item.email].filter(Boolean).map((part, at) => (
                <Fragment key={part}>
                  {at > 0 && '\u00a0· '}
                  <Breaking text={part as string} />
                </Fragment>
              ))}
              {item.billingReference && (
                <span className={styles.billed}>
                  {'\u00a0· '}
                  <Breaking text={item.billingReference} />
                </span>
              )}
              {expanded === false && below > 0 && ` · ${say('tab.board.below', { count: below })}`}
            </Text>
          )}
        </span>
      </TableCell>
      <TableCell role="gridcell" className={mergeClasses(styles.cell, styles.state)}>
        {item && <StateBadge state={item.state} />}
      </TableCell>
      <TableCell
        role="gridcell"
        className={mergeClasses(styles.cell, styles.waiting, !item?.waitingFor && !item?.since && styles.nobody)}
      >
        {item && (item.waitingFor || item.since) && (
          <span className={styles.texts}>
            {item.waitingFor && (
              <Text className={styles.clamp}>
                <Breaking text={say('tab.waiting-for', { whom: times.sentence(item.waitingFor) })} />
              </Text>
            )}
            {item.since && (
              <Text size={200} className={styles.quiet}>
                <Moment at={item.since} focusable={active} />
              </Text>
            )}
          </span>
        )}
      </TableCell>
      <TableCell role="gridcell" className={mergeClasses(styles.cell, styles.billing)}>
        <Text className={styles.clamp}>{item?.billingReference}</Text>
      </TableCell>
      <TableCell role="gridcell" className={mergeClasses(styles.cell, styles.links)}>
        {item?.link && (
          <Tooltip content={say('tab.card')} relationship="label" withArrow>
            <Button
              appearance="subtle"
              icon={<OpenRegular />}
              tabIndex={active ? 0 : -1}
              onClick={() => open(item.link as string)}
            />
          </Tooltip>
        )}
        {item && <CopyLink row={key} tabIndex={active ? 0 : -1} />}
      </TableCell>
    </TableRow>
  );
});

/** Puts a link to a row into the clipboard, and says that it is there. */
export function CopyLink({ row, tabIndex, worded }: { row: string; tabIndex?: number; worded?: boolean }) {
  const { linkTo } = useReader();
  const announce = useAnnounce();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const later = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(later);
  }, [copied]);
  const copy = async () => {
    const done = await write(linkTo(row));
    setCopied(done);
    announce(say(done ? 'tab.link.copied' : 'tab.link.failed'));
  };
  const title = say(copied ? 'tab.link.copied' : 'tab.link.copy');
  const button = (
    <Button
      appearance="subtle"
      icon={copied ? <CheckmarkRegular /> : <LinkRegular />}
      onClick={copy}
      {...(tabIndex !== undefined && { tabIndex })}
    >
      {worded && title}
    </Button>
  );
  return worded ? (
    button
  ) : (
    <Tooltip content={title} relationship="label" withArrow>
      {button}
    </Tooltip>
  );
}

/** Teams' frame may be kept from the clipboard; then a selection is copied, as pages did before there was one. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    const focused = document.activeElement as HTMLElement | null;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    focused?.focus();
    return done;
  }
}

/** Whether something became another thing while it was looked at. */
function useChanged(of: string | undefined): boolean {
  const first = useRef(of);
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    if (first.current === of) return;
    first.current = of;
    setChanged(true);
    const later = setTimeout(() => setChanged(false), 3_000);
    return () => clearTimeout(later);
  }, [of]);
  return changed;
}
