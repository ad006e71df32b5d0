import * as z from 'zod';
import { email, emailLimit, optionalLine, requiredLine, services, serviceTitle, tickedServices } from './fields.ts';
import { fold, type Orderable } from './orderable.ts';

/** TeamMate publishes no limits, so these are ours: a name that fits its portal's lists, a reference that fits one cell. */
const limits = { name: 100, billingReference: 200 } as const;

const schema = z.object({
  name: requiredLine('Reseller Name', limits.name),
  email: email('Preferred Email', 'the activation goes there'),
  services: tickedServices,
  billingReference: optionalLine('Billing Reference', limits.billingReference),
});

export type ResellerOrder = z.infer<typeof schema>;

/** What people write for a service in a one-line command. */
const serviceWords: Record<string, string> = {
  pbx: 'PBX',
  'pbx connector': 'PBX',
  connector: 'PBX',
  trunk: 'TRUNK',
  'sip trunk': 'TRUNK',
  sip: 'TRUNK',
};

/** A reseller: the model for whatever is ordered next. */
export const reseller: Orderable<ResellerOrder> = {
  kind: 'reseller',
  noun: 'reseller',
  title: 'Add Reseller',
  commands: ['add reseller', 'new reseller', 'reseller add', 'create reseller'],
  example: 'add reseller Contoso; ops@contoso.example; pbx, trunk; B-77',
  fields: {
    name: {
      label: 'Reseller Name',
      hint: 'In TeamMate and on bills',
      maxLength: limits.name,
      required: true,
    },
    email: {
      label: 'Preferred Email',
      hint: 'Gets the activation e-mail',
      maxLength: emailLimit,
      required: true,
    },
    services: { label: 'Services', hint: 'What this reseller may sell', choices: services, required: true },
    billingReference: {
      label: 'Billing Reference',
      hint: 'Optional, for your billing',
      maxLength: limits.billingReference,
      required: false,
    },
  },
  schema,
  card: 'reseller',

  quick([name = '', email = '', chosen = '', ...reference]) {
    const words = chosen.split(',').map((word) => word.trim());
    // A word we do not know is kept as it is, so that the form says so instead of dropping it in silence.
    const values = words.filter(Boolean).map((word) => serviceWords[word.toLowerCase()] ?? word);
    // A reference may have semicolons of its own.
    return { name, email, services: values.join(','), billingReference: reference.join('; ') };
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
    ...(name === undefined
      ? []
      : [
          {
            field: 'name',
            key: `name:${fold(name)}`,
            taken: 'This name is taken: a reseller or an open request already has it.',
          },
        ]),
    ...(email === undefined
      ? []
      : [
          {
            field: 'email',
            key: `email:${fold(email)}`,
            taken: 'This e-mail address is already used, and TeamMate needs a different one for each account.',
          },
        ]),
  ],
  waitingFor: (order) => `${order.email} to activate`,
  resend: 'Resend activation e-mail',
  active: (order) => `${order.name} can sign in to TeamMate and add enterprises now.`,
};
