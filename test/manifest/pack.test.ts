import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { PNG } from 'pngjs';
import { colorIconMistakes, outlineIconMistakes } from '../../manifest/icons.ts';
import type { Translation } from '../../manifest/languages.ts';
import { fillTemplate, makePackage, readParts } from '../../manifest/pack.ts';
import { manifestMistakes } from '../../manifest/rules.ts';
import { PackageError, readSettings, sampleSettings } from '../../manifest/settings.ts';
import { commands } from '../../src/teams/commands.ts';
import { parseCommand } from '../../src/teams/parse.ts';

const parts = readParts();
const menuText = 'Requests that wait for an approver';
const complete = {
  BOT_ID: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
  PUBLIC_URL: 'https://bot.contoso.example/',
  DEVELOPER_NAME: 'Contoso Voice',
  DEVELOPER_WEBSITE: 'https://contoso.example/support',
  PRIVACY_URL: 'https://contoso.example/privacy',
  TERMS_URL: 'https://contoso.example/terms',
};

/** What is told of these settings, as one text. */
function told(flags: Record<string, string>, environment: Record<string, string> = complete): string {
  try {
    readSettings(flags, environment);
  } catch (error) {
    if (error instanceof PackageError) return error.mistakes.join('\n');
    throw error;
  }
  return '';
}

/** The filled-in manifest, changed by a test before the rules see it. */
// biome-ignore lint/suspicious/noExplicitAny: a test breaks it in ways that no type allows
function mistakesAfter(change: (manifest: any) => void): Promise<string[]> {
  const manifest = fillTemplate(parts.template, sampleSettings, '1.2.3');
  change(manifest);
  return manifestMistakes(manifest);
}

// biome-ignore lint/suspicious/noExplicitAny: a test breaks it in ways that no type allows
function menu(manifest: any): any[] {
  return manifest.bots[0].commandLists[0].commands;
}

/** A title may go on behind the command's first words, as `route approvals here` does. */
const isKnown = (title: string) => parseCommand(title, commands) !== undefined;

function titled(count: number) {
  return Array.from({ length: count }, (_, index) => ({ title: `command ${index}`, description: 'one more' }));
}

function toVersion(version: string) {
  return (manifest: { manifestVersion: string; $schema: string }) => {
    manifest.manifestVersion = version;
    manifest.$schema = `https://developer.microsoft.com/json-schemas/teams/v${version}/MicrosoftTeams.schema.json`;
  };
}

/** An icon with one pixel painted over. */
function painted(png: Uint8Array, x: number, y: number, rgba: [number, number, number, number]): Uint8Array {
  const image = PNG.sync.read(Buffer.from(png));
  image.data.set(rgba, (y * image.width + x) * 4);
  return PNG.sync.write(image);
}

const blank = (width: number, height: number, value: number) => {
  const image = new PNG({ width, height });
  image.data.fill(value);
  return PNG.sync.write(image);
};

