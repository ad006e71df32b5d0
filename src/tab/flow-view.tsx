import {
  Button,
  Card,
  Dropdown,
  Field,
  makeStyles,
  mergeClasses,
  Option,
  Text,
  tokens,
} from '@fluentui/react-components';
import { DataHistogramRegular, TableRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Stages } from '../board/contract.ts';
import { toldOf } from './calls.ts';
import { Beginning, Refusal } from './notices.tsx';
import { OpenPerDay, Spans } from './plots.tsx';
import { useReader } from './reader.ts';
import { Heading } from './shapes.tsx';
import { useRead } from './use-read.ts';
import { say } from './words.ts';

const useStyles = makeStyles({
  view: { display: 'grid', gap: tokens.spacingVerticalL, gridTemplateColumns: 'minmax(0, 1fr)' },
  head: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    alignItems: 'end',
    justifyContent: 'space-between',
  },
  controls: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'end' },
  kind: { width: '200px', minWidth: 0 },
  quiet: { color: tokens.colorNeutralForeground2 },
  cards: {
    display: 'grid',
    gap: tokens.spacingHorizontalL,
    gridTemplateColumns: 'minmax(0, 3fr) minmax(0, 2fr)',
    alignItems: 'start',
    '@media (max-width: 959px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  card: { padding: tokens.spacingHorizontalL, gap: tokens.spacingVerticalM, minWidth: 0 },
  // Six columns on a phone: a heading rather breaks than has the page scroll sideways.
  even: { tableLayout: 'fixed', overflowWrap: 'anywhere', hyphens: 'auto', fontSize: tokens.fontSizeBase200 },
  table: {
    borderCollapse: 'collapse',
    width: '100%',
    '& th, & td': {
      textAlign: 'start',
      fontWeight: tokens.fontWeightRegular,
      padding: tokens.spacingHorizontalXS,
      borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    },
    '& thead th': { fontWeight: tokens.fontWeightSemibold },
  },
});

/** The stage as it is shown: of all kinds together, or of one. */
export interface ShownStage {
  id: Stages['stages'][number]['id'];
  label: string;
  open: number;
  count: number;
  median: number | null;
  p90: number | null;
}

/** Where the time goes: how long each stage takes, and how many requests are in it. */
export function FlowView({ revision }: { revision: string }) {
  const styles = useStyles();
  const { calls } = useReader();
  const { value: stages, error, again } = useRead(calls.stages, revision);
  const [kind, setKind] = useState('');
  const [asTable, setAsTable] = useState(false);

  if (!stages)
    return error === undefined ? undefined : (
      <div className={styles.view}>
        <Refusal {...toldOf(error)} />
        <Button onClick={again}>{say('tab.retry')}</Button>
      </div>
    );
  const kinds = new Map(stages.stages.flatMap((stage) => stage.kinds.map((one) => [one.kind as string, one.noun])));
  const shown: ShownStage[] = stages.stages.map(({ id, label, open, all, kinds }) => {
    const numbers = kind ? kinds.find((one) => one.kind === kind) : all;
    return { id, label, open, count: numbers?.count ?? 0, median: numbers?.median ?? null, p90: numbers?.p90 ?? null };
  });
  if (stages.stages.every(({ open, all }) => open === 0 && all.count === 0))
    return (
      <Beginning
        icon={<DataHistogramRegular />}
        title={say('tab.flow.empty.title')}
        says={say('tab.flow.empty.says')}
      />
    );
  return (
    <div className={styles.view}>
      <div className={styles.head}>
        <div>
          <Heading level={2}>{say('tab.flow.title')}</Heading>
          <Text className={styles.quiet}>{say('tab.flow.says', { days: stages.days })}</Text>
        </div>
        <div className={styles.controls}>
          <Field label={say('tab.filter.kind')}>
            <Dropdown
              className={styles.kind}
              value={kinds.get(kind) ?? say('tab.filter.every-kind')}
              selectedOptions={[kind]}
              onOptionSelect={(_, { optionValue }) => setKind(optionValue ?? '')}
            >
              <Option value="">{say('tab.filter.every-kind')}</Option>
              {[...kinds].map(([value, noun]) => (
                <Option key={value} value={value}>
                  {noun}
                </Option>
              ))}
            </Dropdown>
          </Field>
          <Button icon={asTable ? <DataHistogramRegular /> : <TableRegular />} onClick={() => setAsTable(!asTable)}>
            {say(asTable ? 'tab.flow.as-plot' : 'tab.flow.as-table')}
          </Button>
        </div>
      </div>
      {error !== undefined && <Refusal {...toldOf(error)} />}
      <div className={styles.cards}>
        <Card className={styles.card} role="group" aria-labelledby="flow-spans">
          <Heading level={3} id="flow-spans">
            {say('tab.flow.spans')}
          </Heading>
          {asTable ? <SpansTable stages={shown} /> : <Spans stages={shown} />}
        </Card>
        <Card className={styles.card} role="group" aria-labelledby="flow-open">
          <Heading level={3} id="flow-open">
            {say('tab.flow.open')}
          </Heading>
          {kind && <Text className={styles.quiet}>{say('tab.flow.open.all')}</Text>}
          {asTable ? <OpenTable stages={stages} /> : <OpenPerDay stages={stages} />}
        </Card>
      </div>
    </div>
  );
}

function SpansTable({ stages }: { stages: readonly ShownStage[] }) {
  const { table } = useStyles();
  const { times } = useReader();
  const span = (seconds: number | null) => (seconds === null ? '–' : times.span(seconds));
  return (
    <table className={table} aria-labelledby="flow-spans">
      <thead>
        <tr>
          <th scope="col">{say('tab.flow.stage')}</th>
          <th scope="col">{say('tab.flow.median')}</th>
          <th scope="col">{say('tab.flow.p90')}</th>
          <th scope="col">{say('tab.flow.count')}</th>
        </tr>
      </thead>
      <tbody>
        {stages.map(({ id, label, median, p90, count }) => (
          <tr key={id}>
            <th scope="row">{label}</th>
            <td>{span(median)}</td>
            <td>{span(p90)}</td>
            <td>{times.number(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function OpenTable({ stages: { stages, perDay } }: { stages: Stages }) {
  const { table, even } = useStyles();
  const { times } = useReader();
  return (
    <table className={mergeClasses(table, even)} aria-labelledby="flow-open">
      <thead>
        <tr>
          <th scope="col">{say('tab.flow.day')}</th>
          {stages.map(({ id, label }) => (
            <th key={id} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {perDay.toReversed().map(({ day, open }) => (
          <tr key={day}>
            <th scope="row">{times.day(day)}</th>
            {stages.map(({ id }) => (
              <td key={id}>{times.number(open[id] ?? 0)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
