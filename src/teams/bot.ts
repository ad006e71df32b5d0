import { randomUUID } from 'node:crypto';
import type { Keyv } from 'keyv';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Jobs } from '../db/jobs.ts';
import type { Db, Trx } from '../db/open.ts';
import { Refusal } from '../errors.ts';
import { languageOf } from '../language/languages.ts';
import { inLanguage } from '../language/reader.ts';
import { say } from '../language/say.ts';
import { type Conversation, channelOf, forget, remember, spokenIn } from '../people/conversations.ts';
import { accountOf } from '../people/organisations.ts';
import type { Person } from '../people/person.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { inSpan, tell } from '../telemetry/span.ts';
import { commandButton } from '../views/buttons.ts';
import { refusalCard } from '../views/message.ts';
import type { Card } from '../views/templates.ts';
import { act, refusedAct } from './actions.ts';
import { takeAttached } from './attached.ts';
import { takeConsent } from './billing.ts';
import { commands, run, unknownCard } from './commands.ts';
import { isTask, task } from './dialog.ts';
import { greeted } from './greeting.ts';
import type { IncomingActivity } from './incoming.ts';
import { isLook, look, toldInstead } from './looks.ts';
import { appName } from './next.ts';
import type { Outbox, Place } from './outbox.ts';
import { greetingCard, outside, refusedOutside } from './outside.ts';
import { parseCommand } from './parse.ts';
import { cardResponse, messageResponse } from './replies.ts';
import { isSearch, search } from './search.ts';
import { type Answer, below, type Turn } from './turn.ts';
import { groupWelcome, personalWelcome, unknownWelcome } from './welcome.ts';

export interface BotParts {
  db: Db;
  jobs: Jobs;
  /** What secrets are sealed with, if there are keys. */
  keys?: Keyring | undefined;
  outbox: Outbox;
  config: Config;
  /** Remembers for a minute whom it has just seen where, so that a talk does not write the same two rows each turn. */
  cache: Keyv;
  clock: () => Date;
  log: Logger;
  /** Told of every conversation the bot is installed in; the demo binds its channel there. */
  onInstalled?: (trx: Trx, conversation: Conversation, now: Date) => Promise<void>;
}

/** What goes back to Teams: 200 with a body for an invoke, 202 without one for the rest. */
export interface Reply {
  status: number;
  body?: object;
}

/**
 * The bot: turns one checked activity into one transaction and an answer. Nothing remote happens here; what is to be
 * posted is queued in that transaction.
 */
export function createBot(parts: BotParts): (activity: IncomingActivity) => Promise<Reply> {
  const { db, clock } = parts;
  const answer = async (activity: IncomingActivity): Promise<Reply> => {
    if (overheard(activity)) return accepted;
    try {
      if (isLook(activity)) return await db.transaction().execute((trx) => lookedAt(parts, trx, activity, clock()));
      const seen = await lookUp(parts.cache, activity);
      const reply = await inSpan('turn', 'does', { 'teammate.activity': activity.type }, () =>
        db.transaction().execute((trx) => turn(parts, trx, activity, clock(), seen.known)),
      );
      // Only what was committed is remembered.
      if (!seen.known) await parts.cache.set(seen.key, seen.value, 60_000);
      return reply;
    } catch (error) {
      if (!(error instanceof Refusal)) return sorry(parts, activity, error);
      return db
        .transaction()
        .execute((trx) => refuse(parts, trx, activity, error, clock()))
        .catch((second: unknown) => sorry(parts, activity, second));
    }
  };
  return async (activity) => {
    const { tenantId, conversation, locale } = activity;
    const place = { tenantId, conversationId: conversation.id };
    const language = await spokenIn(db, place, locale).catch(() => languageOf(locale) ?? 'en');
    return inLanguage(language, () => answer(activity));
  };
}

/** Something nobody foresaw. Nothing was changed, so what was clicked, and what was typed into it, stays as it is. */
async function sorry(parts: BotParts, activity: IncomingActivity, error: unknown): Promise<Reply> {
  const incident = randomUUID().slice(0, 8);
  parts.log.error({ err: error, incident, activity: activity.id, type: activity.type }, 'turn failed');
  const refusal = new Refusal('unexpected', { incident });
  const says = `${refusal.says} ${refusal.next}`;
  if (activity.type === 'invoke') return { status: 200, body: toldInstead(activity, says) };
  return parts.db
    .transaction()
    .execute((trx) => refuse(parts, trx, activity, refusal, parts.clock()))
    .catch(() => ({ status: 503, body: { error: says } }));
}

async function lookedAt(parts: BotParts, trx: Trx, activity: IncomingActivity, now: Date): Promise<Reply> {
  const { config, jobs, keys } = parts;
  return { status: 200, body: await look({ trx, jobs, keys, now, activity, config }, personOf(activity)) };
}

