import * as z from 'zod';
import { fold, type Orderable } from './orderable.ts';

/** The two services a reseller can sell; values as TeamMate's API names them, titles as its portal does. */
const services = [
  { value: 'PBX', title: 'PBX Connector' },
  { value: 'TRUNK', title: 'SIP Trunk' },
] as const;

/**
 * Limits. TeamMate publishes none, so these are ours: a name that fits its portal's lists, an e-mail address by
 * RFC 5321 (254 octets), a billing reference that fits one spreadsheet cell.
 */
const limits = { name: 100, email: 254, billingReference: 200 } as const;

/** No control characters, and none of Unicode's direction overrides, with which a name can pose as another. */
const oneLine = (label: string) =>
  z
    .string({ error: `Enter the ${label}.` })
    .transform((text) => text.normalize('NFC').trim())
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is what this is for
    .refine((text) => !/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/.test(text), {
      error: `The ${label} must be one line without control characters.`,
    });

const tooLong = (label: string, limit: number) => `The ${label} is too long: use at most ${limit} characters.`;

const schema = z.object({
  name: oneLine('Reseller Name')
    .refine((text) => text.length > 0, { error: 'Enter the Reseller Name.' })
    .refine((text) => text.length <= limits.name, { error: tooLong('Reseller Name', limits.name) }),
  email: oneLine('Preferred Email')
    .refine((text) => text.length > 0, { error: 'Enter the Preferred Email: the activation goes there.' })
    .refine((text) => text.length <= limits.email, { error: tooLong('Preferred Email', limits.email) })
    .refine((text) => text === '' || text.length > limits.email || z.email().safeParse(text).success, {
      error: 'Enter a valid e-mail address, such as ops@contoso.example.',
    }),
  services: z
    .string({ error: 'Choose at least one service.' })
    .transform((list) => [...new Set(list.split(',').map((value) => value.trim()))].filter(Boolean))
    .refine((list) => list.length > 0, { error: 'Choose at least one service.' })
    .pipe(z.array(z.enum(['PBX', 'TRUNK'], { error: 'Choose from PBX Connector and SIP Trunk.' }))),
  billingReference: oneLine('Billing Reference')
    .refine((text) => text.length <= limits.billingReference, {
      error: tooLong('Billing Reference', limits.billingReference),
    })
    .optional()
    .transform((text) => text ?? ''),
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
      hint: 'As it shall appear in TeamMate and on bills',
      maxLength: limits.name,
      required: true,
    },
    email: {
      label: 'Preferred Email',
      hint: 'The activation e-mail goes here; no other TeamMate account may use it',
      maxLength: limits.email,
      required: true,
    },
    services: { label: 'Services', hint: 'What this reseller may sell', choices: services, required: true },
    billingReference: {
      label: 'Billing Reference',
      hint: 'Optional; ties the reseller to your billing system',
      maxLength: limits.billingReference,
      required: false,
    },
  },
  schema,
  card: 'reseller',

  quick([name = '', email = '', chosen = '', billingReference = '']) {
    const words = chosen.split(',').map((word) => word.trim());
    // A word we do not know is kept as it is, so that the form says so instead of dropping it in silence.
    const values = words.filter(Boolean).map((word) => serviceWords[word.toLowerCase()] ?? word);
    return { name, email, services: values.join(','), billingReference };
  },
  typed: (order) => ({ ...order, services: order.services.join(',') }),
  name: (order) => order.name,
  facts: (order) => [
    { title: 'Reseller Name', value: order.name },
    { title: 'Preferred Email', value: order.email },
    { title: 'Services', value: order.services.map((value) => titleOf(value)).join(', ') },
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
  active: (order) => `${order.name} is active: the reseller can sign in to TeamMate and add enterprises.`,
};

const titleOf = (value: string) => services.find((service) => service.value === value)?.title ?? value;
