import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { demoLogin, demoMasterReseller } from '../../src/simulator/seed.ts';
import { fault } from '../simulator/start.ts';
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
    const comment = /^# (HELP|TYPE) [a-z_][a-z0-9_]* /;
    const sample = /^[a-z_][a-z0-9_]*(\{([a-z_]+="[^"]*",?)+\})? (-?\d[\d.e+-]*|NaN)$/;
    expect(lines.filter((line) => line && !comment.test(line) && !sample.test(line))).toEqual([]);
    for (const name of [
      'teammate_requests',
      'teammate_posts',
      'teammate_jobs',
      'teammate_registrations_lost',
      'teammate_http_seconds',
      'process_',
    ])
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

  test('is not ready while TeamMate is down, and says that it is TeamMate that is down', async () => {
    await fault(harness.simulator, { status: 503, times: 1000 });
    const response = await get('/readyz');
    await fault(harness.simulator, { clear: true });
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ready: false, database: 'ok', jobs: 'ok', backend: 'does not answer' });
  });
});

describe('a second bot on the same port', () => {
  test('says which port is taken and which setting changes it; on another one it starts and is ready', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'teammate-'));
    const { port } = new URL(harness.app.url);
    const start = (PORT: string) =>
      startApp(
        readConfig({
          PORT,
          DATA_DIR: folder,
          ALLOW_UNAUTHENTICATED: 'true',
          ORGANISATIONS: `${tenantId}=${demoMasterReseller.resellerId}`,
          TEAMMATE_URL: harness.simulator.url,
          TEAMMATE_CLIENT_ID: demoLogin.clientId,
          TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
          TEAMMATE_USERNAME: demoLogin.username,
          TEAMMATE_PASSWORD: demoLogin.password,
        }),
        { log: pino({ level: 'silent' }) },
      );
    const says = `The port ${port} is taken. Stop what uses it, or set PORT to another one.`;
    await expect(start(port)).rejects.toThrow(says);
    // The first one gave the data folder back, or this one would be refused.
    const second = await start('0');
    const ready = await fetch(`${second.url}/readyz`);
    expect(await ready.json()).toEqual({ ready: true, database: 'ok', jobs: 'ok', backend: 'ok' });
    expect(ready.status).toBe(200);
    await second.close();
    rmSync(folder, { recursive: true });
  });
});
