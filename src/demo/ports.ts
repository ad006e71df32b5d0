import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * One sentence for each port that cannot be used. Asked before anything starts: the Playground for one takes a random port
 * without a word when its own is taken.
 */
export async function unusable(ports: Record<string, number>): Promise<string[]> {
  const problems = await Promise.all(
    Object.entries(ports).map(async ([setting, port]) => {
      const code = await problemOf(port);
      if (!code) return [];
      return code === 'EADDRINUSE'
        ? [`The port ${port} is taken. Stop what uses it, or set ${setting} to another one.`]
        : [`The port ${port} cannot be used (${code}). Set ${setting} to another one.`];
    }),
  );
  return problems.flat();
}

/** On macOS a port that is taken on one address can still be had on all of them, and the other way round: both are tried. */
async function problemOf(port: number): Promise<string | undefined> {
  for (const host of ['127.0.0.1', undefined]) {
    const server = createServer();
    try {
      server.listen({ port, host, exclusive: true });
      await once(server, 'listening');
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'unknown';
    }
    server.close();
    await once(server, 'close');
  }
  return undefined;
}
