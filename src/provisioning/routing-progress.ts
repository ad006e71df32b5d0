import { administrator, customerOf, type DirectRoutingOrder, regionOf } from '../catalog/direct-routing.ts';
import type { Progress, Step } from '../db/schema.ts';
import { locale } from '../language/reader.ts';
import { type Key, say } from '../language/say.ts';
import type { Problem, Standing } from './backend.ts';
import type { ConsentAnswer, RoutingAnswer } from './teammate-routing-answers.ts';

/** What TeamMate says of an enterprise, as far as its Direct Routing depends on it. */
export interface Seen {
  registered: boolean;
  email: string;
  /** Undefined when TeamMate does not tell. */
  consents: readonly ConsentAnswer[] | undefined;
  routings: readonly RoutingAnswer[];
}

/** (I) The action type, which no page we saw names; (E) that a provider can do nothing without that consent. */
const management = 'GET_SERVICE_PROVIDER_CONSENT';

/** (E) The consents, as TeamMate's portal titles them. */
const consentTitles: Readonly<Record<string, string>> = {
  GET_USER_SYNC_CONSENT: 'User Sync',
  GET_PRESENCE_CONSENT: 'Presence',
  GET_CALL_APP_CONSENT: 'Call App',
  GET_CONTACTS_CONSENT: 'Contacts',
  GET_CDR_CONSENT: 'Call Records',
  [management]: 'Management by Service Provider',
};

/** What TeamMate says is missing (I: the codes). Each is somebody's to mend, so it is waited for. */
const licences: Readonly<Record<string, Key>> = {
  USER_LICENCE_MISSING: 'work.routing.licence.user',
  PHONE_SYSTEM_LICENCE_MISSING: 'work.routing.licence.phone',
};
export const isMendable = ({ code }: Problem) =>
  code === 'NOT_REGISTERED' || code === 'CONSENT_MISSING' || Object.hasOwn(licences, code);

/** (E) Microsoft activates the domain in 5 minutes to 36 hours. Milliseconds. */
const longestActivation = 36 * 3_600_000;

export interface Missing {
  actionType: string;
  title: string;
  /** It was asked for, and the answer was no; or it was granted and taken back. */
  refused: boolean;
}

const granted = ({ state }: ConsentAnswer) => state.toLowerCase() === 'granted consent';

/** The consents without which TeamMate does not begin: by its list, and by what it said when it was asked to. */
export function missingConsents({ consents }: Pick<Seen, 'consents'>, problems: readonly Problem[] = []): Missing[] {
  const needed = consents?.filter((one) => !granted(one) && (one.mandatory || one.actionType === management)) ?? [];
  const types = new Set([
    ...needed.map(({ actionType }) => actionType),
    ...(consents && !consents.some(({ actionType }) => actionType === management) ? [management] : []),
    ...problems.flatMap(({ code, actionType }) => (code === 'CONSENT_MISSING' && actionType ? [actionType] : [])),
  ]);
  return [...types].map((actionType) => {
    const listed = consents?.find((one) => one.actionType === actionType);
    return {
      actionType,
      title: Object.hasOwn(consentTitles, actionType)
        ? (consentTitles[actionType] as string)
        : listed?.consentType || actionType,
      refused: listed !== undefined && !granted(listed) && listed.changedDate !== '',
    };
  });
}

/** What to ask for: where TeamMate does not tell what is missing, all it may be; it gives no link for what is granted. */
export const toAskFor = ({ consents }: Pick<Seen, 'consents'>): Missing[] =>
  missingConsents({ consents: consents ?? mandatory });

/** (E) Mandatory for whoever calls. */
const mandatory = ['GET_USER_SYNC_CONSENT', 'GET_PRESENCE_CONSENT'].map((actionType) => ({
  actionType,
  consentType: '',
  mandatory: true,
  state: '',
  changedDate: '',
}));

export const routingOf = ({ routings }: Pick<Seen, 'routings'>, gateway: string) =>
  routings.find(({ sbcGatewayId }) => sbcGatewayId === gateway);
export const isComplete = ({ state }: Pick<RoutingAnswer, 'state'>) => state === 'ROUTES_CREATED';
const isActivating = ({ state }: RoutingAnswer) => state === 'DOMAIN_ADDED' || state === 'DOMAIN_ACTIVATING';

/** Everything that the steps and the sentence about them are made of. */
interface View {
  who: string;
  registered: boolean;
  consents: Missing[];
  lacking: string[];
  gateways: { region: string; routing: RoutingAnswer | undefined }[];
  begun: RoutingAnswer[];
  allBegun: boolean;
}

