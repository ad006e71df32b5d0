import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { Config } from '../config.ts';
import type { Jobs } from '../db/jobs.ts';
import type { Database } from '../db/open.ts';
import { type ErrorCode, Refusal } from '../errors.ts';
import { languageOf, languages } from '../language/languages.ts';
import { inLanguage } from '../language/reader.ts';
import { say } from '../language/say.ts';
import { anyRole, isRole, type Person } from '../people/person.ts';
import { requireRole, rolesOf } from '../people/roles.ts';
import { loadBatch } from '../requests/batch.ts';
import { loadFor, type Work } from '../requests/store.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { pagesOf } from '../web/pages.ts';
import type { Answer, Asked, Route } from '../web/server.ts';
import { boardFor, mostItems } from './board.ts';
import {
  batchVerbSchema,
  type Decided,
  type DecidedBatch,
  decisionBodySchema,
  type Refused,
  requestSchema,
  type Settings,
  tabEntity,
  verbSchema,
} from './contract.ts';
import { boardAsCsv } from './csv.ts';
import { decide, decideBatch } from './decide.ts';
import { linksFor, type Reader } from './links.ts';
import { presentBatch, presentRequest } from './present.ts';
import { watchBoards } from './revision.ts';
import { createSignOn, developmentPeople } from './sign-on.ts';
import { stagesFor } from './stages.ts';
import { createStreams } from './streams.ts';

/** What the tab's side of the server is made of. */
export interface TabParts {
  database: Database;
  jobs: Jobs;
  keys: Keyring | undefined;
  config: Config;
  clock: () => Date;
  log: Logger;
  /** Where the built page is. */
  folder: string;
  /** Counts a sign-on that was refused, by its code. */
  refused(code: string): void;
}

export interface Tab {
  routes: Record<string, Route>;
  /** Pages that hear what changes, for the metrics. */
  streams(): number;
  /** Stops hearing of changes; after the server is closed. */
  stop(): Promise<void>;
}

/** With what each refusal is answered; the page shows the same words whichever it is. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'sign-on-missing': 401,
  'sign-on-over': 401,
  'sign-on-refused': 401,
  'sign-on-unreachable': 503,
  'tenant-unknown': 403,
  'role-missing': 403,
  'directory-stale': 403,
  'own-request': 403,
  'not-yours': 403,
  'call-unclear': 400,
  'request-unknown': 404,
  'batch-unknown': 404,
  'reason-missing': 422,
  'reason-too-long': 422,
  'approval-wrong': 422,
  'streams-many': 429,
};
/** Of whatever else stands in the way: it moved on, or somebody was faster. */
const conflict = 409;

const idSchema = requestSchema.shape.id;
const searchSchema = z
  .string()
  .nullable()
  .transform((text) => (text ?? '').trim().slice(0, 100));
const limitSchema = z.coerce.number().int().min(1).max(mostItems).catch(mostItems);

