import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { renewInvitation } from './accounts.ts';
import { serveActivation } from './activation.ts';
import { serveApi } from './api.ts';
import { serveControls } from './controls.ts';
import { Faults } from './faults.ts';
import { createServer, type Log } from './http.ts';
import { type Smtp, sendInvitation } from './mail.ts';
import { Outgoing } from './outgoing.ts';
import { servePortal } from './portal.ts';
import { demoLogin, seed } from './seed.ts';
import { findReseller, type Reseller, type State } from './state.ts';
import { openStore, type Store } from './store.ts';
import { type Login, Tokens } from './tokens.ts';

export interface SimulatorOptions {
  /** 0 takes any free one. */
  port: number;
  /** Default 127.0.0.1: its controls ask for no login, so it belongs on no network. */
  host?: string;
  /** Where the state is kept, as JSON; without it, in memory only. */
  dataFile?: string;
  /** Where the activation e-mails go. */
  smtp: Smtp;
  /** The address in the e-mails' links; default: the one it listens on. */
  publicUrl?: string;
  /** Told of each activation: `{event: 'reseller.activated', resellerId}`; without it, nobody is. */
  webhookUrl?: string;
  /** What the API accepts; default `demoLogin`. */
  login?: Login;
  /** How long a token lives. Seconds; default 3600. */
  tokenLifetime?: number;
  /** Pauses before each further try of a mail or a webhook. Milliseconds; default 0.5, 2, 8 and 30 s. */
  pausesMs?: readonly number[];
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

/** Starts the mail of a reseller's latest invitation in the background. */
export interface Invite {
  (resellerId: number): void;
  /** The same with a new code. @throws Refusal 404, or 400 when it is active */
  again(resellerId: number): Promise<Reseller>;
}

/** What the routes share. */
export interface Parts {
  store: Store;
  tokens: Tokens;
  faults: Faults;
  login: Login;
  clock: () => Date;
  invite: Invite;
  /** Tells the webhook of an activation, in the background. */
  tell: (resellerId: number) => void;
  log: Log | undefined;
}

/**
 * A stand-in for the TeamMate service: its REST API, its activation e-mails and page, and a portal to look at. It enforces
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

  const send = (resellerId: number) => {
    const code = findReseller(store.state, resellerId)?.invitation.code;
    // A resend or the activation has overtaken this mail: then there is nothing left to say.
    const current = () => {
      const reseller = findReseller(store.state, resellerId);
      return reseller?.invitation.code === code && !reseller?.activatedDate ? reseller : undefined;
    };
    let overtaken = false;
    const attempt = async () => {
      const reseller = current();
      overtaken = !reseller;
      if (reseller) await sendInvitation(smtp, publicUrl, store.state.masterReseller.name, reseller);
    };
    outgoing.start(`activation mail of reseller ${resellerId}`, attempt, (sent) =>
      store.change((draft) => {
        const invitation = findReseller(draft, resellerId)?.invitation;
        if (!invitation || overtaken) return;
        if (sent) invitation.mailsSent += 1;
        if (invitation.code === code) invitation.mail = sent ? 'sent' : 'failed';
      }),
    );
  };
  const invite: Invite = Object.assign(send, {
    async again(resellerId: number) {
      const reseller = await store.change((draft) => renewInvitation(draft, resellerId));
      send(resellerId);
      return reseller;
    },
  });

  const tell = (resellerId: number) => {
    if (!webhookUrl || !faults.webhooks) return;
    outgoing.start(`webhook of reseller ${resellerId}`, async () => {
      const { statusCode, body } = await request(webhookUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ event: 'reseller.activated', resellerId }),
        signal: AbortSignal.any([outgoing.signal, AbortSignal.timeout(10_000)]),
      });
      await body.dump();
      // Its address holds a secret, so the message names the status only.
      if (statusCode >= 300) throw new Error(`answered ${statusCode}`);
    });
  };

  const server = createServer(log);
  const parts: Parts = { store, tokens, faults, login, clock, invite, tell, log };
  serveApi(server, parts);
  serveActivation(server, parts);
  servePortal(server, parts);
  serveControls(server, parts);

  server.listen(options.port, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  // Restify hands its HTTP server's errors on to itself, where one that nobody listens to would end the process.
  server.on('error', (error: Error) => log?.error({ error: error.message }, 'simulator server failed'));
  const { address, family, port } = server.server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  publicUrl ||= url;
  // What was accepted but not sent when the process ended.
  for (const { resellerId, invitation } of store.state.resellers) if (invitation.mail === 'queued') send(resellerId);

  return {
    url,
    get state() {
      return store.state;
    },
    faults,
    tokens,
    async close() {
      const closed = new Promise((resolve) => server.server.close(resolve));
      await outgoing.close();
      server.server.closeAllConnections();
      await closed;
      await store.idle();
    },
  };
}
