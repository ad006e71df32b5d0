import * as z from 'zod';
import { fold } from '../catalog/orderable.ts';
import type { ResellerOrder } from '../catalog/reseller.ts';
import type { Config } from '../config.ts';
import { type Backend, BackendUnavailable, type Found, type Operations, type Standing } from './backend.ts';
import {
  createdAnswer,
  listed,
  pageAnswer,
  type ResellerAnswer,
  resellerAnswer,
  userAnswer,
} from './teammate-answers.ts';
import { readBilling } from './teammate-billing.ts';
import { type Connection, type HttpOptions, NotThere, TeamMateHttp } from './teammate-http.ts';

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

/** Resellers a page, and pages before we stop believing that a list ends: 20 000 resellers. */
const list = { size: 100, pages: 200 };

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
    const query = new URLSearchParams({ masterResellerId: account, page: '0', size: String(list.size) });
    const seen = new Set<string>();
    let path = `${settings.TEAMMATE_PATH_LIST_RESELLERS}?${query}`;
    while (!seen.has(path) && seen.size < list.pages) {
      seen.add(path);
      const page = await http.call({ method: 'GET', path, answer: pageAnswer, repeatable: true });
      yield page.resellers;
      const next = page._links?.next;
      if (!next) return;
      path = http.sameOrigin(next, path);
    }
    // To stop here in silence would be to say of what stands behind it that it does not exist.
    throw new BackendUnavailable(`TeamMate’s list of resellers did not end after ${seen.size} pages.`);
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
          masterResellerId: /^\d{1,15}$/.test(account) ? Number(account) : account,
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

    async ready() {
      const username = settings.TEAMMATE_USERNAME;
      const path = settings.TEAMMATE_PATH_AUTHENTICATED_USER ?? '/reseller/getAuthenticatedUser';
      await http.call({ method: 'PUT', path, body: username, answer: userAnswer, repeatable: true });
    },

    async *listResellers(account) {
      for await (const page of pages(account)) yield page.filter((entry) => belongs(entry, account)).map(listed);
    },

    billing: (account, month) => readBilling(http, account, month),

    close: () => http.close(),
  };
}

const standingOf = (entry: ResellerAnswer): Standing => ({ state: entry.activated ? 'active' : 'waiting' });

/** A reseller of this master reseller, not a master reseller, and not another one's. */
const belongs = (entry: ResellerAnswer, account: string) =>
  entry.type !== 'MASTER_RESELLER' && (entry.masterResellerId ?? account) === account;

const withId = (path: string, reference: string) => path.replace('{id}', () => encodeURIComponent(reference));
