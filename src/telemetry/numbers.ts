import { metrics } from '@opentelemetry/api';

/** A number that is told besides /metrics. */
export interface Told {
  name: string;
  help: string;
  values: { labels: Record<string, string | number>; value: number }[];
}

/** Tells what /metrics tells wherever spans go, as often as that asks. Resolves to how to stop. */
export async function tellNumbers(read: () => Promise<Told[]>): Promise<() => void> {
  const meter = metrics.getMeter('teammate-bot');
  const gauges = new Map(
    (await read()).map(({ name, help }) => [name, meter.createObservableGauge(name, { description: help })]),
  );
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = async (result) => {
    for (const { name, values } of await read()) {
      const gauge = gauges.get(name);
      if (gauge) for (const { labels, value } of values) result.observe(gauge, value, labels);
    }
  };
  meter.addBatchObservableCallback(observe, [...gauges.values()]);
  return () => meter.removeBatchObservableCallback(observe, [...gauges.values()]);
}
