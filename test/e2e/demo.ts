import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const names = [
  'PORT',
  'ALEX_PORT',
  'MEGAN_PORT',
  'ROBIN_PORT',
  'MAIL_PORT',
  'SMTP_PORT',
  'SIMULATOR_PORT',
  'PBX_PORT',
] as const;
export type Ports = Record<(typeof names)[number], number>;

/** Ports nobody uses, so that the tests do not meet a demo that is running beside them. */
export async function freePorts(): Promise<Ports> {
  // All are held until the last is found: one that is given back may be given out again.
  const servers = await Promise.all(
    names.map(async () => {
      const server = createServer().listen(0);
      await once(server, 'listening');
      return server;
    }),
  );
  const numbers = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return Object.fromEntries(names.map((name, index) => [name, numbers[index]])) as Ports;
}

/** What `npm run demo` starts, running. */
export interface Demo {
  address: Record<'bot' | 'alex' | 'megan' | 'robin' | 'mail' | 'simulator', string>;
  /** What it has printed so far. */
  readonly said: string;
  /** Presses Ctrl-C. Resolves to the exit code, once it has ended. */
  stop(): Promise<number | null>;
}

/** Starts the demo and waits for its table. @throws Error with what it said, when it ends instead */
export async function startDemo(folder: string, ports: Ports): Promise<Demo> {
  const env = { ...process.env, ...ports, DEMO_DATA: folder, LOG_LEVEL: 'info', NODE_OPTIONS: '' };
  const child = spawn(process.execPath, ['src/demo/main.ts'], {
    cwd: root,
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  let said = '';
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('Ctrl-C ends all of it')) resolve();
      });
  });
  const early = ended.then((code) => {
    throw new Error(`The demo ended with ${code}:\n${said}`);
  });
  await Promise.race([ready, early]);
  early.catch(() => {});
  return {
    address: {
      bot: local(ports.PORT),
      alex: local(ports.ALEX_PORT),
      megan: local(ports.MEGAN_PORT),
      robin: local(ports.ROBIN_PORT),
      mail: local(ports.MAIL_PORT),
      simulator: local(ports.SIMULATOR_PORT),
    },
    get said() {
      return said;
    },
    stop: () => press(child, ended),
  };
}

async function press(child: ChildProcess, ended: Promise<number | null>) {
  child.kill('SIGINT');
  return ended;
}

const local = (port: number) => `http://127.0.0.1:${port}`;
