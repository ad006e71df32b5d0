import type { Kind, Orders } from '../src/catalog/index.ts';
import { entryOf } from '../src/catalog/index.ts';
import type { Step } from '../src/db/schema.ts';
import type { Request } from '../src/requests/request.ts';

/*
 * Orders as people make them, for the gallery: the same short story as the demo's, a long one, one that is written from
 * right to left, and one of somebody who tries what Markdown does.
 */

export const tongues = ['plain', 'long', 'right-to-left', 'hostile'] as const;
export type Tongue = (typeof tongues)[number];

export const at = new Date('2026-10-05T09:12:00.000Z');
export const later = new Date('2026-10-06T14:30:00.000Z');
const provider = '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a';

export const companies: Record<Tongue, string> = {
  plain: 'Contoso',
  long: 'Donaudampfschifffahrtsgesellschaft für Telekommunikation und Vermittlungstechnik mbH & Co. KG',
  'right-to-left': 'شركة الاتصالات المتقدمة',
  hostile: '**Free** [click](https://evil.example) {{DATE(now)}} `x` <b>',
};
const customers: Record<Tongue, string> = {
  plain: 'Proseware',
  long: 'Vereinigte Krankenhäuser und Pflegeeinrichtungen Niederösterreich gemeinnützige Betriebsgesellschaft',
  'right-to-left': 'קבוצת בתי החולים',
  hostile: '# Heading\n- one\n- two',
};
export const requesters: Record<Tongue, string> = {
  plain: 'Alex Wilber',
  long: 'Maximiliane-Alexandra von Hohenstaufen-Wittelsbach (External, Partner Management EMEA)',
  'right-to-left': 'מרים כהן',
  hostile: '_Alex_ ~~Wilber~~ <at>Megan</at>',
};
export const approver = 'Megan Bowen';
const mail: Record<Tongue, string> = {
  plain: 'ops@contoso.example',
  long: 'telecommunications.provisioning.and.partner.management@donaudampfschifffahrtsgesellschaft.example',
  'right-to-left': 'דואר@דוגמה.example',
  hostile: '"a*b"@contoso.example',
};

/** What is ordered, as its form has it once it is checked. */
export const orders: { [K in Kind]: (tongue: Tongue) => Orders[K] } = {
  reseller: (tongue) => ({
    name: companies[tongue],
    email: mail[tongue],
    services: ['PBX', 'TRUNK'],
    billingReference: tongue === 'long' ? 'CRM-2026-000000000000000000077-AUSTRIA-WEST-PARTNER' : 'B-77',
  }),
  enterprise: (tongue) => ({
    reseller: '5101',
    name: customers[tongue],
    email: 'it@proseware.example',
    services: ['PBX'],
    regions: ['1', '2'],
    pbxTypes: ['1'],
    userLimit: '250',
    musicOnHold: false,
    addExtensions: true,
    externalNumbers: false,
    requestConsent: true,
    accessSipData: true,
    sipDataReason: 'Their help desk reads the call records of a fault.',
    billingReference: 'B-4711',
    names: {
      'reseller 5101': companies[tongue],
      'sbc-region 1': 'DE WestCentral',
      'sbc-region 2': 'UK South',
      'pbx-type 1': 'Netsapiens',
    },
  }),
  'direct-routing': (tongue) => ({
    enterprise: '5901',
    gateways: ['1', '2'],
    names: {
      'enterprise 5901': customers[tongue],
      'email of 5901': 'it@proseware.example',
      'reseller of 5901': '5101',
      'reseller 5101': companies[tongue],
      'sbc-region 1': 'DE WestCentral',
      'sbc-region 2': 'UK South',
    },
  }),
  pbx: (tongue) => ({
    enterprise: '5901',
    pbxType: '1',
    location: tongue === 'long' ? 'Hauptverwaltung Sankt Pölten, Gebäude 14, Technikraum im 3. UG' : 'Head Office',
    lookup: 'SRV',
    domain: tongue === 'long' ? `sip.${'vermittlung.'.repeat(6)}proseware.example` : 'sip.proseware.example',
    proxy: '',
    transport: 'TLS',
    port: '5061',
    expiry: '300',
    voicemail: '9901',
    user: 'teammate',
    authId: '',
    password: undefined,
    authorizationUrl: 'https://portal.proseware.example/ns-api/oauth2/token/',
    clientId: 'teammate',
    clientSecret: undefined,
    masqueradingLogin: '',
    masqueradingPassword: undefined,
    names: { 'enterprise 5901': customers[tongue], 'pbx-type 1': 'Netsapiens' },
  }),
  access: (tongue) => ({
    company: tongue === 'plain' ? 'Northwind' : companies[tongue],
    firstName: 'Robin',
    lastName: 'Kline',
    email: 'robin@northwind.example',
    tenantId: 'c0ffee00-1111-4222-8333-444455556666',
  }),
};

