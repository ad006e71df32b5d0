import { createIncoming, type IncomingActivity, type Rejected } from '../../src/teams/incoming.ts';
import {
  addedToTeam,
  alex,
  type Body,
  bot,
  channel,
  execute,
  foreignTenantId,
  groupChat,
  installed,
  megan,
  message,
  personal,
  serviceUrl,
  submit,
  tenantId,
  thread,
} from '../support/people.ts';
import { startTokenIssuer, type TokenIssuer, type TokenRequest } from '../support/token-issuer.ts';

const settings = {
  BOT_ID: bot.appId,
  BOT_OPENID_METADATA_URL: '',
  BOT_TOKEN_ISSUER: 'https://api.botframework.com',
  ALLOW_UNAUTHENTICATED: false,
  SERVICE_URL_HOSTS: ['smba.trafficmanager.net'],
};

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** An issuer for one test. */
async function startIssuer(options: Parameters<typeof startTokenIssuer>[0] = {}) {
  const issuer = await startTokenIssuer(options);
  closing.push(issuer.close);
  return issuer;
}

const development = createIncoming({ ...settings, BOT_ID: '', ALLOW_UNAUTHENTICATED: true });
const accept = (body: unknown) => development({ authorization: undefined, body });

async function understood(body: unknown): Promise<IncomingActivity> {
  const result = await accept(body);
  if (!('activity' in result)) throw new Error(`${result.status}: ${result.error}`);
  return result.activity;
}

/** Every refusal has a status below 500 (503 where the keys are missing) and a sentence. */
function expectRefusal(result: Awaited<ReturnType<typeof development>>, status: Rejected['status'], says = /\w+.*\.$/) {
  expect(result).toMatchObject({ status, error: expect.stringMatching(says) });
}

// The library writes to the console of every token it refuses.
const { error: consoleError } = console;
beforeAll(() => {
  console.error = () => {};
});
afterAll(() => {
  console.error = consoleError;
});

