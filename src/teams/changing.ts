import * as z from 'zod';
import { entryOf, type RemoteKind, remoteKinds } from '../catalog/index.ts';
import { fold, type Thing } from '../catalog/orderable.ts';
import { toType, wordsIn } from '../language/commands.ts';
import { languages } from '../language/languages.ts';
import { inLanguage, locale } from '../language/reader.ts';
import { say } from '../language/say.ts';
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
import { type Command, command } from './command.ts';
import { isListable } from './lists.ts';
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
  return below(
    changeFormCard(form, pageAs(turn)),
    say('chat.change.summary', { verb: verbOf(aim.operation), name: form.name }),
  );
}

const commandOf = (operation: Change) =>
  command(operation, {
    topic: 'change',
    roles: ['requester'],
    async run(turn, rest) {
      const said = cut(rest.trim(), 200);
      const { kind, words } = withoutNoun(operation, said);
      if (!words) return below(howTo(operation), verbOf(operation));
      const found = await named(turn, operation, kind, words);
      // Something may be called "Reseller North".
      const all = found.length === 0 && words !== said ? await named(turn, operation, undefined, said) : found;
      const [only] = all;
      if (only && all.length === 1) return beginChange(turn, { operation, kind: only.kind, reference: only.reference });
      return below(
        only ? await whichCard(turn, operation, all) : nothingCard(operation, kind, words),
        verbOf(operation),
      );
    },
  });

export const changing: readonly Command[] = [
  commandOf('edit'),
  commandOf('suspend'),
  commandOf('resume'),
  commandOf('remove'),
];

/** What is said of a kind before the name, in any of the languages, taken off: "reseller Contoso". */
function withoutNoun(operation: Change, said: string): { kind: RemoteKind | undefined; words: string } {
  for (const kind of taking(operation))
    for (const noun of nounsOf(kind)) {
      const start = said.slice(0, noun.length).toLowerCase();
      if (start === noun.toLowerCase() && (said.length === noun.length || said[noun.length] === ' '))
        return { kind, words: said.slice(noun.length).trim() };
    }
  return { kind: undefined, words: said };
}

const nounsOf = (kind: RemoteKind) => languages.map((spoken) => inLanguage(spoken, () => entryOf(kind).noun));

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
  const aboveOf = (one: Found) => above.get(one) && say('chat.things.of', { name: above.get(one) ?? '' });
  return listCard({
    title: say('chat.change.which', { verb: verbOf(operation) }),
    intro: found.length > shown.length ? say('chat.change.first', { count: shown.length }) : say('chat.change.several'),
    rows: shown.map((one) => ({
      title: plain(one.name),
      subtitle: [
        entryOf(one.kind).noun,
        aboveOf(one),
        one.suspended && say('chat.change.suspended'),
        one.reference,
        one.facts.email,
      ]
        .filter((text) => typeof text === 'string' && text !== '')
        .map((text) => plain(text as string))
        .join(' · '),
      actions: [
        {
          ...changeButton(verbOf(operation), { operation, kind: one.kind, reference: one.reference }),
          tooltip: say('chat.change.summary', { verb: verbOf(operation), name: one.name }),
        },
      ],
    })),
  });
}

const listButtons = (operation: Change, search = '') =>
  taking(operation)
    .filter(isListable)
    .map((kind) =>
      commandButton(say('chat.things.list', { kind }), `${wordsIn('en', `list-${kind}s`)[0]} ${search}`.trim()),
    );

function nothingCard(operation: Change, kind: RemoteKind | undefined, words: string) {
  const nouns = (kind ? [kind] : taking(operation)).map((one) => entryOf(one).noun);
  const what = new Intl.ListFormat(locale(), { type: 'disjunction' }).format(nouns);
  return messageCard({
    title: say('chat.change.none.title', { what }),
    lines: [
      say('chat.change.none', { what, said: plain(cut(words, 60)) }),
      say('chat.change.none.next', { command: toType(operation) }),
    ],
    style: 'warning',
    actions: [...listButtons(operation), commandButton(say('chat.help'), 'help')],
  });
}

function howTo(operation: Change) {
  const command = toType(operation);
  return messageCard({
    title: say('chat.change.what', { verb: verbOf(operation) }),
    lines: [
      say('chat.change.how', { command }),
      say('chat.change.example', { command, usage: say(`commands.${operation}.usage`) }),
    ],
    actions: [...listButtons(operation), commandButton(say('chat.help'), 'help')],
  });
}
