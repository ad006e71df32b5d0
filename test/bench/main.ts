/**
 * npm run bench: messages answered with a card, a second, of this bot and of a plain botbuilder bot, in the same run on the
 * same machine. This bot stores and queues each answer in its database before it posts it; the peer only posts it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { alex, megan, message, personal, tenantId } from '../support/people.ts';

const messages = Number(process.env.BENCH_MESSAGES ?? 2000);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const atOnce = 32;
const root = join(import.meta.dirname, '../..');

let posts = 0;
const teams = createServer((incoming, response) => {
  incoming.resume().on('end', () => {
    posts += 1;
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: String(posts) }));
  });
}).listen(0, '127.0.0.1');
await once(teams, 'listening');
const serviceUrl = `http://127.0.0.1:${(teams.address() as AddressInfo).port}/`;
const agent = new Agent({ connections: atOnce });

const start = (file: string, env: Record<string, string>) =>
  spawn(process.execPath, ['--no-warnings', join(root, file)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

async function portOf(child: ChildProcess, pattern: RegExp): Promise<number> {
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    const found = pattern.exec(chunk.toString());
    if (found) {
      child.stdout?.resume();
      return Number(found[1]);
    }
  }
  throw new Error('it did not start');
}

/** Sends so many messages, each in a conversation of its own, and waits for the last card. Messages a second. */
async function measure(port: number, round: number): Promise<number> {
  const before = posts;
  const started = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let n = next++; n < messages; n = next++) {
        const place = { ...personal(alex), id: `bench-${round}-${n}` };
        const { statusCode, body } = await request(`http://127.0.0.1:${port}/api/messages`, {
          method: 'POST',
          dispatcher: agent,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...message(alex, 'help', place), id: `m-${round}-${n}`, serviceUrl }),
        });
        await body.dump();
        if (statusCode >= 300) throw new Error(`a message was answered with ${statusCode}`);
      }
    }),
  );
  while (posts - before < messages) await new Promise((resolve) => setTimeout(resolve, 2));
  return messages / ((performance.now() - started) / 1000);
}

const children: ChildProcess[] = [];
try {
  const bot = start('src/main.ts', {
    PORT: '0',
    ALLOW_UNAUTHENTICATED: 'true',
    ORGANISATIONS: `${tenantId}=5001`,
    BOOTSTRAP_ADMINS: megan.aadObjectId,
    DATA_DIR: join(root, '.data/bench'),
    TEAMMATE_URL: 'http://127.0.0.1:9',
    TEAMMATE_CLIENT_ID: 'x',
    TEAMMATE_CLIENT_SECRET: 'x',
    TEAMMATE_USERNAME: 'x',
    TEAMMATE_PASSWORD: 'x',
  });
  children.push(bot);
  const botPort = await portOf(bot, /"url":"http:\/\/127\.0\.0\.1:(\d+)"/);
  const peer = start('test/bench/peer.ts', {});
  children.push(peer);
  const peerPort = await portOf(peer, /^(\d+)/m);

  const rates = { bot: [] as number[], peer: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const bot = await measure(botPort, Date.now());
    const peer = await measure(peerPort, Date.now());
    // The first round warms both up.
    if (round > 0) {
      rates.bot.push(bot);
      rates.peer.push(peer);
    }
  }
  const middle = (list: number[]) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] as number;
  const [ours, theirs] = [middle(rates.bot), middle(rates.peer)];
  console.log(`message → card, ${messages} messages, median of ${rounds} rounds`);
  console.log(`  this bot (stored, queued, posted)  ${ours.toFixed(0)} a second`);
  console.log(`  plain botbuilder bot (posted)      ${theirs.toFixed(0)} a second`);
  console.log(`  ratio                              ${(ours / theirs).toFixed(2)}`);
} finally {
  for (const child of children) child.kill('SIGTERM');
  await agent.close();
  teams.close();
}
