import { Button, makeStyles, Select, Text, tokens } from '@fluentui/react-components';
import { PersonRegular } from '@fluentui/react-icons';
import { useId } from 'react';
import type { Settings } from '../board/contract.ts';
import { Heading, Unseen } from './shapes.tsx';
import { say } from './words.ts';

/*
 * In development there is no Teams around the page to say who reads it, so whoever tries it out chooses. The server takes
 * that with its development switch on and never else.
 */

const useStyles = makeStyles({
  page: {
    display: 'grid',
    gap: tokens.spacingVerticalL,
    maxWidth: '420px',
    marginInline: 'auto',
    paddingBlock: '48px',
    paddingInline: tokens.spacingHorizontalL,
  },
  person: { justifyContent: 'flex-start', textAlign: 'start' },
  roles: { color: tokens.colorNeutralForeground2 },
  select: { minWidth: 0, maxWidth: '100%', '& > select': { minWidth: 0, maxWidth: '100%', textOverflow: 'ellipsis' } },
  bar: {
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    paddingInline: tokens.spacingHorizontalL,
    paddingBlock: tokens.spacingVerticalXS,
    backgroundColor: tokens.colorNeutralBackground4,
    color: tokens.colorNeutralForeground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
});

const rolesOf = (roles: readonly string[]) => roles.join(', ') || say('tab.rehearsal.none');

export function WhoAreYou({ settings, choose }: { settings: Settings; choose: (directoryId: string) => void }) {
  const styles = useStyles();
  return (
    <main className={styles.page}>
      <Unseen as="h1">{say('tab.title')}</Unseen>
      <Heading level={2}>{say('tab.rehearsal.title')}</Heading>
      <Text>{say('tab.rehearsal.says')}</Text>
      {settings.people.map(({ directoryId, name, roles }) => (
        <Button
          key={directoryId}
          size="large"
          className={styles.person}
          icon={<PersonRegular />}
          onClick={() => choose(directoryId)}
        >
          <span>
            <Text weight="semibold" block>
              {name}
            </Text>
            <Text size={200} className={styles.roles} block>
              {rolesOf(roles)}
            </Text>
          </span>
        </Button>
      ))}
      {settings.people.length === 0 && <Text>{say('tab.rehearsal.nobody')}</Text>}
    </main>
  );
}

/** Says who one is, and changes it. */
export function Rehearsal({
  settings,
  you,
  become,
}: {
  settings: Settings;
  you: string;
  become: (directoryId: string) => void;
}) {
  const styles = useStyles();
  const id = useId();
  return (
    <aside className={styles.bar} aria-label={say('tab.rehearsal.bar')}>
      <label htmlFor={id}>
        <Text size={200}>{say('tab.rehearsal.you')}</Text>
      </label>
      <Select id={id} size="small" className={styles.select} value={you} onChange={(_, { value }) => become(value)}>
        {settings.people.map(({ directoryId, name, roles }) => (
          <option key={directoryId} value={directoryId}>
            {`${name} (${rolesOf(roles)})`}
          </option>
        ))}
      </Select>
    </aside>
  );
}
