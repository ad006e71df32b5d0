import * as z from 'zod';

/** Every mistake in a package or its settings, told at once. */
export class PackageError extends Error {
  readonly mistakes: string[];

  constructor(mistakes: string[]) {
    super(`The app package was not made:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'PackageError';
    this.mistakes = mistakes;
  }
}

/** Where each setting comes from: its flag first, else its variable. */
export const sources = {
  botId: { flag: 'bot-id', variable: 'BOT_ID' },
  appId: { flag: 'app-id', variable: 'APP_ID' },
  tabAppId: { flag: 'tab-app-id', variable: 'TAB_APP_ID' },
  domain: { flag: 'domain', variable: 'PUBLIC_URL' },
  name: { flag: 'name', variable: 'APP_NAME' },
  developerName: { flag: 'developer-name', variable: 'DEVELOPER_NAME' },
  website: { flag: 'website', variable: 'DEVELOPER_WEBSITE' },
  privacy: { flag: 'privacy', variable: 'PRIVACY_URL' },
  terms: { flag: 'terms', variable: 'TERMS_URL' },
} as const;

type Setting = keyof typeof sources;

const guid = (whose: string) => z.guid({ error: `write ${whose} id, such as 8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a` });

/** The manifest's schema would take http too, but its reference asks for https; 2048 characters is the schema's limit. */
const page = (what: string) => {
  const error = `write the whole https:// address of ${what}, at most 2048 characters`;
  return z
    .url({ hostname: z.regexes.domain, error, abort: true })
    .regex(/^https:\/\//i, { error })
    .max(2048, { error });
};

const settings = z.object({
  botId: guid("the bot's application"),
  appId: guid("the Teams app's"),
  tabAppId: guid("the tab's registration's"),
  domain: z
    .string({ error: 'write the host name at which Teams reaches the bot, such as bot.example.com' })
    .regex(z.regexes.domain, {
      error:
        'write --domain as bot.example.com or PUBLIC_URL as https://bot.example.com, ' +
        'for Teams loads nothing from http, localhost or an IP address, and the store wants no wildcards',
    }),
  name: z.string().max(30, { error: 'use at most 30 characters' }).default('TeamMate Bot'),
  developerName: z
    .string({ error: 'write the name of the company that publishes the app' })
    .max(32, { error: 'use at most 32 characters' }),
  website: page('the website where users find support'),
  privacy: page('the privacy policy'),
  terms: page('the terms of use'),
});

export type Settings = z.infer<typeof settings>;

/** Stand-ins for `--check`, which looks at the template and the icons and not at anybody's settings. */
export const sampleSettings: Settings = {
  botId: '11111111-2222-4333-8444-555555555555',
  appId: '11111111-2222-4333-8444-555555555555',
  tabAppId: '11111111-2222-4333-8444-555555555555',
  domain: 'bot.example.com',
  name: 'TeamMate Bot',
  developerName: 'Example Communications',
  website: 'https://www.example.com/support',
  privacy: 'https://www.example.com/privacy',
  terms: 'https://www.example.com/terms',
};

/**
 * What the package is made from: flags (by their names without `--`) before the environment; empty means not given.
 * The app id defaults to the bot id, the domain to the host of PUBLIC_URL, in which https is a must: Teams loads
 * nothing else.
 * @throws PackageError naming each setting that is missing or wrong, with its flag and its variable.
 */
export function readSettings(
  flags: Record<string, string | undefined>,
  environment: Record<string, string | undefined>,
): Settings {
  const given: Partial<Record<Setting, string>> = {};
  for (const [setting, { flag, variable }] of Object.entries(sources) as [Setting, (typeof sources)[Setting]][]) {
    const value = flags[flag]?.trim() || environment[variable]?.trim();
    if (value) given[setting] = value;
  }
  if (given.botId && !given.appId) given.appId = given.botId;
  if (given.botId && !given.tabAppId) given.tabAppId = given.botId;
  if (given.domain && !flags.domain?.trim()) given.domain = hostOf(given.domain);
  const parsed = settings.safeParse(given);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.flatMap(({ path, message }) => {
    const setting = path[0] as Setting;
    // An app id that is only the bot id's shadow would tell the same mistake twice.
    if ((setting === 'appId' || setting === 'tabAppId') && given[setting] === given.botId) return [];
    const { flag, variable } = sources[setting];
    return `--${flag} or ${variable} ${given[setting] === undefined ? 'is missing' : 'is wrong'}: ${message}`;
  });
  throw new PackageError(mistakes);
}

/** What is no https address is handed on as it is, to be refused with the others. */
function hostOf(publicUrl: string): string {
  return URL.canParse(publicUrl) && new URL(publicUrl).protocol === 'https:' ? new URL(publicUrl).hostname : publicUrl;
}
