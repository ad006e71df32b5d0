import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import type { Enterprise } from './enterprise.ts';
import { emailTaken, type State } from './state.ts';

/** (I) Fields of the page on which the customer's administrator registers; the real one is Microsoft's sign-in. */
export const registrationFields = {
  invitationCode: 'Invitation Code',
  adminName: 'Your Name',
  adminEmail: 'Microsoft 365 Admin Email',
  accept: 'Acceptance',
} as const;
export type RegistrationField = keyof typeof registrationFields;
export type Registration = Record<RegistrationField, string>;
export type RegistrationErrors = Partial<Record<RegistrationField, string>>;

const field = z.string().max(2000).catch('');
/** A sent form; whatever is missing or absurd is empty, and then said to be missing. */
export const registrationForm: z.ZodType<Registration, unknown> = z.object({
  invitationCode: field.transform((code) => code.trim().toUpperCase()),
  adminName: field.transform((name) => name.normalize('NFC').trim()),
  adminEmail: field.transform((email) => email.trim()),
  accept: field,
});

/** Whom a code invites. A used code is still found, so that the page can say that it is used. */
export const enterpriseInvitedBy = (state: State, code: string): Enterprise | undefined =>
  code === '' ? undefined : state.enterprises.find((one) => one.invitation.code === code);

/** Everything that is wrong with a form, beside its field; nothing when it may be carried out. */
export function registrationErrors(state: State, form: Registration): RegistrationErrors {
  const invited = enterpriseInvitedBy(state, form.invitationCode);
  const used = !!invited?.registeredDate;
  const open = !!invited && !used;
  const known = invited?.adminEmail.toLowerCase();
  const checks: [RegistrationField, boolean, string][] = [
    ['invitationCode', !form.invitationCode, 'Enter the invitation code from the e-mail.'],
    ['invitationCode', !invited, 'This code is not valid. Use the one in the latest e-mail.'],
    ['invitationCode', used, 'This code has been used: the organisation is registered.'],
    ['adminName', !form.adminName, 'Enter your name.'],
    ['adminName', [...form.adminName].length > 100, 'Use at most 100 characters.'],
    ['adminName', /[\p{Cc}\p{Zl}\p{Zp}]/u.test(form.adminName), 'Use no control characters.'],
    ['adminEmail', !form.adminEmail, 'Enter the address you administer Microsoft 365 with.'],
    ['adminEmail', !z.email().max(254).safeParse(form.adminEmail).success, 'Enter a valid e-mail address.'],
    // Only who has a valid code may learn anything about the address, and then only that it is another one.
    [
      'adminEmail',
      open && known !== '' && known !== form.adminEmail.toLowerCase(),
      'This is not the address that was invited.',
    ],
    [
      'adminEmail',
      open && known === '' && emailTaken(state, form.adminEmail),
      'This address already belongs to another TeamMate account.',
    ],
    ['accept', form.accept !== 'yes', 'Accept, so that TeamMate may connect your organisation.'],
  ];
  // The first thing that is wrong with a field is what stands beside it.
  return Object.fromEntries(
    checks
      .filter(([, wrong]) => wrong)
      .reverse()
      .map(([name, , message]) => [name, message]),
  );
}

/** Registers the organisation. The caller has checked the form on this same draft. */
export function register(draft: State, form: Registration, now: Date): Enterprise {
  const enterprise = enterpriseInvitedBy(draft, form.invitationCode)!;
  enterprise.registeredDate = now.toISOString();
  enterprise.admin = { name: form.adminName, email: form.adminEmail };
  enterprise.adminEmail ||= form.adminEmail;
  enterprise.portalKey = randomBytes(24).toString('base64url');
  return enterprise;
}
