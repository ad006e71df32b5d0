import { entryOf, type Kind } from '../catalog/index.ts';
import { wordsIn } from '../language/commands.ts';
import { say } from '../language/say.ts';
import { anyRole } from '../people/person.ts';
import { requireRole } from '../people/roles.ts';
import { knownTo, pageOf } from '../requests/things.ts';
import { button, commandButton } from '../views/buttons.ts';
import { listCard } from '../views/list.ts';
import type { Card } from '../views/templates.ts';
import { cut, plain } from '../views/text.ts';
import type { Turn } from './turn.ts';

const pageSize = 8;

/** The kinds of things that TeamMate lists for us. */
export const listable = ['reseller', 'enterprise', 'pbx'] as const satisfies readonly Kind[];
export type Listable = (typeof listable)[number];
export const isListable = (kind: string): kind is Listable => (listable as readonly string[]).includes(kind);

/** What TeamMate has of a kind, from our copy: searched by name, e-mail or billing reference, a page at a time. */
export async function thingList(turn: Turn, kind: Listable, asked: { search: string; page: number }): Promise<Card> {
  await requireRole(turn.trx, turn.person, turn.now, ...anyRole);
  const { tenantId } = turn.person;
  const { title, command } = entryOf(kind);
  const search = cut(asked.search.trim(), 100);
  const at = (page: number) =>
    pageOf(turn.trx, tenantId, kind, { search }, { limit: pageSize, offset: page * pageSize });
  const wanted = Math.max(asked.page, 0);
  let [page, found] = [wanted, await at(wanted)];
  const pages = Math.max(1, Math.ceil(found.total / pageSize));
  if (wanted >= pages) [page, found] = [pages - 1, await at(pages - 1)];
  const { total, things } = found;
  // So that the next look is fresh.
  await turn.jobs.send(turn.trx, 'sync', { tenantId });

  const known = knownTo(turn.trx, tenantId);
  const rows = [];
  for (const { name, active, suspended, parent, facts } of things) {
    const above = parent ? await known.thing(kind === 'pbx' ? 'enterprise' : 'reseller', parent) : undefined;
    const [icon, says] = suspended
      ? ['⏸', say('chat.things.suspended')]
      : active
        ? ['✅', say('chat.things.active')]
        : ['⏳', say(`chat.things.inactive.${kind}`)];
    rows.push({
      title: `${icon} ${plain(name)}`,
      subtitle: [says, above && say('chat.things.of', { name: above.name }), facts.email, facts.billingReference]
        .filter(Boolean)
        .map((text) => plain(text as string))
        .join(' · '),
    });
  }
  const turnTo = (label: string, to: number) => button(label, { verb: 'list', kind, page: to, shown: search });
  const none = search ? say('chat.things.unmatched') : say('chat.things.none', { kind });
  const paging = { total, page: page + 1, pages };
  return listCard({
    title: say('chat.things.title', { kind }),
    intro: total === 0 ? none : search ? say('chat.things.found', paging) : say('chat.things.all', paging),
    search: {
      label: say('chat.things.search'),
      hint: say('chat.things.hint'),
      value: search,
      action: button(say('chat.things.search'), { verb: 'list', kind, page: 0 }),
    },
    rows,
    actions: [
      ...(page > 0 ? [turnTo(say('chat.things.previous'), page - 1)] : []),
      ...(page < pages - 1 ? [turnTo(say('chat.things.next'), page + 1)] : []),
      ...(total === 0 && !search ? [commandButton(title, wordsIn('en', command)[0])] : []),
    ],
  });
}