describe('whose requests are accepted', () => {
  let issuer: TokenIssuer;
  beforeAll(async () => {
    issuer = await startTokenIssuer();
  });
  afterAll(() => issuer.close());

  const genuine: TokenRequest = { audience: bot.appId, serviceUrl };
  const entra = 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/';

  const send = (authorization: string | undefined, body: unknown = message(alex, 'help'), changes = {}) =>
    createIncoming({ ...settings, BOT_OPENID_METADATA_URL: issuer.metadataUrl, ...changes })({ authorization, body });
  const sendSigned = async (request: Partial<TokenRequest> = {}, body?: unknown, changes = {}) =>
    send(`Bearer ${await issuer.sign({ ...genuine, ...request })}`, body, changes);

  test('a token of the Bot Framework for this bot and this serviceUrl opens the door', async () => {
    expect(await sendSigned()).toMatchObject({ activity: { tenantId, said: 'help' } });
  });

  test('the bot’s id is compared without regard to case, as directory ids are', async () => {
    expect(await sendSigned({}, undefined, { BOT_ID: bot.appId.toUpperCase() })).toHaveProperty('activity');
    expect(await sendSigned({ audience: bot.appId.toUpperCase() })).toHaveProperty('activity');
  });

  test('a clock that is a few minutes off does not shut Teams out', async () => {
    expect(await sendSigned({ expiresIn: -120 })).toHaveProperty('activity');
    expect(await sendSigned({ notBefore: 120 })).toHaveProperty('activity');
  });

  test.each<[string, Partial<TokenRequest>]>([
    ['signed with another key under the name of the right one', { key: 'other' }],
    ['signed with a key nobody published', { key: 'unknown' }],
    ['not signed at all (alg none)', { key: 'none' }],
    ['signed with the public key as a secret (HS256)', { key: 'public' }],
    ['expired', { expiresIn: -3600 }],
    ['not valid yet', { notBefore: 3600, expiresIn: 7200 }],
    ['for another bot', { audience: 'e5b1a2c3-0000-4000-8000-000000000000' }],
    ['for several bots', { audience: [bot.appId, 'e5b1a2c3-0000-4000-8000-000000000000'] }],
    ['for nobody', { audience: '' }],
    ['of another issuer', { issuer: 'https://evil.example' }],
    ['of an issuer that only begins alike', { issuer: 'https://api.botframework.com.evil.example' }],
    ['for another serviceUrl', { serviceUrl: 'https://smba.trafficmanager.net/amer/' }],
    ['for a serviceUrl without the last slash', { serviceUrl: serviceUrl.slice(0, -1) }],
    ['for no serviceUrl', { serviceUrl: undefined! }],
    ['with the serviceUrl under another name', { serviceUrl: undefined!, claims: { serviceUrl } }],
    ['of the Emulator, version 1', { issuer: entra, claims: { ver: '1.0', appid: bot.appId } }],
    ['of the Emulator, version 2', { issuer: entra, claims: { ver: '2.0', azp: bot.appId } }],
    [
      'of the Emulator, of the sender’s own tenant',
      {
        issuer: `https://sts.windows.net/${foreignTenantId}/`,
        claims: { ver: '1.0', appid: bot.appId, tid: foreignTenantId },
      },
    ],
    ['of another bot (a skill)', { claims: { ver: '2.0', azp: 'e5b1a2c3-0000-4000-8000-000000000000' } }],
    ['of another bot (a skill), issued by Entra', { issuer: entra, claims: { ver: '1.0', appid: 'AnotherBot' } }],
    ['of an anonymous skill', { claims: { appid: 'AnonymousSkill' } }],
  ])('a token %s is refused', async (_, request) => {
    expectRefusal(await sendSigned(request), 401);
  });

  test.each([
    undefined,
    '',
    ' ',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a.b.c',
    'Bearer ..',
    `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('null').toString('base64url')}.`,
    'Basic YWxleDpzZWNyZXQ=',
  ])('the header %j is refused', async (header) => {
    expectRefusal(await send(header), 401);
  });

  test('a good token under another scheme is refused', async () => {
    const token = await issuer.sign(genuine);
    for (const header of [`bearer ${token}`, `Basic ${token}`, token, `Bearer ${token} x`])
      expectRefusal(await send(header), 401);
  });

  test('without a token nobody learns what a good activity looks like', async () => {
    expectRefusal(await send(undefined, {}), 401);
  });

  test('a key endorsed for other channels only cannot speak for Teams', async () => {
    const webchat = await startIssuer({ endorsements: ['webchat'] });
    const authorization = `Bearer ${await webchat.sign(genuine)}`;
    expectRefusal(await send(authorization, undefined, { BOT_OPENID_METADATA_URL: webchat.metadataUrl }), 401);
  });

  test.each(['emulator', 'directline', 'webchat', 'AseChannel', 'MSTEAMS', 'agents'])(
    'the channel %s is not served, token or not',
    async (channelId) => {
      expectRefusal(await sendSigned({}, { ...message(alex, 'help'), channelId }), 403, /msteams/);
      expectRefusal(await accept({ ...message(alex, 'help'), channelId }), 403, /msteams/);
    },
  );

  test('the keys are fetched once for many requests', async () => {
    const fresh = await startIssuer();
    const incoming = createIncoming({ ...settings, BOT_OPENID_METADATA_URL: fresh.metadataUrl });
    for (let turn = 0; turn < 5; turn++)
      await incoming({ authorization: `Bearer ${await fresh.sign(genuine)}`, body: message(alex, 'help') });
    expect(fresh.keyRequests()).toBe(1);
  });

  test('when the keys cannot be loaded nobody gets in, and the sender is told to try again', async () => {
    const broken = await startIssuer({ broken: true });
    const gone = await startTokenIssuer();
    await gone.close();
    for (const metadata of [broken, gone]) {
      const authorization = `Bearer ${await metadata.sign(genuine)}`;
      expectRefusal(await send(authorization, undefined, { BOT_OPENID_METADATA_URL: metadata.metadataUrl }), 503);
    }
  });

  test('keys that never arrive keep nobody waiting', async () => {
    const silent = { authenticateRequest: () => new Promise<never>(() => {}) };
    const incoming = createIncoming(settings, { authentication: silent as never, patience: 20 });
    expectRefusal(await incoming({ authorization: 'Bearer a.b.c', body: message(alex, 'help') }), 503);
  });
});

