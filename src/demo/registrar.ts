import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const program = '/usr/sbin/kamailio';
/** Whether a registrar can be started here: Debian's packages kamailio and, for TLS, kamailio-tls-modules. */
export const kamailio = existsSync(program);

export interface RegistrarUser {
  user: string;
  password: string;
  /** The user name of the digest; the same as `user` unless given. */
  authId?: string;
}

export interface RegistrarOptions {
  domain: string;
  users: readonly RegistrarUser[];
  /** What it does TLS with; without it there is none. */
  certificate?: { cert: string; key: string };
  /** A shorter interval is answered with 423. Seconds. */
  minExpires?: number;
  /** Free ones unless given. */
  ports?: Partial<Ports>;
}
interface Ports {
  udp: number;
  tcp: number;
  tls: number;
}

export interface Registrar {
  host: '127.0.0.1';
  ports: Ports;
  /** The contacts that are registered now, of every user. */
  contacts(): Promise<string[]>;
  /** Ends it, with all registrations; its ports answer no more. */
  stop(): Promise<void>;
  /** Starts it again on the same ports, without any registration. */
  start(): Promise<void>;
  /** Ends it for good. */
  close(): Promise<void>;
}

/**
 * A real SIP registrar, Kamailio, on the loopback interface. It keeps its registrations in memory, and takes its users'
 * whatever domain they name; over HTTP, on its TCP port, `GET /ready` answers 200.
 */
