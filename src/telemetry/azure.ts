import { setTimeout as sleep } from 'node:timers/promises';
import { useAzureMonitor as sendToAzureMonitor, shutdownAzureMonitor } from '@azure/monitor-opentelemetry';
import type { Logger } from 'pino';

/** How long the last of it may take to be sent. Milliseconds. */
const longestFarewell = 5_000;

const off = { enabled: false };

/**
 * Sends spans and numbers to Application Insights. Loaded only where that is asked for, and before the rest begins.
 * No library is patched, so the order of imports does not matter and no loader is needed: the automatic spans of HTTP would
 * tell whole addresses, and those of our webhook and files have a token in them. All spans are our own (span.ts) and the job
 * queue's, which tell names and ids.
 */
export function startTelemetry(connectionString: string, log: Pick<Logger, 'warn'>): () => Promise<unknown> {
  // Else it reports how it is used to its maker.
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= 'true';
  process.env.OTEL_SERVICE_NAME ??= 'teammate-bot';
  sendToAzureMonitor({
    // What cannot be sent is not kept on a disk that may be read-only.
    azureMonitorExporterOptions: { connectionString, disableOfflineStorage: true },
    enableLiveMetrics: false,
    instrumentationOptions: {
      http: off,
      azureSdk: off,
      mongoDb: off,
      mySql: off,
      postgreSql: off,
      redis: off,
      redis4: off,
      bunyan: off,
      winston: off,
      console: off,
    },
  });
  // The bot has done its work by then: what cannot be sent any more must neither hold it nor make its end a failure.
  return () =>
    Promise.race([shutdownAzureMonitor(), sleep(longestFarewell)]).catch((error) =>
      log.warn({ err: error }, 'the last telemetry could not be sent'),
    );
}
