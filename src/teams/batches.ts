import * as z from 'zod';
import { catalog, entryOf, isKind, type Kind } from '../catalog/index.ts';
import { Refusal } from '../errors.ts';
import { wordsIn } from '../language/commands.ts';
import { say } from '../language/say.ts';
import type { Role } from '../people/person.ts';
import { requireRole, rolesOf } from '../people/roles.ts';
import { type Batch, loadBatch, openBatches } from '../requests/batch.ts';
import { approveBatch, rejectBatch, retryBatch, withdrawBatch } from '../requests/batch-decisions.ts';
import { cancelPreview, lookAgain, preview, requireKeys, submitBatch } from '../requests/preview.ts';
import { headerScore } from '../requests/sheet.ts';
import { batchCard, batchRow, batchRows } from '../views/batch.ts';
import { commandButton } from '../views/buttons.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import type { Audience } from '../views/request.ts';
import { leftCard, previewCard, rowsCard, titleOf } from '../views/rows.ts';
import { cut, detail } from '../views/text.ts';
import { type Command, command } from './command.ts';
import { ownLook } from './own-look.ts';
import { type Answer, below, here, type Turn } from './turn.ts';

/** The kinds that can be asked for by a list. */
export const severalKinds = (Object.keys(catalog) as Kind[]).filter((kind) => entryOf(kind).several);

const anyRole: readonly Role[] = ['requester', 'approver', 'administrator'];

const bringing = severalKinds.flatMap((kind) => {
  const { several } = entryOf(kind);
  if (!several) return [];
  return command(several.command, {
    topic: 'order',
    alone: true,
    roles: ['requester'],
    async run(turn, rest) {
      if (!rest) {
        requireKeys(turn, kind);
        return below(rowsCard(kind), titleOf(kind));
      }
      // The parser of commands makes one line of everything; a list has its own.
      const [, list = ''] = /^[^\n]*\n([\s\S]*)$/.exec(turn.activity.said.replace(/\r\n?/g, '\n')) ?? [];
      return below(await checkedCard(turn, kind, list.trim() ? list : rest, 'message'), titleOf(kind));
    },
  });
});

const listing = command('batches', {
  topic: 'see',
  alone: true,
  roles: anyRole,
  async run(turn, rest) {
    if (rest) {
      const id = /^#?(\d{1,18})[.!?]?$/.exec(rest)?.[1];
      if (!id) throw new Refusal('batch-unknown', { id: cut(rest, 40) });
      return showBatch(turn, id);
    }
    const most = 10;
    const open = await openBatches(turn.trx, turn.person.tenantId, { limit: most + 1 });
    return below(
      listCard({
        title: say('chat.batches.title'),
        intro:
          open.length === 0
            ? say('chat.batches.none')
            : open.length > most
              ? say('chat.list.oldest', { count: most })
              : '',
        rows: open.slice(0, most).map((batch) => batchRow(batch, { by: true })),
      }),
      say('chat.batches.title'),
    );
  },
});

export const batchCommands: readonly Command[] = [...bringing, listing];

/**
 * The preview of a list; or, when it cannot be read, the card to paste it into, with the reason and what was pasted. `by`: a
 * message stays in the chat, and a bot cannot delete what a person wrote.
 */
export async function checkedCard(
  turn: Pick<Turn, 'trx' | 'jobs' | 'now' | 'person' | 'config' | 'keys'>,
  kind: Kind,
  given: string,
  by: 'message' | 'card',
) {
  // A list with passwords that was brought as one of another kind.
  const elsewhere = severalKinds.some(
    (other) => entryOf(other).secrets && headerScore(other, given) > headerScore(kind, given),
  );
  const text = elsewhere ? '' : given;
  const exposed = by === 'message' && (entryOf(kind).secrets || elsewhere) ? say('chat.batches.exposed') : undefined;
  try {
    const found = await preview(turn, turn.person, kind, given, turn.config.FORM_LIFETIME);
    return previewCard({ ...found, notes: [...(exposed ? [exposed] : []), ...found.notes] }, { text });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return rowsCard(kind, { text, notice: [error.sentences(detail), exposed].filter(Boolean).join(' ') });
  }
}

const nonce = z.string().min(10).max(100);
const kind = z.string().refine((text): text is Kind => isKind(text) && severalKinds.includes(text));
const page = z.coerce.number().int().min(0).max(10_000);
const id = z.string().regex(/^\d{1,18}$/);
const version = z.coerce
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
const seen = z.object({ batch: id, version });
const text = z.string().max(1_000_000).catch('');

/** @throws Refusal `action-unknown` for data that no card of ours has. */
function read<S extends z.ZodType>(schema: S, data: Record<string, unknown>): z.output<S> {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new Refusal('action-unknown');
  return parsed.data;
}

type Action = (turn: Turn, data: Record<string, unknown>) => Promise<Answer>;

const asRequester =
  (does: Action): Action =>
  async (turn, data) => {
    await requireRole(turn.trx, turn.person, turn.now, 'requester');
    return does(turn, data);
  };

