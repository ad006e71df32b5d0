import { checkServerIdentity, getCACertificates, type PeerCertificate } from 'node:tls';
import { type Key, say } from '../language/say.ts';
import { Failure } from './failure.ts';
import { quoted } from './message.ts';
import type { Reach } from './reach.ts';

/** What is trusted: what Node trusts, and what whoever runs this adds. */
export const trusted = ({ ca = [] }: Reach): string[] | undefined =>
  ca.length > 0 ? [...getCACertificates('default'), ...ca] : undefined;

/** The names of a certificate, each with its kind before it. Node puts one that holds a comma or the like in quotes. */
const alternatives = ({ subjectaltname = '' }: PeerCertificate): string[] =>
  subjectaltname
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .split(', ')
    .filter((entry) => /^(DNS|IP Address|URI):/.test(entry));

/**
 * Whether a certificate is for one of the names: the SIP domain, or the host that it was found at (RFC 5922, section 7.2).
 * `wildcard` is what most programs take, and RFC 5922 does not let them.
 */
export function namedIn(certificate: PeerCertificate, names: readonly string[]): 'exactly' | 'wildcard' | 'not' {
  const entries = alternatives(certificate);
  const has = (entry: string) => entries.some((own) => own.toLowerCase() === entry.toLowerCase());
  if (names.some((name) => has(`URI:sip:${name}`) || has(`DNS:${name}`))) return 'exactly';
  if (!names.some((name) => checkServerIdentity(name, certificate) === undefined)) return 'not';
  return entries.some((entry) => entry.startsWith('DNS:*.')) ? 'wildcard' : 'exactly';
}

/** For whom it was made out, in words. */
export function madeOutTo(certificate: PeerCertificate): string {
  const names = alternatives(certificate).map((entry) => entry.replace(/^(DNS|IP Address|URI):/, ''));
  const common = certificate.subject?.CN;
  const all = names.length > 0 ? names : [common ?? []].flat();
  const shown = all
    .slice(0, 3)
    .map((name) => quoted(name))
    .join(', ');
  return all.length === 0
    ? say('sip.certificate.nobody')
    : all.length > 3
      ? say('sip.certificate.more', { names: shown, count: all.length - 3 })
      : shown;
}

/** Why a certificate is not believed, by the code OpenSSL and Node give. */
const mistrust: Record<string, Key> = {
  CERT_HAS_EXPIRED: 'sip.certificate.expired',
  CERT_NOT_YET_VALID: 'sip.certificate.not-yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'sip.certificate.self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'sip.certificate.private-authority',
  UNABLE_TO_GET_ISSUER_CERT: 'sip.certificate.private-authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'sip.certificate.no-chain',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'sip.certificate.no-chain',
  CERT_REVOKED: 'sip.certificate.revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'sip.certificate.wrong-name',
};

/** What to do about it. */
const remedies: Record<string, Key> = {
  CERT_HAS_EXPIRED: 'sip.certificate.expired-fix',
  CERT_NOT_YET_VALID: 'sip.certificate.not-yet-fix',
  CERT_REVOKED: 'sip.certificate.revoked-fix',
};
const otherwise: Key = 'sip.certificate.otherwise-fix';

export interface Mistrust {
  says: string;
  fix: string;
}

/** @param code as `socket.authorizationError` or an error of the handshake has it */
export const mistrustOf = (code: string): Mistrust => ({
  says: say(mistrust[code] ?? 'sip.certificate.not-trusted'),
  fix: say(remedies[code] ?? otherwise),
});

/** Undefined for a code that is not about a certificate. */
export const certificateFailure = (code: string): Failure | undefined =>
  mistrust[code] ? new Failure('certificate', mistrustOf(code).says) : undefined;
