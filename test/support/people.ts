/**
 * What Teams sends, as Teams shapes it. Every builder gives the plain JSON body of one POST to /api/messages.
 */

/** Somebody in Teams: `id` is the `29:…` id by which the bot knows them, `aadObjectId` the directory id. */
export type TestPerson = {
  id: string;
  name: string;
  aadObjectId: string;
  tenantId: string;
  email: string;
  /** What their Teams is in; English of the United States without it. */
  locale?: string;
};

/** A place in Teams. In a channel the id of a thread is the channel's with `;messageid=…` behind it. */
export type TestConversation = {
  id: string;
  kind: 'personal' | 'groupChat' | 'channel';
  tenantId: string;
  name?: string;
  channelId?: string;
  team?: { id: string; name: string; aadGroupId: string };
};

/** A body as it is posted. Loose on purpose: tests bend it out of shape. */
export type Body = { type: string; id: string; serviceUrl: string; [property: string]: unknown };

export const tenantId = '8b2c6a0e-3f5d-4c1b-9a57-2f6e1d0c4b3a';
export const foreignTenantId = 'c0ffee00-1111-4222-8333-444455556666';
export const serviceUrl = 'https://smba.trafficmanager.net/emea/';

const botId = '6d1f3a52-7c84-4e0b-9f26-b8a05c3e71d4';
export const bot = { appId: botId, id: `28:${botId}`, name: 'TeamMate' };

/** The master reseller. */
export const alex: TestPerson = {
  id: '29:1alexAlexAlexAlexAlexAlexAlexAlexAlexAlexAlex',
  name: 'Alex Reseller',
  aadObjectId: '11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
  tenantId,
  email: 'alex@master.example',
};

/** The approver. */
export const megan: TestPerson = {
  id: '29:1meganMeganMeganMeganMeganMeganMeganMeganMe',
  name: 'Megan Approver',
  aadObjectId: '22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
  tenantId,
  email: 'megan@master.example',
};

/** Of another organisation. */
export const stranger: TestPerson = {
  id: '29:1strangerStrangerStrangerStrangerStrangerStr',
  name: 'Sam Stranger',
  aadObjectId: '33333333-cccc-4ccc-8ccc-cccccccccccc',
  tenantId: foreignTenantId,
  email: 'sam@elsewhere.example',
};

/** The person's own talk with the bot. */
export const personal = (person: TestPerson): TestConversation => ({
  id: `a:1${person.aadObjectId.replaceAll('-', '')}`,
  kind: 'personal',
  tenantId: person.tenantId,
});

export const groupChat = (name: string, tenant = tenantId): TestConversation => ({
  id: `19:${name.toLowerCase()}-chat@thread.v2`,
  kind: 'groupChat',
  tenantId: tenant,
  name,
});

/** A channel of the team "Resellers" (of one such team for each tenant). */
export function channel(name: string, tenant = tenantId): TestConversation {
  const channelId = `19:${name.toLowerCase()}-${tenant.slice(0, 8)}@thread.tacv2`;
  const team = { id: `19:general-${tenant.slice(0, 8)}@thread.tacv2`, name: 'Resellers', aadGroupId: tenant };
  return { id: channelId, kind: 'channel', tenantId: tenant, name, channelId, team };
}

/** The thread under a message of a channel. */
export const thread = (place: TestConversation, rootId: string): TestConversation => ({
  ...place,
  id: `${place.channelId};messageid=${rootId}`,
});

let sent = 0;
/** Teams numbers messages by the millisecond; here each is only unlike every other one. */
const nextId = () => String(1_750_000_000_000 + sent++);

function base(type: string, person: TestPerson, where: TestConversation): Body {
  const { id, kind, name, channelId, team } = where;
  return {
    type,
    id: nextId(),
    timestamp: '2025-06-15T12:00:00.000Z',
    channelId: 'msteams',
    serviceUrl,
    from: { id: person.id, name: person.name, aadObjectId: person.aadObjectId },
    recipient: { id: bot.id, name: bot.name },
    conversation: {
      id,
      conversationType: kind,
      tenantId: person.tenantId,
      ...(kind !== 'personal' && { isGroup: true }),
      ...(name !== undefined && { name }),
    },
    channelData: {
      tenant: { id: person.tenantId },
      ...(team && { team, teamsTeamId: team.id }),
      ...(channelId !== undefined && { channel: { id: channelId }, teamsChannelId: channelId }),
    },
    locale: person.locale ?? 'en-US',
    entities: [
      {
        type: 'clientInfo',
        locale: person.locale ?? 'en-US',
        country: 'US',
        platform: 'Web',
        timezone: 'Europe/Berlin',
      },
    ],
  };
}

