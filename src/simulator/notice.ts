import { request } from 'undici';
import type { Answer, ConsentAction } from './consent.ts';
import type { simulatedToken } from './dashboard.ts';
import type { Faults } from './faults.ts';
import type { Outgoing } from './outgoing.ts';

/**
 * What the webhook is told, as JSON. (E) that it is told of registrations and consents; (I) that it is of PBXes, and these names. Each carries the
 * reseller's id, so that whoever knows resellers only can still make sense of it.
 */
export type Notice =
  | { event: 'reseller.activated'; resellerId: number }
  | (OfEnterprise & { event: 'enterprise.registered' | 'enterprise.login'; msalAuthentication: typeof simulatedToken })
  | (OfEnterprise & { event: 'enterprise.consent'; actionType: ConsentAction; result: Answer })
  | (OfEnterprise & { event: 'pbx.registration'; pbxId: number; registered: boolean });

interface OfEnterprise {
  enterpriseId: number;
  resellerId: number;
}

/** Tells the webhook in the background; without an address, or when it is switched off, nobody is told. */
export function notifying(url: string | undefined, { outgoing, faults }: { outgoing: Outgoing; faults: Faults }) {
  return (notice: Notice): void => {
    if (!url || !faults.webhooks) return;
    outgoing.start(`webhook ${notice.event}`, async () => {
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(notice),
        signal: AbortSignal.any([outgoing.signal, AbortSignal.timeout(10_000)]),
      });
      await body.dump();
      // Its address holds a secret, so the message names the status only.
      if (statusCode >= 300) throw new Error(`answered ${statusCode}`);
    });
  };
}