describe('for whom and from where', () => {
  test('the tenant is known from the channel data or the conversation, in small letters', async () => {
    const upper = { id: tenantId.toUpperCase() };
    const body = message(alex, 'help');
    expect((await understood({ ...body, channelData: { tenant: upper } })).tenantId).toBe(tenantId);
    expect((await understood({ ...body, channelData: undefined })).tenantId).toBe(tenantId);
    expect((await understood({ ...body, conversation: { id: 'a:1' } })).tenantId).toBe(tenantId);
  });

  test.each([
    ['two tenants', { channelData: { tenant: { id: foreignTenantId } } }, /two different tenants/],
    ['no tenant', { channelData: {}, conversation: { id: 'a:1' } }, /no tenant/],
    [
      'an empty tenant',
      { channelData: { tenant: { id: '' } }, conversation: { id: 'a:1', tenantId: '' } },
      /no tenant/,
    ],
    ['a serviceUrl elsewhere', { serviceUrl: 'https://evil.trafficmanager.net/' }, /serviceUrl/],
    ['a serviceUrl without https', { serviceUrl: 'http://smba.trafficmanager.net/' }, /serviceUrl/],
  ])('%s: refused', async (_, changes, says) => {
    expectRefusal(await accept({ ...message(alex, 'help'), ...changes }), 403, says);
  });

  test('a serviceUrl on this machine is for development only', async () => {
    const issuer = await startIssuer();
    const local = { ...message(alex, 'help'), serviceUrl: 'http://127.0.0.1:56150/_connector' };
    const authorization = `Bearer ${await issuer.sign({ audience: bot.appId, serviceUrl: local.serviceUrl })}`;
    const production = createIncoming({ ...settings, BOT_OPENID_METADATA_URL: issuer.metadataUrl });
    expectRefusal(await production({ authorization, body: local }), 403, /serviceUrl/);
    expect(await accept(local)).toHaveProperty('activity');
  });
});

