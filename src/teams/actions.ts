import * as z from 'zod';
import { entryOf } from '../catalog/index.ts';
import { thingKinds } from '../catalog/orderable.ts';
import { Refusal } from '../errors.ts';
import { wordsIn } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { anyRole } from '../people/person.ts';
import { requireRole } from '../people/roles.ts';
import { submitChange } from '../requests/changes.ts';
import {
  approve,
  askResend,
  checkAgain,
  enteredIn,
  insist,
  reasonLimit,
  reject,
  retry,
  type Seen,
  withdraw,
} from '../requests/decisions.ts';
import { discard, type FormKind, openForm, submit } from '../requests/forms.ts';
import { from, open, stateName } from '../requests/lifecycle.ts';
import { isRequester, type Request } from '../requests/request.ts';
import { loadFor } from '../requests/store.ts';
import { referenceLimit } from '../requests/task.ts';
import { knownTo } from '../requests/things.ts';
import { commandButton } from '../views/buttons.ts';
import { cardFor } from '../views/card.ts';
import { changeButton, changeFormCard, verbOf } from '../views/change.ts';
import { formCard } from '../views/form.ts';
import { messageCard, refusalCard } from '../views/message.ts';
import type { Audience } from '../views/request.ts';
import { batchActions, refusedBatch } from './batches.ts';
import { askForFile, billFile } from './billing.ts';
import { aimSchema, beginChange } from './changing.ts';
import { audienceFor, commands, run, showRequest, unknownCard } from './commands.ts';
import { linkToPage } from './dialog.ts';
import { showChain } from './finding.ts';
import { isListable, thingList } from './lists.ts';
import { ownLook } from './own-look.ts';
import { parseCommand } from './parse.ts';
import { showTask, taskDecisions } from './tasks.ts';
import { type Answer, below, here, pageAs, type Turn } from './turn.ts';

/** Cards come back with whatever a client sends: numbers as text too. Ids are bigint, of at most 18 safe digits. */
export const about = z.object({
  id: z.string().regex(/^\d{1,18}$/),
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
});
export const nonce = z.string().min(10).max(100);

export type Action = (turn: Turn, data: Record<string, unknown>) => Promise<Answer>;

/** A button: what its data must be, and what it does. Data that is not so is refused before anything happens. */
export const action =
  <S extends z.ZodType>(
    schema: S,
    does: (turn: Turn, data: z.output<S>, all: Record<string, unknown>) => Promise<Answer>,
  ): Action =>
  async (turn, data) => {
    const parsed = schema.safeParse(data);
    if (!parsed.success) throw new Refusal('action-unknown');
    return does(turn, parsed.data, data);
  };

/** A button on a request's card: the card comes back as it is afterwards, or as it is with the reason why not. */
const decision = (does: (turn: Turn, seen: Seen, data: Record<string, unknown>) => Promise<Request>): Action =>
  action(about, async (turn, seen, data) => onCard(turn, await does(turn, seen, data)));

const textOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, 4000) : '');

export const actions: Readonly<Record<string, Action>> = {
  submit: action(
    z.object({ nonce, kind: z.string().max(100), page: z.enum(['first', 'whole']).default('whole') }),
    async (turn, { nonce: given, kind, page }, values) => {
      await requireRole(turn.trx, turn.person, turn.now, 'requester');
      const outcome = await submit(turn, turn.person, given, { kind, page, values }, turn.config.FORM_LIFETIME);
      if ('form' in outcome) return here(formCard(outcome.form, pageAs(turn)), entryOf(outcome.form.kind).title);
      return { ...(await onCard(turn, outcome.request)), where: 'here' };
    },
  ),

  cancel: action(z.object({ nonce }), async (turn, { nonce: given }) =>
    cancelled(turn, given, say('chat.cancelled.ordered')),
  ),

  dialog: action(z.object({ nonce }), (turn, { nonce: given }) => linkToPage(turn, given)),

  'begin-change': action(aimSchema, async (turn, aim) => beginChange(turn, aim)),

  'submit-change': action(aimSchema.extend({ nonce }), async (turn, { nonce: given, ...aim }, values) => {
    await requireRole(turn.trx, turn.person, turn.now, 'requester');
    const outcome = await submitChange(turn, turn.person, given, { ...aim, values }, turn.config.FORM_LIFETIME);
    if ('form' in outcome) return here(changeFormCard(outcome.form, pageAs(turn)), verbOf(outcome.form.operation));
    return { ...(await onCard(turn, outcome.request)), where: 'here' };
  }),

  'drop-change': action(z.object({ nonce }), async (turn, { nonce: given }) =>
    cancelled(turn, given, say('chat.cancelled.changed')),
  ),

  approve: decision((turn, seen, data) => approve(turn, turn.person, seen, data)),
  reject: decision((turn, seen, data) => reject(turn, turn.person, seen, textOf(data.reason))),
  withdraw: decision((turn, seen) => withdraw(turn, turn.person, seen)),
  retry: decision((turn, seen) => retry(turn, turn.person, seen)),
  check: decision((turn, seen) => checkAgain(turn, turn.person, seen)),
  insist: decision((turn, seen) => insist(turn, turn.person, seen)),
  resend: decision((turn, seen) => askResend(turn, turn.person, seen, turn.config.RESEND_INTERVAL)),

  ...Object.fromEntries(Object.entries(taskDecisions).map(([verb, does]) => [verb, decision(does)])),
  task: action(z.object({ id: about.shape.id }), (turn, { id }) => showTask(turn, id)),

  show: action(z.object({ id: about.shape.id }), async (turn, { id }) => {
    await requireRole(turn.trx, turn.person, turn.now, ...anyRole);
    return showRequest(turn, id);
  }),

  change: action(about, async (turn, { id }) => {
    await requireRole(turn.trx, turn.person, turn.now, 'requester');
    return changeForm(turn, await loadFor(turn.trx, turn.person, id));
  }),

  list: action(
    z.object({
      kind: z.string().refine(isListable),
      page: z.coerce.number().int().min(0).max(1e6),
      search: z.string().optional(),
    }),
    async (turn, { kind, page, search = '' }, { shown: before }) =>
      // A new search starts at its first page.
      here(
        await thingList(turn, kind, { search, page: before === undefined || before === search ? page : 0 }),
        say('chat.things.summary', { kind }),
      ),
  ),

  chain: action(z.object({ kind: z.enum(thingKinds), reference: z.string().max(200) }), async (turn, asked) => {
    const thing = await knownTo(turn.trx, turn.person.tenantId).thing(asked.kind, asked.reference);
    if (!thing) throw new Refusal('thing-unknown');
    return showChain(turn, thing);
  }),

  'bill-file': action(billFile, askForFile),
  ...batchActions,

  run: action(z.object({ command: z.string().min(1).max(1000) }), async (turn, { command }) => {
    const found = parseCommand(command, commands);
    if (!found) return below(unknownCard(command), say('chat.unknown.summary'));
    return run(turn, found);
  }),
};

