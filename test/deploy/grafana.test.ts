import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Harness, startHarness } from '../support/harness.ts';
import { alex } from '../support/people.ts';

interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: { h: number; w: number; x: number; y: number };
  targets?: { expr: string }[];
}
const dashboard = JSON.parse(readFileSync(join(import.meta.dirname, '../../deploy/grafana.json'), 'utf8')) as {
  panels: Panel[];
  templating: { list: { query: unknown }[] };
};
const plots = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = plots.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

let harness: Harness;
let text: string;
beforeAll(async () => {
  harness = await startHarness();
  await harness.order(alex);
  text = await fetch(`${harness.app.url}/metrics`).then((response) => response.text());
});
afterAll(() => harness.close());

describe('the dashboard', () => {
  test('asks for numbers that the bot has', () => {
    const all = [...expressions, JSON.stringify(dashboard.templating)];
    const named = new Set(all.flatMap((expr) => expr.match(/\b(teammate|process|nodejs)_[a-z0-9_]+/g) ?? []));
    expect(named.size).toBeGreaterThan(10);
    const missing = [...named].filter((name) => {
      const type = new RegExp(`^# TYPE ${name.replace(/_(bucket|count|sum)$/, '')} `, 'm');
      return !new RegExp(`^# TYPE ${name} `, 'm').test(text) && !type.test(text);
    });
    expect(missing).toEqual([]);
  });

  test('shows every number of our own', () => {
    const own = [...text.matchAll(/^# TYPE (teammate_\w+) /gm)].map(([, name]) => name as string);
    expect(own.filter((name) => !expressions.some((expr) => expr.includes(name)))).toEqual([]);
  });

  test('has its panels side by side, each with a name and what it tells', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { title, description = '' } of plots) expect(`${title}: ${description}`).toMatch(/^\S.+: \S.*[^.]\.$/);
    for (const [index, one] of dashboard.panels.entries()) {
      const { x, y, w, h } = one.gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (const { title, gridPos: other } of dashboard.panels.slice(index + 1)) {
        const apart = x + w <= other.x || other.x + other.w <= x || y + h <= other.y || other.y + other.h <= y;
        expect([one.title, title, apart]).toEqual([one.title, title, true]);
      }
    }
  });
});

describe('/metrics', () => {
  test('says how long the oldest request of a state has waited, and 0 where there is none', () => {
    expect(text).toMatch(/^teammate_waiting_seconds\{state="pending"\} \d+\.\d+$/m);
    expect(text).toMatch(/^teammate_waiting_seconds\{state="failed"\} 0$/m);
    expect(text).toMatch(/^teammate_posts_lag_seconds \d/m);
  });

  test('says how TeamMate answered', () => {
    expect(text).toMatch(/^teammate_calls_seconds_count\{status="200"\} [1-9]/m);
  });
});
