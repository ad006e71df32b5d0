import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';

/** What a token says, and in which way it is forged. */
export type TokenRequest = {
  /** The bot's application id. */
  audience: string | string[];
  /** Becomes the claim `serviceurl`; without it the token has none. */
  serviceUrl?: string;
  /** The issuer's own name unless another is given. */
  issuer?: string;
  /** Seconds from now; negative is in the past. The library forgives five minutes. */
  expiresIn?: number;
  notBefore?: number;
  /**
   * own: as it should be. other: signed with a key that is not the issuer's, under the name of the issuer's key.
   * unknown: a key the issuer has never published. none: `alg: none`. public: HS256 with the public key as the secret.
   */
  key?: 'own' | 'other' | 'unknown' | 'none' | 'public';
  /** More claims, or others. */
  claims?: JWTPayload;
};

export type TokenIssuer = {
  issuer: string;
  /** For BOT_OPENID_METADATA_URL. */
  metadataUrl: string;
  /** For TAB_AUTHORITY: the same keys, where Microsoft Entra publishes those of all tenants. */
  authority: string;
  sign(request: TokenRequest): Promise<string>;
  /** How often the keys were asked for. */
  keyRequests(): number;
  close(): Promise<void>;
};

export const botFrameworkIssuer = 'https://api.botframework.com';

/** A token of Teams' single sign-on, as Microsoft Entra makes it for the tab of `audience`. */
export const signOnToken = (
  issuer: TokenIssuer,
  { person, audience, ...request }: TokenRequest & { person: { tenantId: string; aadObjectId: string; name: string } },
): Promise<string> =>
  issuer.sign({
    issuer: `${issuer.authority}/${person.tenantId}/v2.0`,
    audience,
    ...request,
    claims: {
      ver: '2.0',
      tid: person.tenantId,
      oid: person.aadObjectId,
      name: person.name,
      scp: 'access_as_user',
      ...request.claims,
    },
  });

/**
 * Stands in for login.botframework.com: signs tokens with RS256 and publishes an OpenID document and its keys, the keys
 * with the channels they are good for, as the Bot Framework's have them.
 * @param options.broken answers the OpenID document with 500.
 * @param options.keyIssuer whom the published key says it signs for, as those of Microsoft Entra do.
 */
export async function startTokenIssuer(
  options: {
    issuer?: string;
    endorsements?: string[];
    broken?: boolean;
    keyIssuer?: (authority: string) => string;
  } = {},
): Promise<TokenIssuer> {
  const { issuer = botFrameworkIssuer, endorsements = ['msteams'], broken = false } = options;
  const own = await generateKeyPair('RS256', { extractable: true });
  const other = await generateKeyPair('RS256');
  const kid = 'the-issuers-key';
  const jwk = { ...(await exportJWK(own.publicKey)), kid, use: 'sig', alg: 'RS256', endorsements };
  const publicKey = new TextEncoder().encode(await exportSPKI(own.publicKey));
  const signsFor = () => (options.keyIssuer ? { issuer: options.keyIssuer(address) } : {});
  let keyRequests = 0;

  const server = createServer((request, response) => {
    const keyPaths = ['/v1/keys', '/common/discovery/v2.0/keys'];
    const found =
      request.url === '/v1/.well-known/openidconfiguration' ? 'document' : keyPaths.includes(request.url ?? '');
    if (found === true) keyRequests++;
    response.writeHead(broken ? 500 : found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        found === 'document'
          ? { issuer, jwks_uri: `${address}/v1/keys`, id_token_signing_alg_values_supported: ['RS256'] }
          : { keys: [{ ...jwk, ...signsFor() }] },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    issuer,
    authority: address,
    metadataUrl: `${address}/v1/.well-known/openidconfiguration`,
    keyRequests: () => keyRequests,
    sign(request) {
      const now = Math.floor(Date.now() / 1000);
      const payload: JWTPayload = {
        iss: request.issuer ?? issuer,
        aud: request.audience,
        nbf: now + (request.notBefore ?? -60),
        exp: now + (request.expiresIn ?? 3600),
        ...(request.serviceUrl !== undefined && { serviceurl: request.serviceUrl }),
        ...request.claims,
      };
      const token = (header: { alg: string; kid: string }) => new SignJWT(payload).setProtectedHeader(header);
      switch (request.key) {
        case 'other':
          return token({ alg: 'RS256', kid }).sign(other.privateKey);
        case 'unknown':
          return token({ alg: 'RS256', kid: 'nobodys-key' }).sign(other.privateKey);
        case 'public':
          return token({ alg: 'HS256', kid }).sign(publicKey);
        case 'none':
          return Promise.resolve(unsigned(payload, kid));
        default:
          return token({ alg: 'RS256', kid }).sign(own.privateKey);
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A forger names the issuer's key in the header, or the key would not be found before `alg` is looked at. */
function unsigned(payload: JWTPayload, kid: string): string {
  const [, claims] = new UnsecuredJWT(payload).encode().split('.');
  return `${Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT', kid })).toString('base64url')}.${claims}.`;
}
