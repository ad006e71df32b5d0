import * as z from 'zod';
import type { Kind as CatalogKind } from '../catalog/index.ts';
import type { Role as PersonRole } from '../people/person.ts';
import type { Operation as RequestOperation, State as RequestState } from '../requests/lifecycle.ts';

/*
 * What the tab and the server say to each other, over HTTP and as JSON. The browser takes this file as it is, so it imports
 * nothing that runs but zod.
 *
 * Every call but `settings` carries `authorization: Bearer <token of Teams' single sign-on>`; in development, where there is no
 * Teams around the page, `authorization: Development <directory id>`. `accept-language` says the language of the texts.
 *
 * Texts are ready to be shown, as plain text: nothing in them is markup. A moment within a sentence stands there as an ISO
 * time (2026-11-02T08:30:00.000Z) and is to be shown in the reader's own zone and language: `momentIn` finds it.
 */

/** Where everything is. */
export const paths = {
  /** GET → `Settings`. The one call that needs no sign-on. */
  settings: '/api/tab/settings',
  /** GET, `?search=` and `?limit=` → `Board`. */
  board: '/api/board',
  /** GET → `Stages`. */
  stages: '/api/board/stages',
  /** GET, `?search=` → text/csv with a file name; fetched with the token and saved by the page. */
  csv: '/api/board.csv',
  /** GET → text/event-stream, read by fetch so that the token goes along: see `streamEvents`. */
  events: '/api/board/events',
  /** GET → `Request`: one request with all there is to tell, open or over. `id` as in `Request.id`. */
  request: (id: string) => `/api/requests/${encodeURIComponent(id)}`,
  /** POST `DecisionBody` → `Decided`. */
  decide: (id: string, verb: Verb) => `/api/requests/${encodeURIComponent(id)}/${verb}`,
  /** POST `DecisionBody` → `DecidedBatch`. */
  decideBatch: (id: string, verb: BatchVerb) => `/api/batches/${encodeURIComponent(id)}/${verb}`,
} as const;

/** A moment in a sentence. */
export const momentIn = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g;

const moment = z.iso.datetime();
const id = z.string().regex(/^\d{1,18}$/);

export const roles = ['requester', 'approver', 'operator', 'administrator'] as const satisfies readonly PersonRole[];
export type Role = (typeof roles)[number];

/** From the top of the chain; `access` is an organisation that asks to be served, and stands for itself. */
export const kinds = [
  'reseller',
  'enterprise',
  'direct-routing',
  'pbx',
  'access',
] as const satisfies readonly CatalogKind[];
export const kindSchema = z.enum(kinds);
export type Kind = z.infer<typeof kindSchema>;

/** Of a request: the states of its life. */
export const requestStates = [
  'checking',
  'unready',
  'pending',
  'approved',
  'provisioning',
  'waiting',
  'active',
  'rejected',
  'withdrawn',
  'expired',
  'failed',
  'void',
] as const satisfies readonly RequestState[];

/** Of what stands on the board: of the request that is under way with it, or else of the thing itself. */
export const itemStates = [...requestStates, 'lost', 'suspended', 'inactive'] as const;
export const operations = ['add', 'edit', 'suspend', 'resume', 'remove'] as const satisfies readonly RequestOperation[];

/** `icon` and `label` are worded as on the cards; `tone` is for a colour, which alone carries no meaning. */
export const stateSchema = z.object({
  id: z.enum(itemStates),
  icon: z.string(),
  label: z.string(),
  tone: z.enum(['neutral', 'good', 'warning', 'attention']),
});
export type State = z.infer<typeof stateSchema>;

/** The line of steps, from the request to the end: what is done, what is under way, where it stopped, what is to come. */
export const stepSchema = z.object({ label: z.string(), state: z.enum(['done', 'now', 'stopped', 'later']) });
export type Step = z.infer<typeof stepSchema>;

