import * as z from 'zod';
import { entryOf } from '../catalog/index.ts';
import { Refusal } from '../errors.ts';
import { wordsIn } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { retry, type Seen, withdraw } from '../requests/decisions.ts';
import { discard, submit } from '../requests/forms.ts';
import { loadOwnFromOutside, openFromOutside } from '../requests/outside.ts';
import { isRequester, type Request, waitingFor } from '../requests/request.ts';
import { commandButton } from '../views/buttons.ts';
import { formCard } from '../views/form.ts';
import { messageCard, refusalCard } from '../views/message.ts';
import { requestCard } from '../views/request.ts';
import type { Card } from '../views/templates.ts';
import { moment, plain } from '../views/text.ts';
import { type Action, about, action, changeForm, nonce, onCard } from './actions.ts';
import { commands, showRequest } from './commands.ts';
import { parseCommand } from './parse.ts';
import { type Answer, below, here, type Turn } from './turn.ts';

/*
 * What somebody of a tenant that is not served gets: a card that says what this is, the form for access, and their own
 * request. Whatever else they type or send, they get the card or a refusal: nothing here hands on to the other commands and
 * buttons.
 */

/** A click on a card, as it came. */
export interface Click {
  verb: string;
  data: Record<string, unknown>;
}

const offered = commands.filter(({ outside }) => outside);
const [requesting] = offered.map(({ id }) => wordsIn('en', id)[0]);
const requestButton = (title: string) => commandButton(title, requesting ?? '');

/** Answers somebody of a tenant that is not served. @throws Refusal for every click but those of their own cards. */
export async function outside(turn: Turn, clicked: Click | undefined): Promise<Answer> {
  // Names, an address and later a decision are nobody else's business in a channel.
  const alone = turn.activity.conversation.kind === 'personal';
  if (!clicked) {
    const found = alone ? parseCommand(turn.activity.said, offered) : undefined;
    return found ? request(turn, found) : below(await greetingCard(turn), say('chat.access.summary'));
  }
  const does = Object.hasOwn(actions, clicked.verb) ? actions[clicked.verb] : undefined;
  if (!does || !alone) throw new Refusal('access-needed');
  return does(turn, clicked.data);
}

/** What they see whose click was refused: their own request with the reason on it, or the reason alone. */
export async function refusedOutside(turn: Turn, clicked: Click, refusal: Refusal): Promise<Answer> {
  const id = about.shape.id.safeParse(clicked.data.id);
  const own = id.success && 'version' in clicked.data ? await ownOrNone(turn, id.data) : undefined;
  if (own)
    return {
      show: 'request',
      request: own,
      audience: 'requester',
      card: requestCard(own, 'requester', { refusal }),
      where: 'here',
    };
  const actions = refusal.code === 'access-needed' ? [requestButton(say('chat.access.request'))] : [];
  return below(refusalCard(refusal, actions), refusal.says);
}

async function ownOrNone(turn: Turn, id: string): Promise<Request | undefined> {
  try {
    return await loadOwnFromOutside(turn.trx, turn.person, id);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** A button on their own request. */
const own = (does: (turn: Turn, request: Request, seen: Seen) => Promise<Answer>): Action =>
  action(about, async (turn, seen) => does(turn, await loadOwnFromOutside(turn.trx, turn.person, seen.id), seen));

const actions: Readonly<Record<string, Action>> = {
  run: action(z.object({ command: z.string().min(1).max(1000) }), async (turn, { command }) => {
    const found = parseCommand(command, offered);
    return found ? request(turn, found) : below(await greetingCard(turn), say('chat.access.summary'));
  }),

  submit: action(z.object({ nonce, kind: z.string().max(100) }), async (turn, { nonce: given, kind }, values) => {
    const { FORM_LIFETIME, PROVIDER_TENANT } = turn.config;
    const form = { kind, page: 'whole' as const, values, provider: PROVIDER_TENANT };
    const outcome = await submit(turn, turn.person, given, form, FORM_LIFETIME);
    if (!('form' in outcome)) return onCard(turn, outcome.request);
    // Somebody else of the organisation may have sent theirs while this one was filled in.
    const asked = await openFromOutside(turn.trx, turn.person.tenantId);
    if (asked && !isRequester(asked, turn.person)) return here(askedCard(asked), say('chat.access.asked.title'));
    return here(formCard(outcome.form), entryOf(outcome.form.kind).title);
  }),

  cancel: action(z.object({ nonce }), async (turn, { nonce: given }) => {
    const { used } = await discard(turn, turn.person, given);
    if (used) return onCard(turn, used);
    const actions = [requestButton(say('chat.again'))];
    const title = say('chat.cancelled');
    return here(messageCard({ title, lines: [say('chat.cancelled.sent')], actions }), title);
  }),

  show: action(z.object({ id: about.shape.id }), async (turn, { id }) =>
    showRequest(turn, (await loadOwnFromOutside(turn.trx, turn.person, id)).id),
  ),
  withdraw: own(async (turn, _, seen) => onCard(turn, await withdraw(turn, turn.person, seen))),
  retry: own(async (turn, _, seen) => onCard(turn, await retry(turn, turn.person, seen))),
  change: own(changeForm),
};

type Found = NonNullable<ReturnType<typeof parseCommand<(typeof offered)[number]>>>;

/** Hands out the form; or shows what was asked for already, to whoever did the request itself. */
async function request(turn: Turn, { command, rest }: Found): Promise<Answer> {
  const asked = await openFromOutside(turn.trx, turn.person.tenantId);
  if (!asked) return command.run(turn, rest);
  if (isRequester(asked, turn.person)) return showRequest(turn, asked.id);
  return below(askedCard(asked), say('chat.access.asked.title'));
}

const askedBy = (asked: Request) =>
  say('chat.access.asked', { name: plain(asked.requester.name), when: moment(asked.createdAt) });
const waitsFor = (asked: Request) =>
  say('chat.access.waiting', { who: plain(waitingFor(asked) ?? say('chat.nobody')) });

const askedCard = (asked: Request): Card =>
  messageCard({
    title: say('chat.access.asked.title'),
    lines: [askedBy(asked), waitsFor(asked)],
  });

/** What this is, and how to get it. */
export async function greetingCard(turn: Turn): Promise<Card> {
  const asked = await openFromOutside(turn.trx, turn.person.tenantId);
  const mine = asked && isRequester(asked, turn.person);
  const next = asked ? `${askedBy(asked)} ${waitsFor(asked)}` : say('chat.access.how');
  const alone = turn.activity.conversation.kind === 'personal';
  return messageCard({
    title: say('chat.access.title'),
    lines: [say('chat.access.what'), alone || asked ? next : say('chat.access.elsewhere')],
    actions: alone && (!asked || mine) ? [requestButton(say(mine ? 'chat.access.show' : 'chat.access.request'))] : [],
  });
}
