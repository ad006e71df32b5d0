import * as z from 'zod';
import { say } from '../language/say.ts';
import { email, emailLimit, requiredLine } from './fields.ts';
import type { Orderable } from './orderable.ts';
import { fact, field } from './words.ts';

/** Ours: TeamMate publishes none. A company's name as long as a reseller's, a person's as Microsoft's directory allows (64). */
const limits = { company: 100, name: 64, account: 15 } as const;

const schema = z.object({
  company: requiredLine('access.company', limits.company),
  firstName: requiredLine('access.firstName', limits.name),
  lastName: requiredLine('access.lastName', limits.name),
  email: email('access.email', 'catalog.access.email.missing'),
  /** The Teams tenant that asks: no field of the form, `settle` writes it. */
  tenantId: z.string().default(''),
});

export type AccessOrder = z.infer<typeof schema>;

/** The claim on a master reseller's account in TeamMate, which serves one tenant. */
export const accountKey = (account: string) => `account:${account}`;

/**
 * Becoming a master reseller. TeamMate's own way is a support ticket "Add to TeamMate Portal" with just these four; here the
 * provider's approvers get them, and enter the account that TeamMate gave the company.
 * Its e-mail address makes no claim: a stranger would learn from it which addresses the provider has.
 */
export const access: Orderable<AccessOrder> = {
  kind: 'access',
  get noun() {
    return say('catalog.access.noun');
  },
  get title() {
    return say('catalog.access.title');
  },
  command: 'request-access',
  // Each one bothers the provider's approvers. Three leave room for a mistake and its correction.
  outside: { aDay: 3 },
  local: true,
  get intro() {
    return say('catalog.access.intro');
  },
  fields: {
    company: field('access.company', { input: 'line', maxLength: limits.company, required: true }),
    firstName: field('access.firstName', { input: 'line', maxLength: limits.name, required: true }),
    lastName: field('access.lastName', { input: 'line', maxLength: limits.name, required: true }),
    email: field('access.email', { input: 'email', maxLength: emailLimit, required: true }),
  },
  schema,

  settle: async (order, known) => ({ order: { ...order, tenantId: known.tenantId }, errors: {} }),

  approval: {
    field: 'account',
    get label() {
      return say('catalog.access.account.label');
    },
    get hint() {
      return say('catalog.access.account.hint');
    },
    maxLength: limits.account,
    get note() {
      return say('catalog.access.account.note');
    },
    check: (text) =>
      // As TeamMate's ids are; a zero in front would make one account look like two.
      /^[1-9]\d*$/.test(text) && text.length <= limits.account
        ? undefined
        : say('catalog.access.account.wrong', { limit: limits.account }),
    claim: (account) => ({
      field: 'account',
      key: accountKey(account),
      taken: say('catalog.access.account.taken'),
    }),
  },

  quick: ([company = '', firstName = '', lastName = '', ...address]) => ({
    company,
    firstName,
    lastName,
    email: address.join('; '),
  }),
  typed: ({ tenantId: _, ...order }) => order,
  name: (order) => order.company,
  facts: (order) => [
    fact('access.company', order.company),
    fact('access.firstName', order.firstName),
    fact('access.lastName', order.lastName),
    fact('access.email', order.email),
    { title: say('catalog.access.tenant'), value: order.tenantId },
  ],
  claims: ({ tenantId }) =>
    tenantId ? [{ field: 'company', key: `tenant:${tenantId}`, taken: say('catalog.access.company.taken') }] : [],
  waitingFor: () => say('catalog.access.waitingFor'),
  active: (order) => say('catalog.access.active', { name: order.company }),
  welcome: (order) => ({
    lines: [
      say('catalog.access.welcome.first', { name: order.company }),
      say('catalog.access.welcome.approver', { command: say('catalog.access.welcome.type.approver') }),
      say('catalog.access.welcome.approvals', { command: say('catalog.access.welcome.type.approvals') }),
      say('catalog.access.welcome.notifications', { command: say('catalog.access.welcome.type.notifications') }),
    ],
    commands: [
      { title: say('catalog.reseller.title'), command: 'add reseller' },
      { title: say('catalog.access.welcome.roles'), command: 'roles' },
      { title: say('catalog.access.welcome.routes'), command: 'routes' },
      { title: say('catalog.access.welcome.help'), command: 'help' },
    ],
  }),
};
