import { entryOf, isKind, type Kind } from '../catalog/index.ts';
import { fold, type Thing } from '../catalog/orderable.ts';
import { toType, wordsIn } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { anyRole } from '../people/person.ts';
import { requireRole } from '../people/roles.ts';
import { chainOf, type Link, parentOf } from '../requests/chain.ts';
import { parseId, type Request, shown } from '../requests/request.ts';
import { search as searchRequests } from '../requests/store.ts';
import { knownTo, search as searchThings } from '../requests/things.ts';
import { type Button, commandButton, plainButton } from '../views/buttons.ts';
import { subjectOf } from '../views/change.ts';
import { listCard } from '../views/list.ts';
import type { Shared } from '../views/live.ts';
import { messageCard } from '../views/message.ts';
import { labelOf } from '../views/request.ts';
import { cut, plain } from '../views/text.ts';
import { type Command, command } from './command.ts';
import { showRequest } from './commands.ts';
import { showButton, waiting } from './rows.ts';
import { type Answer, below, type Turn } from './turn.ts';

/** What one card shows of what was found. */
const most = 10;

const finding = command('find', {
  topic: 'see',
  roles: anyRole,
  run: (turn, rest) => find(turn, rest),
});

const showing = command('show', {
  topic: 'see',
  roles: anyRole,
  async run(turn, rest) {
    const text = cut(rest.trim(), 200);
    if (/^r-?\d/i.test(text)) {
      const id = parseId(text);
      if (id) return showRequest(turn, id);
    }
    if (!text) return below(asking('show'), say('chat.show.what'));
    const { things } = await searchThings(turn.trx, turn.person.tenantId, text, most);
    const exact = things.filter(({ name, reference }) => fold(name) === fold(text) || reference === text);
    const [only, ...others] = exact.length > 0 ? exact : things;
    if (!only || others.length > 0) return find(turn, text);
    return showChain(turn, only);
  },
});

export const findingCommands: readonly Command[] = [finding, showing];

async function find(turn: Turn, rest: string): Promise<Answer> {
  const text = cut(rest.trim(), 200);
  if (!text) return below(asking('find'), say('chat.find.what'));
  const { tenantId } = turn.person;
  const { things, total } = await searchThings(turn.trx, tenantId, text, most);
  const requests = (await searchRequests(turn.trx, tenantId, text, most)).filter(
    // What TeamMate has already stands among the things.
    ({ kind, reference }) => !things.some((one) => one.kind === kind && one.reference === reference),
  );
  await turn.jobs.send(turn.trx, 'sync', { tenantId });
  const known = knownTo(turn.trx, tenantId);
  const rows = [];
  for (const thing of things) rows.push(await thingRow(thing, known));
  rows.push(...requests.map(requestRow));
  const all = total + requests.length;
  return below(
    listCard({
      title: say('chat.find.title', { text: plain(text) }),
      intro: all === 0 ? say('chat.find.none') : say('chat.find.count', { count: all }),
      rows: rows.slice(0, most),
      ...(all > most && { notice: say('chat.find.more', { count: most }) }),
    }),
    say('chat.find.summary'),
  );
}

/** A thing's chain. @throws Refusal `role-missing` */
export async function showChain(turn: Turn, thing: Thing): Promise<Answer> {
  await requireRole(turn.trx, turn.person, turn.now, ...anyRole);
  const { links, more } = await chainOf(turn.trx, turn.person.tenantId, thing);
  await turn.jobs.send(turn.trx, 'sync', { tenantId: turn.person.tenantId });
  const card = listCard({
    title: plain(thing.name),
    intro: say('chat.chain.intro'),
    rows: links.map(linkRow),
    ...(more > 0 && { notice: say('chat.chain.more', { count: more }) }),
  });
  return below(card, thing.name);
}

const asking = (command: 'find' | 'show') =>
  messageCard({
    title: say(`chat.${command}.what`),
    lines: [say('chat.find.how', { command: toType(command) })],
    actions: [commandButton(say('chat.things.list', { kind: 'reseller' }), wordsIn('en', 'list-resellers')[0])],
  });

const show = (kind: string, reference: string, name: string): Button => ({
  ...plainButton(say('chat.show'), { verb: 'chain', kind, reference }),
  tooltip: say('chat.show.one', { name }),
});

async function thingRow(thing: Thing, known: ReturnType<typeof knownTo>) {
  const { kind, reference, name } = thing;
  return {
    title: `${iconOf(thing)} ${plain(name)}`,
    subtitle: await subtitleOf(thing, known),
    actions: [show(kind, reference, name)],
  };
}

/** What a thing is and belongs to, and by what it is found. */
export async function subtitleOf(thing: Thing, known: ReturnType<typeof knownTo>): Promise<string> {
  const { kind, reference, facts } = thing;
  const above = await parentOf(known, thing);
  return [
    nounOf(kind),
    above && say('chat.things.of', { name: above.name }),
    facts.email,
    facts.billingReference,
    say('chat.find.id', { id: reference }),
  ]
    .filter((text) => text !== undefined && text !== '')
    .map((text) => plain(text as string))
    .join(' · ');
}

/** What may be read of a thing by whoever is in the same chat. */
export const standsOf = (thing: Thing): Shared => ({
  icon: iconOf(thing),
  name: thing.name,
  says: [nounOf(thing.kind), stateOf(thing)],
});

const stateOf = ({ active, suspended }: Thing) =>
  suspended ? say('chat.things.suspended') : active ? say('chat.things.active') : say('chat.chain.inactive');

const requestRow = (request: Request) => ({
  title: `${labelOf(request).icon} ${shown(request.id)} ${plain(request.name)}`,
  subtitle: waiting(request, `${subjectOf(request)} · ${labelOf(request).label}`),
  actions: [showButton(request)],
});

/** A link, set in by as much as it stands below the top. */
export function linkRow({ depth, kind, name, thing, request }: Link) {
  const icon = thing ? iconOf(thing) : request ? labelOf(request).icon : '';
  const how = request ? waiting(request, labelOf(request).label) : thing ? stateOf(thing) : '';
  return {
    depth,
    title: `${depth > 0 ? '↳ ' : ''}${icon} ${plain(name)}`,
    // At the beginning, where no line breaks within it.
    subtitle: `${request ? `${shown(request.id)} · ` : ''}${nounOf(kind)} · ${how}`,
    actions: request ? [showButton(request)] : [],
  };
}

const iconOf = ({ active, suspended }: Thing) => (suspended ? '⏸' : active ? '✅' : '⏳');
const nounOf = (kind: Kind | Thing['kind']) => (isKind(kind) ? entryOf(kind).noun : kind);
