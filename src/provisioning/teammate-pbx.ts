import { fold } from '../catalog/orderable.ts';
import type { PbxOrder } from '../catalog/pbx.ts';
import type { Config } from '../config.ts';
import type { Progress } from '../db/schema.ts';
import type { Operations, Standing } from './backend.ts';
import { type PbxAnswer, pbxAnswer, pbxCreated, pbxesPage, pbxThing } from './teammate-answers.ts';
import { changeCalls } from './teammate-changes.ts';
import { NotThere, type TeamMateHttp } from './teammate-http.ts';
import { asNumber, pagesOf, withId } from './teammate-lists.ts';

/** (I) All three are unverified: TeamMate publishes no call that makes or shows a PBX. */
export type PbxPaths = Pick<Config, 'TEAMMATE_PATH_CREATE_PBX' | 'TEAMMATE_PATH_PBX' | 'TEAMMATE_PATH_LIST_PBXES'>;

/** (I) Unverified as well. The update takes all of a PBX, but its enterprise and type, and keeps the secrets it is not given. */
const changePaths = {
  update: '/pbx/updatePBX/{id}',
  suspend: '/pbx/suspendPBX/{id}',
  resume: '/pbx/resumePBX/{id}',
  remove: '/pbx/{id}',
} as const;

/** An enterprise's PBXes, page by page. */
export async function* pbxesOf(http: TeamMateHttp, paths: PbxPaths, enterpriseId: string): AsyncGenerator<PbxAnswer[]> {
  const asked = { path: paths.TEAMMATE_PATH_LIST_PBXES, query: { enterpriseId }, answer: pbxesPage };
  for await (const page of pagesOf(http, asked)) yield page.pbxs;
}

/** PBXes by TeamMate's REST API. Errors as everywhere in the client: BackendRefused and BackendUnavailable only. */
export function pbxOperations(http: TeamMateHttp, paths: PbxPaths): Operations<PbxOrder> {
  /** A 404 alone does not make it gone, as with a reseller: the path is unverified. The list has the last word. */
  async function read(reference: string, enterprise: string): Promise<PbxAnswer | undefined> {
    const path = withId(paths.TEAMMATE_PATH_PBX, reference);
    try {
      return await http.call({ method: 'GET', path, answer: pbxAnswer, repeatable: true });
    } catch (error) {
      if (!(error instanceof NotThere)) throw error;
    }
    for await (const page of pbxesOf(http, paths, enterprise)) {
      const entry = page.find((one) => one.pbxId === reference);
      if (entry) return entry;
    }
    return undefined;
  }

  return {
    ...changeCalls<PbxOrder>(http, changePaths, {
      async read(reference, _account, order) {
        const entry = await read(reference, order.enterprise);
        return entry && pbxThing(entry);
      },
      body: settings,
      whole: true,
      hidden: secretsIn,
    }),

    /** By its place in its enterprise, which is all that makes it the same one. */
    async find(order) {
      for await (const page of pbxesOf(http, paths, order.enterprise)) {
        const there = page.find((entry) => fold(entry.pbxLocation) === fold(order.location));
        if (there) return { reference: there.pbxId, same: ['location'] };
      }
      return undefined;
    },

    async create(order, _account, key) {
      const created = await http.call({
        method: 'POST',
        path: paths.TEAMMATE_PATH_CREATE_PBX,
        headers: { 'idempotency-key': key },
        body: { enterpriseId: asNumber(order.enterprise), pbxTypeId: asNumber(order.pbxType), ...settings(order) },
        hidden: secretsIn(order),
        answer: pbxCreated,
        repeatable: false,
        creates: true,
      });
      return { reference: created.pbxId };
    },

    async standing(reference, _account, order) {
      const entry = await read(reference, order.enterprise);
      return entry ? standingOf(entry) : { state: 'gone' };
    },
  };
}

const secretsIn = (order: PbxOrder) => [order.password, order.clientSecret, order.masqueradingPassword];

/** All of a PBX by TeamMate's names, but what it belongs to and its type, which never change. */
function settings(order: PbxOrder) {
  const { authorizationUrl, clientId, clientSecret, masqueradingLogin, masqueradingPassword } = order;
  return {
    pbxLocation: order.location,
    dnsLookupType: order.lookup,
    sipDomain: order.domain,
    ...(order.proxy && { sipDomainProxy: order.proxy }),
    transport: order.transport,
    ...(order.port && { port: Number(order.port) }),
    registrationExpiry: Number(order.expiry),
    ...(order.voicemail && { voicemailFeatureCode: order.voicemail }),
    sipUser: order.user,
    ...(order.authId && { authenticationId: order.authId }),
    sipPassword: order.password,
    ...(authorizationUrl && {
      portal: {
        authorizationUrl,
        clientId,
        clientSecret,
        ...(masqueradingLogin && { masqueradingLogin, masqueradingPassword }),
      },
    }),
  };
}

/** Live is what is registered, and nothing else is. */
function standingOf({ registration: { state, reason } }: PbxAnswer): Standing {
  const steps = { REGISTERED: 'done', PENDING: 'now', NOT_REGISTERED: 'failed' } as const;
  const step = { label: 'Registration', state: steps[state], ...(reason && { says: reason }) };
  const progress: Progress = { steps: [step] };
  return { state: state === 'REGISTERED' ? 'active' : 'waiting', progress, ...(reason && { says: reason }) };
}
