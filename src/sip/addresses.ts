import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Which addresses may be connected to. It is asked about an address, never a name: what a name leads to can change. */
export interface AddressPolicy {
  allows(address: string): boolean;
}

/** Whatever there is. For whoever chose the account themselves and reads no answer to a stranger. */
export const everyAddress: AddressPolicy = { allows: () => true };

/** The only block that IANA gives out as global unicast; ipaddr.js takes all that has no other name for unicast. */
const globalIPv6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** An address of the public Internet: neither private, loopback, link-local nor kept for any other special use. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(globalIPv6);
}

type Block = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Public addresses, and the blocks of this list besides.
 * @param text blocks and single addresses with commas between, as `10.1.0.0/16, 2001:db8::/32, 127.0.0.1`
 * @throws Error that names every entry that is none
 */
export function parseAllowList(text: string): AddressPolicy {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => ({ entry, block: blockOf(entry) }));
  const wrong = entries.filter(({ block }) => typeof block === 'string');
  if (wrong.length > 0) throw new Error(wrong.map(({ entry, block }) => `“${entry}” ${block}`).join('; '));
  const blocks = entries.map(({ block }) => block as Block);
  return {
    allows: (address) => {
      // An address with a zone (fe80::1%eth0) is of this machine's own links.
      if (isIP(address) === 0 || address.includes('%')) return false;
      const parsed = ipaddr.parse(address);
      return isPublic(parsed) || blocks.some((block) => parsed.kind() === block[0].kind() && parsed.match(block));
    },
  };
}

/** The block, or what is wrong with it. */
function blockOf(entry: string): Block | string {
  const [address = '', bits, ...rest] = entry.split('/');
  // ipaddr.js alone would also read 10.1/16 or 0x7f.1, as no two programs do alike.
  const version = isIP(address);
  if (version === 0 || address.includes('%') || rest.length > 0) return 'is no address or block of addresses';
  const most = version === 4 ? 32 : 128;
  if (bits === undefined) return [ipaddr.parse(address), most];
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return `has no prefix length from 0 to ${most}`;
  const block = ipaddr.parseCIDR(entry);
  const first = (version === 4 ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(entry).toString();
  return first === block[0].toString() ? block : `is not where its block begins; write ${first}/${bits}`;
}
