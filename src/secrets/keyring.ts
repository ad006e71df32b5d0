import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/** What secrets are sealed with: the first key seals, every key opens, so that keys can be changed one after another. */
export interface Keyring {
  /** `about` says whose secrets they are; nobody else's envelope opens in their place. */
  seal(secrets: Secrets, about: readonly string[]): string;
  /** @throws SecretsLost when no key opens it: the key is gone, or it was altered, or is somebody else's. */
  open(envelope: string, about: readonly string[]): Secrets;
  /** Keys of the same length for something else than sealing, in the same order; one for each, which tells nothing of it. */
  derived(purpose: string): readonly Uint8Array[];
}

/** Field by field. */
export type Secrets = Readonly<Record<string, string>>;

/** Sealed with a key that is not here, or not as it was sealed. Its message holds nothing of it. */
export class SecretsLost extends Error {
  constructor() {
    super('These secrets cannot be opened with the keys that are set.');
    this.name = 'SecretsLost';
  }
}

/** AES-256-GCM with a nonce of 96 bits and a tag of 128 (NIST SP 800-38D, sections 5.2.1.1 and 5.2.1.2). Bytes. */
const [keyLength, nonceLength, tagLength] = [32, 12, 16];
const version = 'v1';

interface Key {
  id: string;
  bytes: Buffer;
}

/**
 * Reads keys: one or several of 32 bytes in base64, with commas between. None: no keyring.
 * @throws Error that names the one that is wrong by its place, never by its value
 */
export function readKeys(text: string): Keyring | undefined {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const keys = parts.map((part, at): Key => {
    const bytes = Buffer.from(part, 'base64');
    if (bytes.length !== keyLength || bytes.toString('base64') !== part)
      throw new Error(`Key ${at + 1} is not ${keyLength} bytes in base64.`);
    // Tells keys apart and nothing of the key: it is random, and a hash of it has no way back.
    return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 12), bytes };
  });
  const [first] = keys;
  return (
    first && {
      seal: (secrets, about) => seal(first, secrets, about),
      open: (...sealed) => open(keys, ...sealed),
      derived: (purpose) => keys.map(({ bytes }) => derive(bytes, purpose)),
    }
  );
}

/** A key as SECRETS_KEYS takes it. */
export const newKey = () => randomBytes(keyLength).toString('base64');

/** HKDF with SHA-256 (RFC 5869); the keys are random already, so they need no salt. */
const derive = (key: Buffer, purpose: string) => new Uint8Array(hkdfSync('sha256', key, '', purpose, keyLength));

function seal({ id, bytes }: Key, secrets: Secrets, about: readonly string[]): string {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', bytes, nonce, { authTagLength: tagLength });
  cipher.setAAD(bound(id, about));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  return [version, id, Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url')].join('.');
}

function open(keys: readonly Key[], envelope: string, about: readonly string[]): Secrets {
  const [format, id = '', content = ''] = envelope.split('.');
  const key = keys.find((one) => one.id === id);
  const all = Buffer.from(content, 'base64url');
  if (format !== version || !key || all.length < nonceLength + tagLength) throw new SecretsLost();
  try {
    const nonce = all.subarray(0, nonceLength);
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, nonce, { authTagLength: tagLength });
    decipher.setAAD(bound(id, about));
    decipher.setAuthTag(all.subarray(-tagLength));
    const text = Buffer.concat([decipher.update(all.subarray(nonceLength, -tagLength)), decipher.final()]);
    return JSON.parse(text.toString('utf8')) as Secrets;
  } catch {
    throw new SecretsLost();
  }
}

/** As JSON, so that no two lists look alike. */
const bound = (id: string, about: readonly string[]) => Buffer.from(JSON.stringify([version, id, ...about]));
