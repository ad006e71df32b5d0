import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import restify, { type Next, type Request, type Response, type Server } from 'restify';
import * as z from 'zod';
import type { Faults } from './faults.ts';
import { Html } from './html.ts';
import { securityHeaders } from './page.ts';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export interface Reply {
  status: number;
  /** An Html is a page; anything else goes out as JSON; undefined is an empty answer. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A handler returns what to answer; it never touches the response. */
export type Handler = (request: Request) => Reply | Promise<Reply>;

/** An answer that says no, thrown from wherever it is found out. */
export class Refusal extends Error {
  readonly reply: Reply;

  constructor(
    status: number,
    body: { message: string } & Record<string, unknown>,
    headers: Record<string, string> = {},
  ) {
    super(body.message);
    this.reply = { status, body: { status, ...body }, headers };
  }
}

/** A refusal for one mistake that has a code, told like those of a body's fields. 400 unless said otherwise. */
export const oneMistake = (code: string, field: string, message: string, status: 400 | 409 = 400) =>
  new Refusal(status, { message, code, field, errors: [{ field, message, code }] });

/** Bytes; the longest honest request, a form with every field full, is a tenth of this. */
const largestBody = 32 * 1024;

/** A restify server that reads bodies within bounds and never answers with anything but what a handler says. */
export function createServer(log: Log | undefined): Server {
  // Restify's own log goes nowhere: ours says all of it once, and a stack trace in it helps nobody here.
  const server = restify.createServer({ name: 'teammate-simulator', handleUncaughtExceptions: false });
  // Restify's reader unpacks gzip without a limit, and what is no gzip raises an error there that nobody hears.
  server.use((request, response, next) => {
    if (request.headers['content-encoding'] === undefined) return next();
    response.send(415, { status: 415, message: 'Send the body without compression.' });
    return next(false);
  });
  server.use(restify.plugins.bodyReader({ maxBodySize: largestBody }));
  server.on('restifyError', (request: Request, response: Response, error: RestifyError, done: () => void) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) log?.error({ path: request.path(), error: error.message }, 'simulator failed');
    const message = status >= 500 ? 'The simulator failed.' : error.message;
    error.toJSON = () => ({ status, message });
    error.toString = () => message;
    response.setHeader('cache-control', 'no-store');
    done();
  });
  return server;
}

type RestifyError = Error & { statusCode?: number; toJSON?: () => unknown };

/** Wraps a handler as restify wants it: faults first, then the handler, then its reply, whatever goes wrong. */
export function route(handler: Handler, { log, faults }: { log?: Log | undefined; faults?: Faults | undefined }) {
  return (request: Request, response: Response, next: Next): void => {
    const path = request.path();
    const fault = faults?.take(path);
    const work = async () => {
      if (fault?.delayMs) await sleep(fault.delayMs, undefined, { signal: faults!.signal });
      if (fault?.status && fault.after !== 'commit') {
        const headers = fault.retryAfter ? { 'retry-after': fault.retryAfter } : {};
        return {
          status: fault.status,
          body: { status: fault.status, message: 'A fault that was asked for.' },
          headers,
        };
      }
      return handler(request);
    };
    work()
      .catch((error: unknown) => {
        if (error instanceof Refusal) return error.reply;
        if (faults?.signal.aborted) return { status: 503, body: { status: 503, message: 'The simulator is closing.' } };
        log?.error({ path, error: (error as Error).message ?? String(error) }, 'simulator failed');
        return { status: 500, body: { status: 500, message: 'The simulator failed.' } };
      })
      .then((reply) => {
        log?.debug({ method: request.method, path, status: reply.status }, 'simulator call');
        if (fault?.after === 'commit') response.socket?.destroy();
        else send(response, reply);
      })
      .finally(() => next(false));
  };
}

function send(response: Response, { status, body, headers = {} }: Reply): void {
  if (response.destroyed || response.headersSent) return;
  const page = body instanceof Html;
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...(body === undefined ? {} : { 'content-type': page ? 'text/html; charset=utf-8' : 'application/json' }),
    ...(page ? securityHeaders : {}),
    ...headers,
  });
  response.end(body === undefined ? undefined : page ? body.toString() : JSON.stringify(body));
}

/**
 * The body as JSON in the shape of `schema`.
 * @throws Refusal 400 naming every field that is wrong.
 */
export function readJson<Shape>(request: Request, schema: z.ZodType<Shape, unknown>): Shape {
  let json: unknown;
  try {
    json = JSON.parse(textOf(request));
  } catch {
    throw new Refusal(400, { message: 'The body is not JSON.' });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    field: path.map(String).join('.'),
    message,
    code: 'INVALID',
  }));
  throw new Refusal(400, { message: errors.map((error) => error.message).join(' '), errors });
}

/** The body as a form: the first value of each field. */
export function readForm(request: Request): Record<string, string> {
  return Object.fromEntries([...new URLSearchParams(textOf(request))].reverse());
}

/** The query, checked like a body. @throws Refusal 400 */
export function readQuery<Shape>(request: Request, schema: z.ZodType<Shape, unknown>): Shape {
  const parsed = schema.safeParse(Object.fromEntries(new URLSearchParams(request.getQuery())));
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map((issue) => issue.path.map(String).join('.')))];
  throw new Refusal(400, { message: `These parameters are missing or wrong: ${names.join(', ')}.` });
}

const id = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);

/** The number in the path, the id of a `what`. @throws Refusal 404 when it is none. */
export function readId(request: Request, what = 'reseller'): number {
  const parsed = id.safeParse((request.params as { id?: string }).id);
  if (parsed.success) return parsed.data;
  throw new Refusal(404, { message: `There is no ${what} with this id.` });
}

/** The portal has no login, so at least no other site may click for whoever has it open. @throws Refusal 403 */
export function ownButton(request: Request): void {
  if (['same-origin', 'none', undefined].includes(request.header('sec-fetch-site') || undefined)) return;
  throw new Refusal(403, { message: 'Use the button on the portal.' });
}

const textOf = (request: Request): string => (typeof request.body === 'string' ? request.body : '');
