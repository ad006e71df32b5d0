import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import type { Stages } from '../board/contract.ts';
import type { ShownStage } from './flow-view.tsx';
import { useReader } from './reader.ts';
import { scaleFor } from './scale.ts';
import { say } from './words.ts';

/*
 * Two plots of our own. Fluent's charts would do bars, at 80 KB more to fetch; they have neither a scale on which a minute and
 * a week can both be read, nor a layout for a phone, and what they draw a screen reader takes for pictures. Here each stage is
 * an item of a list that says its numbers, and what is drawn beside them is of blocks, which follow the theme, the width and
 * forced colours.
 */

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: tokens.spacingVerticalM },
  spans: { display: 'grid', gap: tokens.spacingVerticalXXS },
  line: { display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', columnGap: tokens.spacingHorizontalM },
  quiet: { color: tokens.colorNeutralForeground2 },
  track: { position: 'relative', height: '20px', marginInline: '8px' },
  tick: {
    position: 'absolute',
    insetBlock: 0,
    width: '1px',
    backgroundColor: tokens.colorNeutralStroke2,
  },
  range: {
    position: 'absolute',
    top: '7px',
    height: '6px',
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorBrandBackground2Pressed,
    border: `1px solid ${tokens.colorBrandStroke1}`,
    boxSizing: 'border-box',
  },
  median: {
    position: 'absolute',
    top: '3px',
    width: '14px',
    height: '14px',
    marginInlineStart: '-7px',
    borderRadius: tokens.borderRadiusCircular,
    backgroundColor: tokens.colorBrandBackground,
    '@media (forced-colors: active)': { backgroundColor: 'CanvasText', forcedColorAdjust: 'none' },
  },
  p90: {
    position: 'absolute',
    top: '4px',
    width: '12px',
    height: '12px',
    marginInlineStart: '-6px',
    boxSizing: 'border-box',
    transform: 'rotate(45deg)',
    backgroundColor: tokens.colorNeutralBackground1,
    border: `2px solid ${tokens.colorBrandStroke1}`,
  },
  axis: { position: 'relative', height: '18px', marginInline: '8px' },
  mark: {
    position: 'absolute',
    transform: 'translateX(-50%)',
    whiteSpace: 'nowrap',
    color: tokens.colorNeutralForeground2,
    ':first-child': { transform: 'translateX(-8px)' },
    ':last-child': { transform: 'translateX(calc(-100% + 8px))' },
  },
  key: {
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: tokens.spacingHorizontalL,
    color: tokens.colorNeutralForeground2,
  },
  sign: {
    display: 'inline-block',
    position: 'relative',
    width: '18px',
    height: '20px',
    verticalAlign: 'middle',
    marginInlineEnd: '4px',
  },
  signMark: { left: '9px' },
  open: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 2fr) 44px minmax(0, 3fr)',
    gap: tokens.spacingHorizontalM,
    alignItems: 'center',
  },
  number: { textAlign: 'end', fontVariantNumeric: 'tabular-nums' },
  days: {
    display: 'flex',
    alignItems: 'flex-end',
    gap: '1px',
    height: '36px',
    borderBottom: `1px solid ${tokens.colorNeutralStroke1}`,
  },
  day: {
    flexGrow: 1,
    flexBasis: 0,
    minWidth: 0,
    backgroundColor: tokens.colorBrandBackground,
    borderTopLeftRadius: '1px',
    borderTopRightRadius: '1px',
    '@media (forced-colors: active)': { backgroundColor: 'CanvasText', forcedColorAdjust: 'none' },
  },
});

const percent = (share: number) => `${(share * 100).toFixed(2)}%`;

/** How long each stage takes: from the median to what nine of ten stay within. */
export function Spans({ stages }: { stages: readonly ShownStage[] }) {
  const styles = useStyles();
  const { times } = useReader();
  const durations = stages.flatMap(({ median, p90 }) => [median, p90]).filter((one) => one !== null);
  const { at, marks } = scaleFor(durations.length > 0 ? durations : [60, 86_400]);
  return (
    <div className={styles.list}>
      <div className={styles.key} aria-hidden="true">
        <Text size={200}>
          <span className={styles.sign}>
            <span className={mergeClasses(styles.median, styles.signMark)} />
          </span>
          {say('tab.flow.median')}
        </Text>
        <Text size={200}>
          <span className={styles.sign}>
            <span className={mergeClasses(styles.p90, styles.signMark)} />
          </span>
          {say('tab.flow.p90')}
        </Text>
      </div>
      <ul className={styles.list} aria-labelledby="flow-spans">
        {stages.map(({ id, label, count, median, p90 }) => (
          <li key={id} className={styles.spans}>
            <div className={styles.line}>
              <Text weight="semibold">{label}</Text>
              <Text size={200} className={styles.quiet}>
                {median === null || p90 === null
                  ? say('tab.flow.none')
                  : say('tab.flow.took', { median: times.span(median), p90: times.span(p90), count })}
              </Text>
            </div>
            <div className={styles.track} aria-hidden="true">
              {marks.map((mark) => (
                <span key={mark} className={styles.tick} style={{ left: percent(at(mark)) }} />
              ))}
              {median !== null && p90 !== null && (
                <>
                  <span
                    className={styles.range}
                    style={{ left: percent(at(median)), width: percent(Math.max(at(p90) - at(median), 0)) }}
                  />
                  <span className={styles.p90} style={{ left: percent(at(p90)) }} />
                  <span className={styles.median} style={{ left: percent(at(median)) }} />
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
      <div className={styles.axis} aria-hidden="true">
        {marks.map((mark) => (
          <Text key={mark} size={100} className={styles.mark} style={{ left: percent(at(mark)) }}>
            {times.span(mark)}
          </Text>
        ))}
      </div>
    </div>
  );
}

/** How many requests are in each stage, now and in the last days. */
export function OpenPerDay({ stages: { stages, perDay } }: { stages: Stages }) {
  const styles = useStyles();
  const { times } = useReader();
  const most = Math.max(1, ...perDay.flatMap(({ open }) => Object.values(open)));
  const [first] = perDay;
  return (
    <>
      <ul className={styles.list} aria-labelledby="flow-open">
        {stages.map(({ id, label, open }) => (
          <li key={id} className={styles.open}>
            <Text weight="semibold">{label}</Text>
            <Text size={500} weight="semibold" className={styles.number}>
              {times.number(open)}
            </Text>
            <div className={styles.days} aria-hidden="true">
              {perDay.map(({ day, open: then }) => (
                <span key={day} className={styles.day} style={{ height: percent((then[id] ?? 0) / most) }} />
              ))}
            </div>
          </li>
        ))}
      </ul>
      {first && (
        <Text size={200} className={styles.quiet}>
          {say('tab.flow.since', { day: times.day(first.day), most })}
        </Text>
      )}
    </>
  );
}
