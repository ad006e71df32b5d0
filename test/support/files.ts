import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import type { Body } from './people.ts';

/**
 * Stands in for where Teams keeps what people attach. Its dispatcher takes calls to any host, https too, so that a bot that
 * insists on SharePoint believes to be there.
 */
export async function startFiles() {
  const files = new Map<string, (response: ServerResponse) => void>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`https://${request.headers.host}${request.url}`);
    const give = files.get(request.url ?? '');
    if (give) give(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({
    connect: (_, done) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => done(null, socket)).once('error', (error) => done(error, null));
    },
  });
  let kept = 0;
  return {
    dispatcher: agent as Dispatcher,
    /** Every address that was called. */
    asked: asked as readonly string[],
    /** Keeps a file. Resolves to its address. */
    keep(content: string | Uint8Array | ((response: ServerResponse) => void)): string {
      const path = `/personal/alex/_layouts/15/download.aspx?UniqueId=${++kept}&tempauth=a-secret`;
      files.set(path, typeof content === 'function' ? content : (response) => void response.end(content));
      return `https://contoso-my.sharepoint.com${path}`;
    },
    async close() {
      await agent.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A message with a file, as Teams sends it from a chat with the bot. */
export const withFile = (body: Body, name: string, downloadUrl: string): Body => ({
  ...body,
  attachments: [
    { contentType: 'text/html', content: '<p></p>' },
    {
      contentType: 'application/vnd.microsoft.teams.file.download.info',
      name,
      contentUrl: 'https://contoso-my.sharepoint.com/personal/alex/Documents/list.csv',
      content: { downloadUrl, uniqueId: '1', fileType: 'csv' },
    },
  ],
});
