import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pLimit from 'p-limit';
import type { Logger } from 'pino';

/** How long nobody reads before a copy is given up. Milliseconds. */
const patience = 30_000;

/** In the data folder, which nobody but its owner may enter: whoever can connect could read the files themselves. */
const hatchIn = (folder: string) => join(folder, 'backup.sock');

/**
 * Hands a copy of the embedded database to whoever connects to a socket in its folder, so that a backup can be taken while
 * the bot runs: no other process may open the database. Where there can be no such socket (a network share, a path of over
 * a hundred characters) the bot runs without.
 */
export async function openHatch(folder: string, copy: () => Promise<Blob>, log: Logger): Promise<() => Promise<void>> {
  const path = hatchIn(folder);
  // One copy at a time is in memory. A killed process leaves its socket; the lock on the folder says that it is nobody's.
  const oneAtATime = pLimit(1);
  const open = new Set<Socket>();
  rmSync(path, { force: true });
  const server = createServer((socket) => {
    open.add(socket);
    // Whoever asked may go away at any time; unheard, that would end the process.
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
    oneAtATime(async () => {
      if (socket.destroyed) return;
      const whole = await copy();
      // Whoever does not read must not keep the others waiting.
      socket.setTimeout(patience, () => socket.destroy());
      await pipeline(Readable.fromWeb(whole.stream()), createGzip({ level: 6 }), socket);
      log.info('handed out a backup');
    }).catch((error) => {
      log.warn({ err: error }, 'backup cut short');
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.once('error', (error) => {
      log.warn({ err: error, path }, 'no backup can be taken while the bot runs');
      resolve();
    });
    server.listen(path, resolve);
  });
  return async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of open) socket.destroy();
    await closed;
  };
}

/**
 * Asks the bot that has the folder open for a compressed copy.
 * @throws when no bot listens there
 */
export function knock(folder: string): Promise<Socket> {
  const socket = connect(hatchIn(folder));
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket.off('error', reject)));
  });
}