describe('malformed activities are refused with a sentence that says where', () => {
  const without = (body: Body, property: string) => {
    const { [property]: _, ...rest } = body;
    return rest;
  };
  const good = message(alex, 'help');
  const click = execute(alex, 'approve', { id: 'R-1' });

  test.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /malformed/],
    ['null', null, /malformed/],
    ['text', 'hello', /malformed/],
    ['a number', 5, /malformed/],
    ['a list', [], /malformed/],
    ['an empty object', {}, /at type/],
    ...['type', 'id', 'channelId', 'serviceUrl', 'from', 'recipient', 'conversation'].map(
      (property): [string, unknown, RegExp] => [
        `no ${property}`,
        without(good, property),
        new RegExp(`at ${property}`),
      ],
    ),
    ['an empty type', { ...good, type: '' }, /at type/],
    ['a type that is no text', { ...good, type: 5 }, /at type/],
    ['a type of great length', { ...good, type: 'x'.repeat(101) }, /at type/],
    ['an empty id', { ...good, id: '' }, /at id/],
    ['an empty serviceUrl', { ...good, serviceUrl: '' }, /at serviceUrl/],
    ['a serviceUrl that is no URL', { ...good, serviceUrl: 'teams' }, /at serviceUrl/],
    ['from nobody', { ...good, from: {} }, /at from.id/],
    ['from a text', { ...good, from: 'Alex' }, /at from/],
    ['a conversation without id', { ...good, conversation: { tenantId } }, /at conversation.id/],
    ['a conversation id of great length', { ...good, conversation: { id: 'x'.repeat(1001) } }, /at conversation.id/],
    ['channelData that is a text', { ...good, channelData: 'x' }, /at channelData/],
    ['a tenant that is a text', { ...good, channelData: { tenant: 'x' } }, /at channelData.tenant/],
    ['a tenant id that is a list', { ...good, channelData: { tenant: { id: [tenantId] } } }, /channelData.tenant.id/],
    ['text that is an object', { ...good, text: { toString: 'x' } }, /at text/],
    ['text of great length', { ...good, text: 'x'.repeat(51_201) }, /at text/],
    ['entities that are no list', { ...good, entities: {} }, /at entities/],
    ['too many entities', { ...good, entities: Array(501).fill({}) }, /at entities/],
    ['members that are texts', { ...good, membersAdded: ['x'] }, /at membersAdded.0/],
    ['an invoke without a name', { ...without(click, 'name') }, /at name/],
    ['an action without a value', { ...without(click, 'value') }, /at value/],
    ['an action with an empty value', { ...click, value: {} }, /at value.action/],
    ['an action with null as its value', { ...click, value: null }, /at value/],
    ['an action that is a text', { ...click, value: { action: 'approve' } }, /at value.action/],
    ['an action of another type', { ...click, value: { action: { type: 'Action.Submit' } } }, /at value.action.type/],
    [
      'an action whose verb is a list',
      { ...click, value: { action: { type: 'Action.Execute', verb: ['approve'] } } },
      /at value.action.verb/,
    ],
    [
      'an action whose data is a text',
      { ...click, value: { action: { type: 'Action.Execute', verb: 'approve', data: 'R-1' } } },
      /at value.action.data/,
    ],
  ])('%s', async (_, body, says) => {
    expectRefusal(await accept(body), 400, says);
  });

  test('the sentence does not repeat what was sent', async () => {
    const result = await accept({ ...good, text: { secret: 'hunter2' }, type: 'x'.repeat(200) });
    expect(JSON.stringify(result)).not.toMatch(/hunter2|xxx/);
  });

  test('they are refused before botbuilder sees them', async () => {
    let asked = 0;
    const authenticateRequest = async () => {
      asked++;
    };
    const incoming = createIncoming(settings, { authentication: { authenticateRequest } as never });
    for (const body of [{}, { ...click, value: {} }, without(good, 'type')])
      expectRefusal(await incoming({ authorization: 'Bearer a.b.c', body }), 400);
    expect(asked).toBe(0);
    expect(await incoming({ authorization: 'Bearer a.b.c', body: good })).toHaveProperty('activity');
    expect(asked).toBe(1);
  });
});

