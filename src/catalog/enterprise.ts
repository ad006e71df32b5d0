import * as z from 'zod';
import { say } from '../language/say.ts';
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
import { fact, field, labelOf } from './words.ts';

/** Ours, as a reseller's: TeamMate publishes none. The user limit is what its own form takes; blank is unlimited (E). */
const limits = { name: 100, billingReference: 200, reason: 300, users: 1_000_000 } as const;

const schema = z.object({
  reseller: chosenOne('catalog.enterprise.reseller.missing'),
  name: requiredLine('enterprise.name', limits.name),
  email: email('enterprise.email', 'catalog.enterprise.email.missing'),
  services: tickedServices,
  regions: ticked('catalog.enterprise.regions.missing'),
  pbxTypes: ticked('catalog.enterprise.pbxTypes.missing')
    .optional()
    .catch([])
    .transform((list) => list ?? []),
  userLimit: optionalLine('enterprise.userLimit', 20).refine(
    (text) => text === '' || (/^[1-9]\d{0,6}$/.test(text) && Number(text) <= limits.users),
    { error: () => say('catalog.enterprise.userLimit.wrong', { limit: String(limits.users) }) },
  ),
  musicOnHold: toggled,
  addExtensions: toggled,
  externalNumbers: toggled,
  requestConsent: toggled,
  accessSipData: toggled,
  sipDataReason: optionalLine('enterprise.sipDataReason', limits.reason),
  billingReference: optionalLine('enterprise.billingReference', limits.billingReference),
  /** What was chosen by id, by name: no field of the form, `settle` writes it. */
  names: z.record(z.string(), z.string()).default({}),
});

export type EnterpriseOrder = z.infer<typeof schema>;

const nameOf = (order: Partial<EnterpriseOrder>, kind: string, id: string) => order.names?.[`${kind} ${id}`] ?? id;
/** TeamMate does not keep the reason, so it is known of what was ordered here only. */
const sipData = ({ accessSipData, sipDataReason }: EnterpriseOrder) =>
  accessSipData && sipDataReason
    ? say('catalog.enterprise.accessSipData.because', { reason: sipDataReason })
    : yesNo(accessSipData);
const yesNo = (value: boolean) => say(value ? 'catalog.yes' : 'catalog.no');

const whyNot = ({ name, suspended }: Thing) =>
  suspended
    ? say('catalog.enterprise.reseller.suspended', { name })
    : say('catalog.enterprise.reseller.inactive', { name });

