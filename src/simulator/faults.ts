import * as z from 'zod';

/** What `POST /_faults` takes; each is the next `times` calls of the API, of one path only when `path` is given. */
export const faultRequest = z.union([
  z
    .strictObject({
      /** Answer with this status instead of doing anything. */
      status: z.number().int().min(400).max(599).optional(),
      /** Wait first. Milliseconds. */
      delayMs: z.number().int().min(0).max(600_000).optional(),
      /** The Retry-After header that goes with `status`, as it stands. */
      retryAfter: z.string().max(100).optional(),
      times: z.number().int().min(1).max(100_000),
      /** The beginning of the path, without the query. */
      path: z.string().startsWith('/').optional(),
      /** Do what is asked, store it, then drop the connection without an answer. */
      after: z.literal('commit').optional(),
    })
    .refine((fault) => fault.status || fault.delayMs || fault.after, { error: 'Give a status, delayMs or after.' }),
  /** Switches the webhook off and on. */
  z.strictObject({ webhooks: z.boolean() }),
  /** Makes every token that was given out invalid, now. */
  z.strictObject({ expireTokens: z.literal(true) }),
  /** Takes back every fault that is still to come. */
  z.strictObject({ clear: z.literal(true) }),
]);
export type FaultRequest = z.infer<typeof faultRequest>;
type Fault = Extract<FaultRequest, { times: number }>;

/** The faults that were asked for and have not happened yet. */
export class Faults {
  webhooks = true;
  readonly signal: AbortSignal;
  #waiting: Fault[] = [];

  /** `signal` ends the delays when the simulator closes. */
  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  add(fault: Fault): void {
    this.#waiting.push({ ...fault });
  }

  clear(): void {
    this.#waiting = [];
    this.webhooks = true;
  }

  /** The fault for a call of this path, used up by it; the one that was asked for first. */
  take(path: string): Fault | undefined {
    const fault = this.#waiting.find((one) => !one.path || path.startsWith(one.path));
    if (fault && --fault.times === 0) this.#waiting = this.#waiting.filter((one) => one !== fault);
    return fault;
  }
}
