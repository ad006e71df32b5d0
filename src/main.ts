import { existsSync } from 'node:fs';
import { createLog, startApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { DataFolderInUse } from './db/lock.ts';
import { PortTaken } from './web/server.ts';

if (existsSync('.env')) process.loadEnvFile('.env');

try {
  const config = readConfig(process.env);
  const log = createLog(config.LOG_LEVEL);
  const app = await startApp(config, { log });
  // A second signal, while closing, ends the process at once: that is what somebody who presses Ctrl-C twice wants.
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      log.info({ signal }, 'closing');
      app.close().catch((error) => {
        log.error({ err: error }, 'did not close cleanly');
        process.exitCode = 1;
      });
    });
} catch (error) {
  // What the operator can mend is a sentence; anything else is a fault of ours and shows its stack.
  const known = error instanceof ConfigError || error instanceof DataFolderInUse || error instanceof PortTaken;
  process.stderr.write(`${known ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
