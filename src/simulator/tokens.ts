import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request } from 'restify';
import { Refusal, type Reply, readForm } from './http.ts';

export interface Login {
  clientId: string;
  clientSecret: string;
  username: string;
  password: string;
}

/** Gives out bearer tokens and knows them again until they expire or the process ends. */
export class Tokens {
  readonly #login: Login;
  readonly #lifetime: number;
  readonly #now: () => Date;
  readonly #until = new Map<string, number>();
  /** How many were given out. */
  issued = 0;

  /** `lifetime` in seconds. */
  constructor(login: Login, lifetime: number, now: () => Date) {
    this.#login = login;
    this.#lifetime = lifetime;
    this.#now = now;
  }

  expireAll(): void {
    this.#until.clear();
  }

  /** (E) POST /oauth/token: Basic client, form with the password grant. (I) the errors, after RFC 6749, section 5.2. */
  grant(request: Request): Reply {
    const { clientId, clientSecret, username, password } = this.#login;
    const [scheme = '', value = ''] = (request.header('authorization') ?? '').split(' ');
    const client = scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64').toString() : '';
    if (!same(client, `${clientId}:${clientSecret}`)) {
      throw refuse(401, 'invalid_client', 'Bad client credentials.', { 'www-authenticate': 'Basic realm="teammate"' });
    }
    const form = readForm(request);
    if (form.grant_type !== 'password')
      throw refuse(400, 'unsupported_grant_type', 'Only the password grant is served.');
    if (!form.username || !form.password) throw refuse(400, 'invalid_request', 'username and password are required.');
    if (!same(form.username, username) || !same(form.password, password)) {
      throw refuse(400, 'invalid_grant', 'Bad credentials.');
    }
    const now = this.#now().getTime();
    for (const [token, until] of this.#until) if (until <= now) this.#until.delete(token);
    const token = randomBytes(24).toString('base64url');
    this.#until.set(token, now + this.#lifetime * 1000);
    this.issued += 1;
    return {
      status: 200,
      body: { access_token: token, token_type: 'bearer', expires_in: this.#lifetime, scope: 'read write' },
    };
  }

  /** @throws Refusal 401 unless the request carries a token that is still good */
  check(request: Request): void {
    const token = /^bearer (\S+)$/i.exec(request.header('authorization') ?? '')?.[1] ?? '';
    if ((this.#until.get(token) ?? 0) > this.#now().getTime()) return;
    throw refuse(401, 'invalid_token', 'The access token is missing, unknown or expired.', {
      'www-authenticate': 'Bearer realm="teammate", error="invalid_token"',
    });
  }
}

const refuse = (status: number, error: string, message: string, headers: Record<string, string> = {}) =>
  new Refusal(status, { error, error_description: message, message }, headers);

const digest = (text: string) => createHash('sha256').update(text).digest();
const same = (one: string, other: string) => timingSafeEqual(digest(one), digest(other));
