/*
 * How wide a card is, in Teams' four steps, and what a card says of them. The published renderer knows nothing of it, so
 * the gallery does it before: parts for another width are left out, and of several layouts the one that fits is chosen.
 */

const steps = ['verynarrow', 'narrow', 'standard', 'wide'] as const;
export type Step = (typeof steps)[number];

/** Pixels up to which a card is of a step: what the Agents Playground's renderer goes by. */
const upTo = { verynarrow: 216, narrow: 345, standard: 500 } as const;

export const stepOf = (width: number): Step => steps.find((step) => step !== 'wide' && width <= upTo[step]) ?? 'wide';

/** The values of `targetWidth`; case does not matter. */
export const targetWidths: readonly string[] = steps.flatMap((step) => [step, `atleast:${step}`, `atmost:${step}`]);

export function fits(target: string, width: number): boolean {
  const [step = '', bound] = target.toLowerCase().split(':').reverse();
  const [is, asked] = [steps.indexOf(stepOf(width)), steps.indexOf(step as Step)];
  return bound === 'atleast' ? is >= asked : bound === 'atmost' ? is <= asked : is === asked;
}

/** A card as a client of this width takes it; a client that knows no widths takes the card as it is. */
export function forWidth(part: unknown, width: number): unknown {
  const meant = (one: unknown) => !isObject(one) || typeof one.targetWidth !== 'string' || fits(one.targetWidth, width);
  if (Array.isArray(part)) return part.filter(meant).map((one) => forWidth(one, width));
  if (!isObject(part)) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, forWidth(value, width)]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