describe('the package', () => {
  test('is a zip of exactly the manifest, two icons and the languages, at its root', async () => {
    const files = unzipSync(await makePackage(parts, sampleSettings, '1.2.3'));
    expect(Object.keys(files).sort()).toEqual([
      ...['color.png', 'de.json', 'es.json', 'fr.json', 'ja.json', 'manifest.json', 'outline.png'],
    ]);
    expect(Buffer.from(files['color.png']!).equals(parts.color)).toBe(true);
    expect(Buffer.from(files['outline.png']!).equals(parts.outline)).toBe(true);
  });

  test('has a manifest that is valid by the official schema, with every setting in its place', async () => {
    const settings = readSettings({ 'app-id': '0f0e0d0c-1b1a-4918-8716-151413121110' }, complete);
    const files = unzipSync(await makePackage(parts, settings, '1.2.3'));
    const manifest = JSON.parse(strFromU8(files['manifest.json']!));
    await expect(manifestMistakes(manifest)).resolves.toEqual([]);
    expect(manifest).toMatchObject({
      version: '1.2.3',
      id: '0f0e0d0c-1b1a-4918-8716-151413121110',
      bots: [{ botId: complete.BOT_ID, scopes: ['personal', 'team', 'groupChat'] }],
      validDomains: ['bot.contoso.example'],
      staticTabs: [{ entityId: 'conversations' }, { entityId: 'board', contentUrl: 'https://bot.contoso.example/tab' }],
      webApplicationInfo: { id: complete.BOT_ID, resource: `api://bot.contoso.example/${complete.BOT_ID}` },
      supportsChannelFeatures: 'tier1',
      name: { short: 'TeamMate Bot' },
      developer: {
        name: 'Contoso Voice',
        websiteUrl: 'https://contoso.example/support',
        privacyUrl: 'https://contoso.example/privacy',
        termsOfUseUrl: 'https://contoso.example/terms',
      },
    });
  });

  test('asks for no permission', () => {
    const manifest = fillTemplate(parts.template, sampleSettings, '1.2.3');
    for (const name of ['permissions', 'devicePermissions', 'authorization']) {
      expect(manifest).not.toHaveProperty(name);
    }
  });

  test('is the same, byte for byte, when made twice', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => makePackage(parts, sampleSettings, '1.2.3')));
    expect(Buffer.from(one!).equals(other!)).toBe(true);
  });

  test('keeps a setting with quotes, backslashes and placeholders as text', async () => {
    const developerName = 'O"Neil \\ Söhne';
    const files = unzipSync(await makePackage(parts, { ...sampleSettings, developerName }, '1.2.3'));
    expect(JSON.parse(strFromU8(files['manifest.json']!)).developer.name).toBe(developerName);
    const posing = { ...sampleSettings, developerName: '${{BOT_ID}}' };
    await expect(makePackage(parts, posing, '1.2.3')).rejects.toThrow('developer.name: ${{BOT_ID}} has a placeholder');
  });

  test('is refused with the mistakes of manifest and icons together', async () => {
    const broken = { ...parts, color: parts.outline, outline: parts.color };
    const refusal = makePackage(broken, sampleSettings, '1.2.3-preview.1');
    await expect(refusal).rejects.toThrow(
      /version: 1\.2\.3-preview\.1.*color\.png: is 32×32.*outline\.png: is 192×192/s,
    );
  });
});

describe('the settings', () => {
  test('come from flags before the environment', () => {
    const settings = readSettings({ 'developer-name': 'Fabrikam', domain: 'teams.fabrikam.example' }, complete);
    expect(settings).toMatchObject({ developerName: 'Fabrikam', domain: 'teams.fabrikam.example' });
  });

  test('take the bot id for the app id when there is none', () => {
    expect(readSettings({}, complete).appId).toBe(complete.BOT_ID);
    expect(readSettings({}, complete).tabAppId).toBe(complete.BOT_ID);
    expect(readSettings({ 'tab-app-id': sampleSettings.appId }, complete).tabAppId).toBe(sampleSettings.appId);
  });

  test('that are missing are told all at once, each with its flag and its variable', () => {
    expect(told({}, {}).split('\n')).toEqual([
      expect.stringMatching(/^--bot-id or BOT_ID is missing: /),
      expect.stringMatching(/^--domain or PUBLIC_URL is missing: /),
      expect.stringMatching(/^--developer-name or DEVELOPER_NAME is missing: /),
      expect.stringMatching(/^--website or DEVELOPER_WEBSITE is missing: /),
      expect.stringMatching(/^--privacy or PRIVACY_URL is missing: /),
      expect.stringMatching(/^--terms or TERMS_URL is missing: /),
    ]);
  });

  test('that are empty count as missing', () => {
    expect(told({}, { ...complete, BOT_ID: ' ' })).toMatch(/^--bot-id or BOT_ID is missing/);
  });

  test.each([
    ['bot id that is no id', 'bot-id', 'teammate-bot', '--bot-id or BOT_ID is wrong'],
    ['app id that is no id', 'app-id', 'teammate-bot', '--app-id or APP_ID is wrong'],
    ['domain without a dot', 'domain', 'localhost', '--domain or PUBLIC_URL is wrong'],
    ['domain that is an address', 'domain', '10.0.0.1', '--domain or PUBLIC_URL is wrong'],
    ['domain with a wildcard', 'domain', '*.contoso.example', '--domain or PUBLIC_URL is wrong'],
    ['domain with a protocol', 'domain', 'https://bot.contoso.example', '--domain or PUBLIC_URL is wrong'],
    ['domain with a path', 'domain', 'bot.contoso.example/api', '--domain or PUBLIC_URL is wrong'],
    ['domain of 312 characters', 'domain', `${'a'.repeat(60)}.`.repeat(5).concat('example'), 'PUBLIC_URL is wrong'],
    ['domain with a label of 64', 'domain', `${'a'.repeat(64)}.example`, '--domain or PUBLIC_URL is wrong'],
    ['app name of 31 characters', 'name', 'T'.repeat(31), '--name or APP_NAME is wrong: use at most 30 characters'],
    ['developer name of 33 characters', 'developer-name', 'C'.repeat(33), 'at most 32 characters'],
    ['website without https', 'website', 'http://contoso.example', '--website or DEVELOPER_WEBSITE is wrong'],
    ['website with half a protocol', 'website', 'https:/contoso.example', '--website or DEVELOPER_WEBSITE is wrong'],
    ['website on this machine', 'website', 'https://localhost/', '--website or DEVELOPER_WEBSITE is wrong'],
    ['privacy page without a protocol', 'privacy', 'contoso.example/privacy', '--privacy or PRIVACY_URL is wrong'],
    [
      'terms page of 2072 characters',
      'terms',
      `https://contoso.example/${'t'.repeat(2048)}`,
      '--terms or TERMS_URL is',
    ],
  ])('refuse a %s', (_what, flag, value, reason) => {
    const mistakes = told({ [flag]: value });
    expect(mistakes).toContain(reason);
    expect(mistakes.split('\n')).toHaveLength(1);
  });

  test.each(['http://bot.contoso.example', 'http://127.0.0.1:3978', 'https://localhost:3978', 'bot'])(
    'refuse PUBLIC_URL=%s, from which Teams would load nothing',
    (address) => {
      expect(told({}, { ...complete, PUBLIC_URL: address })).toMatch(/^--domain or PUBLIC_URL is wrong/);
    },
  );
});

