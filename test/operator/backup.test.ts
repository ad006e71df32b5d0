import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sql } from 'kysely';
import { knock } from '../../src/db/hatch.ts';
import { fillFolder, openDatabase } from '../../src/db/open.ts';
import { backup } from '../../src/operator/backup.ts';
import { readBackup } from '../../src/operator/contents.ts';
import { restore } from '../../src/operator/restore.ts';
import { alex } from '../support/people.ts';
import { type EmbeddedBot, startEmbeddedBot } from './a-bot.ts';

let bot: EmbeddedBot;
beforeAll(async () => {
  bot = await startEmbeddedBot();
}, 120_000);
afterAll(() => bot?.close());

const file = (name: string) => join(bot.folder, name);

/** Runs a command as an operator does. */
async function run(command: string, args: string[], env: Record<string, string>) {
  const script = join(import.meta.dirname, `../../src/operator/${command}.ts`);
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [script, ...args], { cwd: bot.folder, env: { PATH, ...env } });
  const [out, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, out, said };
}

describe('a backup', () => {
  test('is taken while the bot runs, says what is in it, and is nobody else’s to read', async () => {
    const { code, out, said } = await run('backup', [file('one.backup')], { DATA_DIR: bot.home.folder });
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(out).toMatch(/Wrote .*one\.backup \(\d+\.\d MB\): 2 requests, 1 organisation, 0 sealed secrets, \d+ events/);
    expect(out).toContain('whose audit trail is whole');
    expect(out).toContain('SECRETS_KEYS');
    expect((await stat(file('one.backup'))).mode & 0o777).toBe(0o600);
  }, 120_000);

  test('holds what was committed when it was taken, however much is written meanwhile', async () => {
    const orders = (async () => {
      for (let number = 0; number < 5; number++) await bot.harness.order(alex);
    })();
    const [first, second] = [file('busy-1.backup'), file('busy-2.backup')];
    const told = await Promise.all([backup(bot.home, first), backup(bot.home, second), orders]);
    for (const line of told.slice(0, 2)) expect(line).toContain('whose audit trail is whole');
    const last = await backup(bot.home, file('busy-3.backup'));
    expect(last).toContain('7 requests');
  }, 120_000);

  test('overwrites nothing and leaves nothing half made', async () => {
    await writeFile(file('mine'), 'mine');
    await expect(backup(bot.home, file('mine'))).rejects.toThrow('is there already');
    expect(await readFile(file('mine'), 'utf8')).toBe('mine');
    await expect(backup(bot.home, file('nowhere/x'))).rejects.toThrow('could not be written (ENOENT)');
    expect((await readdir(bot.folder)).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
  });

  test('that somebody asks for and does not wait for harms neither the bot nor the next one', async () => {
    for (const early of [true, false]) {
      const socket = await knock(bot.home.folder);
      if (!early) await once(socket, 'readable');
      socket.destroy();
    }
    expect(await backup(bot.home, file('next.backup'))).toContain('7 requests');
  }, 120_000);

  test('of PostgreSQL is its own matter', async () => {
    await expect(backup({ ...bot.home, url: 'postgres://x' }, file('x'))).rejects.toThrow('pg_dump');
  });

  test('is restored into an empty folder, and into no other', async () => {
    await backup(bot.home, file('whole.backup'));
    const empty = file('restored');
    const { code, out } = await run('restore', [file('whole.backup')], { DATA_DIR: empty });
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('7 requests') });

    const again = await openDatabase({ url: '', folder: empty });
    const asText = (db: typeof again.db) => sql`select to_jsonb(requests) from requests order by id`.execute(db);
    expect((await asText(again.db)).rows).toEqual((await asText(bot.harness.db)).rows);
    await again.close();

    const second = await run('restore', [file('whole.backup')], { DATA_DIR: empty });
    expect(second).toMatchObject({ code: 1, said: expect.stringMatching(/^There is a database in .* already.*\n$/) });
    await expect(restore(bot.home, file('whole.backup'))).rejects.toThrow('Another process is using the data folder');
  }, 120_000);

  test('of a folder that no bot has open is taken from the folder itself', async () => {
    expect(await backup({ url: '', folder: file('restored') }, file('cold.backup'))).toContain('7 requests');
  }, 120_000);

  test('that is cut short or is none at all is refused before anything is made of it', async () => {
    await truncate(file('cold.backup'), 100_000);
    for (const name of ['cold.backup', 'mine', 'not-there'])
      await expect(restore({ url: '', folder: file('never') }, file(name))).rejects.toThrow(/no backup|cannot be read/);
    const { code, said } = await run('restore', [], { DATA_DIR: file('never') });
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining('npm run restore -- <file>') });
    await expect(stat(file('never'))).rejects.toThrow('ENOENT');
  });

  test('is put where a restore that was killed has left half of one', async () => {
    const folder = file('killed');
    await mkdir(join(folder, 'pglite.unfinished/base'), { recursive: true });
    await fillFolder(folder, await readBackup(file('whole.backup')));
    expect((await readdir(folder)).sort()).toEqual(['lock', 'pglite']);
  }, 120_000);
});
