import type { BillingRow } from '../billing/bill.ts';
import type { Month } from '../billing/month.ts';
import type { Orders, RemoteKind } from '../catalog/index.ts';
import type { Thing, ThingKind } from '../catalog/orderable.ts';
import type { Progress } from '../db/schema.ts';
import { say } from '../language/say.ts';
import type { Call } from './ledger.ts';

/** How a thing stands in the backend. `gone`: it was there and is not any more. `progress`: what of a long wait is done. */
export interface Standing {
  state: 'active' | 'waiting' | 'gone';
  progress?: Progress;
  /** Why it stands so, in the backend's words. */
  says?: string;
  /** It will not go on as it was ordered: the request fails with this reason. */
  refusal?: BackendRefused;
}

/** What is asked of somebody outside, which only they can do. */
export interface Asking {
  /** Their e-mail address; empty when it is not known, or is none. */
  to: string;
  customer: string;
  /** Who asks. */
  provider: string;
  /** `link` makes the address of the page on which it is done: a secret, used once, and it makes older ones useless. */
  wanted: { title: string; link(): Promise<string | undefined> }[];
}

/** The ledger of one request, for what takes several calls: a row for each step, written before its call. */
export interface Ledger {
  begin(step: string): Promise<Call>;
  /** Whether what a step made has been seen. */
  done(step: string): Promise<boolean>;
  finish(step: string): Promise<void>;
  forget(step: string): Promise<void>;
}

/** Something the backend already has under an order's natural key. */
export interface Found {
  /** The backend's id of it. */
  reference: string;
  /** Which of the order's values are the same: a match in all of them is the thing itself. */
  same: readonly string[];
}

/** What the backend can do with one kind of order. `account` is the master reseller's id in TeamMate. */
export interface Operations<Order> {
  /** Looks up by natural key; must be asked before anything is posted a second time. */
  find(order: Order, account: string): Promise<Found | undefined>;
  /** Creates it; the order has its secrets. `key` is the same for every attempt at one request (sent as Idempotency-Key; no promise is known). */
  create(order: Order, account: string, key: string): Promise<{ reference: string }>;
  standing(reference: string, account: string, order: Order): Promise<Standing>;
  /**
   * For what is not made in one call: does what can be done by now, which is harmless to repeat, and says how it stands
   * then. It is asked in place of `standing` as long as the request waits.
   */
  advance?(reference: string, account: string, order: Order, ledger: Ledger): Promise<Standing>;
  /** What the bot itself has to ask of somebody outside now; undefined when it is nothing. */
  asking?(reference: string, account: string, order: Order): Promise<Asking | undefined>;
  /** Sends the activation or invitation once more, where there is one; where there is `asking` the bot does that itself. */
  resend?(reference: string, account: string, order: Order): Promise<void>;

  // What a kind of the catalog that can be edited, suspended or removed has beside these.
  /** How it is at this moment; undefined when it is gone. */
  read?(reference: string, account: string, order: Order): Promise<Thing | undefined>;
  /** Has it become as `order` says, which has the secrets that are replaced and no others. */
  change?(reference: string, before: Order, order: Order, account: string, key: string): Promise<void>;
  suspend?(reference: string, account: string, order: Order, key: string): Promise<void>;
  resume?(reference: string, account: string, order: Order, key: string): Promise<void>;
  /** Something that is gone already is removed. */
  remove?(reference: string, account: string, order: Order, key: string): Promise<void>;
}

/**
 * What is listed: `top`, what belongs to the master reseller itself, in a few calls; `whole`, with what belongs to each
 * reseller, in a call or more for each.
 */
export const listedKinds = {
  top: ['reseller', 'sbc-region', 'pbx-type'],
  whole: ['reseller', 'sbc-region', 'pbx-type', 'enterprise', 'direct-routing', 'pbx'],
} as const satisfies Record<string, readonly ThingKind[]>;
export type Depth = keyof typeof listedKinds;

/** The port to whatever provisions: a kind added to the catalog is missing here until its operations exist. */
export type Backend = { readonly [K in RemoteKind]: Operations<Orders[K]> } & {
  /** Resolves when the backend answers and accepts our login. */
  ready(): Promise<void>;
  /** All that a master reseller has, page by page, in the backend's order. */
  listThings(account: string, depth: Depth): AsyncIterable<Thing[]>;
  /** What a master reseller is billed for a month: every enterprise, page by page, in the backend's order. */
  billing(account: string, month: Month): AsyncIterable<BillingRow[]>;
};

/** The backend said no, and would say it again: the request fails with this reason. */
export class BackendRefused extends Error {
  /** `taken`: the e-mail or name is in use; `login`: our own credentials; `invalid`: anything else. */
  readonly why: 'taken' | 'login' | 'invalid';
  /** For `taken`: which field. */
  readonly field: string | undefined;
  /** What it names by a code, as far as it does. */
  readonly problems: readonly Problem[];

  constructor(why: 'taken' | 'login' | 'invalid', message: string, field?: string, problems: readonly Problem[] = []) {
    super(message);
    this.name = 'BackendRefused';
    this.why = why;
    this.field = field;
    this.problems = problems;
  }
}

/** One thing that is wrong, in the backend's own codes. */
export interface Problem {
  code: string;
  /** What somebody would have to do about it, by the backend's name of it. */
  actionType?: string | undefined;
}

/** No usable answer: worth another try. Whether the call took effect is unknown, so look up before posting again. */
export class BackendUnavailable extends Error {
  /** Seconds the backend asked us to wait, if it did. */
  readonly retryAfter: number | undefined;
  /** The same in a few words that mean something to a person; `message` is for the log. */
  readonly brief: string;

  constructor(message: string, retryAfter?: number, brief = say('work.trouble.unusable')) {
    super(message);
    this.name = 'BackendUnavailable';
    this.retryAfter = retryAfter;
    this.brief = brief;
  }
}
