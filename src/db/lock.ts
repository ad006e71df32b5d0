import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Takes the exclusive lock on an embedded data folder, for as long as the process lives.
 * Two processes on one PGlite folder lose rows in silence, so the second must be refused before it opens anything.
 * SQLite's file lock serves because the operating system drops it with the process, however that ends; a lock file with
 * a process id in it would outlive a kill.
 * @throws DataFolderInUse when another process holds it.
 */
export function lockDataFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = new DatabaseSync(join(folder, 'lock'));
  try {
    file.exec('begin exclusive');
  } catch (error) {
    file.close();
    throw new DataFolderInUse(folder, { cause: error });
  }
  return () => file.close();
}

export class DataFolderInUse extends Error {
  constructor(folder: string, options: ErrorOptions) {
    super(
      `Another process is using the data folder ${folder}. Stop it, or set DATA_DIR to another folder, ` +
        'or DATABASE_URL to a PostgreSQL server that several processes can share.',
      options,
    );
    this.name = 'DataFolderInUse';
  }
}
