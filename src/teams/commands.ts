import { catalog, entryOf, type Kind } from '../catalog/index.ts';
import { Refusal } from '../errors.ts';
import { toType } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { anyRole } from '../people/person.ts';
import { requireRole, rolesOf } from '../people/roles.ts';
import { type Batch, openBatches } from '../requests/batch.ts';
import { withdraw } from '../requests/decisions.ts';
import { openForm } from '../requests/forms.ts';
import { from, open } from '../requests/lifecycle.ts';
import { isRequester, parseId, type Request, shown } from '../requests/request.ts';
import { list, loadFor } from '../requests/store.ts';
import { batchRow } from '../views/batch.ts';
import { commandButton, plainButton } from '../views/buttons.ts';
import { cardFor } from '../views/card.ts';
import { subjectOf } from '../views/change.ts';
import { formCard } from '../views/form.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { type Audience, labelOf } from '../views/request.ts';
import { cut, plain } from '../views/text.ts';
import { administration } from './administration.ts';
import { audit } from './auditing.ts';
import { batchCommands } from './batches.ts';
import { billing } from './billing.ts';
import { changing } from './changing.ts';
import { type Command, command } from './command.ts';
import { findingCommands } from './finding.ts';
import { helpCard, helpOn } from './help.ts';
import { speaking } from './languages.ts';
import { listable, thingList } from './lists.ts';
import { suggest } from './parse.ts';
import { showButton, waiting } from './rows.ts';
import { taskCommands } from './tasks.ts';
import { type Answer, below, pageAs, type Turn } from './turn.ts';

/** Rows on one card: more would make it long and heavy (a card has to stay under 25 KB). */
const pageSize = 10;

const ordering = (Object.keys(catalog) as Kind[]).map((kind) => {
  const entry = entryOf(kind);
  return command(entry.command, {
    topic: 'order',
    alone: true,
    ...(entry.outside ? { roles: [], outside: true } : { roles: ['requester'] }),
    async run(turn, rest) {
      const typed = rest ? entry.quick(rest.split(';').map((part) => part.trim())) : {};
      const form = await openForm(turn, turn.person, kind, { typed, lifetimeMs: turn.config.FORM_LIFETIME });
      return below(formCard(form, pageAs(turn)), entry.title);
    },
  });
});

const status = command('status', {
  topic: 'see',
  alone: true,
  roles: anyRole,
  async run(turn, rest) {
    if (rest) return showRequest(turn, idIn(rest));
    const mine = await list(turn.trx, turn.person.tenantId, {
      states: open,
      requesterId: turn.person.directoryId,
      single: true,
      limit: pageSize + 1,
    });
    const batches = await openBatches(turn.trx, turn.person.tenantId, {
      requesterId: turn.person.directoryId,
      limit: pageSize,
    });
    return below(
      requestList(mine, {
        title: say('chat.status.title'),
        none: say('chat.status.none'),
        by: false,
        batches,
      }),
      say('chat.status.title'),
    );
  },
});

const pending = command('pending', {
  topic: 'decide',
  alone: true,
  roles: ['approver', 'administrator'],
  async run(turn) {
    const waiting = await list(turn.trx, turn.person.tenantId, {
      states: ['pending'],
      single: true,
      limit: pageSize + 1,
    });
    const batches = await openBatches(turn.trx, turn.person.tenantId, { pending: true, limit: pageSize });
    return below(
      requestList(waiting, { title: say('chat.pending.title'), none: say('chat.pending.none'), by: true, batches }),
      say('chat.pending.title'),
    );
  },
});

const withdrawing = command('withdraw', {
  topic: 'change',
  alone: true,
  roles: ['requester'],
  async run(turn, rest) {
    if (rest) {
      const request = await loadFor(turn.trx, turn.person, idIn(rest));
      const moved = await withdraw(turn, turn.person, { id: request.id, version: request.version });
      return showRequest(turn, moved.id);
    }
    const mine = await list(turn.trx, turn.person.tenantId, {
      states: from('withdraw'),
      requesterId: turn.person.directoryId,
      single: true,
      limit: pageSize,
    });
    return below(
      listCard({
        title: say('chat.withdraw.title'),
        intro: mine.length === 0 ? say('chat.withdraw.none') : '',
        rows: mine.map((request) => ({
          title: rowTitle(request),
          subtitle: rowStanding(request),
          actions: [
            plainButton(
              say('chat.withdraw.button'),
              { verb: 'withdraw', id: request.id, version: request.version },
              'destructive',
            ),
          ],
        })),
      }),
      say('chat.withdraw.summary'),
    );
  },
});

