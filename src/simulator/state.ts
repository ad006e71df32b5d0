import * as z from 'zod';
import { fold } from '../catalog/orderable.ts';

export const services = ['PBX', 'TRUNK'] as const;

const reseller = z.object({
  resellerId: z.number().int(),
  masterResellerId: z.number().int(),
  resellerName: z.string(),
  preferredEmail: z.string(),
  services: z.array(z.enum(services)),
  billingReferences: z.array(z.string()),
  /** ISO 8601, as all times here. */
  createdDate: z.string(),
  activatedDate: z.string().nullable(),
  /** The latest invitation; a resend replaces the code, so that an older mail's link no longer works. */
  invitation: z.object({
    code: z.string(),
    mail: z.enum(['queued', 'sent', 'failed']),
    mailsSent: z.number().int(),
  }),
  /** Who activated it. The hash is `scrypt$salt$hash`; a seeded account has none, so nobody knows its password. */
  admin: z.object({ userName: z.string(), passwordHash: z.string().nullable() }).nullable(),
});
export type Reseller = z.infer<typeof reseller>;

const tally = z.object({ calls: z.number().int(), created: z.number().int() });

/** Everything the simulator remembers; the data file is this as JSON. */
export const stateSchema = z.object({
  version: z.literal(1),
  nextId: z.number().int(),
  masterReseller: z.object({ resellerId: z.number().int(), name: z.string(), email: z.string() }),
  resellers: z.array(reseller),
  enterprises: z.array(
    z.object({
      enterpriseId: z.number().int(),
      resellerId: z.number().int(),
      enterpriseName: z.string(),
      adminEmail: z.string(),
    }),
  ),
  /** How often a creation was asked for, and how often that made one: what a test of "never twice" looks at. */
  creations: z.object({ byNaturalKey: z.record(z.string(), tally), byIdempotencyKey: z.record(z.string(), tally) }),
});
export type State = z.infer<typeof stateSchema>;

export const findReseller = (state: State, id: number) => state.resellers.find((one) => one.resellerId === id);

/** (E) A master reseller, a reseller and an enterprise must use three different addresses; we compare without case (I). */
export function emailTaken(state: State, email: string): boolean {
  const wanted = email.trim().toLowerCase();
  return [
    state.masterReseller.email,
    ...state.resellers.map((one) => one.preferredEmail),
    ...state.enterprises.map((one) => one.adminEmail),
  ].some((address) => address.toLowerCase() === wanted);
}

/** (I) A name is unique within the master reseller, without regard to case, width and repeated spaces. */
export const nameTaken = (state: State, name: string) =>
  state.resellers.some((one) => fold(one.resellerName) === fold(name));

export const naturalKey = (name: string, email: string) => `${fold(name)}|${email.trim().toLowerCase()}`;
