import { entryOf, type Kind } from '../catalog/index.ts';
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
  const { noun, title, commands } = entryOf(kind);
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
    const [icon, says] = suspended ? ['⏸', 'Suspended'] : active ? ['✅', 'Active'] : ['⏳', waits[kind]];
    rows.push({
      title: `${icon} ${plain(name)}`,
      subtitle: [says, above && `of ${above.name}`, facts.email, facts.billingReference]
        .filter(Boolean)
        .map((text) => plain(text as string))
        .join(' · '),
    });
  }
  const turnTo = (label: string, to: number) => button(label, { verb: 'list', kind, page: to, shown: search });
  const none = search ? 'None matches.' : `TeamMate lists no ${noun} yet.`;
  return listCard({
    title: `${noun.charAt(0).toUpperCase()}${noun.slice(1)}s`,
    intro:
      total === 0
        ? none
        : `${total} ${search ? 'found' : 'in all'}${pages > 1 ? `, page ${page + 1} of ${pages}` : ''}.`,
    search: {
      label: 'Search',
      hint: 'Name, e-mail or billing reference',
      value: search,
      action: button('Search', { verb: 'list', kind, page: 0 }),
    },
    rows,
    actions: [
      ...(page > 0 ? [turnTo('Previous', page - 1)] : []),
      ...(page < pages - 1 ? [turnTo('Next', page + 1)] : []),
      ...(total === 0 && !search ? [commandButton(title, commands[0])] : []),
    ],
  });
}

const waits: Record<Listable, string> = {
  reseller: 'Waiting for activation',
  enterprise: 'Waiting for registration',
  pbx: 'Not registered',
};
