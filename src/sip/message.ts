import { say } from '../language/say.ts';
import { Failure } from './failure.ts';

/** Far more than a registrar or a proxy has to say, and too little to fill anybody's memory. Bytes. */
export const limits = { head: 16_384, body: 65_536, headers: 100 } as const;

/** Names of headers in their short form (RFC 3261, section 7.3.3). */
const compact = new Map(
  Object.entries({
    v: 'via',
    f: 'from',
    t: 'to',
    i: 'call-id',
    m: 'contact',
    l: 'content-length',
  }),
);

/** A SIP message without its body, which nobody here reads. */
export class Message {
  /** 100–699 of a response; a request has none. */
  readonly status: number | undefined;
  /** The words after the status, as they came. */
  readonly phrase: string;
  readonly method: string | undefined;
  readonly #headers: readonly (readonly [name: string, value: string])[];

  private constructor(first: RegExpExecArray, headers: readonly (readonly [string, string])[]) {
    const { status, phrase, method } = first.groups ?? {};
    this.status = status ? Number(status) : undefined;
    this.phrase = phrase ?? '';
    this.method = method;
    this.#headers = headers;
  }

  /** @throws Failure when it is not SIP, or longer than our limits */
  static parse(head: string): Message {
    // A long line may be folded (RFC 3261, section 7.3.1).
    const [start = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
    const first = startLine.exec(start);
    if (!first) throw notSip();
    if (lines.length > limits.headers) throw tooLong();
    const headers = lines.map((line) => {
      const colon = line.indexOf(':');
      if (colon < 1) throw notSip();
      const name = line.slice(0, colon).trim().toLowerCase();
      return [compact.get(name) ?? name, line.slice(colon + 1).trim()] as const;
    });
    return new Message(first, headers);
  }

  all(name: string): string[] {
    return this.#headers.filter(([own]) => own === name).map(([, value]) => value);
  }
  get(name: string): string | undefined {
    return this.#headers.find(([own]) => own === name)?.[1];
  }
  /** Of the topmost Via: which request this answers (RFC 3261, section 17.1.3). */
  get branch(): string | undefined {
    return /;\s*branch\s*=\s*([^\s;,]+)/i.exec(this.get('via') ?? '')?.[1];
  }
  /** As `1 REGISTER`. */
  get cseq(): string | undefined {
    return this.get('cseq')?.replace(/\s+/g, ' ');
  }
}

const startLine =
  /^(?:SIP\/2\.0 (?<status>[1-6]\d\d)(?: (?<phrase>.*))?|(?<method>[A-Z]{2,20}) [^\s]{1,1024} SIP\/2\.0)$/;

export const notSip = () => new Failure('other', say('sip.failed.not-sip'));
const tooLong = () => new Failure('other', say('sip.failed.too-long'));

/** Takes messages out of a stream (RFC 3261, section 18.3), and never holds more than one of the longest. */
export class Framer {
  #rest = Buffer.alloc(0);
  /** Of a body that is not there yet. Bytes. */
  #skip = 0;

  /** @throws Failure when it cannot go on */
  push(chunk: Buffer): Message[] {
    const messages: Message[] = [];
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const skipped = Math.min(this.#skip, this.#rest.length);
      this.#skip -= skipped;
      // Line ends between messages keep connections alive (RFC 5626, section 3.5.1).
      let start = skipped;
      while (this.#skip === 0 && (this.#rest[start] === 13 || this.#rest[start] === 10)) start += 1;
      this.#rest = this.#rest.subarray(start);
      const lineEnd = this.#rest.indexOf('\r\n');
      if (lineEnd >= 0 && !startLine.test(this.#rest.toString('utf8', 0, lineEnd))) throw notSip();
      const end = this.#rest.indexOf('\r\n\r\n');
      if (Math.max(end, end < 0 ? this.#rest.length : 0) > limits.head) throw tooLong();
      if (end < 0) return messages;
      const message = Message.parse(this.#rest.toString('utf8', 0, end));
      const length = message.get('content-length') ?? '0';
      if (!/^\d{1,9}$/.test(length)) throw notSip();
      if (Number(length) > limits.body) throw tooLong();
      this.#skip = Number(length);
      this.#rest = this.#rest.subarray(end + 4);
      messages.push(message);
    }
  }
}

/** One datagram is one message. Undefined for what only keeps a NAT open: line ends and zero bytes. @throws Failure */
export function parseDatagram(datagram: Buffer): Message | undefined {
  if (datagram.every((byte) => byte === 0 || byte === 10 || byte === 13)) return undefined;
  const end = datagram.indexOf('\r\n\r\n');
  if (Math.max(end, end < 0 ? datagram.length : 0) > limits.head) throw tooLong();
  return Message.parse(datagram.toString('utf8', 0, end < 0 ? datagram.length : end));
}

/**
 * What the other side wrote, fit to be shown: one short line of printable characters. A digest that a server sends back to
 * us is taken out, and so is the secret.
 */
export const quoted = (text: string, secret = ''): string =>
  (secret ? text.replaceAll(secret, '…') : text)
    .slice(0, 1000)
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ')
    .replace(/[0-9a-f]{16,}/gi, '…')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 80);
