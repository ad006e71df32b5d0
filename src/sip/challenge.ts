import type { Message } from './message.ts';

/** A challenge as it is handed on: only what a digest is made of, and no longer than it has to be. */
const parameters = ['realm', 'nonce', 'opaque', 'qop', 'algorithm', 'stale'] as const;
/** They are sent back, and a request has to fit into a datagram. Characters. */
const longest = { header: 2_048, parameter: 512 } as const;

/** The part of a challenge that we answer, or what is asked for instead. */
export type Challenge = { digest: string } | { unknown: string };

/**
 * Chooses the challenge of a 401 or 407 that can be answered: MD5, which is all that JsSIP computes. A server may offer
 * several (RFC 8760, section 2.3).
 */
export function challengeOf(message: Message): Challenge {
  const header = message.status === 407 ? 'proxy-authenticate' : 'www-authenticate';
  const offers = message.all(header).map(parse);
  const known = offers.find((offer) => offer && /^MD5$/i.test(offer.get('algorithm') ?? 'MD5'));
  if (!known) {
    const names = offers.flatMap((offer) => offer?.get('algorithm') ?? []);
    return { unknown: names.join(', ') };
  }
  const text = parameters
    .filter((name) => known.has(name))
    .map((name) =>
      ['algorithm', 'stale'].includes(name) ? `${name}=${known.get(name)}` : `${name}="${known.get(name)}"`,
    );
  return { digest: `${message.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'}: Digest ${text.join(', ')}` };
}

/** Undefined for what is no digest, or none that can be answered. */
function parse(header: string): Map<string, string> | undefined {
  const scheme = /^Digest\s+/i.exec(header);
  if (!scheme || header.length > longest.header) return undefined;
  const found = header.slice(scheme[0].length).matchAll(/([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi);
  const all = new Map([...found].map(([, name, text, token]) => [name!.toLowerCase(), text ?? token ?? ''] as const));
  const sound = [...all.values()].every((value) => value.length <= longest.parameter && !/[\r\n]/.test(value));
  const tokens = ['algorithm', 'stale'].every((name) => /^[\w-]*$/.test(all.get(name) ?? ''));
  return sound && tokens && all.has('realm') && all.has('nonce') ? all : undefined;
}
