import { sql } from 'kysely';
import type { Config } from '../config.ts';
import type { Jobs } from '../db/jobs.ts';
import type { Db, Trx } from '../db/open.ts';
import { type Key, say } from '../language/say.ts';
import { asReadIn } from '../people/conversations.ts';
import { asksApprover, type Batch, loadAnyBatch, tally } from '../requests/batch.ts';
import { conclude, expireBatch } from '../requests/batch-decisions.ts';
import type { Outbox } from '../teams/outbox.ts';
import { sized, summary } from '../views/batch.ts';
import { plainButton } from '../views/buttons.ts';
import { type Message, messageCard } from '../views/message.ts';
import type { Card } from '../views/templates.ts';
import { moment, plain } from '../views/text.ts';
import type { Event, Listener } from './notices.ts';
import { type Places, placesOf } from './places.ts';

interface Room {
  db: Db;
  outbox: Outbox;
  jobs: Jobs;
  config: Pick<Config, 'APPROVAL_REMIND_AFTER' | 'APPROVAL_EXPIRE_AFTER'>;
  clock: () => Date;
}

/** All that moves of a batch within this time is shown at once: two hundred requests must not be two hundred updates. */
const together = 2_000;
/** Failures of one batch that are told one by one. When TeamMate refuses everything, the rest stands on the batch's card. */
const failuresTold = 5;

/** One of a batch moved: the batch's cards are due at the end of the present stretch of time, with all else that moved in it. */
export function tellBatch(trx: Trx, jobs: Jobs, batchId: string, now: Date): Promise<void> {
  const due = new Date((Math.floor(now.getTime() / together) + 1) * together);
  return jobs.send(trx, 'batch', { batchId }, due);
}

/** Whether an event of one request of a batch is a notice of its own. What happens to the many, the batch says once. */
export async function worthSaying(trx: Trx, batchId: string, event: Event): Promise<boolean> {
  if ('batch' in event.detail) return false;
  if (event.what !== 'fail') return ['approve', 'reject', 'withdraw', 'resent'].includes(event.what);
  const { count } = await trx
    .selectFrom('events')
    .innerJoin('requests', 'requests.id', 'events.request_id')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('requests.batch_id', '=', batchId)
    .where('events.what', '=', 'fail')
    .where('events.id', '<=', event.id)
    .executeTakeFirstOrThrow();
  return Number(count) <= failuresTold;
}

/**
 * Sees how a batch stands: puts it before the approvers, brings its cards up to date, says what is to be said of the whole,
 * reminds and expires. Whatever it posts has a name of its own, so that a repeat says nothing twice.
 */
export async function followBatch(room: Room, batchId: string, again: boolean): Promise<void> {
  const { db, outbox, jobs, clock } = room;
  await db.transaction().execute(async (trx) => {
    const work = { trx, jobs, now: clock() };
    const found = await loadAnyBatch(trx, batchId);
    if (!found) return;
    if (found.state === 'pending' && isOver(found, work.now, room.config)) await expireBatch(work, found);
    else await conclude(work, found);
    const batch = (await loadAnyBatch(trx, batchId)) ?? found;
    const places = await placesOf(trx, batch, () => ownCard(trx, batchId));

    const asked = asksApprover(batch, tally(batch.requests));
    if (asked && places.approvals) {
      const once = `approval:batch:${batch.id}:${places.approvals.conversationId}`;
      await outbox.postLive(trx, places.approvals, once, batch, 'approver');
    }
    await sayAll(trx, outbox, batch, places);
    if (batch.state === 'pending') await waitOn(room, trx, batch, places, { asked, again });
    await outbox.refreshBatch(trx, await standingOf(trx, batch), batchId);
  });
}

/** The whole as a name: another one whenever anything of it moved. */
async function standingOf(trx: Trx, { id, version }: Batch): Promise<string> {
  const { rows } = await sql<{ last: string | null; revision: string }>`
    select (select max(e.id) from events e join requests r on r.id = e.request_id where r.batch_id = ${id}) as last,
      (select coalesce(sum(revision), 0) from requests where batch_id = ${id}) as revision`.execute(trx);
  return `batch:${version}:${rows[0]?.last ?? ''}:${rows[0]?.revision ?? ''}`;
}

const ownCard = async (trx: Trx, batchId: string) =>
  (
    await trx
      .selectFrom('cards')
      .select('conversation_id')
      .where('batch_id', '=', batchId)
      .where('audience', '=', 'requester')
      .executeTakeFirst()
  )?.conversation_id;

interface Saying {
  once: string;
  to: readonly Listener[];
  title: string;
  style: Message['style'];
  lines: string[];
}

