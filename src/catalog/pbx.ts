import * as z from 'zod';
import { say } from '../language/say.ts';
import { chosenOne, optionalLine, requiredLine } from './fields.ts';
import { hostLimit, hostName, hostPortOf, isPort, optionalHostPort, optionalHttps } from './hosts.ts';
import {
  asChoice,
  type FieldErrors,
  fold,
  type Known,
  mostChoices,
  type Orderable,
  searchable,
  type Thing,
} from './orderable.ts';
import { beginningOf, pbxTypeOf, portalPath } from './pbx-types.ts';
import { fact, field, labelOf, type Named } from './words.ts';

/**
 * Ours (I), but the location's and the voicemail code's, which are a portal's; expiry in seconds. The proxy's is a host
 * name's with a port.
 */
const limits = {
  location: 64,
  proxy: hostLimit + 6,
  user: 64,
  authId: 128,
  secret: 256,
  url: 500,
  client: 200,
  shortest: 60,
  longest: 3600,
} as const;

/** (E) SRV; (I) the other two, and the transports, which are SIP's own (RFC 3261). */
const lookups = ['SRV', 'A', 'NAPTR'] as const;
const transports = ['UDP', 'TCP', 'TLS'] as const;

const optionalText = (limit: number) =>
  z
    .string()
    .optional()
    .transform((text = '') => text.trim().slice(0, limit));

/** As it was typed: a space at its end is part of it. Left out when it is kept already, or not needed. */
const secret = (name: Named) =>
  z
    .string()
    .max(limits.secret, { error: () => say('catalog.line.long', { label: labelOf(name), limit: limits.secret }) })
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, { error: () => say('catalog.line.several', { label: labelOf(name) }) })
    .optional()
    .transform((text) => text || undefined);

const schema = z.object({
  enterprise: chosenOne('catalog.pbx.enterprise.missing'),
  pbxType: chosenOne('catalog.pbx.pbxType.missing'),
  location: requiredLine('pbx.location', limits.location),
  lookup: z.enum(lookups, { error: () => say('catalog.pbx.lookup.missing', { choices: lookups.join(', ') }) }),
  domain: hostName('pbx.domain'),
  proxy: optionalHostPort('pbx.proxy'),
  transport: z.enum(transports, {
    error: () => say('catalog.pbx.transport.missing', { choices: transports.join(', ') }),
  }),
  port: optionalText(10).refine((text) => text === '' || isPort(text), {
    error: () => say('catalog.pbx.port.wrong'),
  }),
  expiry: optionalText(10)
    .transform((text) => text || '300')
    .refine((text) => /^\d{1,4}$/.test(text) && +text >= limits.shortest && +text <= limits.longest, {
      error: () => say('catalog.pbx.expiry.wrong', { shortest: limits.shortest, longest: limits.longest }),
    }),
  voicemail: optionalText(20).refine((text) => /^[*#0-9]{0,10}$/.test(text), {
    error: () => say('catalog.pbx.voicemail.wrong'),
  }),
  // What may stand before the @ of a SIP address without being escaped (RFC 3261, section 25.1).
  user: requiredLine('pbx.user', limits.user).refine((text) => /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]*$/.test(text), {
    error: () => say('catalog.pbx.user.wrong'),
  }),
  authId: optionalLine('pbx.authId', limits.authId),
  password: secret('pbx.password'),
  authorizationUrl: optionalHttps('pbx.authorizationUrl', portalPath, limits.url),
  clientId: optionalLine('pbx.clientId', limits.client),
  clientSecret: secret('pbx.clientSecret'),
  masqueradingLogin: optionalLine('pbx.masqueradingLogin', limits.client),
  masqueradingPassword: secret('pbx.masqueradingPassword'),
  /** What was chosen by id, by name: no field of the form, `settle` writes it. */
  names: z.record(z.string(), z.string()).default({}),
});

export type PbxOrder = z.infer<typeof schema>;

