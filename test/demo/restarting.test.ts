import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RestartingPart, workAfter } from '../../src/demo/restarting.ts';
import { freePort } from '../faults/bot-process.ts';

let root: string;
let port: number;
let part: RestartingPart;
const said: string[] = [];

/** A program that answers with this, or fails. */
const program = (says: string) => `
  import { createServer } from 'node:http';
  if (${JSON.stringify(says)} === 'broken') throw new Error('broken on purpose');
  const server = createServer((_, response) => response.end(${JSON.stringify(says)})).listen(${port}, '127.0.0.1');
  process.on('SIGINT', () => process.exit(0));`;
const save = (says: string) => writeFile(join(root, 'src/main.ts'), program(says));
const answer = () =>
  fetch(`http://127.0.0.1:${port}`)
    .then((response) => response.text())
    .catch(() => undefined);
const until = async (isSo: () => Promise<boolean> | boolean) => {
  while (!(await isSo())) await pause(50);
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'teammate-dev-'));
  port = await freePort();
  await mkdir(join(root, 'src/tab'), { recursive: true });
  await mkdir(join(root, 'cards'));
  await save('one');
  await writeFile(
    join(root, 'src/tab/build.ts'),
    `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(join(root, 'bundled'))}, 'x');`,
  );
  const script = join(root, 'src/main.ts');
  part = new RestartingPart(
    { name: 'bot', script, folder: root, log: join(root, 'log'), ready: `http://127.0.0.1:${port}` },
    root,
    (text) => said.push(text),
  );
  await part.ready(new AbortController().signal);
}, 120_000);
afterAll(async () => {
  await part?.kill();
  await rm(root, { recursive: true, force: true });
});

test('what is saved is what runs', async () => {
  expect(await answer()).toBe('one');
  await save('two');
  await until(async () => (await answer()) === 'two');
}, 120_000);

test('what fails says why, and the next save starts it again', async () => {
  await save('broken');
  await until(() => said.join('\n').includes('broken on purpose'));
  expect(await answer()).toBeUndefined();
  await save('three');
  await until(async () => (await answer()) === 'three');
}, 120_000);

test('the tab is bundled when something of it is saved, and at no other time', async () => {
  await expect(readFile(join(root, 'bundled'))).rejects.toThrow('ENOENT');
  await writeFile(join(root, 'src/tab/board.tsx'), 'export {};');
  await until(async () => (await readFile(join(root, 'bundled'), 'utf8').catch(() => '')) === 'x');
  await until(() => said.at(-1) === 'The tab is bundled anew: load it again.');
  expect(await answer()).toBe('three');
}, 120_000);

test('ended, it is not started again', async () => {
  await part.stop();
  await save('four');
  await pause(400);
  expect(await answer()).toBeUndefined();
}, 120_000);

test.each([
  ['app.ts', 'restart'],
  ['language/messages/en/work.json', 'restart'],
  ['request.json', 'restart'],
  ['tab/board.tsx', 'bundle'],
  ['tab/page.css', 'bundle'],
  ['demo/main.ts', 'nothing'],
  ['simulator/style.css', 'nothing'],
  ['app.ts~', 'nothing'],
  ['.app.ts.swp', 'nothing'],
] as const)('of a change of %s follows: %s', (path, work) => {
  expect(workAfter(path)).toBe(work);
});
