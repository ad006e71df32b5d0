import {
  Button,
  Dropdown,
  Field,
  makeStyles,
  mergeClasses,
  Option,
  SearchBox,
  tokens,
} from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { useMemo } from 'react';
import { type Board, kinds } from '../board/contract.ts';
import { type Address, isFiltered, nowhere } from './address.ts';
import { useReader } from './reader.ts';
import { choicesOf } from './tree.ts';
import { say } from './words.ts';

const useStyles = makeStyles({
  bar: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 2fr) repeat(4, minmax(0, 1fr))',
    gap: tokens.spacingHorizontalM,
    alignItems: 'start',
    '@media (max-width: 960px)': { gridTemplateColumns: 'repeat(2, minmax(0, 1fr))' },
  },
  wide: { '@media (max-width: 960px)': { gridColumn: '1 / -1' } },
  control: { minWidth: 0, maxWidth: '100%', width: '100%' },
  // In a line of one height, however long a language's words or an e-mail are: all of it is in the list.
  chosen: { overflow: 'hidden', whiteSpace: 'nowrap', textOverflow: 'ellipsis', textAlign: 'start' },
});

/** Choices in one list; whom else is waited for is found by the search. */
const mostChoices = 100;

interface Choice {
  value: string;
  text: string;
  count?: number;
}

/** What the board is searched and filtered by. */
export function Filters({
  board,
  address,
  go,
}: {
  board: Board;
  address: Address;
  go: (change: Partial<Address>) => void;
}) {
  const styles = useStyles();
  const { times } = useReader();
  const { items } = board;
  const choices = useMemo(() => {
    const nouns = new Map(board.counts.things.map(({ kind, title }) => [kind as string, title]));
    const byKind = choicesOf(items, ({ kind }) => kind);
    const states = new Map(items.map(({ state }) => [state.id, state.label]));
    return {
      kind: kinds.flatMap((kind): Choice[] => {
        const found = byKind.find(({ value }) => value === kind);
        return found ? [{ value: kind, text: nouns.get(kind) ?? nounOf(items, kind), count: found.count }] : [];
      }),
      state: [
        { value: 'open', text: say('tab.filter.open'), count: items.filter(({ waitingFor }) => waitingFor).length },
        ...choicesOf(items, ({ state }) => state.id).map(
          ({ value, count }): Choice => ({ value, text: states.get(value) ?? value, count }),
        ),
      ],
      waitingFor: choicesOf(items, ({ waitingFor }) => waitingFor)
        .slice(0, mostChoices)
        .map(({ value, count }): Choice => ({ value, text: times.sentence(value), count })),
    };
  }, [items, board.counts.things, times]);

  return (
    <search className={styles.bar}>
      <Field label={say('tab.filter.search')} className={mergeClasses(styles.control, styles.wide)}>
        <SearchBox
          className={styles.control}
          value={address.search}
          maxLength={200}
          placeholder={say('tab.filter.example')}
          onChange={(_, { value }) => go({ search: value })}
        />
      </Field>
      <Choose
        label={say('tab.filter.kind')}
        all={say('tab.filter.every-kind')}
        choices={choices.kind}
        value={address.kind}
        choose={(kind) => go({ kind: kind as Address['kind'] })}
      />
      <Choose
        label={say('tab.filter.state')}
        all={say('tab.filter.every-state')}
        choices={choices.state}
        value={address.state}
        choose={(state) => go({ state: state as Address['state'] })}
      />
      <Choose
        label={say('tab.filter.waiting')}
        all={say('tab.filter.anybody')}
        choices={choices.waitingFor}
        value={address.waitingFor}
        choose={(waitingFor) => go({ waitingFor })}
      />
      <Choose
        label={say('tab.filter.order')}
        all={say('tab.filter.tree')}
        choices={[{ value: 'waiting', text: say('tab.filter.longest') }]}
        value={address.order === 'waiting' ? 'waiting' : ''}
        choose={(order) => go({ order: order === 'waiting' ? 'waiting' : 'tree' })}
      />
      {isFiltered(address) && (
        <Button
          className={styles.wide}
          style={{ justifySelf: 'start' }}
          appearance="subtle"
          icon={<DismissRegular />}
          onClick={() => go({ ...nowhere, order: address.order })}
        >
          {say('tab.filter.clear')}
        </Button>
      )}
    </search>
  );
}

const nounOf = (items: Board['items'], kind: string) => items.find((item) => item.kind === kind)?.noun ?? kind;

/** One list to choose from; the empty value means that it does not matter. */
function Choose({
  label,
  all,
  choices,
  value,
  choose,
}: {
  label: string;
  all: string;
  choices: readonly Choice[];
  value: string;
  choose: (value: string) => void;
}) {
  const styles = useStyles();
  const text = choices.find((one) => one.value === value)?.text ?? (value || all);
  return (
    <Field label={label} className={styles.control}>
      <Dropdown
        className={styles.control}
        value={text}
        button={{ children: <span className={styles.chosen}>{text}</span> }}
        selectedOptions={[value]}
        onOptionSelect={(_, { optionValue }) => choose(optionValue ?? '')}
      >
        <Option value="">{all}</Option>
        {choices.map((one) => (
          <Option key={one.value} value={one.value} text={one.text}>
            {one.count === undefined ? one.text : `${one.text} (${one.count})`}
          </Option>
        ))}
      </Dropdown>
    </Field>
  );
}
