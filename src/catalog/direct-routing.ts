import * as z from 'zod';
import { say } from '../language/say.ts';
import { chosenOne, ticked } from './fields.ts';
import { asChoice, type FieldErrors, fold, type Known, mostChoices, type Orderable, searchable } from './orderable.ts';
import { fact, field } from './words.ts';

const schema = z.object({
  enterprise: chosenOne('catalog.direct-routing.enterprise.missing'),
  gateways: ticked('catalog.direct-routing.gateways.missing'),
  /** What TeamMate’s lists say of what was chosen by id: no field of the form, `settle` writes it. */
  names: z.record(z.string(), z.string()).default({}),
});

export type DirectRoutingOrder = z.infer<typeof schema>;

/** What `settle` wrote down of the enterprise and its reseller. */
export const customerOf = ({ enterprise, names }: DirectRoutingOrder) => {
  const reseller = names[`reseller of ${enterprise}`] ?? '';
  return {
    name: names[`enterprise ${enterprise}`] ?? enterprise,
    email: names[`email of ${enterprise}`] ?? '',
    reseller,
    provider: names[`reseller ${reseller}`] ?? '',
  };
};

/** The region of a gateway, by the name it was chosen by. */
export const regionOf = ({ names }: Pick<DirectRoutingOrder, 'names'>, gateway: string) =>
  names[`sbc-region ${gateway}`] ?? gateway;

const regionsOf = (order: DirectRoutingOrder) => order.gateways.map((id) => regionOf(order, id)).join(', ');

/** The customer’s administrator, as it stands in "Waiting for …". */
export const administrator = (email: string) =>
  email
    ? say('catalog.direct-routing.administrator.named', { email })
    : say('catalog.direct-routing.administrator.unnamed');

/** An enterprise by its id or, whether it is active or not, by its name: so that it can be said why it cannot be chosen. */
async function enterpriseCalled(known: Known, text: string | undefined) {
  if (!text) return undefined;
  const byId = await known.thing('enterprise', text);
  if (byId) return byId;
  const found = await known.things('enterprise', { search: text.trim().slice(0, 200), limit: 20 });
  return found.find(({ name }) => fold(name) === fold(text));
}

/** The connection of an enterprise’s Microsoft 365 to SBC gateways, over which its Teams users call. */
export const directRouting: Orderable<DirectRoutingOrder> = {
  kind: 'direct-routing',
  get noun() {
    return say('catalog.direct-routing.noun');
  },
  get title() {
    return say('catalog.direct-routing.title');
  },
  command: 'direct-routing',
  fields: {
    enterprise: field('direct-routing.enterprise', { input: 'one', required: true }),
    gateways: field('direct-routing.gateways', { input: 'many', required: true }),
  },
  schema,
  first: ['enterprise'],

  async choices(typed, known) {
    const enterprises = await known.things('enterprise', { active: true, limit: mostChoices + 1 });
    const chosen = await enterpriseCalled(known, typed.enterprise);
    const has = chosen?.facts.regions?.split(',').filter(Boolean) ?? [];
    const regions = await known.things('sbc-region', { active: true, limit: mostChoices });
    return {
      enterprise: searchable('enterprise', enterprises, chosen),
      gateways: { choices: regions.filter(({ reference }) => has.includes(reference)).map(asChoice) },
    };
  },

  async settle(order, known) {
    if (order.enterprise === undefined) return { order, errors: {} };
    const errors: FieldErrors = {};
    const customer = await known.thing('enterprise', order.enterprise);
    if (!customer) return { order, errors: { enterprise: say('catalog.direct-routing.enterprise.missing') } };
    const { name, facts, parent = '' } = customer;
    const reseller = await known.thing('reseller', parent);
    if (!customer.active)
      errors.enterprise = facts.email
        ? say('catalog.direct-routing.enterprise.unregistered', { name, email: facts.email })
        : say('catalog.direct-routing.enterprise.unregisteredBy', { name });
    else if (customer.suspended || reseller?.suspended)
      errors.enterprise = say('catalog.direct-routing.enterprise.suspended', {
        name: customer.suspended ? name : (reseller?.name ?? ''),
      });

    const names: Record<string, string> = {
      [`enterprise ${customer.reference}`]: name,
      [`email of ${customer.reference}`]: facts.email ?? '',
      [`reseller of ${customer.reference}`]: parent,
      ...(reseller && { [`reseller ${parent}`]: reseller.name }),
    };
    const has = facts.regions?.split(',') ?? [];
    for (const gateway of order.gateways ?? []) {
      const region = await known.thing('sbc-region', gateway);
      names[`sbc-region ${gateway}`] = region?.name ?? gateway;
      if (!has.includes(gateway))
        errors.gateways = say('catalog.direct-routing.gateways.lacking', {
          name,
          region: (region?.name ?? gateway).slice(0, 60),
        });
    }
    return { order: { ...order, names }, errors };
  },

  advice: (order) => (order.gateways.length === 1 ? [say('catalog.regions.one')] : []),

  quick: ([enterprise = '', ...gateways]) => ({ enterprise, gateways: gateways.join(',') }),
  typed: ({ enterprise, gateways }) => ({ enterprise, gateways: gateways.join(',') }),
  name: (order) => `${customerOf(order).name} (${regionsOf(order)})`,
  parent: (order) => order.enterprise,
  /** TeamMate has one for each gateway, under no id of its own. */
  things: (order) =>
    order.gateways.map((gateway) => ({
      reference: `${order.enterprise}:${gateway}`,
      name: regionOf(order, gateway),
      facts: { enterprise: order.enterprise, gateways: gateway },
    })),
  facts: (order) => {
    const { name, email, provider } = customerOf(order);
    return [
      fact('direct-routing.enterprise', name),
      fact('enterprise.reseller', provider || '—'),
      fact('enterprise.email', email || '—'),
      fact('direct-routing.gateways', regionsOf(order)),
    ];
  },
  claims: ({ enterprise, gateways, names = {} }) =>
    enterprise === undefined
      ? []
      : // In an order they are a list, among what TeamMate lists a text.
        [gateways ?? []]
          .flat()
          .flatMap((ids) => ids.split(','))
          .map((gateway) => ({
            field: 'gateways',
            key: `direct-routing:${enterprise}:${gateway}`,
            taken: say('catalog.direct-routing.gateways.taken', { region: regionOf({ names }, gateway) }),
          })),
  get begun() {
    return say('catalog.direct-routing.begun');
  },
  waitingFor: () => say('catalog.direct-routing.waitingFor'),
  get resend() {
    return say('catalog.direct-routing.resend');
  },
  resent: (when) => say('catalog.direct-routing.resent', { when }),
  active: (order) => say('catalog.direct-routing.active', { name: customerOf(order).name, regions: regionsOf(order) }),
};
