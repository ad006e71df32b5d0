import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { AnyOrder, Kind } from '../catalog/index.ts';
import type { ThingKind, Typed } from '../catalog/orderable.ts';

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type Json<T extends object | null> = JSONColumnType<T, string, string>;

/** The tables, as Kysely sees them; what each is for stands beside its SQL in migrations.ts. */
export interface Tables {
  organisations: { tenant_id: string; account: string; name: Generated<string>; added_by: string; added_at: Timestamp };
  people: { tenant_id: string; directory_id: string; teams_id: string; name: string; seen_at: Timestamp };
  roles: {
    tenant_id: string;
    directory_id: string;
    role: string;
    granted_by: string;
    granted_at: Timestamp;
  };
  role_groups: {
    tenant_id: string;
    group_id: string;
    role: string;
    name: string | null;
    granted_by: string;
    granted_at: Timestamp;
    tried_at: Timestamp | null;
    read_at: Timestamp | null;
    valid_until: Timestamp | null;
    problem: Json<Trouble | null> | null;
  };
  role_group_members: { tenant_id: string; group_id: string; role: string; directory_id: string };
  conversations: {
    tenant_id: string;
    conversation_id: string;
    kind: string;
    service_url: string;
    directory_id: string | null;
    team_id: string | null;
    name: string | null;
    removed: Generated<boolean>;
    locale: string | null;
    language: string | null;
    quiet_until: Timestamp | null;
    held_by: string | null;
    held_until: Timestamp | null;
    seen_at: Timestamp;
  };
  routes: { tenant_id: string; purpose: string; conversation_id: string; routed_by: string; routed_at: Timestamp };
  requests: {
    id: Generated<string>;
    tenant_id: string;
    kind: Kind;
    operation: Generated<string>;
    state: string;
    version: Generated<number>;
    content: Json<AnyOrder>;
    before: Json<Before | null> | null;
    replaced: string[] | null;
    why: string | null;
    name: string;
    requester_tenant_id: string;
    requester_id: string;
    requester_name: string;
    decided_by: string | null;
    decided_by_name: string | null;
    decided_at: Timestamp | null;
    entered: string | null;
    reason: string | null;
    reference: string | null;
    trouble: Json<Trouble | null> | null;
    progress: Json<Progress | null> | null;
    task: Json<Task | null> | null;
    revision: Generated<number>;
    batch_id: string | null;
    since: Timestamp;
    reminded_at: Timestamp | null;
    resent_at: Timestamp | null;
    doubted_at: Timestamp | null;
    lost_at: Timestamp | null;
    created_at: Timestamp;
  };
  batches: {
    id: Generated<string>;
    tenant_id: string;
    kind: Kind;
    state: string;
    version: Generated<number>;
    requester_id: string;
    requester_name: string;
    nonce: string;
    rows: Json<SheetRow[]>;
    size: number;
    expires_at: Timestamp;
    decided_by: string | null;
    decided_by_name: string | null;
    decided_at: Timestamp | null;
    reason: string | null;
    since: Timestamp;
    reminded_at: Timestamp | null;
    created_at: Timestamp;
  };
  claims: { tenant_id: string; key: string; request_id: string };
  events: {
    id: Generated<string>;
    tenant_id: string;
    request_id: string;
    at: Timestamp;
    actor_id: string | null;
    actor_name: string | null;
    what: string;
    detail: Json<Record<string, unknown>>;
    hash: string;
    announced: Generated<boolean>;
  };
  forms: {
    nonce: string;
    tenant_id: string;
    directory_id: string;
    kind: Kind;
    operation: Generated<string>;
    reference: string | null;
    before: Json<Before | null> | null;
    replaces: string | null;
    request_id: string | null;
    expires_at: Timestamp;
    typed: Json<Typed | null> | null;
  };
  secrets: {
    id: Generated<string>;
    tenant_id: string;
    request_id: string | null;
    nonce: string | null;
    batch_id: string | null;
    fields: string[];
    envelope: string;
  };
  checks: { id: Generated<string>; tenant_id: string; at: Timestamp };
  calls: {
    request_id: string;
    step: string;
    key: string;
    attempts: Generated<number>;
    done: Generated<boolean>;
    started_at: Timestamp;
  };
  listed: {
    tenant_id: string;
    kind: ThingKind;
    reference: string;
    name: string;
    keys: string[];
    facts: Json<Record<string, string>>;
    active: boolean;
    suspended: Generated<boolean>;
    parent: string | null;
    synced_at: Timestamp;
  };
  cards: {
    id: Generated<string>;
    tenant_id: string;
    request_id: string | null;
    batch_id: string | null;
    audience: string;
    conversation_id: string;
    activity_id: string | null;
  };
  outbox: {
    id: Generated<string>;
    tenant_id: string;
    conversation_id: string;
    once: string;
    card_id: string | null;
    activity_id: string | null;
    activity: Json<object | null> | null;
    state: Generated<string>;
    attempts: Generated<number>;
    problem: string | null;
    created_at: Timestamp;
  };
  bills: {
    id: Generated<string>;
    tenant_id: string;
    month: string;
    read_at: Timestamp;
    size: Generated<number>;
    complete: Generated<boolean>;
  };
  bill_rows: {
    bill_id: string;
    position: number;
    reseller_id: string;
    reseller_name: string;
    reseller_reference: string;
    enterprise_id: string;
    enterprise_name: string;
    enterprise_reference: string;
    services: string[];
    licenses_in_use: number;
    pbx: number;
    trunk: number;
    valet: number;
    sms: number;
    chat: number;
    operator_connect: number;
    external_trunk: number;
    call_recording: number;
  };
  bill_files: {
    token_hash: string;
    way: string;
    tenant_id: string;
    directory_id: string;
    conversation_id: string;
    month: string;
    format: string;
    state: Generated<string>;
    target: string | null;
    digest: string | null;
    expires_at: Timestamp;
  };
}