/** How an order stands by what was seen, and by what TeamMate missed when it was asked to begin. */
export function routingStanding(
  order: DirectRoutingOrder,
  seen: Seen,
  problems: readonly Problem[],
  now: number,
): Standing {
  const registered = seen.registered && !problems.some(({ code }) => code === 'NOT_REGISTERED');
  const gateways = order.gateways.map((gateway) => ({
    region: regionOf(order, gateway),
    routing: routingOf(seen, gateway),
  }));
  const begun = gateways.flatMap(({ routing }) => (routing ? [routing] : []));
  const view: View = {
    who: administrator(seen.email || customerOf(order).email),
    registered,
    consents: registered ? missingConsents(seen, problems) : [],
    lacking: problems.flatMap(({ code }) => (licences[code] ? [say(licences[code])] : [])),
    gateways,
    begun,
    allBegun: begun.length === gateways.length,
  };
  const steps = stepsOf(view);
  if (view.allBegun && begun.every(isComplete)) return { state: 'active', progress: { steps, asks: false } };
  const late = begun.filter((one) => isActivating(one) && now - Date.parse(one.startedDate) > longestActivation);
  const progress: Progress = {
    steps,
    waitingFor: waitingFor(view),
    ...(late.length > 0 && {
      overdue: say('work.routing.late', { domains: domains(late) }),
    }),
    // Once every gateway has begun, nothing waits for a consent that is taken back.
    asks: !view.allBegun && (!registered || view.consents.length > 0),
  };
  return { state: 'waiting', progress };
}

function waitingFor({ who, registered, consents, lacking, begun, allBegun }: View): string {
  if (!allBegun && !registered) return say('work.routing.to-register', { who });
  if (!allBegun && consents.length > 0)
    return say('work.routing.to-grant', { who, consents: and(consents.map(({ title }) => title)) });
  if (!allBegun && lacking.length > 0) return say('work.routing.to-buy', { who, licences: and(lacking) });
  if (!allBegun) return say('work.routing.to-begin');
  const activating = begun.filter(isActivating);
  return activating.length > 0
    ? say('work.routing.to-activate', { domains: domains(activating) })
    : say('work.routing.to-route');
}

function stepsOf({ who, registered, consents, lacking, gateways, begun, allBegun }: View): Step[] {
  const names = consents.map(({ title, refused }) =>
    refused ? say('work.routing.declined', { consent: title }) : title,
  );
  return [
    {
      label: say('work.routing.invited'),
      state: registered ? 'done' : 'now',
      ...(!registered && { says: say('work.routing.done-by', { who: who.replace(/,$/, '') }) }),
    },
    {
      label: say('work.routing.consents'),
      state: !registered ? 'later' : consents.length === 0 ? 'done' : allBegun ? 'warned' : 'now',
      ...(names.length > 0 && { says: say('work.routing.missing', { what: names.join(', ') }) }),
    },
    {
      label: say('work.routing.licences'),
      state: lacking.length > 0 ? 'now' : begun.length > 0 ? 'done' : 'later',
      ...(lacking.length > 0
        ? { says: say('work.routing.missing', { what: lacking.join(', ') }) }
        : begun.length === 0 && { says: say('work.routing.told-later') }),
    },
    ...gateways.flatMap(({ region, routing }) => gatewaySteps(region, routing)),
  ];
}

function gatewaySteps(region: string, routing: RoutingAnswer | undefined): Step[] {
  const domain = (state: Step['state'], says?: string): Step => ({
    label: say('work.routing.domain', { region }),
    state,
    ...(says && { says }),
  });
  const routes = (state: Step['state']): Step => ({ label: say('work.routing.routes', { region }), state });
  if (!routing) return [domain('later'), routes('later')];
  switch (routing.state) {
    case 'DOMAIN_ADDED':
      return [domain('now', say('work.routing.added', { domain: routing.domain })), routes('later')];
    case 'DOMAIN_ACTIVATING':
      return [domain('now', say('work.routing.activating', { domain: routing.domain })), routes('later')];
    case 'DOMAIN_ACTIVE':
      return [domain('done', say('work.routing.active', { domain: routing.domain })), routes('now')];
    case 'ROUTES_CREATED':
      return [domain('done', say('work.routing.active', { domain: routing.domain })), routes('done')];
    default:
      return [domain('warned', say('work.routing.says', { state: routing.state })), routes('later')];
  }
}

const domains = (routings: readonly RoutingAnswer[]) =>
  and(
    routings.map(({ domain, sbcGatewayRegion }) => domain || say('work.routing.unnamed', { region: sbcGatewayRegion })),
  );

const and = (texts: readonly string[]) => new Intl.ListFormat(locale()).format(texts);
