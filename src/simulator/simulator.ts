import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { keepRegistered } from '../sip/register.ts';
import { renewInvitation } from './accounts.ts';
import { serveActionApi } from './action-api.ts';
import { serveActivation } from './activation.ts';
import { serveApi } from './api.ts';
import { type BillingRows, serveBilling } from './billing-api.ts';
import { serveChangesApi } from './changes-api.ts';
import { serveConsent } from './consent-page.ts';
import { serveControls } from './controls.ts';
import { serveDashboard } from './dashboard.ts';
import type { Enterprise } from './enterprise.ts';
import { serveEnterpriseApi } from './enterprise-api.ts';
import { serveEnterprisePortal } from './enterprise-portal.ts';
import { Faults } from './faults.ts';
import { createServer, type Log } from './http.ts';
import { type Invite, inviting } from './invitation.ts';
import { activationLetter, registrationLetter } from './letters.ts';
import { type Letter, type Smtp, sendLetter } from './mail.ts';
import { isInvited, renewEnterpriseInvitation } from './new-enterprise.ts';
import { type Notice, notifying } from './notice.ts';
import { Outgoing } from './outgoing.ts';
import { servePbxApi } from './pbx-api.ts';
import { type KeepRegistered, PbxRegistrations } from './pbx-registration.ts';
import { servePortal } from './portal.ts';
import { serveRegistration } from './registration-page.ts';
import { serveRoutingApi } from './routing-api.ts';
import { serveLicences } from './routing-portal.ts';
import { RoutingRun } from './routing-run.ts';
import { demoLogin, seed } from './seed.ts';
import { findEnterprise, findReseller, masterOf, type Reseller, type State } from './state.ts';
import { openStore, type Store } from './store.ts';
import { type Login, Tokens } from './tokens.ts';

export interface SimulatorOptions {
  /** 0 takes any free one. */
  port: number;
  /** Default 127.0.0.1: its controls ask for no login, so it belongs on no network. */
  host?: string;
  /** Where the state is kept, as JSON; without it, in memory only. */
  dataFile?: string;
  /** Where the e-mails go. */
  smtp: Smtp;
  /** The address in the e-mails' links; default: the one it listens on. */
  publicUrl?: string;
  /** Told of what people did (`Notice` says what); without it, nobody is. */
  webhookUrl?: string;
  /** What the API accepts; default `demoLogin`. */
  login?: Login;
  /** How long a token lives. Seconds; default 3600. */
  tokenLifetime?: number;
  /** Pauses before each further try of a mail or a webhook. Milliseconds; default 0.5, 2, 8 and 30 s. */
  pausesMs?: readonly number[];
  /** How long Direct Routing takes, where the real one takes up to 36 hours (E). Milliseconds; default 6000. */
  directRoutingMs?: number;
  /** Registers at a PBX, as TeamMate's SBC would; default: over SIP. */
  register?: KeepRegistered;
  clock?: () => Date;
  log?: Log;
}

export interface Simulator {
  url: string;
  /** The state as it is now; not to be changed. */
  readonly state: State;
  readonly faults: Faults;
  readonly tokens: Tokens;
  /** Stops listening, ends what is being sent, and resolves when nothing is left running. */
  close(): Promise<void>;
}

/** What the routes share. */
export interface Parts {
  store: Store;
  tokens: Tokens;
  faults: Faults;
  login: Login;
  clock: () => Date;
  invite: Invite<Reseller>;
  inviteEnterprise: Invite<Enterprise>;
  /** Tells the webhook, in the background. */
  tell: (notice: Notice) => void;
  routing: RoutingRun;
  registrations: PbxRegistrations;
  billing: BillingRows;
  /** The address that links to this server begin with; known once it listens. */
  publicUrl: () => string;
  log: Log | undefined;
}

