import type { Request, Server } from 'restify';
import { shownReseller } from './api.ts';
import {
  changeEnterprise,
  changeReseller,
  enterpriseChange,
  removeEnterprise,
  removeReseller,
  resellerChange,
} from './changes.ts';
import { shownEnterprise } from './enterprise-api.ts';
import { guards } from './guard.ts';
import { readId, readJson } from './http.ts';
import type { Parts } from './simulator.ts';
import { existingReseller, ownEnterprise, pbxesOf } from './state.ts';

/** The REST API of what changes and ends resellers and enterprises. (I) All of it: none of these calls is published. */
export function serveChangesApi(server: Server, parts: Parts): void {
  const { store, invite, registrations } = parts;
  const { closed } = guards(parts);

  server.put(
    '/reseller/updateReseller/:id',
    closed(async (request) => {
      const order = readJson(request, resellerChange);
      const { reseller, moved } = await store.change((draft) => {
        const reseller = existingReseller(draft, readId(request));
        return { reseller, moved: changeReseller(draft, reseller, order) };
      });
      if (moved) invite(reseller.resellerId);
      return { status: 200, body: shownReseller(reseller) };
    }),
  );

  server.put(
    '/reseller/updateEnterprise/:id',
    closed(async (request) => {
      const order = readJson(request, enterpriseChange);
      const enterprise = await store.change((draft) => {
        const one = ownEnterprise(draft, readId(request, 'enterprise'));
        changeEnterprise(draft, one, order);
        return one;
      });
      return { status: 200, body: shownEnterprise(enterprise) };
    }),
  );

  /** Again is no mistake: it stays as it is. */
  const setReseller = (suspended: boolean) =>
    closed(async (request: Request) => {
      const reseller = await registrations.change((draft) => {
        const one = existingReseller(draft, readId(request));
        const same = one.suspended === suspended;
        one.suspended = suspended;
        const its = draft.enterprises.filter((enterprise) => enterprise.resellerId === one.resellerId);
        return { result: one, touched: same ? [] : its.flatMap(({ enterpriseId }) => pbxesOf(draft, enterpriseId)) };
      });
      return { status: 200, body: shownReseller(reseller) };
    });
  server.post('/reseller/suspendReseller/:id', setReseller(true));
  server.post('/reseller/resumeReseller/:id', setReseller(false));

  const setEnterprise = (suspended: boolean) =>
    closed(async (request: Request) => {
      const enterprise = await registrations.change((draft) => {
        const one = ownEnterprise(draft, readId(request, 'enterprise'));
        const same = one.suspended === suspended;
        one.suspended = suspended;
        return { result: one, touched: same ? [] : pbxesOf(draft, one.enterpriseId) };
      });
      return { status: 200, body: shownEnterprise(enterprise) };
    });
  server.post('/reseller/suspendEnterprise/:id', setEnterprise(true));
  server.post('/reseller/resumeEnterprise/:id', setEnterprise(false));

  server.del(
    '/reseller/deleteReseller/:id',
    closed(async (request) => {
      await store.change((draft) => removeReseller(draft, existingReseller(draft, readId(request))));
      return { status: 204 };
    }),
  );

  server.del(
    '/reseller/deleteEnterprise/:id',
    closed(async (request) => {
      await store.change((draft) => removeEnterprise(draft, ownEnterprise(draft, readId(request, 'enterprise'))));
      return { status: 204 };
    }),
  );
}
