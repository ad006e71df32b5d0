import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { settingNames } from '../config.ts';
import { demoLogin, demoMasterReseller } from '../simulator/seed.ts';
import { keyIn } from './key.ts';
import type { Part } from './part.ts';
import { alex, approvals, type DemoPerson, megan, robin, tenantId } from './people.ts';
import { kamailio } from './registrar.ts';
import type { Settings } from './settings.ts';

const root = join(import.meta.dirname, '../..');
const local = (port: number) => `http://127.0.0.1:${port}`;

/** Where everything is, once it runs. */
export const addressesOf = (settings: Settings) => ({
  bot: local(settings.PORT),
  alex: local(settings.ALEX_PORT),
  megan: local(settings.MEGAN_PORT),
  robin: local(settings.ROBIN_PORT),
  mail: local(settings.MAIL_PORT),
  simulator: local(settings.SIMULATOR_PORT),
  pbx: local(settings.PBX_PORT),
});

/** Where everything is kept. */
export const foldersOf = ({ DEMO_DATA }: Settings) => ({
  bot: join(DEMO_DATA, 'bot'),
  key: join(DEMO_DATA, 'secrets.key'),
  simulator: join(DEMO_DATA, 'simulator.json'),
  mail: join(DEMO_DATA, 'mail'),
  alex: join(DEMO_DATA, 'alex'),
  megan: join(DEMO_DATA, 'megan'),
  robin: join(DEMO_DATA, 'robin'),
  noBrowser: join(DEMO_DATA, 'no-browser'),
  logs: join(DEMO_DATA, 'logs'),
});

/** Everything the demo runs; the first one is ended first. */
export function partsOf(settings: Settings): [Part, ...Part[]] {
  const addresses = addressesOf(settings);
  const folders = foldersOf(settings);
  const webhookToken = randomBytes(24).toString('base64url');
  const log = (name: string) => join(folders.logs, `${name}.log`);

  const bot: Part = {
    name: 'bot',
    script: join(root, 'src/main.ts'),
    env: {
      // Whatever is set for a real bot, here or in .env, is not the demo's: it needs no account and must touch none.
      ...Object.fromEntries(settingNames.map((name) => [name, ''])),
      PORT: String(settings.PORT),
      PUBLIC_URL: addresses.bot,
      LOG_LEVEL: settings.LOG_LEVEL,
      ALLOW_UNAUTHENTICATED: 'true',
      ORGANISATIONS: `${tenantId}=${demoMasterReseller.resellerId}`,
      PROVIDER_TENANT: tenantId,
      DATA_DIR: folders.bot,
      TEAMMATE_URL: addresses.simulator,
      TEAMMATE_CLIENT_ID: demoLogin.clientId,
      TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
      TEAMMATE_USERNAME: demoLogin.username,
      TEAMMATE_PASSWORD: demoLogin.password,
      PROVISIONING_BACKEND: settings.PROVISIONING_BACKEND,
      TEAMMATE_PORTAL_URL: addresses.simulator,
      WEBHOOK_TOKEN: webhookToken,
      SECRETS_KEYS: keyIn(folders.key),
      // A PBX to try it with is on this machine.
      PREFLIGHT_ALLOW: '127.0.0.0/8',
      SMTP_URL: `smtp://127.0.0.1:${settings.SMTP_PORT}`,
      MAIL_FROM: 'teammate-bot@northwind.example',
      // Nobody wants to watch a demo wait.
      POLL_EVERY: '5s',
      REGISTRATION_EVERY: '10s',
      DEMO_CHANNEL: approvals.id,
      DEMO_PEOPLE: [
        `requester=${alex.directoryId}`,
        `approver=${megan.directoryId}`,
        `administrator=${megan.directoryId}`,
        ...(settings.PROVISIONING_BACKEND === 'portal' ? [`operator=${megan.directoryId}`] : []),
      ].join(),
    },
    folder: root,
    log: log('bot'),
    ready: `${addresses.bot}/readyz`,
  };

  const simulator: Part = {
    name: 'TeamMate simulator',
    script: join(root, 'src/simulator/main.ts'),
    env: {
      SIMULATOR_PORT: String(settings.SIMULATOR_PORT),
      SIMULATOR_HOST: '127.0.0.1',
      SIMULATOR_URL: '',
      SIMULATOR_DATA: folders.simulator,
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(settings.SMTP_PORT),
      WEBHOOK_URL: `${addresses.bot}/webhooks/teammate?token=${webhookToken}`,
      LOG_LEVEL: settings.LOG_LEVEL,
    },
    folder: root,
    log: log('simulator'),
    ready: addresses.simulator,
  };

  const mail: Part = {
    name: 'mail viewer',
    script: command('maildev', 'maildev'),
    args: [
      ...['--ip', '127.0.0.1', '--smtp', String(settings.SMTP_PORT)],
      ...['--web-ip', '127.0.0.1', '--web', String(settings.MAIL_PORT)],
      ...['--mail-directory', folders.mail],
    ],
    folder: settings.DEMO_DATA,
    log: log('mail'),
    ready: `${addresses.mail}/api/email`,
  };

  const pbx: Part = {
    name: 'PBX (Kamailio)',
    script: join(root, 'src/demo/pbx.ts'),
    args: [String(settings.PBX_PORT)],
    folder: root,
    log: log('pbx'),
    ready: `${addresses.pbx}/ready`,
  };

  const playground = (me: DemoPerson, folder: string, port: number): Part => ({
    name: `Playground of ${me.givenName}`,
    script: command('@microsoft/m365agentsplayground', 'agentsplayground'),
    args: [
      'start',
      ...['--app-endpoint', `${addresses.bot}/api/messages`],
      ...['--channel-id', 'msteams'],
      ...['--port', String(port)],
      '--disable-telemetry',
    ],
    env: { PATH: `${folders.noBrowser}${delimiter}${process.env.PATH ?? ''}` },
    folder,
    log: log(`playground-${me.givenName.toLowerCase()}`),
    ready: `${local(port)}/_debug/ping`,
  });

  return [
    bot,
    simulator,
    mail,
    playground(alex, folders.alex, settings.ALEX_PORT),
    playground(megan, folders.megan, settings.MEGAN_PORT),
    playground(robin, folders.robin, settings.ROBIN_PORT),
    ...(kamailio ? [pbx] : []),
  ];
}

/** The script behind a package's command. Not its entry in node_modules/.bin, which on Windows is no script of Node's. */
function command(name: string, bin: string): string {
  const folder = join(root, 'node_modules', name);
  const { bin: scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  return join(folder, scripts[bin] as string);
}
