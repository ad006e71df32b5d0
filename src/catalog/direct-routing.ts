import * as z from 'zod';
import { chosenOne, ticked } from './fields.ts';
import { asChoice, type FieldErrors, fold, type Known, mostChoices, type Orderable, searchable } from './orderable.ts';

const enterpriseMissing = 'Choose the enterprise whose Teams is to be connected.';
const gatewayMissing = 'Choose at least one SBC Region; two are advised.';

const schema = z.object({
  enterprise: chosenOne(enterpriseMissing),
  gateways: ticked(gatewayMissing),
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
  email ? `${email}, the customer’s administrator,` : 'the customer’s administrator';

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
  noun: 'Direct Routing',
  title: 'Set up Direct Routing',
  command: 'direct-routing',
  fields: {
    enterprise: { label: 'Enterprise', hint: 'Type to search', input: 'one', required: true },
    gateways: {
      label: 'SBC Region',
      hint: 'Of those the enterprise has; two are advised',
      input: 'many',
      required: true,
    },
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
    if (!customer) return { order, errors: { enterprise: enterpriseMissing } };
    const { name, facts, parent = '' } = customer;
    const reseller = await known.thing('reseller', parent);
    if (!customer.active)
      errors.enterprise = `${name} is not registered yet: waiting for ${facts.email || 'its administrator'}. Ask again once it is, or send the invitation once more.`;
    else if (customer.suspended || reseller?.suspended)
      errors.enterprise = `${customer.suspended ? name : reseller?.name} is suspended in TeamMate. Have it resumed first, or choose another enterprise.`;

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
        errors.gateways = `${name} does not have the SBC Region “${(region?.name ?? gateway).slice(0, 60)}”. Choose from what is shown.`;
    }
    return { order: { ...order, names }, errors };
  },

  advice: (order) =>
    order.gateways.length === 1
      ? ['Only one SBC Region is chosen: with two, calls go on when one of them is down.']
      : [],

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
      { title: 'Enterprise', value: name },
      { title: 'Reseller', value: provider || '—' },
      { title: 'Enterprise Admin Email', value: email || '—' },
      { title: 'SBC Region', value: regionsOf(order) },
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
            taken: `Direct Routing in ${regionOf({ names }, gateway)} is there already, or an open request asks for it. Choose another SBC Region.`,
          })),
  begun: 'TeamMate is asked what is still missing, and the customer’s administrator for what only they can do.',
  waitingFor: () => 'TeamMate to say what is still missing',
  resend: 'Resend consent links',
  resent: 'The consent links were sent again',
  active: (order) =>
    `${customerOf(order).name} can call from Teams by way of ${regionsOf(order)}. A PBX can be connected now.`,
};
