import * as z from 'zod';
import {
  chosenOne,
  email,
  emailClaim,
  emailLimit,
  nameClaim,
  optionalLine,
  requiredLine,
  services,
  servicesIn,
  serviceTitle,
  ticked,
  tickedServices,
  toggled,
} from './fields.ts';
import { asChoice, type FieldErrors, mostChoices, type Orderable, searchable, type Thing } from './orderable.ts';

/** Ours, as a reseller's: TeamMate publishes none. The user limit is what its own form takes; blank is unlimited (E). */
const limits = { name: 100, billingReference: 200, reason: 300, users: 1_000_000 } as const;

const resellerMissing = 'Choose the reseller that serves this customer.';
const regionMissing = 'Choose at least one SBC Region; two or more are advised.';

const schema = z.object({
  reseller: chosenOne(resellerMissing),
  name: requiredLine('Enterprise Name', limits.name),
  email: email('Enterprise Admin Email', 'the invitation goes there'),
  services: tickedServices,
  regions: ticked(regionMissing),
  pbxTypes: ticked('')
    .optional()
    .catch([])
    .transform((list) => list ?? []),
  userLimit: optionalLine('User Limit', 20).refine(
    (text) => text === '' || (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= limits.users),
    { error: `Enter a whole number from 1 to ${limits.users}, or leave it empty for unlimited.` },
  ),
  musicOnHold: toggled,
  addExtensions: toggled,
  externalNumbers: toggled,
  requestConsent: toggled,
  accessSipData: toggled,
  sipDataReason: optionalLine('reason', limits.reason),
  billingReference: optionalLine('Billing Reference', limits.billingReference),
  /** What was chosen by id, by name: no field of the form, `settle` writes it. */
  names: z.record(z.string(), z.string()).default({}),
});

export type EnterpriseOrder = z.infer<typeof schema>;

const nameOf = (order: Partial<EnterpriseOrder>, kind: string, id: string) => order.names?.[`${kind} ${id}`] ?? id;
/** TeamMate does not keep the reason, so it is known of what was ordered here only. */
const sipData = ({ accessSipData, sipDataReason }: EnterpriseOrder) =>
  accessSipData && sipDataReason ? `Yes: ${sipDataReason}` : yesNo(accessSipData);
const yesNo = (value: boolean) => (value ? 'Yes' : 'No');

const whyNot = ({ name, suspended }: Thing) =>
  suspended
    ? `${name} is suspended, so it cannot have new customers. Have it resumed first, or choose another.`
    : `${name} is not active in TeamMate, so it cannot have customers yet. Choose another.`;

