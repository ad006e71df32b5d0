import { MailNotTaken } from '../../src/mail/mailer.ts';
import { remember } from '../../src/people/conversations.ts';
import { freshLinks } from '../../src/provisioning/asking.ts';
import { endAll, fault, listen } from '../simulator/start.ts';
import { alex, personal, serviceUrl, tenantId } from '../support/people.ts';
import { admin, approvedRouting, clientOf, day } from './routing-desk.ts';
import { openWorkroom, type Workroom } from './workroom.ts';

let room: Workroom;
beforeAll(async () => {
  room = await openWorkroom();
});
afterAll(() => room.close());
afterEach(endAll);

const chat = personal(alex);
const openChat = () =>
  remember(
    room.db,
    { tenantId, conversationId: chat.id, kind: 'personal', serviceUrl, directoryId: alex.aadObjectId },
    undefined,
    room.clock(),
  );

/** Approved and taken on, not looked at yet. */
async function waiting(options: Parameters<typeof approvedRouting>[1] = {}) {
  const desk = await approvedRouting(room, options);
  await room.provision(desk.request);
  room.queued('hand-over');
  return desk;
}

describe('the customer’s administrator is asked', () => {
  test('once a day, however often it is looked at', async () => {
    const { request, mails } = await waiting();
    for (let hour = 0; hour < 72; hour += 4) {
      await room.follow(request);
      room.pass(4 * 3_600_000);
    }
    expect(mails()).toHaveLength(3);
    expect((await room.events(request)).filter((what) => what === 'asked')).toHaveLength(3);
  });

  test('in words that say who asks and why, in text and in HTML, with a link for each thing', async () => {
    const { request, mails, simulator } = await waiting();
    await room.follow(request);
    const [{ text, html, to }] = mails() as [ReturnType<typeof mails>[number]];
    expect(to).toEqual([admin]);
    expect(text).toContain('Fabrikam connects the telephones of Humongous Insurance to Microsoft Teams');
    for (const title of ['User Sync', 'Presence', 'Management by Service Provider']) {
      expect(text).toContain(`${title}:\n${simulator.url}/consent?token=`);
      expect(html).toMatch(new RegExp(`<a href="${simulator.url}/consent\\?token=[^"]+">${title}</a>`));
    }
  });

  test('by links that stand in that e-mail and nowhere else', async () => {
    const { request, mails } = await waiting();
    await room.follow(request);
    const tokens = [...(mails()[0]?.text ?? '').matchAll(/token=(\S+)/g)].map(([, token]) => token as string);
    expect(tokens).toHaveLength(3);
    const rows = [
      ...(await room.db.selectFrom('events').selectAll().execute()),
      ...(await room.db.selectFrom('requests').selectAll().execute()),
      ...(await room.db.selectFrom('calls').selectAll().execute()),
      ...(await room.db.selectFrom('outbox').selectAll().execute()),
    ];
    for (const token of tokens) expect(JSON.stringify(rows)).not.toContain(token);
  });

  test('once, of two nodes that look at the same moment', async () => {
    const { request, mails } = await waiting();
    await Promise.all([room.follow(request), room.follow(request), room.follow(request)]);
    expect(mails()).toHaveLength(1);
  });

  test.each(['before the e-mail went out', 'after it'])('at most once by what is killed %s', async (when) => {
    const { request, mails } = await waiting();
    const { mailer } = room.room;
    room.room.mailer = {
      close() {},
      async send(mail) {
        if (when === 'after it') await mailer?.send(mail);
        throw new Error('killed');
      },
    };
    await expect(room.follow(request)).rejects.toThrow('killed');
    room.room.mailer = mailer;
    for (let again = 0; again < 3; again++) await room.follow(request);
    expect(mails()).toHaveLength(when === 'after it' ? 1 : 0);
    room.pass(day);
    await room.follow(request);
    expect(mails()).toHaveLength(when === 'after it' ? 2 : 1);
  });

  test('once by what is killed between the links', async () => {
    const { request, mails, simulator } = await waiting();
    await fault(simulator, { delayMs: 1, times: 1, path: '/enterprise/getActionItemUrl' });
    await fault(simulator, { status: 503, times: 3, path: '/enterprise/getActionItemUrl' });
    expect((await room.follow(request)).trouble?.code).toBe('backend-unreachable');
    expect(mails()).toHaveLength(0);
    expect((await room.follow(request)).trouble).toBeUndefined();
    expect(mails()).toHaveLength(1);
  });

  test('again at the next look when the mail server says no, which shows until it is through', async () => {
    const { request, mails, smtp } = await waiting();
    smtp.refuse(2);
    for (let look = 0; look < 2; look++)
      expect(await room.follow(request)).toMatchObject({ state: 'waiting', trouble: { code: 'mail-unsent' } });
    expect((await room.events(request)).filter((what) => what === 'troubled')).toHaveLength(1);
    expect((await room.follow(request)).trouble).toBeUndefined();
    expect(mails()).toHaveLength(1);
  });

  test('not a second time when the mail server may have taken the first', async () => {
    const { request } = await waiting();
    let sent = 0;
    room.room.mailer = {
      close() {},
      async send() {
        sent += 1;
        throw new MailNotTaken('the connection ended', true);
      },
    };
    await room.follow(request);
    await room.follow(request);
    expect(sent).toBe(1);
  });
});

