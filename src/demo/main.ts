import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { DataFolderInUse, lockDataFolder } from '../db/lock.ts';
import { installBot } from './install.ts';
import { RunningPart } from './part.ts';
import { addressesOf, foldersOf, partsOf } from './parts.ts';
import { alex, megan, robin } from './people.ts';
import { writeNoBrowser, writePlayground } from './playground.ts';
import { unusable } from './ports.ts';
import { RestartingPart } from './restarting.ts';
import { DemoError, portsOf, readSettings, type Settings } from './settings.ts';
import { listenForSignals, type Signals } from './signals.ts';
import { welcome } from './table.ts';

/** What can be waited for and stopped. */
type Running = Pick<RunningPart, 'part' | 'ended' | 'ready' | 'stop' | 'kill' | 'lastLines'>;

const say = (text: string) => process.stdout.write(`${text}\n`);

try {
  const { reset, dev } = readArguments();
  const env = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  const settings = readSettings({ ...env, ...process.env });
  const problems = await unusable(portsOf(settings));
  if (problems.length > 0) throw new DemoError(problems.join('\n'));
  const unlock = lock(settings.DEMO_DATA);
  if (reset) for (const path of Object.values(foldersOf(settings))) rmSync(path, { recursive: true, force: true });
  await run(settings, listenForSignals(), dev);
  unlock();
} catch (error) {
  process.stderr.write(`${error instanceof DemoError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}

function readArguments(): { reset: boolean; dev: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({ options: { reset: flag, dev: flag } }).values;
  } catch (error) {
    throw new DemoError(`${(error as Error).message}\nUsage: npm run demo [-- --reset], or npm run dev [-- --reset]`);
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
async function run(settings: Settings, { asked, insisted }: Signals, dev: boolean): Promise<void> {
  const folders = foldersOf(settings);
  for (const folder of [folders.logs, folders.mail]) mkdirSync(folder, { recursive: true });
  writePlayground(folders.alex, alex);
  writePlayground(folders.megan, megan);
  writePlayground(folders.robin, robin);
  writeNoBrowser(folders.noBrowser);

  say('Starting the demo …');
  const [bot, ...others] = partsOf(settings);
  const running: Running[] = [
    dev ? new RestartingPart(bot, join(import.meta.dirname, '../..'), say) : new RunningPart(bot),
    ...others.map((part) => new RunningPart(part)),
  ];
  const given = new AbortController();
  try {
    const over = Promise.race([asked, ...running.map(failure)]);
    await Promise.race([over, start(settings, running, given.signal)]);
    if (dev) say('Whatever you save in src or cards starts the bot again; the rest stays as it is.');
    await over;
    say('\nEnding the demo …');
  } finally {
    given.abort();
    await stop(running, insisted);
  }
  say('All of it has ended.');
}

async function start(settings: Settings, running: Running[], signal: AbortSignal): Promise<void> {
  const addresses = addressesOf(settings);
  await Promise.all(
    running.map(async (one) => {
      await one.ready(signal);
      say(`  ${one.part.name}: ready`);
    }),
  );
  await installBot(addresses, signal);
  say(`\n${welcome({ ...addresses, tab: `${addresses.bot}/tab` })}\n`);
  say(`Logs and data are in ${shown(settings.DEMO_DATA)}; npm run demo -- --reset starts over. Ctrl-C ends all of it.`);
}

/** @throws DemoError with what the part said last, once it has ended */
async function failure(one: Running): Promise<never> {
  const how = await one.ended;
  const { name, log } = one.part;
  const last = one.lastLines(10).replace(/^/gm, '  ');
  throw new DemoError(`The ${name} has ended by itself (${how}). The last lines of ${shown(log)}:\n${last}`);
}

/** The bot first: what it has under way may still need the others. */
async function stop([bot, ...others]: Running[], insisted: Promise<void>): Promise<void> {
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
