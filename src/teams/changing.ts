import * as z from 'zod';
import { entryOf, type RemoteKind, remoteKinds } from '../catalog/index.ts';
import { fold, type Thing } from '../catalog/orderable.ts';
import { requireRole } from '../people/roles.ts';
import { parentOf } from '../requests/chain.ts';
import { type Aim, offers, openChange } from '../requests/changes.ts';
import type { Change } from '../requests/lifecycle.ts';
import { load } from '../requests/store.ts';
import { knownTo, pageOf } from '../requests/things.ts';
import { commandButton } from '../views/buttons.ts';
import { changeButton, changeFormCard, verbOf } from '../views/change.ts';
import { listCard } from '../views/list.ts';
import { messageCard } from '../views/message.ts';
import { cut, plain } from '../views/text.ts';
import type { Command } from './commands.ts';
import { type Answer, below, pageAs, type Turn } from './turn.ts';

/** What a button of a change says: hints, for which thing it is stands in the form's row. */
export const aimSchema = z.object({
  operation: z.enum(['edit', 'suspend', 'resume', 'remove']),
  kind: z.enum(remoteKinds),
  reference: z.string().min(1).max(100),
});

/** Rows of a card that asks which one is meant. */
const mostMatches = 8;

type Found = Thing & { kind: RemoteKind };

const taking = (operation: Change) => remoteKinds.filter((kind) => offers(kind, operation));

/** Opens the form of a change. */
export async function beginChange(turn: Turn, aim: Aim): Promise<Answer> {
  await requireRole(turn.trx, turn.person, turn.now, 'requester');
  const form = await openChange(turn, turn.person, aim, { lifetimeMs: turn.config.FORM_LIFETIME });
  return below(changeFormCard(form, pageAs(turn)), `${verbOf(aim.operation)} ${form.name}`);
}

const commandOf = (operation: Change, others: readonly string[], example: string, does: string): Command => ({
  words: [operation, ...others],
  usage: `${operation} ${example}`,
  does,
  topic: 'change',
  roles: ['requester'],
  async run(turn, rest) {
    const said = cut(rest.trim(), 200);
    const { kind, words } = withoutNoun(operation, said);
    if (!words) return below(howTo(operation, example), verbOf(operation));
    const found = await named(turn, operation, kind, words);
    // Something may be called "Reseller North".
    const all = found.length === 0 && words !== said ? await named(turn, operation, undefined, said) : found;
    const [only] = all;
    if (only && all.length === 1) return beginChange(turn, { operation, kind: only.kind, reference: only.reference });
    return below(only ? await whichCard(turn, operation, all) : nothingCard(operation, kind, words), verbOf(operation));
  },
});

export const changing: readonly Command[] = [
  commandOf('edit', ['change', 'modify'], 'reseller Contoso', 'Opens a form with what may be changed, filled in.'),
  commandOf('suspend', ['pause'], 'enterprise Proseware', 'Asks to have it stop working until it is resumed.'),
  commandOf('resume', ['unsuspend'], 'enterprise Proseware', 'Asks to have it work again.'),
  commandOf('remove', ['delete'], 'reseller Contoso', 'Asks to have it removed for good.'),
];

/** What is said of a kind before the name, taken off: "reseller Contoso". */
function withoutNoun(operation: Change, said: string): { kind: RemoteKind | undefined; words: string } {
  for (const kind of taking(operation)) {
    const { noun } = entryOf(kind);
    const start = said.slice(0, noun.length).toLowerCase();
    if (start === noun.toLowerCase() && (said.length === noun.length || said[noun.length] === ' '))
      return { kind, words: said.slice(noun.length).trim() };
  }
  return { kind: undefined, words: said };
}

/**
 * The things that somebody may mean: the one a request made, the one with this id, those of this very name, or else
 * those that a search for it finds.
 */