export async function startRegistrar(options: RegistrarOptions): Promise<Registrar> {
  const folder = await mkdtemp(join(tmpdir(), 'registrar-'));
  const ports = { udp: 0, tcp: 0, tls: 0, ...options.ports };
  for (const name of ['udp', 'tcp', 'tls'] as const) ports[name] ||= await freePort(name === 'udp');
  const { certificate } = options;
  // Kamailio asks for these to be unreadable to others.
  if (certificate) {
    await writeFile(join(folder, 'cert.pem'), certificate.cert);
    await writeFile(join(folder, 'key.pem'), certificate.key, { mode: 0o600 });
  }
  await writeFile(join(folder, 'kamailio.cfg'), configuration(options, ports, folder), { mode: 0o600 });
  let running: Kamailio | undefined;
  const registrar: Registrar = {
    host: '127.0.0.1',
    ports,
    contacts: () => contactsAt(ports.tcp),
    stop: async () => {
      await running?.end();
      running = undefined;
    },
    start: async () => {
      running = new Kamailio(folder);
      await running.ready(ports).catch(async (error) => {
        await registrar.stop();
        throw error;
      });
    },
    close: async () => {
      await registrar.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await registrar.start().catch(async (error) => {
    await registrar.close();
    throw error;
  });
  return registrar;
}

/** How long Kamailio may take to be ready. Milliseconds. */
const patience = 20_000;

class Kamailio {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #said = '';

  constructor(folder: string) {
    // The shell holds it on a leash: when our end of stdin is gone, however we ended, Kamailio is told to end.
    const leash = 'exec 3<&0; "$@" & pid=$!; { read -r _ <&3; kill $pid; } & wait $pid';
    const kamailio = [program, '-f', join(folder, 'kamailio.cfg'), '-DD', '-E', '-m', '32', '-M', '4', '-Y', folder];
    this.#child = spawn('/bin/sh', ['-c', leash, 'registrar', ...kamailio, '-w', folder], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.on('data', (chunk) => {
      this.#said = `${this.#said}${chunk}`.slice(-4_000);
    });
  }

  async ready({ udp, tcp }: Ports): Promise<void> {
    const late = AbortSignal.timeout(patience);
    while (!((await answersUdp(udp)) && (await contactsAt(tcp).then(Boolean, () => false)))) {
      if (late.aborted || this.#child.exitCode !== null) throw new Error(`Kamailio does not start:\n${this.#said}`);
      await pause(50);
    }
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
    this.#child.stderr?.destroy();
  }
}

/** A port that nobody has, of the kind asked for. */
async function freePort(udp: boolean): Promise<number> {
  if (udp) {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    return port;
  }
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether something answers a SIP OPTIONS there. */
async function answersUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const own = `127.0.0.1:${socket.address().port}`;
    const lines = [
      `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=z9hG4bKready;rport`,
      `From: <sip:ready@${own}>;tag=1`,
      `To: <sip:127.0.0.1:${port}>`,
      `Call-ID: ready-${own}`,
      'CSeq: 1 OPTIONS',
      'Max-Forwards: 70',
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`);
    await once(socket, 'message', { signal: AbortSignal.timeout(200) });
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/** Asks Kamailio for its location table, by JSON-RPC on its TCP port. */
async function contactsAt(port: number): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/rpc`, {
    method: 'POST',
    headers: { connection: 'close' },
    body: JSON.stringify({ jsonrpc: '2.0', method: 'ul.dump', id: 1 }),
    signal: AbortSignal.timeout(2_000),
  });
  return [...(await answer.text()).matchAll(/"Address":\s*"([^"]+)"/g)].map(([, contact]) => contact!);
}

const text = (value: string) => `"${value.replace(/[\\"]/g, '\\$&')}"`;

function configuration(options: RegistrarOptions, ports: Ports, folder: string): string {
  const { domain, users, certificate, minExpires = 0 } = options;
  const modules = [
    'tm',
    'sl',
    'pv',
    'maxfwd',
    'textops',
    'siputils',
    'usrloc',
    'registrar',
    'auth',
    'htable',
    'xhttp',
    'jsonrpcs',
  ];
  return `#!KAMAILIO
debug=0
log_stderror=yes
children=1
tcp_children=1
auto_aliases=no
alias=${text(domain)}
tcp_accept_no_cl=yes
listen=udp:127.0.0.1:${ports.udp}
listen=tcp:127.0.0.1:${ports.tcp}
${certificate ? `enable_tls=yes\nlisten=tls:127.0.0.1:${ports.tls}\nloadmodule "tls.so"` : ''}
${modules.map((name) => `loadmodule "${name}.so"`).join('\n')}
${
  certificate
    ? `modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "${join(folder, 'cert.pem')}")
modparam("tls", "private_key", "${join(folder, 'key.pem')}")`
    : ''
}
modparam("jsonrpcs", "transport", 1)
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_expires", 3600)
modparam("registrar", "min_expires", 1)
modparam("htable", "htable", "password=>size=4;")
modparam("htable", "htable", "login=>size=4;")

event_route[htable:mod-init] {
${users.map(({ user, password, authId = user }) => `  $sht(password=>${user}) = ${text(password)};\n  $sht(login=>${user}) = ${text(authId)};`).join('\n')}
}
event_route[xhttp:request] {
  if ($hu == "/ready") {
    xhttp_reply("200", "OK", "text/plain", "ready\\n");
    exit;
  }
  jsonrpc_dispatch();
}
request_route {
  if (is_method("OPTIONS")) {
    sl_send_reply("200", "OK");
    exit;
  }
  if (!is_method("REGISTER")) {
    sl_send_reply("405", "Method Not Allowed");
    exit;
  }
  if ($sht(password=>$tU) == $null) {
    sl_send_reply("404", "Not Found");
    exit;
  }
  if (!pv_www_authenticate("${domain}", "$sht(password=>$tU)", "0") || $au != $sht(login=>$tU)) {
    www_challenge("${domain}", "0");
    exit;
  }
  if ($hdr(Expires) != "0" && $(hdr(Expires){s.int}) < ${minExpires}) {
    append_to_reply("Min-Expires: ${minExpires}\\r\\n");
    sl_send_reply("423", "Interval Too Brief");
    exit;
  }
  save("location");
}
`;
}
