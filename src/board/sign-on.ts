import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import type { Config } from '../config.ts';
import type { Db } from '../db/open.ts';
import { Refusal } from '../errors.ts';
import { say } from '../language/say.ts';
import { accountOf } from '../people/organisations.ts';
import type { Person } from '../people/person.ts';

/** Who asks, and until when that is believed. */
export interface SignedOn {
  person: Person;
  until: Date;
}

/** @throws Refusal `sign-on-…` or `tenant-unknown` */
export type SignOn = (authorization: string | undefined) => Promise<SignedOn>;

type SignOnSettings = Pick<
  Config,
  'ALLOW_UNAUTHENTICATED' | 'BOT_ID' | 'ORGANISATIONS' | 'PUBLIC_URL' | 'TAB_AUTHORITY' | 'TAB_AUDIENCE'
>;

/** The scope that an app registration gives to Teams' own clients, by Microsoft's instructions for tabs. */
const scope = 'access_as_user';
/** How far two clocks may be apart. Seconds; as for the bot's own tokens. */
const tolerance = 300;
/** How long who signs is waited for. Milliseconds. */
const patience = 5_000;
/** In development nothing runs out; a stream ends all the same now and then, as it does in production. Milliseconds. */
const developmentLasts = 3_600_000;

const claims = z.object({
  ver: z.literal('2.0'),
  // Compared with what the settings and Teams say, both in small letters.
  tid: z.guid().toLowerCase(),
  oid: z.guid().toLowerCase(),
  scp: z.string(),
  exp: z.number(),
  name: z.string().optional().catch(undefined),
});

/** For whom a token may be: in one of version 2 that is the bot's own id, unless the registration says otherwise. */
export function audiencesOf({ BOT_ID, PUBLIC_URL, TAB_AUDIENCE }: SignOnSettings): string[] {
  if (TAB_AUDIENCE.length > 0) return TAB_AUDIENCE;
  const { host } = new URL(PUBLIC_URL);
  return BOT_ID ? [BOT_ID, `api://${host}/${BOT_ID}`, `api://${host}/botid-${BOT_ID}`] : [];
}

/**
 * Who somebody is by the token of Teams' single sign-on (`authentication.getAuthToken()`): an access token of version 2 for
 * this very app, signed by Microsoft Entra, of a tenant that is served. Tokens of version 1 (issued by sts.windows.net) are
 * refused, for the registration decides which it is: `requestedAccessTokenVersion` has to be 2.
 *
 * With the development switch, and only then, `Development <directory id>` is somebody too, without any proof.
 */
