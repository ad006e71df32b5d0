import { isDeepStrictEqual } from 'node:util';
import type { SipAccount } from '../sip/account.ts';
import type { Registration as Heard, keepRegistered } from '../sip/register.ts';
import type { Log } from './http.ts';
import type { Notice } from './notice.ts';
import type { Outgoing } from './outgoing.ts';
import { type Pbx, pending, type Registration } from './pbx.ts';
import { findEnterprise, findPbx, findReseller, type State } from './state.ts';
import type { Store } from './store.ts';

/** How a registration is kept up. */
export type KeepRegistered = typeof keepRegistered;

interface Given {
  store: Store;
  outgoing: Outgoing;
  tell: (notice: Notice) => void;
  clock: () => Date;
  log: Log | undefined;
}

/** One registration and what ends it. Its turns come one after another: never two at once for one PBX. */
interface Kept {
  registered?: ReturnType<KeepRegistered> | undefined;
  turn: Promise<void>;
}

/**
 * Registers at the PBXes as TeamMate's SBC would, for as long as they are in service, and writes down what comes of it.
 * "Registered" is said of nothing that a PBX has not answered.
 */
export class PbxRegistrations {
  readonly #register: KeepRegistered;
  readonly #given: Given;
  readonly #kept = new Map<number, Kept>();
  #closed = false;

  constructor(register: KeepRegistered, given: Given) {
    this.#register = register;
    this.#given = given;
  }

  /**
   * Makes a change that touches registrations: each of the PBXes that it names is then registered anew, or no longer,
   * and said to be.
   */
  async change<Result>(change: (draft: State) => { result: Result; touched: readonly Pbx[] }): Promise<Result> {
    const { store, clock, tell } = this.#given;
    const done = await store.change((draft) => {
      const { result, touched } = change(draft);
      const notices = touched.flatMap((pbx) => restate(draft, pbx, clock()) ?? []);
      return { result, notices, ids: touched.map((pbx) => pbx.pbxId) };
    });
    for (const pbxId of done.ids) this.settle(pbxId);
    for (const notice of done.notices) tell(notice);
    return done.result;
  }

  /** Registers anew, or no longer, as the state now says. Whatever was kept up before ends first. */
  settle(pbxId: number): void {
    const { store, log } = this.#given;
    const kept = this.#kept.get(pbxId) ?? { turn: Promise.resolve() };
    this.#kept.set(pbxId, kept);
    kept.turn = kept.turn.then(async () => {
      const { registered } = kept;
      kept.registered = undefined;
      await registered?.stop().catch((error: Error) => log?.warn({ pbxId, error: error.message }, 'not un-registered'));
      const pbx = findPbx(store.state, pbxId);
      if (!this.#closed && pbx && outOfService(store.state, pbx) === undefined) this.#begin(kept, pbx);
      else if (!pbx) this.#kept.delete(pbxId);
    });
  }

  /** Begins with everything that is in service; what was registered when the process ended no longer is. */
  async resume(): Promise<void> {
    const { store, clock } = this.#given;
    const inService = store.state.pbxes.filter((pbx) => !outOfService(store.state, pbx)).map((pbx) => pbx.pbxId);
    if (inService.length === 0) return;
    await store.change((draft) => {
      for (const pbx of draft.pbxes) if (inService.includes(pbx.pbxId)) pbx.registration = pending(clock());
    });
    for (const pbxId of inService) this.settle(pbxId);
  }

  /** Un-registers everywhere. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const pbxId of this.#kept.keys()) this.settle(pbxId);
    await Promise.all([...this.#kept.values()].map((kept) => kept.turn));
  }

  #begin(kept: Kept, pbx: Pbx): void {
    const { outgoing, store, clock, tell } = this.#given;
    const account = accountOf(pbx);
    // What is heard of a registration that has been ended, or is about to be, says nothing of the one that follows it.
    const current = (draft: State) => {
      const now = findPbx(draft, pbx.pbxId);
      if (this.#closed || kept.registered !== registered || !now || outOfService(draft, now)) return undefined;
      return isDeepStrictEqual(accountOf(now), account) ? now : undefined;
    };
    const registered = this.#register(account, {
      onChange: (heard) => {
        outgoing.background(`registration of PBX ${pbx.pbxId}`, async () => {
          const notice = await store.change((draft) => {
            const now = current(draft);
            return now && note(draft, now, outcome(heard, clock()));
          });
          if (notice) tell(notice);
        });
      },
    });
    kept.registered = registered;
  }
}

/**
 * Why a PBX is not to be registered; nothing when it is. (I) What is suspended is not registered, nor is what belongs to a
 * suspended enterprise or reseller.
 */
function outOfService(state: State, { enterpriseId, suspended }: Pbx): string | undefined {
  if (suspended) return 'The PBX is suspended.';
  const enterprise = findEnterprise(state, enterpriseId);
  if (!enterprise || enterprise.suspended) return 'The enterprise is suspended.';
  return findReseller(state, enterprise.resellerId)?.suspended ? 'The reseller is suspended.' : undefined;
}

/** What is said of a PBX after a change, before anything is heard from it. */
function restate(draft: State, pbx: Pbx, now: Date): Notice | undefined {
  const reason = outOfService(draft, pbx);
  const changedDate = now.toISOString();
  if (reason) return note(draft, pbx, { state: 'NOT_REGISTERED', reason, changedDate });
  pbx.registration = pending(now);
  return undefined;
}

/** Writes down how a registration stands; a notice when that is another state than before. */
function note(draft: State, pbx: Pbx, registration: Registration): Notice | undefined {
  const before = pbx.registration;
  if (before.state === registration.state && before.reason === registration.reason) return undefined;
  pbx.registration = registration;
  if (before.state === registration.state) return undefined;
  const { pbxId, enterpriseId } = pbx;
  const { resellerId } = findEnterprise(draft, enterpriseId)!;
  return {
    event: 'pbx.registration',
    enterpriseId,
    resellerId,
    pbxId,
    registered: registration.state === 'REGISTERED',
  };
}

/** It quotes the PBX, whose words may be anything; this much of them is told. */
const longestReason = 300;

function outcome(heard: Heard, now: Date): Registration {
  const changedDate = now.toISOString();
  if (heard.ok)
    return { state: 'REGISTERED', reason: `Registered for ${heard.expires} seconds at a time.`, changedDate };
  const reason = heard.reason.replace(/\p{C}/gu, ' ').slice(0, longestReason);
  return { state: 'NOT_REGISTERED', reason, changedDate };
}

const accountOf = (pbx: Pbx): SipAccount => ({
  domain: pbx.sipDomain,
  ...(pbx.sipDomainProxy === null ? {} : { proxy: pbx.sipDomainProxy }),
  lookup: pbx.dnsLookupType,
  transport: pbx.transport,
  ...(pbx.port === null ? {} : { port: pbx.port }),
  user: pbx.sipUser,
  ...(pbx.authenticationId === null ? {} : { authId: pbx.authenticationId }),
  password: pbx.secrets.sipPassword,
  expires: pbx.registrationExpiry,
});
