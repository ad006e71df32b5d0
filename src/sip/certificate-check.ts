import type { TLSSocket } from 'node:tls';
import { madeOutTo, mistrustOf, namedIn } from './certificate.ts';
import { openTls } from './flow.ts';
import type { Finding } from './preflight.ts';
import type { Reach } from './reach.ts';
import type { Target } from './targets.ts';

/** A certificate that ends sooner than this should be in somebody's calendar. Days. */
const soon = 21;
const day = 86_400_000;

/**
 * Looks at the certificate of a PBX: dates, name and chain, in the order in which a person mends them.
 * @throws Failure when there is no TLS there
 */
export async function checkCertificate(
  target: Target,
  options: { reach: Reach; names: readonly string[]; signal: AbortSignal },
): Promise<Finding> {
  const socket = await openTls(target, { ...options, believe: true });
  try {
    socket.on('error', () => {});
    return judge(socket, options.names, options.reach.now?.() ?? new Date());
  } finally {
    socket.destroy();
  }
}

function judge(socket: TLSSocket, names: readonly string[], now: Date): Finding {
  const certificate = socket.getPeerCertificate();
  const failed = (says: string, fix: string): Finding => ({ state: 'failed', says, fix });
  if (!certificate.valid_to) return failed('The PBX shows no certificate.', mistrustOf('').fix);
  const from = new Date(certificate.valid_from);
  const to = new Date(certificate.valid_to);
  const until = to.toISOString().slice(0, 10);
  if (now > to) return failed(`The certificate expired on ${until}.`, mistrustOf('CERT_HAS_EXPIRED').fix);
  if (now < from) {
    const says = `The certificate is not valid before ${from.toISOString().slice(0, 10)}.`;
    return failed(says, mistrustOf('CERT_NOT_YET_VALID').fix);
  }
  const named = namedIn(certificate, names);
  const wanted = names.join(' or ');
  if (named === 'not') {
    const says = `The certificate is made out to ${madeOutTo(certificate)}, not to ${wanted}.`;
    return failed(says, `Install a certificate for ${wanted}, or give the name that the certificate has.`);
  }
  // Node's types say Error; what is there is the code.
  const code = socket.authorized ? '' : String(socket.authorizationError ?? '');
  if (!socket.authorized) {
    const { says, fix } = mistrustOf(code);
    return failed(says, fix);
  }
  const says = `${socket.getProtocol() ?? 'TLS'}, made out to ${madeOutTo(certificate)}, valid until ${until}.`;
  const days = Math.floor((to.getTime() - now.getTime()) / day);
  if (days < soon)
    return {
      state: 'warned',
      says: `${says} It expires in ${days === 1 ? 'one day' : `${days} days`}.`,
      fix: 'Renew the certificate of the PBX before then.',
    };
  if (named === 'wildcard')
    return {
      state: 'warned',
      says: `${says} It is a wildcard, which SIP does not allow for (RFC 5922, section 7.2).`,
      fix: `Most programs take it; if a connection fails, install a certificate for ${wanted} itself.`,
    };
  return { state: 'passed', says };
}
