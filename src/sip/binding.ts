import { say } from '../language/say.ts';
import type { SipAccount } from './account.ts';
import { Agent, type Device, newDevice } from './agent.ts';
import { asFailure, Failure, untilAborted, within } from './failure.ts';
import { type Flow, openFlow } from './flow.ts';
import type { Reach } from './reach.ts';
import { type Registration, silent } from './registration.ts';
import type { Target } from './targets.ts';

/** Of taking a registration back, which nobody waits for. Milliseconds. */
const farewell = 2_000;

/** What every try is given. The signal aborts with a Failure. */
interface Way {
  reach: Reach;
  signal: AbortSignal;
}

/**
 * Registers once at the first of these targets that takes the connection, then un-registers.
 * @throws Failure
 */
export async function registerAt(account: SipAccount, targets: readonly Target[], way: Way): Promise<Registration> {
  const { registration, held } = await bind(account, targets, { ...way, device: newDevice() });
  if (held) await release(held);
  return registration;
}

/** Takes back what the agent registered, if the PBX still answers, and frees everything. */
export async function release({ agent, flow }: Held): Promise<void> {
  if (flow.open) {
    const ended = new Promise<void>((resolve) => {
      flow.onEnd = () => resolve();
    });
    const farewells = (late: AbortSignal) => untilAborted(Promise.race([agent.unregister(), ended]), late);
    await within({ ms: farewell, late: silent() }, farewells).catch(() => {});
  }
  agent.close();
}

/** What holds a registration that stands. */
export interface Held {
  agent: Agent;
  flow: Flow;
}

/** How it came out, and what has to be released when it stands. */
export interface Binding {
  registration: Registration;
  held?: Held;
}

/** @throws Failure; nothing is left open then */
export async function bind(
  account: SipAccount,
  targets: readonly Target[],
  { reach, signal, device }: Way & { device: Device },
): Promise<Binding> {
  const flow = await firstOpen(account, targets, { reach, signal });
  const agent = Agent.on(flow, account, device);
  if (!(agent instanceof Agent)) {
    flow.close();
    return { registration: agent };
  }
  const registration = await answer({ agent, flow }, signal).catch((error) => {
    agent.close();
    throw error;
  });
  if (registration.ok) return { registration, held: { agent, flow } };
  agent.close();
  return { registration };
}

/** One REGISTER and its answer. @throws Failure when the flow ends before */
export async function answer({ agent, flow }: Held, signal: AbortSignal): Promise<Registration> {
  const lost = new Promise<never>((_resolve, reject) => {
    flow.onEnd = reject;
  });
  return await untilAborted(Promise.race([agent.register(), lost]), signal);
}

/** RFC 3263, section 4.3: the next target is for a connection that cannot be made, not for an answer one dislikes. */
async function firstOpen(account: SipAccount, targets: readonly Target[], { reach, signal }: Way): Promise<Flow> {
  let last: Failure = new Failure('name', say('sip.failed.no-address'));
  for (const target of targets) {
    try {
      return await openFlow(target, account.transport, { reach, names: namesOf(account, target), signal });
    } catch (error) {
      last = asFailure(error);
      if (signal.aborted || last.kind !== 'unreachable') throw last;
    }
  }
  throw last;
}

/** Whom a certificate may be made out to (RFC 5922, section 7.2, and the proxy one was told to use). */
export const namesOf = ({ domain }: SipAccount, { host }: Pick<Target, 'host'>): string[] => [
  ...new Set([domain, host].map((name) => name.replace(/\.$/, ''))),
];
