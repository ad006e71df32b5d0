import { catalogues } from './language/catalogues.ts';
import type texts from './language/messages/en/errors.json';
import { inLanguage } from './language/reader.ts';
import { say } from './language/say.ts';

/**
 * Every refusal and failure a person can meet has a stable code and two sentences: what they read, and what they can do next.
 * Both stand in the catalogue of messages, `errors.<code>.says` and `errors.<code>.next`; `{name}` is filled from the
 * error's details and escaped where a card shows it.
 */
export type ErrorCode = keyof typeof texts extends infer Name
  ? Name extends `${infer Code}.says`
    ? Code
    : never
  : never;

/** Every code there is. */
export const codes = [...catalogues.en.keys()].flatMap((key) => {
  const [, code] = /^errors\.(.+)\.says$/.exec(key) ?? [];
  return code ? [code as ErrorCode] : [];
});

export type ErrorDetails = Record<string, string | number>;

/** An error that a person is meant to read. `says` and `next` are whole sentences, ready for a card once escaped. */
export class Refusal extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    // What is logged is in one language, whoever it happened to.
    super(inLanguage('en', () => say(`errors.${code}.says`, details)));
    this.name = 'Refusal';
    this.code = code;
    this.details = details;
  }

  get says(): string {
    return say(`errors.${this.code}.says`, this.details);
  }

  get next(): string {
    return say(`errors.${this.code}.next`, this.details);
  }

  /** Both sentences, with every detail put through `format` (a card escapes them). */
  sentences(format: (detail: string | number) => string): string {
    const details = Object.fromEntries(Object.entries(this.details).map(([name, value]) => [name, format(value)]));
    return `${say(`errors.${this.code}.says`, details)} ${say(`errors.${this.code}.next`, details)}`;
  }
}

/** What was kept about a failure, said in the language of whoever reads it now. What is older than its details stays as it is. */
export function saidAgain<Kept extends { code: string; says: string; next: string; details?: ErrorDetails }>(
  kept: Kept,
): Kept {
  const code = codes.find((one) => one === kept.code);
  return code && kept.details ? { ...kept, ...explain(code, kept.details) } : kept;
}

/** The two sentences of a code, with what makes them again in another language (what a request stores about its failure). */
export function explain(
  code: ErrorCode,
  details: ErrorDetails = {},
): { code: ErrorCode; says: string; next: string; details: ErrorDetails } {
  return { code, says: say(`errors.${code}.says`, details), next: say(`errors.${code}.next`, details), details };
}
