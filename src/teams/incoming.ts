import { type Activity, TurnContext } from 'botbuilder';
import type { BotFrameworkAuthentication } from 'botframework-connector';
import * as z from 'zod';
import type { Config } from '../config.ts';
import { serviceUrlAllowed } from './connector.ts';
import { createAuthentication } from './credentials.ts';
import { type Consent, consentValue } from './file-cards.ts';

/** PostgreSQL keeps neither NUL nor half a character: both become the replacement character. */
export const storable = (text: string) => text.toWellFormed().replaceAll('\0', '\ufffd');
const line = (longest: number) => z.string().max(longest).transform(storable);

/** Data that came back from a card is flat. */
const storableValues = (data: object) =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? storable(value) : value]),
  );

/** Teams writes `null` where others leave a property out; both are undefined here. */
const optional = <T>(schema: z.ZodType<T>) => schema.nullish().transform((given) => given ?? undefined);

// Teams' own ids end at about 300 characters (a thread in a meeting); ten times a guid would do for the others.
const id = z.string().min(1).max(1000).transform(storable);
const name = optional(line(1000));
const directoryId = optional(z.string().max(100).toLowerCase().transform(storable));

const account = z.object({ id, name, aadObjectId: directoryId });

// A message is at most 100 KB as UTF-16 ("Limits and specifications for Microsoft Teams", bot messages).
const longestText = 51_200;

/** Shaped as the schema of the Bot Framework has it, less what the bot has no use for. */
const envelopeSchema = z.object({
  type: z.string().min(1).max(100),
  id,
  timestamp: optional(z.string().max(100)),
  channelId: z.string().min(1).max(100),
  // Never empty: the library compares the token's claim with it only if there is something to compare.
  serviceUrl: z
    .string()
    .max(2000)
    .refine((url) => URL.canParse(url), { error: 'expected a whole URL' })
    .transform(storable),
  from: account,
  recipient: z.object({ id, name }),
  conversation: z.object({
    id,
    name,
    tenantId: directoryId,
    conversationType: optional(z.string().max(100)),
    isGroup: optional(z.boolean()),
  }),
  channelData: optional(
    z.object({
      tenant: optional(z.object({ id: directoryId })),
      team: optional(z.object({ id: optional(id), name, aadGroupId: directoryId })),
      channel: optional(z.object({ id: optional(id), name })),
      eventType: optional(z.string().max(100)),
    }),
  ),
  text: optional(line(longestText)),
  value: z.unknown().optional(),
  name: optional(z.string().max(200)),
  entities: optional(z.array(z.unknown()).max(500)),
  attachments: optional(z.array(z.unknown()).max(100)),
  membersAdded: optional(z.array(account).max(1000)),
  membersRemoved: optional(z.array(account).max(1000)),
  replyToId: optional(id),
  locale: optional(z.string().max(100)),
  action: optional(z.string().max(100)),
});

const mention = z.object({
  type: z.string().regex(/^mention$/i),
  text: z.string().min(1).max(2000),
  mentioned: z.object({ id, name }),
});

/** Teams attaches the text of a message as HTML too, and whatever else: what is not so is nothing of ours. */
const attachment = z.object({
  contentType: z.string().max(200),
  name: optional(line(400)),
  content: z.unknown().optional(),
});

/** What Teams calls anonymous: it tells neither who asks nor from where ("Zero install for link unfurling"). */
export const anonymousLink = 'composeExtension/anonymousQueryLink';

/** The value of an `adaptiveCard/action` invoke ("Universal Actions for Adaptive Cards", payload format). */
const executeValue = z.object({
  action: z.object({
    type: z.literal('Action.Execute'),
    id: optional(z.string().max(1000)),
    verb: z
      .string()
      .max(200)
      .nullish()
      .transform((verb) => verb ?? ''),
    data: z
      .record(z.string(), z.unknown())
      .nullish()
      .transform((data) => storableValues(data ?? {})),
  }),
  // Anything but a click is taken for automatic, where less may be done.
  trigger: z
    .string()
    .nullish()
    .transform((trigger) => (trigger === 'automatic' ? 'automatic' : 'manual')),
});

export type Account = { id: string; name: string | undefined; aadObjectId: string | undefined };

/** Somebody named with @ in a message; `text` is how the name stands in the message, `<at>` tags included. */
export type Mention = { id: string; name: string | undefined; text: string };

/** Something attached to a message; `content` is checked by nobody yet. */
export type Attachment = { contentType: string; name: string | undefined; content: unknown };

/** A click on an `Action.Execute`. Under the trigger `automatic` no card may be sent or updated: that loops. */
export type Execute = {
  id: string | undefined;
  verb: string;
  data: Record<string, unknown>;
  trigger: 'manual' | 'automatic';
};

/**
 * What Teams sent, checked: the token is valid, the tenant is certain, answers may go to `serviceUrl`. Plain data that
 * may be kept. Directory ids and the tenant's id are in small letters.
 */