export function createSignOn(db: Db, config: SignOnSettings, now: () => Date): SignOn {
  const audience = audiencesOf(config);
  const issuerOf = (tenantId: string) => `${config.TAB_AUTHORITY}/${tenantId}/v2.0`;
  // The keys of all tenants; jose keeps them, and fetches them again when a token names one that it has not seen.
  const keys = createRemoteJWKSet(new URL(`${config.TAB_AUTHORITY}/common/discovery/v2.0/keys`), {
    timeoutDuration: patience,
  });

  async function verified(token: string) {
    if (audience.length === 0) throw refused(say('board.token.nobody'));
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      algorithms: ['RS256'],
      audience,
      clockTolerance: tolerance,
      requiredClaims: ['exp', 'nbf', 'iss', 'aud'],
      currentDate: now(),
    }).catch((error: unknown) => {
      throw asRefusal(error);
    });
    const said = claims.safeParse(payload);
    if (!said.success) throw refused(missing(said.error, payload));
    const { tid, oid, scp, exp, name } = said.data;
    const issuer = issuerOf(tid);
    if (payload.iss?.toLowerCase() !== issuer.toLowerCase()) throw refused(say('board.token.issuer'));
    // Some of the published keys are of one tenant alone, and must not sign for the others.
    const signer = keys.jwks()?.keys.find(({ kid }) => kid === protectedHeader.kid) as { issuer?: unknown } | undefined;
    const allowed = typeof signer?.issuer === 'string' ? signer.issuer.replace('{tenantid}', tid) : issuer;
    if (allowed.toLowerCase() !== issuer.toLowerCase()) throw refused(say('board.token.key'));
    if (!scp.split(' ').includes(scope)) throw refused(say('board.token.scope', { scope }));
    if ((await accountOf(db, tid)) === undefined) throw new Refusal('tenant-unknown', { tenant: tid });
    // As long as it is taken: a stream that ended before would be opened again with it, and end again, at once.
    return { person: await personOf(tid, oid, name), until: new Date((exp + tolerance) * 1000) };
  }

  /** As Teams told the bot of them, or else as the token says. */
  async function personOf(tenantId: string, directoryId: string, name?: string): Promise<Person> {
    const met = await db
      .selectFrom('people')
      .select(['teams_id', 'name'])
      .where('tenant_id', '=', tenantId)
      .where('directory_id', '=', directoryId)
      .executeTakeFirst();
    return {
      tenantId,
      directoryId,
      teamsId: met?.teams_id ?? '',
      name: met?.name ?? (name?.trim().slice(0, 200) || directoryId),
    };
  }

  async function inDevelopment(said: string): Promise<SignedOn> {
    const directoryId = said.trim().toLowerCase();
    const found = (await developmentPeople(db)).find((person) => person.directoryId === directoryId);
    if (!found) throw refused(say('board.token.stranger'));
    return {
      person: await personOf(found.tenantId, directoryId),
      until: new Date(now().getTime() + developmentLasts),
    };
  }

  return async (authorization) => {
    const [, scheme = '', credential = ''] = /^(\S+) +(\S.*)$/.exec(authorization ?? '') ?? [];
    if (/^bearer$/i.test(scheme)) return verified(credential);
    if (config.ALLOW_UNAUTHENTICATED && /^development$/i.test(scheme)) return inDevelopment(credential);
    throw new Refusal('sign-on-missing');
  };
}

/** Everybody who has a role of their own or was met, in a tenant that is served: whom the development switch lets one be. */
export async function developmentPeople(db: Db) {
  const granted = await db
    .selectFrom('roles')
    .innerJoin('organisations', 'organisations.tenant_id', 'roles.tenant_id')
    .select(['roles.tenant_id', 'roles.directory_id', 'roles.role'])
    .orderBy('roles.role')
    .execute();
  const met = await db
    .selectFrom('people')
    .innerJoin('organisations', 'organisations.tenant_id', 'people.tenant_id')
    .select(['people.tenant_id', 'people.directory_id', 'people.name'])
    .execute();
  const keys = new Set([...granted, ...met].map((row) => `${row.tenant_id} ${row.directory_id}`));
  return [...keys].sort().map((key) => {
    const [tenantId = '', directoryId = ''] = key.split(' ');
    const theirs = (row: { tenant_id: string; directory_id: string }) =>
      row.tenant_id === tenantId && row.directory_id === directoryId;
    return {
      directoryId,
      tenantId,
      name: met.find(theirs)?.name ?? directoryId,
      roles: granted.filter(theirs).map(({ role }) => role),
    };
  });
}

const refused = (reason: string) => new Refusal('sign-on-refused', { reason });

/** The first thing that a token lacks; of a version 1 token, that it is one. */
function missing({ issues }: z.ZodError, payload: JWTPayload): string {
  if (payload.ver !== '2.0') return say('board.token.version');
  return say('board.token.claim', { claim: String(issues[0]?.path[0]) });
}

/** What is wrong with a token, without a word of the token itself. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return new Refusal('sign-on-over');
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(
      error.claim === 'aud' ? say('board.token.audience') : say('board.token.claim', { claim: error.claim }),
    );
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed)
    return refused(say('board.token.signature'));
  if (error instanceof errors.JOSEAlgNotAllowed) return refused(say('board.token.algorithm'));
  if (error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid)
    return refused(say('board.token.no-token'));
  if (error instanceof errors.JOSENotSupported) return refused(say('board.token.algorithm'));
  return new Refusal('sign-on-unreachable');
}
