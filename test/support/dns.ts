import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';

/** The records of one name. A `servfail` answers that nothing can be told. */
export interface Records {
  /** IPv4 and IPv6 addresses. */
  addresses?: readonly string[];
  srv?: readonly { priority?: number; weight?: number; port: number; name: string }[];
  naptr?: readonly { order?: number; preference?: number; flags?: string; service: string; replacement: string }[];
  servfail?: true;
}

export interface TestDns {
  /** For `Reach.dnsServers`. */
  server: string;
  /** What was asked, as `SRV _sip._udp.pbx.example`, oldest first. */
  asked: string[];
  /** Changed while it runs: the next question is answered from it. */
  zone: Record<string, Records>;
  close(): Promise<void>;
}

const types: Record<number, string> = { 1: 'A', 28: 'AAAA', 33: 'SRV', 35: 'NAPTR' };

/** A DNS server on a free port of the loopback interface that knows these names and no others (RFC 1035). */
export async function startDns(zone: Record<string, Records>): Promise<TestDns> {
  const socket = createSocket('udp4');
  const dns: TestDns = {
    server: '',
    asked: [],
    zone,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
  socket.on('message', (query, from) => {
    const { name, end } = readName(query, 12);
    const type = types[query.readUInt16BE(end)] ?? '?';
    dns.asked.push(`${type} ${name}`);
    const records = dns.zone[name];
    const answers = records ? answersOf(type, records) : [];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // A response with recursion; 0 is no error, 2 SERVFAIL, 3 NXDOMAIN.
    header.writeUInt16BE(0x8180 | (records?.servfail ? 2 : records ? 0 : 3), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(answers.length, 6);
    const question = query.subarray(12, end + 4);
    const packed = answers.map((data) => {
      const fixed = Buffer.alloc(12);
      // A pointer to the name of the question.
      fixed.writeUInt16BE(0xc00c, 0);
      query.copy(fixed, 2, end, end + 4);
      fixed.writeUInt32BE(60, 6);
      fixed.writeUInt16BE(data.length, 10);
      return Buffer.concat([fixed, data]);
    });
    socket.send(Buffer.concat([header, question, ...packed]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  dns.server = `127.0.0.1:${socket.address().port}`;
  return dns;
}

function readName(query: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function answersOf(type: string, { addresses = [], srv = [], naptr = [] }: Records): Buffer[] {
  if (type === 'A')
    return addresses.filter((one) => isIP(one) === 4).map((one) => Buffer.from(one.split('.').map(Number)));
  if (type === 'AAAA') return addresses.filter((one) => isIP(one) === 6).map(ipv6);
  if (type === 'SRV')
    return srv.map(({ priority = 0, weight = 0, port, name }) =>
      Buffer.concat([words(priority, weight, port), encoded(name)]),
    );
  if (type === 'NAPTR')
    return naptr.map(({ order = 10, preference = 10, flags = 's', service, replacement }) =>
      Buffer.concat([words(order, preference), text(flags), text(service), text(''), encoded(replacement)]),
    );
  return [];
}

const words = (...numbers: number[]) => Buffer.from(numbers.flatMap((number) => [number >> 8, number & 0xff]));
const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const encoded = (name: string) => Buffer.concat([...name.split('.').filter(Boolean).map(text), Buffer.from([0])]);

function ipv6(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const groups = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail ?? '')];
  return words(...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last);
}