/** Takes a form back, and offers the same one anew. */
async function cancelled(turn: Turn, given: string, says: string): Promise<Answer> {
  const { used, form } = await discard(turn, turn.person, given);
  if (used) return onCard(turn, used);
  const actions = [...(form ? [startAgain(form)] : []), commandButton(say('chat.help'), 'help')];
  return here(messageCard({ title: say('chat.cancelled'), lines: [says], actions }), say('chat.cancelled'));
}

function startAgain(form: FormKind) {
  const change = aimSchema.safeParse(form);
  const title = say('chat.again');
  return change.success
    ? changeButton(title, change.data)
    : commandButton(title, wordsIn('en', entryOf(form.kind).command)[0]);
}

/** Does what a button asks. @throws Refusal `action-unknown` for a verb or data that no card of ours has. */
export async function act(turn: Turn, verb: string, data: Record<string, unknown>): Promise<Answer> {
  const does = Object.hasOwn(actions, verb) ? actions[verb] : undefined;
  if (!does) throw new Refusal('action-unknown');
  return does(turn, data);
}

/**
 * What somebody sees whose click was refused: the request's own card with the reason on it, so that nothing is lost and
 * the buttons stay; or the reason alone when there is no such card.
 */
export async function refusedAct(turn: Turn, data: Record<string, unknown>, refusal: Refusal): Promise<Answer> {
  const onBatch = await refusedBatch(turn, data, refusal);
  if (onBatch) return onBatch;
  const id = about.shape.id.safeParse(data.id);
  if (!id.success || !('version' in data))
    return below(refusalCard(refusal, [commandButton(say('chat.help'), 'help')]), refusal.says);
  try {
    const request = await loadFor(turn.trx, turn.person, id.data);
    const audience = await audienceOnCard(turn, request);
    const { approval } = entryOf(request.kind);
    const card = cardFor(request, await ownLook(turn, request, audience), {
      refusal,
      typedReason: textOf(data.reason).slice(0, reasonLimit),
      typedReference: textOf(data.reference).slice(0, referenceLimit),
      ...(approval && { entered: enteredIn(data[approval.field]) }),
    });
    return { show: 'request', request, audience, card, where: 'here' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return below(refusalCard(refusal), refusal.says);
  }
}

export async function onCard(turn: Turn, request: Request): Promise<Answer> {
  const audience = await audienceOnCard(turn, request);
  return {
    show: 'request',
    request,
    audience,
    card: cardFor(request, await ownLook(turn, request, audience)),
    where: 'here',
  };
}

/** The form of a request, filled in, to be sent again: in its place while nobody has decided on it. */
export async function changeForm(turn: Turn, request: Request): Promise<Answer> {
  if (!isRequester(request, turn.person)) throw new Refusal('not-yours', { requester: request.requester.name });
  if (request.operation !== 'add') throw new Refusal('action-unknown');
  const replaceable = from('withdraw').includes(request.state);
  // Being created already, or live.
  if (!replaceable && (open.includes(request.state) || request.reference))
    throw new Refusal('state-moved', { state: stateName(request.state) });
  const entry = entryOf(request.kind);
  const form = await openForm(turn, turn.person, request.kind, {
    typed: entry.typed(request.content),
    secretsOf: { requestId: request.id },
    lifetimeMs: turn.config.FORM_LIFETIME,
    // What is over stays as it is; only what is still open is replaced.
    ...(replaceable && { replaces: request }),
  });
  return below(formCard(form, pageAs(turn)), entry.title);
}

/** A card keeps the audience it was posted for: in a channel many read it. */
async function audienceOnCard(turn: Turn, request: Request): Promise<Audience> {
  const { replyToId } = turn.activity;
  const known = replyToId
    ? await turn.trx
        .selectFrom('cards')
        .select('audience')
        .where('request_id', '=', request.id)
        .where('tenant_id', '=', turn.person.tenantId)
        .where('activity_id', '=', replyToId)
        .executeTakeFirst()
    : undefined;
  return (known?.audience as Audience | undefined) ?? audienceFor(turn, request);
}
