import type { Request } from './request.ts';

/** The longest id or invitation code an operator may report, in characters; TeamMate's own are a few digits long. */
export const referenceLimit = 64;

/** Whether operators have something to do for it; one that expired may still be found active. */
export const atHand = ({ task, state, reference }: Request): boolean =>
  task !== undefined &&
  (state === 'provisioning' || state === 'waiting' || (state === 'expired' && reference !== undefined));
