import { setTimeout as pause } from 'node:timers/promises';
import type { Preflight } from '../../src/provisioning/check.ts';
import type { SipAccount } from '../../src/sip/account.ts';
import type { Check } from '../../src/sip/preflight.ts';
import { type Harness, type HarnessOptions, type Posted, startHarness } from './harness.ts';
import type { TestPerson } from './people.ts';

/** A check whose outcome a test tells: each run waits until it is told what it finds. */
export function scriptedPreflight() {
  const runs: { account: SipAccount; signal: AbortSignal; shows: Shows; ends: Ends; ended: boolean }[] = [];
  type Shows = (...checks: Check[]) => Promise<void>;
  type Ends = (...checks: Check[]) => void;
  const preflight: Preflight = (account, { onProgress, signal }) =>
    new Promise((resolve, reject) => {
      const run = {
        account,
        signal,
        ended: false,
        shows: (...checks: Check[]) => onProgress(checks),
        ends: (...checks: Check[]) => {
          run.ended = true;
          onProgress(checks).then(() => resolve(checks), reject);
        },
      };
      runs.push(run);
      // As the real one: what is cut short has found nothing.
      signal.addEventListener('abort', () => resolve([]));
    });
  return { preflight, runs };
}

export const checked = (state: Check['state'], says = '', fix?: string): Check => ({
  name: 'register',
  label: 'Registration',
  state,
  says,
  ...(fix && { fix }),
});
export const fine = checked('passed', 'Registered teammate@sip.proseware.example for 300 s, and took it back.');
export const wrongPassword = checked('failed', 'The PBX does not take this password.', 'Type it again.');

/** What a person types that nobody may ever read again. */
export const secrets = {
  password: 'sip-Geheimnis-7 ',
  clientSecret: 'client-Geheimnis-8',
  masqueradingPassword: 'masquerading-Geheimnis-9',
};
export const typed = {
  location: 'Head Office',
  lookup: 'A',
  domain: 'sip.proseware.example',
  proxy: '',
  transport: 'UDP',
  port: '',
  user: 'teammate',
  authorizationUrl: 'https://portal.proseware.example/ns-api/oauth2/token/',
  clientId: 'teammate',
  masqueradingLogin: 'admin@proseware',
};
/** Of the simulator's seed: an enterprise that has PBXes of the type Netsapiens. */
const proseware = { enterprise: '5901', pbxType: '1' };

/** A bot that knows of Proseware and of its Direct Routing. */
export async function pbxHarness(options: HarnessOptions = {}): Promise<Harness> {
  const harness = await startHarness(options);
  await knowRouting(harness);
  return harness;
}

/** Waits until what TeamMate has was copied. */
async function knowRouting({ db }: Harness): Promise<void> {
  const routed = () => db.selectFrom('listed').select('name').where('kind', '=', 'direct-routing').execute();
  while ((await routed()).length === 0) await pause(20);
}

/** Opens the form and fills in its first page. Resolves to the second. */
export async function openPbxForm(harness: Harness, by: TestPerson): Promise<Posted> {
  const form = await harness.type(by, 'setup pbx');
  return harness.click(by, form, 'Next', proseware);
}

/** Asks for a PBX. Resolves to the request's card in the place of the form. */
export async function orderPbx(harness: Harness, by: TestPerson, more: Record<string, string> = {}) {
  const form = await openPbxForm(harness, by);
  const card = await harness.click(by, form, 'Submit', { ...typed, ...secrets, ...more });
  const id = /R-(\d+)/.exec(card.says)?.[1];
  if (!id) throw new Error(`no request was made: ${card.says}`);
  return { ...card, id };
}
