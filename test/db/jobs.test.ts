import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { type Jobs, openJobs } from '../../src/db/jobs.ts';
import { type Database, openDatabase } from '../../src/db/open.ts';
import { freshDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });

const nothing = async () => {};

let folder: string;
let drop: () => Promise<void>;
let database: Database;
let jobs: Jobs;
/** What is done with an announcement; a test puts its own here. */
let announce: (id: string) => Promise<void> | void;
/** What has run, in order. */
const ran: string[] = [];
const running = new EventEmitter();
const note = (id: string) => {
  ran.push(id);
  running.emit('more');
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teammate-'));
  const fresh = await freshDatabase();
  drop = fresh.drop;
  await beKilled(fresh.url);
  database = await openDatabase({ url: fresh.url, folder });
  jobs = await openJobs(database, log);
  announce = note;
  await jobs.work({
    check: async () => {},
    watch: async () => {},
    provision: nothing,
    follow: nothing,
    resend: nothing,
    'hand-over': nothing,
    announce: async ({ requestId }) => announce(requestId),
    batch: nothing,
    attached: nothing,
    introduce: nothing,
    sync: nothing,
    bill: nothing,
    'bill-file': nothing,
    upload: nothing,
    groups: nothing,
    tidy: nothing,
  });
}, 120_000);
beforeEach(() => {
  ran.length = 0;
  announce = note;
});
afterAll(async () => {
  await jobs?.stop();
  await database?.close();
  await drop?.();
  await rm(folder, { recursive: true, force: true });
});

/** A process takes a job and is killed over it. */
async function beKilled(url: string) {
  const worker = join(import.meta.dirname, 'endless-worker.ts');
  const child = spawn(process.execPath, [worker, url, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await once(running, 'more');
}

const send = (...ids: string[]) =>
  database.db.transaction().execute(async (trx) => {
    for (const requestId of ids) await jobs.send(trx, 'announce', { requestId });
  });

describe('a job', () => {
  test('that a killed process had begun is tried again', async () => {
    const from = performance.now();
    await until(() => ran.length === 1);
    expect(ran).toEqual(['begun']);
    // On PostgreSQL it might have been another node's, which only a missed heartbeat can tell.
    if (database.embedded) expect(performance.now() - from).toBeLessThan(8_000);
  }, 120_000);

  test('sent in a transaction that is rolled back never runs', async () => {
    const rolledBack = database.db.transaction().execute(async (trx) => {
      await jobs.send(trx, 'announce', { requestId: 'rolled back' });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    // The oldest is taken first, so that it would have run by now.
    await send('one');
    await until(() => ran.length === 1);
    await send('another');
    await until(() => ran.length === 2);
    expect(ran).toEqual(['one', 'another']);
  });

  test('sent in a transaction runs only after its commit', async () => {
    await database.db.transaction().execute(async (trx) => {
      await jobs.send(trx, 'announce', { requestId: 'inside' });
      if (database.embedded) {
        // Nobody else can ask the database before this ends; its workers have every chance to misbehave.
        await sleep(100);
      } else {
        await send('outside');
        await until(() => ran.length === 1);
      }
      expect(ran).not.toContain('inside');
    });
    await until(() => ran.includes('inside'));
  });

  test('never runs beside another one of its key, and does run beside others', async () => {
    const other = Promise.withResolvers<void>();
    const atWork = new Set<string>();
    let together = 0;
    announce = async (id) => {
      note(id);
      if (atWork.has(id)) together += 1;
      atWork.add(id);
      if (id === 'other') other.resolve();
      // The first of `same` goes on only when `other` has begun; the second one would be taken before that if it could.
      await other.promise;
      await sleep(10);
      atWork.delete(id);
    };
    await send('same', 'same', 'same', 'other', 'same');
    await until(() => ran.length === 5);
    expect(together).toBe(0);
    expect(ran.slice(0, 2).sort()).toEqual(['other', 'same']);
  });

  test('that is planned for later does not run before', async () => {
    const from = Date.now();
    await database.db
      .transaction()
      .execute((trx) => jobs.send(trx, 'announce', { requestId: 'later' }, new Date(from + 1_000)));
    await until(() => ran.length === 1);
    expect(Date.now() - from).toBeGreaterThanOrEqual(1_000);
  });

  test('that throws is tried again', async () => {
    announce = (id) => {
      note(id);
      if (ran.length === 1) throw new Error('the first time');
    };
    await send('twice');
    await until(() => ran.length === 2);
  });

  test('that runs when the process is told to stop is finished first', async () => {
    const goOn = Promise.withResolvers<void>();
    let finished = false;
    announce = async (id) => {
      note(id);
      await goOn.promise;
      finished = true;
    };
    await send('last');
    await until(() => ran.length === 1);
    const stopped = jobs.stop();
    goOn.resolve();
    await stopped;
    expect(finished).toBe(true);
  });
});
