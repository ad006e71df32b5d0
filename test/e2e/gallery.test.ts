import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

test('every card is drawn whole, named and legible, in every theme and width, and in a client of before', async () => {
  const script = join(root, 'cards/gallery/main.ts');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, '--check'], {
    cwd: root,
  }).catch((error: { stdout: string; stderr: string }) => error);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^\d{3,} cards looked at, 0 problems\.$/m);
  // Half a minute where nothing else runs.
}, 300_000);
