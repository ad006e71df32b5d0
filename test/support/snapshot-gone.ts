import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Jest's global teardown: removes what snapshot.ts made. */
export default async function removeSnapshot(): Promise<void> {
  const file = process.env.TEST_SNAPSHOT;
  if (file) await rm(dirname(file), { recursive: true, force: true });
}
