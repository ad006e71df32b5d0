import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, in PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

/** Somebody who vouches for certificates. */
export interface Authority extends Certificate {
  issue(options: {
    /** DNS names, and addresses of the loopback interface. */
    names: readonly string[];
    /** SIP URIs, as RFC 5922 has them. */
    uris?: readonly string[];
    from?: Date;
    to?: Date;
  }): Certificate;
}

const hour = 3_600_000;
const year = 365 * 24 * hour;

/** Makes certificates without any program: an authority of its own, with the dates and names that a test wants. */
export function makeAuthority(name = 'Test authority'): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const span = { from: new Date(Date.now() - hour), to: new Date(Date.now() + year) };
  const basics = extension('2.5.29.19', sequence(boolean(true)), true);
  const cert = certificate({
    subject: name,
    issuer: name,
    publicKey,
    signer: privateKey,
    ...span,
    extensions: [basics],
  });
  return {
    cert,
    key: pemOf(privateKey),
    issue: ({ names, uris = [], from = span.from, to = span.to }) => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const alternatives = [
        ...names.map((one) =>
          /^[\d.]+$/.test(one) ? der(0x87, Buffer.from(one.split('.').map(Number))) : der(0x82, Buffer.from(one)),
        ),
        ...uris.map((uri) => der(0x86, Buffer.from(uri))),
      ];
      const extensions = [extension('2.5.29.17', sequence(...alternatives))];
      const subject = names[0] ?? 'nobody';
      const { publicKey: own } = pair;
      const made = certificate({ subject, issuer: name, publicKey: own, signer: privateKey, from, to, extensions });
      return { cert: made, key: pemOf(pair.privateKey) };
    },
  };
}

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** X.509 version 3 (RFC 5280, section 4.1), signed with ECDSA and SHA-256. */
function certificate(options: {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  signer: KeyObject;
  from: Date;
  to: Date;
  extensions: Buffer[];
}): string {
  const algorithm = sequence(objectId('1.2.840.10045.4.3.2'));
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    commonName(options.issuer),
    sequence(time(options.from), time(options.to)),
    commonName(options.subject),
    options.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...options.extensions)),
  );
  const signature = sign('sha256', body, options.signer);
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, content]);
}
const sequence = (...parts: Buffer[]) => der(0x30, Buffer.concat(parts));
const integer = (bytes: Buffer) => der(0x02, bytes);
const boolean = (value: boolean) => der(0x01, Buffer.from([value ? 0xff : 0]));
const commonName = (name: string) => sequence(der(0x31, sequence(objectId('2.5.4.3'), der(0x0c, Buffer.from(name)))));
/** GeneralizedTime: YYYYMMDDHHMMSSZ. */
const time = (date: Date) => der(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`));
const extension = (id: string, value: Buffer, critical = false) =>
  sequence(objectId(id), ...(critical ? [boolean(true)] : []), der(0x04, value));

function objectId(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]));
}
