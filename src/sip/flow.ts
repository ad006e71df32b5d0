import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, isIP, isIPv6, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { say } from '../language/say.ts';
import type { Transport } from './account.ts';
import { certificateFailure, namedIn, trusted } from './certificate.ts';
import { asFailure, Failure } from './failure.ts';
import { Framer, limits, type Message, parseDatagram } from './message.ts';
import type { Reach } from './reach.ts';
import type { Target } from './targets.ts';

/** Sent and received over one socket, between it and one address (RFC 5626 calls that a flow). */
export interface Flow {
  readonly transport: Transport;
  readonly local: { address: string; port: number };
  /** False once it has ended in any way. */
  readonly open: boolean;
  send(text: string): void;
  /** What comes in; nothing is kept for later. */
  onMessage: (message: Message) => void;
  /** The flow has ended otherwise than by `close`. */
  onEnd: (failure: Failure) => void;
  close(): void;
}

/** All that may come in between two things we send. What sends more has something else in mind. Bytes. */
const allowance = 4 * limits.body;

/**
 * Opens a flow to this very address; no name is looked up.
 * @param names of which the certificate must have one, with TLS
 * @throws Failure
 */
export async function openFlow(
  target: Target,
  transport: Transport,
  options: { reach: Reach; names: readonly string[]; signal: AbortSignal },
): Promise<Flow> {
  if (transport === 'UDP') return openDatagrams(target, options.signal);
  const socket =
    transport === 'TCP' ? await openTcp(target, options.signal) : await openTls(target, { ...options, believe: false });
  return new StreamFlow(transport, socket);
}

export async function openTcp(target: Target, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const socket = connectTcp({ host: target.address, port: target.port, noDelay: true });
  await opened(socket, 'connect', { target, transport: 'TCP', signal });
  return socket;
}

/** @param options.believe takes any certificate, for whoever wants to look at it */
export async function openTls(
  target: Target,
  options: { reach: Reach; names: readonly string[]; signal: AbortSignal; believe: boolean },
): Promise<TLSSocket> {
  const { reach, names, signal, believe } = options;
  signal.throwIfAborted();
  const socket = connectTls({
    host: target.address,
    port: target.port,
    // RFC 6066, section 3: no addresses.
    ...(isIP(target.host) ? {} : { servername: target.host }),
    ca: trusted(reach),
    rejectUnauthorized: !believe,
    checkServerIdentity: (_host, certificate) =>
      namedIn(certificate, names) === 'not'
        ? Object.assign(new Error(), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
        : undefined,
  });
  await opened(socket, 'secureConnect', { target, transport: 'TLS', signal });
  return socket;
}

type Opening = { target: Target; transport: Transport; signal: AbortSignal };

async function opened(socket: Socket, event: string, { target, transport, signal }: Opening): Promise<void> {
  try {
    const ended = new AbortController();
    try {
      await Promise.race([
        once(socket, event, { signal: AbortSignal.any([signal, ended.signal]) }),
        // A server that hangs up in the middle of a handshake does so without an error.
        once(socket, 'close', { signal: AbortSignal.any([signal, ended.signal]) }).then(() => {
          throw Object.assign(new Error(), { code: 'ECONNRESET' });
        }),
      ]);
    } finally {
      ended.abort();
    }
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    signal.throwIfAborted();
    throw networkFailure(error, target, transport);
  }
}

/** What the network or the other side's TLS did, in words. */
function networkFailure(error: unknown, { port }: Pick<Target, 'port'>, transport: Transport): Failure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const place = { transport: transport === 'TLS' ? 'TCP' : transport, port: String(port) };
  if (code === 'ECONNREFUSED') return new Failure('unreachable', say('sip.failed.refused', place));
  if (['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EINVAL', 'EACCES', 'EPERM'].includes(code))
    return new Failure('unreachable', say('sip.failed.no-way'));
  if (code === 'ETIMEDOUT') return new Failure('timeout', say('sip.failed.silent', place));
  if (['ECONNRESET', 'EPIPE', 'ECONNABORTED'].includes(code))
    return new Failure('unreachable', say('sip.failed.closed', place));
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST/.test(code))
    return new Failure('other', say('sip.failed.no-tls', place));
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(code)) return new Failure('other', say('sip.failed.old-tls'));
  if (/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/.test(code))
    return new Failure('other', say('sip.failed.handshake-ended'));
  return (
    certificateFailure(code) ??
    (transport === 'TLS' && /^(ERR_SSL|EPROTO)/.test(code) ? noHandshake() : asFailure(error))
  );
}
const noHandshake = () => new Failure('other', say('sip.failed.handshake'));

