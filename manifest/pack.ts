import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { zipSync } from 'fflate';
import { colorIconMistakes, outlineIconMistakes } from './icons.ts';
import { type Languages, localizationInfo, readLanguages } from './languages.ts';
import { iconFiles, languageFiles, manifestMistakes } from './rules.ts';
import { PackageError, readSettings, type Settings, sampleSettings, sources } from './settings.ts';

/** What a package is made of, as it lies in this folder. `template` is JSON with placeholders such as `${{BOT_ID}}`. */
export interface Parts {
  template: string;
  languages: Languages;
  color: Uint8Array;
  outline: Uint8Array;
}

/**
 * The template with its placeholders filled. Values are put into the parsed JSON, so that no character in them can
 * change its shape, and they are not searched for placeholders again. An unknown placeholder stays, for the rules to
 * refuse.
 */
export function fillTemplate(template: string, settings: Settings, version: string): unknown {
  const values: Record<string, string> = {
    VERSION: version,
    BOT_ID: settings.botId,
    APP_ID: settings.appId,
    TAB_APP_ID: settings.tabAppId,
    APP_NAME: settings.name,
    DOMAIN: settings.domain,
    DEVELOPER_NAME: settings.developerName,
    DEVELOPER_WEBSITE: settings.website,
    PRIVACY_URL: settings.privacy,
    TERMS_URL: settings.terms,
  };
  return JSON.parse(template, (_key, value) =>
    typeof value === 'string' ? value.replace(/\$\{\{(\w+)\}\}/g, (all, name) => values[name] ?? all) : value,
  );
}

/**
 * The app package: a zip with manifest.json, the icons and a file for each language at its root. The same input gives the
 * same bytes.
 *
 * It asks for no permission. The bot writes only where it is installed, reads who is there by Teams' own right to that,
 * and hears what is said to it; so neither `permissions` nor a resource-specific consent would serve, and nobody has one
 * to grant. Roles that follow groups of the directory are the bot's own registration's permission, not the app's.
 * @throws PackageError with everything that Teams would refuse.
 */
export async function makePackage(parts: Parts, settings: Settings, version: string): Promise<Uint8Array> {
  const manifest = {
    ...(fillTemplate(parts.template, settings, version) as Filled),
    localizationInfo: localizationInfo(parts.languages),
  };
  const mistakes = [
    ...(await manifestMistakes(manifest)),
    ...colorIconMistakes(parts.color, manifest.accentColor ?? ''),
    ...outlineIconMistakes(parts.outline),
  ];
  if (mistakes.length > 0) throw new PackageError(mistakes);
  // Only a manifest that is in order says what there is to translate.
  const filled = fillTemplate(JSON.stringify(parts.languages), settings, version) as Languages;
  const languages = await languageFiles(manifest, filled);
  if (languages.mistakes.length > 0) throw new PackageError(languages.mistakes);
  const texts = { 'manifest.json': manifest, ...languages.files };
  return zipSync(
    {
      ...Object.fromEntries(
        Object.entries(texts).map(([file, text]) => [file, Buffer.from(`${JSON.stringify(text, null, 2)}\n`)]),
      ),
      [iconFiles.color]: parts.color,
      [iconFiles.outline]: parts.outline,
    },
    // A zip's clock begins in 1980 and knows no time zone.
    { mtime: new Date(1980, 0, 1) },
  );
}

type Filled = { manifestVersion?: string; name: { short: string }; accentColor?: string };

/** The template, languages and icons of this folder. */
export function readParts(): Parts {
  const read = (file: string) => readFileSync(join(import.meta.dirname, file));
  return {
    template: read('manifest.json').toString(),
    languages: readLanguages(),
    color: read(iconFiles.color),
    outline: read(iconFiles.outline),
  };
}

const usage = `Makes the Teams app package (a zip to upload in Teams, its admin centre or Partner Center).

  npm run manifest -- [flags]

${Object.values(sources)
  .map(({ flag, variable }) => `  --${flag.padEnd(16)} else ${variable}`)
  .join('\n')}
  --version          else the version in package.json; Teams takes an update only with a higher one
  --out              the file to write, else dist/teammate-bot.zip
  --check            only checks the template and the icons, with sample settings

The app id defaults to the bot id, the domain to the host of PUBLIC_URL, the name to TeamMate Bot. Variables are read from .env too.`;

async function run(): Promise<string> {
  const text = { type: 'string' } as const;
  const flags = Object.fromEntries(Object.values(sources).map(({ flag }) => [flag, text]));
  const options = {
    ...flags,
    version: text,
    out: text,
    check: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help) return usage;

  const root = join(import.meta.dirname, '..');
  const { version: own } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const version = values.version ?? own;
  if (values.check) {
    await makePackage(readParts(), sampleSettings, version);
    return 'The app manifest, its languages and its icons are in order.';
  }
  if (existsSync('.env')) process.loadEnvFile();
  const settings = readSettings(values as Record<string, string | undefined>, process.env);
  const zip = await makePackage(readParts(), settings, version);
  const file = values.out ?? 'dist/teammate-bot.zip';
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, zip);
  return `Wrote ${file}: version ${version}, bot ${settings.botId}, domain ${settings.domain}.`;
}

if (import.meta.main) {
  try {
    console.log(await run());
  } catch (error) {
    const isUsersMistake =
      error instanceof PackageError || String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
    if (!isUsersMistake) throw error;
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
