import * as z from 'zod';
import type { Input } from '../catalog/orderable.ts';

/*
 * What the form's page and the server say to each other, over HTTP and as JSON. The browser takes this file as it is, so it
 * imports nothing that runs but zod.
 *
 * Every call carries `authorization: Bearer <ticket>`: the ticket stands behind the # of the page's address, which no browser
 * sends to any server. Texts come in the language of the chat and are plain text: nothing in them is markup.
 */

/** Where everything is. */
export const paths = {
  /** The page itself. */
  page: '/tab/dialog',
  /** GET → `Answer`: the form as it stands. POST `Sent` → `Answer`: the form again, with what is wrong; or what became of it. */
  form: '/api/dialog/form',
  /** GET, `?field=` and `?search=` → `Found`. */
  choices: '/api/dialog/choices',
} as const;

export const inputs = [
  'line',
  'email',
  'secret',
  'paragraph',
  'one',
  'many',
  'toggle',
] as const satisfies readonly Input[];

const choice = z.object({ value: z.string(), title: z.string() });

export const fieldSchema = z.object({
  name: z.string(),
  label: z.string(),
  hint: z.string(),
  /** Stands above the field, where the form has parts. */
  heading: z.string().optional(),
  input: z.enum(inputs),
  /** Characters. */
  maxLength: z.number().optional(),
  required: z.boolean(),
  /** A secret that was typed before: it is kept on the server, and what is typed takes its place. */
  kept: z.boolean(),
  /** Empty for a secret; of a `many` a comma list, of a `toggle` true or false. */
  value: z.string(),
  /** Of a `one` or `many`. */
  choices: z.array(choice).optional(),
  /** There are more than these choices: the server finds them by what is typed. */
  searched: z.boolean(),
  error: z.string().optional(),
});
export type Field = z.infer<typeof fieldSchema>;

export const formSchema = z.object({
  title: z.string(),
  intro: z.string(),
  /** Something to say about the whole of it: that it has mistakes, say. */
  notice: z.string().optional(),
  /** `first`: only what the others depend on; it goes back with what was typed. */
  page: z.enum(['first', 'whole']),
  fields: z.array(fieldSchema),
});
export type Form = z.infer<typeof formSchema>;

/** The words of the page itself, by the names they have in the catalogue of messages. */
export const wordsSchema = z.record(z.string(), z.string());

export const answerSchema = z.object({
  language: z.string(),
  words: wordsSchema,
  form: formSchema.optional(),
  /** The ticket to go on with, where the form was handed out anew: it was too old, or what it changes is another now. */
  ticket: z.string().optional(),
  /** What the form became. It is not sent twice: a repeated call finds the same one. */
  request: z.object({ id: z.string(), shown: z.string() }).optional(),
});
export type Answer = z.infer<typeof answerSchema>;

export const sentSchema = z.strictObject({
  page: z.enum(['first', 'whole']),
  values: z.record(z.string().max(100), z.string().max(4000)),
});
export type Sent = z.infer<typeof sentSchema>;

export const foundSchema = z.object({ choices: z.array(choice) });
export type Found = z.infer<typeof foundSchema>;

/** The body of every answer that is no 2xx: what it is and what to do next, a sentence each. */
export const refusedSchema = z.object({
  refusal: z.object({ code: z.string(), says: z.string(), next: z.string() }),
});

/** What the page hands to Teams when it is done, and Teams to the bot: an id, nothing of what was typed. */
export const resultSchema = z.object({ requestId: z.string().regex(/^\d{1,18}$/) });
