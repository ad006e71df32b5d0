import { promises as dns, type NaptrRecord, type SrvRecord } from 'node:dns';
import { isIP } from 'node:net';
import { say } from '../language/say.ts';
import { defaultPort, hostPart, type SipAccount, type Transport } from './account.ts';
import { Failure } from './failure.ts';
import { quoted } from './message.ts';
import type { Reach } from './reach.ts';

/** One place where the PBX may be. */
export interface Target {
  /** The name the address was found under, which a certificate may be made out to; an address that was given as such. */
  host: string;
  address: string;
  /** 1–65535 */
  port: number;
}

/** Where the PBX is, in the order in which to try (RFC 3263, section 4.3), and how that was found. */
export interface NextHop {
  /** At least one. */
  targets: readonly Target[];
  /** In words, without addresses: they may be of somebody's own network. */
  says: string;
  /** What is not as it was asked for, though a way was found. */
  warning?: { says: string; fix: string };
}

/** A zone may list any number. No PBX has more, and more are not asked about. */
const most = { names: 8, targets: 16 } as const;
/** Of one DNS server; the second try waits twice as long. Milliseconds. */
const dnsTimeout = 2_000;

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?$/i;

/** host[:port] in its parts. @throws Failure */
export function parseHostPort(text: string): { host: string; port?: number } {
  const match = /^(?:\[(?<v6>[0-9a-f:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/i.exec(text);
  const host = match?.groups?.v6 ?? match?.groups?.name ?? '';
  if (match?.groups?.v6 ? isIP(host) !== 6 : isIP(host) !== 4 && !hostName.test(host)) throw notAHost(text);
  // A name of digits alone is read as an address by some programs (RFC 1123, section 2.1).
  if (isIP(host) === 0 && /^[\d.]+$|^0x|\.0x/i.test(host)) throw notAHost(text);
  return match?.groups?.port ? { host, port: Number(match.groups.port) } : { host };
}
const notAHost = (text: string) => new Failure('name', say('sip.dns.no-host', { text: quoted(text) }));

/**
 * Finds the next hop as RFC 3263 (section 4) has it, as far as the account leaves anything to find.
 * @throws Failure `name` when there is none, `timeout` when no DNS server answers
 */
export async function findNextHop(account: SipAccount, reach: Reach, signal: AbortSignal): Promise<NextHop> {
  const { lookup, transport } = account;
  const hop = account.proxy === undefined ? { host: account.domain } : parseHostPort(account.proxy);
  const { host } = isIP(hop.host) ? hop : parseHostPort(hop.host);
  const port = ('port' in hop ? hop.port : undefined) ?? account.port;
  if (port !== undefined && !(port >= 1 && port <= 65_535))
    throw new Failure('name', say('sip.dns.no-port', { port: String(port) }));
  const fixed = port ?? defaultPort(transport);
  if (isIP(host)) {
    const says = say('sip.dns.address', { place: `${hostPart(host)}:${fixed}` });
    return { targets: [{ host, address: host, port: fixed }], says };
  }
  const names = new Names(reach, signal);
  try {
    if (port !== undefined || lookup === 'A') return await byAddress(names, host, fixed);
    return await byService(names, host, lookup, transport);
  } finally {
    names.close();
  }
}

async function byAddress(names: Names, host: string, port: number): Promise<NextHop> {
  const targets = await names.targets(host, port);
  if (targets.length === 0) throw new Failure('name', say('sip.dns.no-record', { host }));
  return { targets, says: say('sip.dns.records', { host, count: targets.length, port: String(port) }) };
}

/** RFC 3263, section 4.1: NAPTR says which SRV name to ask about, without it the transport does. */
async function byService(names: Names, host: string, lookup: 'SRV' | 'NAPTR', transport: Transport): Promise<NextHop> {
  const usual = `${services[transport].srv}.${host}`;
  const offered = lookup === 'NAPTR' ? await names.naptr(host) : [];
  const ours = offered
    .filter(({ service, flags }) => isService(service, transport) && flags.toLowerCase() === 's')
    .sort((a, b) => a.order - b.order || a.preference - b.preference)
    .map(({ replacement }) => replacement)
    .filter((name) => hostName.test(name))
    .slice(0, most.names);
  const pointers = ours.length > 0 ? ours : [usual];
  for (const name of pointers) {
    const records = await names.srv(name);
    if (records.length === 1 && ['', '.'].includes(records[0]!.name))
      // RFC 2782: a lone dot means that the service is decidedly not available.
      throw new Failure('name', say('sip.dns.decidedly-not', { transport, host, name }));
    if (records.length === 0) continue;
    const ordered = inOrder(records).slice(0, most.names);
    const targets = await names.all(ordered);
    const list = ordered.map((record) => `${record.name}:${record.port}`).join(', ');
    if (targets.length === 0) throw new Failure('name', say('sip.dns.srv-empty', { name, list }));
    const found = say(ours.length > 0 ? 'sip.dns.naptr-srv' : 'sip.dns.srv', { host, list });
    if (lookup === 'SRV' || ours.length > 0) return { targets, says: found };
    return { targets, says: found, warning: noNaptr(host, transport, offered.length > 0) };
  }
  // RFC 3263, section 4.2: without SRV records the name's own address is asked, at the usual port.
  const port = defaultPort(transport);
  const targets = await names.targets(host, port);
  if (targets.length === 0) throw new Failure('name', say('sip.dns.nothing', { name: usual, host }));
  return {
    targets,
    says: say('sip.dns.itself', { name: usual, host, port: String(port) }),
    warning: {
      says: say('sip.dns.no-srv', { name: usual }),
      fix: say('sip.dns.no-srv-fix', { name: usual }),
    },
  };
}

const noNaptr = (host: string, transport: Transport, others: boolean) => ({
  says: say(others ? 'sip.dns.other-naptr' : 'sip.dns.no-naptr', { host, transport }),
  fix: say('sip.dns.no-naptr-fix'),
});

/** RFC 3263, section 4.1, and RFC 2782's names. */
const services: Record<Transport, { naptr: string; srv: string }> = {
  UDP: { naptr: 'SIP+D2U', srv: '_sip._udp' },
  TCP: { naptr: 'SIP+D2T', srv: '_sip._tcp' },
  TLS: { naptr: 'SIPS+D2T', srv: '_sips._tcp' },
};
const isService = (service: string, transport: Transport) => service.toUpperCase() === services[transport].naptr;

/** Lowest priority first; among equals by lot, where a weight of twice as much comes first twice as often (RFC 2782). */
export function inOrder(records: readonly SrvRecord[], random: () => number = Math.random): SrvRecord[] {
  const left = records
    .filter(({ name, port }) => hostName.test(name) && port > 0)
    // Those of no weight stand first in their group, so that they have a small chance.
    .sort((a, b) => a.priority - b.priority || a.weight - b.weight);
  const ordered: SrvRecord[] = [];
  while (left.length > 0) {
    const group = left.filter(({ priority }) => priority === left[0]!.priority);
    let lot = Math.floor(random() * (group.reduce((sum, { weight }) => sum + weight, 0) + 1));
    const drawn = group.find(({ weight }) => {
      lot -= weight;
      return lot <= 0;
    });
    if (!drawn) break;
    ordered.push(drawn);
    left.splice(left.indexOf(drawn), 1);
  }
  return ordered;
}

/** The DNS, in which a name without records is an empty list. */
class Names {
  readonly #resolver: dns.Resolver;
  readonly #signal: AbortSignal;
  readonly #cancel = () => this.#resolver.cancel();

  constructor({ dnsServers }: Reach, signal: AbortSignal) {
    this.#resolver = new dns.Resolver({ timeout: dnsTimeout, tries: 2 });
    if (dnsServers) this.#resolver.setServers(dnsServers);
    this.#signal = signal;
    signal.addEventListener('abort', this.#cancel, { once: true });
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#resolver.cancel();
  }

  naptr = (name: string): Promise<NaptrRecord[]> => this.#records(name, this.#resolver.resolveNaptr(name));
  srv = (name: string): Promise<SrvRecord[]> => this.#records(name, this.#resolver.resolveSrv(name));

  /** IPv4 first: not every host of ours has a way into IPv6. */
  async targets(host: string, port: number): Promise<Target[]> {
    // An SRV record may lead to what is an address already, although it should not.
    if (isIP(host)) return [{ host, address: host, port }];
    // RFC 6761, section 6.3: these names never go to a DNS server.
    if (/(^|\.)localhost\.?$/i.test(host)) return ['127.0.0.1', '::1'].map((address) => ({ host, address, port }));
    const [four, six] = await Promise.all([
      this.#records(host, this.#resolver.resolve4(host)),
      this.#records(host, this.#resolver.resolve6(host)),
    ]);
    return [...four, ...six].slice(0, most.targets).map((address) => ({ host, address, port }));
  }

  async all(records: readonly SrvRecord[]): Promise<Target[]> {
    const found = await Promise.all(records.map(({ name, port }) => this.targets(name, port)));
    return found.flat().slice(0, most.targets);
  }

  async #records<T>(name: string, answer: Promise<T[]>): Promise<T[]> {
    try {
      return await answer;
    } catch (error) {
      this.#signal.throwIfAborted();
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
      if (code === 'ETIMEOUT') throw new Failure('timeout', say('sip.dns.servers', { name }));
      throw new Failure('name', say('sip.dns.cannot-tell', { name, code: code ?? say('sip.dns.no-reason') }));
    }
  }
}
