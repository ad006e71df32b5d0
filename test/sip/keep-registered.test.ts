import type { SipAccount } from '../../src/sip/account.ts';
import { keepRegistered, type Registration } from '../../src/sip/register.ts';
import { renewAfter } from '../../src/sip/registration.ts';
import { describeWithRegistrar, type Registrar, startRegistrar } from '../support/registrar.ts';
import { answerTo, type FakePbx, header, type Send, startFakePbx } from './fake-pbx.ts';

const account: SipAccount = {
  domain: 'pbx.contoso.example',
  lookup: 'A',
  transport: 'TCP',
  user: '1001',
  password: 'secret',
  expires: 300,
};

test.each([
  ['half of what was granted', 300, 300, 150_000],
  ['half of the shorter that was granted', 60, 300, 30_000],
  ['half of what was asked for when more was granted', 7_200, 300, 150_000],
  ['as late as a timer can count', 999_999_999, 2 ** 31, 2 ** 31 - 1],
])('it renews at %s', (_when, granted, asked, pause) => expect(renewAfter(granted, asked)).toBe(pause));

/** What was told, in its order; the next one can be waited for. */
class Told {
  readonly all: Registration[] = [];
  #waiting: ((registration: Registration) => void)[] = [];
  readonly onChange = (registration: Registration) => {
    const first = this.#waiting.shift();
    this.all.push(registration);
    first?.(registration);
  };
  next(): Promise<Registration> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

let keeping: { stop(): Promise<void> } | undefined;
afterEach(async () => {
  await keeping?.stop();
  keeping = undefined;
});

describeWithRegistrar('at a real registrar', () => {
  let registrar: Registrar;
  beforeEach(async () => {
    const users = [{ user: account.user, password: account.password }];
    registrar = await startRegistrar({ domain: account.domain, users, minExpires: 60 });
  });
  afterEach(() => registrar?.close());
  const at = () => ({ ...account, proxy: `127.0.0.1:${registrar.ports.tcp}` });

  test('it stays registered until it is stopped', async () => {
    const told = new Told();
    const first = told.next();
    keeping = keepRegistered(at(), told);
    expect(await first).toMatchObject({ ok: true, expires: 300 });
    expect(await registrar.contacts()).toHaveLength(1);
    await keeping.stop();
    expect(await registrar.contacts()).toEqual([]);
    expect(told.all).toHaveLength(1);
  });

  test('the interval that the registrar asks for is taken', async () => {
    const told = new Told();
    const first = told.next();
    keeping = keepRegistered({ ...at(), expires: 30 }, told);
    expect(await first).toMatchObject({ ok: true, expires: 60 });
  });

  test('a loss is told, and so is that it is back', async () => {
    const told = new Told();
    const first = told.next();
    keeping = keepRegistered(at(), { ...told, retryMs: 20 });
    await first;
    const lost = told.next();
    await registrar.stop();
    expect(await lost).toMatchObject({ ok: false, cause: 'unreachable', reason: expect.stringContaining('closed') });
    const refused = told.next();
    expect(await refused).toMatchObject({
      ok: false,
      cause: 'unreachable',
      reason: expect.stringContaining('refused'),
    });
    const back = told.next();
    await registrar.start();
    expect(await back).toMatchObject({ ok: true });
    expect(await registrar.contacts()).toHaveLength(1);
  });
});

describe('at a PBX', () => {
  let pbx: FakePbx | undefined;
  afterEach(async () => {
    await keeping?.stop();
    await pbx?.close();
  });
  const meet = async (say: (request: string, send: Send) => void, change: Partial<SipAccount> = {}, retryMs = 20) => {
    pbx = await startFakePbx(change.transport ?? 'UDP', say);
    const told = new Told();
    const first = told.next();
    const there = { ...account, transport: 'UDP', proxy: `127.0.0.1:${pbx.port}`, ...change } as const;
    keeping = keepRegistered(there, { ...told, retryMs });
    await first;
    return { pbx, told };
  };

  test('it renews what it has, in the same call and at the same contact, and tells nothing of it', async () => {
    const { pbx, told } = await meet((request, send) => send(answerTo(request, '200 OK', 'Expires: 1')));
    await pbx.came(3);
    const of = (name: string) => pbx.requests.slice(0, 3).map((request) => header(request, name));
    expect(of('CSeq')).toEqual(['1 REGISTER', '2 REGISTER', '3 REGISTER']);
    expect(new Set(of('Call-ID')).size).toBe(1);
    expect(new Set(of('Contact')).size).toBe(1);
    expect(told.all).toEqual([{ ok: true, expires: 1 }]);
  });

  test('a renewal that is refused is a loss, told with its reason', async () => {
    let registrations = 0;
    const { told } = await meet((request, send) => {
      registrations += 1;
      send(registrations === 1 ? answerTo(request, '200 OK', 'Expires: 1') : answerTo(request, '403 Forbidden'));
    });
    expect(await told.next()).toMatchObject({ ok: false, cause: 'refused', status: 403 });
  });

  test('a 423 that asks for ever more is followed once, then there is a pause', async () => {
    let least = 1000;
    const { pbx, told } = await meet(
      (request, send) => {
        least += 1;
        send(answerTo(request, '423 Interval Too Brief', `Min-Expires: ${least}`));
      },
      {},
      60_000,
    );
    expect(told.all).toMatchObject([{ ok: false, cause: 'too-brief' }]);
    expect(pbx.requests.map((request) => header(request, 'Expires'))).toEqual(['300', '1001']);
  });

  test('the same failure is told once, however often it comes', async () => {
    const { pbx, told } = await meet((request, send) => send(answerTo(request, '503 Service Unavailable')), {}, 5);
    await pbx.came(4);
    expect(told.all).toHaveLength(1);
  });

  test('it answers the OPTIONS by which a PBX asks whether it is still there', async () => {
    const answered = new Promise<string>((resolve) => {
      void meet((request, send) => {
        if (request.startsWith('SIP/2.0')) return resolve(request);
        send(answerTo(request, '200 OK', 'Expires: 300'));
        const via = 'Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKping';
        const lines = [
          'OPTIONS sip:x@127.0.0.1 SIP/2.0',
          via,
          'f: <sip:pbx@a>;tag=1',
          'To: <sip:x@a>',
          'i: 7',
          'CSeq: 9 OPTIONS',
        ];
        send(`${lines.join('\r\n')}\r\n\r\n`);
      });
    });
    const answer = await answered;
    expect(answer).toMatch(/^SIP\/2\.0 200 OK\r\n/);
    expect(answer).toContain('via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKping\r\n');
    expect(answer).toContain('cseq: 9 OPTIONS\r\n');
  });

  test('stopping does not wait for a PBX that says nothing', async () => {
    pbx = await startFakePbx('UDP', () => {});
    const told = new Told();
    keeping = keepRegistered({ ...account, transport: 'UDP', proxy: `127.0.0.1:${pbx.port}` }, told);
    await pbx.came(1);
    await keeping.stop();
    expect(told.all).toEqual([]);
  });
});