abstract class AnyFlow implements Flow {
  readonly transport: Transport;
  abstract readonly local: { address: string; port: number };
  onMessage: (message: Message) => void = () => {};
  onEnd: (failure: Failure) => void = () => {};
  #left = allowance;
  #open = true;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  get open(): boolean {
    return this.#open;
  }

  send(text: string): void {
    // An answer of ours was asked for by the other side, and earns it nothing.
    if (!text.startsWith('SIP/2.0')) this.#left = allowance;
    if (this.#open) this.write(text);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.end();
  }

  protected abstract write(text: string): void;
  /** Frees the socket and every timer. */
  protected abstract end(): void;

  protected received(chunk: Buffer, parse: (chunk: Buffer) => Message[]): void {
    if (!this.#open) return;
    this.#left -= chunk.length;
    try {
      if (this.#left < 0) throw new Failure('other', say('sip.failed.too-much'));
      for (const message of parse(chunk)) if (this.#open) this.onMessage(message);
    } catch (error) {
      this.failed(asFailure(error));
    }
  }

  protected failed(failure: Failure): void {
    if (!this.#open) return;
    this.close();
    this.onEnd(failure);
  }
}

class StreamFlow extends AnyFlow {
  readonly local: { address: string; port: number };
  readonly #socket: Socket;

  constructor(transport: Transport, socket: Socket) {
    super(transport);
    this.#socket = socket;
    this.local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
    const framer = new Framer();
    const port = socket.remotePort ?? 0;
    socket.on('data', (chunk: Buffer) => this.received(chunk, (bytes) => framer.push(bytes)));
    socket.on('error', (error) => this.failed(networkFailure(error, { port }, transport)));
    socket.on('close', () => this.failed(networkFailure({ code: 'ECONNRESET' }, { port }, transport)));
  }

  protected write(text: string): void {
    this.#socket.write(text);
  }
  protected end(): void {
    this.#socket.destroy();
  }
}

/** RFC 3261, section 17.1.2.2: T1 and T2. Milliseconds. */
const resend = { first: 500, most: 4_000 } as const;

async function openDatagrams(target: Target, signal: AbortSignal): Promise<Flow> {
  signal.throwIfAborted();
  const socket = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4');
  try {
    // Connected: the kernel drops what comes from anybody else, and tells of a port at which nobody listens.
    socket.connect(target.port, target.address);
    await once(socket, 'connect', { signal });
  } catch (error) {
    socket.close();
    signal.throwIfAborted();
    throw networkFailure(error, target, 'UDP');
  }
  return new DatagramFlow(socket, target);
}

/** Sends a request again until something answers it, because JsSIP leaves that to the socket. */
class DatagramFlow extends AnyFlow {
  readonly local: { address: string; port: number };
  readonly #socket: UdpSocket;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(socket: UdpSocket, target: Target) {
    super('UDP');
    this.#socket = socket;
    const { address, port } = socket.address();
    this.local = { address, port };
    socket.on('message', (datagram) =>
      this.received(datagram, (bytes) => {
        const message = parseDatagram(bytes);
        if (message?.status) this.#answered(message.branch ?? '');
        return message ? [message] : [];
      }),
    );
    socket.on('error', (error) => this.failed(networkFailure(error, target, 'UDP')));
  }

  protected write(text: string): void {
    this.#socket.send(text);
    const branch = /^Via:.*;branch=([^\s;,]+)/im.exec(text)?.[1];
    if (branch && !text.startsWith('SIP/2.0')) this.#again(text, branch, resend.first);
  }

  #again(text: string, branch: string, pause: number): void {
    const timer = setTimeout(() => {
      this.#socket.send(text);
      this.#again(text, branch, Math.min(pause * 2, resend.most));
    }, pause);
    this.#timers.set(branch, timer);
  }

  #answered(branch: string): void {
    clearTimeout(this.#timers.get(branch));
    this.#timers.delete(branch);
  }

  protected end(): void {
    for (const branch of [...this.#timers.keys()]) this.#answered(branch);
    this.#socket.close();
  }
}