/** A button on a batch's card: the card comes back as it is afterwards. */
const decision =
  (
    does: (turn: Turn, seen: { id: string; version: number }, data: Record<string, unknown>) => Promise<Batch>,
  ): Action =>
  async (turn, data) => {
    const { batch, version } = read(seen, data);
    return onCard(turn, await does(turn, { id: batch, version }, data));
  };

export const batchActions: Readonly<Record<string, Action>> = {
  'batch-check': asRequester(async (turn, data) => {
    const asked = read(z.object({ kind, rows: text }), data);
    return here(await checkedCard(turn, asked.kind, asked.rows, 'card'), entryOf(asked.kind).title);
  }),

  'batch-look': asRequester(async (turn, data) => {
    const asked = read(z.object({ nonce, page, rows: text }), data);
    const again = await lookAgain(turn, turn.person, asked.nonce);
    return here(previewCard(again, { text: asked.rows, page: asked.page }), say('chat.batches.preview'));
  }),

  'batch-submit': asRequester(async (turn, data) => {
    const asked = read(z.object({ nonce }), data);
    const outcome = await submitBatch(turn, turn.person, asked.nonce, turn.config.FORM_LIFETIME);
    if ('preview' in outcome) return here(previewCard(outcome.preview), say('chat.batches.again'));
    const { batch, left } = outcome;
    const answer = await onCard(turn, batch);
    if (!left || answer.show !== 'batch') return answer;
    return { ...answer, also: { card: leftCard(left), summary: say('chat.batches.left') } };
  }),

  'batch-cancel': async (turn, data) => {
    const asked = read(z.object({ nonce: nonce.optional(), kind }), data);
    const used = asked.nonce ? await cancelPreview(turn, turn.person, asked.nonce) : undefined;
    if (used) return onCard(turn, used);
    const [typed] = wordsIn('en', entryOf(asked.kind).several?.command ?? 'help');
    return here(
      messageCard({
        title: say('chat.cancelled'),
        lines: [say('chat.cancelled.ordered')],
        actions: [commandButton(say('chat.again'), typed), commandButton(say('chat.help'), 'help')],
      }),
      say('chat.cancelled'),
    );
  },

  'batch-approve': decision((turn, seen) => approveBatch(turn, turn.person, seen)),
  'batch-reject': decision((turn, seen, data) => rejectBatch(turn, turn.person, seen, reasonIn(data))),
  'batch-withdraw': decision((turn, seen) => withdrawBatch(turn, turn.person, seen)),
  'batch-retry': decision((turn, seen) => retryBatch(turn, turn.person, seen.id)),

  'batch-rows': async (turn, data) => {
    await requireRole(turn.trx, turn.person, turn.now, 'requester', 'approver', 'administrator');
    const asked = read(z.object({ batch: id, page, from: z.literal('rows').optional() }), data);
    const card = batchRows(await loadBatch(turn.trx, turn.person.tenantId, asked.batch), asked.page);
    // The batch's own card stays; its list is leafed through in place.
    return asked.from ? here(card, say('chat.batches.rows')) : below(card, say('chat.batches.rows'));
  },

  'batch-show': async (turn, data) => {
    await requireRole(turn.trx, turn.person, turn.now, 'requester', 'approver', 'administrator');
    return showBatch(turn, read(z.object({ batch: id }), data).batch);
  },
};

const reasonIn = ({ reason }: Record<string, unknown>) => (typeof reason === 'string' ? reason.slice(0, 4000) : '');

/** The batch's card with the reason why a click on it was refused; undefined when the click was on none. */
export async function refusedBatch(
  turn: Turn,
  data: Record<string, unknown>,
  refusal: Refusal,
): Promise<Answer | undefined> {
  const on = seen.safeParse(data);
  if (!on.success) return undefined;
  try {
    const batch = await loadBatch(turn.trx, turn.person.tenantId, on.data.batch);
    return onCard(turn, batch, { refusal, typedReason: reasonIn(data).slice(0, 500) });
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

async function showBatch(turn: Turn, batchId: string): Promise<Answer> {
  const batch = await loadBatch(turn.trx, turn.person.tenantId, batchId);
  const audience = await audienceOf(turn, batch);
  return { show: 'batch', batch, audience, card: batchCard(batch, audience), where: 'below' };
}

/** A card keeps the audience it was posted for: in a channel many read it. */
async function onCard(turn: Turn, batch: Batch, more: Parameters<typeof batchCard>[2] = {}): Promise<Answer> {
  const { replyToId } = turn.activity;
  const known = replyToId
    ? await turn.trx
        .selectFrom('cards')
        .select('audience')
        .where('batch_id', '=', batch.id)
        .where('activity_id', '=', replyToId)
        .executeTakeFirst()
    : undefined;
  const audience = (known?.audience as Audience | undefined) ?? (await audienceOf(turn, batch));
  const look = await ownLook(turn, batch, audience);
  return { show: 'batch', batch, audience, card: batchCard(batch, look, more), where: 'here' };
}

async function audienceOf(turn: Turn, batch: Batch): Promise<Audience> {
  if (batch.requester.directoryId === turn.person.directoryId) return 'requester';
  return (await rolesOf(turn.trx, turn.person, turn.now)).has('approver') ? 'approver' : 'reader';
}
