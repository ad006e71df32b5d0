import { createFocusOutlineStyle, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { KeyboardEvent, ReactElement, ReactNode } from 'react';
import type { View } from './address.ts';

/*
 * Tabs that look like Fluent's and keep to the same keys. Fluent's own leave hidden elements in the page that take the focus for
 * a moment, which a check of accessibility rightly takes for a mistake.
 */

const useStyles = makeStyles({
  list: { display: 'flex', flexWrap: 'wrap' },
  tab: {
    position: 'relative',
    display: 'inline-flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalXS,
    paddingBlock: tokens.spacingVerticalM,
    paddingInline: tokens.spacingHorizontalMNudge,
    // Three of them have room on the smallest phone, in most languages.
    '@media (max-width: 359px)': { paddingInline: tokens.spacingHorizontalXS },
    border: 'none',
    borderRadius: tokens.borderRadiusMedium,
    background: 'none',
    color: tokens.colorNeutralForeground2,
    fontFamily: tokens.fontFamilyBase,
    fontSize: tokens.fontSizeBase300,
    lineHeight: tokens.lineHeightBase300,
    cursor: 'pointer',
    '::after': {
      content: '""',
      position: 'absolute',
      insetInline: tokens.spacingHorizontalMNudge,
      bottom: 0,
      height: tokens.strokeWidthThicker,
      borderRadius: tokens.borderRadiusCircular,
    },
    ':hover': { color: tokens.colorNeutralForeground1 },
    ':hover::after': { backgroundColor: tokens.colorNeutralStroke1Hover },
    ...createFocusOutlineStyle(),
  },
  selected: {
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    '::after': { backgroundColor: tokens.colorCompoundBrandStroke },
    ':hover::after': { backgroundColor: tokens.colorCompoundBrandStrokeHover },
    '@media (forced-colors: active)': { '::after': { backgroundColor: 'Highlight' } },
  },
  icon: { display: 'inline-flex', fontSize: '20px', color: tokens.colorNeutralForeground2 },
  iconSelected: { color: tokens.colorCompoundBrandForeground1 },
});

export interface ViewTab {
  view: View;
  icon: ReactElement;
  title: ReactNode;
}

/** The tabs of the page: the arrows go from one to the next and show it, as does a click. */
export function ViewTabs({
  tabs,
  selected,
  label,
  select,
}: {
  tabs: readonly ViewTab[];
  selected: View;
  label: string;
  select: (view: View) => void;
}) {
  const styles = useStyles();
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const at = tabs.findIndex(({ view }) => view === selected);
    const moves: [key: string, to: number][] = [
      ['ArrowRight', (at + 1) % tabs.length],
      ['ArrowLeft', (at - 1 + tabs.length) % tabs.length],
      ['Home', 0],
      ['End', tabs.length - 1],
    ];
    const to = tabs[moves.find(([key]) => key === event.key)?.[1] ?? -1];
    if (!to) return;
    event.preventDefault();
    select(to.view);
    document.getElementById(`tab-${to.view}`)?.focus();
  };
  return (
    <div role="tablist" aria-label={label} className={styles.list} onKeyDown={onKeyDown}>
      {tabs.map(({ view, icon, title }) => (
        <button
          key={view}
          type="button"
          role="tab"
          id={`tab-${view}`}
          aria-controls="view"
          aria-selected={view === selected}
          tabIndex={view === selected ? 0 : -1}
          className={mergeClasses(styles.tab, view === selected && styles.selected)}
          onClick={() => select(view)}
        >
          <span className={mergeClasses(styles.icon, view === selected && styles.iconSelected)} aria-hidden="true">
            {icon}
          </span>
          {title}
        </button>
      ))}
    </div>
  );
}