/** What is to be said of the whole, as it stands. */
function sayings(batch: Batch): Saying[] {
  const { id, state, version, decision, requester } = batch;
  const counts = tally(batch.requests);
  const about = { id, size: sized(batch) };
  const everybody = ['requester', 'notifications'] as const;
  const saying = (what: string, to: Saying['to'], title: Key, style: Message['style'], ...lines: string[]): Saying => ({
    once: `batch:${id}:${what}`,
    to,
    title: say(title, { ...about, failed: counts.failed }),
    style,
    lines,
  });
  const by = { who: plain(decision?.name ?? '') };
  switch (state) {
    case 'pending': {
      const reminded = lastReminder(batch, 'unready');
      const mending = { size: sized(batch, counts.mending) };
      const asks = {
        who: plain(requester.name),
        size: sized(batch, counts.pending),
        when: moment(batch.since),
      };
      return [
        ...(asksApprover(batch, counts)
          ? [
              saying(
                'submitted',
                ['notifications'],
                'notices.batch.asks.title',
                'emphasis',
                say('notices.batch.asks', asks),
              ),
            ]
          : []),
        ...(counts.checking === 0 && counts.mending > 0
          ? [
              saying(
                'mending',
                ['requester'],
                'notices.batch.stopped.title',
                'warning',
                say('notices.batch.stopped', mending),
              ),
            ]
          : []),
        ...(reminded
          ? [
              saying(
                `unready:${reminded}`,
                ['requester'],
                'notices.batch.unready.title',
                'warning',
                say('notices.batch.unready', mending),
              ),
            ]
          : []),
      ];
    }
    case 'rejected':
      return [
        saying(
          state,
          everybody,
          'notices.batch.rejected.title',
          'attention',
          say('notices.batch.rejected', by),
          say('notices.reason', { reason: plain(decision?.reason ?? '—') }),
        ),
      ];
    case 'withdrawn':
      // What each of its checks found was left as it was.
      if (!decision && batch.requests.some(({ state }) => state === 'expired'))
        return [
          saying(state, everybody, 'notices.batch.expired.title', 'attention', say('notices.batch.expired.unmended')),
        ];
      return [
        saying(
          state,
          ['notifications'],
          'notices.batch.withdrawn.title',
          'default',
          decision ? say('notices.batch.withdrawn', by) : say('notices.batch.withdrawn.all'),
        ),
      ];
    case 'expired':
      return [saying(state, everybody, 'notices.batch.expired.title', 'attention', say('notices.batch.expired'))];
    default: {
      const created = counts.pending + counts.working === 0;
      const finished = created && counts.waiting === 0;
      const reminded = lastReminder(batch, 'waiting');
      return [
        ...(decision
          ? [
              saying(
                'approved',
                ['notifications'],
                'notices.batch.approved.title',
                'emphasis',
                say('notices.batch.approved', by),
              ),
            ]
          : []),
        // A Retry begins anew, and is told of when it is through.
        ...(created && !finished
          ? [saying(`created:${version}`, everybody, 'notices.batch.created.title', 'emphasis', summary(counts))]
          : []),
        ...(reminded
          ? [saying(`reminded:${reminded}`, everybody, 'notices.batch.reminded.title', 'warning', summary(counts))]
          : []),
        ...(finished
          ? [
              saying(
                `finished:${version}`,
                everybody,
                counts.failed > 0 ? 'notices.batch.failed.title' : 'notices.batch.done.title',
                counts.failed > 0 ? 'warning' : 'good',
                summary(counts),
              ),
            ]
          : []),
      ];
    }
  }
}

/** Those of a batch come due one after the other: within an hour they are one reminder. */
function lastReminder({ requests }: Batch, which: 'waiting' | 'unready'): string | undefined {
  const times = requests.flatMap(({ state, remindedAt }) => (state === which && remindedAt ? [remindedAt] : []));
  if (times.length === 0) return undefined;
  return new Date(Math.max(...times.map((at) => at.getTime()))).toISOString().slice(0, 13);
}

async function sayAll(trx: Trx, outbox: Outbox, batch: Batch, places: Places): Promise<void> {
  for (const listener of ['requester', 'notifications'] as const) {
    const place = places[listener];
    // The approval card itself says it, in the channel where it is.
    const twice =
      listener === 'notifications' &&
      batch.state === 'pending' &&
      place?.conversationId === places.approvals?.conversationId;
    if (!place || twice) continue;
    await asReadIn(trx, place, async () => {
      for (const { once, to, title, style, lines } of sayings(batch)) {
        if (!to.includes(listener)) continue;
        const card = messageCard({ title: plain(title), ...(style && { style }), lines, actions: [showButton(batch)] });
        await outbox.post(trx, place, `${once}:${listener}`, card, title);
      }
    });
  }
}

const showButton = ({ id }: Batch) => ({
  ...plainButton(say('notices.show'), { verb: 'batch-show', batch: id }),
  tooltip: say('notices.batch.show', { id }),
});

const isOver = (batch: Batch, now: Date, config: Room['config']) =>
  asksApprover(batch, tally(batch.requests)) && now.getTime() >= batch.since.getTime() + config.APPROVAL_EXPIRE_AFTER;

/** What reminds the approvers of a batch, and what a notification shows of it. */
function reminderOf(batch: Batch): [card: Card, summary: string] {
  const title = say('notices.batch.waiting.title', { id: batch.id, size: sized(batch) });
  const lines = [say('notices.batch.waiting', { when: moment(batch.since) })];
  return [messageCard({ title, style: 'warning', lines, actions: [showButton(batch)] }), title];
}

/**
 * Reminds the approvers of the whole, and plans the next look when this one was planned. `asked`: whether they are waited for;
 * whoever has to mend something is reminded of that by itself.
 */
async function waitOn(
  { outbox, jobs, config, clock }: Room,
  trx: Trx,
  batch: Batch,
  places: Places,
  { asked, again }: { asked: boolean; again: boolean },
) {
  const now = clock();
  const reminded = batch.remindedAt ?? batch.since;
  const due = asked && now.getTime() >= reminded.getTime() + config.APPROVAL_REMIND_AFTER;
  if (due) {
    await trx.updateTable('batches').set({ reminded_at: now }).where('id', '=', batch.id).execute();
    const { approvals } = places;
    const once = `batch:${batch.id}:reminded:${reminded.toISOString()}`;
    if (approvals) await asReadIn(trx, approvals, () => outbox.post(trx, approvals, once, ...reminderOf(batch)));
  }
  if (!again) return;
  const from = asked ? batch.since : now;
  const next = (due || !asked ? now : reminded).getTime() + config.APPROVAL_REMIND_AFTER;
  const end = from.getTime() + config.APPROVAL_EXPIRE_AFTER;
  await jobs.send(trx, 'batch', { batchId: batch.id, again: true }, new Date(Math.min(next, end)));
}