describe('the languages', () => {
  const inGerman = (change: (german: Translation) => void) => {
    const languages = structuredClone(parts.languages);
    change(languages.de!);
    return makePackage({ ...parts, languages }, sampleSettings, '1.2.3');
  };

  test('each have every text where Teams looks for it, and leave the words to type as the bot knows them', async () => {
    const files = unzipSync(await makePackage(parts, { ...sampleSettings, name: 'Contoso Voice' }, '1.2.3'));
    const read = (file: string) => JSON.parse(strFromU8(files[file]!));
    const { localizationInfo, bots } = read('manifest.json');
    expect(localizationInfo.defaultLanguageTag).toBe('en');
    for (const { file } of localizationInfo.additionalLanguages) {
      const strings = read(file);
      expect(strings['name.short']).toBe('Contoso Voice');
      expect(strings['name.full']).toMatch(/^Contoso Voice/);
      // What is typed to a bot is its title; those of the search are read.
      expect(Object.keys(strings).filter((path) => /^bots\b.*\.(title|prompt)$/.test(path))).toEqual([]);
      for (const [list, { commands }] of bots[0].commandLists.entries())
        for (const [at, { description }] of commands.entries()) {
          const path = `bots[0].commandLists[${list}].commands[${at}].description`;
          expect([path, strings[path]]).toEqual([path, expect.stringMatching(/./)]);
          expect(strings[path]).not.toBe(description);
        }
    }
  });

  test.each([
    ['a text left out', (de) => delete de.texts.Board, 'de.json: “Board” is not translated'],
    ['a text that nothing uses', (de) => (de.texts.Bord = 'x'), 'de.json: “Bord” is nowhere in the manifest'],
    ['a description that is too long', (de) => (de['description.short'] = 'x'.repeat(81)), 'more than 80 characters'],
    ['a command that is too long', (de) => (de.texts[menuText] = 'x'.repeat(129)), '1 to 128'],
    [
      'a full description that repeats the short one',
      (de) => (de['description.full'] += de['description.short']),
      'description.full: must not repeat',
    ],
  ] as [string, (german: Translation) => void, string][])('are refused with %s', async (_what, change, reason) => {
    await expect(inGerman(change)).rejects.toThrow(reason);
  });
});

