import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import restify, { type Request, type Response } from 'restify';
import { inSpan } from '../telemetry/span.ts';

/** What a route answers: a status, and a body that is an object (sent as JSON), a text, or nothing. */
export interface Answer {
  status: number;
  body?: object | string;
  type?: string;
  headers?: Record<string, string>;
  /** In the place of a body: sent as it comes, and closed however the request ends. */
  stream?: Readable;
  /** The stream goes on until either side has enough: that it is cut off is how it usually ends. */
  lasting?: boolean;
}

/** What a route is told of its request. `body` is parsed JSON, or undefined when there was none. */
export interface Asked {
  authorization: string | undefined;
  query: URLSearchParams;
  /** What stood in the path where the route has `:name`. */
  params: Record<string, string>;
  body: unknown;
  /** What languages the reader prefers, as `accept-language` says it. */
  languages: string | undefined;
  /** Aborted when the server begins to close: what lasts has to end by itself then. */
  closing: AbortSignal;
}

export type Route = (asked: Asked) => Promise<Answer>;

export interface Web {
  url: string;
  /** Stops listening, lets what is under way finish, and closes idle connections. */
  close(): Promise<void>;
}

/** Teams' largest activity is about 100 KB as UTF-16; escaped JSON can be several times that. Bytes. */
const largestBody = 1_000_000;

/**
 * Starts the HTTP server. Routes are handed in as `METHOD /path`; whatever a route throws becomes a 500 that says nothing.
 * @throws PortTaken
 */
export async function startWeb(
  {
    port,
    host,
    log,
    observe,
  }: { port: number; host: string; log: Logger; observe: (route: string, status: number, seconds: number) => void },
  routes: Record<string, Route>,
): Promise<Web> {
  const server = restify.createServer({ name: 'teammate-bot', handleUncaughtExceptions: false });
  // Teams does not compress. Restify's reader would: without a limit, and a body that is not gzip after all, though it says
  // so, raises an error there that nobody hears, which ends the process.
  server.use((request, response, next) => {
    if (request.headers['content-encoding'] === undefined) return next();
    response.send(415, { error: 'Send the body as it is, without compression.' });
    return next(false);
  });
  server.use(restify.plugins.bodyParser({ maxBodySize: largestBody, mapParams: false }));
  const closing = new AbortController();
  for (const [key, route] of Object.entries(routes)) {
    const [method, path] = key.split(' ') as [string, string];
    const register = method === 'POST' ? server.post.bind(server) : server.get.bind(server);
    // A probe every few seconds tells nobody anything.
    const probed = ['/healthz', '/readyz', '/metrics'].includes(path);
    const traced = (request: Request) =>
      inSpan(key, 'serves', { 'http.request.method': method, 'http.route': path }, async (tell) => {
        const answered = await answer(route, request, closing.signal, log, key);
        tell({ 'http.response.status_code': answered.status });
        return answered;
      });
    register(path, async (request: Request, response: Response) => {
      const started = performance.now();
      const answered = probed ? answer(route, request, closing.signal, log, key) : traced(request);
      const { status, body, type, headers = {}, stream, lasting } = await answered;
      observe(key, status, (performance.now() - started) / 1000);
      response.setHeader('x-content-type-options', 'nosniff');
      response.setHeader('cache-control', 'no-store');
      if (type) response.setHeader('content-type', type);
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      // Else the client keeps its connection for the next request, and closing waits until it lets go.
      if (closing.signal.aborted) response.setHeader('connection', 'close');
      if (stream) {
        response.statusCode = status;
        // Whoever asked has gone away, or the disk failed: what was sent is shorter than its length says.
        return pipeline(stream, response).catch((error) =>
          log[lasting ? 'debug' : 'warn']({ err: error, route: key }, 'answer cut short'),
        );
      }
      if (typeof body === 'string') response.sendRaw(status, body);
      else response.send(status, body);
    });
  }

  await new Promise<void>((resolve, reject) => {
    // Listened for on restify itself, which raises its HTTP server's errors again: unheard there, one ends the process.
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTaken(port, { cause: error }) : error),
    );
    server.listen(port, host, () => resolve());
  });
  const address = server.server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.server.closeIdleConnections();
      }),
  };
}

async function answer(route: Route, request: Request, closing: AbortSignal, log: Logger, key: string): Promise<Answer> {
  try {
    return await route({
      authorization: request.headers.authorization,
      query: new URLSearchParams(request.getQuery()),
      params: (request.params ?? {}) as Record<string, string>,
      body: request.body,
      languages: request.headers['accept-language'],
      closing,
    });
  } catch (error) {
    log.error({ err: error, route: key }, 'request failed');
    return { status: 500, body: { error: 'Something went wrong here; nothing was changed.' } };
  }
}

export class PortTaken extends Error {
  constructor(port: number, options: ErrorOptions) {
    super(`The port ${port} is taken. Stop what uses it, or set PORT to another one.`, options);
    this.name = 'PortTaken';
  }
}