/** One thing to be done in a long wait, or one thing that a check looked at. */
export const checkpointSchema = z.object({
  label: z.string(),
  state: z.enum(['done', 'now', 'later', 'failed', 'warned', 'skipped']),
  says: z.string().optional(),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** What can be done with one request; each is a button, and each is refused again by the server. */
export const verbs = ['approve', 'reject', 'withdraw', 'retry', 'resend', 'check', 'insist'] as const;
export const verbSchema = z.enum(verbs);
export type Verb = z.infer<typeof verbSchema>;
/** What can be done with a batch as a whole. */
export const batchVerbs = ['approve', 'reject', 'withdraw', 'retry'] as const;
export const batchVerbSchema = z.enum(batchVerbs);
export type BatchVerb = z.infer<typeof batchVerbSchema>;

/** A button: what it does and how it is worded. */
export const actionSchema = z.object({ verb: verbSchema, title: z.string() });
export const batchActionSchema = z.object({ verb: batchVerbSchema, title: z.string() });

/** What an approver has to enter to approve: an input beside the button, sent as `entered`. */
export const approvalSchema = z.object({
  label: z.string(),
  hint: z.string(),
  maxLength: z.number(),
  /** What to think of before approving; stands above the input. */
  note: z.string().optional(),
});

const who = z.object({
  name: z.string(),
  /** Whether that is the reader. */
  you: z.boolean(),
});

export const requestSchema = z.object({
  id,
  /** What people call it: R-1001. */
  shown: z.string(),
  kind: kindSchema,
  operation: z.enum(operations),
  /** What it is about, as in "reseller" or "change of the reseller". */
  subject: z.string(),
  name: z.string(),
  /** Goes back with a decision: it holds for what the reader saw. */
  version: z.number(),
  state: stateSchema,
  /** Whom it waits for, as in "Waiting for …"; absent when nobody is waited for. */
  waitingFor: z.string().optional(),
  /** Since when it waits for them; of what is over: since when. */
  since: moment,
  createdAt: moment,
  requester: who,
  /** The batch it was asked for in. */
  batch: id.optional(),
  decision: z
    .object({ name: z.string(), at: moment, reason: z.string().optional(), entered: z.string().optional() })
    .optional(),
  /** Why it does not move, or what is late; a sentence each. */
  notes: z.array(z.string()),
  steps: z.array(stepSchema),
  checklist: z.array(checkpointSchema),
  /** What is asked for, as on its card. On the board only of what waits for an approver. */
  facts: z.array(z.object({ title: z.string(), value: z.string() })).optional(),
  /** What whoever decides should think about. On the board only of what waits for an approver. */
  advice: z.array(z.string()).optional(),
  /** What this reader can do with it now. */
  actions: z.array(actionSchema),
  /** There when approving needs an input. */
  approval: approvalSchema.optional(),
  /** Opens its card's message in Teams, or the chat it is in; absent where the reader can see none. */
  link: z.url().optional(),
});
export type Request = z.infer<typeof requestSchema>;

/** One row of the board: a thing TeamMate has, what is under way with it, or what is asked for and not there yet. */
export const itemSchema = z.object({
  /** Stays the same while it is the same: `reseller:5101`, or `request:1001` for what is not there yet. */
  key: z.string(),
  kind: kindSchema,
  /** The kind as a word of a sentence: "Direct Routing". */
  noun: z.string(),
  name: z.string(),
  /** TeamMate's id of it, once it has one. */
  reference: z.string().optional(),
  /** What it belongs to, from the top: of a PBX its reseller and its enterprise. `key` is of their own rows. */
  parents: z.array(z.object({ key: z.string(), kind: kindSchema, name: z.string() })),
  state: stateSchema,
  waitingFor: z.string().optional(),
  /** Since when it waits, or is lost; absent where nothing is under way. */
  since: moment.optional(),
  email: z.string().optional(),
  billingReference: z.string().optional(),
  /** The open requests that make or change it, the oldest first; the first one gives the row its state. */
  requests: z.array(requestSchema),
  /** Of the first request. */
  link: z.url().optional(),
});
export type Item = z.infer<typeof itemSchema>;

/** How far a batch has come, in requests. */
export const tallySchema = z.object({
  checking: z.number(),
  mending: z.number(),
  pending: z.number(),
  working: z.number(),
  waiting: z.number(),
  active: z.number(),
  failed: z.number(),
  over: z.number(),
});

export const batchSchema = z.object({
  id,
  kind: kindSchema,
  /** As it is called: "28 resellers". */
  title: z.string(),
  state: z.enum(['pending', 'approved', 'rejected', 'withdrawn', 'expired']),
  /** How far it has come, in a line. */
  summary: z.string(),
  counts: tallySchema,
  version: z.number(),
  requester: who,
  since: moment,
  createdAt: moment,
  /** The first of what is asked for, by id and name; `more` are left out. */
  names: z.array(z.object({ id, shown: z.string(), name: z.string() })),
  more: z.number(),
  advice: z.array(z.string()),
  actions: z.array(batchActionSchema),
  link: z.url().optional(),
});
export type Batch = z.infer<typeof batchSchema>;

/** What waits for an approver, the oldest first. An own one is there without actions: `requester.you`. */
export const queuedSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('request'), request: requestSchema }),
  z.object({ type: z.literal('batch'), batch: batchSchema }),
]);
export type Queued = z.infer<typeof queuedSchema>;

