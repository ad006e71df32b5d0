import type { Trx } from '../db/open.ts';
import { listRoutes, personalChat } from '../people/conversations.ts';
import type { Request } from '../requests/request.ts';
import type { Place } from '../teams/outbox.ts';
import type { Listener } from './notices.ts';

export type Places = Partial<Record<Listener, Place>>;

/** The channels of an organisation, and the talk of its own with whoever asked; `otherwise` knows where that is without one. */
export async function placesOf(
  trx: Trx,
  { tenantId, requester }: Pick<Request, 'tenantId' | 'requester'>,
  otherwise: () => Promise<string | undefined>,
): Promise<Places> {
  const routes = await listRoutes(trx, tenantId);
  const routed = (purpose: string) => routes.find((route) => route.purpose === purpose)?.conversationId;
  const place = (conversationId: string | undefined, of = tenantId) =>
    conversationId && { tenantId: of, conversationId };
  const ownChat = (await personalChat(trx, requester.tenantId, requester.directoryId)) ?? (await otherwise());
  const found = {
    approvals: place(routed('approvals')),
    notifications: place(routed('notifications')),
    tasks: place(routed('tasks') ?? routed('approvals')),
    requester: place(ownChat, requester.tenantId),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value));
}