/** Everything under /api that the tab asks for, and /tab itself. */
export async function createTab(parts: TabParts): Promise<Tab> {
  const { database, jobs, keys, config, clock, log } = parts;
  const { db } = database;
  const signOn = createSignOn(db, config, clock);
  const watch = await watchBoards(database, { log });
  const streams = createStreams({
    watch,
    mayRead: async (person) => (await rolesOf(db, person, clock())).size > 0,
    clock,
    log,
  });
  const appId = config.APP_ID || config.BOT_ID;
  const page = pagesOf(parts.folder, { unbuilt: say('board.unbuilt'), development: config.ALLOW_UNAUTHENTICATED });

  /** The same rule as in the chat: whoever has a role may read. @throws Refusal */
  const readerOf = async (person: Person): Promise<Reader> => ({
    person,
    roles: await requireRole(db, person, clock(), ...anyRole),
    appId,
  });

  type Signed = Asked & { signedOn: Awaited<ReturnType<typeof signOn>> };
  const signedOn =
    (route: (asked: Signed) => Promise<Answer>): Route =>
    (asked) =>
      inLanguage(spokenBy(asked), async () => {
        try {
          return await route({ ...asked, signedOn: await signOn(asked.authorization) });
        } catch (error) {
          if (error instanceof Refusal) return refusedAnswer(error);
          const incident = randomUUID().slice(0, 8);
          log.error({ err: error, incident }, 'the tab’s call failed');
          return refusedAnswer(new Refusal('unexpected', { incident }), 500);
        }
      });

  function refusedAnswer(refusal: Refusal, status = statuses[refusal.code] ?? conflict, more: Partial<Refused> = {}) {
    if (refusal.code.startsWith('sign-on')) {
      parts.refused(refusal.code);
      log.warn({ code: refusal.code, reason: refusal.details.reason }, 'sign-on refused');
    }
    const { code, says, next } = refusal;
    const body: Refused = { refusal: { code, says, next }, ...more };
    return { status, body, ...(status === 401 && { headers: { 'www-authenticate': 'Bearer' } }) };
  }

  const showRequest = async (reader: Reader, id: string) => {
    const request = await loadFor(db, reader.person, id);
    return presentRequest(request, reader, await linksFor(db, reader, { requests: [id], batches: [] }), true);
  };
  const showBatch = async (reader: Reader, id: string) => {
    const batch = await loadBatch(db, reader.person.tenantId, id);
    return presentBatch(batch, reader, await linksFor(db, reader, { requests: [], batches: [id] }));
  };

  /** Reads what a button sends, does it, and shows what became of it; a refusal comes with how things stand now. */
  const decision =
    <Verb extends string, Shown>(
      verbs: z.ZodType<Verb>,
      does: (
        work: Work,
        person: Person,
        asked: { id: string; verb: Verb; body: z.output<typeof decisionBodySchema> },
      ) => Promise<unknown>,
      show: (reader: Reader, id: string) => Promise<Shown>,
      named: (shown: Shown) => Decided | DecidedBatch,
    ) =>
    async ({ signedOn: { person }, params, body }: Signed): Promise<Answer> => {
      const asked = z.object({ id: idSchema, verb: verbs, body: decisionBodySchema }).safeParse({ ...params, body });
      if (!asked.success) throw new Refusal('call-unclear');
      const { id } = asked.data;
      // Their own request may be acted on by who has no role any more, as in the chat; so it is shown to them as well.
      const reader = async () => ({ person, roles: await rolesOf(db, person, clock()), appId });
      try {
        const { verb, body: said } = asked.data;
        await db
          .transaction()
          .execute((trx) => does({ trx, jobs, now: clock(), keys }, person, { id, verb: verb as Verb, body: said }));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const now = await show(await reader(), id).catch(() => undefined);
        return refusedAnswer(error, undefined, now === undefined ? {} : named(now));
      }
      return { status: 200, body: named(await show(await reader(), id)) };
    };

  const routes: Record<string, Route> = {
    'GET /tab': async () => page(''),
    'GET /tab/*': async ({ params }) => page(params['*'] ?? ''),

    'GET /api/tab/settings': async () => {
      const development = config.ALLOW_UNAUTHENTICATED;
      const people = development ? await developmentPeople(db) : [];
      const body: Settings = {
        development,
        people: people.map((person) => ({ ...person, roles: person.roles.filter(isRole) })),
        appId,
        tabEntity,
        languages: [...languages],
      };
      return { status: 200, body };
    },

    'GET /api/board': signedOn(async ({ signedOn: { person }, query }) => {
      const reader = await readerOf(person);
      const search = searchSchema.parse(query.get('search'));
      const limit = limitSchema.parse(query.get('limit') ?? undefined);
      return { status: 200, body: await boardFor(db, reader, { search, limit, now: clock() }) };
    }),

    'GET /api/board/stages': signedOn(async ({ signedOn: { person } }) => {
      await readerOf(person);
      return { status: 200, body: await stagesFor(db, person.tenantId, clock()) };
    }),

    'GET /api/board.csv': signedOn(async ({ signedOn: { person }, query }) => {
      const reader = await readerOf(person);
      const day = clock().toISOString().slice(0, 10);
      return {
        status: 200,
        stream: await boardAsCsv(db, reader, searchSchema.parse(query.get('search'))),
        type: 'text/csv; charset=utf-8',
        headers: { 'content-disposition': `attachment; filename="board-${day}.csv"` },
      };
    }),

    'GET /api/board/events': signedOn(async ({ signedOn: who, closing }) => {
      await readerOf(who.person);
      // What TeamMate has is looked at anew when somebody begins to watch, as when they open a list in the chat.
      await db.transaction().execute((trx) => jobs.send(trx, 'sync', { tenantId: who.person.tenantId }));
      return streams.open(who, closing);
    }),

    'GET /api/requests/:id': signedOn(async ({ signedOn: { person }, params }) => {
      const reader = await readerOf(person);
      const id = idSchema.safeParse(params.id);
      if (!id.success) throw new Refusal('call-unclear');
      return { status: 200, body: await showRequest(reader, id.data) };
    }),

    'POST /api/requests/:id/:verb': signedOn(
      decision(
        verbSchema,
        (work, person, asked) => decide(work, person, asked, config),
        showRequest,
        (request) => ({ request }),
      ),
    ),

    'POST /api/batches/:id/:verb': signedOn(decision(batchVerbSchema, decideBatch, showBatch, (batch) => ({ batch }))),
  };
  return { routes, streams: streams.count, stop: watch.stop };
}

/** The first of the languages that the page asks for, if it is one of ours. */
function spokenBy({ languages: asked = '' }: Asked) {
  const [first] = asked.split(',').flatMap((part) => languageOf(part.split(';')[0]?.trim()) ?? []);
  return first ?? languages[0];
}