/** Puts mentions into an activity: `text` is as typed, with `<at>Name</at>` where somebody is mentioned. */
function mentioned(body: Body, text: string, people: { id: string; name: string }[]): Body {
  const mentions = people
    .filter(({ name }) => text.includes(`<at>${name}</at>`))
    .map(({ id, name }) => ({ type: 'mention', text: `<at>${name}</at>`, mentioned: { id, name } }));
  return { ...body, text, textFormat: 'plain', entities: [...mentions, ...(body.entities as object[])] };
}

/**
 * A typed message. In a channel or group chat a bot only hears what mentions it, so the mention is put in front. Write
 * `<at>Megan Approver</at>` to mention a person handed in as one of `others`.
 */
export function message(
  person: TestPerson,
  text: string,
  where: TestConversation = personal(person),
  others: TestPerson[] = [alex, megan, stranger],
): Body {
  const mentionsBot = where.kind !== 'personal' && !text.includes(`<at>${bot.name}</at>`);
  return mentioned(base('message', person, where), mentionsBot ? `<at>${bot.name}</at> ${text}` : text, [
    bot,
    ...others,
  ]);
}

/** A click on an `Action.Execute`; `replyToId` is the activity of the card. The trigger `automatic` is a refresh. */
export function execute(
  person: TestPerson,
  verb: string,
  data: Record<string, unknown>,
  options: { replyToId?: string; conversation?: TestConversation; trigger?: 'manual' | 'automatic'; id?: string } = {},
): Body {
  const { replyToId, conversation = personal(person), trigger = 'manual', id } = options;
  const action = { type: 'Action.Execute', ...(id !== undefined && { id }), verb, data };
  return {
    ...base('invoke', person, conversation),
    name: 'adaptiveCard/action',
    value: { action, trigger },
    ...(replyToId !== undefined && { replyToId }),
  };
}

/** A click on an `Action.Submit`, from a client too old for `Action.Execute`: a message that has a value and no text. */
export function submit(
  person: TestPerson,
  data: Record<string, unknown>,
  options: { replyToId?: string; conversation?: TestConversation } = {},
): Body {
  const { replyToId, conversation = personal(person) } = options;
  return {
    ...base('message', person, conversation),
    value: data,
    ...(replyToId !== undefined && { replyToId }),
  };
}

/** A click on an `Action.Submit` that opens a page, or what the page ended with. */
export function taskInvoke(
  person: TestPerson,
  name: 'task/fetch' | 'task/submit',
  data: unknown,
  options: { replyToId?: string; conversation?: TestConversation } = {},
): Body {
  const { replyToId, conversation = personal(person) } = options;
  return {
    ...base('invoke', person, conversation),
    name,
    value: { data, context: { theme: 'default' } },
    ...(replyToId !== undefined && { replyToId }),
  };
}

/** The answer to a file consent card. */
export function fileConsent(
  person: TestPerson,
  action: 'accept' | 'decline',
  file: string,
  options: { replyToId?: string; uploadInfo?: object },
): Body {
  const { replyToId, uploadInfo } = options;
  return {
    ...base('invoke', person, personal(person)),
    name: 'fileConsent/invoke',
    value: { type: 'fileUpload', action, context: { file }, ...(uploadInfo && { uploadInfo }) },
    ...(replyToId !== undefined && { replyToId }),
  };
}

/** The app was installed where the person is. */
export const installed = (person: TestPerson, where: TestConversation = personal(person)): Body => ({
  ...base('installationUpdate', person, where),
  action: 'add',
});

/** The app was removed. */
export const uninstalled = (person: TestPerson, where: TestConversation = personal(person)): Body => ({
  ...base('installationUpdate', person, where),
  action: 'remove',
});

/** The bot was added to the channel's team: what Teams sends beside the installationUpdate. */
export function addedToTeam(person: TestPerson, where: TestConversation): Body {
  const body = base('conversationUpdate', person, where);
  return {
    ...body,
    membersAdded: [{ id: bot.id }],
    channelData: { ...(body.channelData as object), eventType: 'teamMemberAdded' },
  };
}

/** What the box asks for in which people write a message: in whatever chat they write it, the bot need not be there. */
export const composing = (
  person: TestPerson,
  asked: 'query' | 'selectItem' | 'queryLink' | 'anonymousQueryLink',
  value: unknown,
  where: TestConversation = groupChat('Anywhere'),
): Body => ({ ...base('invoke', person, where), name: `composeExtension/${asked}`, value });
