import { createRequire } from 'node:module';
import { AppManifestUtils, type TeamsManifestV1D30 } from '@microsoft/app-manifest';
import { type Languages, type LocalizationSchema, languageFile, languageStrings } from './languages.ts';

/**
 * The command menu. Up to schema 1.20 these were the schema's own limits (from 1.21: 128 and 4000 characters, from
 * 1.24: 12 commands), and Microsoft's reference still names both; whatever keeps the older ones fits every client.
 */
export const commandLimits = { commands: 10, title: 32, description: 128 } as const;

/** The files of a package by the names that the manifest gives them. */
export const iconFiles = { color: 'color.png', outline: 'outline.png' } as const;

/**
 * What is wrong with a filled-in manifest, one sentence each; none when Teams should take it. Checked without the
 * network, with the official schema of the version that the manifest names, and with what the store asks beyond it.
 */
export async function manifestMistakes(manifest: unknown): Promise<string[]> {
  const { $schema, manifestVersion } = manifest as { $schema?: string; manifestVersion?: string };
  const wanted = `https://developer.microsoft.com/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.schema.json`;
  if ($schema !== wanted || !isReleased(manifestVersion)) {
    return [
      `manifest.json: $schema (${$schema}) and manifestVersion (${manifestVersion}) must be of the same version, ` +
        'one that @microsoft/app-manifest ships and that is no preview.',
    ];
  }
  const broken = await AppManifestUtils.validateAgainstSchema(manifest as TeamsManifest);
  const mistakes = [...leftOvers(manifest), ...broken.map((mistake) => inWords(mistake))];
  // The store's rules read fields whose shape the schema has to vouch for.
  return broken.length > 0 ? mistakes : [...mistakes, ...storeMistakes(manifest as TeamsManifest)];
}

/**
 * The language files of a valid manifest by their names in the package, and what is wrong with them: by the official
 * schema, by what the store asks, and texts that a language has not, or that nothing uses any more.
 */
export async function languageFiles(
  manifest: { manifestVersion?: string; name: { short: string } },
  languages: Languages,
): Promise<{ files: Record<string, Record<string, string>>; mistakes: string[] }> {
  const schema = localizationSchema(manifest.manifestVersion);
  const files: Record<string, Record<string, string>> = {};
  const mistakes: string[] = [];
  for (const [tag, translation] of Object.entries(languages)) {
    const file = languageFile(tag);
    const made = languageStrings(manifest, tag, translation, schema);
    const broken = await AppManifestUtils.validateAgainstSchema(
      made.strings as unknown as TeamsManifest,
      schema as never,
    );
    mistakes.push(...made.mistakes, ...broken.map((mistake) => inWords(mistake, `languages/${file}`)));
    for (const [path, text] of Object.entries(made.strings))
      if (/^bots\b.*\.description$/.test(path) && text.length > commandLimits.description)
        mistakes.push(`languages/${file}: “${text}” must have 1 to ${commandLimits.description} characters.`);
    if (translation['description.full'].includes(translation['description.short']))
      mistakes.push(`languages/${file}, description.full: must not repeat description.short.`);
    files[file] = made.strings;
  }
  return { files, mistakes };
}

/** Without the patterns of activities, which have a `]` that the validator's engine refuses; there are no such texts here. */
function localizationSchema(version: string | undefined): LocalizationSchema {
  const schema = shipped(version, 'MicrosoftTeams.Localization') as LocalizationSchema;
  const isRead = ([pattern]: [string, unknown]) => {
    try {
      return Boolean(new RegExp(pattern, 'u'));
    } catch {
      return false;
    }
  };
  return { ...schema, patternProperties: Object.fromEntries(Object.entries(schema.patternProperties).filter(isRead)) };
}

type TeamsManifest = TeamsManifestV1D30.TeamsManifestV1D30;
type Bot = NonNullable<TeamsManifest['bots']>[number];

/** Asked here because the validator would otherwise fetch a schema that is not in its package. */
function isReleased(version: string | undefined): boolean {
  if (!/^\d+\.\d+$/.test(version ?? '')) return false;
  try {
    shipped(version, 'MicrosoftTeams');
    return true;
  } catch {
    return false;
  }
}

const shipped = (version: string | undefined, schema: string): unknown =>
  createRequire(import.meta.url)(`@microsoft/app-manifest/build/json-schemas/teams/v${version}/${schema}.schema.json`);

