import { existsSync } from 'node:fs';
import { createLog, startApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { DataFolderInUse } from './db/lock.ts';
import { PortTaken } from './web/server.ts';

if (existsSync('.env')) process.loadEnvFile('.env');

try {
  const config = readConfig(process.env);
  const log = createLog(config.LOG_LEVEL);
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: insights } = config;
  const endTelemetry = insights ? (await import('./telemetry/azure.ts')).startTelemetry(insights, log) : undefined;
  // Until it has started there is nothing to be finished. As the first process of a container it would not end by itself.
  const stopStarting = () => process.exit(0);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stopStarting);
  const app = await startApp(config, { log });
  let closing = 0;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.off(signal, stopStarting).on(signal, () => {
      // A later signal ends the process at once: that is what somebody who presses Ctrl-C again wants. One that comes right
      // behind the first is the same keypress, which npm passes on once more.
      if (closing && performance.now() - closing > 500) process.exit(1);
      if (closing) return;
      closing = performance.now();
      log.info({ signal }, 'closing');
      app
        .close()
        .then(endTelemetry)
        .catch((error) => {
          log.error({ err: error }, 'did not close cleanly');
          process.exitCode = 1;
        })
        .finally(() => process.exit());
    });
} catch (error) {
  // What the operator can mend is a sentence; anything else is a fault of ours and shows its stack.
  const known = error instanceof ConfigError || error instanceof DataFolderInUse || error instanceof PortTaken;
  process.stderr.write(`${known ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
