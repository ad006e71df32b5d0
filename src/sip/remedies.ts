import { say } from '../language/say.ts';
import { defaultPort, type SipAccount } from './account.ts';
import type { CheckName } from './preflight.ts';
import type { Refused } from './registration.ts';

/** What is said of addresses that the bot does not connect to. */
export const privateAddress = {
  get says() {
    return say('sip.private.says');
  },
  get some() {
    return say('sip.private.some');
  },
  get fix() {
    return say('sip.private.fix');
  },
};

/**
 * What to do about a failure, in plain words.
 * @param where.port the one that was connected to, when it got as far as that
 */
export function fixFor(
  refused: Refused,
  account: SipAccount,
  where: { check: CheckName; port: number | undefined },
): string {
  const { transport, domain, user, authId } = account;
  // Digits as they are: a port is no amount.
  const port = String(where.port ?? account.port ?? defaultPort(transport));
  switch (refused.cause) {
    case 'credentials':
      return say('sip.fix.credentials', { id: authId || user });
    case 'refused':
      return say('sip.fix.refused', { user });
    case 'unknown-user':
      return say('sip.fix.unknown-user', { user, domain });
    case 'too-brief':
      return refused.minExpires
        ? say('sip.fix.too-brief', { seconds: refused.minExpires })
        : say('sip.fix.too-brief-unsaid');
    case 'timeout':
      if (where.check === 'dns') return say('sip.fix.timeout-dns');
      return say('sip.fix.timeout', { transport, port });
    case 'unreachable':
      return say('sip.fix.unreachable', { transport, port });
    case 'name':
      return say('sip.fix.name');
    case 'certificate':
      return say('sip.fix.certificate', { domain });
    default:
      if (refused.status && refused.status >= 500) return say('sip.fix.server');
      return say('sip.fix.other', { transport, port });
  }
}
