import { uploadAllowed } from '../../src/teams/file-cards.ts';
import { chunkSize, createUploader, type Uploader, UploadFailed } from '../../src/teams/upload.ts';
import { type FakeOneDrive, startFakeOneDrive } from '../support/fake-onedrive.ts';

let drive: FakeOneDrive;
let uploader: Uploader;
const pauses: number[] = [];
beforeEach(async () => {
  drive = await startFakeOneDrive();
  pauses.length = 0;
  uploader = createUploader({ dispatcher: drive.dispatcher(), pause: async (ms) => void pauses.push(ms) });
});
afterEach(() => drive.close());

/** A file in memory that is read as one on the disk is. */
const fileOf = (bytes: Buffer) => ({
  read: async (into: Buffer, offset: number, length: number, position: number) => ({
    bytesRead: bytes.copy(into, offset, position, Math.min(bytes.length, position + length)),
    buffer: into,
  }),
});
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, (_, index) => (index * 31) % 251));
const large = bytesOf(2 * chunkSize + 5);

async function send(bytes: Buffer, earlier: 'none' | 'same' | 'other' = 'none', place = drive.place('bill.csv')) {
  const handle = fileOf(bytes) as unknown as Parameters<Uploader['send']>[0]['handle'];
  const { signal } = new AbortController();
  await uploader.send({ url: place.info.uploadUrl, handle, size: bytes.length, earlier, signal });
  return drive.file(place.path);
}

describe('a file', () => {
  test('is sent in pieces of 3.2 MB, in order', async () => {
    expect((await send(large))?.equals(large)).toBe(true);
    expect(drive.pieces.map(({ from, to, status }) => [from, to, status])).toEqual([
      [0, chunkSize - 1, 202],
      [chunkSize, 2 * chunkSize - 1, 202],
      [2 * chunkSize, 2 * chunkSize + 4, 201],
    ]);
  });

  test('that is small is sent at once', async () => {
    expect((await send(Buffer.from('x')))?.toString()).toBe('x');
  });

  test('goes on after OneDrive was busy, when it says and with growing pauses', async () => {
    drive.fault({ status: 503 }, { status: 429, retryAfter: '7' }, 'drop');
    expect((await send(large))?.equals(large)).toBe(true);
    expect(pauses).toEqual([500, 7_000, 2_000]);
  });

  test('goes on where OneDrive is when an answer got lost', async () => {
    drive.fault('lost');
    expect((await send(large))?.equals(large)).toBe(true);
    expect(drive.pieces.map(({ status }) => status)).toEqual([202, 416, 202, 201]);
  });

  test('goes on where an attempt before got to, when it is the same file', async () => {
    const place = drive.place('bill.csv');
    drive.fault({ status: 403 });
    await expect(send(large, 'none', place)).rejects.toThrow(UploadFailed);
    expect((await send(large, 'same', place))?.equals(large)).toBe(true);
  });

  test('is not mixed with another one that was begun', async () => {
    const place = drive.place('bill.xlsx');
    const halfway = fileOf(large);
    const handle = {
      read: async (into: Buffer, offset: number, length: number, at: number) =>
        at > 0 ? { bytesRead: 0, buffer: into } : halfway.read(into, offset, length, at),
    } as unknown as Parameters<Uploader['send']>[0]['handle'];
    const { signal } = new AbortController();
    const half = { url: place.info.uploadUrl, handle, size: large.length, earlier: 'none' as const, signal };
    await expect(uploader.send(half)).rejects.toThrow('cut short');
    await expect(send(bytesOf(large.length - 1), 'other', place)).rejects.toThrow('interrupted half-way');
    expect(drive.file(place.path)).toBeUndefined();
  });

  test('whose place is gone is given up', async () => {
    const place = {
      ...drive.place('x'),
      path: '/gone',
      info: { ...drive.place('x').info, uploadUrl: 'https://a.example/gone' },
    };
    await expect(send(large, 'none', place)).rejects.toThrow('it answered 404');
    await expect(send(large, 'same', place)).rejects.toThrow('look first');
  });

  test('is given up after a while, and no message holds its address', async () => {
    drive.fault(...Array(10).fill('drop'));
    const failed = await send(large).catch((error: Error) => error);
    expect(failed).toBeInstanceOf(UploadFailed);
    expect(String(failed)).not.toMatch(/tempauth|sharepoint/);
  });
});

describe('an address to save at', () => {
  const hosts = ['*.sharepoint.com', 'graph.microsoft.com'];
  test.each([
    'https://contoso-my.sharepoint.com/x?tempauth=y',
    'https://a.b.sharepoint.com/',
    'https://GRAPH.microsoft.com/v1.0/',
  ])('%s is one', (url) => expect(uploadAllowed(url, hosts, false)).toBe(true));

  test.each([
    'http://contoso-my.sharepoint.com/',
    'https://sharepoint.com/',
    'https://.sharepoint.com/',
    'https://evilsharepoint.com/',
    'https://contoso.sharepoint.com.evil.example/',
    'https://contoso.sharepoint.com:8443/',
    'https://evil.example/?contoso.sharepoint.com',
    'https://user:pw@contoso.sharepoint.com/',
    'https://a.graph.microsoft.com/',
    'https://127.0.0.1/',
    'http://127.0.0.1:4000/',
    'file:///etc/passwd',
    'nonsense',
  ])('%s is none', (url) => expect(uploadAllowed(url, hosts, false)).toBe(false));

  test('may be on this machine in development', () => {
    expect(uploadAllowed('http://127.0.0.1:4000/x', hosts, true)).toBe(true);
    expect(uploadAllowed('http://10.0.0.1/x', hosts, true)).toBe(false);
  });
});