const portalFields = [
  'authorizationUrl',
  'clientId',
  'clientSecret',
  'masqueradingLogin',
  'masqueradingPassword',
] as const;
const noPortal = {
  authorizationUrl: '',
  clientId: '',
  clientSecret: undefined,
  masqueradingLogin: '',
  masqueradingPassword: undefined,
};

const nameOf = (order: Partial<PbxOrder>, kind: 'enterprise' | 'pbx-type', id = '') =>
  order.names?.[`${kind} ${id}`] ?? id;
const hasPortal = (order: Partial<PbxOrder>) => pbxTypeOf(nameOf(order, 'pbx-type', order.pbxType)).portal;
const among = (values: readonly string[]) => values.map((value) => ({ value, title: value }));
const listOf = (ids = '') => ids.split(',').filter(Boolean);

/** Where an enterprise's telephones are, and how TeamMate registers there. */
export const pbx: Orderable<PbxOrder> = {
  kind: 'pbx',
  get noun() {
    return say('catalog.pbx.noun');
  },
  get title() {
    return say('catalog.pbx.title');
  },
  command: 'setup-pbx',
  fields: {
    enterprise: field('pbx.enterprise', { input: 'one', required: true }),
    pbxType: field('pbx.pbxType', { input: 'one', required: true }),
    location: field('pbx.location', { input: 'line', maxLength: limits.location, required: true }),
    lookup: field('pbx.lookup', { input: 'one', choices: among(lookups), required: true }),
    domain: field('pbx.domain', { input: 'line', maxLength: hostLimit, required: true }),
    proxy: field('pbx.proxy', { input: 'line', maxLength: limits.proxy, required: false }),
    transport: field('pbx.transport', { input: 'one', choices: among(transports), required: true }),
    port: field('pbx.port', { input: 'line', maxLength: 5, required: false }),
    expiry: field('pbx.expiry', { input: 'line', maxLength: 4, required: false }),
    voicemail: field('pbx.voicemail', { input: 'line', maxLength: 10, required: false }),
    user: field('pbx.user', { input: 'line', maxLength: limits.user, required: true }, 'catalog.pbx.user.heading'),
    authId: field('pbx.authId', { input: 'line', maxLength: limits.authId, required: false }),
    password: field('pbx.password', { input: 'secret', maxLength: limits.secret, required: true }),
    authorizationUrl: field(
      'pbx.authorizationUrl',
      { input: 'line', maxLength: limits.url, required: true },
      'catalog.pbx.authorizationUrl.heading',
    ),
    clientId: field('pbx.clientId', { input: 'line', maxLength: limits.client, required: true }),
    clientSecret: field('pbx.clientSecret', { input: 'secret', maxLength: limits.secret, required: true }),
    masqueradingLogin: field('pbx.masqueradingLogin', { input: 'line', maxLength: limits.client, required: false }),
    masqueradingPassword: field('pbx.masqueradingPassword', {
      input: 'secret',
      maxLength: limits.secret,
      required: false,
    }),
  },
  schema,
  first: ['enterprise', 'pbxType'],
  secrets: ['password', 'clientSecret', 'masqueradingPassword'],
  checked: true,
  watched: true,

  async choices(typed, known) {
    const chosen = typed.enterprise ? await known.thing('enterprise', typed.enterprise) : undefined;
    const enterprises = await known.things('enterprise', { active: true, limit: mostChoices + 1 });
    const given = chosen && listOf(chosen.facts.pbxTypes);
    const types = await known.things('pbx-type', { active: true, limit: mostChoices });
    return {
      enterprise: searchable('enterprise', enterprises, chosen),
      pbxType: { choices: types.filter(({ reference }) => given?.includes(reference) ?? true).map(asChoice) },
    };
  },

  async begins(typed, known) {
    const type = typed.pbxType ? await known.thing('pbx-type', typed.pbxType) : undefined;
    return type ? beginningOf(pbxTypeOf(type.name)) : {};
  },

  async shows(typed, known) {
    const type = typed.pbxType ? await known.thing('pbx-type', typed.pbxType) : undefined;
    const all = Object.keys(pbx.fields);
    const portal: readonly string[] = type && pbxTypeOf(type.name).portal ? [] : portalFields;
    return all.filter((field) => !portal.includes(field));
  },

  async settle(order, known) {
    const errors: FieldErrors = {};
    const names: Record<string, string> = {};
    const enterprise = order.enterprise === undefined ? undefined : await known.thing('enterprise', order.enterprise);
    if (enterprise) names[`enterprise ${enterprise.reference}`] = enterprise.name;
    const unready = order.enterprise === undefined ? undefined : await whyNotYet(enterprise, known);
    if (unready) errors.enterprise = unready;

    const type = order.pbxType === undefined ? undefined : await known.thing('pbx-type', order.pbxType);
    if (type) names[`pbx-type ${type.reference}`] = type.name;
    const given = listOf(enterprise?.facts.pbxTypes);
    if (order.pbxType !== undefined && !type?.active) errors.pbxType = say('catalog.pbx.pbxType.missing');
    else if (type && enterprise && !given.includes(type.reference))
      errors.pbxType = say('catalog.pbx.pbxType.lacking', { name: enterprise.name, type: type.name });

    const settled = { ...order, names };
    const whole = withoutNeedless(settled, type);
    return { order: whole, errors: { ...together(whole), ...errors } };
  },

  advice: ({ transport, port, proxy }) => [
    ...(transport === 'TLS' && (port === '5060' || hostPortOf(proxy).port === '5060')
      ? [say('catalog.pbx.port.unusual')]
      : []),
  ],

  quick([enterprise = '', pbxType = '', location = '', domain = '', user = '']) {
    const typed = { enterprise, pbxType, location, domain, user };
    // What was left out is left to what is known of the type.
    return Object.fromEntries(Object.entries(typed).filter(([, text]) => text));
  },
  several: {
    get nouns() {
      return say('catalog.pbx.nouns');
    },
    command: 'setup-pbxes',
    mayLack: ['lookup', 'transport', ...portalFields],
    example: {
      enterprise: 'Proseware',
      pbxType: 'PortaSwitch',
      location: 'Head Office',
      lookup: 'A',
      domain: 'sip.proseware.example',
      transport: 'UDP',
      user: 'teammate',
      password: '…',
    },
    // What is left empty is left to what is known of the type.
    typed: (cells) => ({
      ...Object.fromEntries(Object.entries(cells).filter(([, text]) => text !== '')),
      ...(cells.lookup && { lookup: cells.lookup.toUpperCase() }),
      ...(cells.transport && { transport: cells.transport.toUpperCase() }),
    }),
  },
  typed: ({ names: _, password: _p, clientSecret: _c, masqueradingPassword: _m, ...order }) => order,
  name: (order) => order.location,
  parent: (order) => order.enterprise,
  account: ({ domain, proxy, lookup, transport, port, user, authId, password = '', expiry }) => ({
    domain,
    ...(proxy && { proxy }),
    lookup,
    transport,
    ...(port && { port: Number(port) }),
    user,
    ...(authId && { authId }),
    password,
    expires: Number(expiry),
  }),
  facts: (order) => [
    fact('pbx.enterprise', nameOf(order, 'enterprise', order.enterprise)),
    fact('pbx.pbxType', nameOf(order, 'pbx-type', order.pbxType)),
    fact('pbx.location', order.location),
    fact('pbx.lookup', order.lookup),
    fact('pbx.domain', order.domain),
    fact('pbx.proxy', order.proxy || '—'),
    fact(
      'pbx.transport',
      order.port
        ? say('catalog.pbx.transport.withPort', { transport: order.transport, port: order.port })
        : order.transport,
    ),
    fact('pbx.expiry', say('catalog.pbx.expiry.seconds', { seconds: order.expiry })),
    fact('pbx.voicemail', order.voicemail || '—'),
    fact(
      'pbx.user',
      order.authId ? say('catalog.pbx.user.as', { user: order.user, authId: order.authId }) : order.user,
    ),
    ...(hasPortal(order)
      ? [
          fact('pbx.authorizationUrl', order.authorizationUrl),
          fact('pbx.clientId', order.clientId),
          fact('pbx.masqueradingLogin', order.masqueradingLogin || '—'),
        ]
      : []),
  ],
  claims: ({ enterprise, location }) =>
    enterprise === undefined || location === undefined
      ? []
      : [
          {
            field: 'location',
            key: `pbx:${enterprise}:${fold(location)}`,
            taken: say('catalog.pbx.location.taken'),
          },
        ],
  waitingFor: () => say('catalog.pbx.waitingFor'),
  active: (order) =>
    say('catalog.pbx.active', {
      location: order.location,
      enterprise: nameOf(order, 'enterprise', order.enterprise),
    }),
  editable: [
    'lookup',
    'domain',
    'proxy',
    'transport',
    'port',
    'expiry',
    'voicemail',
    'user',
    'authId',
    'password',
    ...portalFields,
  ],
  means: {
    get suspend() {
      return say('catalog.pbx.means.suspend');
    },
    get resume() {
      return say('catalog.pbx.means.resume');
    },
    get remove() {
      return say('catalog.pbx.means.remove');
    },
  },
};

