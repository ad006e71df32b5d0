import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import {
  AuthenticationConfiguration,
  type BotFrameworkAuthentication,
  BotFrameworkAuthenticationFactory,
  EmulatorValidation,
  ServiceClientCredentialsFactory,
} from 'botframework-connector';
import type { Config } from '../config.ts';
import type { DirectoryTokens } from '../directory/graph.ts';
import type { TokenSupplier } from './connector.ts';

const scope = 'https://api.botframework.com/.default';

/** Tokens of multi-tenant bots come from the Bot Framework's own tenant, not from a customer's. */
const botFrameworkTenant = 'botframework.com';

// A post may wait for its turn and take its time: a token that ends within five minutes is not begun with.
const margin = 5 * 60_000;

// While the token held is still good, a failed renewal waits this long for its next try.
const renewalPause = 30_000;

// Without it, one fetch that never ends would keep every call waiting that comes after it.
const patience = 20_000;

type CredentialSettings = Pick<
  Config,
  | 'BOT_ID'
  | 'BOT_TENANT_ID'
  | 'BOT_MULTI_TENANT'
  | 'BOT_CREDENTIAL'
  | 'BOT_SECRET'
  | 'BOT_CERTIFICATE_PATH'
  | 'ALLOW_UNAUTHENTICATED'
>;

/**
 * The credential that the settings name. A certificate's file is read when the first token is asked for.
 * @param tenant where its tokens come from; a managed identity's come from its own tenant, whatever is said here.
 */
export function createCredential(
  config: CredentialSettings,
  tenant = config.BOT_MULTI_TENANT ? botFrameworkTenant : config.BOT_TENANT_ID,
): TokenCredential {
  switch (config.BOT_CREDENTIAL) {
    case 'managed-identity':
      return new ManagedIdentityCredential({ clientId: config.BOT_ID });
    case 'certificate':
      return new ClientCertificateCredential(tenant, config.BOT_ID, { certificatePath: config.BOT_CERTIFICATE_PATH });
    case 'secret':
      return new ClientSecretCredential(tenant, config.BOT_ID, config.BOT_SECRET);
  }
}

/**
 * Supplies the token for calls to Teams: kept until shortly before its end, fetched once however many ask at the same
 * time. While an old token is still good, a failed renewal is not an error. Gives undefined in development.
 * @param create makes a credential; called again after a refused token, because a credential keeps a cache of its own.
 * (A managed identity's cache belongs to the process and to the host: there the same token may come back.)
 * @param now the clock, in milliseconds since 1970.
 */
export function createTokenSupplier(
  config: CredentialSettings,
  create: () => TokenCredential = () => createCredential(config),
  now: () => number = Date.now,
): TokenSupplier {
  return config.ALLOW_UNAUTHENTICATED ? async () => undefined : keepToken(scope, create, now);
}

/**
 * Supplies the tokens for Microsoft Graph, one for each tenant, kept as those for Teams are: the bot's own login, in the
 * tenant whose directory is read.
 */
export function createDirectoryTokens(
  config: CredentialSettings & Pick<Config, 'GRAPH_URL'>,
  create: (tenantId: string) => TokenCredential = (tenantId) => createCredential(config, tenantId),
  now: () => number = Date.now,
): DirectoryTokens {
  if (config.ALLOW_UNAUTHENTICATED) return async () => undefined;
  const graph = `${new URL(config.GRAPH_URL).origin}/.default`;
  const suppliers = new Map<string, (refused?: string) => Promise<string>>();
  return (tenantId, refused) => {
    const supplier = suppliers.get(tenantId) ?? keepToken(graph, () => create(tenantId), now);
    suppliers.set(tenantId, supplier);
    return supplier(refused);
  };
}

