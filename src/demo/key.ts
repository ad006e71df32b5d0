import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { newKey } from '../secrets/keyring.ts';

/** The demo's own key for secrets, made the first time, so that the next start can open what this one has sealed. */
export function keyIn(file: string): string {
  if (!existsSync(file)) writeFileSync(file, newKey(), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}
