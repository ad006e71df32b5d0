import { resolve } from 'node:path';
import * as z from 'zod';

// Not 0, "any free one": the parts are told each other's addresses before they start.
const port = z.coerce
  .number({ error: 'write a port number' })
  .int({ error: 'write a port number' })
  .min(1, { error: 'a port is 1–65535' })
  .max(65535, { error: 'a port is 1–65535' });

const ports = z.object({
  PORT: port.default(3978),
  ALEX_PORT: port.default(56150),
  MEGAN_PORT: port.default(56151),
  ROBIN_PORT: port.default(56152),
  MAIL_PORT: port.default(1080),
  SMTP_PORT: port.default(1025),
  SIMULATOR_PORT: port.default(4010),
  PBX_PORT: port.default(5070),
});
const settings = ports.extend({
  DEMO_DATA: z
    .string()
    .default('.data/demo')
    .transform((path) => resolve(path)),
  LOG_LEVEL: z.string().default('info'),
  PROVISIONING_BACKEND: z.enum(['api', 'portal'], { error: 'write api or portal' }).default('api'),
});

export type Settings = z.infer<typeof settings>;
export type Ports = z.infer<typeof ports>;

/** What the person who runs the demo can mend: shown as a sentence, without a stack. */
export class DemoError extends Error {}

/**
 * The demo's own settings; empty means default.
 * @throws DemoError naming everything that is wrong with them
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = settings.safeParse(given);
  if (!parsed.success)
    throw new DemoError(parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`).join('\n'));
  const twice = sharedPorts(portsOf(parsed.data));
  if (twice.length > 0) throw new DemoError(twice.join('\n'));
  return parsed.data;
}

export const portsOf = (all: Settings): Ports => ports.parse(all);

function sharedPorts(all: Ports): string[] {
  const byNumber = Map.groupBy(Object.entries(all), ([, number]) => number);
  return [...byNumber]
    .filter(([, users]) => users.length > 1)
    .map(
      ([number, users]) =>
        `The port ${number} is set for ${users.map(([name]) => name).join(' and ')}: give each its own.`,
    );
}