/** `/name/short must NOT have more than 30 characters. Details: {…}` → `manifest.json, name.short: must NOT …` */
function inWords(schemaMistake: string, file = 'manifest.json'): string {
  const [, pointer = '', said = schemaMistake, details = ''] =
    /^(\S*) (.*?)\. Details: (.*)$/s.exec(schemaMistake) ?? [];
  const extra = /"additionalProperty":"([^"]*)"/.exec(details)?.[1];
  return `${file}, ${pointer.slice(1).replaceAll('/', '.') || 'top level'}: ${said}${extra ? `: ${extra}` : ''}.`;
}

function leftOvers(value: unknown, path = ''): string[] {
  if (typeof value === 'string') {
    return value.includes('${{')
      ? [`manifest.json, ${path.slice(1)}: ${value} has a placeholder that nothing fills.`]
      : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => leftOvers(inner, `${path}.${key}`));
}

function storeMistakes(manifest: TeamsManifest): string[] {
  const { version, name, description, icons, bots = [] } = manifest;
  const mistakes: string[] = [];
  const need = (met: boolean, mistake: string) => met || mistakes.push(`manifest.json, ${mistake}`);
  need(
    /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(version),
    // The schema speaks of semver, but uploads of 1.1.0-preview.1 are refused: OfficeDev/microsoft-teams-app-schema#174
    `version: ${version} must be three numbers such as 1.2.3; it comes from --version or package.json.`,
  );
  // This schema no longer requires it, 1.19 did; an upload without it was refused: OfficeDev/microsoft-teams-apps-icebreaker#280
  need(Boolean(name.full), 'name.full: is missing.');
  // OfficeDev/office-store-docs#127
  need(!description.full.includes(description.short), 'description.full: must not repeat description.short.');
  // The schema leaves it open, but from 1.25 on Teams refuses to upload an app for teams that does not say so; tier1 is
  // the only value: https://learn.microsoft.com/microsoftteams/platform/build-apps-for-shared-private-channels
  const forTeams = bots.some(({ scopes }) => (scopes as string[]).includes('team'));
  need(!forTeams || manifest.supportsChannelFeatures === 'tier1', 'supportsChannelFeatures: must be tier1.');
  mistakes.push(...domainMistakes(manifest));
  for (const [kind, file] of Object.entries(iconFiles)) {
    need(icons[kind as keyof typeof iconFiles] === file, `icons.${kind}: must be ${file}, which is what is packed.`);
  }
  mistakes.push(...bots.flatMap(commandMistakes));
  return mistakes;
}

/** Teams shows no page of a host that validDomains leaves out, and gives a single sign-on token to no other. */
function domainMistakes({ validDomains = [], staticTabs = [], webApplicationInfo }: TeamsManifest): string[] {
  const addresses = staticTabs.flatMap(({ entityId, contentUrl }): [place: string, address: string][] =>
    contentUrl ? [[`staticTabs, ${entityId}`, contentUrl]] : [],
  );
  if (webApplicationInfo?.resource) addresses.push(['webApplicationInfo', webApplicationInfo.resource]);
  return addresses.flatMap(([place, address]) =>
    validDomains.includes(new URL(address).host) ? [] : [`manifest.json, ${place}: ${address} is not of validDomains.`],
  );
}

function commandMistakes({ scopes: own, commandLists = [] }: Bot): string[] {
  const mistakes: string[] = [];
  const need = (met: boolean, mistake: string) => met || mistakes.push(`manifest.json, bots: ${mistake}`);
  const listed: string[] = commandLists.flatMap(({ scopes }) => scopes);
  for (const scope of own) {
    // "Teams mobile client doesn't support the bot app when there is no value": the reference of bots.commandLists.
    need(listed.includes(scope), `the scope ${scope} has no command list.`);
  }
  for (const scope of new Set(listed)) {
    need(new Set<string>(own).has(scope), `there are commands for ${scope}, which is no scope of the bot.`);
    need(listed.indexOf(scope) === listed.lastIndexOf(scope), `${scope} has more than one command list.`);
  }
  for (const { scopes, commands } of commandLists) {
    const menu = `commands for ${scopes.join(', ')}:`;
    need(commands.length <= commandLimits.commands, `${menu} at most ${commandLimits.commands} of them.`);
    need(new Set(commands.map(({ title }) => title)).size === commands.length, `${menu} one title stands twice.`);
    for (const { title, description = '' } of commands) {
      const { title: longest, description: most } = commandLimits;
      need(title.length <= longest, `${menu} the title "${title}" has over ${longest} characters.`);
      const fits = description.length > 0 && description.length <= most;
      need(fits, `${menu} the description of "${title}" must have 1 to ${most} characters.`);
    }
  }
  return mistakes;
}