/** Of the whole organisation, whatever was searched for. */
export const countsSchema = z.object({
  /** What TeamMate has, by kind. */
  things: z.array(
    z.object({
      kind: kindSchema,
      /** As a heading: "Resellers". */
      title: z.string(),
      total: z.number(),
      active: z.number(),
      inactive: z.number(),
      suspended: z.number(),
    }),
  ),
  /** Open requests, by state; a state without any is left out. */
  requests: z.array(z.object({ state: stateSchema, count: z.number() })),
  /** PBXes that were registered and are not any more. */
  lost: z.number(),
  /** What waits for an approver: a batch counts once. */
  queue: z.number(),
});

export const boardSchema = z.object({
  /** Another one when anything changed; what the stream tells is compared with it. */
  revision: z.string(),
  at: moment,
  organisation: z.object({ tenantId: z.string(), name: z.string() }),
  you: z.object({
    directoryId: z.string(),
    name: z.string(),
    roles: z.array(z.enum(roles)),
    /** Decides on what others asked for. */
    approves: z.boolean(),
    /** Sees the queue: approvers and administrators. */
    seesQueue: z.boolean(),
    /** Orders and changes things, in the chat. */
    orders: z.boolean(),
  }),
  /** What was searched for; empty: everything. */
  search: z.string(),
  items: z.array(itemSchema),
  /** How many more match than are here. Then what is missing is found by a search on the server. */
  more: z.number(),
  queue: z.array(queuedSchema),
  queueMore: z.number(),
  counts: countsSchema,
});
export type Board = z.infer<typeof boardSchema>;

/** `checking`: also while its requester mends what was found. `stopped`: failed, until somebody retries or withdraws it. */
export const stageIds = ['checking', 'approval', 'provisioning', 'activation', 'stopped'] as const;
export type StageId = (typeof stageIds)[number];

