import { type Enterprise, enterpriseSchema } from './enterprise.ts';
import type { Reseller, State } from './state.ts';

/** The login of the demo and the tests; a real one comes by support ticket. */
export const demoLogin = {
  clientId: 'northwind-bot',
  clientSecret: 'demo-client-secret',
  username: 'northwind-api',
  password: 'demo-password',
} as const;

/** The master reseller of the demo: what ORGANISATIONS maps a tenant to. */
export const demoMasterReseller = {
  resellerId: 5001,
  name: 'Northwind Telecom',
  email: 'office@northwind.example',
} as const;

/** One that TeamMate added after a support ticket, and that has ordered nothing yet. The demo's login works for it too (I). */
export const newMasterReseller = { resellerId: 5002, name: 'Coho Telecom', email: 'office@coho.example' } as const;

/** (E) The PBX types and fields seen; (I) their values. */
export const pbxTypes = ['Netsapiens', 'PortaSwitch', 'RingLogix', 'United Cloud', 'Viirtue'].map(
  (pbxLabel, index) => ({
    id: index + 1,
    pbxName: pbxLabel.toUpperCase().replace(' ', '_'),
    pbxLabel,
    isDefault: index === 0,
    isDisabled: false,
    hostingType: 'HOSTED',
  }),
);

/** A PBX type by the name a person knows it by. */
export const typeOf = (id: number) => pbxTypes.find((one) => one.id === id)?.pbxLabel ?? `Type ${id}`;

const seeded: [name: string, email: string, services: Reseller['services'], reference: string, created: string][] = [
  ['Fabrikam', 'taken@fabrikam.example', ['PBX', 'TRUNK'], 'NW-1001', '2025-02-11T09:12:00.000Z'],
  ['Adventure Works', 'voice@adventure-works.example', ['PBX'], 'NW-1002', '2025-03-04T14:40:00.000Z'],
  ['Litware', 'partners@litware.example', ['TRUNK'], 'NW-1003', '2025-05-19T08:05:00.000Z'],
  ['Tailspin Toys', 'it@tailspin-toys.example', ['PBX', 'TRUNK'], '', '2025-08-27T16:21:00.000Z'],
  ['Wide World Importers', 'phones@wideworldimporters.example', ['PBX'], 'NW-1005', '2025-11-03T10:33:00.000Z'],
];

/** A customer that has been there for long. */
const proseware: Enterprise = enterpriseSchema.parse({
  enterpriseId: 5901,
  resellerId: 5101,
  enterpriseName: 'Proseware',
  adminEmail: 'admin@proseware.example',
  services: ['PBX'],
  sbcGateways: [1, 2],
  pbxId: [1],
  pbxMOH: true,
  allowExternalNumbers: true,
  billingReferences: ['NW-1001-A'],
  createdDate: '2025-02-12T10:00:00.000Z',
  registeredDate: '2025-02-13T13:45:00.000Z',
  admin: { name: 'Pat Coleman', email: 'admin@proseware.example' },
  canResellerManageEnterpriseProvisioning: true,
  consents: {
    GET_USER_SYNC_CONSENT: { answer: 'granted', date: '2025-02-13T13:50:00.000Z' },
    GET_PRESENCE_CONSENT: { answer: 'granted', date: '2025-02-13T13:51:00.000Z' },
    GET_SERVICE_PROVIDER_CONSENT: { answer: 'granted', date: '2025-02-13T13:52:00.000Z' },
  },
  routings: [1, 2].map((sbcGatewayId) => ({
    sbcGatewayId,
    domain: `cust5901.sbc${sbcGatewayId}.teammate.example`,
    state: 'ROUTES_CREATED',
    startedDate: '2025-02-14T09:00:00.000Z',
    changedDate: '2025-02-14T15:20:00.000Z',
    mail: 'sent',
  })),
});

/** A master reseller at work: five active resellers, and an enterprise whose address is taken on a third level. */
export function seed(): State {
  const { resellerId: masterResellerId } = demoMasterReseller;
  return {
    version: 1,
    nextId: 6001,
    masterReseller: { ...demoMasterReseller },
    otherMasterResellers: [{ ...newMasterReseller }],
    resellers: seeded.map(([resellerName, preferredEmail, services, reference, createdDate], index) => ({
      resellerId: 5101 + index,
      masterResellerId,
      resellerName,
      preferredEmail,
      services,
      billingReferences: reference ? [reference] : [],
      createdDate,
      activatedDate: createdDate,
      suspended: false,
      // No code is ever the empty text, so nothing activates a seeded account again.
      invitation: { code: '', mail: 'sent', mailsSent: 0 },
      admin: { userName: `${preferredEmail.split('@')[1]!.split('.')[0]}-admin`, passwordHash: null },
    })),
    enterprises: [structuredClone(proseware)],
    // A PBX of a seed would be registered with nobody, and say so or lie.
    pbxes: [],
    creations: { byNaturalKey: {}, byIdempotencyKey: {} },
  };
}
