import * as z from 'zod';
import { customerOf, type DirectRoutingOrder } from '../catalog/direct-routing.ts';
import type { Thing } from '../catalog/orderable.ts';
import { say } from '../language/say.ts';
import { type Asking, BackendRefused, BackendUnavailable, type Operations, type Problem } from './backend.ts';
import {
  isComplete,
  isMendable,
  missingConsents,
  routingOf,
  routingStanding,
  type Seen,
  toAskFor,
} from './routing-progress.ts';
import type { EnterpriseAnswer } from './teammate-answers.ts';
import { readEnterprise } from './teammate-enterprise.ts';
import { NotThere, type TeamMateHttp } from './teammate-http.ts';
import { asNumber, withId } from './teammate-lists.ts';
import { linkAnswer, type RoutingAnswer, routingStatusAnswer } from './teammate-routing-answers.ts';

/** (E) provisionDirectRouting, getActionItemUrl; (I) unverified: the one that tells how it stands. */
const paths = {
  begin: '/provisioning/provisionDirectRouting',
  status: '/provisioning/getDirectRoutingStatus/{id}',
  link: '/enterprise/getActionItemUrl',
} as const;

/** How many enterprises are asked one by one in one look, where TeamMate's list does not tell their routings. */
const mostAsked = 200;

/**
 * Direct Routing by TeamMate's REST API, with the reseller's token and the customer's consent to be managed: no Microsoft
 * token is asked for or kept. Errors as everywhere in the client: BackendRefused and BackendUnavailable only.
 */
export function directRoutingOperations(http: TeamMateHttp, now: () => number): Operations<DirectRoutingOrder> {
  async function see(order: DirectRoutingOrder): Promise<(Seen & { name: string }) | undefined> {
    const entry = await readEnterprise(http, order.enterprise, customerOf(order).reseller);
    if (!entry) return undefined;
    return {
      name: entry.enterpriseName,
      registered: entry.registered,
      email: entry.enterpriseAdminEmail,
      consents: entry.consents,
      routings: await readRoutings(http, entry),
    };
  }

  /** A new link, or nothing when what it is for has been done meanwhile. */
  async function link(order: DirectRoutingOrder, actionType: string): Promise<string | undefined> {
    try {
      const { url } = await http.call({
        method: 'POST',
        path: paths.link,
        body: { enterpriseId: asNumber(order.enterprise), actionType },
        answer: linkAnswer,
        repeatable: true,
      });
      // One that is not encrypted may lead to TeamMate itself only, which is then on this machine.
      return url.startsWith('https:') ? url : http.sameOrigin(url, paths.link);
    } catch (error) {
      const over = ['ALREADY_GRANTED', 'ALREADY_REGISTERED'];
      if (error instanceof BackendRefused && error.problems.some(({ code }) => over.includes(code))) return undefined;
      throw error;
    }
  }

  return {
    /** Nothing of it is there before it is begun, and what is there already need not be begun. */
    find: async () => undefined,

    /** Makes nothing at TeamMate: what is missing yet is waited for. */
    create: async (order) => ({ reference: `${order.enterprise}:${order.gateways.join(',')}` }),

    async standing(_reference, _account, order) {
      const seen = await see(order);
      return seen ? routingStanding(order, seen, [], now()) : { state: 'gone' };
    },

    async advance(_reference, _account, order, ledger) {
      let seen = await see(order);
      if (!seen) return { state: 'gone' };
      const todo: string[] = [];
      for (const gateway of order.gateways) {
        const done = await ledger.done(stepOf(gateway));
        if (routingOf(seen, gateway)) {
          if (!done) await ledger.finish(stepOf(gateway));
        } else if (done) return { state: 'gone' };
        else todo.push(gateway);
      }
      if (todo.length === 0 || !seen.registered || missingConsents(seen).length > 0)
        return routingStanding(order, seen, [], now());

      let problems: readonly Problem[] = [];
      for (const gateway of todo) {
        const call = await ledger.begin(stepOf(gateway));
        try {
          await http.call({
            method: 'POST',
            path: paths.begin,
            headers: { 'idempotency-key': call.key },
            body: { enterpriseId: asNumber(order.enterprise), sbcGatewayId: asNumber(gateway) },
            answer: z.unknown(),
            repeatable: false,
            creates: true,
          });
        } catch (error) {
          if (!(error instanceof BackendRefused)) throw error;
          // An earlier attempt's, or the portal's: either way it is there.
          if (error.why === 'taken') continue;
          // A clear no: the next attempt is a new call, which a service that remembers keys must not answer from memory.
          await ledger.forget(stepOf(gateway));
          if (error.why === 'login') throw error;
          const mendable = error.problems.length > 0 && error.problems.every(isMendable);
          if (!mendable) return { ...routingStanding(order, seen, [], now()), refusal: error };
          problems = error.problems;
          break;
        }
      }
      seen = (await see(order)) ?? seen;
      return routingStanding(order, seen, problems, now());
    },

    /** Nothing of TeamMate's own: what is `asking` is sent again. */
    resend: async () => {},

    async asking(_reference, _account, order): Promise<Asking | undefined> {
      const seen = await see(order);
      if (!seen || order.gateways.every((gateway) => routingOf(seen, gateway))) return undefined;
      const missing = seen.registered
        ? toAskFor(seen)
        : [{ actionType: 'REGISTRATION', title: say('work.asking.register') }];
      if (missing.length === 0) return undefined;
      const { email, name, provider } = customerOf(order);
      const to = seen.email || email;
      return {
        to: z.email().max(254).safeParse(to).success ? to : '',
        customer: seen.name || name,
        provider: provider || say('work.asking.provider'),
        wanted: missing.map(({ actionType, title }) => ({ title, link: () => link(order, actionType) })),
      };
    },
  };
}

