import * as z from 'zod';
import { email, emailLimit, requiredLine } from './fields.ts';
import type { Orderable } from './orderable.ts';

/** Ours: TeamMate publishes none. A company's name as long as a reseller's, a person's as Microsoft's directory allows (64). */
const limits = { company: 100, name: 64, account: 15 } as const;

const schema = z.object({
  company: requiredLine('Company Name', limits.company),
  firstName: requiredLine('First Name', limits.name),
  lastName: requiredLine('Last Name', limits.name),
  email: email('E-mail', 'TeamMate’s letters go there'),
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
  noun: 'master reseller',
  title: 'Request Access',
  command: 'request-access',
  // Each one bothers the provider's approvers. Three leave room for a mistake and its correction.
  outside: { aDay: 3 },
  local: true,
  intro: 'Your TeamMate provider reads this and decides. You are told here.',
  fields: {
    company: {
      label: 'Company Name',
      hint: 'As it is to stand in TeamMate',
      input: 'line',
      maxLength: limits.company,
      required: true,
    },
    firstName: {
      label: 'First Name',
      hint: 'Of the first administrator',
      input: 'line',
      maxLength: limits.name,
      required: true,
    },
    lastName: {
      label: 'Last Name',
      hint: 'Of the first administrator',
      input: 'line',
      maxLength: limits.name,
      required: true,
    },
    email: {
      label: 'E-mail',
      hint: 'TeamMate’s letters go there',
      input: 'email',
      maxLength: emailLimit,
      required: true,
    },
  },
  schema,

  settle: async (order, known) => ({ order: { ...order, tenantId: known.tenantId }, errors: {} }),

  approval: {
    field: 'account',
    label: 'Master Reseller Id',
    hint: 'Its TeamMate number, to approve',
    maxLength: limits.account,
    note: 'Only the tenant is proven: make sure that this person speaks for the company. TeamMate gives it an account after a support ticket “Add to TeamMate Portal” with these details.',
    check: (text) =>
      // As TeamMate's ids are; a zero in front would make one account look like two.
      /^[1-9]\d*$/.test(text) && text.length <= limits.account
        ? undefined
        : `Enter the Master Reseller Id: its number in TeamMate, at most ${limits.account} digits.`,
    claim: (account) => ({
      field: 'account',
      key: accountKey(account),
      taken: 'Another organisation works with this Master Reseller Id already.',
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
    { title: 'Company Name', value: order.company },
    { title: 'First Name', value: order.firstName },
    { title: 'Last Name', value: order.lastName },
    { title: 'E-mail', value: order.email },
    { title: 'Teams tenant', value: order.tenantId },
  ],
  claims: ({ tenantId }) =>
    tenantId
      ? [{ field: 'company', key: `tenant:${tenantId}`, taken: 'Your organisation has asked for access already.' }]
      : [],
  waitingFor: () => 'the bot to set it up',
  active: (order) => `${order.company} can work with TeamMate in Teams now.`,
  welcome: (order) => ({
    lines: [
      `${order.company} is set up, and you are its first administrator and requester.`,
      'Nobody approves their own requests, so somebody else has to. To let them, type: grant approver @their name',
      'Then add this app to a team. In the channel where requests are to be approved, type: @TeamMate route approvals here',
      'In the channel that is to read the news of every request, type: @TeamMate route notifications here',
    ],
    commands: [
      { title: 'Add Reseller', command: 'add reseller' },
      { title: 'Roles', command: 'roles' },
      { title: 'Routes', command: 'routes' },
      { title: 'Help', command: 'help' },
    ],
  }),
};