/**
 * A stand-in for the TeamMate service: its REST API, its e-mails and the pages they lead to, and a portal to look at. It enforces
 * what TeamMate documents; where TeamMate documents nothing it follows the most careful reading (no idempotency, no
 * promise that a webhook or a mail arrives, conflicts told by a 409), so a bot that works with it relies on nothing that
 * TeamMate has not promised. It is no proof that the real service behaves so.
 * @throws Error with the code EADDRINUSE when the port is taken
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { smtp, webhookUrl, log, login = demoLogin, clock = () => new Date() } = options;
  const store = await openStore(options.dataFile, seed);
  const outgoing = new Outgoing(options.pausesMs ?? [500, 2_000, 8_000, 30_000], log);
  const faults = new Faults(outgoing.signal);
  const tokens = new Tokens(login, options.tokenLifetime ?? 3600, clock);
  let publicUrl = options.publicUrl?.replace(/\/+$/, '') ?? '';

  const post = (letter: Letter) => sendLetter(smtp, letter);
  const invite = inviting<Reseller>(
    { store, outgoing, post },
    {
      what: 'reseller',
      find: findReseller,
      open: (reseller) => !reseller.activatedDate,
      renew: renewInvitation,
      letter: (reseller) => {
        const { masterReseller } = store.state;
        const from = masterOf(store.state, reseller.masterResellerId) ?? masterReseller;
        return activationLetter(publicUrl, from.name, reseller);
      },
    },
  );
  const inviteEnterprise = inviting<Enterprise>(
    { store, outgoing, post },
    {
      what: 'enterprise',
      find: findEnterprise,
      open: isInvited,
      renew: renewEnterpriseInvitation,
      letter: (enterprise) => {
        const reseller = findReseller(store.state, enterprise.resellerId);
        return registrationLetter(publicUrl, reseller?.resellerName ?? '', enterprise);
      },
    },
  );
  const tell = notifying(webhookUrl, { outgoing, faults });

  const routing = new RoutingRun(options.directRoutingMs ?? 6_000, { store, outgoing, post, clock });

  const registrations = new PbxRegistrations(options.register ?? keepRegistered, { store, outgoing, tell, clock, log });

  const server = createServer(log);
  const parts: Parts = {
    store,
    tokens,
    faults,
    login,
    clock,
    invite,
    inviteEnterprise,
    tell,
    routing,
    registrations,
    billing: { madeUp: 0 },
    publicUrl: () => publicUrl,
    log,
  };
  serveApi(server, parts);
  serveEnterpriseApi(server, parts);
  serveActionApi(server, parts);
  serveRoutingApi(server, parts);
  servePbxApi(server, parts);
  serveChangesApi(server, parts);
  serveBilling(server, parts);
  serveActivation(server, parts);
  serveRegistration(server, parts);
  serveConsent(server, parts);
  serveDashboard(server, parts);
  servePortal(server, parts);
  serveEnterprisePortal(server, parts);
  serveLicences(server, parts);
  serveControls(server, parts);

  // Before anybody can read that a PBX is registered because it was when the process ended.
  await registrations.resume();
  server.listen(options.port, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  // Restify hands its HTTP server's errors on to itself, where one that nobody listens to would end the process.
  server.on('error', (error: Error) => log?.error({ error: error.message }, 'simulator server failed'));
  const { address, family, port } = server.server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  publicUrl ||= url;
  // What was accepted but not sent when the process ended.
  for (const { resellerId, invitation } of store.state.resellers) if (invitation.mail === 'queued') invite(resellerId);
  for (const enterprise of store.state.enterprises)
    if (isInvited(enterprise) && enterprise.invitation.mail === 'queued') inviteEnterprise(enterprise.enterpriseId);
  routing.resume();

  return {
    url,
    get state() {
      return store.state;
    },
    faults,
    tokens,
    async close() {
      await registrations.close();
      const closed = new Promise((resolve) => server.server.close(resolve));
      await outgoing.close();
      server.server.closeAllConnections();
      await closed;
      await store.idle();
    },
  };
}
