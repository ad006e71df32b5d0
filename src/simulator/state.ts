import * as z from 'zod';
import { fold } from '../catalog/orderable.ts';
import { type Enterprise, enterpriseSchema } from './enterprise.ts';
import { Refusal } from './http.ts';
import { invitationSchema } from './invitation.ts';
import { type Pbx, pbxSchema } from './pbx.ts';
import { services } from './services.ts';

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
  suspended: z.boolean().default(false),
  invitation: invitationSchema,
  /** Who activated it. The hash is `scrypt$salt$hash`; a seeded account has none, so nobody knows its password. */
  admin: z.object({ userName: z.string(), passwordHash: z.string().nullable() }).nullable(),
});
export type Reseller = z.infer<typeof reseller>;

const tally = z.object({ calls: z.number().int(), created: z.number().int() });

const masterReseller = z.object({ resellerId: z.number().int(), name: z.string(), email: z.string() });

/** Everything the simulator remembers; the data file is this as JSON. */
export const stateSchema = z.object({
  version: z.literal(1),
  nextId: z.number().int(),
  /** Whose login the API has. */
  masterReseller,
  /** Those it works for as well. */
  otherMasterResellers: z.array(masterReseller).default([]),
  resellers: z.array(reseller),
  enterprises: z.array(enterpriseSchema).default([]),
  pbxes: z.array(pbxSchema).default([]),
  /** How often a creation was asked for, and how often that made one: what a test of "never twice" looks at. */
  creations: z.object({ byNaturalKey: z.record(z.string(), tally), byIdempotencyKey: z.record(z.string(), tally) }),
});
export type State = z.infer<typeof stateSchema>;

/** The master reseller of an id, if the API's login works for it. */
export const masterOf = (state: State, id: number) =>
  [state.masterReseller, ...state.otherMasterResellers].find((one) => one.resellerId === id);

export const findReseller = (state: State, id: number) => state.resellers.find((one) => one.resellerId === id);
export const findEnterprise = (state: State, id: number) => state.enterprises.find((one) => one.enterpriseId === id);

export const findPbx = (state: State, id: number) => state.pbxes.find((one) => one.pbxId === id);
export const pbxesOf = (state: State, enterpriseId: number) =>
  state.pbxes.filter((one) => one.enterpriseId === enterpriseId);

/** @throws Refusal 404 when it is not there, 403 when it is of another master reseller's */
export function ownEnterprise(state: State, id: number): Enterprise {
  const enterprise = findEnterprise(state, id);
  if (!enterprise) throw new Refusal(404, { message: 'There is no enterprise with this id.' });
  ownReseller(state, enterprise.resellerId);
  return enterprise;
}

/** @throws Refusal 404 when it is not there, 403 when it is of another master reseller's */
export function ownPbx(state: State, id: number): Pbx {
  const pbx = findPbx(state, id);
  if (!pbx) throw new Refusal(404, { message: 'There is no PBX with this id.' });
  ownEnterprise(state, pbx.enterpriseId);
  return pbx;
}

/** @throws Refusal 404 when it is not there, 403 when it is another master reseller's */
export function existingReseller(state: State, id: number): Reseller {
  if (!findReseller(state, id)) throw new Refusal(404, { message: 'There is no reseller with this id.' });
  return ownReseller(state, id);
}

/** @throws Refusal 403 when it is another master reseller's, or nobody's: that would be telling */
export function ownReseller(state: State, id: number): Reseller {
  const reseller = findReseller(state, id);
  if (reseller && masterOf(state, reseller.masterResellerId)) return reseller;
  throw new Refusal(403, { message: `The reseller ${id} is not yours.`, field: 'resellerId' });
}

/** (E) A master reseller, a reseller and an enterprise must use three different addresses; we compare without case (I). */
export function emailTaken(state: State, email: string): boolean {
  const wanted = email.trim().toLowerCase();
  return [
    state.masterReseller.email,
    ...state.otherMasterResellers.map((one) => one.email),
    ...state.resellers.map((one) => one.preferredEmail),
    ...state.enterprises.map((one) => one.adminEmail),
  ].some((address) => address.toLowerCase() === wanted);
}

/** (I) A name is unique within the master reseller, without regard to case, width and repeated spaces. */
export const nameTaken = (state: State, masterResellerId: number, name: string) =>
  state.resellers.some((one) => one.masterResellerId === masterResellerId && fold(one.resellerName) === fold(name));

/** (E) An enterprise's name "uniquely identifies the enterprise in the system"; (I) compared as a reseller's. */
export const enterpriseNameTaken = (state: State, name: string) =>
  state.enterprises.some((one) => fold(one.enterpriseName) === fold(name));

export const naturalKey = (name: string, email: string) => `${fold(name)}|${email.trim().toLowerCase()}`;

/** Counts that a creation was asked for. A refused one counts as a call too, so it is kept apart from the change itself. */
export function countCreation(
  draft: State,
  { natural, key }: { natural: string; key: string | undefined },
  created: boolean,
): void {
  const { byNaturalKey, byIdempotencyKey } = draft.creations;
  for (const [tallies, entry] of [
    [byNaturalKey, natural],
    [byIdempotencyKey, key],
  ] as const) {
    if (entry === undefined) continue;
    const before = Object.hasOwn(tallies, entry) ? tallies[entry]! : { calls: 0, created: 0 };
    tallies[entry] = { calls: before.calls + 1, created: before.created + (created ? 1 : 0) };
  }
}