async function named(turn: Turn, operation: Change, kind: RemoteKind | undefined, words: string): Promise<Found[]> {
  const { tenantId } = turn.person;
  const lists = knownTo(turn.trx, tenantId);
  const among = taking(operation).filter((one) => !kind || one === kind);
  const id = /^r-?(\d{1,18})$/i.exec(words)?.[1];
  if (id) {
    const request = await load(turn.trx, tenantId, id);
    const made = among.find((one) => one === request.kind);
    const thing = made && request.reference ? await lists.thing(made, request.reference) : undefined;
    return made && thing ? [{ ...thing, kind: made }] : [];
  }
  const of = async (find: (kind: RemoteKind) => Promise<Thing[]>) => {
    const all: Found[] = [];
    for (const one of among) all.push(...(await find(one)).map((thing) => ({ ...thing, kind: one })));
    return all;
  };
  const limit = { limit: mostMatches + 1, offset: 0 };
  const byId = await of(async (one) => [await lists.thing(one, words)].filter((thing) => thing !== undefined));
  const byName = await of(async (one) => (await pageOf(turn.trx, tenantId, one, { name: words }, limit)).things);
  const exact = [...byId, ...byName.filter((thing) => !byId.some((one) => same(one, thing)))];
  if (exact.length > 0) return exact;
  const near = await of(async (one) => (await pageOf(turn.trx, tenantId, one, { search: words }, limit)).things);
  // Written another way it is still its whole name.
  const folded = near.filter(({ name }) => fold(name) === fold(words));
  return folded.length > 0 ? folded : near;
}

const same = (one: Found, other: Found) => one.kind === other.kind && one.reference === other.reference;

async function whichCard(turn: Turn, operation: Change, found: Found[]) {
  const shown = found.slice(0, mostMatches);
  const lists = knownTo(turn.trx, turn.person.tenantId);
  const above = new Map<Found, string>();
  for (const one of shown) above.set(one, (await parentOf(lists, one))?.name ?? '');
  return listCard({
    title: `${verbOf(operation)}: which one?`,
    intro:
      found.length > shown.length
        ? `The first ${shown.length}; type more of the name to see others.`
        : 'Several match.',
    rows: shown.map((one) => ({
      title: plain(one.name),
      subtitle: [
        entryOf(one.kind).noun,
        above.get(one) && `of ${above.get(one)}`,
        one.suspended && 'suspended',
        one.reference,
        one.facts.email,
      ]
        .filter((text) => typeof text === 'string' && text !== '')
        .map((text) => plain(text as string))
        .join(' · '),
      actions: [
        {
          ...changeButton(verbOf(operation), { operation, kind: one.kind, reference: one.reference }),
          tooltip: `${verbOf(operation)} ${one.name}`,
        },
      ],
    })),
  });
}

const listButtons = (operation: Change, search = '') =>
  taking(operation).map((kind) => {
    const { noun } = entryOf(kind);
    return commandButton(`List ${noun}s`, `list ${noun}s ${search}`.trim());
  });

function nothingCard(operation: Change, kind: RemoteKind | undefined, words: string) {
  const what = kind
    ? entryOf(kind).noun
    : taking(operation)
        .map((one) => entryOf(one).noun)
        .join(' or ');
  return messageCard({
    title: `I found no ${what} like that`,
    lines: [
      `TeamMate lists no ${what} with “${plain(cut(words, 60))}” as its id or in its name, e-mail or billing reference.`,
      `Look for it in the list, then type: ${operation} and its name or id.`,
    ],
    style: 'warning',
    actions: [...listButtons(operation), commandButton('Help', 'help')],
  });
}

function howTo(operation: Change, example: string) {
  return messageCard({
    title: `${verbOf(operation)} what?`,
    lines: [
      `Type **${operation}** and a name, an id of TeamMate’s, or the request that made it.`,
      `For example: **${operation} ${example}**, **${operation} 5101** or **${operation} R-1001**.`,
    ],
    actions: [...listButtons(operation), commandButton('Help', 'help')],
  });
}
