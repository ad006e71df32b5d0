import { defaultPort, type SipAccount } from './account.ts';
import type { CheckName } from './preflight.ts';
import type { Refused } from './registration.ts';

/** What is said of addresses that the bot does not connect to. */
export const privateAddress = {
  says: 'Private addresses are not checked from here.',
  some: 'Some of its addresses are private; those are not checked from here.',
  fix: 'Give a public name or address of the PBX. If the bot is meant to reach this network, have its operator open it with PREFLIGHT_ALLOW.',
} as const;

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
  const place = `port ${where.port ?? account.port ?? defaultPort(transport)}`;
  switch (refused.cause) {
    case 'credentials':
      return `Check the password and the authentication id (${authId || user}) against what the PBX has for this user.`;
    case 'refused':
      return `Let ${user} register at the PBX: check that the account is enabled, its permissions, and any list of allowed addresses.`;
    case 'unknown-user':
      return `Create the user ${user} in ${domain} on the PBX, or correct the user or the SIP domain.`;
    case 'too-brief':
      return refused.minExpires
        ? `Raise the registration expiry to at least ${refused.minExpires} s.`
        : 'Raise the registration expiry.';
    case 'timeout':
      if (where.check === 'dns') return 'Try again later; if it stays so, have the DNS servers of the domain checked.';
      return `Let a firewall pass ${transport} from outside, and check that the PBX listens on ${transport} at ${place}.`;
    case 'unreachable':
      return `Check the transport (${transport}) and the port (${place}), and that the PBX is running.`;
    case 'name':
      return 'Check the SIP domain, the proxy and the DNS lookup type, and that the records are published.';
    case 'certificate':
      return `Install a certificate on the PBX that is valid, publicly trusted and made out to ${domain}.`;
    default:
      if (refused.status && refused.status >= 500)
        return 'Look into the log of the PBX, and try again when it is well.';
      return `Check that SIP over ${transport} is what the PBX speaks at ${place}.`;
  }
}
