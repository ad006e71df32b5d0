import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { sources } from '../manifest/settings.ts';
import { type Config, ConfigError, readConfig, settingNames } from '../src/config.ts';
import { readSettings } from '../src/demo/settings.ts';
import { sbcRegions } from '../src/simulator/regions.ts';
import { pbxTypes } from '../src/simulator/seed.ts';

const guid = '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a';

/** What a bot cannot do without. */
const needed = {
  BOT_ID: guid,
  BOT_TENANT_ID: guid,
  ORGANISATIONS: `${guid}=5001`,
  TEAMMATE_CLIENT_ID: 'client',
  TEAMMATE_CLIENT_SECRET: 'secret',
  TEAMMATE_USERNAME: 'user',
  TEAMMATE_PASSWORD: 'password',
};
const development = { ...needed, BOT_ID: '', BOT_TENANT_ID: '', ALLOW_UNAUTHENTICATED: 'true' };

const read = (env: Record<string, string | undefined>) => readConfig({ ...needed, ...env });

/** The mistakes as they are told, one a line, without the heading. */
function mistakesOf(env: Record<string, string | undefined>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [heading, ...lines] = error.message.split('\n');
    expect(heading).toBe('The settings need mending:');
    return lines.map((line) => line.trim());
  }
  return [];
}
const mistakes = (env: Record<string, string | undefined>) => mistakesOf({ ...needed, ...env });
const names = (lines: string[]) => lines.map((line) => line.split(':')[0]);

describe('settings', () => {
  test('have defaults, all but what nobody else can know', () => {
    expect(read({})).toMatchObject({ PORT: 3978, DATA_DIR: '.data', POLL_EVERY: 60_000, ALLOW_UNAUTHENTICATED: false });
  });

  test.each(['', ' ', undefined])('left empty (%p) mean the default', (empty) => {
    const names = settingNames.filter((name) => !(name in needed));
    expect(read(Object.fromEntries(names.map((name) => [name, empty])))).toEqual(read({}));
  });

  test('that are not ours are not looked at', () => {
    expect(read({ PATH: '/usr/bin', port: 'x', HOME: '\u0000' })).toEqual(read({}));
  });

  test.each<[name: keyof Config, text: string, value: unknown]>([
    ['PORT', '0', 0],
    ['PORT', '65535', 65_535],
    ['POLL_EVERY', '300ms', 300],
    ['FORM_LIFETIME', '24h', 86_400_000],
    ['APPROVAL_EXPIRE_AFTER', '90d', 90 * 86_400_000],
    ['RETRY_LIMIT', '0', 0],
    ['BOT_MULTI_TENANT', 'true', true],
    ['PROVISIONING_BACKEND', 'portal', 'portal'],
    ['TASK_REMIND_AFTER', '90m', 5_400_000],
    [
      'PORTAL_PBX_TYPES',
      ' 7 = Our own , A-1=(x) = y',
      [
        { id: '7', name: 'Our own' },
        { id: 'A-1', name: '(x) = y' },
      ],
    ],
    ['SERVICE_URL_HOSTS', ' a.example , b.example,', ['a.example', 'b.example']],
    ['BOOTSTRAP_ADMINS', `${guid}, ${guid.toUpperCase()}`, [guid, guid.toUpperCase()]],
    [
      'ORGANISATIONS',
      `${guid.toUpperCase()} = 5001, ${guid.replace('8', '9')}=x`,
      new Map([
        [guid, '5001'],
        [guid.replace('8', '9'), 'x'],
      ]),
    ],
  ])('%s=%s is understood', (name, text, value) => {
    expect(read({ [name]: text })[name]).toEqual(value);
  });

  test.each<[name: string, text: string]>([
    ...['x', '-1', '65536', '1.5'].map((text): [string, string] => ['PORT', text]),
    ...['nonsense', 'ftp://bot.example', 'bot.example.com'].map((text): [string, string] => ['PUBLIC_URL', text]),
    ['LOG_LEVEL', 'loud'],
    ['BOT_CREDENTIAL', 'password'],
    ...['yes', 'TRUE', '1'].map((text): [string, string] => ['BOT_MULTI_TENANT', text]),
    ...['tenant=1', `${guid}`, `${guid}=`, `${guid}=1,x`].map((text): [string, string] => ['ORGANISATIONS', text]),
    ['BOOTSTRAP_ADMINS', `${guid},megan@contoso.example`],
    ...['0s', '-5s', 'soon', '5 parsecs', '2000y', ' h'].map((text): [string, string] => ['FORM_LIFETIME', text]),
    ...['25d', '4w'].map((text): [string, string] => ['SYNC_EVERY', text]),
    ['TEAMMATE_TIMEOUT', '30d'],
    ['TEAMMATE_PATH_RESEND', 'reseller/resend'],
    ['WEBHOOK_TOKEN', 'too-short'],
    ['SMTP_URL', 'mail.example:25'],
    ['SMTP_URL', 'https://mail.example'],
    ['MAIL_FROM', 'TeamMate <bot@northwind.example>'],
    ['PROVISIONING_BACKEND', 'hand'],
    ['TEAMMATE_PORTAL_URL', 'javascript:alert(1)'],
    ...['x', '1=', '=x', '1=a,b', 'a/b=c'].map((text): [string, string] => ['PORTAL_SBC_REGIONS', text]),
    ...['-1', '51', '2.5', 'many'].map((text): [string, string] => ['RETRY_LIMIT', text]),
  ])('%s=%s is a mistake', (name, text) => {
    expect(names(mistakes({ [name]: text }))).toEqual([name]);
  });
});

