import { say } from '../language/say.ts';
import type { SipAccount } from './account.ts';
import type { AddressPolicy } from './addresses.ts';
import { namesOf, registerAt } from './binding.ts';
import { checkCertificate } from './certificate-check.ts';
import { asFailure, Failure, Stopped, within } from './failure.ts';
import { openFlow, openTcp } from './flow.ts';
import { quoted } from './message.ts';
import { askOptions } from './options.ts';
import type { Reach } from './reach.ts';
import { silent } from './registration.ts';
import { fixFor, privateAddress } from './remedies.ts';
import { findNextHop, type Target } from './targets.ts';

export type CheckName = 'dns' | 'reach' | 'certificate' | 'options' | 'register';

/** One check, as it stands now. */
export interface Check {
  name: CheckName;
  /** What a person calls it. */
  label: string;
  state: 'waiting' | 'running' | 'passed' | 'warned' | 'failed' | 'skipped';
  /** What was found, in a sentence or two; empty while it waits. */
  says: string;
  /** What to do about it, when something is to be done. */
  fix?: string;
}

/** What a check found. */
export type Finding = Pick<Check, 'says' | 'fix'> & { state: 'passed' | 'warned' | 'failed' | 'skipped' };

export interface PreflightOptions {
  /** Asked about every address before anything is sent there. */
  allow: AddressPolicy;
  /** Told of every change, with all checks in their order. The next step waits for it. */
  onProgress(checks: readonly Check[]): void | Promise<void>;
  signal?: AbortSignal;
  /** Of each check. Milliseconds. */
  timeoutMs?: number;
  reach?: Reach;
}

const names: readonly CheckName[] = ['dns', 'reach', 'certificate', 'options', 'register'];
const patience = 8_000;

/**
 * Checks a PBX as TeamMate would meet it: every check in order, told live. One address is chosen at the beginning, asked
 * of the policy, and used by all of them, each with one connection; what DNS says later does not matter. Never throws
 * for what the network does.
 */
export async function preflight(account: SipAccount, options: PreflightOptions): Promise<Check[]> {
  return await new Preflight(account, options).run();
}

class Preflight {
  readonly #account: SipAccount;
  readonly #options: PreflightOptions;
  readonly #reach: Reach;
  readonly #checks: Check[];
  /** The one that every check goes to, once it is chosen. */
  #target: Target | undefined;

