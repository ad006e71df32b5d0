import { audiencesOf, createSignOn, developmentPeople } from '../../src/board/sign-on.ts';
import { readConfig } from '../../src/config.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { Refusal } from '../../src/errors.ts';
import { serve } from '../../src/people/organisations.ts';
import { grant } from '../../src/people/roles.ts';
import { type FreshDatabase, freshDatabase } from '../support/database.ts';
import { alex, bot, foreignTenantId, megan, stranger, tenantId } from '../support/people.ts';
import { signOnToken, startTokenIssuer, type TokenIssuer, type TokenRequest } from '../support/token-issuer.ts';

let issuer: TokenIssuer;
let fresh: FreshDatabase;
let database: Database;
const now = () => new Date();

beforeAll(async () => {
  issuer = await startTokenIssuer({ keyIssuer: (authority) => `${authority}/{tenantid}/v2.0` });
  fresh = await freshDatabase();
  database = await openDatabase({ url: fresh.url, folder: '', snapshot: fresh.snapshot });
  await serve(database.db, { tenantId, account: '4001' }, 'a test', now());
  await grant(database.db, 'a test', tenantId, alex.aadObjectId, 'requester', now());
});
afterAll(async () => {
  await database.close();
  await issuer.close();
  await fresh.drop();
});

const configOf = (more: Record<string, string> = {}) =>
  readConfig({
    BOT_ID: bot.appId,
    BOT_TENANT_ID: tenantId,
    PUBLIC_URL: 'https://bot.example.com',
    ORGANISATIONS: `${tenantId}=4001`,
    PROVISIONING_BACKEND: 'portal',
    TAB_AUTHORITY: issuer.authority,
    ...more,
  });
const development = () => configOf({ ALLOW_UNAUTHENTICATED: 'true', BOT_ID: '', BOT_TENANT_ID: '' });
const signOn = (config = configOf()) => createSignOn(database.db, config, now);
const token = (request: Partial<TokenRequest> = {}, person = alex) =>
  signOnToken(issuer, { person, audience: bot.appId, ...request });
/** The code and the reason of a refusal. */
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing was refused',
    (error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      return `${error.code}: ${error.says}`;
    },
  );

