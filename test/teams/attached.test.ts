import type { ServerResponse } from 'node:http';
import { decoded, downloadAllowed } from '../../src/teams/attached.ts';
import { startFiles, withFile } from '../support/files.ts';
import { approvals, type Harness, inputsOf, startHarness } from '../support/harness.ts';
import { megan, message, personal, type TestPerson } from '../support/people.ts';

const rows =
  'Reseller Name;Preferred Email;Services\nMüller €;ops@mueller.example;pbx\nÅngström;ops@angstrom.example;trunk';

describe('a file’s bytes', () => {
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
  test.each<[how: string, bytes: Uint8Array]>([
    ['UTF-8', Buffer.from(rows)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${rows}`)],
    ['UTF-16, little end first', utf16(rows)],
    ['UTF-16, big end first', utf16(rows).swap16()],
    ['Windows-1252', Buffer.from(rows.replace('€', '\u0080'), 'latin1')],
  ])('as %s are read', (_, bytes) => {
    expect(decoded(bytes)).toBe(rows);
  });

  test.each<[what: string, bytes: Uint8Array]>([
    ['a workbook', Buffer.from('PK\u0003\u0004\u0014\u0000\u0006\u0000', 'latin1')],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d', 'hex')],
    ['a PDF', Buffer.from('%PDF-1.7\n%…')],
    ['UTF-16 without its mark', Buffer.from('Contoso', 'utf16le')],
  ])('of %s are no text', (_, bytes) => {
    expect(decoded(bytes)).toBeUndefined();
  });
});

describe('an address to download from', () => {
  const settings = { FILE_DOWNLOAD_HOSTS: ['*.sharepoint.com', 'files.example'], ALLOW_UNAUTHENTICATED: false };
  test.each<[url: string, allowed: boolean]>([
    ['https://contoso-my.sharepoint.com/x?tempauth=1', true],
    ['https://CONTOSO.SharePoint.com/x', true],
    ['https://files.example/x', true],
    ['http://contoso-my.sharepoint.com/x', false],
    ['https://sharepoint.com.evil.example/x', false],
    ['https://evilsharepoint.com/x', false],
    ['https://contoso.sharepoint.com:8443/x', false],
    ['https://contoso.sharepoint.com@evil.example/x', false],
    ['https://a:b@contoso.sharepoint.com/x', false],
    ['https://127.0.0.1/x', false],
    ['http://127.0.0.1:4010/x', false],
    ['https://169.254.169.254/latest/meta-data', false],
    ['file:///etc/passwd', false],
    ['contoso.sharepoint.com', false],
  ])('%s: %s', (url, allowed) => {
    expect(downloadAllowed(url, settings)).toBe(allowed);
  });

  test('is this machine in development only', () => {
    const development = { ...settings, ALLOW_UNAUTHENTICATED: true };
    expect(downloadAllowed('http://127.0.0.1:4010/x', development)).toBe(true);
    expect(downloadAllowed('http://10.0.0.1/x', development)).toBe(false);
  });
});

describe('a list attached to a message', () => {
  let harness: Harness;
  let files: Awaited<ReturnType<typeof startFiles>>;
  let ana: TestPerson;
  beforeAll(async () => {
    files = await startFiles();
    harness = await startHarness({ replacements: { files: files.dispatcher } });
  });
  beforeEach(async () => {
    ana = await harness.join('Ana', 'requester');
  });
  afterAll(async () => {
    await harness.close();
    await files.close();
  });

  const attach = async (url: string, { name = 'list.csv', said = '' } = {}) =>
    harness.send(withFile(message(ana, said), name, url));

  test.each(['', 'add resellers', 'here is my list'])('that says “%s” is downloaded and previewed', async (said) => {
    await attach(files.keep(rows), { said });
    await harness.see(personal(ana), 'Reading list.csv.');
    const preview = await harness.see(personal(ana), 'All 2 resellers are fine.', 'Submit all 2');
    expect(inputsOf(preview.card).rows).toBe(rows);
  });

  test('is submitted and put before the approvers like a pasted one', async () => {
    await attach(files.keep(rows));
    const preview = await harness.see(personal(ana), 'All 2 resellers are fine.');
    await harness.click(ana, preview, 'Submit all 2');
    const approval = await harness.see(approvals, 'Müller €', 'Approve 2 resellers');
    await harness.click(megan, approval, 'Reject', { reason: 'A test' });
  });

  test('that says something else is left alone', async () => {
    const before = files.asked.length;
    await attach(files.keep(rows), { said: 'help' });
    await harness.see(personal(ana), 'What you can do here');
    expect(files.asked).toHaveLength(before);
  });

  test('delivered twice is answered once', async () => {
    const body = withFile(message(ana, ''), 'list.csv', files.keep(rows));
    await Promise.all([harness.send(body), harness.send(body)]);
    await harness.see(personal(ana), 'are fine');
    const answers = harness.teams
      .delivered()
      .filter(
        ({ conversationId, activity }) =>
          conversationId === personal(ana).id && JSON.stringify(activity).includes('are fine'),
      );
    expect(answers).toHaveLength(1);
  });

  test.each<[what: string, content: Parameters<typeof files.keep>[0], says: string]>([
    ['a workbook', Buffer.from('PK\u0003\u0004\u0014\u0000', 'latin1'), 'The file list.csv is not a CSV text.'],
    ['nothing', '', 'There is no row in this list.'],
    ['more than is taken', 'x'.repeat(300_000), 'This list is larger than 100 KB'],
    ['without end', endless, 'This list is larger than 100 KB'],
    ['gone', answering(410), 'it was answered with 410'],
    ['elsewhere', answering(302, { location: 'http://127.0.0.1/' }), 'it was answered with 302'],
    ['cut off', cutOff, 'there was no whole answer'],
  ])('that is %s is refused in words', async (_, content, says) => {
    await attach(files.keep(content));
    await harness.see(personal(ana), says);
  });

  test.each(['http://169.254.169.254/latest', 'https://evil.example/list.csv', 'nonsense'])(
    'that lies at %s is not fetched',
    async (url) => {
      const before = files.asked.length;
      await attach(url);
      await harness.see(personal(ana), 'The file list.csv cannot be taken from where it lies.');
      expect(files.asked).toHaveLength(before);
    },
  );

  test.each([null, 'text', { downloadUrl: 7 }, { downloadUrl: 'x'.repeat(5000) }])(
    'whose address is %j is refused',
    async (content) => {
      const body = withFile(message(ana, ''), '*<at>x</at>*', '');
      const [, file] = body.attachments as object[];
      await harness.send({ ...body, attachments: [null, 7, { contentType: 1 }, { ...file, content }] });
      await harness.see(personal(ana), 'cannot be taken from where it lies');
    },
  );

  test('is nobody’s to bring who may not ask for anything', async () => {
    const before = files.asked.length;
    ana = await harness.join('Nobody');
    await attach(files.keep(rows));
    await harness.see(personal(ana), 'This needs the role requester');
    expect(files.asked).toHaveLength(before);
  });

  test('in a channel is to be pasted instead', async () => {
    const body = message(ana, 'add resellers', approvals);
    await harness.send({
      ...body,
      attachments: [{ contentType: 'text/html', content: '<p>x</p><attachment id="1"></attachment>' }],
    });
    await harness.see(approvals, 'A file that is attached here cannot be read by a bot. Type: add resellers');
  });

  test('leaves its address, which is a key to it, on no card', () => {
    const posted = JSON.stringify(harness.teams.delivered());
    expect(posted).not.toContain('tempauth');
  });
});

// Restify has put a writeHead of its own into Node's, which does not give the response back.
function answering(status: number, headers: Record<string, string> = {}) {
  return (response: ServerResponse) => {
    response.writeHead(status, headers);
    response.end();
  };
}

function cutOff(response: ServerResponse) {
  response.writeHead(200, { 'content-length': '500' });
  response.write('Contoso', () => response.destroy());
}

function endless(response: ServerResponse) {
  response.writeHead(200);
  const more = () => {
    while (!response.destroyed && response.write('Contoso,ops@contoso.example,pbx,\n'.repeat(100)));
  };
  response.on('drain', more);
  more();
}
