import { connect, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { PortTaken, type Route, startWeb, type Web } from '../../src/web/server.ts';

const logged: Record<string, unknown>[] = [];
const log = pino({ level: 'error' }, { write: (line: string) => logged.push(JSON.parse(line)) });
const observed: [string, number][] = [];
const options = {
  port: 0,
  host: '127.0.0.1',
  log,
  observe: (route: string, status: number) => observed.push([route, status]),
};

/** A request that is under way until the test lets it finish. */
const slow = { begun: Promise.withResolvers<void>(), end: Promise.withResolvers<void>() };
const routes: Record<string, Route> = {
  'POST /echo': async ({ body, query, authorization }) => ({
    status: 200,
    body: { body, query: Object.fromEntries(query), authorization },
  }),
  'GET /text': async () => ({ status: 200, body: 'as it is', type: 'text/plain; charset=utf-8' }),
  'GET /files/:name': async ({ params }) => ({
    status: 200,
    type: 'text/csv',
    headers: { 'content-disposition': 'attachment' },
    stream: Readable.from(params.name === 'broken' ? cutShort() : [params.name, ', in ', 'pieces']),
  }),
  'GET /nothing': async () => ({ status: 202 }),
  'GET /broken': async () => {
    throw new Error('the secret of the database');
  },
  'GET /slow': async () => {
    slow.begun.resolve();
    await slow.end.promise;
    return { status: 200, body: { done: true } };
  },
};

async function* cutShort() {
  yield 'the beginning';
  throw new Error('the disk is broken');
}

let web: Web;
beforeAll(async () => {
  web = await startWeb(options, routes);
});
afterAll(() => web.close());

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${web.url}/echo?token=t`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

describe('a request', () => {
  test('is handed to its route with its query, its body and who it says it is from', async () => {
    const response = await post('{"a":1}', { authorization: 'Bearer x' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ body: { a: 1 }, query: { token: 't' }, authorization: 'Bearer x' });
  });

  test('is answered with a stream as it comes, with its own headers', async () => {
    const response = await fetch(`${web.url}/files/a%20name`);
    expect(await response.text()).toBe('a name, in pieces');
    expect(response.headers.get('content-disposition')).toBe('attachment');
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('whose stream breaks off ends as cut short, and the server goes on', async () => {
    const broken = fetch(`${web.url}/files/broken`).then((response) => response.text());
    await expect(broken).rejects.toThrow();
    expect((await fetch(`${web.url}/text`)).status).toBe(200);
  });

  test('is answered so that nobody keeps or reinterprets it', async () => {
    const { headers } = await fetch(`${web.url}/text`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  test('may be answered with a status and nothing else', async () => {
    const response = await fetch(`${web.url}/nothing`);
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
  });

  test('is counted under its route and status, never under the address as it was given', async () => {
    await fetch(`${web.url}/text?token=secret`).then((response) => response.text());
    expect(observed).toContainEqual(['GET /text', 200]);
    expect(JSON.stringify(observed)).not.toContain('secret');
  });
});

describe('a bad request is answered in one plain sentence', () => {
  test.each<[string, number, () => Promise<Response>]>([
    ['for a route that does not exist', 404, () => fetch(`${web.url}/../etc/passwd`)],
    ['for a method that the route does not have', 405, () => fetch(`${web.url}/echo`, { method: 'DELETE' })],
    ['for a body that is not JSON', 400, () => post('{"a":')],
    ['for a body over the limit', 413, () => post(JSON.stringify({ a: 'x'.repeat(1_000_001) }))],
    ['for a body in a compression', 415, () => post(gzipSync('{"a":1}'), { 'content-encoding': 'gzip' })],
    ['for a body that only says it is compressed', 415, () => post('{"a":1}', { 'content-encoding': 'gzip' })],
    ['when the route breaks', 500, () => fetch(`${web.url}/broken`)],
  ])('%s', async (_, status, ask) => {
    const response = await ask();
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/json');
    const told = JSON.parse(text) as Record<string, unknown>;
    expect(Object.values(told).join(' ')).toMatch(/\w/);
    for (const inside of ['    at ', 'node_modules', '.ts', 'secret']) expect(text).not.toContain(inside);
  });

  test('and what broke is in the log, for the operator', async () => {
    await fetch(`${web.url}/broken`).then((response) => response.text());
    expect(logged).toContainEqual(
      expect.objectContaining({
        route: 'GET /broken',
        err: expect.objectContaining({ message: 'the secret of the database' }),
      }),
    );
  });

  test('and the server lives on after a request that is no HTTP or breaks off', async () => {
    const { port } = new URL(web.url);
    for (const sent of ['no HTTP at all\r\n\r\n', 'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{"a"']) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.end(sent));
        socket.on('data', () => {}).once('close', () => resolve());
        setTimeout(() => socket.destroy(), 100);
      });
    }
    expect((await fetch(`${web.url}/text`)).status).toBe(200);
  });
});

describe('starting and ending', () => {
  test('a port that is taken is told by its number and the setting that changes it', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const start = startWeb({ ...options, port }, {});
    await expect(start).rejects.toThrow(PortTaken);
    await expect(start).rejects.toThrow(`The port ${port} is taken. Stop what uses it, or set PORT to another one.`);
    await new Promise((resolve) => other.close(resolve));
  });

  test('a server that ends takes no more requests and finishes the one under way', async () => {
    const own = await startWeb(options, routes);
    const underWay = fetch(`${own.url}/slow`);
    await slow.begun.promise;
    const closed = own.close();
    await expect(fetch(`${own.url}/text`)).rejects.toThrow();
    slow.end.resolve();
    const answered = await underWay;
    expect(await answered.json()).toEqual({ done: true });
    expect(answered.headers.get('connection')).toBe('close');
    await closed;
  });
});
