import { parseAllowList } from '../../src/sip/addresses.ts';

describe('without a list', () => {
  const policy = parseAllowList('');

  test.each(['8.8.8.8', '1.1.1.1', '203.0.114.1', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s, which is public, is allowed',
    (address) => expect(policy.allows(address)).toBe(true),
  );

  test.each([
    ['this machine', '127.0.0.1'],
    ['this machine', '127.255.255.254'],
    ['this machine', '::1'],
    ['this network', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['nowhere', '::'],
    ['private', '10.0.0.1'],
    ['private', '172.16.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['unique local', 'fd00::2'],
    ['unique local', 'fc00::1'],
    ['site local', 'fec0::1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['link-local, where clouds keep their metadata', '169.254.169.254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['a global address with a zone', '2606:4700::1111%eth0'],
    ['multicast', '224.0.0.1'],
    ['multicast', 'ff02::1'],
    ['broadcast', '255.255.255.255'],
    ['kept', '240.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '198.51.100.1'],
    ['documentation', '203.0.113.1'],
    ['documentation', '2001:db8::1'],
    ['documentation', '3fff::1'],
    ['benchmarks', '198.18.0.1'],
    ['IPv4 in IPv6', '::ffff:10.0.0.1'],
    ['IPv4 in IPv6', '::ffff:8.8.8.8'],
    ['IPv4 in IPv6', '::7f00:1'],
    ['IPv4 through NAT64', '64:ff9b::a00:1'],
    ['IPv4 through 6to4', '2002:a00:1::1'],
    ['IPv4 through Teredo', '2001::1'],
    ['outside of what is given out', '4000::1'],
    ['a name', 'localhost'],
    ['an address in half', '127.1'],
    ['an address in hexadecimal', '0x7f.0.0.1'],
    ['a number', '2130706433'],
    ['nothing', ''],
  ])('%s is refused: %s', (_what, address) => expect(policy.allows(address)).toBe(false));
});

describe('a list', () => {
  test('opens its blocks and addresses, and nothing beside them', () => {
    const policy = parseAllowList(' 10.1.0.0/16, 127.0.0.1/32,192.168.7.9 , fd12:3456::/32,');
    const allowed = ['10.1.0.0', '10.1.255.255', '127.0.0.1', '192.168.7.9', 'fd12:3456::1', '8.8.8.8'];
    const not = ['10.0.255.255', '10.2.0.0', '127.0.0.2', '192.168.7.8', 'fd12:3457::1', '::ffff:127.0.0.1'];
    expect(allowed.filter((address) => !policy.allows(address))).toEqual([]);
    expect(not.filter((address) => policy.allows(address))).toEqual([]);
  });

  test.each([
    ['lan', '“lan” is no address or block of addresses'],
    ['10.1/16', '“10.1/16” is no address or block of addresses'],
    ['0x7f.0.0.1', '“0x7f.0.0.1” is no address or block of addresses'],
    ['fe80::1%eth0', '“fe80::1%eth0” is no address or block of addresses'],
    ['10.0.0.0/8/8', '“10.0.0.0/8/8” is no address or block of addresses'],
    ['10.0.0.0/33', '“10.0.0.0/33” has no prefix length from 0 to 32'],
    ['10.0.0.0/', '“10.0.0.0/” has no prefix length from 0 to 32'],
    ['fd00::/129', '“fd00::/129” has no prefix length from 0 to 128'],
    ['10.1.2.3/16', '“10.1.2.3/16” is not where its block begins; write 10.1.0.0/16'],
    ['fd00::1/64', '“fd00::1/64” is not where its block begins; write fd00::/64'],
    ['10.0.0.0/8, lan, moon', '“lan” is no address or block of addresses; “moon” is no address or block of addresses'],
  ])('of %s is refused, with what is wrong', (text, says) => expect(() => parseAllowList(text)).toThrow(says));
});
