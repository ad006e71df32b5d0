import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type Harness, startHarness } from '../support/harness.ts';
import { alex, tenantId } from '../support/people.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const get = (path: string) => fetch(harness.app.url + path);
const metrics = async () => (await get('/metrics')).text();
/** The number of a metric by its name and labels as Prometheus writes them. */
const metric = async (series: string) =>
  Number(
    (await metrics())
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length) ?? 0,
  );

describe('the bot in operation', () => {
  test('says that it is alive, and nothing else', async () => {
    const response = await get('/healthz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ alive: true });
  });

  test('has metrics in the format of Prometheus', async () => {
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; ?version=0\.0\.4/);
    const lines = (await response.text()).trim().split('\n');
    const comment = /^# (HELP|TYPE) [a-z_]+ /;
    const sample = /^[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? (-?\d[\d.e+-]*|NaN)$/;
    expect(lines.filter((line) => line && !comment.test(line) && !sample.test(line))).toEqual([]);
    for (const name of ['teammate_requests', 'teammate_posts', 'teammate_jobs', 'teammate_http_seconds', 'process_'])
      expect(lines.join('\n')).toContain(name);
  });

  test('counts requests by their state', async () => {
    const before = await metric('teammate_requests{state="pending"}');
    const own = await harness.order(alex);
    expect(await metric('teammate_requests{state="pending"}')).toBe(before + 1);
    await harness.click(alex, own, 'Withdraw');
    expect(await metric('teammate_requests{state="pending"}')).toBe(before);
    expect(await metric('teammate_requests{state="withdrawn"}')).toBeGreaterThan(0);
  });

  test('counts what it refused at the door, and how long it took to answer', async () => {
    await harness.sendRaw({ type: 'message' });
    expect(await metric('teammate_activities_refused_total{status="401"}')).toBeGreaterThan(0);
    const answered = 'teammate_http_seconds_count{route="POST /api/messages",status="401"}';
    expect(await metric(answered)).toBeGreaterThan(0);
    expect(await metrics()).not.toContain(alex.name);
  });

  test.each<[string, number, () => Promise<Response>]>([
    ['an address it does not have', 404, () => get('/admin')],
    ['a method it does not have there', 405, () => get('/api/messages')],
    ['a body that is not JSON', 400, () => harness.sendRaw('{"type":')],
    ['a body over the limit', 413, () => harness.sendRaw({ type: 'message', text: 'x'.repeat(1_000_000) })],
    ['nobody’s activity', 401, () => harness.sendRaw({ type: 'message' })],
  ])('answers %s with %i and never with a stack trace', async (_, status, ask) => {
    const response = await ask();
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(text).not.toMatch(/ {4}at |node_modules|\.ts\b/);
  });

  // Last in the file, but nothing before it needs the backend gone or there.
  test('is ready, and when TeamMate is down says that it is TeamMate that is down', async () => {
    expect(await (await get('/readyz')).json()).toEqual({ ready: true, database: 'ok', jobs: 'ok', backend: 'ok' });
    const lonely = await startApp(
      { ...settings({ TEAMMATE_URL: 'http://127.0.0.1:1' }), DATA_DIR: '' },
      { log: pino({ level: 'silent' }), token: async () => 'a-token' },
    );
    const response = await fetch(`${lonely.url}/readyz`);
    await lonely.close();
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      ready: false,
      database: 'ok',
      jobs: 'ok',
      backend: 'does not answer',
    });
  });
});

const settings = (env: Record<string, string>) =>
  readConfig({
    PORT: '0',
    ALLOW_UNAUTHENTICATED: 'true',
    ORGANISATIONS: `${tenantId}=5001`,
    TEAMMATE_CLIENT_ID: 'id',
    TEAMMATE_CLIENT_SECRET: 'secret',
    TEAMMATE_USERNAME: 'user',
    TEAMMATE_PASSWORD: 'password',
    ...env,
  });

describe('a second bot on the same port', () => {
  test('says which port is taken and which setting changes it, and gives its data folder back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'teammate-'));
    const { port } = new URL(harness.app.url);
    const start = (PORT: string) =>
      startApp(settings({ PORT, DATA_DIR: folder, TEAMMATE_URL: harness.simulator.url }), {
        log: pino({ level: 'silent' }),
      });
    await expect(start(port)).rejects.toThrow(
      `The port ${port} is taken. Stop what uses it, or set PORT to another one.`,
    );
    const second = await start('0');
    expect((await fetch(`${second.url}/healthz`)).status).toBe(200);
    await second.close();
    rmSync(folder, { recursive: true });
  });
});
