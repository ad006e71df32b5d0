import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { DataFolderInUse, lockDataFolder } from '../db/lock.ts';
import { installBot } from './install.ts';
import { RunningPart } from './part.ts';
import { addressesOf, foldersOf, partsOf } from './parts.ts';
import { alex, megan, robin } from './people.ts';
import { writeNoBrowser, writePlayground } from './playground.ts';
import { unusable } from './ports.ts';
import { DemoError, portsOf, readSettings, type Settings } from './settings.ts';
import { listenForSignals, type Signals } from './signals.ts';
import { welcome } from './table.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

try {
  const { reset } = readArguments();
  const env = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  const settings = readSettings({ ...env, ...process.env });
  const problems = await unusable(portsOf(settings));
  if (problems.length > 0) throw new DemoError(problems.join('\n'));
  const unlock = lock(settings.DEMO_DATA);
  if (reset) for (const path of Object.values(foldersOf(settings))) rmSync(path, { recursive: true, force: true });
  await run(settings, listenForSignals());
  unlock();
} catch (error) {
  process.stderr.write(`${error instanceof DemoError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}

function readArguments(): { reset: boolean } {
  try {
    return parseArgs({ options: { reset: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    throw new DemoError(`${(error as Error).message}\nUsage: npm run demo [-- --reset]`);
  }
}

/** Two demos on the same data would delete it under each other with --reset. */
function lock(folder: string): () => void {
  try {
    return lockDataFolder(folder);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    throw new DemoError(`Another demo is using ${shown(folder)}. Stop it, or set DEMO_DATA to another folder.`);
  }
}

/** Starts everything, and ends everything when asked to or when a part has ended by itself. */
async function run(settings: Settings, { asked, insisted }: Signals): Promise<void> {
  const folders = foldersOf(settings);
  for (const folder of [folders.logs, folders.mail]) mkdirSync(folder, { recursive: true });
  writePlayground(folders.alex, alex);
  writePlayground(folders.megan, megan);
  writePlayground(folders.robin, robin);
  writeNoBrowser(folders.noBrowser);

  say('Starting the demo …');
  const running = partsOf(settings).map((part) => new RunningPart(part));
  const given = new AbortController();
  try {
    const over = Promise.race([asked, ...running.map(failure)]);
    await Promise.race([over, start(settings, running, given.signal)]);
    await over;
    say('\nEnding the demo …');
  } finally {
    given.abort();
    await stop(running, insisted);
  }
  say('All of it has ended.');
}

async function start(settings: Settings, running: RunningPart[], signal: AbortSignal): Promise<void> {
  const addresses = addressesOf(settings);
  await Promise.all(
    running.map(async (one) => {
      await one.ready(signal);
      say(`  ${one.part.name}: ready`);
    }),
  );
  await installBot(addresses, signal);
  say(`\n${welcome(addresses)}\n`);
  say(`Logs and data are in ${shown(settings.DEMO_DATA)}; npm run demo -- --reset starts over. Ctrl-C ends all of it.`);
}

/** @throws DemoError with what the part said last, once it has ended */
async function failure(one: RunningPart): Promise<never> {
  const how = await one.ended;
  const { name, log } = one.part;
  const last = one.lastLines(10).replace(/^/gm, '  ');
  throw new DemoError(`The ${name} has ended by itself (${how}). The last lines of ${shown(log)}:\n${last}`);
}

/** The bot first: what it has under way may still need the others. */
async function stop([bot, ...others]: RunningPart[], insisted: Promise<void>): Promise<void> {
  const orderly = async () => {
    await bot?.stop();
    await Promise.all(others.map((one) => one.stop()));
  };
  const atOnce = async () => {
    await insisted;
    await Promise.all([bot, ...others].map((one) => one?.kill()));
  };
  await Promise.race([orderly(), atOnce()]);
}

/** A path as short as it can be said. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