describe('a token of Teams’ single sign-on', () => {
  test('says who somebody is, by the directory id in it, and for as long as it is taken', async () => {
    const { person, until } = await signOn()(`Bearer ${await token({ expiresIn: 600 })}`);
    expect(person).toMatchObject({ tenantId, directoryId: alex.aadObjectId, name: alex.name });
    // Its own ten minutes, and the five that two clocks may be apart.
    expect(Math.abs(until.getTime() - Date.now() - 900_000)).toBeLessThan(60_000);
  });

  test.each([
    ['the bot’s own id', bot.appId],
    ['its address and id', `api://bot.example.com/${bot.appId}`],
    ['its address and id, as Microsoft’s instructions for bots write it', `api://bot.example.com/botid-${bot.appId}`],
  ])('may be for %s', async (_, audience) => {
    expect((await signOn()(`Bearer ${await token({ audience })}`)).person.directoryId).toBe(alex.aadObjectId);
  });

  test('is for whom the setting says, and then for nobody else', async () => {
    const own = signOn(configOf({ TAB_AUDIENCE: 'api://elsewhere.example/tab' }));
    await expect(own(`Bearer ${await token({ audience: 'api://elsewhere.example/tab' })}`)).resolves.toBeDefined();
    expect(await refusal(own(`Bearer ${await token()}`))).toContain('for another application');
  });

  test.each<[string, Partial<TokenRequest>, string]>([
    ['for another application', { audience: 'fd9f9dcb-8f5c-4c36-9d39-6ab4b4a6ba4e' }, 'for another application'],
    ['issued for another tenant', { issuer: 'https://login.microsoftonline.com/x/v2.0' }, 'issued for another tenant'],
    ['of nobody', { claims: { oid: undefined } }, 'oid is missing'],
    ['of somebody who is no directory id', { claims: { oid: "x' or true" } }, 'oid is missing or wrong'],
    ['without a tenant', { claims: { tid: undefined } }, 'tid is missing'],
    ['without the scope', { claims: { scp: 'User.Read' } }, 'lacks the scope access_as_user'],
    ['with a scope that only begins like it', { claims: { scp: 'access_as_user_too' } }, 'lacks the scope'],
    [
      'of an application and not of a person',
      { claims: { scp: undefined, roles: ['access_as_user'] } },
      'scp is missing',
    ],
    ['of version 1', { claims: { ver: '1.0' } }, 'requestedAccessTokenVersion has to be 2'],
    ['not valid yet', { notBefore: 3600 }, 'nbf is missing or wrong'],
    ['whose end is no time', { claims: { exp: 'tomorrow' as never } }, 'exp is missing or wrong'],
    ['whose beginning is no time', { claims: { nbf: 'yesterday' as never } }, 'nbf is missing or wrong'],
    ['signed by somebody else under the name of the key', { key: 'other' }, 'its signature is not of Microsoft Entra'],
    ['signed with a key that was never published', { key: 'unknown' }, 'its signature is not of Microsoft Entra'],
    ['not signed at all', { key: 'none' }, 'signed in a way that is not accepted'],
    ['signed with the public key as a secret', { key: 'public' }, 'signed in a way that is not accepted'],
  ])('%s is refused', async (_, forged, reason) => {
    expect(await refusal(signOn()(`Bearer ${await token(forged)}`))).toContain(reason);
  });

  test('that is over is refused as such, so that the page gets a new one', async () => {
    expect(await refusal(signOn()(`Bearer ${await token({ expiresIn: -3600 })}`))).toMatch(/^sign-on-over/);
  });

  test('of a tenant that is not served is refused, and the tenant is named', async () => {
    const foreign = await token({}, stranger);
    expect(await refusal(signOn()(`Bearer ${foreign}`))).toMatch(/^tenant-unknown/);
  });

  test('that claims a served tenant, by the issuer of another one, is refused', async () => {
    const forged = await token({ issuer: `${issuer.authority}/${foreignTenantId}/v2.0` });
    expect(await refusal(signOn()(`Bearer ${forged}`))).toContain('issued for another tenant');
  });

  test('signed by a key that is of one other tenant alone is refused', async () => {
    const other = await startTokenIssuer({ keyIssuer: (authority) => `${authority}/${foreignTenantId}/v2.0` });
    const own = createSignOn(database.db, { ...configOf(), TAB_AUTHORITY: other.authority }, now);
    const forged = await signOnToken(other, { person: alex, audience: bot.appId });
    expect(await refusal(own(`Bearer ${forged}`))).toContain('its key is of another tenant');
    await other.close();
  });

  test('cannot be judged while the keys are out of reach, and nobody is let in meanwhile', async () => {
    const broken = await startTokenIssuer({ broken: true });
    const own = createSignOn(database.db, { ...configOf(), TAB_AUTHORITY: broken.authority }, now);
    expect(await refusal(own(`Bearer ${await token()}`))).toMatch(/^sign-on-unreachable/);
    await broken.close();
  });

  test('is not repeated in what is said of it', async () => {
    const forged = await token({ key: 'other' });
    const said = await refusal(signOn()(`Bearer ${forged}`));
    for (const part of forged.split('.')) expect(said).not.toContain(part);
  });
});

describe('whoever brings none', () => {
  test.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YWxleDpzZWNyZXQ=', alex.aadObjectId])('%p', async (header) => {
    expect(await refusal(signOn()(header))).toMatch(/^sign-on-missing/);
  });

  test.each(['Bearer x', 'Bearer a.b.c', 'Bearer ..', `Bearer ${'x'.repeat(10_000)}`])(
    '%p is no token',
    async (header) => {
      expect(await refusal(signOn()(header))).toMatch(/^sign-on-refused/);
    },
  );
});

describe('the development switch', () => {
  const as = (id: string) => `Development ${id}`;

  test('lets one be anybody who has a role, in whatever case the id is written', async () => {
    const { person } = await signOn(development())(as(alex.aadObjectId.toUpperCase()));
    expect(person).toMatchObject({ tenantId, directoryId: alex.aadObjectId });
  });

  test('names those', async () => {
    const people = await developmentPeople(database.db);
    expect(people).toEqual([{ directoryId: alex.aadObjectId, tenantId, name: alex.aadObjectId, roles: ['requester'] }]);
  });

  test('lets one be nobody whom the bot does not know', async () => {
    expect(await refusal(signOn(development())(as(megan.aadObjectId)))).toContain('does not know this person');
  });

  test('does nothing in production', async () => {
    expect(await refusal(signOn()(as(alex.aadObjectId)))).toMatch(/^sign-on-missing/);
  });

  test('takes no token, for none can be meant for a bot without an id', async () => {
    expect(audiencesOf(development())).toEqual([]);
    expect(await refusal(signOn(development())(`Bearer ${await token({ audience: '' })}`))).toContain('no BOT_ID');
  });
});
