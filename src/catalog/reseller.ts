import * as z from 'zod';
import { say } from '../language/say.ts';
import {
  email,
  emailClaim,
  emailLimit,
  nameClaim,
  optionalLine,
  requiredLine,
  services,
  servicesIn,
  serviceTitle,
  tickedServices,
} from './fields.ts';
import type { Orderable } from './orderable.ts';
import { fact, field } from './words.ts';

/** TeamMate publishes no limits, so these are ours: a name that fits its portal's lists, a reference that fits one cell. */
const limits = { name: 100, billingReference: 200 } as const;

const schema = z.object({
  name: requiredLine('reseller.name', limits.name),
  email: email('reseller.email', 'catalog.reseller.email.missing'),
  services: tickedServices,
  billingReference: optionalLine('reseller.billingReference', limits.billingReference),
});

export type ResellerOrder = z.infer<typeof schema>;

/** A reseller: the model for whatever is ordered next. */
export const reseller: Orderable<ResellerOrder> = {
  kind: 'reseller',
  get noun() {
    return say('catalog.reseller.noun');
  },
  get title() {
    return say('catalog.reseller.title');
  },
  command: 'add-reseller',
  fields: {
    name: field('reseller.name', { input: 'line', maxLength: limits.name, required: true }),
    email: field('reseller.email', { input: 'email', maxLength: emailLimit, required: true }),
    services: field('reseller.services', { input: 'many', choices: services, required: true }),
    billingReference: field('reseller.billingReference', {
      input: 'line',
      maxLength: limits.billingReference,
      required: false,
    }),
  },
  schema,

  quick([name = '', email = '', chosen = '', ...reference]) {
    // A reference may have semicolons of its own.
    return { name, email, services: servicesIn(chosen), billingReference: reference.join('; ') };
  },
  several: {
    get nouns() {
      return say('catalog.reseller.nouns');
    },
    command: 'add-resellers',
    example: { name: 'Contoso', email: 'ops@contoso.example', services: 'pbx + trunk', billingReference: 'B-77' },
    // Without quotes, a comma would begin the next cell.
    typed: (cells) => ({ ...cells, services: servicesIn((cells.services ?? '').replace(/[;+&/|]/g, ',')) }),
  },
  typed: (order) => ({ ...order, services: order.services.join(',') }),
  name: (order) => order.name,
  facts: (order) => [
    fact('reseller.name', order.name),
    fact('reseller.email', order.email),
    fact('reseller.services', order.services.map((value) => serviceTitle(value)).join(', ')),
    fact('reseller.billingReference', order.billingReference || '—'),
  ],
  claims: ({ name, email }) => [
    ...(name === undefined ? [] : [nameClaim('reseller', name)]),
    ...(email === undefined ? [] : [emailClaim('email', email)]),
  ],
  waitingFor: (order) => say('catalog.reseller.waitingFor', { email: order.email }),
  get resend() {
    return say('catalog.reseller.resend');
  },
  active: (order) => say('catalog.reseller.active', { name: order.name }),
  editable: ['email', 'services', 'billingReference'],
  means: {
    get suspend() {
      return say('catalog.reseller.means.suspend');
    },
    get resume() {
      return say('catalog.reseller.means.resume');
    },
    get remove() {
      return say('catalog.reseller.means.remove');
    },
  },
  holds: ['enterprise'],
};