/** Without what nothing is done with: a portal that the type does not have, a password without its login. */
function withoutNeedless(order: Partial<PbxOrder>, type: Thing | undefined): Partial<PbxOrder> {
  if (type && !hasPortal(order)) return { ...order, ...noPortal };
  return order.masqueradingLogin === '' ? { ...order, masqueradingPassword: undefined } : order;
}

/** Why an enterprise cannot have a PBX now; nothing when it can. */
async function whyNotYet(enterprise: Thing | undefined, known: Known): Promise<string | undefined> {
  if (!enterprise) return say('catalog.pbx.enterprise.missing');
  const { name, active, suspended, facts, reference } = enterprise;
  if (suspended) return say('catalog.pbx.enterprise.suspended', { name });
  if (!active) return say('catalog.pbx.enterprise.unregistered', { name });
  if (!listOf(facts.services).includes('PBX')) return say('catalog.pbx.enterprise.without', { name });
  const routed = await known.things('direct-routing', { parent: reference, active: true, limit: 1 });
  if (routed.length > 0) return undefined;
  return say('catalog.pbx.enterprise.unrouted', { name });
}

/** What is wrong with fields that are each right by themselves, beside the one to change. */
function together(order: Partial<PbxOrder>): FieldErrors {
  const { lookup, port, proxy = '', password, masqueradingLogin, masqueradingPassword } = order;
  const errors: FieldErrors = {};
  const need = (field: 'password' | Exclude<(typeof portalFields)[number], 'masqueradingLogin'>, missing: boolean) => {
    if (missing) errors[field] = say(`catalog.pbx.${field}.missing`);
  };
  need('password', password === undefined);
  // RFC 3263, section 4: SRV and NAPTR records name the port, and a port of the proxy's own comes before this one.
  const named = port && (lookup === 'SRV' || lookup === 'NAPTR') ? lookup : undefined;
  if (named) errors.port = say('catalog.pbx.port.byDns', { lookup: named });
  else if (port && hostPortOf(proxy).port) errors.port = say('catalog.pbx.port.twice');
  if (!hasPortal(order)) return errors;
  need('authorizationUrl', order.authorizationUrl === '');
  need('clientId', order.clientId === '');
  need('clientSecret', order.clientSecret === undefined);
  need('masqueradingPassword', Boolean(masqueradingLogin) && masqueradingPassword === undefined);
  return errors;
}
