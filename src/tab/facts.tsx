import { makeStyles, Text, tokens } from '@fluentui/react-components';
import { Breaking } from './breaking.tsx';
import { useReader } from './reader.ts';

const useStyles = makeStyles({
  facts: {
    display: 'grid',
    // As wide as its longest name, so that none breaks within a word; on a phone no wider than half.
    gridTemplateColumns: 'fit-content(min(50%, 160px)) minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalL,
    rowGap: tokens.spacingVerticalXS,
    margin: 0,
  },
  title: { color: tokens.colorNeutralForeground2 },
  value: { margin: 0, overflowWrap: 'anywhere', whiteSpace: 'pre-line' },
});

/** What something is, by name and value. */
export function Facts({ facts }: { facts: readonly { title: string; value: string }[] }) {
  const styles = useStyles();
  const { times } = useReader();
  if (facts.length === 0) return undefined;
  return (
    <dl className={styles.facts}>
      {facts.map(({ title, value }) => (
        <Fact key={title} title={title} value={times.sentence(value)} />
      ))}
    </dl>
  );
}

function Fact({ title, value }: { title: string; value: string }) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.title}>
        <Text>{title}</Text>
      </dt>
      <dd className={styles.value}>
        <Text>
          <Breaking text={value} />
        </Text>
      </dd>
    </>
  );
}
