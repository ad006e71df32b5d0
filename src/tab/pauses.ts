/** The first pause, and the longest; each is twice the one before. Milliseconds. */
const first = 1_000;
const longest = 60_000;

/** The pause before attempt `n`, from 1. Up to a quarter is chance, so that not everybody comes back at once. Milliseconds. */
export const pauseBefore = (attempt: number, chance: number = Math.random()) =>
  Math.min(first * 2 ** (attempt - 1), longest) * (0.75 + chance / 4);
