import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Logger } from 'pino';
import { mostChoices } from '../catalog/orderable.ts';
import type { Config } from '../config.ts';
import type { Jobs } from '../db/jobs.ts';
import type { Db } from '../db/open.ts';
import type { Tables } from '../db/schema.ts';
import { type Answer as PageAnswer, type Sent, sentSchema } from '../dialog/contract.ts';
import { readTicket, type Ticket, writeTicket } from '../dialog/ticket.ts';
import { Refusal } from '../errors.ts';
import { languageOf } from '../language/languages.ts';
import { inLanguage, language } from '../language/reader.ts';
import { say } from '../language/say.ts';
import { spokenIn } from '../people/conversations.ts';
import { accountOf } from '../people/organisations.ts';
import type { Person } from '../people/person.ts';
import { requireRole } from '../people/roles.ts';
import { type Aim, reopenChange, submitChange } from '../requests/changes.ts';
import { formRow, handedOut, reopen, submit } from '../requests/forms.ts';
import { type Request, shown } from '../requests/request.ts';
import type { Work } from '../requests/store.ts';
import { knownTo } from '../requests/things.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { cardFor } from '../views/card.ts';
import { changePage, hasPage } from '../views/change.ts';
import { formPage } from '../views/form-page.ts';
import type { Answer, Asked, Route } from '../web/server.ts';
import { aimSchema } from './changing.ts';
import type { Outbox } from './outbox.ts';

export interface FormPageParts {
  db: Db;
  jobs: Jobs;
  keys: Keyring | undefined;
  outbox: Outbox;
  config: Config;
  clock: () => Date;
  log: Logger;
}

/** A call of the page: whose, about which form, in which transaction. */
interface Call extends Work {
  person: Person;
  ticket: Ticket;
  asked: Asked;
}

/** What the page of a form calls. It does what the card's buttons do, and brings the card up to date. */
export function formPageCalls(parts: FormPageParts): { show: Route; take: Route; find: Route } {
  const { db, jobs, keys, clock, log, config, outbox } = parts;

  const call =
    (does: (call: Call) => Promise<object>): Route =>
    async (asked) => {
      const text = /^Bearer (\S{1,4000})$/.exec(asked.authorization ?? '')?.[1];
      const ticket = keys && text ? await readTicket(keys, text, clock()) : undefined;
      // Whoever brings no ticket has no chat whose language it could be.
      if (!ticket) return inLanguage(languageOf(asked.languages) ?? 'en', () => refused(new Refusal('page-over')));
      return inLanguage(await spokenIn(db, ticket), async () => {
        try {
          const body = await db.transaction().execute(async (trx) => {
            const person = await whose(trx, ticket);
            const now = clock();
            await requireRole(trx, person, now, 'requester');
            return does({ trx, jobs, keys, now, person, ticket, asked });
          });
          return { status: 200, body };
        } catch (error) {
          if (error instanceof Refusal) return refused(error);
          const incident = randomUUID().slice(0, 8);
          log.error({ err: error, incident }, 'form page failed');
          return refused(new Refusal('unexpected', { incident }));
        }
      });
    };

  return {
    show: call(async ({ ticket, person, ...work }) => {
      const form = await handedOut(work, person, ticket.nonce);
      return answer('used' in form ? { request: form.used } : { form: (await stands(work, person, form.row)).page });
    }),

    take: call(async ({ ticket, person, asked, ...work }) => {
      const { data: sent } = sentSchema.safeParse(asked.body);
      if (!sent) throw new Refusal('action-unknown');
      const outcome = await send(work, person, await formRow(work, ticket.nonce), sent);
      if ('request' in outcome) {
        if (!outcome.repeated) await tell(outbox, work, ticket, outcome.request);
        return answer({ request: outcome.request });
      }
      const { nonce, page } = outcome;
      const anew = keys && nonce !== ticket.nonce ? await writeTicket(keys, { ...ticket, nonce }, work.now) : undefined;
      return answer({ form: page, ...(anew && { ticket: anew }) });
    }),

    find: call(async ({ ticket, person, asked, ...work }) => {
      const form = await handedOut(work, person, ticket.nonce);
      const offered = 'used' in form ? [] : Object.entries((await stands(work, person, form.row)).choices);
      const kind = new Map(offered).get(asked.query.get('field') ?? '')?.search;
      if (!kind) return { choices: [] };
      const search = (asked.query.get('search') ?? '').slice(0, 200).trim();
      const things = await knownTo(work.trx, person.tenantId).things(kind, {
        search,
        active: true,
        limit: mostChoices,
      });
      return { choices: things.map(({ name, reference }) => ({ value: reference, title: name })) };
    }),
  };

  /** Takes what was typed, as the card's Submit does. */
  async function send(work: Work, person: Person, row: FormRow, { page, values }: Sent) {
    const { nonce, kind, operation } = row;
    if (operation === 'add') {
      const outcome = await submit(work, person, nonce, { kind, page, values }, config.FORM_LIFETIME);
      return 'form' in outcome ? { nonce: outcome.form.nonce, page: formPage(outcome.form) } : outcome;
    }
    const aim = aimOf(row);
    const outcome = await submitChange(work, person, nonce, { ...aim, values }, config.FORM_LIFETIME);
    return 'form' in outcome ? { nonce: outcome.form.nonce, page: changePage(outcome.form) } : outcome;
  }
}

