import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Agent, type Dispatcher, errors, request } from 'undici';
import type * as z from 'zod';
import type { Config } from '../config.ts';
import { say } from '../language/say.ts';
import { inSpan } from '../telemetry/span.ts';
import { BackendRefused, BackendUnavailable } from './backend.ts';
import { tokenAnswer, wordsOf } from './teammate-answers.ts';
import { problemsOf } from './teammate-routing-answers.ts';

/** The settings the HTTP side needs. */
export type Connection = Pick<
  Config,
  | 'TEAMMATE_URL'
  | 'TEAMMATE_CLIENT_ID'
  | 'TEAMMATE_CLIENT_SECRET'
  | 'TEAMMATE_USERNAME'
  | 'TEAMMATE_PASSWORD'
  | 'TEAMMATE_TIMEOUT'
> & {
  /** (E) Where the token is got; default `/oauth/token`. */
  TEAMMATE_PATH_TOKEN?: string;
};

export interface HttpOptions {
  log?: Pick<Logger, 'debug' | 'warn'>;
  /** Instead of an Agent of our own; then whoever made it closes it. */
  dispatcher?: Dispatcher;
  /** Told of every call: the status, or undefined where there was no answer, and how long it took. */
  observe?: (status: number | undefined, seconds: number) => void;
  /** Milliseconds since 1970; for tests. */
  now?: () => number;
}

export interface Call<Answer> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below TEAMMATE_URL, or a whole address that `sameOrigin` has let through. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  answer: z.ZodType<Answer, unknown>;
  /** May be repeated in place, because a second call changes nothing. */
  repeatable: boolean;
  /** A conflict means that a value is taken. */
  creates?: boolean;
  /** What is secret in the body: an answer that repeats it is shown without it. */
  hidden?: readonly (string | undefined)[];
}

/** The statuses that mean "not now": timeouts, too early, too many, and whatever is the server's own fault. */
const temporary = (status: number) => [408, 425, 429].includes(status) || status >= 500;

/** In-place retries are for a hiccup; anything longer is left to the job, which retries where people can see it. */
const retries = { times: 2, firstMs: 100, longestWaitMs: 2000 };

/** A wrong clock or a typing error on the other side must not park a request for days. */
const longestRetryAfter = 3600;

/** No answer we ask for comes near this; more is a fault, and must not fill the memory. Bytes. */
const largestAnswer = 4 * 1024 * 1024;

/**
 * The seconds of a Retry-After header, from its number or its HTTP date (RFC 9110, section 10.2.3), at most one hour;
 * undefined when it is absent or neither.
 */
export function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  // Date.parse takes nearly anything for a date ("-5" is the year 2001), so a date must begin with its weekday.
  const seconds = /^\d+$/.test(text)
    ? Number(text)
    : /^[A-Z][a-z]{2}/.test(text)
      ? Math.ceil((Date.parse(text) - now) / 1000)
      : Number.NaN;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), longestRetryAfter);
}

/** A 404: there is no such thing, or no such path. */
export class NotThere extends BackendRefused {}

/** TeamMate over HTTP: logs in, calls, classifies what comes back. It knows no operation. */
export class TeamMateHttp {
  readonly #settings: Connection;
  readonly #log: HttpOptions['log'];
  readonly #observe: NonNullable<HttpOptions['observe']>;
  readonly #now: () => number;
  readonly #dispatcher: Dispatcher;
  readonly #own: Agent | undefined;
  readonly #base: string;
  #token: { value: string; until: number } | undefined;
  #login: Promise<string> | undefined;

  constructor(settings: Connection, { log, dispatcher, observe = () => {}, now = Date.now }: HttpOptions = {}) {
    const limit = settings.TEAMMATE_TIMEOUT;
    this.#settings = settings;
    this.#log = log;
    this.#observe = observe;
    this.#now = now;
    this.#own = dispatcher
      ? undefined
      : new Agent({
          connect: { timeout: limit },
          headersTimeout: limit,
          bodyTimeout: limit,
          keepAliveTimeout: 30_000,
          maxResponseSize: largestAnswer,
        });
    this.#dispatcher = dispatcher ?? this.#own!;
    this.#base = settings.TEAMMATE_URL.replace(/\/+$/, '');
  }

  /** Closes the connections when they are ours, after the calls in flight. */
  async close(): Promise<void> {
    await this.#own?.close();
  }

