import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Agent, type Dispatcher } from 'undici';

/** One piece of a file as it arrived. */
export type Piece = { from: number; to: number; total: number; status: number };

/** What the next pieces meet. `lost`: taken, and its answer dropped. */
export type Fault = { status: number; retryAfter?: string } | 'drop' | 'lost';

/** "createUploadSession": every piece but the last is a multiple of this. */
const multiple = 320 * 1024;
/** The same page: no single request may be larger. */
const largest = 60 * 1024 * 1024;

export type FakeOneDrive = Awaited<ReturnType<typeof startFakeOneDrive>>;

/**
 * Stands in for OneDrive's upload sessions, over HTTP on a free port. It refuses what OneDrive refuses: pieces out of
 * order, twice, of a size that is no multiple, of another file's length, or with a token they must not carry.
 */
export async function startFakeOneDrive() {
  const sessions = new Map<string, { total: number; bytes: Buffer; complete: boolean }>();
  const pieces: Piece[] = [];
  const faults: Fault[] = [];
  const sockets = new Set<Socket>();
  const agents: Agent[] = [];

  const server = createServer((request, response) => void handle(request, response));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function handle(request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const fault = faults.shift();
    if (fault === 'drop') return request.socket.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, fault.retryAfter ? { 'retry-after': fault.retryAfter } : {});
      return response.end();
    }
    const [status, body] = answer(request, Buffer.concat(chunks));
    if (fault === 'lost') return request.socket.destroy();
    response.writeHead(status, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(body));
  }

  function answer(request: IncomingMessage, body: Buffer): [number, object] {
    const session = sessions.get(request.url ?? '');
    const refuse = (status: number, code: string): [number, object] => [status, { error: { code } }];
    if (request.headers.authorization) return refuse(401, 'unauthenticated');
    if (!session || session.complete) return refuse(404, 'itemNotFound');
    const next = { nextExpectedRanges: [`${session.bytes.length}-`] };
    if (request.method === 'GET') return [200, next];
    if (request.method !== 'PUT') return refuse(405, 'notAllowed');
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(request.headers['content-range'] ?? '');
    const [from = -1, to = -1, total = -1] = range?.slice(1).map(Number) ?? [];
    const status = judge(session, { from, to, total }, body.length, Number(request.headers['content-length']));
    pieces.push({ from, to, total, status });
    if (status >= 400) return refuse(status, status === 416 ? 'invalidRange' : 'invalidRequest');
    session.total = total;
    session.bytes = Buffer.concat([session.bytes, body]);
    session.complete = status === 201;
    return [status, session.complete ? { id: 'item' } : { nextExpectedRanges: [`${session.bytes.length}-`] }];
  }

  function judge(
    session: { total: number; bytes: Buffer },
    piece: Omit<Piece, 'status'>,
    length: number,
    said: number,
  ) {
    const { from, to, total } = piece;
    if (length !== said || to - from + 1 !== length || to >= total || length > largest) return 400;
    if (session.total > 0 && session.total !== total) return 400;
    if (from !== session.bytes.length) return 416;
    const last = to === total - 1;
    if (!last && length % multiple !== 0) return 400;
    return last ? 201 : 202;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    /** A place for a new file, as Teams tells a bot of it. */
    place(name: string) {
      const path = `/personal/alex/_api/v2.0/drive/items/${name}/uploadSession?guid=${sessions.size}&tempauth=secret`;
      sessions.set(path, { total: 0, bytes: Buffer.alloc(0), complete: false });
      return {
        path,
        info: {
          contentUrl: `https://contoso-my.sharepoint.com/personal/alex/Documents/Applications/${name}`,
          name,
          uploadUrl: `https://contoso-my.sharepoint.com${path}`,
          uniqueId: '5f1b2c1a-0000-4000-8000-000000000001',
          fileType: name.split('.').at(-1),
        },
      };
    },
    /** The file that was saved there; undefined while it is not whole. */
    file: (path: string) => {
      const session = sessions.get(path);
      return session?.complete ? session.bytes : undefined;
    },
    pieces,
    fault: (...next: Fault[]) => void faults.push(...next),
    /** Takes calls to any host, https too, to this fake. Closed with it. */
    dispatcher(): Dispatcher {
      const agent = new Agent({
        connect: (_, done) => {
          const socket = connect(port, '127.0.0.1');
          socket.once('connect', () => done(null, socket)).once('error', (error) => done(error, null));
        },
      });
      agents.push(agent);
      return agent;
    },
    async close() {
      await Promise.all(agents.map((agent) => agent.destroy()));
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
