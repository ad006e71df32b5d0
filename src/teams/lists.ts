import { sql } from 'kysely';
import { requireRole } from '../people/roles.ts';
import { button, commandButton } from '../views/buttons.ts';
import { listCard } from '../views/list.ts';
import type { Card } from '../views/templates.ts';
import { cut, plain } from '../views/text.ts';
import type { Turn } from './turn.ts';

const pageSize = 8;

/** The resellers TeamMate has, from the mirror: searched by name, e-mail or billing reference, a page at a time. */
export async function resellerList(turn: Turn, asked: { search: string; page: number }): Promise<Card> {
  await requireRole(turn.trx, turn.person, turn.now, 'requester', 'approver', 'administrator');
  const search = cut(asked.search.trim(), 100);
  // In LIKE a backslash, per cent and underscore mean something; here they are what was typed.
  const like = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  let query = turn.trx
    .selectFrom('listed')
    .where('tenant_id', '=', turn.person.tenantId)
    .where('kind', '=', 'reseller');
  if (search)
    query = query.where((where) =>
      where.or([
        where('name', 'ilike', like),
        where(sql`facts ->> 'email'`, 'ilike', like),
        where(sql`facts ->> 'billingReference'`, 'ilike', like),
      ]),
    );
  const { count } = await query.select((select) => select.fn.countAll<string>().as('count')).executeTakeFirstOrThrow();
  const total = Number(count);
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const page = Math.min(Math.max(asked.page, 0), pages - 1);
  const rows = await query
    .select(['name', 'facts', 'active', 'reference'])
    .orderBy('name')
    .orderBy('reference')
    .limit(pageSize)
    .offset(page * pageSize)
    .execute();
  // So that the next look is fresh.
  await turn.jobs.send(turn.trx, 'sync', { tenantId: turn.person.tenantId });

  const turnTo = (title: string, to: number) => button(title, { verb: 'list-resellers', page: to, shown: search });
  return listCard({
    title: 'Resellers',
    intro:
      total === 0
        ? search
          ? 'None matches.'
          : 'TeamMate lists no reseller yet.'
        : `${total} ${search ? 'found' : 'in all'}${pages > 1 ? `, page ${page + 1} of ${pages}` : ''}.`,
    search: {
      label: 'Search',
      hint: 'Name, e-mail or billing reference',
      value: search,
      action: button('Search', { verb: 'list-resellers', page: 0 }),
    },
    rows: rows.map(({ name, facts, active }) => ({
      title: `${active ? '✅' : '⏳'} ${plain(name)}`,
      subtitle: [active ? 'Active' : 'Waiting for activation', facts.email, facts.billingReference]
        .filter(Boolean)
        .map((text) => plain(text as string))
        .join(' · '),
    })),
    actions: [
      ...(page > 0 ? [turnTo('Previous', page - 1)] : []),
      ...(page < pages - 1 ? [turnTo('Next', page + 1)] : []),
      ...(total === 0 && !search ? [commandButton('Add Reseller', 'add reseller')] : []),
    ],
  });
}
