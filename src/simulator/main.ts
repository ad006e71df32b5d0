import pino from 'pino';
import * as z from 'zod';
import { startSimulator } from './simulator.ts';

const port = z.coerce.number({ error: 'write a port number' }).int().min(0).max(65535);
const url = z.url({ protocol: /^https?$/, error: 'write a whole URL' });

/** Its own settings; the bot's stand in src/config.ts. */
const settings = z.object({
  SIMULATOR_PORT: port.default(4010),
  SIMULATOR_HOST: z.string().default('127.0.0.1'),
  /** The address in the e-mails' links; default: the one it listens on. */
  SIMULATOR_URL: url.optional(),
  SIMULATOR_DATA: z.string().default('.data/simulator.json'),
  SMTP_HOST: z.string().default('127.0.0.1'),
  SMTP_PORT: port.default(1025),
  /** How long Direct Routing takes. Milliseconds. */
  SIMULATOR_DIRECT_ROUTING_MS: z.coerce.number({ error: 'write milliseconds' }).int().min(0).default(6_000),
  WEBHOOK_URL: url.optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

const fail = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(1);
};

const given = Object.entries(process.env).filter(([, value]) => value?.trim());
const parsed = settings.safeParse(Object.fromEntries(given));
if (!parsed.success) {
  const mistakes = parsed.error.issues.map((issue) => `  ${String(issue.path[0])}: ${issue.message}`);
  fail(`The simulator’s settings need mending:\n${mistakes.join('\n')}`);
}
const config = parsed.data!;

const log = pino({ name: 'simulator', level: config.LOG_LEVEL });
const simulator = await startSimulator({
  port: config.SIMULATOR_PORT,
  host: config.SIMULATOR_HOST,
  dataFile: config.SIMULATOR_DATA,
  smtp: { host: config.SMTP_HOST, port: config.SMTP_PORT },
  directRoutingMs: config.SIMULATOR_DIRECT_ROUTING_MS,
  ...(config.SIMULATOR_URL ? { publicUrl: config.SIMULATOR_URL } : {}),
  ...(config.WEBHOOK_URL ? { webhookUrl: config.WEBHOOK_URL } : {}),
  log,
}).catch((error: NodeJS.ErrnoException) =>
  fail(
    error.code === 'EADDRINUSE'
      ? `The port ${config.SIMULATOR_PORT} is taken. Stop what uses it, or set SIMULATOR_PORT to another one.`
      : `The simulator cannot start: ${error.message}`,
  ),
);
log.info({ url: simulator.url }, 'simulator listens');

// A second signal, while closing, ends the process at once: that is what somebody who presses Ctrl-C twice wants.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    simulator.close().then(
      () => log.info('simulator closed'),
      (error: Error) => log.error({ error: error.message }, 'simulator did not close cleanly'),
    );
  });
}
