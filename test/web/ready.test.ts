import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { Tables } from '../../src/db/schema.ts';
import { createReadiness } from '../../src/web/ready.ts';

/** A database that answers every query with nothing. */
const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (own) => new PostgresIntrospector(own),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** Readiness over parts that a test breaks, on a clock that it moves. */
function probe() {
  const parts = {
    now: 0,
    backendLooks: 0,
    backend: async () => {},
    jobs: async () => [] as [],
  };
  const ask = createReadiness(
    {
      db,
      jobs: { counts: () => parts.jobs() },
      backend: {
        ready() {
          parts.backendLooks++;
          return parts.backend();
        },
      },
    },
    { now: () => parts.now, limit: 50 },
  );
  return { parts, ask };
}

const down = () => Promise.reject(new Error('connect ECONNREFUSED'));
const silent = () => new Promise<never>(() => {});

describe('readiness', () => {
  test('is 200 when everything answers', async () => {
    const { ask } = probe();
    expect(await ask()).toEqual({
      status: 200,
      body: { ready: true, database: 'ok', jobs: 'ok', backend: 'ok' },
    });
  });

  test.each([
    ['backend', down],
    ['backend', silent],
    ['jobs', down],
    ['jobs', silent],
  ] as const)('is 503 and names the %s when it does not answer', async (part, how) => {
    const { ask, parts } = probe();
    parts[part] = how;
    const ok = { database: 'ok', jobs: 'ok', backend: 'ok' };
    expect(await ask()).toEqual({ status: 503, body: { ...ok, ready: false, [part]: 'does not answer' } });
  });

  test('comes back once the backend answers again', async () => {
    const { ask, parts } = probe();
    parts.backend = down;
    expect(await ask()).toMatchObject({ status: 503 });
    parts.backend = async () => {};
    parts.now += 15_001;
    expect(await ask()).toMatchObject({ status: 200 });
  });

  test('does not make a login of every probe', async () => {
    const { ask, parts } = probe();
    for (let second = 0; second < 15; second++) {
      await ask();
      parts.now += 1_000;
    }
    expect(parts.backendLooks).toBe(1);
  });
});
