import type { DirectRoutingOrder } from '../../src/catalog/direct-routing.ts';
import { createMailer } from '../../src/mail/mailer.ts';
import { createTeamMate } from '../../src/provisioning/teammate.ts';
import type { Request } from '../../src/requests/request.ts';
import { demoLogin } from '../../src/simulator/seed.ts';
import type { SimulatorOptions } from '../../src/simulator/simulator.ts';
import { invitedEnterprise, registeredEnterprise } from '../simulator/enterprises.ts';
import { atEnd, post } from '../simulator/start.ts';
import type { Workroom } from './workroom.ts';

export const admin = 'it@humongous.example';
export const who = `${admin}, the customer’s administrator,`;
export const day = 24 * 3_600_000;
/** Nothing happens by itself within a test. */
export const never = 600_000_000;

/** For Humongous Insurance, which the simulator has under this number, with the gateways 1 and 3. */
export const order = (gateways = ['1', '3']): DirectRoutingOrder => ({
  enterprise: '6001',
  gateways,
  names: {
    'enterprise 6001': 'Humongous Insurance',
    'email of 6001': admin,
    'reseller of 6001': '5101',
    'reseller 5101': 'Fabrikam',
    'sbc-region 1': 'US East 1',
    'sbc-region 3': 'US West',
  },
});

/** TeamMate's client against a service, with every call it makes written down. */
export function clientOf(room: Workroom, url: string) {
  const calls: string[] = [];
  const heard = (about: unknown) => {
    const { method, path } = about as { method?: string; path?: string };
    if (method && path !== '/oauth/token') calls.push(`${method} ${path}`);
  };
  const backend = createTeamMate(
    {
      TEAMMATE_URL: url,
      TEAMMATE_CLIENT_ID: demoLogin.clientId,
      TEAMMATE_CLIENT_SECRET: demoLogin.clientSecret,
      TEAMMATE_USERNAME: demoLogin.username,
      TEAMMATE_PASSWORD: demoLogin.password,
      TEAMMATE_TIMEOUT: 10_000,
      TEAMMATE_PATH_CREATE_RESELLER: '/reseller/newReseller',
      TEAMMATE_PATH_RESELLER: '/reseller/getReseller/{id}',
      TEAMMATE_PATH_RESEND: '/reseller/resendInvitationEmail/{id}',
      TEAMMATE_PATH_LIST_RESELLERS: '/reseller/v3/getResellersOrMasterResellers',
      TEAMMATE_PATH_UPDATE_RESELLER: '/reseller/updateReseller/{id}',
      TEAMMATE_PATH_SUSPEND_RESELLER: '/reseller/suspendReseller/{id}',
      TEAMMATE_PATH_RESUME_RESELLER: '/reseller/resumeReseller/{id}',
      TEAMMATE_PATH_DELETE_RESELLER: '/reseller/deleteReseller/{id}',
      TEAMMATE_PATH_CREATE_PBX: '/pbx/newPBX',
      TEAMMATE_PATH_PBX: '/pbx/getPBX/{id}',
      TEAMMATE_PATH_LIST_PBXES: '/pbx/getPBXsForEnterprise',
    },
    { now: () => room.clock().getTime(), log: { debug: heard, warn: heard } },
  );
  atEnd(backend.close);
  room.room.backend = backend;
  /** How often TeamMate was asked to begin. */
  const begun = () => calls.filter((call) => call === 'POST /provisioning/provisionDirectRouting').length;
  return { backend, calls, begun };
}

/** An approved request for an enterprise of the simulator, the bot's mail going where the simulator's does. */
export async function approvedRouting(
  room: Workroom,
  {
    simulator: options = {},
    registered = true,
    gateways = ['1', '3'],
    smtp = true,
  }: { simulator?: Partial<SimulatorOptions>; registered?: boolean; gateways?: string[]; smtp?: boolean } = {},
) {
  const begin = registered ? registeredEnterprise : invitedEnterprise;
  const service = await begin({ directRoutingMs: never, clock: room.clock, ...options });
  const client = clientOf(room, service.simulator.url);
  room.room.mailer = smtp
    ? createMailer({ SMTP_URL: `smtp://127.0.0.1:${service.smtp.port}`, MAIL_FROM: 'bot@northwind.example' })
    : undefined;
  const request = await room.approvedOf('direct-routing', order(gateways));
  /** The bot's own e-mails to the administrator. */
  const mails = () => service.smtp.mails.filter(({ subject }) => subject.includes('needs your permission'));
  /** Answers the links of an e-mail as its reader does, all of them or those of some titles. */
  const answer = async (text: string, given: 'granted' | 'declined', ...titles: string[]) => {
    const links = [...text.matchAll(/^(.+):\n(https?:\/\/\S+)$/gm)];
    for (const [, title = '', url = ''] of links) {
      if (titles.length > 0 && !titles.includes(title)) continue;
      const token = new URL(url).searchParams.get('token') ?? '';
      const { status } = await post(url.replace(/\?.*/, ''), { token, answer: given });
      if (status !== 303) throw new Error(`the page answered ${status}`);
    }
  };
  const control = (body: object) =>
    fetch(`${service.simulator.url}/_controls`, { method: 'POST', body: JSON.stringify(body) });
  const grantAll = async () => {
    const grant = async (actionType: string) => {
      const asked = { actionType, enterpriseId: 6001 };
      const { url } = (await service.call('POST', '/enterprise/getActionItemUrl', asked)).body;
      // None for what is granted already.
      if (url) await answer(`x:\n${url}`, 'granted');
    };
    for (const one of ['USER_SYNC', 'PRESENCE', 'SERVICE_PROVIDER']) await grant(`GET_${one}_CONSENT`);
  };
  const routings = () => service.enterprise().routings;
  return { ...service, ...client, request, mails, answer, control, grantAll, routings };
}

/** The checklist of a request, a line for each step. */
export const checklist = ({ progress }: Request) =>
  progress?.steps.map(({ label, state, says }) => `${state}: ${label}${says ? ` (${says})` : ''}`);
