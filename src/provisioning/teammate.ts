import * as z from 'zod';
import type { Thing } from '../catalog/orderable.ts';
import { fold } from '../catalog/orderable.ts';
import type { ResellerOrder } from '../catalog/reseller.ts';
import type { Config } from '../config.ts';
import type { Backend, Found, Operations, Standing } from './backend.ts';
import {
  createdAnswer,
  enterpriseThing,
  type ResellerAnswer,
  resellerAnswer,
  resellersPage,
  resellerThing,
  userAnswer,
} from './teammate-answers.ts';
import { readBilling } from './teammate-billing.ts';
import { enterpriseOperations, enterprisesOf, pbxTypes, sbcRegions } from './teammate-enterprise.ts';
import { type Connection, type HttpOptions, NotThere, TeamMateHttp } from './teammate-http.ts';
import { asNumber, pagesOf, withId } from './teammate-lists.ts';

/**
 * How to reach TeamMate's REST API (https://api.connecttoteams.com). `{id}` in a path is the reseller's id. (E) stands in
 * its documentation; (I) is our inference, unverified: check it in a real account, and change it by the setting.
 */
export type TeamMateSettings = Connection &
  Pick<
    Config,
    | 'TEAMMATE_PATH_CREATE_RESELLER' // (I) unverified: POST, after newEnterprise
    | 'TEAMMATE_PATH_RESELLER' // (I) unverified: GET
    | 'TEAMMATE_PATH_RESEND' // (I) unverified: POST, no body
    | 'TEAMMATE_PATH_LIST_RESELLERS' // (E) GET, paged with `_links`; its parameters are (I)
  > & {
    /** (E) PUT with the bare user name as JSON; default `/reseller/getAuthenticatedUser`. */
    TEAMMATE_PATH_AUTHENTICATED_USER?: string;
  };

/**
 * The backend that speaks TeamMate's REST API. Its operations throw BackendRefused and BackendUnavailable only, and no
 * message of theirs holds a secret. `close` ends its connections.
 */
export function createTeamMate(
  settings: TeamMateSettings,
  options: HttpOptions = {},
): Backend & { close(): Promise<void> } {
  const http = new TeamMateHttp(settings, options);

  /** Every entry of the list, page by page, master resellers too if TeamMate lists them. */
  async function* pages(account: string): AsyncGenerator<ResellerAnswer[]> {
    const path = settings.TEAMMATE_PATH_LIST_RESELLERS;
    const query = { masterResellerId: account };
    for await (const page of pagesOf(http, { path, query, answer: resellersPage })) yield page.resellers;
  }

  const reseller: Operations<ResellerOrder> = {
    /**
     * Reads the whole list: no search parameter is documented, and one that TeamMate understood otherwise would answer
     * "not there" and make us create a second one. An e-mail address is compared with every entry, a name with the
     * account's own resellers. An entry equal in both comes before any other.
     */
    async find(order, account) {
      let partly: Found | undefined;
      for await (const page of pages(account)) {
        for (const entry of page) {
          const same = [
            ...(belongs(entry, account) && fold(entry.resellerName) === fold(order.name) ? ['name'] : []),
            ...(entry.preferredEmail.trim().toLowerCase() === order.email.trim().toLowerCase() ? ['email'] : []),
          ];
          if (same.length === 2) return { reference: entry.resellerId, same };
          if (same.length === 1) partly ??= { reference: entry.resellerId, same };
        }
      }
      return partly;
    },

    /** Never repeated in place: after BackendUnavailable it may exist, so look up first. (I) body and answer. */
    async create(order, account, key) {
      const created = await http.call({
        method: 'POST',
        path: settings.TEAMMATE_PATH_CREATE_RESELLER,
        headers: { 'idempotency-key': key },
        body: {
          masterResellerId: asNumber(account),
          resellerName: order.name,
          preferredEmail: order.email,
          services: order.services,
          billingReferences: order.billingReference ? [order.billingReference] : [],
        },
        answer: createdAnswer,
        repeatable: false,
        creates: true,
      });
      return { reference: created.resellerId };
    },

    /**
     * A 404 alone does not make it gone: the path is unverified, and a wrong one would end every open request. The list
     * has the last word.
     */
    async standing(reference, account) {
      const path = withId(settings.TEAMMATE_PATH_RESELLER, reference);
      try {
        return standingOf(await http.call({ method: 'GET', path, answer: resellerAnswer, repeatable: true }));
      } catch (error) {
        if (!(error instanceof NotThere)) throw error;
      }
      for await (const page of pages(account)) {
        const entry = page.find((one) => one.resellerId === reference);
        if (entry) return standingOf(entry);
      }
      return { state: 'gone' };
    },

    async resend(reference) {
      const path = withId(settings.TEAMMATE_PATH_RESEND, reference);
      await http.call({ method: 'POST', path, answer: z.unknown(), repeatable: false });
    },
  };

  return {
    reseller,
    enterprise: enterpriseOperations(http),

    async ready() {
      const username = settings.TEAMMATE_USERNAME;
      const path = settings.TEAMMATE_PATH_AUTHENTICATED_USER ?? '/reseller/getAuthenticatedUser';
      await http.call({ method: 'PUT', path, body: username, answer: userAnswer, repeatable: true });
    },

    async *listThings(account, depth) {
      const active: Thing[] = [];
      for await (const page of pages(account)) {
        const resellers = page.filter((entry) => belongs(entry, account)).map(resellerThing);
        active.push(...resellers.filter((one) => one.active));
        yield resellers;
      }
      yield await sbcRegions(http, account);
      yield await pbxTypes(http, account);
      if (depth === 'top') return;
      for (const { reference } of active)
        for await (const page of enterprisesOf(http, reference)) yield page.map(enterpriseThing);
    },

    billing: (account, month) => readBilling(http, account, month),

    close: () => http.close(),
  };
}

const standingOf = (entry: ResellerAnswer): Standing => ({ state: entry.activated ? 'active' : 'waiting' });

/** A reseller of this master reseller, not a master reseller, and not another one's. */
const belongs = (entry: ResellerAnswer, account: string) =>
  entry.type !== 'MASTER_RESELLER' && (entry.masterResellerId ?? account) === account;
