import ms, { type StringValue } from 'ms';
import * as z from 'zod';
import { parseAllowList } from './sip/addresses.ts';

const flag = z.enum(['true', 'false'], { error: 'write true or false' }).transform((text) => text === 'true');
const port = z.coerce
  .number({ error: 'write a port number' })
  .int()
  .min(0, { error: 'a port is 0–65535' })
  .max(65535, { error: 'a port is 0–65535' });
const url = z.url({ protocol: /^https?$/, error: 'write a whole URL, such as https://bot.example.com' });
/** What our token is sent to, or whose word is believed: anything but https is for a test on this machine. */
const secureUrl = url.regex(/^https:\/\/|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/i, {
  error: 'write an address that begins with https://',
});
const guid = z.guid({ error: 'write a directory id, such as 8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a' });

/** "90s", "24h", "14d" → milliseconds. The longest leaves room for its end to be a date. */
const duration = z.string().transform((text, context) => {
  const milliseconds = /^\d/.test(text) ? ms(text as StringValue) : undefined;
  if (milliseconds !== undefined && milliseconds > 0 && milliseconds <= ms('1000y')) return milliseconds;
  context.addIssue({ code: 'custom', message: 'write a duration, such as 90s, 24h or 14d' });
  return z.NEVER;
});

/** What Node's timers can count, in 31 bits; anything longer would fire at once, again and again. */
const pause = duration.refine((milliseconds) => milliseconds < 2 ** 31, { error: 'write at most 24d' });

const list = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** `tenant id=master reseller id, …` → a map from the Teams tenant to the account in TeamMate. */
const organisations = z.string().transform((text, context) => {
  const pairs = list(text).map((part) => part.split('=').map((half) => half.trim()));
  for (const [tenant, account] of pairs) {
    if (!guid.safeParse(tenant).success || !account) {
      context.addIssue({ code: 'custom', message: 'write tenantId=masterResellerId, several with commas between' });
      return z.NEVER;
    }
  }
  return new Map(pairs.map(([tenant, account]) => [tenant!.toLowerCase(), account!]));
});

/** What secrets are sealed with, as secrets/keyring.ts reads it; checked here so that it is told with all other mistakes. */
const keys = z.string().refine((text) => list(text).every((key) => /^[A-Za-z0-9+/]{43}=$/.test(key)), {
  error: 'write keys of 32 bytes in base64 (openssl rand -base64 32), several with commas between',
});

/** Blocks of addresses that may be checked besides the public ones. */
const addresses = z.string().superRefine((text, context) => {
  try {
    parseAllowList(text);
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'write addresses or blocks, such as 10.1.0.0/16, with commas between',
    });
  }
});
/** `id=name, …`, as TeamMate numbers and names what there is to choose from. */
const offers = z.string().transform((text, context) => {
  const pairs = list(text).map((part) => /^([A-Za-z0-9-]{1,64})\s*=\s*(\S.{0,99})$/u.exec(part));
  if (pairs.every((pair) => pair !== null)) return pairs.map(([, id, name]) => ({ id: id!, name: name! }));
  context.addIssue({ code: 'custom', message: 'write id=name, several with commas between' });
  return z.NEVER;
});

const numbered = (name: string, index: number) => ({ id: String(index + 1), name });