test('a copy of a group has to outlive the pause between two readings', () => {
  expect(mistakes({ GROUPS_EVERY: '15m' })).toEqual([
    'GROUPS_VALID: has to be longer than GROUPS_EVERY, or roles would lapse between two readings',
  ]);
  expect(mistakes({ GROUPS_EVERY: '15m', GROUPS_VALID: '16m' })).toEqual([]);
});

describe('without access to TeamMate’s API', () => {
  const without = {
    ...needed,
    TEAMMATE_CLIENT_ID: '',
    TEAMMATE_CLIENT_SECRET: '',
    TEAMMATE_USERNAME: '',
    TEAMMATE_PASSWORD: '',
  };

  test('its login is not asked for', () => {
    expect(mistakesOf({ ...without, PROVISIONING_BACKEND: 'portal' })).toEqual([]);
    expect(mistakesOf(without)).toHaveLength(4);
    expect(mistakesOf(without)[0]).toContain('PROVISIONING_BACKEND=portal');
  });

  test('there are the regions and PBX types that are documented', () => {
    const { PORTAL_SBC_REGIONS, PORTAL_PBX_TYPES } = read({});
    expect(PORTAL_SBC_REGIONS.map(({ name }) => name)).toEqual(sbcRegions.map((one) => one.sbcGatewayRegion));
    expect(PORTAL_PBX_TYPES.map(({ name }) => name)).toEqual(pbxTypes.map(({ pbxLabel }) => pbxLabel));
  });
});

describe('mistakes', () => {
  test('are told all at once, what is missing along with what is wrong', () => {
    const wrong = { PORT: 'x', PUBLIC_URL: 'x', FORM_LIFETIME: 'x', BOT_MULTI_TENANT: 'x', WEBHOOK_TOKEN: 'x' };
    expect(names(mistakesOf(wrong)).sort()).toEqual([...Object.keys(wrong), ...Object.keys(needed)].sort());
  });

  test('are told once each, also where a wrong value leaves one missing', () => {
    expect(names(mistakesOf({ ...needed, ORGANISATIONS: 'x' }))).toEqual(['ORGANISATIONS']);
    expect(names(mistakes({ BOOTSTRAP_ADMINS: 'x,y,z' }))).toEqual(['BOOTSTRAP_ADMINS']);
  });

  test('are named, and no value is ever repeated', () => {
    const secret = 'Hunter2!';
    const told = mistakesOf(Object.fromEntries(settingNames.map((name) => [name, secret])));
    expect(told.length).toBeGreaterThan(20);
    expect(told.join('\n')).not.toContain(secret);
    for (const line of told) expect(line).toMatch(/^[A-Z_]+(, [A-Z_]+)?: \w/);
  });
});

test('a mail server needs an address that the e-mails come from, and an address no mail server', () => {
  expect(names(mistakes({ SMTP_URL: 'smtp://mail.example:25' }))).toEqual(['MAIL_FROM']);
  expect(mistakes({ SMTP_URL: 'smtps://u:p@mail.example', MAIL_FROM: 'bot@northwind.example' })).toEqual([]);
  expect(mistakes({ MAIL_FROM: 'bot@northwind.example' })).toEqual([]);
});

