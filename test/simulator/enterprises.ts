import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { caller, post, simulate } from './start.ts';

/** Of Fabrikam, which is active and sells PBX and TRUNK. */
export const humongous = {
  enterpriseName: 'Humongous Insurance',
  resellerId: 5101,
  enterpriseAdminEmail: 'it@humongous.example',
  services: ['PBX'],
  sbcGateways: [1, 3],
  pbxId: [1],
  billingReferences: ['FB-9'],
};

/** A simulator with Humongous Insurance (6001) invited, and a good registration. */
export async function invitedEnterprise(options: Partial<SimulatorOptions> = {}, order: object = {}) {
  const { simulator, smtp } = await simulate(options);
  const call = await caller(simulator.url);
  await call('POST', '/reseller/newEnterprise', { ...humongous, ...order });
  const mail = await smtp.mailTo(humongous.enterpriseAdminEmail);
  const link = /http\S+/.exec(mail.text)![0];
  const form = {
    invitationCode: new URL(link).searchParams.get('code')!,
    adminName: 'Robin Counts',
    adminEmail: humongous.enterpriseAdminEmail,
    accept: 'yes',
  };
  const submit = (changes: Partial<typeof form> = {}) => post(`${simulator.url}/register`, { ...form, ...changes });
  const enterprise = () => simulator.state.enterprises.at(-1)!;
  return { simulator, smtp, call, mail, link, form, submit, enterprise };
}

/** The same, registered. */
export async function registeredEnterprise(options: Partial<SimulatorOptions> = {}, order: object = {}) {
  const all = await invitedEnterprise(options, order);
  await all.submit();
  const ask = (actionType: string, more: object = {}) =>
    all.call('POST', '/enterprise/getActionItemUrl', { actionType, enterpriseId: 6001, ...more });
  /** Answers a consent as its administrator does, by the link. */
  const answer = async (actionType: string, given: 'granted' | 'declined') => {
    const url = new URL((await ask(actionType)).body.url as string);
    return post(`${all.simulator.url}/consent`, { token: url.searchParams.get('token')!, answer: given });
  };
  return { ...all, ask, answer };
}

/** The same, with every consent that Direct Routing by a provider needs; routing takes no time unless told otherwise. */
export async function readyEnterprise(options: Partial<SimulatorOptions> = {}, order: object = {}) {
  const all = await registeredEnterprise({ directRoutingMs: 0, ...options }, order);
  for (const consent of ['GET_USER_SYNC_CONSENT', 'GET_PRESENCE_CONSENT', 'GET_SERVICE_PROVIDER_CONSENT'])
    await all.answer(consent, 'granted');
  const provision = (more: object = {}) =>
    all.call('POST', '/provisioning/provisionDirectRouting', { enterpriseId: 6001, sbcGatewayId: 1, ...more });
  const routings = async () =>
    (await all.call('GET', '/provisioning/getDirectRoutingStatus/6001')).body.directRoutings as { state: string }[];
  const control = (body: object) =>
    fetch(`${all.simulator.url}/_controls`, { method: 'POST', body: JSON.stringify(body) });
  return { ...all, provision, routings, control };
}