async function turn(parts: BotParts, trx: Trx, activity: IncomingActivity, now: Date, known: boolean): Promise<Reply> {
  const { config, jobs, keys } = parts;
  const person = personOf(activity);
  const conversation = conversationOf(activity, person);
  const left = activity.type === 'installationUpdate' && activity.action?.startsWith('remove');
  if (left) {
    await forget(trx, activity.tenantId, conversation.conversationId);
    return { status: 200, body: {} };
  }
  if (!known) await rememberWhere(trx, conversation, person, now);
  if (activity.type === 'installationUpdate') return welcome(parts, trx, activity, person, now);
  const searching = isSearch(activity);
  const asTask = isTask(activity);
  if (activity.type !== 'message' && !activity.execute && !activity.consent && !searching && !asTask) {
    // An invoke has to be answered with something; what we do not offer (tabs, sign-in) is said to be so.
    return activity.type === 'invoke' ? { status: 501, body: { error: `${activity.name} is not offered.` } } : accepted;
  }
  const served = (await accountOf(trx, activity.tenantId)) !== undefined;
  if (!served && !config.PROVIDER_TENANT) throw new Refusal('tenant-unknown', { tenant: activity.tenantId });
  if (!person) throw new Refusal('identity-unknown');

  const at: Turn = { trx, jobs, keys, now, person, activity, config };
  if (activity.consent) {
    await takeConsent(at, parts.outbox, activity.consent);
    return { status: 200, body: {} };
  }
  if (searching) return { status: 200, body: await search(at) };
  if (asTask) return shownAs(await task(at));
  const clicked = clickOf(activity);
  if (!served) return respond(parts, at, await outside(at, clicked));
  if (clicked && /^[a-z-]{1,40}$/.test(clicked.verb)) tell({ 'teammate.button': clicked.verb });
  if (clicked) return respond(parts, at, await act(at, clicked.verb, clicked.data));
  return respond(parts, at, await typed(at));
}

/**
 * What people say to each other where the bot is one of several. Teams sends it nothing of that but mentions, unless an
 * organisation lets the app read along (resource-specific consent); then it keeps out of it, and keeps nothing of it.
 */
const overheard = ({ type, value, addressed, conversation }: IncomingActivity) =>
  type === 'message' && conversation.kind !== 'personal' && !addressed && (value === null || typeof value !== 'object');

/** A thread's own id is where its answers go; the channel it is in is where everything else does. */
async function rememberWhere(trx: Trx, conversation: Conversation, person: Person | undefined, now: Date) {
  await remember(trx, conversation, person, now);
  const channel = channelOf(conversation.conversationId);
  if (channel !== conversation.conversationId)
    await remember(trx, { ...conversation, conversationId: channel }, undefined, now);
}

/** Whether this very person was seen in this very place a moment ago. Coming and going is always written down. */
async function lookUp(cache: Keyv, activity: IncomingActivity) {
  const { from, conversation, serviceUrl, tenantId, type, locale } = activity;
  const key = `seen:${tenantId}:${conversation.id}`;
  const talk = type === 'message' || type === 'invoke';
  const value = talk ? [serviceUrl, from.id, from.aadObjectId, from.name, conversation.name, locale].join('\n') : '';
  return { key, value, known: talk && (await cache.get(key)) === value };
}

async function typed(at: Turn): Promise<Answer> {
  const attached = await takeAttached(at);
  if (attached) return attached;
  const found = parseCommand(at.activity.said, commands);
  if (found) {
    tell({ 'teammate.command': found.command.words.en[0] ?? '' });
    return run(at, found);
  }
  return (await greeted(at)) ?? below(unknownCard(at.activity.said), say('chat.unknown.summary'));
}

/** Tells what the person gets, the way their client takes it: an invoke's response, or posts through the outbox. */
async function respond({ outbox }: BotParts, at: Turn, answer: Answer): Promise<Reply> {
  const { activity, trx } = at;
  const place: Place = { tenantId: activity.tenantId, conversationId: activity.conversation.id };
  const once = `answer:${activity.conversation.id}:${activity.id}`;
  const clicked = activity.replyToId && clickOf(activity) ? activity.replyToId : undefined;

  const subject = answer.show === 'request' ? answer.request : answer.show === 'batch' ? answer.batch : undefined;
  const also = answer.show === 'batch' ? answer.also : undefined;
  if (also) await outbox.post(trx, place, `${once}:also`, also.card, also.summary);

  if (answer.where === 'here' && clicked) {
    if (subject && answer.show !== 'card') await outbox.adopt(trx, place, clicked, subject, answer.audience);
    if (activity.execute) return { status: 200, body: cardResponse(answer.card) };
    await outbox.replace(trx, place, once, clicked, answer.card);
    return accepted;
  }
  if (subject && answer.show !== 'card') await outbox.postLive(trx, place, once, subject, answer.audience);
  else if (answer.show === 'card') await outbox.post(trx, place, once, answer.card, answer.summary);
  if (activity.consent) return { status: 200, body: {} };
  return activity.execute ? { status: 200, body: messageResponse(say('chat.below')) } : accepted;
}

