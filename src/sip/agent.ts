import { randomBytes, randomUUID } from 'node:crypto';
import JsSIP from 'jssip';
import { say } from '../language/say.ts';
import { addressOfRecord, hostPart, registrarUri, type SipAccount } from './account.ts';
import { challengeOf } from './challenge.ts';
import type { Flow } from './flow.ts';
import type { Message } from './message.ts';
import { quoted } from './message.ts';
import { type Refused, type Registration, refusalOf, refused, silent } from './registration.ts';

// JsSIP prints whole messages, the digest in them, when the environment's DEBUG asks for it.
const others = JsSIP.debug.disable();
if (others) JsSIP.debug.enable(`${others},-JsSIP,-JsSIP:*`);

/** One installation of a phone: the PBX knows its bindings from other devices' by it (RFC 5626, section 4.1). */
export interface Device {
  uuid: string;
  token: string;
}
export const newDevice = (): Device => ({ uuid: randomUUID(), token: randomBytes(6).toString('hex') });

/** A request that is on its way: what of it an answer has to repeat. */
interface Sent {
  branch: string;
  callId: string;
  cseq: string;
  via: string;
  from: string;
  to: string;
}

const broken: Refused = {
  ok: false,
  cause: 'other',
  get reason() {
    return say('sip.failed.characters');
  },
};

/**
 * Registers over one flow. JsSIP writes the requests and computes the digests. What comes in it never gets to see: it is
 * given a plain answer with our own headers instead, because its parser follows whatever a stranger sends.
 */
export class Agent {
  readonly #account: SipAccount;
  readonly #flow: Flow;
  readonly #ua: InstanceType<typeof JsSIP.UA>;
  readonly #socket: FlowSocket;
  #sent: Sent | undefined;
  /** 401 or 407. */
  #challengedBy = 0;
  #settle: (registration: Registration) => void = () => {};
  #unregistered: () => void = () => {};