type FormRow = Selectable<Tables['forms']>;

/** A form as it stands: as the page shows it, and what its fields offer. */
async function stands(work: Work, person: Person, row: FormRow) {
  if (row.operation === 'add') {
    const form = await reopen(work, person, row);
    return { page: formPage(form), choices: form.choices };
  }
  aimOf(row);
  const form = await reopenChange(work, person, row);
  return { page: changePage(form), choices: form.choices };
}

/** Which change a form is of. @throws Refusal `action-unknown` for one that has no page. */
function aimOf({ operation, kind, reference }: FormRow): Aim {
  const { data: aim } = aimSchema.safeParse({ operation, kind, reference });
  if (!aim || !hasPage(aim)) throw new Refusal('action-unknown');
  return aim;
}

/** The request's card takes the place of the form's, as it does after the card's own Submit. */
async function tell(outbox: Outbox, { trx }: Work, ticket: Ticket, request: Request): Promise<void> {
  const { tenantId, conversationId, activityId, nonce } = ticket;
  const place = { tenantId, conversationId };
  if (!activityId) return outbox.postLive(trx, place, `page:${nonce}`, request, 'requester');
  await outbox.adopt(trx, place, activityId, request, 'requester');
  await outbox.replace(trx, place, `page:${nonce}`, activityId, cardFor(request, 'requester'));
}

/** Who it is, as the bot met them; authorisation goes by the ids that are in the ticket. */
async function whose(trx: Work['trx'], { tenantId, directoryId }: Ticket): Promise<Person> {
  if ((await accountOf(trx, tenantId)) === undefined) throw new Refusal('tenant-unknown', { tenant: tenantId });
  const known = await trx
    .selectFrom('people')
    .select(['teams_id as teamsId', 'name'])
    .where('tenant_id', '=', tenantId)
    .where('directory_id', '=', directoryId)
    .executeTakeFirst();
  if (!known) throw new Refusal('page-over');
  return { tenantId, directoryId, ...known };
}

function answer({ request, ...form }: { request?: Request } & Pick<PageAnswer, 'form' | 'ticket'>): PageAnswer {
  return {
    language: language(),
    words: Object.fromEntries(Object.entries(words).map(([name, key]) => [name, say(key)])),
    ...form,
    ...(request && { request: { id: request.id, shown: shown(request.id) } }),
  };
}

/** What the page says by itself; `{label}` and `{id}` are filled in there. */
const words = {
  submit: 'cards.button.submit',
  next: 'cards.button.next',
  back: 'cards.button.cancel',
  missing: 'cards.form.needed',
  show: 'dialog.show',
  hide: 'dialog.hide',
  search: 'dialog.search',
  nothing: 'dialog.nothing',
  loading: 'dialog.loading',
  sending: 'dialog.sending',
  sent: 'dialog.sent',
  'sent.next': 'dialog.sent.next',
  unreachable: 'dialog.unreachable',
  'unreachable.next': 'dialog.unreachable.next',
} as const;

const statuses: Partial<Record<Refusal['code'], number>> = {
  'page-over': 401,
  'role-missing': 403,
  'form-foreign': 403,
  'tenant-unknown': 403,
  'action-unknown': 400,
  'form-over': 410,
  unexpected: 500,
};

function refused({ code, says, next }: Refusal): Answer {
  return { status: statuses[code] ?? 422, body: { refusal: { code, says, next } } };
}