describe('the manifest', () => {
  test('lists only commands that the bot knows, each with all of its words', () => {
    const { bots } = fillTemplate(parts.template, sampleSettings, '1.2.3') as {
      bots: [{ commandLists: { commands: { title: string }[] }[] }];
    };
    const titles = bots[0].commandLists.flatMap((list) => list.commands.map(({ title }) => title));
    for (const title of titles) expect([title, isKnown(title)]).toEqual([title, true]);
    expect(isKnown('add resellar')).toBe(false);
  });

  test('lists the commands of each place', () => {
    const manifest = fillTemplate(parts.template, sampleSettings, '1.2.3') as {
      bots: [{ commandLists: { scopes: string[]; commands: { title: string }[] }[] }];
    };
    const menus = manifest.bots[0].commandLists.map(({ scopes, commands }) => [
      scopes.join(),
      commands.map(({ title }) => title),
    ]);
    expect(Object.fromEntries(menus)).toEqual({
      personal: [
        ...['help', 'add reseller', 'add enterprise', 'direct routing', 'setup pbx', 'status', 'find', 'pending'],
        ...['billing', 'request access'],
      ],
      team: ['help', 'pending', 'status', 'find', 'routes', 'route approvals here', 'route notifications here'],
      groupChat: ['help', 'add reseller', 'add enterprise', 'direct routing', 'status', 'find', 'show', 'pending'],
    });
  });

  test.each([
    ['a short name of 31 characters', (m) => (m.name.short = 'T'.repeat(31)), 'name.short: must NOT have more than 30'],
    ['a full name of 101 characters', (m) => (m.name.full = 'T'.repeat(101)), 'name.full: must NOT have more than 100'],
    ['no full name', (m) => delete m.name.full, 'name.full: is missing'],
    ['a field that the schema does not know', (m) => (m.packageNames = 'x'), 'additional properties: packageNames'],
    ['a placeholder that nothing fills', (m) => (m.name.full = 'By ${{OWNER}}'), 'name.full: By ${{OWNER}} has a'],
    ['a preview schema', toVersion('DevPreview'), 'no preview'],
    ['a schema that is not shipped', toVersion('9.99'), 'that @microsoft/app-manifest ships'],
    ['two versions of the schema', (m) => (m.manifestVersion = '1.29'), 'must be of the same version'],
    ['a version that is no three numbers', (m) => (m.version = '1.0.0-beta'), 'version: 1.0.0-beta must be three'],
    [
      'a full description that repeats the short one',
      (m) => (m.description.full += m.description.short),
      'description.full: must not repeat',
    ],
    ['no word on channels', (m) => delete m.supportsChannelFeatures, 'supportsChannelFeatures: must be tier1'],
    [
      'a tab on another host',
      (m) => (m.staticTabs[1].contentUrl = 'https://evil.example/tab'),
      'staticTabs, board: https://evil.example/tab is not of validDomains',
    ],
    [
      'single sign-on for another host',
      (m) => (m.webApplicationInfo.resource = 'api://evil.example/x'),
      'webApplicationInfo: api://evil.example/x is not of validDomains',
    ],
    ['an icon that is not packed', (m) => (m.icons.color = 'logo.png'), 'icons.color: must be color.png'],
    ['a command title of 33 characters', (m) => (menu(m)[0].title = 't'.repeat(33)), 'has over 32 characters'],
    ['a command description of 129 characters', (m) => (menu(m)[0].description = 'd'.repeat(129)), '1 to 128'],
    ['a command without a description', (m) => delete menu(m)[0].description, '1 to 128'],
    ['eleven commands', (m) => menu(m).push(...titled(11 - menu(m).length)), 'at most 10'],
    ['a command twice', (m) => menu(m).splice(-1, 1, menu(m)[0]), 'one title stands twice'],
    ['a scope without commands', (m) => m.bots[0].commandLists.pop(), 'the scope groupChat has no command list'],
    ['commands for no scope', (m) => m.bots[0].scopes.pop(), 'commands for groupChat, which is no scope'],
    [
      'two lists for a scope',
      (m) => (m.bots[0].commandLists[2].scopes = ['team', 'groupChat']),
      'team has more than one command list',
    ],
    // biome-ignore lint/suspicious/noExplicitAny: a test breaks it in ways that no type allows
  ] as [string, (manifest: any) => void, string][])('is refused with %s', async (_what, change, reason) => {
    const mistakes = await mistakesAfter(change);
    expect(mistakes.join('\n')).toContain(reason);
    expect(mistakes).toHaveLength(1);
  });
});

