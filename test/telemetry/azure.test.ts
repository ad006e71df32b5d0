import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { approvals, type Bed, makeBed, news, says } from '../faults/bed.ts';
import { inputsOf } from '../support/cards.ts';
import { makeAuthority } from '../support/certificates.ts';
import { alex, megan, personal } from '../support/people.ts';

/** What Application Insights is sent: one line of it. */
interface Envelope {
  tags: Record<string, string>;
  data: {
    baseType: string;
    baseData: { name?: string; properties?: Record<string, string>; metrics?: { name: string; value: number }[] };
  };
}

let folder: string;
let sink: Server;
const bodies: string[] = [];
const sent = () =>
  bodies.flatMap((body) =>
    body.startsWith('[') ? JSON.parse(body) : body.split('\n').map((line) => JSON.parse(line)),
  ) as Envelope[];
/** Requests, dependencies and what goes on within: whatever has a name and a trace. */
const spans = () =>
  sent().flatMap(({ tags, data }) =>
    /Request|RemoteDependency/.test(data.baseType)
      ? [
          {
            name: data.baseData.name ?? '',
            trace: tags['ai.operation.id'],
            about: data.baseData.properties?.['teammate.request'],
          },
        ]
      : [],
  );

const numbers = () => sent().flatMap(({ data }) => (data.baseData.metrics ?? []).map(({ name }) => name));

let bed: Bed;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teammate-'));
  const authority = makeAuthority();
  await writeFile(join(folder, 'authority.pem'), authority.cert);
  sink = createServer(authority.issue({ names: ['127.0.0.1'] }), async (request, response) => {
    const body = await buffer(request);
    bodies.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString().trim());
    response.setHeader('content-type', 'application/json').end('{"itemsReceived":1,"itemsAccepted":1,"errors":[]}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => sink.once('listening', resolve));
  const { port } = sink.address() as AddressInfo;
  const endpoint = `https://127.0.0.1:${port}/`;
  bed = await makeBed(undefined, {
    APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=11111111-2222-4333-8444-555555555555;IngestionEndpoint=${endpoint};LiveEndpoint=${endpoint}`,
    // Where it is said to run, so that it does not ask its host for it.
    CONTAINER_APP_NAME: 'teammate-bot',
    CONTAINER_APP_REVISION: 'teammate-bot--1',
    CONTAINER_APP_REPLICA_NAME: 'teammate-bot--1-a',
    NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem'),
    OTEL_METRIC_EXPORT_INTERVAL: '300',
    OTEL_TRACES_SAMPLER: 'always_on',
  });
}, 120_000);
afterAll(async () => {
  await bed?.close();
  sink.closeAllConnections();
  sink.close();
  await rm(folder, { recursive: true, force: true });
});

test('a request can be followed from the click through its jobs to TeamMate and back to Teams, and nothing secret is told', async () => {
  await bed.type(alex, 'add reseller Contoso; ops@contoso.example; pbx');
  const form = await bed.see(personal(alex), 'the form', (card) => inputsOf(card).name === 'Contoso');
  await bed.click(alex, form, 'Submit');
  const approval = await bed.see(approvals, 'the approval', (card) => says(card).includes('Reseller Contoso'));
  const id = /R-\d+/.exec(says(approval.card))?.[0] ?? '';
  await bed.click(megan, approval, 'Approve');
  await bed.activate('ops@contoso.example');
  await bed.see(news, 'the news', (card) => says(card).includes('Contoso is active'));
  // What /metrics tells comes by itself.
  while (!numbers().includes('teammate_requests')) await pause(50);
  expect(numbers()).toEqual(expect.arrayContaining(['teammate_posts', 'teammate_jobs']));

  // What is still to be sent is sent before it ends.
  const ended = await bed.bot.end('SIGTERM');
  expect(bed.bot.errors).toEqual([]);
  expect(ended).toEqual({ code: 0, signal: null });

  const all = spans();
  const of = (name: string) => all.filter((span) => span.name.includes(name));
  for (const name of ['turn', 'job provision', 'TeamMate POST /reseller/newReseller', 'Teams POST', 'Teams PUT'])
    expect({ name, about: of(name).map(({ about }) => about) }).toEqual({ name, about: expect.arrayContaining([id]) });
  // The approval, the job it sent and TeamMate's call are one trace.
  const [call] = of('TeamMate POST /reseller/newReseller');
  const whole = all.filter(({ trace }) => trace === call?.trace).map(({ name }) => name);
  expect(whole.join('\n')).toMatch(/POST \/api\/messages/);
  expect(whole.join('\n')).toMatch(/^job provision$/m);
  expect(of('/webhooks/teammate')).not.toEqual([]);

  // Its log is found by the trace.
  const logged = bed.bot.log.filter(({ trace }) => trace === call?.trace);
  expect(logged.every(({ span }) => /^[0-9a-f]{16}$/.test(String(span)))).toBe(true);

  const everything = bodies.join('\n');
  for (const secret of ['contoso.example', 'token=', 'Contoso', 'Bearer', alex.aadObjectId, 'invitationCode'])
    expect({ secret, told: everything.includes(secret) }).toEqual({ secret, told: false });
}, 120_000);
