import { fold } from './orderable.ts';

/**
 * What is known of the PBX types that TeamMate names, to begin a form with. (E) stands in TeamMate's or a provider's help
 * pages, (I) is our inference: whoever orders sees it in the form and can say otherwise.
 */
export interface PbxType {
  /** Has a portal of the NetSapiens kind, whose access TeamMate asks for. */
  portal: boolean;
  lookup: 'SRV' | 'A' | 'NAPTR';
  transport: 'UDP' | 'TCP' | 'TLS';
  /** Seconds. */
  expiry: number;
  voicemail: string;
}

/** Where the portal of a PBX of the NetSapiens family gives out tokens (E). */
export const portalPath = '/ns-api/oauth2/token/';
/** Stands for the portal's host until somebody writes it. */
const hostToWrite = 'HOST';

const netsapiens: PbxType = {
  portal: true,
  lookup: 'SRV', // (E)
  transport: 'UDP', // (I)
  expiry: 300, // (I)
  voicemail: '9901', // (E) as an example
};

/** (I) of a type that nothing is known of: what every SIP server takes. */
const unknown: PbxType = { portal: false, lookup: 'A', transport: 'UDP', expiry: 300, voicemail: '' };

const types: Record<string, PbxType> = {
  netsapiens,
  // (I) RingLogix, Viirtue and United Cloud are providers whose platform is NetSapiens.
  ringlogix: netsapiens,
  viirtue: netsapiens,
  'united cloud': netsapiens,
  portaswitch: unknown,
};

/** By the name that TeamMate lists it under. */
export const pbxTypeOf = (name: string): PbxType => types[fold(name)] ?? unknown;

/** What the form of such a PBX begins with. */
export const beginningOf = ({ portal, lookup, transport, expiry, voicemail }: PbxType) => ({
  lookup,
  transport,
  expiry: String(expiry),
  voicemail,
  ...(portal && { authorizationUrl: `https://${hostToWrite}${portalPath}` }),
});
