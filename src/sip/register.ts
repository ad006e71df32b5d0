import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../language/say.ts';
import type { SipAccount } from './account.ts';
import { type Device, newDevice } from './agent.ts';
import { answer, type Binding, bind, type Held, registerAt, release } from './binding.ts';
import { asFailure, Failure, within } from './failure.ts';
import type { Reach } from './reach.ts';
import { type Registration, refused, renewAfter, silent } from './registration.ts';
import { findNextHop } from './targets.ts';

export type { Registration } from './registration.ts';

/** Of a registration with everything before it. RFC 3261 (timer F) waits 32 s; nobody watches a card that long. ms */
const patience = 10_000;

/** Registers once, then un-registers what it made. Never throws for what the network does. */
export async function register(
  account: SipAccount,
  options: { signal?: AbortSignal; timeoutMs?: number; reach?: Reach } = {},
): Promise<Registration> {
  const { reach = {}, timeoutMs = patience, signal } = options;
  try {
    return await within({ ms: timeoutMs, signal, late: silent() }, async (aborted) => {
      const { targets } = await findNextHop(account, reach, aborted);
      return await registerAt(account, targets, { reach, signal: aborted });
    });
  } catch (error) {
    return refused(asFailure(error));
  }
}

/** Pauses after failures: the first unless told otherwise, and the longest. Milliseconds. */
const pauses = { first: 30_000, most: 300_000 } as const;
/** What keeps an idle connection open at both ends and between them (RFC 5626, section 4.4.1: 95–120 s). Milliseconds. */
const keepAlive = 60_000;

/**
 * Stays registered: renews at half of what was granted, takes the interval that a 423 asks for, and after a loss tries
 * again, ever more rarely. Every change is told, the first outcome too.
 */
export function keepRegistered(
  account: SipAccount,
  options: { onChange(registration: Registration): void; retryMs?: number; reach?: Reach },
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const keeper = new Keeper(account, { ...options, signal: stopping.signal });
  const done = keeper.run();
  return {
    stop: async () => {
      stopping.abort(new Failure('other', say('sip.failed.interrupted')));
      await done;
    },
  };
}

class Keeper {
  #account: SipAccount;
  readonly #device: Device = newDevice();
  readonly #reach: Reach;
  readonly #signal: AbortSignal;
  readonly #retryMs: number;
  readonly #onChange: (registration: Registration) => void;
  #told = '';

  constructor(
    account: SipAccount,
    options: {
      onChange(registration: Registration): void;
      retryMs?: number;
      reach?: Reach;
      signal: AbortSignal;
    },
  ) {
    this.#account = account;
    this.#reach = options.reach ?? {};
    this.#signal = options.signal;
    this.#retryMs = options.retryMs ?? pauses.first;
    this.#onChange = options.onChange;
  }

  async run(): Promise<void> {
    let pause = this.#retryMs;
    while (!this.#signal.aborted) {
      const { registration, held } = await this.#bind();
      if (held) {
        await this.#hold(registration, held);
        pause = this.#retryMs;
      } else {
        this.#tell(registration);
      }
      await sleep(pause, undefined, { signal: this.#signal }).catch(() => {});
      pause = Math.min(pause * 2, pauses.most);
    }
  }

  /** Registers, with the interval that a 423 asks for if need be. */
  async #bind(): Promise<Binding> {
    const first = await this.#try();
    const { registration } = first;
    if (registration.ok || !registration.minExpires || registration.minExpires <= this.#account.expires) return first;
    this.#account = { ...this.#account, expires: registration.minExpires };
    return await this.#try();
  }

  async #try(): Promise<Binding> {
    try {
      return await within({ ms: patience, signal: this.#signal, late: silent() }, async (signal) => {
        const { targets } = await findNextHop(this.#account, this.#reach, signal);
        return await bind(this.#account, targets, { reach: this.#reach, signal, device: this.#device });
      });
    } catch (error) {
      return { registration: refused(asFailure(error)) };
    }
  }

  /** Keeps one registration until it is lost or no longer wanted. */
  async #hold(registration: Registration, held: Held): Promise<void> {
    const { flow } = held;
    const alive = flow.transport === 'UDP' ? undefined : setInterval(() => flow.send('\r\n\r\n'), keepAlive);
    try {
      let current = registration;
      while (current.ok) {
        this.#tell(current);
        current = await this.#renewed(current.expires, held);
      }
      this.#tell(current);
    } finally {
      clearInterval(alive);
      await release(held);
    }
  }

  /** The next answer, at half of what was granted; or how it was lost before. */
  async #renewed(expires: number, held: Held): Promise<Registration> {
    const half = renewAfter(expires, this.#account.expires);
    const lost = new AbortController();
    held.flow.onEnd = (failure) => lost.abort(failure);
    try {
      const ended = AbortSignal.any([this.#signal, lost.signal]);
      await sleep(half, undefined, { signal: ended }).catch(() => ended.throwIfAborted());
      return await within({ ms: patience, signal: this.#signal, late: silent() }, (signal) => answer(held, signal));
    } catch (error) {
      return refused(asFailure(error));
    }
  }

  #tell(registration: Registration): void {
    const text = JSON.stringify(registration);
    if (text === this.#told || this.#signal.aborted) return;
    this.#told = text;
    this.#onChange(registration);
  }
}
