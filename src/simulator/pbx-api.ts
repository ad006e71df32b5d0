import type { Server } from 'restify';
import * as z from 'zod';
import { counted } from './creation.ts';
import { guards, keyOf } from './guard.ts';
import { readId, readJson, readQuery } from './http.ts';
import { changePbx, createPbx, newPbx, pbxKey, pbxUpdate } from './new-pbx.ts';
import { pageOf, pageQuery } from './paging.ts';
import { shownPbx } from './pbx.ts';
import type { Parts } from './simulator.ts';
import { ownEnterprise, ownPbx, pbxesOf } from './state.ts';

const listQuery = z.object({ enterpriseId: z.coerce.number().int(), ...pageQuery });

/** The REST API of PBXes. (I) All of it: TeamMate publishes no call that makes, shows or changes a PBX. */
export function servePbxApi(server: Server, parts: Parts): void {
  const { store, clock, registrations } = parts;
  const { closed } = guards(parts);

  server.post(
    '/pbx/newPBX',
    closed(async (request) => {
      const order = readJson(request, newPbx);
      const counts = { natural: pbxKey(order.enterpriseId, order.pbxLocation), key: keyOf(request) };
      const made = await counted(store, counts, (draft) => createPbx(draft, order, clock()));
      registrations.settle(made.pbxId);
      return { status: 201, body: shownPbx(made) };
    }),
  );

  server.get(
    '/pbx/getPBX/:id',
    closed((request) => ({ status: 200, body: shownPbx(ownPbx(store.state, readId(request, 'PBX'))) })),
  );

  server.get(
    '/pbx/getPBXsForEnterprise',
    closed((request) => {
      const { enterpriseId, page, size } = readQuery(request, listQuery);
      ownEnterprise(store.state, enterpriseId);
      const all = pbxesOf(store.state, enterpriseId).map(shownPbx);
      const query = { enterpriseId: String(enterpriseId) };
      return { status: 200, body: pageOf(request, { key: 'pbxs', all, page, size, query }) };
    }),
  );

  server.put(
    '/pbx/updatePBX/:id',
    closed(async (request) => {
      const order = readJson(request, pbxUpdate);
      const shown = await registrations.change((draft) => {
        const pbx = ownPbx(draft, readId(request, 'PBX'));
        changePbx(draft, pbx, order);
        return { result: pbx, touched: [pbx] };
      });
      return { status: 200, body: shownPbx(shown) };
    }),
  );

  for (const [path, suspended] of [
    ['/pbx/suspendPBX/:id', true],
    ['/pbx/resumePBX/:id', false],
  ] as const)
    server.post(
      path,
      closed(async (request) => {
        const shown = await registrations.change((draft) => {
          const pbx = ownPbx(draft, readId(request, 'PBX'));
          const touched = pbx.suspended === suspended ? [] : [pbx];
          pbx.suspended = suspended;
          return { result: pbx, touched };
        });
        return { status: 200, body: shownPbx(shown) };
      }),
    );

  server.del(
    '/pbx/:id',
    closed(async (request) => {
      const { pbxId } = await store.change((draft) => {
        const pbx = ownPbx(draft, readId(request, 'PBX'));
        draft.pbxes = draft.pbxes.filter((one) => one !== pbx);
        return pbx;
      });
      registrations.settle(pbxId);
      return { status: 204 };
    }),
  );
}