describe('what is understood', () => {
  test('a message in a personal talk', async () => {
    const body = message(alex, 'add reseller');
    expect(await understood(body)).toMatchObject({
      type: 'message',
      id: body.id,
      serviceUrl,
      tenantId,
      from: { id: alex.id, name: alex.name, aadObjectId: alex.aadObjectId },
      recipient: { id: bot.id },
      conversation: { id: personal(alex).id, kind: 'personal' },
      team: undefined,
      text: 'add reseller',
      said: 'add reseller',
      mentions: [],
      execute: undefined,
    });
  });

  test('a message in a channel, less the mention of the bot', async () => {
    const approvals = channel('Approvals');
    const where = thread(approvals, '1750000000000');
    expect(await understood(message(megan, 'route approvals here', where))).toMatchObject({
      conversation: { id: where.id, kind: 'channel', name: 'Approvals' },
      team: approvals.team,
      channel: { id: approvals.id },
      text: '<at>TeamMate</at> route approvals here',
      said: 'route approvals here',
      mentions: [],
    });
  });

  test.each([
    ['<at>TeamMate</at>&nbsp;help', 'help'],
    ['<at>TeamMate</at>\u00a0help\n', 'help'],
    ['help <at>TeamMate</at>', 'help'],
    ['<at>TeamMate</at>', ''],
  ])('%j says %j', async (text, said) => {
    expect((await understood(message(megan, text, groupChat('Sales')))).said).toBe(said);
  });

  test('the bot mentioned twice is left out twice', async () => {
    const body = message(alex, '<at>TeamMate</at> <at>TeamMate</at> help');
    const [mention] = body.entities as object[];
    expect((await understood({ ...body, entities: [mention, mention] })).said).toBe('help');
  });

  test('other people mentioned are named, and stay in the text', async () => {
    const activity = await understood(message(alex, 'grant approver <at>Megan Approver</at>', groupChat('Sales')));
    expect(activity.said).toBe('grant approver <at>Megan Approver</at>');
    expect(activity.mentions).toEqual([{ id: megan.id, name: megan.name, text: '<at>Megan Approver</at>' }]);
    expect(activity.conversation.kind).toBe('groupChat');
  });

  test('broken mentions are passed over', async () => {
    const entities = [null, 5, {}, { type: 'mention' }, { type: 'mention', text: 'x', mentioned: null }];
    expect(await understood({ ...message(alex, 'help'), entities })).toMatchObject({ said: 'help', mentions: [] });
  });

  test('a click on Action.Execute', async () => {
    const body = execute(megan, 'approve', { id: 'R-1' }, { replyToId: '17', conversation: channel('Approvals') });
    expect(await understood(body)).toMatchObject({
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: '17',
      execute: { verb: 'approve', data: { id: 'R-1' }, trigger: 'manual' },
    });
  });

  test('a refresh by itself is told apart from a click', async () => {
    const body = execute(megan, 'refresh', {}, { trigger: 'automatic' });
    expect((await understood(body)).execute?.trigger).toBe('automatic');
  });

  test('an action without verb, data and trigger has empty ones', async () => {
    const body = { ...execute(megan, 'x', {}), value: { action: { type: 'Action.Execute' } } };
    expect((await understood(body)).execute).toMatchObject({ verb: '', data: {}, trigger: 'manual' });
  });

  test('an Action.Submit is a message with a value and no text', async () => {
    const activity = await understood(submit(alex, { verb: 'submit', name: 'Contoso' }, { replyToId: '17' }));
    expect(activity).toMatchObject({ type: 'message', said: '', replyToId: '17', execute: undefined });
    expect(activity.value).toEqual({ verb: 'submit', name: 'Contoso' });
  });

  test('an installation, and being added to a team', async () => {
    expect(await understood(installed(alex))).toMatchObject({ type: 'installationUpdate', action: 'add' });
    expect(await understood(addedToTeam(megan, channel('Approvals')))).toMatchObject({
      type: 'conversationUpdate',
      eventType: 'teamMemberAdded',
      membersAdded: [{ id: bot.id }],
      team: { name: 'Resellers' },
    });
  });

  test('null is the same as missing', async () => {
    const body = {
      ...message(alex, 'help'),
      replyToId: null,
      locale: null,
      timestamp: null,
      name: null,
      entities: null,
    };
    expect(await understood(body)).toMatchObject({ replyToId: undefined, locale: undefined, entities: [] });
  });

  test.each([
    [{ conversationType: undefined }, {}, 'personal'],
    [{ conversationType: undefined, isGroup: true }, {}, 'groupChat'],
    [{ conversationType: undefined }, { team: { id: '19:x' } }, 'channel'],
    [{ conversationType: 'meeting' }, {}, 'groupChat'],
  ])('a conversation %j with %j is %s', async (conversation, channelData, kind) => {
    const body = { ...message(alex, 'help'), conversation: { id: '19:x', tenantId, ...conversation }, channelData };
    expect((await understood(body)).conversation.kind).toBe(kind);
  });

  test('unknown properties are left out', async () => {
    expect(await understood({ ...message(alex, 'help'), callerId: 'x', isAdmin: true })).not.toHaveProperty('isAdmin');
  });
});