/** Every setting: its default, and after it what it is for (`.env.example` is checked against this list by a test). */
const settings = z.object({
  PORT: port.default(3978),
  PUBLIC_URL: url.default('http://127.0.0.1:3978'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),

  BOT_ID: z.string().default(''),
  BOT_TENANT_ID: z.string().default(''),
  BOT_CREDENTIAL: z.enum(['managed-identity', 'certificate', 'secret']).default('managed-identity'),
  BOT_SECRET: z.string().default(''),
  BOT_CERTIFICATE_PATH: z.string().default(''),
  BOT_MULTI_TENANT: flag.default(false),
  BOT_OPENID_METADATA_URL: url.default('https://login.botframework.com/v1/.well-known/openidconfiguration'),
  BOT_TOKEN_ISSUER: z.string().default('https://api.botframework.com'),
  SERVICE_URL_HOSTS: z
    .string()
    .default('smba.trafficmanager.net,smba.infra.gcc.teams.microsoft.com,smba.infra.gov.teams.microsoft.us')
    .transform(list),
  FILE_UPLOAD_HOSTS: z
    .string()
    .default('*.sharepoint.com,*.sharepoint.us,*.sharepoint-mil.us,graph.microsoft.com,api.onedrive.com')
    .transform(list),
  FILE_DOWNLOAD_HOSTS: z
    .string()
    .default('*.sharepoint.com,*.sharepoint.us,*.sharepoint.cn,onedrive.live.com,*.onedrive.live.com')
    .transform(list),
  ALLOW_UNAUTHENTICATED: flag.default(false),

  APP_ID: guid.or(z.literal('')).default(''),
  TAB_AUTHORITY: secureUrl.default('https://login.microsoftonline.com').transform((text) => text.replace(/\/+$/, '')),
  TAB_AUDIENCE: z.string().default('').transform(list),

  ORGANISATIONS: organisations.default(new Map()),
  PROVIDER_TENANT: z
    .string()
    .default('')
    .refine((text) => text === '' || guid.safeParse(text).success, {
      error: 'write one of the tenant ids in ORGANISATIONS',
    })
    .transform((text) => text.toLowerCase()),
  BOOTSTRAP_ADMINS: z.string().default('').transform(list).pipe(z.array(guid)),

  GRAPH_URL: secureUrl.default('https://graph.microsoft.com'),
  GROUPS_EVERY: pause.default(ms('5m')),
  GROUPS_VALID: duration.default(ms('15m')),

  DATABASE_URL: z.string().default(''),
  DATA_DIR: z.string().default('.data'),
  REDIS_URL: z.string().default(''),

  SECRETS_KEYS: keys.default(''),
  KEY_VAULT_URL: z
    .url({ protocol: /^https$/, error: 'write the vault’s https:// address' })
    .or(z.literal(''))
    .default(''),
  KEY_VAULT_SECRET: z.string().default(''),

  PREFLIGHT_ALLOW: addresses.default(''),
  PREFLIGHT_PER_MINUTE: z.coerce.number().int().min(1).max(1000).default(6),

  TEAMMATE_URL: url.default('https://api.connecttoteams.com'),
  TEAMMATE_CLIENT_ID: z.string().default(''),
  TEAMMATE_CLIENT_SECRET: z.string().default(''),
  TEAMMATE_USERNAME: z.string().default(''),
  TEAMMATE_PASSWORD: z.string().default(''),
  TEAMMATE_TIMEOUT: pause.default(ms('20s')),
  TEAMMATE_PATH_CREATE_RESELLER: z.string().startsWith('/').default('/reseller/newReseller'),
  TEAMMATE_PATH_RESELLER: z.string().startsWith('/').default('/reseller/getReseller/{id}'),
  TEAMMATE_PATH_RESEND: z.string().startsWith('/').default('/reseller/resendInvitationEmail/{id}'),
  TEAMMATE_PATH_UPDATE_RESELLER: z.string().startsWith('/').default('/reseller/updateReseller/{id}'),
  TEAMMATE_PATH_SUSPEND_RESELLER: z.string().startsWith('/').default('/reseller/suspendReseller/{id}'),
  TEAMMATE_PATH_RESUME_RESELLER: z.string().startsWith('/').default('/reseller/resumeReseller/{id}'),
  TEAMMATE_PATH_DELETE_RESELLER: z.string().startsWith('/').default('/reseller/deleteReseller/{id}'),
  TEAMMATE_PATH_LIST_RESELLERS: z.string().startsWith('/').default('/reseller/v3/getResellersOrMasterResellers'),
  TEAMMATE_PATH_CREATE_PBX: z.string().startsWith('/').default('/pbx/newPBX'),
  TEAMMATE_PATH_PBX: z.string().startsWith('/').default('/pbx/getPBX/{id}'),
  TEAMMATE_PATH_LIST_PBXES: z.string().startsWith('/').default('/pbx/getPBXsForEnterprise'),
  PROVISIONING_BACKEND: z.enum(['api', 'portal'], { error: 'write api or portal' }).default('api'),
  TEAMMATE_PORTAL_URL: url.default('https://service.connecttoteams.com'),
  PORTAL_SBC_REGIONS: offers.default(
    ['US East 1', 'US East 2', 'US West', 'CA Central', 'DE WestCentral', 'UK South'].map(numbered),
  ),
  PORTAL_PBX_TYPES: offers.default(['Netsapiens', 'PortaSwitch', 'RingLogix', 'United Cloud', 'Viirtue'].map(numbered)),
  WEBHOOK_TOKEN: z
    .string()
    .default('')
    .refine((text) => text === '' || text.length >= 24, { error: 'use at least 24 unguessable characters' }),

  SMTP_URL: z
    .string()
    .default('')
    .refine((text) => text === '' || /^smtps?:$/.test(URL.parse(text)?.protocol ?? ''), {
      error: 'write smtp://host:port or smtps://user:password@host:port',
    }),
  MAIL_FROM: z
    .string()
    .default('')
    .refine((text) => text === '' || z.email().safeParse(text).success, { error: 'write an e-mail address' }),

  APPLICATIONINSIGHTS_CONNECTION_STRING: z
    .string()
    .default('')
    .refine((text) => text === '' || /(^|;)\s*InstrumentationKey=/i.test(text), {
      error: 'write the connection string that Application Insights shows (InstrumentationKey=…;IngestionEndpoint=…)',
    }),

  POLL_EVERY: duration.default(ms('60s')),
  REGISTRATION_EVERY: duration.default(ms('5m')),
  SYNC_EVERY: pause.default(ms('10m')),
  FORM_LIFETIME: duration.default(ms('24h')),
  APPROVAL_REMIND_AFTER: duration.default(ms('24h')),
  APPROVAL_EXPIRE_AFTER: duration.default(ms('14d')),
  TASK_REMIND_AFTER: duration.default(ms('4h')),
  ACTIVATION_REMIND_AFTER: duration.default(ms('24h')),
  ACTIVATION_EXPIRE_AFTER: duration.default(ms('14d')),
  CONSENT_REMIND_AFTER: duration.default(ms('24h')),
  RESEND_INTERVAL: duration.default(ms('60s')),
  RETRY_FIRST: duration.default(ms('5s')),
  RETRY_LIMIT: z.coerce.number().int().min(0).max(50).default(8),

  DEMO_CHANNEL: z.string().default(''),
  DEMO_PEOPLE: z.string().default('').transform(list),
});