  /** @throws Error when JsSIP cannot write the account into a message; its text may quote the account */
  private constructor(account: SipAccount, flow: Flow, device: Device) {
    this.#account = account;
    this.#flow = flow;
    this.#socket = new FlowSocket(flow, (text) => this.#sending(text));
    const contact = `${hostPart(flow.local.address)}:${flow.local.port};transport=${flow.transport.toLowerCase()}`;
    this.#ua = new JsSIP.UA({
      sockets: this.#socket,
      uri: addressOfRecord(account),
      registrar_server: registrarUri(account),
      authorization_user: account.authId || account.user,
      password: account.password,
      contact_uri: `sip:${device.token}@${contact}`,
      instance_id: device.uuid,
      register: false,
      register_expires: account.expires,
      user_agent: 'TeamMate Bot',
    });
    // With a listener JsSIP leaves it to us when to renew.
    this.#ua.on('registrationExpiring', () => {});
    this.#ua.on('registrationFailed', ({ cause }) => this.#settle(this.#notTaken(cause)));
    this.#ua.on('unregistered', () => this.#unregistered());
    flow.onMessage = (message) => this.#received(message);
    this.#ua.start();
  }

  static on(flow: Flow, account: SipAccount, device: Device): Agent | Refused {
    try {
      return new Agent(account, flow, device);
    } catch {
      return broken;
    }
  }

  /** Registers, or renews. Resolves with the answer; without one it never does. */
  register(): Promise<Registration> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#ua.register();
    });
  }

  /** Takes back what this agent registered. Resolves when the PBX has answered. */
  unregister(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#ua.isRegistered()) return resolve();
      this.#settle = () => {};
      this.#unregistered = resolve;
      this.#ua.unregister();
    });
  }

  /** Frees everything, JsSIP's timers too; the flow is closed. */
  close(): void {
    this.#settle = () => {};
    this.#unregistered = () => {};
    this.#flow.onMessage = () => {};
    // JsSIP keeps the timers of a request that is not answered, but not when its socket is gone.
    this.#socket.ondisconnect(false);
    this.#ua.stop();
    this.#flow.close();
  }

  #sending(text: string): void {
    const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(text)?.[1]?.trim() ?? '';
    const via = header('Via');
    this.#sent = {
      via,
      branch: /;branch=([^\s;,]+)/.exec(via)?.[1] ?? '',
      callId: header('Call-ID'),
      cseq: header('CSeq'),
      from: header('From'),
      to: header('To'),
    };
  }

  #received(message: Message): void {
    if (message.method === 'OPTIONS') this.#flow.send(aliveAnswer(message));
    const { status } = message;
    const sent = this.#sent;
    if (!sent || !status || status < 200) return;
    if (message.branch !== sent.branch || message.cseq !== sent.cseq || message.get('call-id') !== sent.callId) return;
    if (status === 401 || status === 407) this.#challenged(message, sent);
    else if (status < 300) this.#accepted(message, sent);
    else this.#give(refusalOf(message, this.#account));
  }

  #challenged(message: Message, sent: Sent): void {
    this.#challengedBy = message.status!;
    const challenge = challengeOf(message);
    if ('digest' in challenge) {
      this.#tell(message.status!, sent, challenge.digest);
      return;
    }
    const status = String(message.status);
    const reason = challenge.unknown
      ? say('sip.failed.challenge-unknown', { status, algorithm: quoted(challenge.unknown, this.#account.password) })
      : say('sip.failed.challenge-login', { status });
    this.#give({ ok: false, cause: 'other', status: message.status!, reason });
  }

  /** The end of it without JsSIP, whether it was to register or to take that back. */
  #give(outcome: Refused): void {
    this.#settle(outcome);
    this.#unregistered();
  }

  #accepted(message: Message, sent: Sent): void {
    const expires = grantedBy(message, this.#ua.contact.toString(), this.#account.expires);
    // JsSIP looks for its own contact in the answer, which some PBXes rewrite. How long only its own timer asks.
    this.#tell(200, sent, `Contact: ${this.#ua.contact.toString()};expires=${Math.min(expires, 3600)}`);
    const server = quoted(message.get('server') ?? '', this.#account.password);
    this.#settle({ ok: true, expires, ...(server ? { server } : {}) });
  }

  /** Answers JsSIP's request with nothing but what we wrote ourselves. */
  #tell(status: number, sent: Sent, header: string): void {
    const { via, from, to, callId, cseq } = sent;
    const lines = [
      `SIP/2.0 ${status} Answer`,
      `Via: ${via}`,
      `From: ${from}`,
      `To: ${to};tag=pbx`,
      `Call-ID: ${callId}`,
    ];
    this.#socket.ondata(`${[...lines, `CSeq: ${cseq}`, header, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`);
  }

  /** JsSIP gave up: a challenge after the credentials, or its own 32 seconds (RFC 3261, timer F). */
  #notTaken(cause: string | undefined): Refused {
    if (cause === JsSIP.C.causes.REQUEST_TIMEOUT) return refused(silent());
    const reason = say('sip.failed.credentials');
    return { ok: false, cause: 'credentials', ...(this.#challengedBy ? { status: this.#challengedBy } : {}), reason };
  }
}

/** What the PBX granted to our contact, among those of other devices; what was asked for when it does not say. Seconds. */
function grantedBy(message: Message, contact: string, asked: number): number {
  const own = contact.slice(0, contact.indexOf('@'));
  const list = message.all('contact').join(',');
  const at = list.indexOf(own);
  const mine = at < 0 ? '' : list.slice(list.indexOf('>', at)).split('<')[0]!;
  const text = /;\s*expires\s*=\s*"?(\d{1,9})/i.exec(mine)?.[1] ?? message.get('expires') ?? '';
  const granted = /^\d{1,9}$/.test(text) ? Number(text) : asked;
  return Math.max(1, granted);
}

/** PBXes ask by OPTIONS whether a phone is still there, and take one for gone that says nothing. */
function aliveAnswer(request: Message): string {
  const copied = (['via', 'from', 'call-id', 'cseq'] as const).flatMap((name) =>
    request.all(name).map((value) => `${name}: ${value}`),
  );
  const to = `to: ${request.get('to') ?? ''}${/;\s*tag=/i.test(request.get('to') ?? '') ? '' : ';tag=alive'}`;
  return `${['SIP/2.0 200 OK', ...copied, to, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
}

/** The socket that JsSIP asks for, over a flow that is open already. */
class FlowSocket {
  readonly #flow: Flow;
  readonly #sending: (text: string) => void;
  via_transport: string;
  readonly url: string;
  readonly sip_uri: string;
  onconnect: () => void = () => {};
  ondisconnect: (error: boolean, code?: number, reason?: string) => void = () => {};
  ondata: <T>(data: T) => void = () => {};

  constructor(flow: Flow, sending: (text: string) => void) {
    this.#flow = flow;
    this.#sending = sending;
    const { address, port } = flow.local;
    this.via_transport = flow.transport;
    this.sip_uri = `sip:${hostPart(address)}:${port};transport=${flow.transport.toLowerCase()}`;
    this.url = this.sip_uri;
  }

  connect(): void {
    this.onconnect();
  }
  disconnect(): void {}
  isConnected(): boolean {
    return true;
  }
  isConnecting(): boolean {
    return false;
  }

  send(message: unknown): boolean {
    const { address, port } = this.#flow.local;
    // JsSIP's Via has neither port nor rport, without which an answer over UDP goes to port 5060 (RFC 3581, section 3).
    const via = `Via: SIP/2.0/${this.#flow.transport} ${hostPart(address)}:${port};rport;`;
    const text = String(message).replace(/^Via: [^;\r\n]*;/m, via);
    this.#sending(text);
    this.#flow.send(text);
    return true;
  }
}
