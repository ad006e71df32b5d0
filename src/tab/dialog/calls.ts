import * as z from 'zod';
import {
  type Answer,
  answerSchema,
  type Found,
  foundSchema,
  paths,
  refusedSchema,
  type Sent,
} from '../../dialog/contract.ts';

// The page's security policy forbids code that is made at run time, which zod would try.
z.config({ jitless: true });

/** The server says no: what it is and what to do, ready to be read. */
export class Refused extends Error {
  readonly next: string;
  constructor({ refusal }: z.infer<typeof refusedSchema>) {
    super(refusal.says);
    this.name = 'Refused';
    this.next = refusal.next;
  }
}

export interface Calls {
  show(): Promise<Answer>;
  send(sent: Sent): Promise<Answer>;
  find(field: string, search: string): Promise<Found>;
}

/**
 * What the page asks of the server, with the ticket from its own address.
 * @throws Refused; any other error means that the server could not be reached, or did not answer as it should.
 */
export function createCalls(first: string): Calls {
  let ticket = first;
  const ask = async <Schema extends z.ZodType>(schema: Schema, path: string, init: RequestInit = {}) => {
    const headers = { ...init.headers, authorization: `Bearer ${ticket}`, 'accept-language': navigator.language };
    const response = await fetch(path, { ...init, headers });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok) return schema.parse(body);
    const refused = refusedSchema.safeParse(body);
    throw refused.success ? new Refused(refused.data) : new Error(`answered with ${response.status}`);
  };
  return {
    show: () => ask(answerSchema, paths.form),
    async send(sent) {
      const headers = { 'content-type': 'application/json' };
      const answer = await ask(answerSchema, paths.form, { method: 'POST', headers, body: JSON.stringify(sent) });
      ticket = answer.ticket ?? ticket;
      return answer;
    },
    find: (field, search) => ask(foundSchema, `${paths.choices}?${new URLSearchParams({ field, search })}`),
  };
}
