import { oneMistake } from './http.ts';

/** (I) Nothing new is ordered under what is suspended; `field` is what names it. @throws Refusal 400 SUSPENDED */
export function refuseSuspended(
  { suspended }: { suspended: boolean },
  { name, field }: { name: string; field: string },
) {
  if (suspended) throw oneMistake('SUSPENDED', field, `${name} is suspended.`);
}
