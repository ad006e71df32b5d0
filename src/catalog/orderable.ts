import type * as z from 'zod';
import type { CommandId } from '../language/commands.ts';

/** What a field is filled in with. What is typed into a `secret` is never shown again. */
export type Input = 'line' | 'email' | 'secret' | 'paragraph' | 'one' | 'many' | 'toggle';

export interface Choice {
  value: string;
  title: string;
}

/** One input of a form. `label` is worded as TeamMate's own portal words it. */
export interface Field {
  label: string;
  hint: string;
  input: Input;
  /** Characters; the client is told and the server enforces. */
  maxLength?: number;
  /** Of a `one` or `many` whose choices never change; the others come from `Orderable.choices`. */
  choices?: readonly Choice[];
  required: boolean;
  /** Stands above the field, where a form has parts. */
  heading?: string | undefined;
}

/** What a field offers. `search`: there are more than these, to be found in that list as one types. */
export interface Choices {
  choices: readonly Choice[];
  search?: ThingKind;
}

/** A form as it was typed: every value a string, a multiple choice a comma list, as Teams sends them. */
export type Typed = Record<string, string>;
/** What is wrong, beside which field. */
export type FieldErrors = Record<string, string>;

/**
 * A value that only one living request (and one thing in TeamMate) may have. `key` is compared, so it is already folded
 * (case, width); `field` gets `taken` beside it when somebody has it.
 */
export interface Claim {
  field: string;
  key: string;
  taken: string;
}

/** What TeamMate has: what can be ordered, and what an order chooses from. */
export const thingKinds = ['reseller', 'enterprise', 'direct-routing', 'pbx', 'sbc-region', 'pbx-type'] as const;
export type ThingKind = (typeof thingKinds)[number];

/** Something TeamMate has, by our copy of its lists. */
export interface Thing {
  kind: ThingKind;
  /** TeamMate's id of it. */
  reference: string;
  name: string;
  /** Whether it is live: activated, registered, on offer. */
  active: boolean;
  suspended: boolean;
  /** The reference of what it belongs to: of an enterprise, its reseller. */
  parent?: string;
  /** The other values of its form, as they would be typed. */
  facts: Typed;
}

/** Looks into our copy of what TeamMate has for the organisation. */
export interface Known {
  /** The Teams tenant of whoever asks. */
  readonly tenantId: string;
  thing(kind: ThingKind, reference: string): Promise<Thing | undefined>;
  /** In the order of their names; at most `limit`. `active`: only what is live and not suspended. */
  things(
    kind: ThingKind,
    which: { search?: string; parent?: string; active?: boolean; limit: number },
  ): Promise<Thing[]>;
}

/** Choices on one card: more would make it too heavy. Who has more of them searches as they type. */
export const mostChoices = 100;

/** How to register at a PBX, for the check of it; what each means is told in sip/account.ts. */
export interface SipAccount {
  domain: string;
  proxy?: string;
  lookup: 'SRV' | 'A' | 'NAPTR';
  transport: 'UDP' | 'TCP' | 'TLS';
  port?: number;
  user: string;
  authId?: string;
  password: string;
  expires: number;
}

/** An order as far as it is valid, and what is wrong with it. */
export interface Settled<Order> {
  order: Partial<Order>;
  errors: FieldErrors;
}

/**
 * What an approver has to enter to approve: one line on the approval card, which the server checks, and which is kept with the
 * decision.
 */
export interface Approval {
  /** The input's id. */
  field: string;
  label: string;
  hint: string;
  maxLength: number;
  /** What to think of before approving; stands above the input. */
  note?: string;
  /** What is wrong with it, if anything is. */
  check(text: string): string | undefined;
  /** What is given with it, which nobody else may have. */
  claim?(text: string): Claim;
}

/** A list of things to order, a row each. Its columns are the form's fields. */
export interface Several {
  /** What a person types to bring a list. */
  command: CommandId;
  /** What they are together, as in "all of the resellers". */
  nouns: string;
  /** The required fields that a list may be without: what is known of what was chosen fills them, or nothing has to. */
  mayLack?: readonly string[];
  /** A row as people write it. */
  example: Typed;
  /** What is written in a row's cells, as it would be typed into the form. */
  typed(cells: Typed): Typed;
}

/**
 * Everything the bot knows of a thing that can be ordered. The other rooms ask; they have no case for any kind. What people
 * read of it is looked up whenever it is read, in their language.
 */
