import { Badge, makeStyles, mergeClasses, Text, Tooltip, tokens } from '@fluentui/react-components';
import {
  ArrowSyncRegular,
  BuildingRegular,
  CheckmarkCircleRegular,
  ClipboardTaskRegular,
  ClockRegular,
  DismissCircleRegular,
  ErrorCircleRegular,
  HourglassHalfRegular,
  PauseCircleRegular,
  PeopleTeamRegular,
  PersonKeyRegular,
  PlugConnectedRegular,
  PlugDisconnectedRegular,
  RouterRegular,
  SearchRegular,
  WrenchRegular,
} from '@fluentui/react-icons';
import type { ComponentType } from 'react';
import type { Kind, State } from '../board/contract.ts';
import { useNow, useReader } from './reader.ts';

const stateIcons: Record<State['id'], ComponentType> = {
  checking: SearchRegular,
  unready: WrenchRegular,
  pending: ClipboardTaskRegular,
  approved: ArrowSyncRegular,
  provisioning: ArrowSyncRegular,
  waiting: HourglassHalfRegular,
  active: CheckmarkCircleRegular,
  rejected: DismissCircleRegular,
  withdrawn: DismissCircleRegular,
  expired: ClockRegular,
  failed: ErrorCircleRegular,
  void: DismissCircleRegular,
  lost: PlugDisconnectedRegular,
  suspended: PauseCircleRegular,
  inactive: ClockRegular,
};
const colours = { neutral: 'informative', good: 'success', warning: 'warning', attention: 'danger' } as const;

const kindIcons: Record<Kind, ComponentType> = {
  reseller: PeopleTeamRegular,
  enterprise: BuildingRegular,
  'direct-routing': RouterRegular,
  pbx: PlugConnectedRegular,
  access: PersonKeyRegular,
};

const useStyles = makeStyles({
  badge: { whiteSpace: 'nowrap', maxWidth: '100%' },
  kind: {
    display: 'inline-flex',
    flexShrink: 0,
    fontSize: '20px',
    color: tokens.colorBrandForeground1,
    '@media (forced-colors: active)': { color: 'CanvasText' },
  },
  // What it is made of may begin with a word of a sentence: "reseller Contoso".
  heading: { margin: 0, overflowWrap: 'anywhere', '::first-letter': { textTransform: 'uppercase' } },
  time: { borderRadius: tokens.borderRadiusSmall, outlineOffset: '2px' },
});

export function StateIcon({ state }: { state: State }) {
  const Icon = stateIcons[state.id];
  return <Icon />;
}

/** How something stands: a shape and a word; the colour says nothing that they do not. */
export function StateBadge({ state }: { state: State }) {
  const { badge } = useStyles();
  const Icon = stateIcons[state.id];
  return (
    <Badge className={badge} appearance="tint" size="large" color={colours[state.tone]} icon={<Icon />}>
      {state.label}
    </Badge>
  );
}

export function KindIcon({ kind, className }: { kind: Kind; className?: string }) {
  const { kind: style } = useStyles();
  const Icon = kindIcons[kind];
  return (
    <span className={mergeClasses(style, className)} aria-hidden="true">
      <Icon />
    </span>
  );
}

/** A moment: how long ago, and on hover and focus when exactly. */
export function Moment({
  at,
  wording = 'ago',
  focusable,
}: {
  at: string;
  wording?: 'ago' | 'exact';
  focusable?: boolean;
}) {
  const { time } = useStyles();
  const { times } = useReader();
  const now = useNow();
  const exact = times.exact(at);
  if (wording === 'exact') return <time dateTime={at}>{exact}</time>;
  return (
    <Tooltip content={exact} relationship="description" withArrow>
      <time className={time} dateTime={at} {...(focusable !== undefined && { tabIndex: focusable ? 0 : -1 })}>
        {times.ago(at, now)}
      </time>
    </Tooltip>
  );
}

/** Read out, and not seen. */
export function Unseen({ children, as: Element = 'span' }: { children: React.ReactNode; as?: 'span' | 'h1' | 'h2' }) {
  return <Element className="unseen">{children}</Element>;
}

export function Heading({ level, children, id }: { level: 2 | 3; children: React.ReactNode; id?: string }) {
  const { heading } = useStyles();
  return (
    <Text
      as={level === 2 ? 'h2' : 'h3'}
      className={heading}
      size={level === 2 ? 500 : 400}
      weight="semibold"
      block
      {...(id && { id })}
    >
      {children}
    </Text>
  );
}