export type Config = z.infer<typeof settings>;

/** Where the data is: all that the commands which look after it need to know. */
export const readHome = (env: Record<string, string | undefined>): { url: string; folder: string } => {
  const { DATABASE_URL, DATA_DIR } = settings.pick({ DATABASE_URL: true, DATA_DIR: true }).parse({
    DATABASE_URL: env.DATABASE_URL?.trim() || undefined,
    DATA_DIR: env.DATA_DIR?.trim() || undefined,
  });
  return { url: DATABASE_URL, folder: DATA_DIR };
};

/** Every setting's name, for the check of `.env.example`. */
export const settingNames = Object.keys(settings.shape);

/** Thrown with every mistake in the settings at once, one line each. */
export class ConfigError extends Error {
  constructor(mistakes: string[]) {
    super(`The settings need mending:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the settings from an environment. Empty means default.
 * @throws ConfigError naming every setting that is wrong, never its value.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => settingNames.includes(name) && value?.trim()),
  );
  const parsed = settings.safeParse(given);
  if (parsed.success) {
    const mistakes = contradictions(parsed.data);
    if (mistakes.length > 0) throw new ConfigError(mistakes);
    return parsed.data;
  }
  const mistakes = new Map(parsed.error.issues.map(({ path, message }) => [String(path[0]), message]));
  // With their defaults in the place of the wrong ones, the others are looked at in the same go.
  const rest = settings.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !mistakes.has(name))));
  const others = contradictions(rest).filter((mistake) => !mistakes.has(mistake.split(':')[0] as string));
  throw new ConfigError([...[...mistakes].map(([name, message]) => `${name}: ${message}`), ...others]);
}

/** What no single setting can tell. Fails closed: no way to run without tokens but the development switch. */
function contradictions(config: Config): string[] {
  const wrong: string[] = [];
  const need = (condition: boolean, mistake: string) => condition || wrong.push(mistake);
  if (config.ALLOW_UNAUTHENTICATED) {
    need(!config.BOT_ID, 'ALLOW_UNAUTHENTICATED: is for development; leave BOT_ID empty with it');
  } else {
    need(
      guid.safeParse(config.BOT_ID).success,
      'BOT_ID: the bot’s application id is needed (or ALLOW_UNAUTHENTICATED=true, for development on this machine only)',
    );
    need(
      config.BOT_MULTI_TENANT || guid.safeParse(config.BOT_TENANT_ID).success,
      'BOT_TENANT_ID: the tenant of the bot’s registration is needed (or BOT_MULTI_TENANT=true)',
    );
    need(
      config.BOT_CREDENTIAL !== 'secret' || config.BOT_SECRET !== '',
      'BOT_SECRET: needed for BOT_CREDENTIAL=secret',
    );
    need(
      config.BOT_CREDENTIAL !== 'certificate' || config.BOT_CERTIFICATE_PATH !== '',
      'BOT_CERTIFICATE_PATH: needed for BOT_CREDENTIAL=certificate',
    );
    need(
      !config.DEMO_CHANNEL && config.DEMO_PEOPLE.length === 0,
      'DEMO_CHANNEL, DEMO_PEOPLE: only with ALLOW_UNAUTHENTICATED',
    );
  }
  need(
    !config.KEY_VAULT_URL === !config.KEY_VAULT_SECRET,
    `${config.KEY_VAULT_URL ? 'KEY_VAULT_SECRET' : 'KEY_VAULT_URL'}: the two belong together, the vault and its secret with the keys`,
  );
  need(
    !config.KEY_VAULT_URL || !config.SECRETS_KEYS,
    'SECRETS_KEYS: leave it empty when the keys are in the KEY_VAULT_URL',
  );
  need(
    config.GROUPS_VALID > config.GROUPS_EVERY,
    'GROUPS_VALID: has to be longer than GROUPS_EVERY, or roles would lapse between two readings',
  );
  need(config.ORGANISATIONS.size > 0, 'ORGANISATIONS: at least one tenantId=masterResellerId is needed');
  need(
    !config.PROVIDER_TENANT || config.ORGANISATIONS.has(config.PROVIDER_TENANT),
    'PROVIDER_TENANT: must be one of the tenants in ORGANISATIONS',
  );
  need(
    config.SMTP_URL === '' || config.MAIL_FROM !== '',
    'MAIL_FROM: needed with SMTP_URL: the address that the bot’s e-mails come from',
  );
  for (const name of [
    'TEAMMATE_CLIENT_ID',
    'TEAMMATE_CLIENT_SECRET',
    'TEAMMATE_USERNAME',
    'TEAMMATE_PASSWORD',
  ] as const)
    need(
      config[name] !== '' || config.PROVISIONING_BACKEND === 'portal',
      `${name}: needed to call TeamMate (or PROVISIONING_BACKEND=portal, where people do it by hand)`,
    );
  return wrong;
}