const stepOf = (gateway: string) => `gateway ${gateway}`;

/** How the routings of an enterprise stand; undefined where TeamMate has no such call. */
async function askRoutings(http: TeamMateHttp, enterpriseId: string): Promise<RoutingAnswer[] | undefined> {
  const path = withId(paths.status, enterpriseId);
  try {
    return (await http.call({ method: 'GET', path, answer: routingStatusAnswer, repeatable: true })).directRoutings;
  } catch (error) {
    if (error instanceof NotThere) return undefined;
    throw error;
  }
}

/** @throws BackendUnavailable when nothing tells it: to begin without having looked could be to begin twice. */
async function readRoutings(http: TeamMateHttp, entry: EnterpriseAnswer): Promise<RoutingAnswer[]> {
  const routings = (await askRoutings(http, entry.enterpriseId)) ?? entry.directRoutings;
  if (routings) return routings;
  const brief = say('work.trouble.no-standing');
  throw new BackendUnavailable('TeamMate does not tell how Direct Routing stands.', undefined, brief);
}

/** The routings of the enterprises of a page, as they are listed; of those of which the list tells none, some are asked. */
export function directRoutingsOf(http: TeamMateHttp): (page: readonly EnterpriseAnswer[]) => Promise<Thing[]> {
  let left = mostAsked;
  return async (page) => {
    const things: Thing[] = [];
    for (const entry of page.filter(({ registered }) => registered)) {
      let routings = entry.directRoutings;
      if (!routings && left-- > 0) {
        routings = await askRoutings(http, entry.enterpriseId);
        // Where there is no such call for one, there is none for any.
        if (!routings) left = 0;
      }
      things.push(...(routings ?? []).map((routing) => routingThing(entry, routing)));
    }
    return things;
  };
}

const routingThing = (entry: EnterpriseAnswer, routing: RoutingAnswer): Thing => ({
  kind: 'direct-routing',
  reference: `${entry.enterpriseId}:${routing.sbcGatewayId}`,
  name: routing.sbcGatewayRegion || routing.sbcGatewayId,
  active: isComplete(routing),
  suspended: entry.suspended,
  parent: entry.enterpriseId,
  facts: { enterprise: entry.enterpriseId, gateways: routing.sbcGatewayId, domain: routing.domain },
});
