import { Framer, limits, Message, parseDatagram, quoted } from '../../src/sip/message.ts';

const ok = 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCSeq: 1  REGISTER\r\n';

describe('a message', () => {
  test('is read with its short names and folded lines', () => {
    const message = Message.parse(
      'SIP/2.0 401 Not you\r\nv: SIP/2.0/UDP a\r\n ;branch=b1;rport\r\ni:7\r\nCSeq: 2\r\n\tREGISTER',
    );
    expect(message).toMatchObject({ status: 401, phrase: 'Not you', branch: 'b1', cseq: '2 REGISTER' });
    expect(message.get('call-id')).toBe('7');
  });

  test.each([
    'HTTP/1.1 200 OK',
    'SSH-2.0-OpenSSH_9.2',
    'SIP/2.0 99 Nothing',
    'SIP/2.0 700 Nothing',
    'SIP/2.0 200 OK\r\nno colon',
    'SIP/2.0 200 OK\r\n: no name',
    '',
    '\u0016\u0003\u0001',
  ])('is not %p', (text) => expect(() => Message.parse(text)).toThrow('is not SIP'));

  test('has a limit to its headers', () => {
    const headers = 'a: b\r\n'.repeat(limits.headers + 1).trimEnd();
    expect(() => Message.parse(`SIP/2.0 200 OK\r\n${headers}`)).toThrow('longer than');
  });

  test('has no header that is only JavaScript’s', () => {
    const message = Message.parse('SIP/2.0 200 OK\r\n__proto__: x');
    expect(message.get('constructor')).toBeUndefined();
    expect(message.get('__proto__')).toBe('x');
  });
});

describe('a stream', () => {
  const framed = (chunks: (string | Buffer)[]) => {
    const framer = new Framer();
    return chunks.flatMap((chunk) => framer.push(Buffer.from(chunk))).map(({ status }) => status);
  };

  test('is taken apart wherever it was cut', () => {
    const text = `\r\n\r\n${ok}Content-Length: 4\r\n\r\n\r\n\r\n${ok}l: 0\r\n\r\n\r\nSIP/2.0 404 No\r\n\r\n`;
    expect(framed([text])).toEqual([200, 200, 404]);
    expect(framed([...text])).toEqual([200, 200, 404]);
  });

  test('ends where it is not SIP, before the message is whole', () => {
    expect(() => framed(['SSH-2.0-OpenSSH_9.2\r\n'])).toThrow('is not SIP');
    expect(() => framed([`${ok}Content-Length: -1\r\n\r\n`])).toThrow('is not SIP');
    expect(() => framed([`${ok}Content-Length: 1e3\r\n\r\n`])).toThrow('is not SIP');
  });

  test('may neither have a long head nor announce a long body', () => {
    expect(() => framed(['x'.repeat(limits.head + 1)])).toThrow('longer than');
    expect(() => framed([ok, `X: ${'y'.repeat(limits.head)}`])).toThrow('longer than');
    expect(() => framed([`${ok}Content-Length: ${limits.body + 1}\r\n\r\n`])).toThrow('longer than');
  });
});

test('a datagram of line ends or zeros only keeps the way open', () => {
  expect(parseDatagram(Buffer.from('\r\n\r\n'))).toBeUndefined();
  expect(parseDatagram(Buffer.alloc(4))).toBeUndefined();
  expect(() => parseDatagram(Buffer.from('hello'))).toThrow('is not SIP');
  expect(parseDatagram(Buffer.from(`${ok}\r\nbody`))).toMatchObject({ status: 200 });
});

test.each([
  ['Forbidden', 'Forbidden'],
  ['two\u0000 \u001b[31mlines\r\n', 'two [31mlines'],
  ['hidden \u202eorder\u200b', 'hidden order'],
  ['response="0123456789abcdef0123456789ABCDEF"', 'response="…"'],
  ['x'.repeat(2000), 'x'.repeat(80)],
  ['', ''],
])('what the other side wrote is shown as one short line: %p', (text, shown) => expect(quoted(text)).toBe(shown));
