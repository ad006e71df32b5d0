import * as z from 'zod';
import { entryOf } from '../catalog/index.ts';
import { Refusal } from '../errors.ts';
import { languages } from '../language/languages.ts';
import { inLanguage } from '../language/reader.ts';
import { say } from '../language/say.ts';
import { requireRole } from '../people/roles.ts';
import { active, failed, freeReference, made, sentAgain, take } from '../provisioning/tasks.ts';
import { linkKinds } from '../requests/chain.ts';
import type { Seen } from '../requests/decisions.ts';
import { settleTyped } from '../requests/forms.ts';
import { type Request, shown, waitingFor } from '../requests/request.ts';
import { held, listTasks, load } from '../requests/store.ts';
import { drop, keep, knownTo } from '../requests/things.ts';
import { plainButton } from '../views/buttons.ts';
import { cardFor } from '../views/card.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { stateLabels } from '../views/request.ts';
import { moment, plain } from '../views/text.ts';
import { type Command, command } from './command.ts';
import { type Answer, below, type Turn } from './turn.ts';

const hold = z.object({
  hold: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
});
const textOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, 4000) : '');

/** The buttons of a task's card. Who may, and whether it still stands so, is decided where it is done. */
export const taskDecisions: Readonly<
  Record<string, (turn: Turn, seen: Seen, data: Record<string, unknown>) => Promise<Request>>
> = {
  'task-take': async (turn, seen, data) => {
    const counted = hold.safeParse(data);
    if (!counted.success) throw new Refusal('action-unknown');
    return take(turn, turn.person, { ...seen, ...counted.data });
  },
  'task-done': (turn, seen, data) => made(turn, turn.person, seen, textOf(data.reference)),
  'task-failed': (turn, seen, data) => failed(turn, turn.person, seen, textOf(data.reason)),
  'task-active': (turn, seen) => active(turn, turn.person, seen),
  'task-resent': (turn, seen) => sentAgain(turn, turn.person, seen),
};

/** A task's card for an operator who asks for it, kept up to date from then on. */
export async function showTask(turn: Turn, id: string): Promise<Answer> {
  await requireRole(turn.trx, turn.person, turn.now, 'operator');
  const request = await load(turn.trx, turn.person.tenantId, id);
  return { show: 'request', request, audience: 'operator', card: cardFor(request, 'operator'), where: 'below' };
}

/** Rows on one card, as in the other lists. */
const pageSize = 10;

const listing = command('tasks', {
  topic: 'see',
  alone: true,
  roles: ['operator'],
  async run(turn) {
    const tasks = await listTasks(turn.trx, turn.person.tenantId, pageSize + 1);
    const none = say('chat.tasks.none');
    const more = say('chat.list.oldest', { count: pageSize });
    return below(
      listCard({
        title: say('chat.tasks.title'),
        intro: tasks.length === 0 ? none : tasks.length > pageSize ? more : '',
        rows: tasks.slice(0, pageSize).map((request) => ({
          title: `${stateLabels[request.state].icon} ${shown(request.id)} ${plain(request.name)}`,
          subtitle: say('chat.tasks.waiting', {
            who: plain(waitingFor(request) ?? say('chat.nobody')),
            when: moment(request.since),
          }),
          actions: [
            {
              ...plainButton(say('chat.tasks.open'), { verb: 'task', id: request.id }),
              tooltip: say('chat.tasks.open.one', { id: shown(request.id) }),
            },
          ],
        })),
      }),
      say('chat.tasks.title'),
    );
  },
});

const learning = command('learn', {
  topic: 'run',
  roles: ['operator'],
  async run(turn, rest) {
    if (turn.config.PROVISIONING_BACKEND !== 'portal') throw new Refusal('learning-needless');
    const unclear = (problem: string) => new Refusal('learning-unclear', { problem, example: learning.usage });
    const named = kindIn(rest);
    if (!named) throw unclear(say('chat.learn.can', { nouns: linkKinds.map((one) => entryOf(one).noun).join(', ') }));
    const [kind, noun] = named;
    const entry = entryOf(kind);
    const [id = '', ...parts] = rest
      .slice(noun.length)
      .split(';')
      .map((part) => part.trim());
    const { tenantId } = turn.person;
    const reference = await freeReference(turn, tenantId, id);
    // What it knew of the same thing is replaced; a refusal undoes that.
    await drop(turn.trx, tenantId, kind, reference);
    const { order, errors } = await settleTyped(knownTo(turn.trx, tenantId), kind, entry.quick(parts));
    const [[field, wrong] = []] = Object.entries(errors);
    if (wrong)
      throw unclear(say('chat.learn.wrong', { field: entry.fields[field ?? '']?.label ?? '', problem: wrong }));
    const claims = entry.claims(order);
    const [taken] = await held(
      turn.trx,
      tenantId,
      claims.map(({ key }) => key),
    );
    if (taken) throw unclear(claims.find(({ key }) => key === taken)?.taken ?? '');
    const { name: _, ...facts } = entry.typed(order);
    const name = entry.name(order);
    const parent = entry.parent?.(order);
    await keep(
      turn.trx,
      tenantId,
      [{ kind, reference, name, active: true, suspended: false, facts, ...(parent !== undefined && { parent }) }],
      turn.now,
    );
    const says = say('chat.learn.says', { noun: entry.noun, name: plain(name), id: plain(reference) });
    const title = say('chat.learn.title');
    return below(messageCard({ title, lines: [says], style: 'good' }), title);
  },
});

/** The kind that is named first, in any of the languages, and how it was named. */
function kindIn(said: string) {
  const text = said.toLowerCase();
  for (const kind of linkKinds)
    for (const spoken of languages) {
      const noun = inLanguage(spoken, () => entryOf(kind).noun);
      if (text.startsWith(`${noun.toLowerCase()} `)) return [kind, noun] as const;
    }
  return undefined;
}

export const taskCommands: readonly Command[] = [listing, learning];
