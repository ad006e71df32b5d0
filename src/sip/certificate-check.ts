import type { TLSSocket } from 'node:tls';
import { locale } from '../language/reader.ts';
import { say } from '../language/say.ts';
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
  if (!certificate.valid_to) return failed(say('sip.certificate.none'), mistrustOf('').fix);
  const from = new Date(certificate.valid_from);
  const to = new Date(certificate.valid_to);
  const until = to.toISOString();
  if (now > to) return failed(say('sip.certificate.over', { date: until }), mistrustOf('CERT_HAS_EXPIRED').fix);
  if (now < from) {
    const says = say('sip.certificate.early', { date: from.toISOString() });
    return failed(says, mistrustOf('CERT_NOT_YET_VALID').fix);
  }
  const named = namedIn(certificate, names);
  const wanted = new Intl.ListFormat(locale(), { type: 'disjunction' }).format(names);
  if (named === 'not') {
    const says = say('sip.certificate.other-name', { names: madeOutTo(certificate), wanted });
    return failed(says, say('sip.certificate.other-name-fix', { wanted }));
  }
  // Node's types say Error; what is there is the code.
  const code = socket.authorized ? '' : String(socket.authorizationError ?? '');
  if (!socket.authorized) {
    const { says, fix } = mistrustOf(code);
    return failed(says, fix);
  }
  const says = say('sip.certificate.good', {
    protocol: socket.getProtocol() ?? 'TLS',
    names: madeOutTo(certificate),
    date: until,
  });
  const days = Math.floor((to.getTime() - now.getTime()) / day);
  if (days < soon)
    return {
      state: 'warned',
      says: say('sip.certificate.soon', { says, days }),
      fix: say('sip.certificate.soon-fix'),
    };
  if (named === 'wildcard')
    return {
      state: 'warned',
      says: say('sip.certificate.wildcard', { says }),
      fix: say('sip.certificate.wildcard-fix', { wanted }),
    };
  return { state: 'passed', says };
}