/** How a long wait stands, as its watcher writes it. */
export const progresses: Partial<Record<Kind, Request['progress']>> = {
  'direct-routing': {
    waitingFor: 'Microsoft to activate cust124.sbc.connecttoteams.com',
    since: at.toISOString(),
    steps: [
      { label: 'Invitation accepted', state: 'done' },
      { label: 'Consents granted', state: 'done' },
      { label: 'Licences present', state: 'done' },
      { label: 'Domain in DE WestCentral', state: 'done', says: 'cust123.sbc.connecttoteams.com' },
      { label: 'Voice routes in DE WestCentral', state: 'done' },
      {
        label: 'Domain in UK South',
        state: 'now',
        says: 'cust124.sbc.connecttoteams.com; it takes Microsoft 5 minutes to 36 hours',
      },
      { label: 'Voice routes in UK South', state: 'later' },
    ],
  },
};

const checked: Step[] = [
  { label: 'DNS', state: 'done', says: 'sip.proseware.example is 203.0.113.10, port 5061.' },
  { label: 'Connection', state: 'done', says: 'It answers at 203.0.113.10, port 5061 (TLS).' },
  { label: 'Certificate', state: 'warned', says: 'It is good for 12 more days. Have it renewed.' },
  { label: 'SIP answer', state: 'done', says: 'It speaks SIP: 200 OK after 34 ms.' },
  { label: 'Registration', state: 'done', says: 'The PBX accepted “teammate” for 300 seconds.' },
];

/** The check of a PBX: while it runs, when it found something, and when all is well. */
export const preflights = {
  running: {
    steps: checked.map((step, index) =>
      index < 2 ? step : { label: step.label, state: index === 2 ? ('now' as const) : ('later' as const) },
    ),
  },
  stopped: {
    steps: [
      ...checked.slice(0, 4),
      {
        label: 'Registration',
        state: 'failed' as const,
        says: 'The PBX refused the password (403 Forbidden). Ask whoever runs it for the SIP password of “teammate”, then change it here.',
      },
    ],
  },
  passed: { steps: checked },
};

const decidedIn = ['approved', 'provisioning', 'waiting', 'active', 'rejected', 'failed'];

/** A request as it stands in a state when everything went as usual. */
export function requestOf(
  kind: Kind,
  state: Request['state'],
  { tongue = 'plain', ...more }: Partial<Request> & { tongue?: Tongue } = {},
): Request {
  const content = orders[kind](tongue);
  const checking = kind === 'pbx' && {
    checking: preflights.running,
    unready: preflights.stopped,
    pending: preflights.passed,
  };
  const progress = checking
    ? checking[state as keyof typeof checking]
    : state === 'waiting'
      ? progresses[kind]
      : undefined;
  return {
    id: '1006',
    tenantId: provider,
    kind,
    operation: 'add',
    state,
    version: 3,
    content,
    name: entryOf(kind).name(content as never),
    requester: { tenantId: provider, directoryId: '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa', name: requesters[tongue] },
    ...(decidedIn.includes(state) && {
      decision: {
        by: '22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
        name: approver,
        at: later,
        ...(state === 'rejected' && { reason: 'Their contract is not signed yet: ask again in November.' }),
      },
    }),
    ...(['waiting', 'active'].includes(state) && { reference: '6001' }),
    ...(state === 'failed' && {
      trouble: {
        code: 'backend-refused',
        says: 'TeamMate refused it: this e-mail address is in use already.',
        next: 'Change the e-mail address, or withdraw the request.',
      },
    }),
    ...(progress && { progress }),
    since: later,
    createdAt: at,
    ...more,
  };
}
