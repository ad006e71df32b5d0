import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const script = join(import.meta.dirname, '../../src/demo/main.ts');

/** Runs the demo where it is not going to start. Resolves to its exit code and what it said. */
function demo(args: string[], env: Record<string, string>) {
  return new Promise<{ code: number; said: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [script, ...args],
      { env: { ...process.env, NODE_OPTIONS: '', ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    );
  });
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teammate-demo-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a taken port ends the demo before anything is started or written', async () => {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { code, said } = await demo(['--reset'], { DEMO_DATA: folder, MEGAN_PORT: String(port) });
  await once(server.close(), 'close');
  expect(said).toContain(`The port ${port} is taken. Stop what uses it, or set MEGAN_PORT to another one.`);
  expect(said).not.toContain('    at ');
  expect(code).toBe(1);
  expect(existsSync(folder) && readdirSync(folder)).toEqual([]);
});

test('an unknown option is answered with how it is used', async () => {
  const { code, said } = await demo(['--rest'], { DEMO_DATA: folder });
  expect(said).toContain('Usage: npm run demo [-- --reset]');
  expect(code).toBe(1);
});
