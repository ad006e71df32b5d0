import { isIP } from 'node:net';

/** One line at a PBX: who registers, as whom, and where the PBX is found. */
export interface SipAccount {
  /** SIP domain, a host name without a port. The address of record is user@domain. */
  domain: string;
  /** Outbound proxy, host[:port]; IPv6 in brackets. Everything is sent there instead of to the domain. */
  proxy?: string;
  /** How the next hop is found when nothing says a port (RFC 3263). */
  lookup: 'SRV' | 'A' | 'NAPTR';
  transport: 'UDP' | 'TCP' | 'TLS';
  /** 5060 unless given, 5061 with TLS; never with SRV or NAPTR, which bring theirs. */
  port?: number;
  user: string;
  /** The user name of the digest; the same as `user` unless given. */
  authId?: string;
  password: string;
  /** How long a registration is asked for. Seconds. */
  expires: number;
}

export type Transport = SipAccount['transport'];

/** RFC 3261, section 18.2.1. */
export const defaultPort = (transport: Transport): number => (transport === 'TLS' ? 5061 : 5060);

/** A host as it stands in a URI or a Via: IPv6 in brackets. */
export const hostPart = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

/** `sip:domain`, what a REGISTER is sent to (RFC 3261, section 10.2). */
export const registrarUri = ({ domain }: SipAccount): string => `sip:${hostPart(domain)}`;

/** `sip:user@domain`; what may not stand in the user part is escaped (RFC 3261, section 25.1). */
export function addressOfRecord({ user, domain }: SipAccount): string {
  const escaped = user.replace(/[^\w.!~*'()&=+$,;?/-]/gu, encodeURIComponent);
  return `sip:${escaped}@${hostPart(domain)}`;
}