  /**
   * One call with our token; a 401 gets a new token and one more try.
   * @throws BackendRefused when the answer is a no that stays a no.
   * @throws BackendUnavailable when there is no usable answer; whether the call took effect is then unknown.
   */
  async call<Answer>(call: Call<Answer>): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#authorised(call);
      } catch (error) {
        if (!(error instanceof BackendUnavailable) || !call.repeatable || attempt === retries.times) throw error;
        const asked = (error.retryAfter ?? 0) * 1000;
        if (asked > retries.longestWaitMs) throw error;
        // Full jitter over a doubling wait, so that several workers do not come back in step.
        await sleep(asked + Math.random() * retries.firstMs * 2 ** attempt);
      }
    }
  }

  /**
   * The address of a link in an answer to `path`. A link that leads to another origin would carry our token there.
   * @throws BackendUnavailable for such a link, or one that is no address.
   */
  sameOrigin(href: string, path: string): string {
    const base = new URL(this.#address(path));
    const link = URL.parse(href, base.href);
    if (link && link.origin === base.origin) return link.href;
    throw new BackendUnavailable(`TeamMate’s list at ${shown(base)} continues at an address that is not TeamMate’s.`);
  }

  async #authorised<Answer>(call: Call<Answer>): Promise<Answer> {
    const first = await this.#bearer();
    let answer = await this.#send(call, first);
    if (answer.status === 401) {
      // Only the token that was refused is thrown away: another call may have got a new one in the meantime.
      if (this.#token?.value === first) this.#token = undefined;
      answer = await this.#send(call, await this.#bearer());
      if (answer.status === 401) {
        throw new BackendRefused(
          'login',
          this.#sentence('TeamMate does not accept our login', answer.body, call.hidden),
        );
      }
    }
    return this.#read(call, answer);
  }

  #send<Answer>(call: Call<Answer>, token: string) {
    return this.#exchange(call.method, call.path, {
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      headers: {
        ...call.headers,
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });
  }

  /** The token, cached; however many ask at once, one request for it is under way. */
  #bearer(): Promise<string> {
    if (this.#token && this.#now() < this.#token.until) return Promise.resolve(this.#token.value);
    this.#login ??= this.#logIn().finally(() => {
      this.#login = undefined;
    });
    return this.#login;
  }

  async #logIn(): Promise<string> {
    const { TEAMMATE_CLIENT_ID: client, TEAMMATE_CLIENT_SECRET: secret } = this.#settings;
    const path = this.#settings.TEAMMATE_PATH_TOKEN ?? '/oauth/token';
    const asked = this.#now();
    const answer = await this.#exchange('POST', path, {
      body: new URLSearchParams({
        username: this.#settings.TEAMMATE_USERNAME,
        password: this.#settings.TEAMMATE_PASSWORD,
        grant_type: 'password',
      }).toString(),
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    // RFC 6749, section 5.2: a wrong user or password is a 400 (invalid_grant), a wrong client a 401.
    if ([400, 401, 403].includes(answer.status)) {
      throw new BackendRefused('login', this.#sentence('TeamMate does not accept our login', answer.body));
    }
    const granted = this.#read({ method: 'POST', path, answer: tokenAnswer }, answer);
    // Renewed a tenth of its life early, a minute at most, so that it does not run out under way.
    const lifetime = (granted.expires_in ?? Number.POSITIVE_INFINITY) * 1000;
    this.#token = { value: granted.access_token, until: asked + lifetime - Math.min(lifetime / 10, 60_000) };
    return granted.access_token;
  }

  /** One request and its whole answer within TEAMMATE_TIMEOUT. */
  async #exchange(method: Call<unknown>['method'], path: string, options: { body?: string; headers: HeaderMap }) {
    const url = new URL(this.#address(path));
    const started = performance.now();
    const signal = AbortSignal.timeout(this.#settings.TEAMMATE_TIMEOUT);
    const called = `TeamMate ${method} ${url.pathname.replace(/\/\d+(?=\/|$)/g, '/{id}')}`;
    try {
      const answer = await inSpan(called, 'asks', { 'http.request.method': method }, async (tell) => {
        const { statusCode, headers, body } = await request(url, {
          method,
          ...options,
          signal,
          dispatcher: this.#dispatcher,
        });
        tell({ 'http.response.status_code': statusCode });
        return { status: statusCode, after: headers['retry-after'], body: await body.text() };
      });
      const ms = Math.round(performance.now() - started);
      this.#observe(answer.status, ms / 1000);
      this.#log?.debug({ method, path: url.pathname, status: answer.status, ms }, 'teammate call');
      return answer;
    } catch (error) {
      // A mistake of ours in the arguments would be the same mistake at the next try.
      if (error instanceof errors.InvalidArgumentError) throw error;
      this.#observe(undefined, (performance.now() - started) / 1000);
      const code = signal.aborted ? 'TIMEOUT' : codeOf(error);
      const slow = code === 'TIMEOUT' || /_TIMEOUT$/.test(code);
      const seconds = this.#settings.TEAMMATE_TIMEOUT / 1000;
      this.#log?.warn({ method, path: url.pathname, code }, 'teammate call without an answer');
      throw new BackendUnavailable(
        slow
          ? `TeamMate did not answer ${shown(url)} within ${seconds} s.`
          : `TeamMate gave no answer at ${shown(url)} (${code}).`,
        undefined,
        slow ? say('work.trouble.slow', { seconds }) : say('work.trouble.no-connection'),
      );
    }
  }

  #read<Answer>(call: Pick<Call<Answer>, 'method' | 'path' | 'answer' | 'creates' | 'hidden'>, answer: Raw): Answer {
    const where = shown(new URL(this.#address(call.path)));
    const status = `${call.method} ${where} with ${answer.status}`;
    if (temporary(answer.status)) {
      const after = retryAfter(answer.after, this.#now());
      const sentence = this.#sentence(`TeamMate answered ${status}`, answer.body, call.hidden);
      throw new BackendUnavailable(sentence, after, say('work.trouble.status', { status: String(answer.status) }));
    }
    if (answer.status >= 400) throw this.#refusal(status, answer, call);
    // We follow no redirect: it would be a wrong TEAMMATE_URL, and our token does not belong elsewhere.
    if (answer.status >= 300) throw new BackendUnavailable(`TeamMate answered ${status}: check TEAMMATE_URL.`);

    const parsed = call.answer.safeParse(json(answer.body));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const place = issue?.path.length ? ` at ${issue.path.map(String).join('.')}` : '';
    throw new BackendUnavailable(`TeamMate answered ${status}, but not in the expected form${place}.`);
  }

  #refusal(
    status: string,
    answer: Raw,
    { creates = false, hidden }: Pick<Call<unknown>, 'creates' | 'hidden'>,
  ): BackendRefused {
    const { fields, words } = wordsOf(answer.body);
    const reason = this.#redact(words, hidden) || `TeamMate answered ${status}.`;
    const problems = problemsOf(json(answer.body));
    if (answer.status === 404) return new NotThere('invalid', reason);
    const taken = answer.status === 409 || /already (exists|in use|in the system|registered|taken|used)/i.test(words);
    if (!creates || !taken) return new BackendRefused('invalid', reason, undefined, problems);
    // (I) No error format is documented, so the field is told from its name or, failing that, from the sentence.
    const hint = [...fields, words].find((text) => /e-?mail|name|location/i.test(text)) ?? '';
    const told = /e-?mail/i.test(hint) ? 'email' : /location/i.test(hint) ? 'location' : 'name';
    const field = hint ? told : undefined;
    return new BackendRefused('taken', reason, field, problems);
  }

  #sentence(start: string, body: string, hidden?: Call<unknown>['hidden']): string {
    const words = this.#redact(wordsOf(body).words, hidden);
    return words ? `${start}: ${words}` : `${start}.`;
  }

  /** A service that echoes what it was sent must not bring a secret into a chat or a log. */
  #redact(words: string, hidden: Call<unknown>['hidden'] = []): string {
    const { TEAMMATE_CLIENT_SECRET: secret, TEAMMATE_PASSWORD: password } = this.#settings;
    return [secret, password, this.#token?.value, ...hidden]
      .filter((value) => value !== undefined && value !== '')
      .reduce<string>((text, value) => text.replaceAll(value!, '[hidden]'), words);
  }

  #address(path: string): string {
    return /^https?:/.test(path) ? path : this.#base + path;
  }
}

type HeaderMap = Record<string, string>;
type Raw = { status: number; after: string | string[] | undefined; body: string };

/** An address without its query, which may hold what people typed. */
const shown = (url: URL) => url.origin + url.pathname;

/** Node and undici name the trouble by a code; its message may hold an address with a query. */
const codeOf = (error: unknown) => {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name ?? 'unknown';
};

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
