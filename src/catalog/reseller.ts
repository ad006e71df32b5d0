import * as z from 'zod';
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

/** TeamMate publishes no limits, so these are ours: a name that fits its portal's lists, a reference that fits one cell. */
const limits = { name: 100, billingReference: 200 } as const;

const schema = z.object({
  name: requiredLine('Reseller Name', limits.name),
  email: email('Preferred Email', 'the activation goes there'),
  services: tickedServices,
  billingReference: optionalLine('Billing Reference', limits.billingReference),
});

export type ResellerOrder = z.infer<typeof schema>;

/** A reseller: the model for whatever is ordered next. */
export const reseller: Orderable<ResellerOrder> = {
  kind: 'reseller',
  noun: 'reseller',
  title: 'Add Reseller',
  command: 'add-reseller',
  fields: {
    name: {
      label: 'Reseller Name',
      hint: 'In TeamMate and on bills',
      input: 'line',
      maxLength: limits.name,
      required: true,
    },
    email: {
      label: 'Preferred Email',
      hint: 'Gets the activation e-mail',
      input: 'email',
      maxLength: emailLimit,
      required: true,
    },
    services: {
      label: 'Services',
      hint: 'What this reseller may sell',
      input: 'many',
      choices: services,
      required: true,
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

  quick([name = '', email = '', chosen = '', ...reference]) {
    // A reference may have semicolons of its own.
    return { name, email, services: servicesIn(chosen), billingReference: reference.join('; ') };
  },
  several: {
    nouns: 'resellers',
    command: 'add-resellers',
    example: { name: 'Contoso', email: 'ops@contoso.example', services: 'pbx + trunk', billingReference: 'B-77' },
    // Without quotes, a comma would begin the next cell.
    typed: (cells) => ({ ...cells, services: servicesIn((cells.services ?? '').replace(/[;+&/|]/g, ',')) }),
  },
  typed: (order) => ({ ...order, services: order.services.join(',') }),
  name: (order) => order.name,
  facts: (order) => [
    { title: 'Reseller Name', value: order.name },
    { title: 'Preferred Email', value: order.email },
    { title: 'Services', value: order.services.map((value) => serviceTitle(value)).join(', ') },
    { title: 'Billing Reference', value: order.billingReference || '—' },
  ],
  claims: ({ name, email }) => [
    ...(name === undefined ? [] : [nameClaim('reseller', 'a reseller', name)]),
    ...(email === undefined ? [] : [emailClaim('email', email)]),
  ],
  waitingFor: (order) => `${order.email} to activate`,
  resend: 'Resend activation e-mail',
  active: (order) => `${order.name} can sign in to TeamMate and add enterprises now.`,
  editable: ['email', 'services', 'billingReference'],
  means: {
    suspend: 'Calls of the users of all its enterprises stop, and it cannot add enterprises until it is resumed.',
    resume: 'Calls of the users of its enterprises work again, and it can add enterprises.',
    remove: 'It can no longer sign in to TeamMate, and its name and e-mail address become free. This cannot be undone.',
  },
  holds: ['enterprise'],
};
