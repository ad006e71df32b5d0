import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Transport } from '../../src/sip/account.ts';
import type { Certificate } from '../support/certificates.ts';

export type Send = (data: string | Buffer) => void;

export interface FakePbx {
  port: number;
  /** Every request as it came, oldest first; one that was sent again counts again. */
  requests: string[];
  /** How many connections were made. */
  connections(): number;
  /** Resolves when so many requests have come. */
  came(number: number): Promise<void>;
  close(): Promise<void>;
}

/** Something at a port of the loopback interface that says whatever a test wants. It answers every request by `say`. */
export async function startFakePbx(
  transport: Transport,
  say: (request: string, send: Send) => void,
  { certificate, host = '127.0.0.1' }: { certificate?: Certificate; host?: string } = {},
): Promise<FakePbx> {
  const requests: string[] = [];
  const waiting = new Set<() => void>();
  const sockets = new Set<Socket>();
  let connections = 0;
  const hear = (request: string, send: Send) => {
    requests.push(request);
    for (const look of waiting) look();
    say(request, send);
  };
  const came = (number: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (requests.length < number) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  if (transport === 'UDP') {
    const socket = createSocket('udp4');
    socket.on('message', (data, from) =>
      hear(data.toString(), (answer) => socket.send(answer, from.port, from.address)),
    );
    socket.bind(0, host);
    await once(socket, 'listening');
    const close = () => new Promise<void>((resolve) => socket.close(() => resolve()));
    return { port: socket.address().port, requests, connections: () => 0, came, close };
  }
  const connected = (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => hear(data.toString(), (answer) => void (socket.writable && socket.write(answer))));
  };
  const server =
    transport === 'TCP'
      ? createServer(connected)
      : createTlsServer({ ...certificate, maxVersion: 'TLSv1.3' }, connected).on('tlsClientError', () => {});
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    came,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An answer to this request, with more headers if need be. */
export function answerTo(request: string, status: string, ...headers: string[]): string {
  const copied = request.split('\r\n').filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
  return `${[`SIP/2.0 ${status}`, ...copied, ...headers, 'Content-Length: 0'].join('\r\n')}\r\n\r\n`;
}

/** One line of a request. */
export const header = (request: string, name: string): string =>
  new RegExp(`^${name}: (.*)$`, 'im').exec(request)?.[1]?.trim() ?? '';
