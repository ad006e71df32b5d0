import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approvals, type Harness, startHarness } from '../support/harness.ts';
import { alex, megan } from '../support/people.ts';

/** A bot with an embedded database in a folder, and something in it; whatever database the other tests are on. */
export interface EmbeddedBot {
  /** To be thrown away at the end. */
  folder: string;
  home: { url: string; folder: string };
  harness: Harness;
  close(): Promise<void>;
}

/** Starts it with one request that waits for its activation and one that waits for a decision. */
export async function startEmbeddedBot(): Promise<EmbeddedBot> {
  // A socket's path has room for about a hundred characters.
  const folder = await mkdtemp(join(tmpdir(), 'tm-'));
  const home = { url: '', folder: join(folder, 'data') };
  const harness = await startHarness({
    env: { DATABASE_URL: '', DATA_DIR: home.folder },
    replacements: { snapshot: undefined },
  });
  await harness.order(alex, { name: 'Contoso' });
  await harness.click(megan, await harness.see(approvals, 'Reseller Contoso', 'Approve'), 'Approve');
  await harness.see(approvals, 'Contoso', 'Waiting for');
  await harness.order(alex, { name: 'Fabrikam “Zürich” \\ Ω' });
  return {
    folder,
    home,
    harness,
    async close() {
      await harness.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