export type IncomingActivity = {
  /** message, invoke, conversationUpdate, installationUpdate, … */
  type: string;
  id: string;
  timestamp: string | undefined;
  serviceUrl: string;
  tenantId: string;
  from: Account;
  /** The bot. */
  recipient: { id: string; name: string | undefined };
  conversation: { id: string; name: string | undefined; kind: 'personal' | 'groupChat' | 'channel' };
  team: { id: string | undefined; name: string | undefined; aadGroupId: string | undefined } | undefined;
  channel: { id: string | undefined; name: string | undefined } | undefined;
  /** Of a conversationUpdate: teamMemberAdded, channelRenamed, … */
  eventType: string | undefined;
  /** As Teams sent it. */
  text: string | undefined;
  /** The text without the mention of the bot, trimmed; empty when there is none. */
  said: string;
  /** Whether the bot itself was mentioned. */
  addressed: boolean;
  /** Everybody mentioned but the bot. */
  mentions: Mention[];
  /** The data of an `Action.Submit`, or an invoke's value: checked by nobody yet. */
  value: unknown;
  /** An invoke's name. */
  name: string | undefined;
  /** Present for the invoke `adaptiveCard/action` and for nothing else. */
  execute: Execute | undefined;
  /** Present for the invoke `fileConsent/invoke` and for nothing else. */
  consent: Consent | undefined;
  entities: unknown[];
  attachments: Attachment[];
  membersAdded: Account[];
  membersRemoved: Account[];
  replyToId: string | undefined;
  locale: string | undefined;
  /** Of an installationUpdate: add, remove, … */
  action: string | undefined;
};

/** `error` is a sentence to answer with as JSON; `reason` is for the log alone, it may name what a token holds. */
export type Rejected = { status: 400 | 401 | 403 | 503; error: string; reason?: string };

/** One HTTP request to /api/messages: the Authorization header, and the body after JSON parsing. */
export type IncomingRequest = { authorization: string | undefined; body: unknown };

export type Incoming = (request: IncomingRequest) => Promise<{ activity: IncomingActivity } | Rejected>;

/**
 * Makes the gate that every request to /api/messages passes. It never rejects and never lets an unchecked activity
 * through: 400 for a malformed activity, 401 for a missing or bad token, 403 for a channel, tenant or serviceUrl that is
 * refused, 503 when the keys to check tokens with cannot be loaded.
 * Whether the bot serves the tenant is decided by who knows the organisations, not here.
 * @param options.authentication botbuilder's check; made from the same settings unless one is handed in.
 * @param options.patience milliseconds until the keys count as out of reach. The library itself waits for ever, and Teams
 * gives up on an invoke after 10 to 15 seconds.
 */
export function createIncoming(
  config: Pick<
    Config,
    'BOT_ID' | 'BOT_OPENID_METADATA_URL' | 'BOT_TOKEN_ISSUER' | 'ALLOW_UNAUTHENTICATED' | 'SERVICE_URL_HOSTS'
  >,
  options: { authentication?: BotFrameworkAuthentication; patience?: number } = {},
): Incoming {
  const { authentication = createAuthentication(config), patience = 8_000 } = options;
  const development = config.ALLOW_UNAUTHENTICATED;

  return async ({ authorization = '', body }) => {
    // First, so that nobody without a token is told what a good activity looks like.
    if (!development && !/^Bearer \S+$/.test(authorization)) return rejected(401, 'A Bot Framework token is needed.');

    const read = readActivity(body);
    if ('error' in read) return read;
    const { envelope } = read;
    // The library checks tokens of some other channels in other, laxer ways.
    if (envelope.channelId !== 'msteams') return rejected(403, 'Only the channel msteams is served.');

    try {
      await within(patience, authentication.authenticateRequest(sdkActivity(envelope), authorization));
    } catch (error) {
      return keysUnreachable(error)
        ? rejected(503, 'The token cannot be checked at the moment; try again later.', String(error))
        : rejected(401, 'The token is not valid for this bot and this request.', String(error));
    }

    // Teams keeps back who asks and from where; whoever answers it tells nothing that is anybody's.
    const anonymous = envelope.type === 'invoke' && envelope.name === anonymousLink;
    const tenants = [envelope.channelData?.tenant?.id, envelope.conversation.tenantId].filter(Boolean);
    const [tenantId] = tenants;
    if (!tenantId && !anonymous) return rejected(403, 'The activity names no tenant.');
    if (!anonymous && tenants.some((other) => other !== tenantId))
      return rejected(403, 'The activity names two different tenants.');
    if (!serviceUrlAllowed(envelope.serviceUrl, config.SERVICE_URL_HOSTS, development))
      return rejected(403, 'The serviceUrl is not one of Teams’.', `${envelope.serviceUrl}: see SERVICE_URL_HOSTS`);

    return { activity: incomingActivity(read, anonymous || !tenantId ? 'anonymous' : tenantId) };
  };
}

