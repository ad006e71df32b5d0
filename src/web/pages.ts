import { createReadStream } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type { Answer } from './server.ts';

/** What a page may consist of; nothing else is given out, whatever lies in the folder. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** A name with a hash of its content, as esbuild gives it: `main-5XQ2K7LA.js`. It never means anything else later. */
const hashed = /-[A-Z0-9]{8}\.[a-z0-9]+$/;
/** Names of files and folders, one behind the other: none begins with a dot, and there is no other way up or out. */
const inside = /^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/;

/**
 * The hosts that may show a page in a frame, as Microsoft lists them for tabs in Teams, Outlook and Microsoft 365
 * (learn.microsoft.com, "Tab requirements").
 */
export const frameHosts: readonly string[] = [
  'https://*.cloud.microsoft',
  'https://teams.microsoft.com',
  'https://*.teams.microsoft.com',
  'https://*.microsoft365.com',
  'https://*.office.com',
  'https://outlook.office.com',
  'https://outlook.office365.com',
  'https://outlook-sdf.office.com',
  'https://outlook-sdf.office365.com',
];

/** Where TeamsJS fetches the list of hosts that it trusts (since version 2.19). */
const teamsHosts = 'https://res.cdn.office.net';

/**
 * What a page may do: run its own scripts and no others, talk to its own server, and be shown by Teams. Fluent UI writes its
 * styles into the page as it runs, so styles alone may stand there. `anywhere`: in development, a frame on this machine may
 * show it as well.
 */
export const contentPolicy = (anywhere = false): string =>
  [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self' 'unsafe-inline'`,
    `img-src 'self' data:`,
    `font-src 'self' data:`,
    `connect-src 'self' ${teamsHosts}`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'self' ${[...frameHosts, ...(anywhere ? ['http://127.0.0.1:*', 'http://localhost:*'] : [])].join(' ')}`,
  ].join('; ');

const says = (status: number, body: string): Answer => ({ status, body, type: 'text/plain; charset=utf-8' });

/**
 * Gives out built pages and what belongs to them from a folder: `dialog.html` at `dialog`. An address that is no file's is
 * that of the page `index.html`, which finds its way from there; `unbuilt` is said while there is no page yet.
 */
export function pagesOf(
  folder: string,
  { unbuilt, development = false }: { unbuilt: string; development?: boolean },
): (path: string) => Promise<Answer> {
  const pageHeaders = {
    'content-security-policy': contentPolicy(development),
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  };
  const file = async (path: string): Promise<Answer | undefined> => {
    const type = types[extname(path)];
    if (!type || !inside.test(path)) return undefined;
    // Where it really is: a link in the folder must not lead out of it.
    const [home, real] = await Promise.all([folder, join(folder, path)].map((one) => realpath(one).catch(() => '')));
    if (!home || !real?.startsWith(home + sep)) return undefined;
    const handle = await open(real, 'r').catch(() => undefined);
    const found = await handle?.stat();
    if (!handle || !found?.isFile()) {
      await handle?.close();
      return undefined;
    }
    return {
      status: 200,
      type,
      stream: createReadStream('', { fd: handle }),
      headers: {
        'content-length': String(found.size),
        ...(extname(path) === '.html' ? pageHeaders : {}),
        // A name without a hash is asked for anew each time, as the server's other answers are.
        ...(hashed.test(path) && extname(path) !== '.html'
          ? { 'cache-control': 'public, max-age=31536000, immutable' }
          : {}),
      },
    };
  };

  return async (path) => {
    const found = path === '' ? undefined : await file(path);
    if (found) return found;
    // What looks like a file and is none must not come as a page, which a browser would then read as a script.
    if (extname(path) !== '') return says(404, 'There is no such file.');
    return (await file(`${path}.html`)) ?? (await file('index.html')) ?? says(503, unbuilt);
  };
}
