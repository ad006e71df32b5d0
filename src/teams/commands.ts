import { catalog, entryOf, type Kind } from '../catalog/index.ts';
import { Refusal } from '../errors.ts';
import { anyRole, type Role } from '../people/person.ts';
import { requireRole, rolesOf } from '../people/roles.ts';
import { type Batch, openBatches } from '../requests/batch.ts';
import { withdraw } from '../requests/decisions.ts';
import { openForm } from '../requests/forms.ts';
import { from, open } from '../requests/lifecycle.ts';
import { isRequester, parseId, type Request, shown, waitingFor, waitingSince } from '../requests/request.ts';
import { list, loadFor } from '../requests/store.ts';
import { batchRow } from '../views/batch.ts';
import { commandButton, plainButton } from '../views/buttons.ts';
import { cardFor } from '../views/card.ts';
import { subjectOf } from '../views/change.ts';
import { formCard } from '../views/form.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { type Audience, labelOf } from '../views/request.ts';
import { cut, moment, plain } from '../views/text.ts';
import { administration } from './administration.ts';
import { audit } from './auditing.ts';
import { batchCommands } from './batches.ts';
import { billing } from './billing.ts';
import { changing } from './changing.ts';
import { findingCommands } from './finding.ts';
import { helpCard, helpOn, type Topic } from './help.ts';
import { speaking } from './languages.ts';
import { listable, thingList } from './lists.ts';
import { suggest } from './parse.ts';
import { taskCommands } from './tasks.ts';
import { type Answer, below, type Turn } from './turn.ts';

/** One thing that can be typed. The first of `words` is the one we advertise. */
export interface Command {
  words: readonly [string, ...string[]];
  usage: string;
  does: string;
  topic: Topic;
  /** It means something without more words, so it gets a button. */
  alone?: boolean;
  /** Who may; empty means everybody of a known organisation. */
  roles: readonly Role[];
  /** For people of a tenant that is not served. */
  outside?: boolean;
  run(turn: Turn, rest: string): Promise<Answer>;
}

/** Rows on one card: more would make it long and heavy (a card has to stay under 25 KB). */
const pageSize = 10;

const ordering = (Object.keys(catalog) as Kind[]).map((kind): Command => {
  const entry = entryOf(kind);
  return {
    words: entry.commands,
    usage: entry.example,
    does: `Asks for ${entry.asks}; what you write behind it is filled in.`,
    topic: 'order',
    alone: true,
    ...(entry.outside ? { roles: [], outside: true } : { roles: ['requester'] }),
    async run(turn, rest) {
      const typed = rest ? entry.quick(rest.split(';').map((part) => part.trim())) : {};
      const form = await openForm(turn, turn.person, kind, { typed, lifetimeMs: turn.config.FORM_LIFETIME });
      return below(formCard(form), entry.title);
    },
  };
});

const status: Command = {
  words: ['status', 'my requests', 'open requests'],
  usage: 'status, or status R-1001',
  does: 'Shows your open requests, or one request with all it is waiting for.',
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
        title: 'Your open requests',
        none: 'You have no open requests.',
        by: false,
        batches,
      }),
      'Your open requests',
    );
  },
};

const pending: Command = {
  words: ['pending', 'approvals', 'queue'],
  usage: 'pending',
  does: 'Shows what waits for an approver, oldest first.',
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
      requestList(waiting, { title: 'Waiting for approval', none: 'Nothing waits for approval.', by: true, batches }),
      'Waiting for approval',
    );
  },
};

const withdrawing: Command = {
  words: ['withdraw', 'cancel request'],
  usage: 'withdraw R-1001',
  does: 'Takes back a request of yours while it is pending.',
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
        title: 'Which one shall be withdrawn?',
        intro: mine.length === 0 ? 'You have nothing that could be withdrawn.' : '',
        rows: mine.map((request) => ({
          title: rowTitle(request),
          subtitle: rowStanding(request),
          actions: [
            plainButton('Withdraw', { verb: 'withdraw', id: request.id, version: request.version }, 'destructive'),
          ],
        })),
      }),
      'Withdraw a request',
    );
  },
};

const listing = listable.map((kind): Command => {
  const noun = entryOf(kind).noun.toLowerCase();
  return {
    words: [`list ${noun}s`, `${noun}s`, `list ${noun}`],
    usage: `list ${noun}s, or list ${noun}s contoso`,
    does: `Lists the ${entryOf(kind).noun}s in TeamMate, with search.`,
    topic: 'see',
    alone: true,
    roles: anyRole,
    run: async (turn, rest) => below(await thingList(turn, kind, { search: rest, page: 0 }), `List of ${noun}s`),
  };
});

const help: Command = {
  words: ['help', 'hi', 'hello', 'start', '?'],
  usage: 'help, or help add reseller',
  does: 'Shows what you may do, or more of one command.',
  topic: 'see',
  roles: [],
  run: async (turn, rest) =>
    below((rest && helpOn(rest, commands)) || (await helpCard(turn, commands)), 'What TeamMate can do for you'),
};

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
    title: 'I did not understand that',
    lines: [
      said ? `I do not know “${plain(shortened)}”.` : 'There was no text in your message.',
      near ? `Did you mean: **${plain(near)}**?` : 'Type **help** to see what I can do.',
    ],
    actions: [...(near ? [commandButton(near.length > 40 ? 'Yes' : near, near)] : []), commandButton('Help', 'help')],
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
    intro: all === 0 ? none : more ? `The oldest ${pageSize}; there are more.` : '',
    rows: [
      ...batches.map((batch) => batchRow(batch, { by })),
      ...requests.map((request) => ({
        title: rowTitle(request),
        subtitle: `${rowStanding(request)}${by ? ` · requested by ${plain(request.requester.name)}` : ''}`,
        actions: [{ ...plainButton('Show', { verb: 'show', id: request.id }), tooltip: `Show ${shown(request.id)}` }],
      })),
    ].slice(0, pageSize),
  });
}

const rowTitle = (request: Request) =>
  `${shown(request.id)} ${request.operation === 'add' ? '' : `${subjectOf(request)} `}${plain(request.name)}`;

function rowStanding(request: Request): string {
  const { icon, label } = labelOf(request);
  const who = waitingFor(request);
  return `${icon} ${label}${who ? ` · waiting for ${plain(who)} since ${moment(waitingSince(request))}` : ''}`;
}
