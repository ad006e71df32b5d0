import type { AccessToken, TokenCredential } from '@azure/identity';
import { EmulatorValidation } from 'botframework-connector';
import {
  createAuthentication,
  createCredential,
  createDirectoryTokens,
  createTokenSupplier,
} from '../../src/teams/credentials.ts';
import { alex, bot, foreignTenantId, message, serviceUrl, tenantId } from '../support/people.ts';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts';

const settings = {
  BOT_ID: bot.appId,
  BOT_TENANT_ID: tenantId,
  BOT_MULTI_TENANT: false,
  BOT_CREDENTIAL: 'secret',
  BOT_SECRET: 'a secret',
  BOT_CERTIFICATE_PATH: '/certificates/bot.pem',
  ALLOW_UNAUTHENTICATED: false,
} as const;

const minute = 60_000;

/** A clock to be turned, and credentials that number their tokens. Each token is good for an hour. */
function stage() {
  const seen = { now: 0, credentials: 0, tokens: 0, scopes: [] as (string | string[])[] };
  let failing = false;
  let extra: Partial<AccessToken> = {};
  const create = (): TokenCredential => {
    seen.credentials++;
    return {
      async getToken(scopes) {
        seen.scopes.push(scopes);
        await new Promise(setImmediate);
        if (failing) throw new Error('Entra is away');
        return { token: `token ${++seen.tokens}`, expiresOnTimestamp: seen.now + 60 * minute, ...extra };
      },
    };
  };
  return {
    seen,
    token: createTokenSupplier(settings, create, () => seen.now),
    fail: (yes: boolean) => {
      failing = yes;
    },
    give: (more: Partial<AccessToken>) => {
      extra = more;
    },
  };
}

describe('the token for calls to Teams', () => {
  test('is asked for with the Bot Framework’s scope', async () => {
    const { token, seen } = stage();
    await token();
    expect(seen.scopes).toEqual(['https://api.botframework.com/.default']);
  });

  test('is fetched once, however many ask at the same time', async () => {
    const { token, seen } = stage();
    expect(await Promise.all([token(), token(), token()])).toEqual(['token 1', 'token 1', 'token 1']);
    expect(await token()).toBe('token 1');
    expect(seen.tokens).toBe(1);
  });

  test('is renewed five minutes before its end', async () => {
    const { token, seen } = stage();
    await token();
    seen.now = 55 * minute - 1;
    expect(await token()).toBe('token 1');
    seen.now = 55 * minute;
    expect(await token()).toBe('token 2');
    expect(seen.credentials).toBe(1);
  });

  test('is renewed when its issuer wishes it, if that is earlier', async () => {
    const { token, seen, give } = stage();
    give({ refreshAfterTimestamp: 30 * minute });
    await token();
    seen.now = 30 * minute;
    expect(await token()).toBe('token 2');
  });

  test('is used to its end while it cannot be renewed, trying now and then', async () => {
    const { token, seen, fail } = stage();
    await token();
    fail(true);
    seen.now = 56 * minute;
    expect(await token()).toBe('token 1');
    expect(await token()).toBe('token 1');
    expect(seen.scopes).toHaveLength(2);
    seen.now = 60 * minute;
    await expect(token()).rejects.toThrow('Entra is away');
    fail(false);
    expect(await token()).toBe('token 2');
  });

  test('once refused is not given again, and is dropped once for all who were refused with it', async () => {
    const { token, seen } = stage();
    await token();
    expect(await Promise.all([token('token 1'), token('token 1')])).toEqual(['token 2', 'token 2']);
    expect(await token('token 1')).toBe('token 2');
    expect(seen).toMatchObject({ tokens: 2, credentials: 2 });
  });

  test('is none in development, and no credential is made', async () => {
    const create = () => {
      throw new Error('not to be made');
    };
    const token = createTokenSupplier({ ...settings, ALLOW_UNAUTHENTICATED: true }, create);
    expect(await token()).toBeUndefined();
  });

  test('a credential that gives nothing is an error', async () => {
    const token = createTokenSupplier(settings, () => ({ getToken: async () => null }));
    await expect(token()).rejects.toThrow('gave no token');
  });
});

