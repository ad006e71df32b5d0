import type { KeepRegistered } from '../../src/simulator/pbx-registration.ts';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { caller, simulate } from './start.ts';

/** Of Proseware, which has Direct Routing and PBXes of the type Netsapiens. */
export const headOffice = {
  enterpriseId: 5901,
  pbxTypeId: 1,
  pbxLocation: 'Head Office',
  dnsLookupType: 'A',
  sipDomain: 'pbx.proseware.example',
  sipDomainProxy: '127.0.0.1:5070',
  transport: 'UDP',
  port: 5080,
  registrationExpiry: 300,
  voicemailFeatureCode: '*97',
  sipUser: 'teammate',
  authenticationId: 'teammate-auth',
  sipPassword: 'sip-secret ',
  portal: {
    authorizationUrl: 'https://pbx.proseware.example/ns-api/oauth2/token/',
    clientId: 'proseware',
    clientSecret: 'client-secret',
    masqueradingLogin: 'admin@proseware',
    masqueradingPassword: 'masquerading-secret',
  },
};
const { sipPassword, ...open } = headOffice;
/** The same without what is secret. */
export const openHeadOffice = {
  ...open,
  portal: { ...open.portal, clientSecret: undefined, masqueradingPassword: undefined },
};
export const secretsOf = [sipPassword, headOffice.portal.clientSecret, headOffice.portal.masqueradingPassword];

type Account = Parameters<KeepRegistered>[0];
type Heard = Parameters<Parameters<KeepRegistered>[1]['onChange']>[0];

/** Stands in for SIP: keeps what is to be registered, and says what a test has it say. */
export function pretendPbx() {
  const registrations: { account: Account; hear: (heard: Heard) => void; stopped: boolean }[] = [];
  const register: KeepRegistered = (account, { onChange }) => {
    const one = { account, hear: onChange, stopped: false };
    registrations.push(one);
    return {
      stop: async () => {
        one.stopped = true;
      },
    };
  };
  const running = () => registrations.filter((one) => !one.stopped);
  return { register, registrations, running };
}

export const ok: Heard = { ok: true, expires: 300 };
export const refused: Heard = {
  ok: false,
  cause: 'refused',
  status: 403,
  reason: 'The PBX answered 403 (Forbidden): it does not let this user register.',
};

/** A simulator that can make PBXes of Proseware, which are registered with nobody until the test says so. */
export async function pbxes(options: Partial<SimulatorOptions> = {}) {
  const pbx = pretendPbx();
  const { simulator, smtp } = await simulate({ register: pbx.register, ...options });
  const call = await caller(simulator.url);
  const make = (changes: object = {}) => call('POST', '/pbx/newPBX', { ...headOffice, ...changes });
  const registration = async (id = 6001) => (await call('GET', `/pbx/getPBX/${id}`)).body.registration;
  return { ...pbx, simulator, smtp, call, make, registration };
}
