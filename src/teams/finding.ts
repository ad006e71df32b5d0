import { entryOf, isKind, type Kind } from '../catalog/index.ts';
import { fold, type Thing } from '../catalog/orderable.ts';
import { anyRole } from '../people/person.ts';
import { requireRole } from '../people/roles.ts';
import { chainOf, type Link, parentOf } from '../requests/chain.ts';
import { parseId, type Request, shown, waitingFor, waitingSince } from '../requests/request.ts';
import { search as searchRequests } from '../requests/store.ts';
import { knownTo, search as searchThings } from '../requests/things.ts';
import { type Button, commandButton, plainButton } from '../views/buttons.ts';
import { subjectOf } from '../views/change.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { labelOf } from '../views/request.ts';
import { cut, moment, plain } from '../views/text.ts';
import type { Command } from './commands.ts';
import { showRequest } from './commands.ts';
import { type Answer, below, type Turn } from './turn.ts';

/** What one card shows of what was found. */
const most = 10;

const finding: Command = {
  words: ['find', 'search'],
  usage: 'find contoso, find ops@contoso.example, find B-77, find 6001',
  does: 'Finds anything by its name, e-mail address, id or billing reference.',
  topic: 'see',
  roles: anyRole,
  run: (turn, rest) => find(turn, rest),
};

const showing: Command = {
  words: ['show', 'chain'],
  usage: 'show Contoso, or show R-1001',
  does: 'Shows a reseller or customer with all that belongs to it: how each stands and who is waited for.',
  topic: 'see',
  roles: anyRole,
  async run(turn, rest) {
    const text = cut(rest.trim(), 200);
    if (/^r-?\d/i.test(text)) {
      const id = parseId(text);
      if (id) return showRequest(turn, id);
    }
    if (!text) return below(asking('show'), 'Show what?');
    const { things } = await searchThings(turn.trx, turn.person.tenantId, text, most);
    const exact = things.filter(({ name, reference }) => fold(name) === fold(text) || reference === text);
    const [only, ...others] = exact.length > 0 ? exact : things;
    if (!only || others.length > 0) return find(turn, text);
    return showChain(turn, only);
  },
};

export const findingCommands: readonly Command[] = [finding, showing];

async function find(turn: Turn, rest: string): Promise<Answer> {
  const text = cut(rest.trim(), 200);
  if (!text) return below(asking('find'), 'Find what?');
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
      title: `Found: ${plain(text)}`,
      intro: all === 0 ? 'Nothing has this in its name, e-mail address, id or billing reference.' : `${all} found.`,
      rows: rows.slice(0, most),
      ...(all > most && { notice: `Only ${most} are shown; write more of the name.` }),
    }),
    'Found',
  );
}

/** A thing's chain. @throws Refusal `role-missing` */
export async function showChain(turn: Turn, thing: Thing): Promise<Answer> {
  await requireRole(turn.trx, turn.person, turn.now, ...anyRole);
  const { links, more } = await chainOf(turn.trx, turn.person.tenantId, thing);
  await turn.jobs.send(turn.trx, 'sync', { tenantId: turn.person.tenantId });
  const card = listCard({
    title: plain(thing.name),
    intro: 'The whole chain, from its top: how each stands, and who is waited for.',
    rows: links.map(linkRow),
    ...(more > 0 && { notice: `${more} more below: use Find to get to them.` }),
  });
  return below(card, thing.name);
}

const asking = (command: string) =>
  messageCard({
    title: command === 'find' ? 'Find what?' : 'Show what?',
    lines: [`Write what you look for behind it, such as: ${command} contoso`],
    actions: [commandButton('List resellers', 'list resellers')],
  });

const show = (kind: string, reference: string, name: string): Button => ({
  ...plainButton('Show', { verb: 'chain', kind, reference }),
  tooltip: `Show ${name}`,
});

async function thingRow(thing: Thing, known: ReturnType<typeof knownTo>) {
  const { kind, reference, name, facts } = thing;
  const above = await parentOf(known, thing);
  return {
    title: `${iconOf(thing)} ${plain(name)}`,
    subtitle: [nounOf(kind), above && `of ${above.name}`, facts.email, facts.billingReference, `id ${reference}`]
      .filter((text) => text !== undefined && text !== '')
      .map((text) => plain(text as string))
      .join(' · '),
    actions: [show(kind, reference, name)],
  };
}

const requestRow = (request: Request) => ({
  title: `${labelOf(request).icon} ${shown(request.id)} ${plain(request.name)}`,
  subtitle: `${subjectOf(request)} · ${labelOf(request).label}${waits(request)}`,
  actions: [{ ...plainButton('Show', { verb: 'show', id: request.id }), tooltip: `Show ${shown(request.id)}` }],
});

/** A link, set in by as much as it stands below the top. */
function linkRow({ depth, kind, name, thing, request }: Link) {
  const icon = thing ? iconOf(thing) : request ? labelOf(request).icon : '';
  const how = request
    ? standing(request)
    : thing?.suspended
      ? 'Suspended'
      : thing?.active
        ? 'Active'
        : 'Not active yet';
  return {
    depth,
    title: `${depth > 0 ? '↳ ' : ''}${icon} ${plain(name)}`,
    // At the beginning, where no line breaks within it.
    subtitle: `${request ? `${shown(request.id)} · ` : ''}${nounOf(kind)} · ${how}`,
    actions: request
      ? [{ ...plainButton('Show', { verb: 'show', id: request.id }), tooltip: `Show ${shown(request.id)}` }]
      : [],
  };
}

const standing = (request: Request) => `${labelOf(request).label}${waits(request)}`;

function waits(request: Request): string {
  const who = waitingFor(request);
  return who ? ` · waiting for ${plain(who)} since ${moment(waitingSince(request))}` : '';
}

const iconOf = ({ active, suspended }: Thing) => (suspended ? '⏸' : active ? '✅' : '⏳');
const nounOf = (kind: Kind | Thing['kind']) => (isKind(kind) ? entryOf(kind).noun : kind);
