import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import { fold } from '../catalog/orderable.ts';
import { Refusal } from './http.ts';
import { newInvitation, renewed } from './invitation.ts';
import { services } from './services.ts';
import { emailTaken, findReseller, masterOf, nameTaken, type Reseller, type State } from './state.ts';

/** One line of text that is required, with its limit. */
export const line = (label: string, limit: number) =>
  z
    .string({ error: `${label} is required.` })
    .trim()
    .min(1, { error: `${label} is required.` })
    .max(limit, { error: `${label} is longer than ${limit} characters.` })
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, { error: `${label} must be one line.` });

/**
 * The body of a creation. (E) the fields of the portal's "Add Reseller" and which are required; (I) their names here, after
 * `newEnterprise`, and their limits, which are nowhere published.
 */
export const newReseller = z.object({
  masterResellerId: z.number({ error: 'masterResellerId is required.' }).int(),
  resellerName: line('Reseller Name', 100),
  preferredEmail: line('Preferred Email', 254).pipe(z.email({ error: 'Preferred Email is not an e-mail address.' })),
  services: z
    .array(z.enum(services, { error: 'Services are PBX and TRUNK.' }), { error: 'Services is required.' })
    .min(1, { error: 'At least one service is required.' })
    .transform((list) => [...new Set(list)]),
  billingReferences: z.array(line('Billing Reference', 200)).max(10).default([]),
});

/** Makes the reseller and its first invitation, whose mail is still to be sent. @throws Refusal 403, 409 */
export function createReseller(draft: State, order: z.infer<typeof newReseller>, now: Date): Reseller {
  if (!masterOf(draft, order.masterResellerId)) {
    throw new Refusal(403, { message: `You cannot add resellers to the master reseller ${order.masterResellerId}.` });
  }
  if (emailTaken(draft, order.preferredEmail)) {
    const message = `The e-mail address ${order.preferredEmail} is already in use. Use a different one for each account.`;
    throw new Refusal(409, { message, field: 'preferredEmail' });
  }
  if (nameTaken(draft, order.masterResellerId, order.resellerName)) {
    const message = `A reseller with the name ${order.resellerName} already exists.`;
    throw new Refusal(409, { message, field: 'resellerName' });
  }
  const reseller: Reseller = {
    ...order,
    resellerId: draft.nextId,
    createdDate: now.toISOString(),
    activatedDate: null,
    suspended: false,
    invitation: newInvitation(),
    admin: null,
  };
  draft.nextId += 1;
  draft.resellers.push(reseller);
  return reseller;
}

/** A new code, which makes the older mails' links useless. @throws Refusal 404, 400 when there is nothing to invite to */
export function renewInvitation(draft: State, id: number): Reseller {
  const reseller = findReseller(draft, id);
  if (!reseller) throw new Refusal(404, { message: 'There is no reseller with this id.' });
  if (reseller.activatedDate)
    throw new Refusal(400, { message: `${reseller.resellerName} is active: nobody to invite.` });
  reseller.invitation = renewed(reseller.invitation);
  return reseller;
}

/** Fields of the activation page, as it words them (E). */
export const activationFields = {
  invitationCode: 'Invitation Code',
  adminEmail: 'Admin Email',
  userName: 'User Name',
  password: 'Password',
  confirmPassword: 'Confirm Password',
} as const;
export type ActivationField = keyof typeof activationFields;
export type Activation = Record<ActivationField, string>;
export type ActivationErrors = Partial<Record<ActivationField, string>>;

/** (I) All of them: TeamMate publishes none. The longest password keeps hashing one from being work for a minute. */
const limits = { userName: { min: 3, max: 64 }, password: { min: 8, max: 256 } };

const field = z.string().max(2000).catch('');
/** A typed form; whatever is missing or absurd is empty, and then said to be missing. */
export const activationForm: z.ZodType<Activation, unknown> = z.object({
  invitationCode: field.transform((code) => code.trim().toUpperCase()),
  adminEmail: field.transform((email) => email.trim()),
  userName: field.transform((name) => name.normalize('NFC').trim()),
  password: field,
  confirmPassword: field,
});

/** Everything that is wrong with a form, beside its field; nothing when it may be carried out. */
export function activationErrors(state: State, form: Activation, reservedUserName: string): ActivationErrors {
  const invited = invitedBy(state, form.invitationCode);
  const used = invited?.activatedDate;
  const names = [reservedUserName, ...state.resellers.map((one) => one.admin?.userName ?? '')].map(fold);
  const length = [...form.userName].length;
  const checks: [ActivationField, boolean, string][] = [
    ['invitationCode', !form.invitationCode, 'Enter the invitation code from the e-mail.'],
    ['invitationCode', !invited, 'This code is not valid. Use the one in the latest e-mail.'],
    ['invitationCode', !!used, 'This code has been used: the account is active.'],
    ['adminEmail', !form.adminEmail, 'Enter your e-mail address.'],
    ['adminEmail', !z.email().safeParse(form.adminEmail).success, 'Enter a valid e-mail address.'],
    // Only who has a valid code may learn anything about the address, and then only that it is another one.
    [
      'adminEmail',
      !!invited && !used && invited.preferredEmail.toLowerCase() !== form.adminEmail.toLowerCase(),
      'This is not the address the e-mail came to.',
    ],
    ['userName', !form.userName, 'Choose a user name.'],
    [
      'userName',
      length < limits.userName.min || length > limits.userName.max,
      `Use ${limits.userName.min} to ${limits.userName.max} characters, without spaces.`,
    ],
    ['userName', /[\s\p{C}]/u.test(form.userName), 'Use no spaces or control characters.'],
    ['userName', names.includes(fold(form.userName)), 'This user name is taken. Choose another one.'],
    ['password', !form.password, 'Choose a password.'],
    ['password', form.password.length < limits.password.min, `Use at least ${limits.password.min} characters.`],
    ['password', form.password.length > limits.password.max, `Use at most ${limits.password.max} characters.`],
    ['confirmPassword', !form.confirmPassword, 'Enter the password once more.'],
    ['confirmPassword', form.confirmPassword !== form.password, 'The two passwords are not the same.'],
  ];
  // The first thing that is wrong with a field is what stands beside it.
  return Object.fromEntries(
    checks
      .filter(([, wrong]) => wrong)
      .reverse()
      .map(([name, , message]) => [name, message]),
  );
}

/** Whom a code invites. A used code is still found, so that the page can say that it is used. */
export const invitedBy = (state: State, code: string): Reseller | undefined =>
  code === '' ? undefined : state.resellers.find((one) => one.invitation.code === code);

/** Makes the account active. The caller has checked the form on this same draft. */
export function activate(draft: State, form: Activation, passwordHash: string, now: Date): Reseller {
  const reseller = invitedBy(draft, form.invitationCode)!;
  reseller.activatedDate = now.toISOString();
  reseller.admin = { userName: form.userName, passwordHash };
  return reseller;
}

/** `scrypt$salt$hash`, both base64; Node's default cost (N 16384, r 8, p 1). */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = (await promisify(scrypt)(password, salt, 32)) as Buffer;
  return `scrypt$${salt.toString('base64')}$${hash.toString('base64')}`;
}