/** A customer of a reseller: the organisation whose Teams users are going to call. */
export const enterprise: Orderable<EnterpriseOrder> = {
  kind: 'enterprise',
  get noun() {
    return say('catalog.enterprise.noun');
  },
  get title() {
    return say('catalog.enterprise.title');
  },
  command: 'add-enterprise',
  fields: {
    reseller: field('enterprise.reseller', { input: 'one', required: true }),
    name: field('enterprise.name', { input: 'line', maxLength: limits.name, required: true }),
    email: field('enterprise.email', { input: 'email', maxLength: emailLimit, required: true }),
    services: field('enterprise.services', { input: 'many', required: true }),
    regions: field('enterprise.regions', { input: 'many', required: true }),
    pbxTypes: field('enterprise.pbxTypes', { input: 'many', required: false }),
    userLimit: field('enterprise.userLimit', { input: 'line', maxLength: 7, required: false }),
    musicOnHold: field('enterprise.musicOnHold', { input: 'toggle', required: false }),
    addExtensions: field('enterprise.addExtensions', { input: 'toggle', required: false }),
    externalNumbers: field('enterprise.externalNumbers', { input: 'toggle', required: false }),
    requestConsent: field('enterprise.requestConsent', { input: 'toggle', required: false }),
    accessSipData: field('enterprise.accessSipData', { input: 'toggle', required: false }),
    sipDataReason: field('enterprise.sipDataReason', { input: 'line', maxLength: limits.reason, required: false }),
    billingReference: field('enterprise.billingReference', {
      input: 'line',
      maxLength: limits.billingReference,
      required: false,
    }),
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
      errors.reseller = reseller ? whyNot(reseller) : say('catalog.enterprise.reseller.missing');

    const sold = reseller?.facts.services?.split(',') ?? [];
    const unsold = reseller ? (order.services ?? []).filter((service) => !sold.includes(service)) : [];
    if (unsold.length > 0)
      errors.services = say('catalog.enterprise.services.unsold', {
        name: reseller?.name ?? '',
        services: unsold.map(serviceTitle).join(', '),
      });

    const listed = async (kind: 'sbc-region' | 'pbx-type', ids: string[], field: 'regions' | 'pbxTypes') => {
      for (const id of ids) {
        const thing = await known.thing(kind, id);
        if (thing?.active) names[`${kind} ${id}`] = thing.name;
        else errors[field] = say('catalog.unoffered', { label: labelOf(`enterprise.${field}`), id: id.slice(0, 60) });
      }
    };
    await listed('sbc-region', order.regions ?? [], 'regions');
    const pbx = order.services?.includes('PBX') ?? true;
    await listed('pbx-type', pbx ? (order.pbxTypes ?? []) : [], 'pbxTypes');
    if (order.services?.includes('PBX') && order.pbxTypes?.length === 0)
      errors.pbxTypes = say('catalog.enterprise.pbxTypes.missing');
    if (order.accessSipData && !order.sipDataReason)
      errors.sipDataReason = say('catalog.enterprise.sipDataReason.missing');

    const settled = { ...order, names, ...(pbx ? {} : { pbxTypes: [] }) };
    return { order: order.accessSipData ? settled : { ...settled, sipDataReason: '' }, errors };
  },

  advice: (order) => [
    ...(order.regions.length === 1 ? [say('catalog.regions.one')] : []),
    ...(order.accessSipData && order.sipDataReason
      ? [say('catalog.enterprise.accessSipData.asked', { reason: order.sipDataReason })]
      : []),
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
    get nouns() {
      return say('catalog.enterprise.nouns');
    },
    command: 'add-enterprises',
    example: {
      name: 'Proseware',
      reseller: 'Fabrikam',
      email: 'it@proseware.example',
      services: 'pbx + trunk',
      regions: 'US East 1 + US West',
      pbxTypes: 'Netsapiens',
      get addExtensions() {
        return say('catalog.yes').toLowerCase();
      },
    },
    typed: (cells) => {
      // Without quotes, a comma would begin the next cell.
      const list = (text = '') => text.replace(/[;+&|]/g, ',');
      const yes = ['yes', 'true', 'x', '1', 'on', say('catalog.yes').toLowerCase()];
      const toggle = (text = '') => String(yes.includes(text.trim().toLowerCase()));
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
    fact('enterprise.reseller', nameOf(order, 'reseller', order.reseller)),
    fact('enterprise.name', order.name),
    fact('enterprise.email', order.email),
    fact('enterprise.services', order.services.map((value) => serviceTitle(value)).join(', ')),
    fact('enterprise.regions', order.regions.map((id) => nameOf(order, 'sbc-region', id)).join(', ')),
    fact('enterprise.pbxTypes', order.pbxTypes.map((id) => nameOf(order, 'pbx-type', id)).join(', ') || '—'),
    fact('enterprise.userLimit', order.userLimit || say('catalog.enterprise.userLimit.none')),
    fact('enterprise.musicOnHold', yesNo(order.musicOnHold)),
    fact('enterprise.addExtensions', yesNo(order.addExtensions)),
    fact('enterprise.externalNumbers', yesNo(order.externalNumbers)),
    fact('enterprise.requestConsent', yesNo(order.requestConsent)),
    fact('enterprise.accessSipData', sipData(order)),
    fact('enterprise.billingReference', order.billingReference || '—'),
  ],
  claims: ({ name, email }) => [
    ...(name === undefined ? [] : [nameClaim('enterprise', name)]),
    ...(email === undefined ? [] : [emailClaim('email', email)]),
  ],
  waitingFor: (order) => say('catalog.enterprise.waitingFor', { email: order.email }),
  get resend() {
    return say('catalog.enterprise.resend');
  },
  active: (order) => say('catalog.enterprise.active', { name: order.name }),
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
    get suspend() {
      return say('catalog.enterprise.means.suspend');
    },
    get resume() {
      return say('catalog.enterprise.means.resume');
    },
    get remove() {
      return say('catalog.enterprise.means.remove');
    },
  },
  holds: ['pbx'],
};
