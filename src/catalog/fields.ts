import * as z from 'zod';
import { type Key, say } from '../language/say.ts';
import { type Claim, fold } from './orderable.ts';
import { labelOf, type Named } from './words.ts';

/*
 * The checks that forms share. Every value arrives as text, as Teams sends it; every message stands beside its field, so it
 * says what to do, and is a function, for it is said to whoever typed, in their language.
 */

/**
 * Control characters, what no text holds (half a character, the replacement character), and what cannot be seen: direction
 * overrides and the like, with which a name can pose as another. Joiners and variation selectors are seen, in emoji and in
 * scripts that join their letters.
 */
const unfit = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]|(?!\u200c|\u200d|[\ufe00-\ufe0f])\p{Default_Ignorable_Code_Point}/u;

const invisible = /\p{Default_Ignorable_Code_Point}/gu;

const enter = (name: Named) => say('catalog.line.enter', { label: labelOf(name) });

const line = (name: Named, limit: number) =>
  z
    .string({ error: () => enter(name) })
    .transform((text) => text.normalize('NFC').trim())
    .refine((text) => !unfit.test(text), {
      error: () => say('catalog.line.unfit', { label: labelOf(name) }),
    })
    .refine((text) => text.length <= limit, {
      error: () => say('catalog.line.long', { label: labelOf(name), limit }),
    });

/** One line that has to be there; `limit` in UTF-16 units, as a client counts `maxLength`. */
export const requiredLine = (name: Named, limit: number) =>
  line(name, limit).refine((text) => text.replace(invisible, '').trim().length > 0, { error: () => enter(name) });

/** One line that may be left out; then it is empty. */
export const optionalLine = (name: Named, limit: number) =>
  line(name, limit)
    .optional()
    .transform((text) => text ?? '');

/** The longest address there is (RFC 5321, 4.5.3.1.3: a path of 256 octets with its angle brackets). */
export const emailLimit = 254;

/** An e-mail address; `missing` asks for it. */
export const email = (name: Named, missing: Key) =>
  line(name, emailLimit)
    .refine((text) => text.length > 0, { error: () => say(missing) })
    .refine((text) => text === '' || text.length > emailLimit || z.email().safeParse(text).success, {
      error: () => say('catalog.email.wrong', { example: 'ops@contoso.example' }),
    });

/** What was chosen from a list, as its value. */
export const chosenOne = (missing: Key) => {
  const error = () => say(missing);
  return z.string({ error }).trim().min(1, { error }).max(200, { error });
};

/** What was ticked in a multiple choice: a comma list, each value once. */
export const ticked = (missing: Key) =>
  z
    .string({ error: () => say(missing) })
    .transform((list) => [...new Set(list.split(',').map((value) => value.trim()))].filter(Boolean))
    .refine((list) => list.length > 0, { error: () => say(missing) });

/** The two services that are sold; values as TeamMate's API names them, titles as its portal does. */
export const services = [
  { value: 'PBX', title: 'PBX Connector' },
  { value: 'TRUNK', title: 'SIP Trunk' },
] as const;

export const tickedServices = ticked('catalog.services.missing')
  .pipe(z.array(z.enum(['PBX', 'TRUNK'], { error: () => say('catalog.services.wrong') })))
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

/** A name that no other thing of its kind may have. */
export const nameClaim = (kind: 'reseller' | 'enterprise', name: string): Claim => ({
  field: 'name',
  key: `${kind}:${fold(name)}`,
  taken: say(`catalog.${kind}.name.taken`),
});

/** An address that no other account of TeamMate may have, of whatever kind. */
export const emailClaim = (field: string, address: string): Claim => ({
  field,
  key: `email:${fold(address)}`,
  taken: say('catalog.email.taken'),
});
