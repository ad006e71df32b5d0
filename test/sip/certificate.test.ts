import type { PeerCertificate } from 'node:tls';
import { madeOutTo, namedIn } from '../../src/sip/certificate.ts';

const domain = 'pbx.contoso.example';
const having = (subjectaltname: string | undefined, CN = 'nothing.example') =>
  ({ subject: { CN }, subjectaltname }) as unknown as PeerCertificate;

test.each([
  ['DNS:pbx.contoso.example', 'exactly'],
  ['DNS:other.example, DNS:PBX.Contoso.example', 'exactly'],
  ['URI:sip:pbx.contoso.example', 'exactly'],
  ['DNS:*.contoso.example', 'wildcard'],
  ['DNS:*.contoso.example, DNS:pbx.contoso.example', 'exactly'],
  ['DNS:contoso.example', 'not'],
  ['DNS:*.example', 'not'],
  ['URI:sips:pbx.contoso.example', 'not'],
  ['DNS:"a, DNS:pbx.contoso.example, b"', 'not'],
  ['URI:"sip:a\\", DNS:pbx.contoso.example, b"', 'not'],
])('a certificate with %s is for the domain: %s', (names, expected) =>
  expect(namedIn(having(names), [domain])).toBe(expected),
);

test('a certificate without any names of the kind is for its common name', () => {
  expect(namedIn(having(undefined, domain), [domain])).toBe('exactly');
  expect(namedIn(having(undefined), [domain])).toBe('not');
});

test('what it was made out to is told in few words', () => {
  expect(madeOutTo(having('DNS:a.example, IP Address:192.0.2.1'))).toBe('a.example, 192.0.2.1');
  expect(madeOutTo(having('DNS:a, DNS:b, DNS:c, DNS:d, DNS:e'))).toBe('a, b, c and 2 more');
  expect(madeOutTo(having(undefined))).toBe('nothing.example');
});
