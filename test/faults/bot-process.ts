import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { demoLogin, demoMasterReseller } from '../../src/simulator/seed.ts';
import { tenantId } from '../support/people.ts';

/** One line of the bot's log. */
export interface Logged {
  level: number;
  msg: string;
  [property: string]: unknown;
}

/** How a process ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** What a bot in development needs to start at all; nobody is behind it. */
export const settings = {
  PORT: '0',
  ALLOW_UNAUTHENTICATED: 'true',
  ORGANISATIONS: `${tenantId}=${demoMasterReseller.resellerId}`,
  // The port for what is to be thrown away: nobody listens.
  TEAMMATE_URL: 'http://127.0.0.1:9',
  TEAMMATE_CLIENT_ID: demoLogin.clientId,
  TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
  TEAMMATE_USERNAME: demoLogin.username,
  TEAMMATE_PASSWORD: demoLogin.password,
};

const main = join(import.meta.dirname, '../../src/main.ts');
/** pino's numbers; what is worse has a greater one. */
const warning = 40;
const error = 50;

/** The bot as an operator runs it: a process of its own, which can be killed and started again on the same data. */
export class BotProcess {
  readonly #env: Record<string, string>;
  readonly #folder: string;
  readonly #watchers = new Set<() => void>();
  #child: ChildProcess | undefined;
  #ended: Promise<Ended> = Promise.resolve({ code: null, signal: null });
  /** What its present life has logged. */
  log: Logged[] = [];
  /** What all its lives have logged as a warning or worse. */
  readonly complaints: Logged[] = [];
  /** What all its lives have written to standard error. */
  said = '';

  /** It runs in `folder` and with these settings alone: a developer's `.env` must not reach it. */
  constructor(env: Record<string, string>, folder: string) {
    this.#env = env;
    this.#folder = folder;
  }

  /** What all its lives have logged as an error. */
  get errors(): Logged[] {
    return this.complaints.filter(({ level }) => level >= error);
  }

  /** Starts it and waits for nothing. */
  launch(): void {
    this.log = [];
    const log = this.log;
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [main], {
      cwd: this.#folder,
      env: { PATH, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      // A killed process may leave half a line.
      rest = lines.pop() ?? '';
      const said = lines.filter(Boolean).map((line) => JSON.parse(line) as Logged);
      log.push(...said);
      this.complaints.push(...said.filter(({ level }) => level >= warning));
      for (const look of [...this.#watchers]) look();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
    this.#child = child;
    this.#ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Ended);
  }

  /** Resolves when it listens. @throws when it ends before that, with what it said. */
  async listening(): Promise<void> {
    await Promise.race([
      this.logs((line) => line.msg === 'listening'),
      this.#ended.then(({ code, signal }) => {
        throw new Error(`the bot ended (${signal ?? code}) before it listened: ${this.said}`);
      }),
    ]);
  }

  async start(): Promise<void> {
    this.launch();
    await this.listening();
  }

  /** Resolves with the first such line of its present life. */
  logs(such: (line: Logged) => boolean): Promise<Logged> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.log.find(such);
        if (!found) return;
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Resolves when it has ended, by itself or not. */
  get ended(): Promise<Ended> {
    return this.#ended;
  }

  /** Sends a signal. Resolves when the process has ended. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<Ended> {
    this.#child?.kill(signal);
    return this.#ended;
  }
}

/** A port that nobody has at the moment, for a process that has to come back at the same address. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