type Envelope = z.infer<typeof envelopeSchema>;

const rejected = (status: Rejected['status'], error: string, reason?: string): Rejected =>
  reason === undefined ? { status, error } : { status, error, reason };

/** Says where the activity is wrong and what was expected, never what was there. */
function malformed(error: z.ZodError, under = ''): string {
  const [first] = error.issues;
  const place = [under, ...(first?.path ?? [])].filter((part) => part !== '').join('.');
  return `The activity is malformed${place && ` at ${place}`}: ${first?.message ?? 'it cannot be read'}.`;
}

class TooLate extends Error {}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLate(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The library marks a bad answer to its request for the keys with status 500, and passes node-fetch's error on. */
function keysUnreachable(error: unknown): boolean {
  if (error instanceof TooLate) return true;
  return error instanceof Error && (error.name === 'FetchError' || ('statusCode' in error && error.statusCode === 500));
}

/** What the library reads of an activity; its type asks for every property an activity can have. */
const sdkActivity = ({ type, channelId, serviceUrl }: Envelope) => ({ type, channelId, serviceUrl }) as Activity;

/** An activity with what its invoke asks for, if it is one that we know. */
type ReadActivity = { envelope: Envelope; execute: Execute | undefined; consent: Consent | undefined };

/** The activity, or where its shape is wrong. */
function readActivity(body: unknown): ReadActivity | Rejected {
  const parsed = envelopeSchema.safeParse(body);
  if (!parsed.success) return rejected(400, malformed(parsed.error));
  const envelope = parsed.data;
  const bare = { envelope, execute: undefined, consent: undefined };
  if (envelope.type !== 'invoke') return bare;
  if (!envelope.name) return rejected(400, 'The activity is malformed at name: an invoke needs one.');
  if (envelope.name === 'fileConsent/invoke') {
    const { data: consent, error } = consentValue.safeParse(envelope.value);
    return error ? rejected(400, malformed(error, 'value')) : { ...bare, consent };
  }
  if (envelope.name !== 'adaptiveCard/action') return bare;
  const value = executeValue.safeParse(envelope.value);
  if (!value.success) return rejected(400, malformed(value.error, 'value'));
  return { ...bare, execute: { ...value.data.action, trigger: value.data.trigger } };
}

/** The activity in the bot's own shape. */
function incomingActivity({ envelope, execute, consent }: ReadActivity, tenantId: string): IncomingActivity {
  const {
    channelId: _,
    channelData,
    conversation,
    recipient,
    entities = [],
    attachments = [],
    text,
    ...same
  } = envelope;
  const named = entities.flatMap((entity): Mention[] => {
    const { data } = mention.safeParse(entity);
    return data ? [{ ...data.mentioned, text: data.text }] : [];
  });
  return {
    ...same,
    tenantId,
    recipient,
    conversation: { id: conversation.id, name: conversation.name, kind: conversationKind(envelope) },
    team: channelData?.team,
    channel: channelData?.channel,
    eventType: channelData?.eventType,
    text,
    value: isData(envelope.value) ? storableValues(envelope.value) : envelope.value,
    said: withoutMentions(
      text ?? '',
      named.filter((one) => one.id === recipient.id),
    ),
    addressed: named.some((one) => one.id === recipient.id),
    mentions: named.filter((one) => one.id !== recipient.id),
    execute,
    consent,
    entities,
    attachments: attachments.flatMap((given): Attachment[] => {
      const { data } = attachment.safeParse(given);
      return data ? [{ contentType: data.contentType, name: data.name, content: data.content }] : [];
    }),
    membersAdded: envelope.membersAdded ?? [],
    membersRemoved: envelope.membersRemoved ?? [],
  };
}

const isData = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** Events may come without a conversation type. A type nobody has heard of is not taken for a private talk. */
function conversationKind({ conversation, channelData }: Envelope): IncomingActivity['conversation']['kind'] {
  const { conversationType, isGroup } = conversation;
  // A chat of two people, in which the bot is a guest: Teams calls it personal too, and it must not be taken for the bot's own.
  if (conversation.id.endsWith('@unq.gbl.spaces')) return 'groupChat';
  if (conversationType === 'personal' || conversationType === 'groupChat' || conversationType === 'channel')
    return conversationType;
  if (channelData?.team || channelData?.channel) return 'channel';
  return conversationType || isGroup ? 'groupChat' : 'personal';
}

/** One call for each mention: the library removes the first one it finds and no more. */
function withoutMentions(text: string, mentions: Mention[]): string {
  const rest = mentions.reduce((left, { id, name = '', text }) => {
    const entity = { type: 'mention', text, mentioned: { id, name } };
    return TurnContext.removeMentionText({ text: left, entities: [entity] }, id);
  }, text);
  // Teams puts a no-break space after a mention, in some clients as the entity.
  return rest.replace(/&nbsp;|\u00a0/g, ' ').trim();
}
