import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolderInUse } from '../../src/db/lock.ts';
import { openDatabase } from '../../src/db/open.ts';
import { BotProcess, settings } from '../faults/bot-process.ts';

let folder: string;
let bot: BotProcess;
const open = () => openDatabase({ url: '', folder: join(folder, 'data') });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teammate-'));
  bot = new BotProcess({ ...settings, DATA_DIR: join(folder, 'data') }, folder);
});
afterAll(async () => {
  await bot.end('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

describe('a data folder', () => {
  test('that a process has open is refused to a second one, with what to do', async () => {
    const database = await open();
    bot.launch();
    expect(await bot.ended).toEqual({ code: 1, signal: null });
    expect(bot.said).toContain(`Another process is using the data folder ${join(folder, 'data')}.`);
    expect(bot.said).toContain('set DATA_DIR to another folder, or DATABASE_URL');
    await database.close();
  });

  test('is free again when the process that had it was killed', async () => {
    await bot.start();
    await expect(open()).rejects.toThrow(DataFolderInUse);
    await bot.end('SIGKILL');
    const database = await open();
    await database.close();
  });
});
