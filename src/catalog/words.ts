import { type Key, say } from '../language/say.ts';
import type { Field } from './orderable.ts';

/** The fields that the catalogue of messages names, as `reseller.name`. */
export type Named = Key extends infer One ? (One extends `catalog.${infer Name}.label` ? Name : never) : never;

/** What a field is called, as TeamMate's portal words it, in the language of whoever reads it. */
export const labelOf = (name: Named): string => say(`catalog.${name}.label`);

/** A field with its words, which are looked up whenever they are read. */
export const field = (name: Named, how: Omit<Field, 'label' | 'hint' | 'heading'>, heading?: Key): Field => ({
  ...how,
  get label() {
    return labelOf(name);
  },
  get hint() {
    return say(`catalog.${name}.hint`);
  },
  get heading() {
    return heading && say(heading);
  },
});

/** One line of what was ordered. */
export const fact = (name: Named, value: string) => ({ title: labelOf(name), value });