export interface Orderable<Order> {
  kind: string;
  /** As it stands in a sentence: "the reseller Contoso". */
  noun: string;
  /** The form's heading. */
  title: string;
  /** What a person types to get the form. */
  command: CommandId;
  fields: Record<string, Field>;
  /** Checks a typed form; its messages are what stands beside the fields. */
  schema: z.ZodObject & z.ZodType<Order, unknown>;
  /** The fields that are asked for first, by themselves, because what the others offer depends on them. */
  first?: readonly string[];
  /** The fields that are secret: sealed apart from the order, which never holds them, and never shown again. */
  secrets?: readonly string[];
  /** The fields that matter for what is typed so far; without it, all of them. */
  shows?(typed: Typed, known: Known): Promise<readonly string[]>;
  /** What the form begins with once the first fields are there: what is known of what was chosen. */
  begins?(typed: Typed, known: Known): Promise<Typed>;
  /** The choices that TeamMate's lists give for what is typed so far; `search` names the list to search where there are more. */
  choices?(typed: Typed, known: Known): Promise<Record<string, Choices>>;
  /**
   * Checks what the fields say together and what only TeamMate's lists can tell, and writes down the names of what was
   * chosen by id. It is given the fields that are valid so far.
   */
  settle?(order: Partial<Order>, known: Known): Promise<Settled<Order>>;
  /**
   * Asked for by people of a tenant that is not served, and by nobody else; the provider's tenant decides. `aDay`: how many
   * requests a tenant may make in a day.
   */
  outside?: { aDay: number };
  /** Set up by the bot itself: there is nothing to create in TeamMate, and nothing to wait for. */
  local?: boolean;
  /** Stands under the form's heading; absent: that an approver has to agree first. */
  intro?: string;
  /** What an approver has to enter. */
  approval?: Approval;
  /** What whoever asked is told to do next, in their own chat, once it is live. */
  welcome?(order: Order): { lines: string[]; commands: { title: string; command: string }[] };
  /** Whether its settings are tried out before an approver is asked. */
  checked?: boolean;
  /** What they are tried out with; `order` has its secrets. */
  account?(order: Order): SipAccount;
  /** Whether it can stop working by itself once it is live, so that it is looked at for good. */
  watched?: boolean;
  /** What whoever asks or approves should think about; nothing is wrong with it. */
  advice?(order: Order): string[];
  /** The reference of what it belongs to in TeamMate. */
  parent?(order: Order): string;
  /** The things TeamMate has once it is made, where an order is not one thing that bears the request's name. */
  things?(order: Order): Pick<Thing, 'reference' | 'name' | 'facts'>[];
  /** Fills the form from the parts of a one-line command (what stands between the semicolons). */
  quick(parts: string[]): Typed;
  /** How several are asked for at once, by a list; without it they are asked for one by one. */
  several?: Several;
  /** The order back in the shape of its form, to be changed. */
  typed(order: Order): Typed;
  name(order: Order): string;
  facts(order: Order): { title: string; value: string }[];
  /** Of the fields that are valid so far, so that one wrong field does not hide what is wrong with another. */
  claims(order: Partial<Order>): Claim[];
  /** What is told once the backend has taken it on, where nothing is created yet. */
  begun?: string;
  /** Whom the activation waits for, as it stands in "Waiting for …". */
  waitingFor(order: Order): string;
  /** The e-mail or other step that Resend repeats; the button's text. Absent: there is none. */
  resend?: string;
  /** What the card says Resend did, and when; default: that the e-mail was sent again. */
  resent?(when: string): string;
  /** What the reader is told when it is live. */
  active(order: Order): string;
  /** The fields that may be changed once it is there, and the secrets that may be replaced; none: it cannot be edited. */
  editable?: readonly string[];
  /** What it means for the customer, in a sentence or two. What is not said here cannot be done with it. */
  means?: Partial<Record<'suspend' | 'resume' | 'remove', string>>;
  /** What belongs to it: while there is any, it cannot be removed. */
  holds?: readonly ThingKind[];
}

/** Compares names as people do: without regard to case, width, repeated spaces or what cannot be seen. */
export const fold = (text: string) =>
  text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .trim()
    .replace(/\s+/g, ' ')
    .toLowerCase();

/** A form that passed, or what is wrong beside each field, with the part that is right. */
export type Checked<Order> = { order: Order } | { errors: FieldErrors; valid: Partial<Order> };

/** Checks a typed form. Every error is found at once; each field shows its first. */
export function check<Order>(entry: Orderable<Order>, typed: Record<string, unknown>): Checked<Order> {
  const parsed = entry.schema.safeParse(typed);
  if (parsed.success) return { order: parsed.data as Order };
  const errors: FieldErrors = {};
  for (const issue of parsed.error.issues) errors[String(issue.path[0])] ??= issue.message;
  const fields = Object.entries(entry.schema.shape).map(
    ([name, field]) => [name, field.safeParse(typed[name])] as const,
  );
  const valid = Object.fromEntries(fields.filter(([, part]) => part.success).map(([name, part]) => [name, part.data]));
  return { errors, valid: valid as Partial<Order> };
}

export const asChoice = ({ reference, name }: Thing) => ({ value: reference, title: name });

/** The first of a long list; what is chosen is always among them. */
export function searchable(kind: Thing['kind'], things: Thing[], chosen: Thing | undefined): Choices {
  const shown = things.slice(0, mostChoices);
  const missing = chosen && !shown.some(({ reference }) => reference === chosen.reference);
  const choices = [...(missing ? [chosen] : []), ...shown].map(asChoice);
  return { choices, ...(things.length > mostChoices && { search: kind }) };
}
