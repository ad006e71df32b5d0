import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, readConfig, settingNames } from '../../src/config.ts';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../deploy', file), 'utf8');
const bicep = read('main.bicep');
const parameters = read('main.bicepparam');

const blockOf = (start: string) => bicep.slice(bicep.indexOf(start), bicep.indexOf('\n}', bicep.indexOf(start)));
const given = [...blockOf('var fixedSettings').matchAll(/^ {2}([A-Z_]+): (.*)$/gm)].map(
  ([, name = '', value = '']) => ({ name, value }),
);
const secret = [...bicep.matchAll(/\{ setting: '([A-Z_]+)'/g)].map(([, name = '']) => name);

const guid = '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a';
/** What the template would give, with somebody's values in the place of Azure's. */
const samples: Record<string, string> = {
  PUBLIC_URL: 'https://bot.example.com',
  BOT_ID: guid,
  BOT_TENANT_ID: guid,
  KEY_VAULT_URL: 'https://vault.example.com/',
  KEY_VAULT_SECRET: 'secrets-keys',
  APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${guid}`,
  ORGANISATIONS: `${guid}=5001`,
  BOOTSTRAP_ADMINS: guid,
  DATABASE_URL: 'postgres://u:p@h/d',
  WEBHOOK_TOKEN: 'w'.repeat(48),
};
const deployed = (more: Record<string, string>): Config => {
  const plain = given.map(({ name, value }) => [name, samples[name] ?? /^'([^'$]*)'$/.exec(value)?.[1] ?? '']);
  const sealed = secret.map((name) => [name, samples[name] ?? '']);
  return readConfig({ ...Object.fromEntries([...plain, ...sealed]), ...more });
};

describe('deploy/main.bicep', () => {
  test('sets settings that there are, each once', () => {
    const names = [...given.map(({ name }) => name), ...secret];
    expect(names.length).toBeGreaterThan(15);
    expect(new Set(names).size).toBe(names.length);
    // Azure's own client library reads that one.
    expect(names.filter((name) => !settingNames.includes(name) && name !== 'AZURE_CLIENT_ID')).toEqual([]);
  });

  test('makes settings that the bot starts with, by the API or by hand', () => {
    expect(deployed({ PROVISIONING_BACKEND: 'portal' })).toMatchObject({
      BOT_CREDENTIAL: 'managed-identity',
      PORT: 3978,
    });
    const login = {
      TEAMMATE_CLIENT_ID: 'c',
      TEAMMATE_CLIENT_SECRET: 's',
      TEAMMATE_USERNAME: 'u',
      TEAMMATE_PASSWORD: 'p',
    };
    expect(deployed({ PROVISIONING_BACKEND: 'api', ...login })).toMatchObject({ PROVISIONING_BACKEND: 'api' });
  });

  test('gives what is secret through the vault alone', () => {
    const plain = given.filter(({ name }) => /SECRET|PASSWORD|TOKEN|DATABASE_URL|REDIS_URL/.test(name));
    expect(plain.map(({ name }) => name)).toEqual(['KEY_VAULT_SECRET']);
    const parametersOfSecrets = [...bicep.matchAll(/^param (\w*(?:secret|password|token|keys)\w*) /gim)].map(
      ([, name]) => name as string,
    );
    expect(parametersOfSecrets.length).toBeGreaterThan(4);
    for (const name of parametersOfSecrets) {
      const lines = bicep.slice(0, bicep.indexOf(`param ${name} `)).split('\n');
      const above = lines.slice(-4).join('\n');
      expect([name, above.includes('@secure()')]).toEqual([name, true]);
    }
  });

  test('has a value for every parameter that must have one, and the parameters have no others', () => {
    const all = [...bicep.matchAll(/^param (\w+) \w+( =)?/gm)].map(([, name = '', has]) => ({ name, needed: !has }));
    const assigned = [...parameters.matchAll(/^param (\w+) =/gm)].map(([, name]) => name as string);
    expect(assigned.filter((name) => !all.some((one) => one.name === name))).toEqual([]);
    expect(all.filter(({ name, needed }) => needed && !assigned.includes(name))).toEqual([]);
  });

  test('asks the app where it answers', () => {
    for (const [, path] of bicep.matchAll(/httpGet: \{ path: '([^']+)'/g)) expect(path).toBe('/healthz');
    expect(bicep).toContain("endpoint: 'https://${publicHost}/api/messages'");
  });
});
