import type * as z from 'zod';

/** One input of a form. `label` is worded as TeamMate's own portal words it. */
export interface Field {
  label: string;
  hint: string;
  /** Characters; the client is told and the server enforces. */
  maxLength?: number;
  choices?: readonly { value: string; title: string }[];
  required: boolean;
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

/** Everything the bot knows of a thing that can be ordered. The other rooms ask; they have no case for any kind. */
export interface Orderable<Order> {
  kind: string;
  /** As it stands in a sentence: "the reseller Contoso". */
  noun: string;
  /** The form's heading. */
  title: string;
  /** What a person types to get the form; the first is the one we advertise. */
  commands: readonly [string, ...string[]];
  /** How to type it all in one line. */
  example: string;
  fields: Record<string, Field>;
  /** Checks a typed form; its messages are what stands beside the fields. */
  schema: z.ZodObject & z.ZodType<Order, unknown>;
  /** The template in cards/ that shows the form. */
  card: string;
  /** Fills the form from the parts of a one-line command (what stands between the semicolons). */
  quick(parts: string[]): Typed;
  /** The order back in the shape of its form, to be changed. */
  typed(order: Order): Typed;
  name(order: Order): string;
  facts(order: Order): { title: string; value: string }[];
  /** Of the fields that are valid so far, so that one wrong field does not hide what is wrong with another. */
  claims(order: Partial<Order>): Claim[];
  /** Whom the activation waits for, as it stands in "Waiting for …". */
  waitingFor(order: Order): string;
  /** The e-mail or other step that Resend repeats; the button's text. */
  resend: string;
  /** What the reader is told when it is live. */
  active(order: Order): string;
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