/** A refusal is an answer like any other: what was clicked stays, with the reason on it. */
async function refuse(
  parts: BotParts,
  trx: Trx,
  activity: IncomingActivity,
  refusal: Refusal,
  now: Date,
): Promise<Reply> {
  if (isTask(activity)) return { status: 200, body: toldInstead(activity, `${refusal.says} ${refusal.next}`) };
  const person = personOf(activity);
  const conversation = conversationOf(activity, person);
  await remember(trx, conversation, undefined, now);
  const clicked = clickOf(activity);
  const served = (await accountOf(trx, activity.tenantId)) !== undefined;
  if (!person || (!served && !parts.config.PROVIDER_TENANT)) {
    if (activity.execute) return { status: 200, body: messageResponse(`${refusal.says} ${refusal.next}`) };
    const card = refusalCard(refusal);
    const place = { tenantId: activity.tenantId, conversationId: activity.conversation.id };
    await parts.outbox.post(trx, place, `answer:${activity.conversation.id}:${activity.id}`, card, refusal.says);
    return activity.consent ? { status: 200, body: {} } : accepted;
  }
  const at: Turn = { trx, jobs: parts.jobs, keys: parts.keys, now, person, activity, config: parts.config };
  if (clicked) {
    const answer = await (served ? refusedAct(at, clicked.data, refusal) : refusedOutside(at, clicked, refusal));
    // Nothing changed, so only the one who clicked has something new to see.
    if (activity.execute && answer.where === 'here') return { status: 200, body: cardResponse(answer.card) };
    return respond(parts, at, answer);
  }
  return respond(
    parts,
    at,
    below(refusalCard(refusal, served ? [commandButton(say('chat.help'), 'help')] : []), refusal.says),
  );
}

/**
 * The bot was installed: says once what it does for whoever installed it, or for all of a chat. A channel is greeted when
 * somebody mentions the bot there, not before; an upgrade of the app is no news.
 */
async function welcome(
  parts: BotParts,
  trx: Trx,
  activity: IncomingActivity,
  person: Person | undefined,
  now: Date,
): Promise<Reply> {
  const conversation = conversationOf(activity, person);
  await parts.onInstalled?.(trx, { ...conversation, conversationId: channelOf(conversation.conversationId) }, now);
  // What was held back while the bot was away can go out now.
  await parts.outbox.resume(trx, { tenantId: activity.tenantId, conversationId: conversation.conversationId });
  if (!person || conversation.kind === 'channel' || activity.action !== 'add') return { status: 200, body: {} };
  const at: Turn = { trx, jobs: parts.jobs, keys: parts.keys, now, person, activity, config: parts.config };
  const card = await welcomeFor(at);
  const place = { tenantId: activity.tenantId, conversationId: conversation.conversationId };
  const once = `welcome:${place.tenantId}:${place.conversationId}`;
  await parts.outbox.post(trx, place, once, card, say('chat.welcome.title'));
  return { status: 200, body: {} };
}

async function welcomeFor(at: Turn): Promise<Card> {
  const { trx, activity, config } = at;
  const served = (await accountOf(trx, activity.tenantId)) !== undefined;
  if (!served) return config.PROVIDER_TENANT ? greetingCard(at) : unknownWelcome(activity.tenantId);
  return activity.conversation.kind === 'personal' ? personalWelcome(at) : groupWelcome(appName(at));
}

const accepted: Reply = { status: 202 };
const shownAs = (body: object | undefined): Reply => (body ? { status: 200, body } : { status: 200 });

/** A click on a card: an Action.Execute, or from an old client the Action.Submit that is its fallback. */
function clickOf({ execute, type, value }: IncomingActivity) {
  if (execute) return { verb: execute.verb, data: execute.data };
  if (type !== 'message' || value === null || typeof value !== 'object') return undefined;
  const data = value as Record<string, unknown>;
  return { verb: typeof data.verb === 'string' ? data.verb : '', data };
}

function personOf({ from, tenantId }: IncomingActivity): Person | undefined {
  if (!from.aadObjectId) return undefined;
  return { tenantId, directoryId: from.aadObjectId, teamsId: from.id, name: from.name || from.aadObjectId };
}

function conversationOf(activity: IncomingActivity, person: Person | undefined): Conversation {
  const { conversation, tenantId, serviceUrl, team, channel } = activity;
  return {
    tenantId,
    conversationId: conversation.id,
    kind: conversation.kind,
    serviceUrl,
    ...(conversation.kind === 'personal' && { directoryId: person?.directoryId }),
    teamId: team?.id,
    name: channel?.name ?? conversation.name,
    locale: activity.locale,
  };
}
