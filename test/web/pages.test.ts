import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { contentPolicy, pagesOf } from '../../src/web/pages.ts';
import { startWeb, type Web } from '../../src/web/server.ts';

const root = mkdtempSync(join(tmpdir(), 'pages-'));
const folder = join(root, 'tab');
let web: Web;
beforeAll(async () => {
  mkdirSync(join(folder, 'icons.js'), { recursive: true });
  writeFileSync(join(root, 'secret.js'), 'the secret');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Board</title>');
  writeFileSync(join(folder, 'dialog.html'), '<!doctype html><title>Form</title>');
  writeFileSync(join(folder, 'main-5XQ2K7LA.js'), 'run()');
  writeFileSync(join(folder, 'component.js'), 'run()');
  writeFileSync(join(folder, '.env.js'), 'the secret');
  writeFileSync(join(folder, 'notes.md'), 'the secret');
  symlinkSync(join(root, 'secret.js'), join(folder, 'icons.js', 'link.js'));
  const page = pagesOf(folder, { unbuilt: 'Not built.' });
  const unbuilt = pagesOf(join(root, 'nowhere'), { unbuilt: 'Not built.' });
  web = await startWeb(
    { port: 0, host: '127.0.0.1', log: pino({ level: 'silent' }), observe: () => {} },
    {
      'GET /tab': () => page(''),
      'GET /tab/*': ({ params }) => page(params['*'] ?? ''),
      'GET /unbuilt': () => unbuilt(''),
    },
  );
});
afterAll(async () => {
  await web.close();
  rmSync(root, { recursive: true });
});

/** Asks for a path as it is written, which fetch would tidy up. */
const raw = (path: string) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const { hostname, port } = new URL(web.url);
    request({ hostname, port, path }, async (response) =>
      resolve({ status: response.statusCode ?? 0, body: await text(response) }),
    )
      .once('error', reject)
      .end();
  });

describe('a built page', () => {
  test.each(['/tab', '/tab/', '/tab/R-1001', '/tab/some/where'])('is at %s, and never kept', async (path) => {
    const response = await fetch(web.url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toContain('<title>Board</title>');
  });

  test('may be another one, at its own name', async () => {
    const response = await fetch(`${web.url}/tab/dialog`);
    expect(await response.text()).toContain('<title>Form</title>');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await (await fetch(`${web.url}/tab/dialog/else`)).text()).toContain('<title>Board</title>');
  });

  test('may be shown by Teams, Outlook and Microsoft 365, and runs nothing but its own scripts', async () => {
    const { headers } = await fetch(`${web.url}/tab`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toBe(contentPolicy());
    for (const host of ['https://teams.microsoft.com', 'https://*.cloud.microsoft', 'https://outlook.office.com'])
      expect(policy.split('; ').find((part) => part.startsWith('frame-ancestors'))).toContain(host);
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe-eval');
    expect(policy).not.toContain('localhost');
    expect(headers.get('x-frame-options')).toBeNull();
  });

  test('may in development be shown by a frame on this machine', () => {
    expect(contentPolicy(true)).toMatch(/frame-ancestors .*http:\/\/127\.0\.0\.1:\*/);
  });

  test('has files that are kept for good when their name has a hash in it, and else not', async () => {
    const kept = await fetch(`${web.url}/tab/main-5XQ2K7LA.js`);
    expect(kept.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(kept.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(await kept.text()).toBe('run()');
    expect((await fetch(`${web.url}/tab/component.js`)).headers.get('cache-control')).toBe('no-store');
  });

  test('is no answer to a script that is not there', async () => {
    const response = await fetch(`${web.url}/tab/main-OLDONE77.js`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('text/plain');
  });

  test('that is not built is said to be so', async () => {
    const response = await fetch(`${web.url}/unbuilt`);
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('Not built.');
  });

  test.each([
    '/tab/../secret.js',
    '/tab/..%2fsecret.js',
    '/tab/%2e%2e/secret.js',
    '/tab/%2e%2e%2fsecret.js',
    '/tab/..%5csecret.js',
    '/tab//secret.js',
    `/tab/${encodeURIComponent('/')}secret.js`,
    '/tab/.env.js',
    '/tab/notes.md',
    '/tab/icons.js',
    '/tab/icons.js/link.js',
    '/tab/secret.js%00.js',
    '/tab/%',
  ])('gives out nothing but its own files: %s', async (path) => {
    const { status, body } = await raw(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(body).not.toContain('the secret');
  });
});