/** A thing as it was when somebody asked to change it. */
export interface Before {
  order: AnyOrder;
  suspended: boolean;
}

/** Why a request is not moving, as its card shows it; `nextTry` is an ISO time when the bot tries again by itself. */
export interface Trouble {
  code: string;
  says: string;
  next: string;
  /** What the two sentences are made of, to be said again in another language. */
  details?: Record<string, string | number>;
  attempt?: number;
  nextTry?: string;
}

/** A row of a list, as it was read: its cells by field, and why it cannot be understood, if it cannot. */
export interface SheetRow {
  /** As a spreadsheet numbers it. */
  row: number;
  cells: Record<string, string>;
  problem?: string;
  /** Whether nothing was wrong with it when its reader last saw it. */
  good?: boolean;
}

/** One thing to be done in a long wait. */
export interface Step {
  label: string;
  state: 'done' | 'now' | 'later' | 'failed' | 'warned' | 'skipped';
  /** What was found, or what is to be done. */
  says?: string;
}

/** How far a long wait has come, as its card shows it. */
export interface Progress {
  steps: Step[];
  /** Whom the present step waits for, as in "Waiting for …"; absent: whom the catalog says. */
  waitingFor?: string;
  /** Since when it waits for them, as an ISO time; absent: since it waits at all. */
  since?: string;
  /** What to tell when it takes longer than it should. */
  overdue?: string;
  /** Whether somebody outside is to be asked for something that can be sent again; absent: yes. */
  asks?: boolean;
}

/** What an operator is asked to do in TeamMate's portal, where there is no access to its API. */
export interface Task {
  /** `make`: what was approved. `confirm`: that it is active, which nobody but a person can see. */
  what: 'make' | 'confirm';
  /** When it was put before the operators, as an ISO time: each time has a card of its own. */
  opened: string;
  /** Where it is done. */
  portal: string;
  /** Counts who took it: a button says which count it saw. */
  hold: number;
  holder?: { directoryId: string; name: string; at: string };
  /** The e-mail is to be sent once more. */
  resend?: boolean;
  /** A call to the API may have done it already. */
  tried?: boolean;
}