describe('the colour icon', () => {
  const accent = '#0b4f5c';

  test('is in order', () => {
    expect(colorIconMistakes(parts.color, accent)).toEqual([]);
  });

  test.each([
    ['of another size', blank(96, 96, 255), 'is 96×96 and must be 192×192'],
    ['that is no picture', Buffer.from('not a PNG'), 'is not a PNG'],
    ['with a transparent pixel', painted(parts.color, 96, 96, [255, 255, 255, 0]), 'pixel 96,96'],
    ['with a symbol beyond the safe area', painted(parts.color, 35, 96, [255, 255, 255, 255]), 'pixel 35,96'],
  ])('is refused when it is one %s', (_what, png, reason) => {
    const mistakes = colorIconMistakes(png, accent);
    expect(mistakes.join('\n')).toContain(reason);
    expect(mistakes).toHaveLength(1);
  });

  test('is refused on another accent colour', () => {
    expect(colorIconMistakes(parts.color, '#ffffff')[0]).toContain('is not the accent colour #ffffff');
  });

  test('may have any colour inside the safe area', () => {
    expect(colorIconMistakes(painted(parts.color, 36, 155, [255, 0, 0, 255]), accent)).toEqual([]);
  });
});

describe('the outline icon', () => {
  test('is in order', () => {
    expect(outlineIconMistakes(parts.outline)).toEqual([]);
  });

  test.each([
    ['of another size', blank(48, 32, 0), 'is 48×32 and must be 32×32'],
    ['that is no picture', parts.outline.subarray(0, 60), 'is not a PNG'],
    ['with a coloured pixel', painted(parts.outline, 16, 16, [255, 254, 255, 255]), 'pixel 16,16 (#fffeff, alpha 255)'],
    ['with a half transparent pixel', painted(parts.outline, 3, 1, [255, 255, 255, 128]), 'pixel 3,1'],
    ['with nothing on it', blank(32, 32, 0), 'nothing is drawn'],
    ['without transparency', blank(32, 32, 255), 'nothing of it is transparent'],
  ])('is refused when it is one %s', (_what, png, reason) => {
    const mistakes = outlineIconMistakes(png);
    expect(mistakes.join('\n')).toContain(reason);
    expect(mistakes).toHaveLength(1);
  });
});

describe('the command', () => {
  const script = join(import.meta.dirname, '../../manifest/pack.ts');
  const bare = { PATH: process.env.PATH! };
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'teammate-manifest-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('writes dist/teammate-bot.zip from .env, the environment and flags', () => {
    writeFileSync(
      join(folder, '.env'),
      Object.entries({ ...complete, DEVELOPER_NAME: 'In the file' })
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const said = execFileSync(process.execPath, [script, '--domain', 'flag.contoso.example'], {
      cwd: folder,
      env: { ...bare, DEVELOPER_NAME: 'In the environment' },
      encoding: 'utf8',
    });
    expect(said).toContain('Wrote dist/teammate-bot.zip');
    const manifest = JSON.parse(
      strFromU8(unzipSync(readFileSync(join(folder, 'dist/teammate-bot.zip')))['manifest.json']!),
    );
    expect(manifest).toMatchObject({
      bots: [{ botId: complete.BOT_ID }],
      developer: { name: 'In the environment' },
      validDomains: ['flag.contoso.example'],
      version: JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version,
    });
  });

  test('ends with 1 and plain sentences when settings are missing', () => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [script], {
      cwd: folder,
      env: bare,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('--bot-id or BOT_ID is missing');
    expect(stderr).not.toContain('    at ');
  });

  test('takes the name and the version from flags', () => {
    const flags = ['--name', 'Contoso Voice', '--version', '4.5.6', '--out', 'package.zip'];
    execFileSync(process.execPath, [script, ...flags], { cwd: folder, env: { ...bare, ...complete } });
    const manifest = JSON.parse(strFromU8(unzipSync(readFileSync(join(folder, 'package.zip')))['manifest.json']!));
    expect(manifest).toMatchObject({ version: '4.5.6', name: { short: 'Contoso Voice' } });
  });

  test('ends with 1 and names a flag that it does not know', () => {
    const { status, stderr } = spawnSync(process.execPath, [script, '--bot', 'x'], {
      cwd: folder,
      env: bare,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain("Unknown option '--bot'");
    expect(stderr).not.toContain('    at ');
  });

  test('only checks with --check, without any setting', () => {
    const said = execFileSync(process.execPath, [script, '--check'], { cwd: folder, env: bare, encoding: 'utf8' });
    expect(said).toContain('in order');
    expect(() => readFileSync(join(folder, 'dist/teammate-bot.zip'))).toThrow('ENOENT');
  });
});