  constructor(account: SipAccount, options: PreflightOptions) {
    this.#account = account;
    this.#options = options;
    this.#reach = options.reach ?? {};
    this.#checks = names.map((name) => ({
      name,
      label: say(`sip.check.${name}`),
      state: 'waiting',
      says: '',
    }));
  }

  async run(): Promise<Check[]> {
    const { transport } = this.#account;
    await this.#check('dns', say('sip.found.no-dns'), async (signal) => {
      const found = await chooseTarget(this.#account, this.#options.allow, this.#reach, signal);
      this.#target = found.target;
      return found.finding;
    });
    const place = this.#target;
    if (!place) return await this.#skipRest(say('sip.found.no-address'));
    const way = { reach: this.#reach, names: namesOf(this.#account, place) };

    if (transport === 'UDP') await this.#skip('reach', say('sip.found.udp'));
    else if (
      !(await this.#check('reach', say('sip.found.no-tcp', { port: String(place.port) }), (s) => reachable(place, s)))
    )
      return await this.#skipRest(say('sip.found.no-connection'));

    if (transport !== 'TLS') await this.#skip('certificate', say('sip.found.no-certificate', { transport }));
    else if (
      !(await this.#check('certificate', say('sip.found.handshake-hangs'), (s) =>
        checkCertificate(place, { ...way, signal: s }),
      ))
    )
      return await this.#skipRest(say('sip.found.untrusted'));

    const answered = await this.#check('options', say('sip.found.no-options'), (signal) => this.#greet(place, signal));
    const registered = await this.#check('register', silent().message, (signal) => this.#register(place, signal));
    if (registered && !answered) await this.#forgive('options');
    return this.#checks;
  }

  async #greet(target: Target, signal: AbortSignal): Promise<Finding> {
    const { transport, password } = this.#account;
    const names = namesOf(this.#account, target);
    const flow = await openFlow(target, transport, { reach: this.#reach, names, signal });
    try {
      const message = await askOptions(this.#account, flow, signal);
      const status = message.status ?? 0;
      const answer = `${status}${message.phrase ? ` ${quoted(message.phrase, password)}` : ''}`;
      const heard = { answer, server: quoted(message.get('server') ?? '', password) || 'none' };
      if (status < 300) return { state: 'passed', says: say('sip.found.answered', heard) };
      if (status < 500) return { state: 'passed', says: say('sip.found.answered-enough', heard) };
      return { state: 'passed', says: say('sip.found.answered-trouble', heard) };
    } finally {
      flow.close();
    }
  }

  async #register(target: Target, signal: AbortSignal): Promise<Finding> {
    const { user, domain, expires } = this.#account;
    const registration = await registerAt(this.#account, [target], { reach: this.#reach, signal });
    if (!registration.ok) {
      const fix = fixFor(registration, this.#account, { check: 'register', port: target.port });
      return { state: 'failed', says: registration.reason, fix };
    }
    const about = { address: `${user}@${domain}`, seconds: registration.expires, asked: expires };
    const says = say(registration.expires === expires ? 'sip.found.registered' : 'sip.found.registered-shorter', about);
    return { state: 'passed', says };
  }

  /** Whether what comes after may go on. */
  async #check(name: CheckName, late: string, work: (signal: AbortSignal) => Promise<Finding>): Promise<boolean> {
    const { signal, timeoutMs = patience } = this.#options;
    if (signal?.aborted) return await this.#skip(name, new Stopped().message);
    await this.#set(name, { state: 'running', says: '' });
    const limit = { ms: timeoutMs, signal, late: new Failure('timeout', late) };
    const finding = await within(limit, work).catch((error): Finding => {
      const failure = asFailure(error);
      if (failure instanceof Stopped) return { state: 'skipped', says: failure.message };
      const refused = { ok: false, cause: failure.kind, reason: failure.message } as const;
      return {
        state: 'failed',
        says: failure.message,
        fix: fixFor(refused, this.#account, { check: name, port: this.#target?.port }),
      };
    });
    await this.#set(name, finding);
    return finding.state === 'passed' || finding.state === 'warned';
  }

  async #skip(name: CheckName, says: string): Promise<false> {
    await this.#set(name, { state: 'skipped', says });
    return false;
  }

  async #skipRest(why: string): Promise<Check[]> {
    const says = this.#options.signal?.aborted ? new Stopped().message : why;
    for (const check of this.#checks) if (check.state === 'waiting') Object.assign(check, { state: 'skipped', says });
    await this.#tell();
    return this.#checks;
  }

  /** A PBX that registers is fine without an answer to OPTIONS, which many are told to keep to themselves. */
  async #forgive(name: CheckName): Promise<void> {
    const check = this.#checks.find((one) => one.name === name);
    if (check?.state !== 'failed') return;
    const fix = say('sip.found.registers-anyway-fix');
    await this.#set(name, { state: 'warned', says: say('sip.found.registers-anyway', { says: check.says }), fix });
  }

  async #set(name: CheckName, change: Pick<Check, 'state' | 'says' | 'fix'>): Promise<void> {
    const at = this.#checks.findIndex((check) => check.name === name);
    this.#checks[at] = { name, label: say(`sip.check.${name}`), ...change };
    await this.#tell();
  }

  async #tell(): Promise<void> {
    await this.#options.onProgress(this.#checks.map((check) => ({ ...check })));
  }
}

/** The first address in order that may be connected to. */
async function chooseTarget(
  account: SipAccount,
  allow: AddressPolicy,
  reach: Reach,
  signal: AbortSignal,
): Promise<{ target?: Target; finding: Finding }> {
  const { targets, says, warning } = await findNextHop(account, reach, signal);
  const target = targets.find(({ address }) => allow.allows(address));
  // Which address it is stays untold: a name may be one of the network that the bot runs in.
  if (!target) return { finding: { state: 'failed', says: `${says} ${privateAddress.says}`, fix: privateAddress.fix } };
  const some = targets.some(({ address }) => !allow.allows(address)) ? ` ${privateAddress.some}` : '';
  const finding: Finding = { state: warning || some ? 'warned' : 'passed', says: `${says}${some}` };
  if (warning) return { target, finding: { ...finding, says: `${warning.says} ${says}${some}`, fix: warning.fix } };
  return { target, finding: some ? { ...finding, fix: privateAddress.fix } : finding };
}

async function reachable(target: Target, signal: AbortSignal): Promise<Finding> {
  const socket = await openTcp(target, signal);
  socket.on('error', () => {});
  socket.destroy();
  return { state: 'passed', says: say('sip.found.reached', { port: String(target.port) }) };
}
