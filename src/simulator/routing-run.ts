import { setTimeout as sleep } from 'node:timers/promises';
import { routingLetter } from './letters.ts';
import type { Letter } from './mail.ts';
import type { Outgoing } from './outgoing.ts';
import { advance, lastState, routingStates } from './routing.ts';
import { findEnterprise, findReseller, type State } from './state.ts';
import type { Store } from './store.ts';

/** How often a wait looks whether it has been made shorter. Milliseconds. */
const lookEvery = 50;

/** Takes each Direct Routing through its states in the background, as TeamMate and Microsoft would, and mails the end. */
export class RoutingRun {
  /** From the call to the routes. Milliseconds; a change holds at once, for those under way too. */
  durationMs: number;
  readonly #store: Store;
  readonly #outgoing: Outgoing;
  readonly #post: (letter: Letter) => Promise<void>;
  readonly #clock: () => Date;

  constructor(
    durationMs: number,
    given: { store: Store; outgoing: Outgoing; post: (letter: Letter) => Promise<void>; clock: () => Date },
  ) {
    this.durationMs = durationMs;
    this.#store = given.store;
    this.#outgoing = given.outgoing;
    this.#post = given.post;
    this.#clock = given.clock;
  }

  /** Goes on with one routing from wherever it is. */
  start(enterpriseId: number, sbcGatewayId: number): void {
    const what = `direct routing of enterprise ${enterpriseId}`;
    this.#outgoing.background(what, async () => {
      const now = () => find(this.#store.state, enterpriseId, sbcGatewayId);
      for (let routing = now(); routing && routing.state !== lastState; routing = now()) {
        await this.#wait();
        await this.#store.change((draft) => {
          const routing = find(draft, enterpriseId, sbcGatewayId);
          // The enterprise may have been removed meanwhile.
          if (routing) advance(routing, this.#clock());
        });
      }
      if (now()?.mail === 'queued') this.#mail(enterpriseId, sbcGatewayId);
    });
  }

  /** Goes on with everything that was under way when the process ended. */
  resume(): void {
    for (const { enterpriseId, routings } of this.#store.state.enterprises)
      for (const { sbcGatewayId, state, mail } of routings)
        if (state !== lastState || mail === 'queued') this.start(enterpriseId, sbcGatewayId);
  }

  async #wait(): Promise<void> {
    const began = performance.now();
    const left = () => this.durationMs / (routingStates.length - 1) - (performance.now() - began);
    for (let ms = left(); ms > 0; ms = left())
      await sleep(Math.min(ms, lookEvery), undefined, { signal: this.#outgoing.signal });
  }

  #mail(enterpriseId: number, sbcGatewayId: number): void {
    const attempt = async () => {
      const enterprise = findEnterprise(this.#store.state, enterpriseId);
      const routing = enterprise?.routings.find((one) => one.sbcGatewayId === sbcGatewayId);
      if (!enterprise || !routing) return;
      const reseller = findReseller(this.#store.state, enterprise.resellerId);
      await this.#post(routingLetter(reseller?.resellerName ?? '', enterprise, routing));
    };
    this.#outgoing.start(`direct routing mail of enterprise ${enterpriseId}`, attempt, (sent) =>
      this.#store.change((draft) => {
        const routing = find(draft, enterpriseId, sbcGatewayId);
        if (routing) routing.mail = sent ? 'sent' : 'failed';
      }),
    );
  }
}

const find = (state: State, enterpriseId: number, sbcGatewayId: number) =>
  findEnterprise(state, enterpriseId)?.routings.find((one) => one.sbcGatewayId === sbcGatewayId);
