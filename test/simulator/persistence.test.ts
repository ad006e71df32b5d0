import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seed } from '../../src/simulator/seed.ts';
import { startSmtp } from '../support/smtp.ts';
import { humongous } from './enterprises.ts';
import { atEnd, caller, contoso, endAll, listen, post, simulate, tokenOf, until } from './start.ts';

afterEach(endAll);

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('what the simulator keeps', () => {
  test('is there after a restart', async () => {
    const dataFile = join(await dataFolder(), 'deep', 'state.json');
    const before = await simulate({ dataFile });
    const call = await caller(before.simulator.url);
    await call('POST', '/reseller/newReseller', contoso);
    const { text } = await before.smtp.mailTo(contoso.preferredEmail);
    await until(() => before.simulator.state.resellers.at(-1)?.invitation.mail === 'sent');
    await before.simulator.close();

    const after = await simulate({ dataFile });
    expect(after.simulator.state).toEqual(before.simulator.state);
    const response = await post(`${after.simulator.url}/activate`, {
      invitationCode: /code=(\S+)/.exec(text)![1]!,
      adminEmail: contoso.preferredEmail,
      userName: 'contoso-admin',
      password: 'correct horse',
      confirmPassword: 'correct horse',
    });
    expect(response.status).toBe(303);
    // The close waits for whatever is being sent.
    await after.simulator.close();
    expect(after.smtp.mails).toEqual([]);
  });

  test('is in the file before the answer is given', async () => {
    const folder = await dataFolder();
    const { simulator } = await simulate({ dataFile: join(folder, 'state.json') });
    const call = await caller(simulator.url);
    await call('POST', '/reseller/newReseller', contoso);
    expect(await readFile(join(folder, 'state.json'), 'utf8')).toContain('"resellerId":6001');
    await simulator.close();
    expect(await readdir(folder)).toEqual(['state.json']);
  });

  test('is one reseller when two orders for it come at the same moment', async () => {
    const { simulator } = await simulate({ dataFile: join(await dataFolder(), 'state.json') });
    const call = await caller(simulator.url);
    const answers = await Promise.all([1, 2, 3].map(() => call('POST', '/reseller/newReseller', contoso)));
    expect(answers.map((one) => one.status).toSorted()).toEqual([201, 409, 409]);
    expect(simulator.state.resellers).toHaveLength(6);
  });

  test('includes a mail that was still to be sent', async () => {
    const dataFile = join(await dataFolder(), 'state.json');
    const before = await simulate({ dataFile, pausesMs: [600_000] });
    before.smtp.refuse(1);
    const call = await caller(before.simulator.url);
    await call('POST', '/reseller/newReseller', contoso);
    await before.simulator.close();
    expect(before.smtp.mails).toEqual([]);

    const after = await simulate({ dataFile });
    await after.smtp.mailTo(contoso.preferredEmail);
  });

  test('may come from a file of before there were enterprises or PBXes to order', async () => {
    const dataFile = join(await dataFolder(), 'state.json');
    const { enterprises: _enterprises, pbxes: _pbxes, ...seeded } = seed();
    const state = { ...seeded, resellers: seeded.resellers.map(({ suspended: _, ...reseller }) => reseller) };
    const old = {
      enterpriseId: 5901,
      resellerId: 5101,
      enterpriseName: 'Proseware',
      adminEmail: 'a@proseware.example',
    };
    for (const kept of [state, { ...state, enterprises: [old] }]) {
      await writeFile(dataFile, JSON.stringify(kept));
      const { simulator } = await simulate({ dataFile });
      expect(simulator.state.resellers).toEqual(seeded.resellers);
      expect(simulator.state.pbxes).toEqual([]);
      expect(simulator.state.enterprises).toEqual('enterprises' in kept ? [expect.objectContaining(old)] : []);
      expect(await (await fetch(simulator.url)).text()).toContain('Fabrikam');
      await simulator.close();
    }
  });

  test('includes an enterprise’s mail that was still to be sent', async () => {
    const dataFile = join(await dataFolder(), 'state.json');
    const before = await simulate({ dataFile, pausesMs: [600_000] });
    before.smtp.refuse(1);
    const call = await caller(before.simulator.url);
    await call('POST', '/reseller/newEnterprise', humongous);
    await before.simulator.close();

    const after = await simulate({ dataFile });
    await after.smtp.mailTo(humongous.enterpriseAdminEmail);
  });

  test('is refused when the file is not its own, and the file is left alone', async () => {
    const dataFile = join(await dataFolder(), 'state.json');
    for (const text of ['{"version":', '{"version":99}', '[]']) {
      await writeFile(dataFile, text);
      await expect(simulate({ dataFile })).rejects.toThrow('SIMULATOR_DATA');
      expect(await readFile(dataFile, 'utf8')).toBe(text);
    }
  });

  test('does not change when it cannot be written', async () => {
    const folder = join(await dataFolder(), 'data');
    const { simulator } = await simulate({ dataFile: join(folder, 'state.json') });
    const call = await caller(simulator.url);
    await rm(folder, { recursive: true });
    await writeFile(folder, 'in the way');
    const answer = await call('POST', '/reseller/newReseller', contoso);
    expect([answer.status, answer.body]).toEqual([500, { status: 500, message: 'The simulator failed.' }]);
    expect(simulator.state.resellers).toHaveLength(5);
    await rm(folder);
    expect((await call('POST', '/reseller/newReseller', contoso)).status).toBe(201);
  });
});