/** How long each stage took, and how many requests were in it. */
export const stagesSchema = z.object({
  at: moment,
  /** The days that the durations are of: of what left its stage within them. */
  days: z.number(),
  stages: z.array(
    z.object({
      id: z.enum(stageIds),
      label: z.string(),
      /** Requests that are in it now. */
      open: z.number(),
      /** Of all kinds together; `count` is how many requests it rests on, and without any there are no seconds. */
      all: z.object({ count: z.number(), median: z.number().nullable(), p90: z.number().nullable() }),
      /** The same by kind, in seconds; a kind that never was in it is left out. */
      kinds: z.array(
        z.object({
          kind: kindSchema,
          noun: z.string(),
          count: z.number(),
          median: z.number().nullable(),
          p90: z.number().nullable(),
        }),
      ),
    }),
  ),
  /** How many were in each stage at the end of each of the last 30 days (UTC), the oldest first; the last one is now. */
  perDay: z.array(
    z.object({
      /** 2026-11-02 */
      day: z.iso.date(),
      open: z.record(z.enum(stageIds), z.number()),
    }),
  ),
});
export type Stages = z.infer<typeof stagesSchema>;

/** What the page needs before anybody has signed on. */
export const settingsSchema = z.object({
  /** Whether the development switch is on: outside of Teams one of `people` can be chosen. */
  development: z.boolean(),
  /** Empty in production. */
  people: z.array(
    z.object({ directoryId: z.string(), name: z.string(), roles: z.array(z.enum(roles)), tenantId: z.string() }),
  ),
  /** The Teams app's id, for links to the tab: https://teams.microsoft.com/l/entity/<appId>/<tabEntity>. Empty: not known. */
  appId: z.string(),
  /** The tab's entityId in the app's manifest. */
  tabEntity: z.string(),
  /** The languages that texts can be had in; the first is the one there is always. */
  languages: z.array(z.string()),
});
export type Settings = z.infer<typeof settingsSchema>;

/** The tab's entityId; the manifest names the same. A link's subEntityId is a `Request.shown` or an `Item.key`. */
export const tabEntity = 'board';

/** The longest reason, in characters. */
export const reasonLimit = 500;

/** `reason`: with reject. `entered`: with approve, where the request has an `approval`. */
export const decisionBodySchema = z.strictObject({
  version: z
    .number()
    .int()
    .min(1)
    .max(2 ** 31 - 1),
  reason: z.string().max(4000).optional(),
  entered: z.string().max(4000).optional(),
});
export type DecisionBody = z.infer<typeof decisionBodySchema>;

/** What somebody may not do, or why it cannot be done: what it is and what to do next, a sentence each. */
export const refusalSchema = z.object({ code: z.string(), says: z.string(), next: z.string() });
export type Refusal = z.infer<typeof refusalSchema>;

/**
 * The body of every answer that is no 2xx. 400: not understood. 401: the token does not hold (get a new one). 403: no role for
 * it, not served, or not theirs to decide. 404: there is no such thing here. 409: somebody was faster, or it moved on:
 * `request` or `batch` is how it is now. 422: something is missing or wrong in what was typed. 429: too many streams.
 * 500, 503: went wrong here.
 */
export const refusedSchema = z.object({
  refusal: refusalSchema,
  request: requestSchema.optional(),
  batch: batchSchema.optional(),
});
export type Refused = z.infer<typeof refusedSchema>;

export const decidedSchema = z.object({ request: requestSchema });
export type Decided = z.infer<typeof decidedSchema>;
export const decidedBatchSchema = z.object({ batch: batchSchema });
export type DecidedBatch = z.infer<typeof decidedBatchSchema>;

/**
 * The stream's events, each with JSON as its data. Comments (a line that begins with a colon) come every 25 s, so that a
 * stream that says nothing for a minute is dead. After `end`, or when it breaks, the page gets a fresh token and opens another.
 */
export const streamEvents = {
  /** The first one: how the board is. A page whose board has the same revision need not fetch it. */
  board: z.object({ revision: z.string() }),
  /** Something changed; at most one a second. */
  changed: z.object({ revision: z.string() }),
  /** The server ends the stream. `token`: it expired. `closing`: the server stops; wait a moment. `role`: none is left. */
  end: z.object({ why: z.enum(['token', 'closing', 'role']) }),
} as const;
export type StreamEvent = keyof typeof streamEvents;
/** Milliseconds. */
export const heartbeatEvery = 25_000;