describe('who the bot is', () => {
  test.each<[what: string, env: Record<string, string>, missing: string[]]>([
    ['no id at all', { BOT_ID: '' }, ['BOT_ID']],
    ['an id that is none', { BOT_ID: 'my-bot' }, ['BOT_ID']],
    ['no tenant', { BOT_TENANT_ID: '' }, ['BOT_TENANT_ID']],
    ['no tenant, but many are allowed', { BOT_TENANT_ID: '', BOT_MULTI_TENANT: 'true' }, []],
    ['a secret that is not there', { BOT_CREDENTIAL: 'secret' }, ['BOT_SECRET']],
    ['a secret', { BOT_CREDENTIAL: 'secret', BOT_SECRET: 's' }, []],
    ['a certificate that is not there', { BOT_CREDENTIAL: 'certificate' }, ['BOT_CERTIFICATE_PATH']],
    ['a certificate', { BOT_CREDENTIAL: 'certificate', BOT_CERTIFICATE_PATH: 'bot.pem' }, []],
    ['no organisation', { ORGANISATIONS: '' }, ['ORGANISATIONS']],
    [
      'a provider that is one of the organisations',
      { ORGANISATIONS: `${guid}=1`, PROVIDER_TENANT: guid.toUpperCase() },
      [],
    ],
    [
      'a provider that is none',
      { ORGANISATIONS: `${guid}=1`, PROVIDER_TENANT: guid.replace('8', '9') },
      ['PROVIDER_TENANT'],
    ],
    ['a provider that is no id', { PROVIDER_TENANT: 'northwind' }, ['PROVIDER_TENANT']],
  ])('%s', (_, env, missing) => {
    expect(names(mistakes(env))).toEqual(missing);
  });

  test('without credentials it does not start, and is told of the development switch', () => {
    const [first] = mistakes({ BOT_ID: '', BOT_TENANT_ID: '' });
    expect(first).toMatch(/^BOT_ID: .*ALLOW_UNAUTHENTICATED=true, for development on this machine only/);
  });

  test('the development switch needs no credentials', () => {
    expect(mistakesOf(development)).toEqual([]);
  });

  test('the development switch is refused together with a bot’s id, so that it cannot slip into production', () => {
    expect(names(mistakesOf({ ...development, BOT_ID: guid }))).toEqual(['ALLOW_UNAUTHENTICATED']);
  });

  test('anything but true or false does not switch it on', () => {
    expect(names(mistakesOf({ ...development, ALLOW_UNAUTHENTICATED: 'yes' }))).toContain('BOT_ID');
  });

  test.each([{ DEMO_CHANNEL: '19:x@thread.tacv2' }, { DEMO_PEOPLE: `approver=${guid}` }])(
    'what the demo binds by itself is refused in production: %p',
    (env) => {
      expect(names(mistakes(env))).toEqual(['DEMO_CHANNEL, DEMO_PEOPLE']);
      expect(mistakesOf({ ...development, ...env })).toEqual([]);
    },
  );
});

describe('.env.example', () => {
  const text = readFileSync(join(import.meta.dirname, '../.env.example'), 'utf8');
  const example = parseEnv(text) as Record<string, string>;
  const demo = readSettings({});

  test('lists every setting there is, once, and no other', () => {
    const all = new Set([
      ...settingNames,
      ...Object.values(sources).map(({ variable }) => variable),
      ...Object.keys(demo),
    ]);
    const listed = [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name as string);
    expect([...listed].sort()).toEqual([...all].sort());
  });

  test('says in a line above each what it is for', () => {
    const lines = text.split('\n');
    for (const [at, line] of lines.entries())
      if (/^[A-Z_]+=/.test(line)) expect(lines[at - 1]).toMatch(/^# [A-Z].+\.$/);
  });

  test('has the defaults: with it and without it the settings are the same', () => {
    expect(readConfig({ ...example, ...needed })).toEqual(read({}));
    expect(readSettings(example)).toEqual(demo);
  });

  test('writes out every default that is not empty', () => {
    const defaults = read({});
    const isEmpty = (value: unknown) =>
      value === '' || (Array.isArray(value) && value.length === 0) || (value instanceof Map && value.size === 0);
    const left = settingNames.filter((name) => example[name] === '' && !(name in needed));
    expect(left.filter((name) => !isEmpty(defaults[name as keyof Config]))).toEqual([]);
    expect(Object.keys(demo).filter((name) => example[name] === '')).toEqual([]);
  });
});
