import type { State } from '../../src/requests/lifecycle.ts';
import type { Request } from '../../src/requests/request.ts';

const decided: readonly State[] = ['approved', 'provisioning', 'waiting', 'active', 'rejected', 'failed'];
const created: readonly State[] = ['waiting', 'active'];

/** A request as it looks in a state, if everything went as usual. */
export function aRequest(state: State, other: Partial<Request> = {}): Request {
  const at = new Date('2025-06-15T12:00:00.000Z');
  return {
    id: '1001',
    tenantId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
    kind: 'reseller',
    operation: 'add',
    state,
    version: 1,
    content: {
      name: 'Contoso',
      email: 'ops@contoso.example',
      services: ['PBX', 'TRUNK'],
      billingReference: 'B-77',
    },
    name: 'Contoso',
    requester: {
      tenantId: '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a',
      directoryId: '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
      name: 'Alex Reseller',
    },
    ...(decided.includes(state) && {
      decision: { by: '22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb', name: 'Megan Approver', at, reason: 'Too early' },
    }),
    ...(created.includes(state) && { reference: '6001' }),
    ...(state === 'failed' && {
      trouble: { code: 'backend-refused', says: 'TeamMate refused: no.', next: 'Change the request.' },
    }),
    since: at,
    createdAt: at,
    ...other,
  };
}