describe('the simulator as a process', () => {
  function run(env: Record<string, string>): { child: ChildProcess; output: () => string; exit: Promise<unknown[]> } {
    const child = spawn(process.execPath, ['src/simulator/main.ts'], { env: { PATH: process.env.PATH!, ...env } });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (chunk) => {
        output += chunk;
      });
    }
    const exit = once(child, 'exit');
    atEnd(async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exit;
    });
    return { child, output: () => output, exit };
  }

  test.each(['SIGTERM', 'SIGINT'] as const)('starts from its settings and ends cleanly on %s', async (signal) => {
    const smtp = await startSmtp();
    atEnd(smtp.close);
    const dataFile = join(await dataFolder(), 'state.json');
    const { child, output, exit } = run({
      SIMULATOR_PORT: '0',
      SIMULATOR_DATA: dataFile,
      SIMULATOR_URL: 'https://teammate.example',
      SMTP_PORT: String(smtp.port),
    });
    await until(() => output().includes('simulator listens'));
    const { url } = JSON.parse(output().split('\n')[0]!) as { url: string };
    await (await caller(url))('POST', '/reseller/newReseller', contoso);
    expect((await smtp.mailTo(contoso.preferredEmail)).text).toContain('https://teammate.example/activate');
    // A call that is being delayed does not hold it up.
    await fetch(`${url}/_faults`, { method: 'POST', body: '{"delayMs":600000,"times":1}' });
    const delayed = tokenOf(url).catch(() => undefined);
    await fetch(url);
    child.kill(signal);
    expect(await delayed).toBeUndefined();
    expect(await exit).toEqual([0, null]);
    expect(await readFile(dataFile, 'utf8')).toContain('Contoso');
  });

  test('names a port that is taken and its setting', async () => {
    const { url } = await listen(() => {});
    const { port } = new URL(url);
    const { output, exit } = run({ SIMULATOR_PORT: port, SIMULATOR_DATA: join(await dataFolder(), 'state.json') });
    expect(await exit).toEqual([1, null]);
    expect(output()).toBe(`The port ${port} is taken. Stop what uses it, or set SIMULATOR_PORT to another one.\n`);
  });

  test('names every wrong setting at once', async () => {
    const { output, exit } = run({ SIMULATOR_PORT: 'x', WEBHOOK_URL: 'nowhere' });
    expect(await exit).toEqual([1, null]);
    expect(output()).toContain('SIMULATOR_PORT: write a port number');
    expect(output()).toContain('WEBHOOK_URL: write a whole URL');
  });
});
