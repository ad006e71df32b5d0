import { newKey, readKeys, SecretsLost } from '../../src/secrets/keyring.ts';
import { findKeys } from '../../src/secrets/vault.ts';

const [old, fresh] = [newKey(), newKey()];
const ringOf = (...keys: string[]) => {
  const ring = readKeys(keys.join(' , '));
  if (!ring) throw new Error('no keys');
  return ring;
};
const secrets = { password: 'correct horse ', clientSecret: '🔑' };
const about = ['tenant', 'request', '1001', 'clientSecret', 'password'];

describe('secrets', () => {
  test('come back as they were sealed', () => {
    expect(ringOf(old).open(ringOf(old).seal(secrets, about), about)).toEqual(secrets);
  });

  test('cannot be read in what they are sealed in, which is another one each time', () => {
    const [one, two] = [ringOf(old).seal(secrets, about), ringOf(old).seal(secrets, about)];
    expect(one).not.toBe(two);
    expect(Buffer.from(one.split('.')[2]!, 'base64url').toString('latin1')).not.toContain('correct horse');
    expect(one).not.toContain(old);
  });

  test.each<[what: string, about: string[]]>([
    ['another tenant', ['other', ...about.slice(1)]],
    ['another request', ['tenant', 'request', '1002', 'clientSecret', 'password']],
    ['a form of that number', ['tenant', 'form', '1001', 'clientSecret', 'password']],
    ['other fields', ['tenant', 'request', '1001', 'password']],
    ['the same letters in other places', ['tenant', 'request', '1001', 'clientSecretpassword']],
  ])('do not open for %s', (_, other) => {
    const sealed = ringOf(old).seal(secrets, about);
    expect(() => ringOf(old).open(sealed, other)).toThrow(SecretsLost);
  });

  test('do not open when one bit of them was changed, or a part is missing', () => {
    const sealed = ringOf(old).seal(secrets, about);
    const [version, id, content = ''] = sealed.split('.');
    const bytes = Buffer.from(content, 'base64url');
    for (const at of [0, 15, bytes.length - 1]) {
      const bent = Buffer.from(bytes);
      bent[at]! ^= 1;
      const envelope = [version, id, bent.toString('base64url')].join('.');
      expect(() => ringOf(old).open(envelope, about)).toThrow(SecretsLost);
    }
    for (const broken of ['', 'v1', `v1.${id}`, `v2.${id}.${content}`, `v1.${id}.${content.slice(0, 20)}`])
      expect(() => ringOf(old).open(broken, about)).toThrow(SecretsLost);
  });

  test('open after the key was changed, as long as the old one is still there', () => {
    const sealed = ringOf(old).seal(secrets, about);
    expect(ringOf(fresh, old).open(sealed, about)).toEqual(secrets);
    expect(() => ringOf(fresh).open(sealed, about)).toThrow(SecretsLost);
    const anew = ringOf(fresh, old).seal(secrets, about);
    expect(ringOf(fresh).open(anew, about)).toEqual(secrets);
  });

  test('that are lost are lost without a word of them', () => {
    const sealed = ringOf(old).seal(secrets, about);
    expect(() => ringOf(fresh).open(sealed, about)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(sealed) }),
    );
  });
});

describe('keys', () => {
  test('that are not there are none', () => {
    expect(readKeys('')).toBeUndefined();
    expect(readKeys(' , ')).toBeUndefined();
  });

  test.each(['x', 'c2hvcnQ=', `${newKey()}x`, newKey().replace(/.$/, ''), Buffer.alloc(33).toString('base64')])(
    'that are none are refused by their place, not their value: %p',
    (wrong) => {
      expect(() => readKeys(`${old},${wrong}`)).toThrow('Key 2 is not 32 bytes in base64.');
    },
  );
});

describe('keys in a key vault', () => {
  const settings = { SECRETS_KEYS: '', KEY_VAULT_URL: 'https://keys.vault.example', KEY_VAULT_SECRET: 'pbx-keys' };
  const vault = (value: string | undefined) => {
    const asked: string[] = [];
    const at = (url: string) => ({
      getSecret: async (name: string) => {
        asked.push(`${url} ${name}`);
        return { name, properties: { vaultUrl: url, name }, ...(value !== undefined && { value }) };
      },
    });
    return { asked, at };
  };

  test('are read from it, once', async () => {
    const { asked, at } = vault(`${fresh},${old}`);
    const keys = await findKeys(settings, at);
    expect(keys?.open(ringOf(old).seal(secrets, about), about)).toEqual(secrets);
    expect(asked).toEqual(['https://keys.vault.example pbx-keys']);
  });

  test.each(['', undefined])('that are empty there (%p) stop the start', async (value) => {
    await expect(findKeys(settings, vault(value).at)).rejects.toThrow(
      'pbx-keys in https://keys.vault.example is empty',
    );
  });

  test('are not looked for when no vault is set', async () => {
    const { asked, at } = vault(old);
    const written = { SECRETS_KEYS: old, KEY_VAULT_URL: '', KEY_VAULT_SECRET: '' };
    expect((await findKeys(written, at))?.open(ringOf(old).seal(secrets, about), about)).toEqual(secrets);
    expect(await findKeys({ ...written, SECRETS_KEYS: '' }, at)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
