import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { demoLogin } from '../../src/simulator/seed.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';
import { type SmtpTestServer, startSmtp } from '../support/smtp.ts';

/** What a test has started, ended in the opposite order by `endAll`. */
const started: (() => Promise<unknown>)[] = [];

export function atEnd(end: () => Promise<unknown>): void {
  started.push(end);
}

/** For afterEach. */
export async function endAll(): Promise<void> {
  for (let end = started.pop(); end; end = started.pop()) await end();
}

/** A simulator and a real SMTP server, both on free ports; short pauses between tries. */
export async function simulate(
  options: Partial<SimulatorOptions> = {},
): Promise<{ simulator: Simulator; smtp: SmtpTestServer }> {
  const smtp = await startSmtp();
  atEnd(smtp.close);
  const simulator = await startSimulator({ port: 0, smtp, pausesMs: [5, 5, 5], ...options });
  atEnd(simulator.close);
  return { simulator, smtp };
}

export interface Heard {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** An HTTP server that answers as it is told and keeps what it heard. */
export async function listen(
  answer: (heard: Heard, response: ServerResponse) => void,
): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server: HttpServer = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { method: request.method!, path: request.url!, headers: request.headers, body };
    heard.push(one);
    answer(one, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

export async function tokenOf(url: string): Promise<string> {
  const { clientId, clientSecret, username, password } = demoLogin;
  const response = await fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ username, password, grant_type: 'password' }),
  });
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

export const contoso = {
  masterResellerId: 5001,
  resellerName: 'Contoso',
  preferredEmail: 'ops@contoso.example',
  services: ['PBX', 'TRUNK'],
  billingReferences: ['B-77'],
};

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { message?: string; errors?: { field: string; message: string }[] };
}

/** The API as a caller with a good token sees it. */
export async function caller(url: string) {
  const token = await tokenOf(url);
  return async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : {} };
  };
}

export const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers, redirect: 'manual' });

export const fault = (simulator: Simulator, body: unknown) =>
  fetch(`${simulator.url}/_faults`, { method: 'POST', body: JSON.stringify(body) });

/** Looks again and again until it is so; the test's own time limit ends it when it never is. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The errors of a page, by the field they stand beside. */
export const errorsOf = (html: string) =>
  Object.fromEntries(
    [...html.matchAll(/<p class="error" id="(\w+)-error">([^<]*)</g)].map(([, field, text]) => [field, text]),
  );
