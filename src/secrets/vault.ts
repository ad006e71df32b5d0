import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { type Keyring, readKeys } from './keyring.ts';

/** Where the keys are: written out, or as a secret of the same text in an Azure Key Vault. */
export interface WhereKeysAre {
  SECRETS_KEYS: string;
  KEY_VAULT_URL: string;
  KEY_VAULT_SECRET: string;
}

/** As much of the Key Vault client as is needed of it. */
export type Vault = Pick<SecretClient, 'getSecret'>;

/** The vault at this address, read as whoever the machine is in Azure (a managed identity, usually). */
const azureVault = (url: string): Vault => new SecretClient(url, new DefaultAzureCredential());

/**
 * The keys, read once; none when none are set. A key that is changed in the vault is used from the next start on.
 * @throws Error when the vault does not give them, or they are no keys
 */
export async function findKeys(
  { SECRETS_KEYS: text, KEY_VAULT_URL: url, KEY_VAULT_SECRET: name }: WhereKeysAre,
  vaultAt: (url: string) => Vault = azureVault,
): Promise<Keyring | undefined> {
  if (!url) return readKeys(text);
  const { value } = await vaultAt(url).getSecret(name);
  const keys = readKeys(value ?? '');
  if (!keys) throw new Error(`The secret ${name} in ${url} is empty: it has to hold what SECRETS_KEYS would.`);
  return keys;
}
