import * as z from 'zod';
import { fold } from '../catalog/orderable.ts';
import { line } from './accounts.ts';
import { oneMistake } from './http.ts';
import { lookups, type Pbx, pending, transports } from './pbx.ts';
import { lastState } from './routing.ts';
import { ownEnterprise, pbxesOf, type State } from './state.ts';
import { refuseSuspended } from './suspension.ts';

/** A host name: labels of at most 63 characters, 253 in all (RFC 1035). */
const host = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

function isProxy(value: string): boolean {
  const [name = '', port, more] = value.split(':');
  const goodPort = port === undefined || (/^\d{1,5}$/.test(port) && +port >= 1 && +port <= 65535);
  return host.test(name) && goodPort && more === undefined;
}

/** As it was typed: a space at its end is part of a secret. */
const secret = (label: string) =>
  z
    .string({ error: `${label} is required.` })
    .min(1, { error: `${label} is required.` })
    .max(256, { error: `${label} is longer than 256 characters.` })
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, { error: `${label} must be one line.` });

/** What may be left out is null then. */
const absent = <Value>(schema: z.ZodType<Value, unknown>) => schema.nullish().transform((value) => value ?? null);

const portal = z.object(
  {
    authorizationUrl: z
      .url({ protocol: /^https$/, error: 'Portal Authorization URL is a whole https URL.' })
      .max(2000, { error: 'Portal Authorization URL is longer than 2000 characters.' }),
    clientId: line('Client ID', 200),
    clientSecret: secret('Client Secret').optional(),
    masqueradingLogin: absent(line('Masquerading Login', 200)),
    masqueradingPassword: secret('Masquerading Password').optional(),
  },
  { error: 'Portal holds authorizationUrl, clientId and clientSecret.' },
);