/** A customer of a reseller: the organisation whose Teams users are going to call. */
export const enterprise: Orderable<EnterpriseOrder> = {
  kind: 'enterprise',
  noun: 'enterprise',
  title: 'Add Enterprise',
  command: 'add-enterprise',
  fields: {
    reseller: { label: 'Reseller', hint: 'Type to search', input: 'one', required: true },
    name: { label: 'Enterprise Name', hint: 'The customer', input: 'line', maxLength: limits.name, required: true },
    email: {
      label: 'Enterprise Admin Email',
      hint: 'Global Admin of the customer',
      input: 'email',
      maxLength: emailLimit,
      required: true,
    },
    services: { label: 'Services', hint: 'Of those the reseller sells', input: 'many', required: true },
    regions: { label: 'SBC Region', hint: 'Two or more are advised', input: 'many', required: true },
    pbxTypes: { label: 'PBX Type', hint: 'Needed for PBX Connector', input: 'many', required: false },
    userLimit: { label: 'User Limit', hint: 'Empty for unlimited', input: 'line', maxLength: 7, required: false },
    musicOnHold: {
      label: 'PBX Music on Hold',
      hint: 'Callers on hold hear the music of the PBX',
      input: 'toggle',
      required: false,
    },
    addExtensions: {
      label: 'Add New Extensions',
      hint: 'The enterprise may add extensions',
      input: 'toggle',
      required: false,
    },
    externalNumbers: {
      label: 'Allow External Numbers',
      hint: 'Users may have numbers that are not of the PBX',
      input: 'toggle',
      required: false,
    },
    requestConsent: {
      label: 'Request Consent for Enterprise Management',
      hint: 'The customer is asked to let you set up Direct Routing for them',
      input: 'toggle',
      required: false,
    },
    accessSipData: {
      label: 'Access SIP Data',
      hint: 'Its administrators see call records: who called whom and when, which is personal data',
      input: 'toggle',
      required: false,
    },
    sipDataReason: {
      label: 'Reason for Access to SIP Data',
      hint: 'The approver reads it',
      input: 'line',
      maxLength: limits.reason,
      required: false,
    },
    billingReference: {
      label: 'Billing Reference',
      hint: 'Optional, for your billing',
      input: 'line',
      maxLength: limits.billingReference,
      required: false,
    },
  },
  schema,
  first: ['reseller'],

  async choices(typed, known) {
    const [resellers, regions, types, chosen] = [
      await known.things('reseller', { active: true, limit: mostChoices + 1 }),
      await known.things('sbc-region', { active: true, limit: mostChoices }),
      await known.things('pbx-type', { active: true, limit: mostChoices }),
      typed.reseller ? await known.thing('reseller', typed.reseller) : undefined,
    ];
    const sold = chosen?.facts.services?.split(',');
    return {
      reseller: searchable('reseller', resellers, chosen),
      services: { choices: services.filter(({ value }) => !sold || sold.includes(value)) },
      regions: { choices: regions.map(asChoice) },
      pbxTypes: { choices: types.map(asChoice) },
    };
  },

  async settle(order, known) {
    const errors: FieldErrors = {};
    const names: Record<string, string> = {};
    const reseller = order.reseller === undefined ? undefined : await known.thing('reseller', order.reseller);
    if (reseller) names[`reseller ${reseller.reference}`] = reseller.name;
    if (order.reseller !== undefined && (!reseller?.active || reseller.suspended))
      errors.reseller = reseller ? whyNot(reseller) : resellerMissing;

    const sold = reseller?.facts.services?.split(',') ?? [];
    const unsold = reseller ? (order.services ?? []).filter((service) => !sold.includes(service)) : [];
    if (unsold.length > 0)
      errors.services = `${reseller?.name} does not sell ${unsold.map(serviceTitle).join(', ')}. Choose from what is shown.`;

    const listed = async (kind: 'sbc-region' | 'pbx-type', ids: string[], field: string, label: string) => {
      for (const id of ids) {
        const thing = await known.thing(kind, id);
        if (thing?.active) names[`${kind} ${id}`] = thing.name;
        else errors[field] = `TeamMate does not offer the ${label} “${id.slice(0, 60)}”. Choose from what is shown.`;
      }
    };
    await listed('sbc-region', order.regions ?? [], 'regions', 'SBC Region');
    const pbx = order.services?.includes('PBX') ?? true;
    await listed('pbx-type', pbx ? (order.pbxTypes ?? []) : [], 'pbxTypes', 'PBX Type');
    if (order.services?.includes('PBX') && order.pbxTypes?.length === 0)
      errors.pbxTypes = 'Choose at least one PBX Type: PBX Connector needs it.';
    if (order.accessSipData && !order.sipDataReason)
      errors.sipDataReason = 'Say why its administrators need to see call records: they are personal data.';

    const settled = { ...order, names, ...(pbx ? {} : { pbxTypes: [] }) };
    return { order: order.accessSipData ? settled : { ...settled, sipDataReason: '' }, errors };
  },

  advice: (order) => [
    ...(order.regions.length === 1
      ? ['Only one SBC Region is chosen: with two, calls go on when one of them is down.']
      : []),
    ...(order.accessSipData && order.sipDataReason ? [`Access SIP Data is asked for: ${order.sipDataReason}`] : []),
  ],

  quick([reseller = '', name = '', email = '', chosen = '', regions = '', pbxTypes = '', ...reference]) {
    return {
      reseller,
      name,
      email,
      services: servicesIn(chosen),
      regions,
      pbxTypes,
      billingReference: reference.join('; '),
    };
  },
  several: {
    nouns: 'enterprises',
    command: 'add-enterprises',
    example: {
      name: 'Proseware',
      reseller: 'Fabrikam',
      email: 'it@proseware.example',
      services: 'pbx + trunk',
      regions: 'US East 1 + US West',
      pbxTypes: 'Netsapiens',
      addExtensions: 'yes',
    },
    typed: (cells) => {
      // Without quotes, a comma would begin the next cell.
      const list = (text = '') => text.replace(/[;+&|]/g, ',');
      const toggle = (text = '') => String(['yes', 'true', 'x', '1', 'on'].includes(text.trim().toLowerCase()));
      const toggles = Object.entries(enterprise.fields).filter(([, { input }]) => input === 'toggle');
      return {
        ...cells,
        ...Object.fromEntries(toggles.map(([field]) => [field, toggle(cells[field])])),
        services: servicesIn(list(cells.services)),
        regions: list(cells.regions),
        pbxTypes: list(cells.pbxTypes),
      };
    },
  },
  typed: ({ names: _, ...order }) => ({
    ...order,
    services: order.services.join(','),
    regions: order.regions.join(','),
    pbxTypes: order.pbxTypes.join(','),
    musicOnHold: String(order.musicOnHold),
    addExtensions: String(order.addExtensions),
    externalNumbers: String(order.externalNumbers),
    requestConsent: String(order.requestConsent),
    accessSipData: String(order.accessSipData),
  }),
  name: (order) => order.name,
  parent: (order) => order.reseller,
  facts: (order) => [
    { title: 'Reseller', value: nameOf(order, 'reseller', order.reseller) },
    { title: 'Enterprise Name', value: order.name },
    { title: 'Enterprise Admin Email', value: order.email },
    { title: 'Services', value: order.services.map((value) => serviceTitle(value)).join(', ') },
    { title: 'SBC Region', value: order.regions.map((id) => nameOf(order, 'sbc-region', id)).join(', ') },
    { title: 'PBX Type', value: order.pbxTypes.map((id) => nameOf(order, 'pbx-type', id)).join(', ') || '—' },
    { title: 'User Limit', value: order.userLimit || 'Unlimited' },
    { title: 'PBX Music on Hold', value: yesNo(order.musicOnHold) },
    { title: 'Add New Extensions', value: yesNo(order.addExtensions) },
    { title: 'Allow External Numbers', value: yesNo(order.externalNumbers) },
    { title: 'Request Consent for Enterprise Management', value: yesNo(order.requestConsent) },
    { title: 'Access SIP Data', value: sipData(order) },
    { title: 'Billing Reference', value: order.billingReference || '—' },
  ],
  claims: ({ name, email }) => [
    ...(name === undefined ? [] : [nameClaim('enterprise', 'an enterprise', name)]),
    ...(email === undefined ? [] : [emailClaim('email', email)]),
  ],
  waitingFor: (order) => `${order.email}, the customer’s administrator, to register`,
  resend: 'Resend invitation e-mail',
  active: (order) => `${order.name} is registered. Direct Routing can be set up now.`,
  editable: [
    'userLimit',
    'musicOnHold',
    'addExtensions',
    'externalNumbers',
    'requestConsent',
    'accessSipData',
    'sipDataReason',
    'billingReference',
  ],
  means: {
    suspend: 'Calls of its users stop until it is resumed.',
    resume: 'Calls of its users work again.',
    remove: 'Calls of its users stop for good, and its Direct Routing is taken down. This cannot be undone.',
  },
  holds: ['pbx'],
};
