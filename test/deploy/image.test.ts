import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, settings } from '../faults/bot-process.ts';
import {
  contextFilter,
  dropImage,
  exitCode,
  type Instruction,
  makeImage,
  nobody,
  readDockerfile,
  root,
  run,
} from './image.ts';

let file: Instruction[];
let last: Instruction[];
beforeAll(async () => {
  file = await readDockerfile();
  last = file.filter(({ stage }) => stage === file.at(-1)?.stage);
});
const words = (word: string, among = last) => among.filter((one) => one.word === word).map(({ rest }) => rest);
const command = (rest = '') => JSON.parse(rest.replace(/^.*?CMD /, '')) as string[];

describe('the Dockerfile', () => {
  test('takes the Node that the tests run on, pinned', async () => {
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string }>;
    };
    expect(words('ARG', file)).toEqual([`NODE=node:${lock.packages['node_modules/node']?.version}-slim`]);
    expect(words('FROM', file).every((from) => from.startsWith('${NODE}'))).toBe(true);
  });

  test('runs Node itself, as somebody without rights, and asks itself how it is', () => {
    expect(words('USER')).toEqual(['node']);
    expect(command(words('CMD')[0])).toEqual(['node', 'src/main.ts']);
    expect(command(words('HEALTHCHECK')[0])[0]).toBe('node');
  });

  test('copies what there is, and nothing that is secret or for development', async () => {
    const taken = await contextFilter();
    for (const path of [
      'package.json',
      'package-lock.json',
      'src/main.ts',
      'cards/request.json',
      'src/language/say.ts',
    ])
      expect([path, taken(path)]).toEqual([path, true]);
    for (const path of [
      '.env',
      '.data/demo/secrets.key',
      '.git/config',
      'node_modules/pg/package.json',
      'test/floors.test.ts',
      'src/demo/main.ts',
      'src/simulator/main.ts',
      'cards/samples.ts',
      'deploy/main.bicepparam',
    ])
      expect([path, taken(path)]).toEqual([path, false]);
    const sources = words('COPY', file).flatMap((rest) => (rest.startsWith('--') ? [] : rest.split(' ').slice(0, -1)));
    expect(sources.filter((source) => !existsSync(join(root, source)))).toEqual([]);
  });
});

describe('what the Dockerfile makes, made by hand', () => {
  let app: string;
  let data: string;
  let env: Record<string, string>;
  let bot: ReturnType<typeof run> | undefined;
  beforeAll(async () => {
    app = await makeImage();
    data = join(app, 'data');
    await mkdir(data);
    if (nobody.uid !== undefined) await chown(data, nobody.uid, nobody.gid ?? 0);
    await chmod(app, 0o555);
    env = { ...settings, PORT: String(await freePort()), DATA_DIR: data, NODE_ENV: 'production', HOME: '/nonexistent' };
  }, 120_000);
  afterAll(async () => {
    await chmod(app, 0o755);
    await dropImage(app);
  });
  afterEach(() => bot?.kill('SIGKILL'));
  const healthy = () => exitCode(app, command(words('HEALTHCHECK')[0]), env);

  test('starts without the development dependencies, as somebody who may write to its data alone, is healthy, and ends in order', async () => {
    expect(existsSync(join(app, 'node_modules/jest'))).toBe(false);
    expect(existsSync(join(app, 'node_modules/pg-boss'))).toBe(true);
    expect(await healthy()).toBe(1);

    bot = run(app, command(words('CMD')[0]), env);
    const said = text(bot.stderr);
    const ended = once(bot, 'close');
    bot.stdout.resume();
    while (!(await fetch(`http://127.0.0.1:${env.PORT}/healthz`).catch(() => undefined))) {
      if (bot.exitCode !== null) throw new Error(await said);
      await pause(100);
    }
    expect(await healthy()).toBe(0);
    expect((await readdir(data)).sort()).toEqual(['backup.sock', 'lock', 'lock-journal', 'pglite']);
    bot.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await said).toBe('');
  }, 120_000);

  test('ends at once when it is told to while it starts', async () => {
    bot = run(app, command(words('CMD')[0]), env);
    bot.stdout.resume();
    const ended = once(bot, 'close');
    // It listens for signals by the time it has locked its data, whose opening takes longer than it takes to see that.
    while (!existsSync(join(data, 'lock-journal'))) await pause(5);
    bot.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  }, 120_000);

  test('takes backups where nothing else is to be had', async () => {
    expect(await exitCode(app, ['node', 'src/operator/backup.ts', join(data, 'one.backup')], env)).toBe(0);
  }, 120_000);
});