describe('the tokens for a directory', () => {
  const graphUrl = { ...settings, GRAPH_URL: 'https://graph.microsoft.us/' };

  test('are one for each tenant, made there, with the scope of Graph', async () => {
    const asked: unknown[] = [];
    const create = (tenant: string): TokenCredential => ({
      async getToken(scope) {
        asked.push([tenant, scope]);
        return { token: `${tenant} ${asked.length}`, expiresOnTimestamp: 60 * minute };
      },
    });
    const tokens = createDirectoryTokens(graphUrl, create, () => 0);
    expect(await tokens(tenantId)).toBe(`${tenantId} 1`);
    expect(await tokens(foreignTenantId)).toBe(`${foreignTenantId} 2`);
    expect(await tokens(tenantId)).toBe(`${tenantId} 1`);
    expect(await tokens(tenantId, `${tenantId} 1`)).toBe(`${tenantId} 3`);
    expect(await tokens(foreignTenantId)).toBe(`${foreignTenantId} 2`);
    const scope = 'https://graph.microsoft.us/.default';
    expect(asked).toEqual([tenantId, foreignTenantId, tenantId].map((tenant) => [tenant, scope]));
  });

  test.each(['secret', 'certificate'] as const)('by %s are made in the customer’s tenant', (BOT_CREDENTIAL) => {
    const credential = createCredential({ ...settings, BOT_CREDENTIAL, BOT_MULTI_TENANT: true }, foreignTenantId);
    expect(credential).toHaveProperty('tenantId', foreignTenantId);
  });

  test('are none in development', async () => {
    const create = () => {
      throw new Error('not to be made');
    };
    const tokens = createDirectoryTokens({ ...graphUrl, ALLOW_UNAUTHENTICATED: true }, create);
    expect(await tokens(tenantId)).toBeUndefined();
  });
});

describe('the credential', () => {
  test.each([
    ['managed-identity', 'ManagedIdentityCredential'],
    ['certificate', 'ClientCertificateCredential'],
    ['secret', 'ClientSecretCredential'],
  ] as const)('%s', (BOT_CREDENTIAL, name) => {
    const credential = createCredential({ ...settings, BOT_CREDENTIAL });
    expect(credential.constructor.name).toBe(name);
  });

  test.each([
    [false, tenantId],
    [true, 'botframework.com'],
  ])('of a bot with BOT_MULTI_TENANT=%s comes from the tenant %s', (BOT_MULTI_TENANT, tenant) => {
    expect(createCredential({ ...settings, BOT_MULTI_TENANT })).toHaveProperty('tenantId', tenant);
  });
});

describe('botbuilder’s authentication, as it is set up', () => {
  const entra = 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/';
  let issuer: TokenIssuer;
  const { error: consoleError } = console;

  beforeAll(async () => {
    console.error = () => {};
    issuer = await startTokenIssuer();
  });
  afterAll(async () => {
    console.error = consoleError;
    await issuer.close();
  });

  const authenticate = async (
    claims: Parameters<TokenIssuer['sign']>[0],
    { issuedBy = issuer.issuer, development = false, channelId = 'msteams' } = {},
  ) => {
    const authentication = createAuthentication({
      BOT_ID: development ? '' : bot.appId,
      BOT_OPENID_METADATA_URL: issuer.metadataUrl,
      BOT_TOKEN_ISSUER: issuedBy,
      ALLOW_UNAUTHENTICATED: development,
    });
    const activity = { ...message(alex, 'help'), channelId } as never;
    return authentication.authenticateRequest(activity, `Bearer ${await issuer.sign(claims)}`);
  };
  const genuine = { audience: bot.appId, serviceUrl };

  test('lets the Bot Framework’s tokens in', async () => {
    await expect(authenticate(genuine)).resolves.toHaveProperty('claimsIdentity');
  });

  test('lets everything in in development, and only there', async () => {
    await expect(authenticate({ audience: 'x' }, { development: true })).resolves.toHaveProperty('claimsIdentity');
    await expect(authenticate({ audience: 'x' })).rejects.toThrow();
  });

  test('an issuer whose tokens the library takes for the Emulator’s is held to the same rules', async () => {
    const emulator = { issuer: entra, claims: { ver: '1.0', appid: bot.appId } };
    const as = { issuedBy: entra };
    await expect(authenticate({ ...genuine, ...emulator }, as)).resolves.toHaveProperty('claimsIdentity');
    await expect(authenticate({ ...genuine, ...emulator, audience: 'another' }, as)).rejects.toThrow();
    await expect(authenticate({ ...genuine, ...emulator, serviceUrl: 'https://x.example/' }, as)).rejects.toThrow();
    await expect(authenticate({ ...genuine, ...emulator })).rejects.toThrow();
  });

  test('refuses AseChannel, whose tokens the library checks against another list', async () => {
    await expect(authenticate(genuine, { channelId: 'AseChannel' })).rejects.toThrow();
  });

  test('verifies no Emulator’s token, even if its issuer were believed', async () => {
    // The letter passes for an issuer in the library's eyes: it spreads our replacement for its list.
    for (const name of ['n', 'nobody'])
      await expect(
        authenticate({ ...genuine, issuer: name, claims: { ver: '1.0', appid: bot.appId } }),
      ).rejects.toThrow();
  });

  test('learns no issuer from what a token claims', async () => {
    const parameters = EmulatorValidation.ToBotFromEmulatorTokenValidationParameters;
    const before = JSON.stringify(parameters.issuer);
    for (const tid of ['a', 'b', 'c'])
      await authenticate({ ...genuine, key: 'other', claims: { tid } }).catch(() => {});
    expect(JSON.stringify(parameters.issuer)).toBe(before);
    await expect(authenticate({ ...genuine, claims: { tid: 'd' } })).resolves.toHaveProperty('claimsIdentity');
  });
});