describe('where the bot sends no e-mail', () => {
  test('whoever asked gets the links into their chat, once a day', async () => {
    await openChat();
    const { request } = await waiting({ smtp: false });
    await room.follow(request);
    await room.follow(request);
    expect(room.queued('hand-over')).toHaveLength(1);
    expect((await room.events(request)).filter((what) => what === 'asked')).toHaveLength(1);
    room.pass(day);
    await room.follow(request);
    expect(room.queued('hand-over')).toHaveLength(1);
    const links = await freshLinks(room.room, request.id);
    expect(links).toMatchObject({ to: admin, customer: 'Humongous Insurance' });
    expect(links?.links.map(({ title }) => title)).toEqual(['User Sync', 'Presence', 'Management by Service Provider']);
  });

  test('and who has no chat is told what to do', async () => {
    await room.db.deleteFrom('conversations').execute();
    const { request } = await waiting({ smtp: false });
    const troubled = await room.follow(request);
    expect(troubled.trouble).toMatchObject({ code: 'links-nowhere', says: expect.stringContaining(alex.name) });
    await openChat();
    expect((await room.follow(request)).trouble).toBeUndefined();
    expect(room.queued('hand-over')).toHaveLength(1);
  });
});

describe('what TeamMate answers is not believed', () => {
  const customer = {
    enterpriseId: 6001,
    enterpriseName: 'Humongous\r\nBcc: all@elsewhere.example <b>Insurance</b>',
    resellerId: 5101,
    enterpriseAdminEmail: admin,
    registered: true,
  };

  /** A service that answers as told; one more mail room beside it. */
  async function against(
    { read = {}, link = { url: 'https://login.example/consent' }, status = { directRoutings: [] as unknown } },
    begin: { status: number; body: object } = { status: 200, body: {} },
  ) {
    const desk = await approvedRouting(room);
    const service = await listen(({ path }, response) => {
      const answer = path.startsWith('/oauth')
        ? { access_token: 'token' }
        : path.includes('getEnterprise')
          ? { ...customer, ...read }
          : path.includes('getDirectRoutingStatus')
            ? status
            : path.includes('getActionItemUrl')
              ? link
              : begin.body;
      response.writeHead(path.includes('provisionDirect') ? begin.status : 200);
      response.end(JSON.stringify(answer));
    });
    const client = clientOf(room, service.url);
    await room.provision(desk.request);
    return { ...desk, ...client, after: await room.follow(desk.request), service };
  }

  test.each([
    'javascript:alert(1)',
    'http://elsewhere.example/consent',
    'ftp://login.example/',
    '//login.example',
    `https://login.example/${'x'.repeat(2000)}`,
    '',
    7,
  ])('the link %p is sent to nobody', async (url) => {
    const { mails, after } = await against({ link: { url } as { url: string }, read: { consents: [] } });
    expect(mails()).toEqual([]);
    expect(after).toMatchObject({ state: 'waiting', trouble: { code: 'backend-unreachable' } });
  });

  test('a name brings no header and no HTML into an e-mail', async () => {
    const { mails } = await against({ read: { consents: [] } });
    const [mail] = mails();
    expect(mail?.to).toEqual([admin]);
    expect(mail?.subject).toContain('Humongous Bcc: all@elsewhere.example <b>Insurance</b>');
    expect(mail?.html).toContain('&#60;b&#62;Insurance');
  });

  test.each(['it@a.example, all@b.example', 'nobody', '', '<it@a.example>'])(
    'the address %p gets no e-mail: whoever asked gets the links',
    async (enterpriseAdminEmail) => {
      await openChat();
      room.queued('hand-over');
      const read = { enterpriseAdminEmail, consents: [] };
      const { mails, smtp } = await against({ read });
      expect(smtp.mails.filter(({ to }) => !to.includes(admin))).toEqual([]);
      // Where TeamMate has none, the one of the order serves.
      expect([mails().length, room.queued('hand-over').length]).toEqual(enterpriseAdminEmail ? [0, 1] : [1, 0]);
    },
  );

  test('consents that are not told are asked for when TeamMate misses them', async () => {
    const errors = [{ code: 'CONSENT_MISSING', message: 'No.', actionType: 'GET_PRESENCE_CONSENT' }];
    const { after, mails, begun } = await against({}, { status: 400, body: { message: 'No.', errors } });
    expect(after.progress?.waitingFor).toContain('to grant Presence');
    expect(begun()).toBe(1);
    expect(mails()).toHaveLength(1);
  });

  test.each([
    ['no list', { directRoutings: 'none' }],
    ['no ids', { directRoutings: [{ state: 'ROUTES_CREATED' }] }],
    ['nothing', {}],
  ])('a status with %s begins nothing', async (_, status) => {
    const { after, begun } = await against({ status: status as { directRoutings: unknown }, read: {} });
    expect(after).toMatchObject({ state: 'waiting', trouble: { code: 'backend-unreachable' } });
    expect(begun()).toBe(0);
  });

  test('a state nobody knows is shown as it is, and is not taken for the end', async () => {
    const routing = { sbcGatewayRegion: 'US East 1', domain: 'cust.example', startedDate: 'yesterday' };
    const directRoutings = [1, 3].map((sbcGatewayId) => ({
      ...routing,
      sbcGatewayId,
      state: `ODD\u202e ${'x'.repeat(500)}`,
    }));
    const { after } = await against({ status: { directRoutings } });
    expect(after.state).toBe('waiting');
    expect(after.progress?.steps.map(({ state }) => state)).toContain('warned');
    for (const { says = '' } of after.progress?.steps ?? []) expect(says.length).toBeLessThan(200);
  });

  test('that a gateway is begun already is no failure, although it is not shown yet; it is asked under the same key', async () => {
    const body = { message: 'Direct Routing exists already.', code: 'ALREADY_PROVISIONED', field: 'sbcGatewayId' };
    const { after, request, service } = await against({ read: { consents: granted } }, { status: 409, body });
    expect(after).toMatchObject({ state: 'waiting', progress: { waitingFor: 'TeamMate to begin', asks: false } });
    expect(after.trouble).toBeUndefined();
    await room.follow(request);
    const keys = service.heard
      .filter(({ path }) => path.includes('provisionDirectRouting'))
      .map(({ headers, body: asked }) => [JSON.parse(asked).sbcGatewayId, headers['idempotency-key']]);
    expect(keys).toHaveLength(4);
    expect(keys.slice(2)).toEqual(keys.slice(0, 2));
    expect(keys[0]?.[1]).not.toBe(keys[1]?.[1]);
  });

  test('a refusal without a code fails the request', async () => {
    const { after } = await against({ read: { consents: granted } }, { status: 403, body: { message: 'Not yours.' } });
    expect(after).toMatchObject({ state: 'failed', trouble: { says: 'TeamMate refused: Not yours.' } });
  });

  test('a refusal of which one part can be mended and the other not fails it', async () => {
    const errors = [
      { code: 'USER_LICENCE_MISSING', message: 'A.' },
      { code: 'CLOSED_FOR_GOOD', message: 'B.' },
    ];
    const { after } = await against({ read: { consents: granted } }, { status: 400, body: { errors } });
    expect(after).toMatchObject({ state: 'failed' });
  });
});

const granted = ['GET_USER_SYNC_CONSENT', 'GET_SERVICE_PROVIDER_CONSENT'].map((actionType) => ({
  actionType,
  mandatory: true,
  state: 'Granted Consent',
}));