function keepToken(
  scope: string,
  create: () => TokenCredential,
  now: () => number,
): (refused?: string) => Promise<string> {
  let credential: TokenCredential | undefined;
  let held: { token: string; renewAt: number; endsAt: number } | undefined;
  let fetching: Promise<string> | undefined;

  async function fetchToken(): Promise<string> {
    credential ??= create();
    const fresh = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(patience) });
    if (!fresh) throw new Error('the credential gave no token');
    const { token, expiresOnTimestamp: endsAt, refreshAfterTimestamp } = fresh;
    held = { token, endsAt, renewAt: Math.min(endsAt - margin, refreshAfterTimestamp ?? Number.POSITIVE_INFINITY) };
    return token;
  }

  return async (refused) => {
    // Compared, not just dropped: of ten calls refused with one token only the first throws it away.
    if (refused !== undefined && held?.token === refused) {
      held = undefined;
      credential = undefined;
    }
    if (held && now() < held.renewAt) return held.token;
    fetching ??= fetchToken().finally(() => {
      fetching = undefined;
    });
    try {
      return await fetching;
    } catch (error) {
      if (!held || now() >= held.endsAt) throw error;
      held.renewAt = now() + renewalPause;
      return held.token;
    }
  };
}

/** Answers the library's questions about the bot; it never makes credentials, our own connector sends everything. */
class BotIdentity extends ServiceClientCredentialsFactory {
  readonly #botId: string;
  readonly #development: boolean;

  constructor(botId: string, development: boolean) {
    super();
    this.#botId = botId.toLowerCase();
    this.#development = development;
  }

  override async isValidAppId(id: unknown): Promise<boolean> {
    // The claim is whatever the token holds: an array of audiences must not be taken for one.
    return this.#botId !== '' && typeof id === 'string' && id.toLowerCase() === this.#botId;
  }

  override async isAuthenticationDisabled(): Promise<boolean> {
    return this.#development;
  }

  override createCredentials(): Promise<never> {
    return Promise.reject(new Error('calls to Teams go through src/teams/connector.ts'));
  }
}

/** Where the library may look for the keys of emulator and skill tokens: no address a fetch can open. */
const nowhere = 'about:blank';

/**
 * botbuilder's check of incoming requests, narrowed to one kind of token: the Bot Framework channel's, issued by
 * BOT_TOKEN_ISSUER, signed with a key from BOT_OPENID_METADATA_URL, for BOT_ID. Emulator, skill and AseChannel tokens are
 * refused. With ALLOW_UNAUTHENTICATED everything is accepted.
 *
 * Its `authenticateRequest(activity, header)` compares the token's `serviceurl` claim with `activity.serviceUrl` unless
 * that is empty, so the activity has to be checked for one first. It rejects with an AuthenticationError, a
 * JsonWebTokenError, a FetchError when the keys cannot be loaded, or with a TypeError for some forged tokens. A key without
 * endorsements passes for every channel, whatever is required of it, so the caller has to check the channel as well.
 */
export function createAuthentication(
  config: Pick<Config, 'BOT_ID' | 'BOT_OPENID_METADATA_URL' | 'BOT_TOKEN_ISSUER' | 'ALLOW_UNAUTHENTICATED'>,
): BotFrameworkAuthentication {
  // The library's list of who issues tokens for the Bot Framework Emulator, which it would let in without comparing the
  // audience or the serviceUrl. As long as it is a list, it even grows: any tenant id that a token claims is added to it for
  // the life of the process, before a signature is looked at.
  EmulatorValidation.ToBotFromEmulatorTokenValidationParameters.issuer = 'nobody';
  return BotFrameworkAuthenticationFactory.create(
    '',
    true,
    `https://login.microsoftonline.com/${botFrameworkTenant}`,
    scope,
    config.BOT_TOKEN_ISSUER,
    'https://api.botframework.com',
    config.BOT_OPENID_METADATA_URL,
    nowhere,
    '',
    new BotIdentity(config.BOT_ID, config.ALLOW_UNAUTHENTICATED),
    // Without a check of skills' claims of our own the library refuses every skill.
    new AuthenticationConfiguration(),
  );
}
