import * as z from 'zod';
import type { Thing } from '../catalog/orderable.ts';
import { type Call, NotThere, type TeamMateHttp } from './teammate-http.ts';
import { withId } from './teammate-lists.ts';

/** Where a kind is changed: all of it (I), unverified. `{id}` is the thing's id. */
export interface ChangePaths {
  update: string;
  suspend: string;
  resume: string;
  remove: string;
}

/** The calls that change what is there, which are the same for every kind but for their paths and bodies. */
export function changeCalls<Order>(
  http: TeamMateHttp,
  paths: ChangePaths,
  {
    read,
    body,
    whole = false,
    hidden,
  }: {
    read(reference: string, account: string, order: Order): Promise<Thing | undefined>;
    /** The values of an order as TeamMate names them, of what may be changed. */
    body(order: Order): Record<string, unknown>;
    /** It takes all of the body, not only what is different. */
    whole?: boolean;
    /** What is secret in the body. */
    hidden?(order: Order): Call<unknown>['hidden'] & {};
  },
) {
  const call = (
    method: Call<unknown>['method'],
    path: string,
    reference: string,
    key: string,
    sent?: Pick<Call<unknown>, 'body' | 'hidden'>,
  ) =>
    http.call({
      method,
      path: withId(path, reference),
      headers: { 'idempotency-key': key },
      ...sent,
      answer: z.unknown(),
      // The worker looks before it calls again.
      repeatable: false,
    });
  return {
    read,
    async change(reference: string, before: Order, order: Order, _account: string, key: string) {
      const was = body(before);
      const all = body(order);
      const different = Object.entries(all).filter(
        ([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name]),
      );
      if (different.length === 0) return;
      const sent = whole ? all : Object.fromEntries(different);
      await call('PUT', paths.update, reference, key, { body: sent, ...(hidden && { hidden: hidden(order) }) });
    },
    async suspend(reference: string, _account: string, _order: Order, key: string) {
      await call('POST', paths.suspend, reference, key);
    },
    async resume(reference: string, _account: string, _order: Order, key: string) {
      await call('POST', paths.resume, reference, key);
    },
    /** A 404 is what a repeat gets; it may also be a wrong path, so what is still there was not removed. */
    async remove(reference: string, account: string, order: Order, key: string) {
      try {
        await call('DELETE', paths.remove, reference, key);
      } catch (error) {
        if (!(error instanceof NotThere) || (await read(reference, account, order))) throw error;
      }
    },
  };
}
