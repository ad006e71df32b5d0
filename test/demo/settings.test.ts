import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { unusable } from '../../src/demo/ports.ts';
import { DemoError, readSettings } from '../../src/demo/settings.ts';

describe('the demo’s settings', () => {
  test('have the documented ports as their defaults, and empty means default', () => {
    expect(readSettings({ PORT: '' })).toMatchObject({
      PORT: 3978,
      ALEX_PORT: 56150,
      MEGAN_PORT: 56151,
      ROBIN_PORT: 56152,
      MAIL_PORT: 1080,
      SMTP_PORT: 1025,
      SIMULATOR_PORT: 4010,
    });
  });

  test('name everything that is wrong at once', () => {
    const read = () => readSettings({ PORT: 'abc', MAIL_PORT: '0', SMTP_PORT: '65536' });
    expect(read).toThrow(DemoError);
    expect(read).toThrow('PORT: write a port number\nMAIL_PORT: a port is 1–65535\nSMTP_PORT: a port is 1–65535');
  });

  test('give no port to two parts', () => {
    expect(() => readSettings({ PORT: '1080' })).toThrow('The port 1080 is set for PORT and MAIL_PORT');
  });
});

describe('a port', () => {
  test.each(['127.0.0.1', '0.0.0.0', undefined])('that is taken on %s is told of with its setting', async (host) => {
    const server = createServer().listen({ port: 0, host });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await unusable({ MAIL_PORT: port })).toEqual([
      `The port ${port} is taken. Stop what uses it, or set MAIL_PORT to another one.`,
    ]);
    await once(server.close(), 'close');
    expect(await unusable({ MAIL_PORT: port })).toEqual([]);
  });
});
