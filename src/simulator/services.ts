/** (E) What a reseller sells. */
export const services = ['PBX', 'TRUNK'] as const;

/** (E) What an enterprise can have: PBX, SMS and CALLAPP stand in the API's examples, Trunk in their text. */
export const enterpriseServices = ['PBX', 'TRUNK', 'SMS', 'CALLAPP'] as const;
export type Service = (typeof enterpriseServices)[number];

/** As the portal words them; (I) the last two. */
export const serviceTitles: Record<Service, string> = {
  PBX: 'PBX Connector',
  TRUNK: 'SIP Trunk',
  SMS: 'SMS Connector',
  CALLAPP: 'Call App',
};