const fields = {
  pbxLocation: line('PBX Location', 64),
  dnsLookupType: z.enum(lookups, { error: `PBX DNS Lookup Type is one of ${lookups.join(', ')}.` }),
  sipDomain: line('PBX SIP Domain', 253).pipe(
    z.string().regex(host, { error: 'PBX SIP Domain is a host name, without a port.' }),
  ),
  sipDomainProxy: absent(
    line('PBX SIP Domain Proxy', 259).pipe(
      z.string().refine(isProxy, { error: 'PBX SIP Domain Proxy is a host name, or a host name and a port.' }),
    ),
  ),
  transport: z.enum(transports, { error: `Transport is one of ${transports.join(', ')}.` }),
  port: absent(
    z
      .number({ error: 'Port is a number.' })
      .int({ error: 'Port is a whole number.' })
      .min(1, { error: 'Port is 1 or more.' })
      .max(65535, { error: 'Port is at most 65535.' }),
  ),
  registrationExpiry: z
    .number({ error: 'Registration Expiry is a number of seconds.' })
    .int({ error: 'Registration Expiry is a whole number of seconds.' })
    .min(60, { error: 'Registration Expiry is 60 seconds or more.' })
    .max(3600, { error: 'Registration Expiry is at most 3600 seconds.' }),
  voicemailFeatureCode: absent(
    z
      .string({ error: 'Voicemail Feature Code is a text.' })
      .regex(/^[*#0-9]{1,10}$/, { error: 'Voicemail Feature Code is 1 to 10 of the signs 0-9, * and #.' }),
  ),
  // What may stand before the @ of a SIP address without being escaped (RFC 3261, section 25.1).
  sipUser: line('SIP User', 64).pipe(
    z.string().regex(/^[A-Za-z0-9\-_.!~*'()&=+$,;?/]+$/, {
      error: 'SIP User has a sign that a SIP address cannot have.',
    }),
  ),
  authenticationId: absent(line('Authentication ID', 128)),
  sipPassword: secret('SIP Password').optional(),
};

function together(order: { dnsLookupType: string; port: number | null }, context: z.RefinementCtx): void {
  if (order.dnsLookupType === 'A' || order.port === null) return;
  const message = `Port is not given with ${order.dnsLookupType}: the DNS names it.`;
  context.addIssue({ code: 'custom', path: ['port'], message });
}

/** The body of `POST /pbx/newPBX`. (I) All of it: no creation of a PBX is published. */
export const newPbx = z
  .object({
    enterpriseId: z.number({ error: 'enterpriseId is required.' }).int(),
    pbxTypeId: z.number({ error: 'PBX Type is required.' }).int(),
    ...fields,
    sipPassword: secret('SIP Password'),
    portal: absent(portal.extend({ clientSecret: secret('Client Secret') })),
  })
  .superRefine(together);

/**
 * The body of `PUT /pbx/updatePBX`, which says all of the PBX again: what may be left out and is, is no more. Secrets that
 * are left out stay, and so does a portal, which holds two; `portal: null` takes it away.
 */
export const pbxUpdate = z.object({ ...fields, portal: portal.nullish() }).superRefine(together);

/** Makes the PBX, whose registration is still to be begun. @throws Refusal 400, 403, 404, 409 */
export function createPbx(draft: State, order: z.infer<typeof newPbx>, now: Date): Pbx {
  const { portal, sipPassword, ...rest } = order;
  const enterprise = ownEnterprise(draft, order.enterpriseId);
  const { enterpriseName, enterpriseId } = enterprise;
  if (!enterprise.pbxId.includes(order.pbxTypeId))
    throw oneMistake(
      'NO_SUCH_PBX_TYPE',
      'pbxTypeId',
      `${enterpriseName} does not have the PBX type ${order.pbxTypeId}.`,
    );
  refuseTaken(draft, enterpriseId, order.pbxLocation);
  refuseSuspended(enterprise, { name: enterpriseName, field: 'enterpriseId' });
  // (E) A PBX comes only after Direct Routing.
  if (!enterprise.routings.some((one) => one.state === lastState)) {
    const message = `${enterpriseName} has no Direct Routing yet: a PBX can be added when its routes are created.`;
    throw oneMistake('DIRECT_ROUTING_MISSING', 'enterpriseId', message);
  }
  const pbx: Pbx = {
    ...rest,
    pbxId: draft.nextId,
    portal: portal && withoutSecrets(portal),
    secrets: {
      sipPassword,
      clientSecret: portal?.clientSecret ?? null,
      masqueradingPassword: portal?.masqueradingPassword ?? null,
    },
    createdDate: now.toISOString(),
    suspended: false,
    registration: pending(now),
  };
  draft.nextId += 1;
  draft.pbxes.push(pbx);
  return pbx;
}

/** Changes a PBX, which is then to be registered anew. @throws Refusal 400, 409 */
export function changePbx(draft: State, pbx: Pbx, order: z.infer<typeof pbxUpdate>): void {
  const { portal, sipPassword = pbx.secrets.sipPassword, ...rest } = order;
  if (fold(rest.pbxLocation) !== fold(pbx.pbxLocation)) refuseTaken(draft, pbx.enterpriseId, rest.pbxLocation);
  const clientSecret = portal?.clientSecret ?? pbx.secrets.clientSecret;
  if (portal && clientSecret === null) throw oneMistake('INVALID', 'portal.clientSecret', 'Client Secret is required.');
  const masqueradingPassword = portal?.masqueradingPassword ?? pbx.secrets.masqueradingPassword;
  const gone = portal === null;
  Object.assign(pbx, rest, {
    portal: portal === undefined ? pbx.portal : portal && withoutSecrets(portal),
    secrets: gone
      ? { sipPassword, clientSecret: null, masqueradingPassword: null }
      : { sipPassword, clientSecret, masqueradingPassword },
  } satisfies Partial<Pbx>);
}

const withoutSecrets = ({ authorizationUrl, clientId, masqueradingLogin }: NonNullable<Pbx['portal']>) => ({
  authorizationUrl,
  clientId,
  masqueradingLogin,
});

/** What makes a PBX the same one: its place in its enterprise. */
export const pbxKey = (enterpriseId: number, location: string) => `${enterpriseId}|${fold(location)}`;

function refuseTaken(state: State, enterpriseId: number, location: string): void {
  if (!pbxesOf(state, enterpriseId).some((one) => fold(one.pbxLocation) === fold(location))) return;
  throw oneMistake('PBX_EXISTS', 'pbxLocation', `A PBX at ${location} exists already.`, 409);
}
