import { type Key, type Params, say } from '../language/say.ts';
import type { SipAccount } from './account.ts';
import { type Cause, Failure } from './failure.ts';
import { type Message, quoted } from './message.ts';

/** How a registration came out. `reason` is a sentence for people; it holds neither password nor digest. */
export type Registration =
  | {
      ok: true;
      /** What the PBX granted. Seconds. */
      expires: number;
      /** What the PBX says it is. */
      server?: string;
    }
  | {
      ok: false;
      cause: Cause;
      /** Of the SIP answer, when there was one. */
      status?: number;
      reason: string;
      /** With `too-brief`: the shortest that the PBX takes. Seconds. */
      minExpires?: number;
    };

export type Refused = Extract<Registration, { ok: false }>;

export const refused = ({ kind, message }: Failure): Refused => ({ ok: false, cause: kind, reason: message });

/** Nothing came back in time. */
export const silent = () => new Failure('timeout', say('sip.failed.no-register'));

/** What a final answer means, in words. */
type Answered = (cause: Cause, why: Key, more?: Params) => Refused;

/** A final answer other than a success or a challenge (RFC 3261, sections 10.2.7, 10.3 and 21). */
export function refusalOf(message: Message, account: SipAccount): Refused {
  const status = message.status ?? 0;
  const said = quoted(message.phrase, account.password);
  const { user, domain } = account;
  const about = { answer: `${status}${said ? ` (${said})` : ''}`, user, domain };
  const is: Answered = (cause, why, more) => ({ ok: false, cause, status, reason: say(why, { ...about, ...more }) });
  if (status === 423) return tooBrief(message, account, is);
  if (status === 403) return is('refused', 'sip.answer.forbidden');
  if (status === 404) return is('unknown-user', 'sip.answer.unknown-user');
  if (status === 408) return is('timeout', 'sip.answer.late');
  if (status >= 500 && status < 600) return is('other', 'sip.answer.trouble');
  if (status >= 300 && status < 400) return is('other', 'sip.answer.elsewhere');
  return is('refused', 'sip.answer.refused');
}

/** More than a week is no interval that anybody means. Seconds. */
const longestInterval = 7 * 86_400;

function tooBrief(message: Message, account: SipAccount, is: Answered): Refused {
  const text = message.get('min-expires') ?? '';
  const least = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  const { expires } = account;
  // RFC 3261, section 10.3: a 423 must say its Min-Expires.
  if (least < 1 || least > longestInterval) return is('too-brief', 'sip.answer.too-brief-unsaid', { expires });
  return { ...is('too-brief', 'sip.answer.too-brief', { expires, least }), minExpires: least };
}

/** What Node's timers can count, in 31 bits; a longer one fires at once. Milliseconds. */
const longestTimer = 2 ** 31 - 1;

/**
 * When to renew: at half of what was granted. A PBX may grant more than was asked for; nothing is gained by waiting longer
 * than we meant to.
 * @param granted seconds
 * @param asked seconds
 * @returns milliseconds
 */
export const renewAfter = (granted: number, asked: number): number =>
  Math.min((Math.min(granted, asked) * 1000) / 2, longestTimer);
