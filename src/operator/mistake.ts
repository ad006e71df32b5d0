import { existsSync } from 'node:fs';
import { DataFolderInUse } from '../db/lock.ts';
import { DataAlreadyThere, NoData } from '../db/open.ts';

/** What whoever runs a command can mend: shown as a sentence, without a stack. */
export class Mistake extends Error {}

/** Runs a command of the operator's: its settings are read as the bot reads them, and what it returns is printed. */
export async function runCommand(command: () => Promise<string>): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  try {
    process.stdout.write(`${await command()}\n`);
  } catch (error) {
    const known =
      [Mistake, DataFolderInUse, DataAlreadyThere, NoData].some((kind) => error instanceof kind) ||
      String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`${known ? (error as Error).message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
