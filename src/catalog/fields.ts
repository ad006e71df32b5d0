import * as z from 'zod';
import { type Claim, fold } from './orderable.ts';

/*
 * The checks that forms share. Every value arrives as text, as Teams sends it; every message stands beside its field, so it
 * says what to do.
 */

/**
 * Control characters, what no text holds (half a character, the replacement character), and what cannot be seen: direction
 * overrides and the like, with which a name can pose as another. Joiners and variation selectors are seen, in emoji and in
 * scripts that join their letters.
 */
const unfit = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]|(?!\u200c|\u200d|[\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/u;

const invisible = /\p{Default_Ignorable_Code_Point}/gu;

const line = (label: string, limit: number) =>
  z
    .string({ error: `Enter the ${label}.` })
    .transform((text) => text.normalize('NFC').trim())
    .refine((text) => !unfit.test(text), {
      error: `The ${label} must be one line without control or invisible characters.`,
    })
    .refine((text) => text.length <= limit, {
      error: `The ${label} is too long: use at most ${limit} characters.`,
    });

/** One line that has to be there; `limit` in UTF-16 units, as a client counts `maxLength`. */
export const requiredLine = (label: string, limit: number) =>
  line(label, limit).refine((text) => text.replace(invisible, '').trim().length > 0, { error: `Enter the ${label}.` });

/** One line that may be left out; then it is empty. */
export const optionalLine = (label: string, limit: number) =>
  line(label, limit)
    .optional()
    .transform((text) => text ?? '');

/** The longest address there is (RFC 5321, 4.5.3.1.3: a path of 256 octets with its angle brackets). */
export const emailLimit = 254;

/** An e-mail address; `why` ends the sentence that asks for it. */
export const email = (label: string, why: string) =>
  line(label, emailLimit)
    .refine((text) => text.length > 0, { error: `Enter the ${label}: ${why}.` })
    .refine((text) => text === '' || text.length > emailLimit || z.email().safeParse(text).success, {
      error: 'Enter a valid e-mail address, such as ops@contoso.example.',
    });

/** What was chosen from a list, as its value. */
export const chosenOne = (missing: string) =>
  z.string({ error: missing }).trim().min(1, { error: missing }).max(200, { error: missing });

/** What was ticked in a multiple choice: a comma list, each value once. */
export const ticked = (missing: string) =>
  z
    .string({ error: missing })
    .transform((list) => [...new Set(list.split(',').map((value) => value.trim()))].filter(Boolean))
    .refine((list) => list.length > 0, { error: missing });

/** The two services that are sold; values as TeamMate's API names them, titles as its portal does. */
export const services = [
  { value: 'PBX', title: 'PBX Connector' },
  { value: 'TRUNK', title: 'SIP Trunk' },
] as const;

export const tickedServices = ticked('Choose at least one service.')
  .pipe(z.array(z.enum(['PBX', 'TRUNK'], { error: 'Choose from PBX Connector and SIP Trunk.' })))
  // In our order, whichever was clicked first.
  .transform((list) => services.map(({ value }) => value).filter((value) => list.includes(value)));

export const serviceTitle = (value: string) => services.find((service) => service.value === value)?.title ?? value;

/** What people write for a service in a one-line command. */
const serviceWords: Record<string, string> = {
  pbx: 'PBX',
  'pbx connector': 'PBX',
  connector: 'PBX',
  trunk: 'TRUNK',
  'sip trunk': 'TRUNK',
  sip: 'TRUNK',
};

/** The services in what somebody wrote. A word we do not know is kept, so that the form says so instead of dropping it. */
export const servicesIn = (text: string) =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean)
    .map((word) => serviceWords[word.toLowerCase()] ?? word)
    .join(',');

/** What a toggle says: `true`, or anything else for no. */
export const toggled = z
  .string()
  .optional()
  .transform((value) => value === 'true');

/** A name that no other thing of its kind may have; `a`: the kind as it stands in a sentence. */
export const nameClaim = (kind: string, a: string, name: string): Claim => ({
  field: 'name',
  key: `${kind}:${fold(name)}`,
  taken: `This name is taken: ${a} or an open request already has it.`,
});

/** An address that no other account of TeamMate may have, of whatever kind. */
export const emailClaim = (field: string, address: string): Claim => ({
  field,
  key: `email:${fold(address)}`,
  taken: 'This e-mail address is already used, and TeamMate needs a different one for each account.',
});
