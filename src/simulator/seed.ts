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

/** (E) The regions seen in the documentation. */
export const sbcRegions = ['US East 1', 'US East 2', 'US West', 'CA Central', 'DE WestCentral', 'UK South'].map(
  (sbcGatewayRegion, index) => ({ sbcGatewayId: index + 1, sbcGatewayRegion }),
);

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

const seeded: [name: string, email: string, services: Reseller['services'], reference: string, created: string][] = [
  ['Fabrikam', 'taken@fabrikam.example', ['PBX', 'TRUNK'], 'NW-1001', '2025-02-11T09:12:00.000Z'],
  ['Adventure Works', 'voice@adventure-works.example', ['PBX'], 'NW-1002', '2025-03-04T14:40:00.000Z'],
  ['Litware', 'partners@litware.example', ['TRUNK'], 'NW-1003', '2025-05-19T08:05:00.000Z'],
  ['Tailspin Toys', 'it@tailspin-toys.example', ['PBX', 'TRUNK'], '', '2025-08-27T16:21:00.000Z'],
  ['Wide World Importers', 'phones@wideworldimporters.example', ['PBX'], 'NW-1005', '2025-11-03T10:33:00.000Z'],
];

/** A master reseller at work: five active resellers, and an enterprise whose address is taken on a third level. */
export function seed(): State {
  const { resellerId: masterResellerId } = demoMasterReseller;
  return {
    version: 1,
    nextId: 6001,
    masterReseller: { ...demoMasterReseller },
    resellers: seeded.map(([resellerName, preferredEmail, services, reference, createdDate], index) => ({
      resellerId: 5101 + index,
      masterResellerId,
      resellerName,
      preferredEmail,
      services,
      billingReferences: reference ? [reference] : [],
      createdDate,
      activatedDate: createdDate,
      // No code is ever the empty text, so nothing activates a seeded account again.
      invitation: { code: '', mail: 'sent', mailsSent: 0 },
      admin: { userName: `${preferredEmail.split('@')[1]!.split('.')[0]}-admin`, passwordHash: null },
    })),
    enterprises: [
      { enterpriseId: 5901, resellerId: 5101, enterpriseName: 'Proseware', adminEmail: 'admin@proseware.example' },
    ],
    creations: { byNaturalKey: {}, byIdempotencyKey: {} },
  };
}