const listing = listable.map((kind) =>
  command(`list-${kind}s`, {
    topic: 'see',
    alone: true,
    roles: anyRole,
    run: async (turn, rest) =>
      below(await thingList(turn, kind, { search: rest, page: 0 }), say('chat.things.summary', { kind })),
  }),
);

const help = command('help', {
  topic: 'see',
  roles: [],
  run: async (turn, rest) =>
    below((rest && helpOn(rest, commands)) || (await helpCard(turn, commands)), say('chat.help.summary')),
});

export const commands: readonly Command[] = [
  ...ordering,
  ...batchCommands,
  ...changing,
  status,
  pending,
  withdrawing,
  ...listing,
  ...findingCommands,
  ...taskCommands,
  billing,
  ...administration,
  audit,
  speaking,
  help,
];

/** Runs a command for whom it is allowed. @throws Refusal `role-missing`. */
export async function run(turn: Turn, { command, rest }: { command: Command; rest: string }): Promise<Answer> {
  const [first, ...others] = command.roles;
  if (first) await requireRole(turn.trx, turn.person, turn.now, first, ...others);
  return command.run(turn, rest);
}

/** For what was not understood: the nearest command, to be clicked. */
export function unknownCard(said: string) {
  // A button carries at most so much.
  const near = said.length > 1000 ? undefined : suggest(said, commands);
  const shortened = said.length > 60 ? `${cut(said, 60)}…` : said;
  return messageCard({
    title: say('chat.unknown.title'),
    lines: [
      said ? say('chat.unknown.said', { said: plain(shortened) }) : say('chat.unknown.empty'),
      near ? say('chat.unknown.near', { near: plain(near) }) : say('chat.unknown.help', { help: toType('help') }),
    ],
    actions: [
      ...(near ? [commandButton(near.length > 40 ? say('chat.unknown.yes') : near, near)] : []),
      commandButton(say('chat.help'), 'help'),
    ],
  });
}

/** A request's card for whoever asks, kept up to date from then on. */
export async function showRequest(turn: Turn, id: string, refusal?: Refusal): Promise<Answer> {
  const request = await loadFor(turn.trx, turn.person, id);
  const audience = await audienceFor(turn, request);
  const card = cardFor(request, audience, refusal ? { refusal } : {});
  return { show: 'request', request, audience, card, where: 'below' };
}

export async function audienceFor(turn: Turn, request: Request): Promise<Audience> {
  if (isRequester(request, turn.person)) return 'requester';
  const has = await rolesOf(turn.trx, turn.person, turn.now);
  if (has.has('approver')) return 'approver';
  return has.has('operator') && request.task ? 'operator' : 'reader';
}

function idIn(text: string): string {
  const id = parseId(text);
  if (!id) throw new Refusal('request-unknown', { id: cut(text, 40) });
  return id;
}

/** `by`: whether the rows say who asked. A batch is one row. */
function requestList(
  requests: Request[],
  { title, none, by, batches }: { title: string; none: string; by: boolean; batches: Batch[] },
) {
  const all = batches.length + requests.length;
  const more = all > pageSize;
  return listCard({
    title,
    intro: all === 0 ? none : more ? say('chat.list.oldest', { count: pageSize }) : '',
    rows: [
      ...batches.map((batch) => batchRow(batch, { by })),
      ...requests.map((request) => ({
        title: rowTitle(request),
        subtitle: by
          ? say('chat.row.requested', { standing: rowStanding(request), name: plain(request.requester.name) })
          : rowStanding(request),
        actions: [showButton(request)],
      })),
    ].slice(0, pageSize),
  });
}

function rowTitle(request: Request): string {
  const [id, name] = [shown(request.id), plain(request.name)];
  return request.operation === 'add'
    ? `${id} ${name}`
    : say('chat.row.change', { id, subject: subjectOf(request), name });
}

function rowStanding(request: Request): string {
  const { icon, label } = labelOf(request);
  return waiting(request, `${icon} ${label}`);
}
