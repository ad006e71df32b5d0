import * as z from 'zod';
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

const enterpriseMissing = 'Choose the enterprise whose telephones these are.';
const typeMissing = 'Choose the PBX Type.';
const expirySays = `Enter a whole number of seconds from ${limits.shortest} to ${limits.longest}, such as 300.`;
const voicemailSays = 'Enter up to 10 of the digits 0–9, * and #, such as 9901, or leave it empty.';

const optionalText = (limit: number) =>
  z
    .string()
    .optional()
    .transform((text = '') => text.trim().slice(0, limit));

/** As it was typed: a space at its end is part of it. Left out when it is kept already, or not needed. */
const secret = (label: string) =>
  z
    .string()
    .max(limits.secret, { error: `The ${label} is too long: use at most ${limits.secret} characters.` })
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, { error: `The ${label} must be one line.` })
    .optional()
    .transform((text) => text || undefined);

const schema = z.object({
  enterprise: chosenOne(enterpriseMissing),
  pbxType: chosenOne(typeMissing),
  location: requiredLine('PBX Location', limits.location),
  lookup: z.enum(lookups, { error: `Choose how the PBX is found in DNS: ${lookups.join(', ')}.` }),
  domain: hostName('PBX SIP Domain'),
  proxy: optionalHostPort('PBX SIP Domain Proxy'),
  transport: z.enum(transports, { error: `Choose the Transport: ${transports.join(', ')}.` }),
  port: optionalText(10).refine((text) => text === '' || isPort(text), {
    error: 'Enter a port from 1 to 65535, or leave it empty for the usual one.',
  }),
  expiry: optionalText(10)
    .transform((text) => text || '300')
    .refine((text) => /^\d{1,4}$/.test(text) && +text >= limits.shortest && +text <= limits.longest, {
      error: expirySays,
    }),
  voicemail: optionalText(20).refine((text) => /^[*#0-9]{0,10}$/.test(text), { error: voicemailSays }),
  // What may stand before the @ of a SIP address without being escaped (RFC 3261, section 25.1).
  user: requiredLine('SIP User', limits.user).refine((text) => /^[A-Za-z0-9\-_.!~*'()&=+$,;?/]*$/.test(text), {
    error: 'Enter only what stands before the @ of the SIP address: letters, digits and signs such as . - _ +',
  }),
  authId: optionalLine('Authentication ID', limits.authId),
  password: secret('SIP Password'),
  authorizationUrl: optionalHttps('Portal Authorization URL', portalPath, limits.url),
  clientId: optionalLine('Client ID', limits.client),
  clientSecret: secret('Client Secret'),
  masqueradingLogin: optionalLine('Masquerading Login', limits.client),
  masqueradingPassword: secret('Masquerading Password'),
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
  noun: 'PBX',
  title: 'Set up PBX',
  command: 'setup-pbx',
  fields: {
    enterprise: {
      label: 'Enterprise',
      hint: 'It needs Direct Routing',
      input: 'one',
      required: true,
    },
    pbxType: { label: 'PBX Type', hint: 'One the enterprise was given', input: 'one', required: true },
    location: {
      label: 'PBX Location',
      hint: 'A name, such as Head Office',
      input: 'line',
      maxLength: limits.location,
      required: true,
    },
    lookup: {
      label: 'PBX DNS Lookup Type',
      hint: 'How its host is found',
      input: 'one',
      choices: among(lookups),
      required: true,
    },
    domain: {
      label: 'PBX SIP Domain',
      hint: 'Such as sip.contoso.example',
      input: 'line',
      maxLength: hostLimit,
      required: true,
    },
    proxy: {
      label: 'PBX SIP Domain Proxy',
      hint: 'If there is one: host:port',
      input: 'line',
      maxLength: limits.proxy,
      required: false,
    },
    transport: {
      label: 'Transport',
      hint: 'UDP, TCP or TLS',
      input: 'one',
      choices: among(transports),
      required: true,
    },
    port: {
      label: 'Port',
      hint: 'Empty for 5060, TLS 5061',
      input: 'line',
      maxLength: 5,
      required: false,
    },
    expiry: { label: 'Registration Expiry', hint: 'Seconds, 60 to 3600', input: 'line', maxLength: 4, required: false },
    voicemail: {
      label: 'Voicemail Feature Code',
      hint: 'Such as 9901',
      input: 'line',
      maxLength: 10,
      required: false,
    },
    user: {
      label: 'SIP User',
      hint: 'The user TeamMate registers as',
      input: 'line',
      maxLength: limits.user,
      required: true,
      heading: 'Registration at the PBX',
    },
    authId: {
      label: 'Authentication ID',
      hint: 'Empty when it is the SIP user',
      input: 'line',
      maxLength: limits.authId,
      required: false,
    },
    password: {
      label: 'SIP Password',
      hint: 'Encrypted, not shown again',
      input: 'secret',
      maxLength: limits.secret,
      required: true,
    },
    authorizationUrl: {
      label: 'Portal Authorization URL',
      hint: 'https:// and the portal’s host',
      input: 'line',
      maxLength: limits.url,
      required: true,
      heading: 'Access to the PBX’s portal',
    },
    clientId: { label: 'Client ID', hint: 'Of the portal', input: 'line', maxLength: limits.client, required: true },
    clientSecret: {
      label: 'Client Secret',
      hint: 'Encrypted, not shown again',
      input: 'secret',
      maxLength: limits.secret,
      required: true,
    },
    masqueradingLogin: {
      label: 'Masquerading Login',
      hint: 'Only where the portal needs one',
      input: 'line',
      maxLength: limits.client,
      required: false,
    },
    masqueradingPassword: {
      label: 'Masquerading Password',
      hint: 'Of the login above',
      input: 'secret',
      maxLength: limits.secret,
      required: false,
    },
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
    if (order.pbxType !== undefined && !type?.active) errors.pbxType = typeMissing;
    else if (type && enterprise && !given.includes(type.reference))
      errors.pbxType = `${enterprise.name} was not given ${type.name}. Choose from what is shown.`;

    const settled = { ...order, names };
    const whole = withoutNeedless(settled, type);
    return { order: whole, errors: { ...together(whole), ...errors } };
  },

  advice: ({ transport, port, proxy }) => [
    ...(transport === 'TLS' && (port === '5060' || hostPortOf(proxy).port === '5060')
      ? ['TLS on port 5060 is unusual: a PBX has TLS on 5061, and 5060 is for what is not encrypted.']
      : []),
  ],

  quick([enterprise = '', pbxType = '', location = '', domain = '', user = '']) {
    const typed = { enterprise, pbxType, location, domain, user };
    // What was left out is left to what is known of the type.
    return Object.fromEntries(Object.entries(typed).filter(([, text]) => text));
  },
  several: {
    nouns: 'PBXes',
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
    { title: 'Enterprise', value: nameOf(order, 'enterprise', order.enterprise) },
    { title: 'PBX Type', value: nameOf(order, 'pbx-type', order.pbxType) },
    { title: 'PBX Location', value: order.location },
    { title: 'PBX DNS Lookup Type', value: order.lookup },
    { title: 'PBX SIP Domain', value: order.domain },
    { title: 'PBX SIP Domain Proxy', value: order.proxy || '—' },
    { title: 'Transport', value: order.port ? `${order.transport}, port ${order.port}` : order.transport },
    { title: 'Registration Expiry', value: `${order.expiry} seconds` },
    { title: 'Voicemail Feature Code', value: order.voicemail || '—' },
    { title: 'SIP User', value: order.authId ? `${order.user}, as ${order.authId}` : order.user },
    ...(hasPortal(order)
      ? [
          { title: 'Portal Authorization URL', value: order.authorizationUrl },
          { title: 'Client ID', value: order.clientId },
          { title: 'Masquerading Login', value: order.masqueradingLogin || '—' },
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
            taken: 'This enterprise, or an open request for it, already has a PBX with this location.',
          },
        ],
  waitingFor: () => 'the PBX to accept the registration',
  active: (order) => `${order.location} of ${nameOf(order, 'enterprise', order.enterprise)} is registered.`,
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
    suspend: 'TeamMate is no longer registered at it, and calls through it stop until it is resumed.',
    resume: 'TeamMate registers at it again, and calls through it work again.',
    remove: 'Calls through it stop for good, and its location becomes free. This cannot be undone.',
  },
};

/** Without what nothing is done with: a portal that the type does not have, a password without its login. */
function withoutNeedless(order: Partial<PbxOrder>, type: Thing | undefined): Partial<PbxOrder> {
  if (type && !hasPortal(order)) return { ...order, ...noPortal };
  return order.masqueradingLogin === '' ? { ...order, masqueradingPassword: undefined } : order;
}

/** Why an enterprise cannot have a PBX now; nothing when it can. */
async function whyNotYet(enterprise: Thing | undefined, known: Known): Promise<string | undefined> {
  if (!enterprise) return enterpriseMissing;
  const { name, active, suspended, facts, reference } = enterprise;
  if (suspended) return `${name} is suspended, so it cannot have a PBX now. Choose another.`;
  if (!active) return `${name} is not registered yet: its administrator has to accept the invitation first.`;
  if (!listOf(facts.services).includes('PBX'))
    return `${name} does not have the service PBX Connector. Choose another.`;
  const routed = await known.things('direct-routing', { parent: reference, active: true, limit: 1 });
  if (routed.length > 0) return undefined;
  return `${name} has no active Direct Routing yet, and a PBX needs it. Set that up first, then come back.`;
}

/** What is wrong with fields that are each right by themselves, beside the one to change. */
function together(order: Partial<PbxOrder>): FieldErrors {
  const { lookup, port, proxy = '', password, masqueradingLogin, masqueradingPassword } = order;
  const errors: FieldErrors = {};
  const need = (field: string, missing: boolean, says: string) => {
    if (missing) errors[field] = says;
  };
  need('password', password === undefined, 'Enter the SIP Password: the registration is tried with it.');
  // RFC 3263, section 4: SRV and NAPTR records name the port, and a port of the proxy's own comes before this one.
  const named = port && (lookup === 'SRV' || lookup === 'NAPTR') ? lookup : undefined;
  if (named) errors.port = `With ${named} the DNS says which port it is. Leave this empty, or choose A.`;
  else if (port && hostPortOf(proxy).port)
    errors.port = 'The proxy has a port of its own already. Leave this empty, or take that one away.';
  if (!hasPortal(order)) return errors;
  need(
    'authorizationUrl',
    order.authorizationUrl === '',
    'Enter the Portal Authorization URL: this PBX type needs it.',
  );
  need('clientId', order.clientId === '', 'Enter the Client ID: this PBX type needs it.');
  need('clientSecret', order.clientSecret === undefined, 'Enter the Client Secret: this PBX type needs it.');
  const alone = Boolean(masqueradingLogin) && masqueradingPassword === undefined;
  need('masqueradingPassword', alone, 'Enter the Masquerading Password that belongs to the login.');
  return errors;
}
