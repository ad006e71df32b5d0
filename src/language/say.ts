import { catalogues } from './catalogues.ts';
import { format, type Params } from './format.ts';
import type { Rooms } from './messages/en/index.ts';
import { language } from './reader.ts';

export type { Params } from './format.ts';

/** Every message there is, as `room.name`. A key that is misspelt does not compile. */
export type Key = { [Room in keyof Rooms]: `${Room}.${keyof Rooms[Room] & string}` }[keyof Rooms];

/** A message in the language of whoever reads it; in English where its translation is missing, which the check forbids. */
export function say(key: Key, params?: Params): string {
  const spoken = language();
  const own = catalogues[spoken].get(key);
  return own === undefined ? format('en', catalogues.en.get(key) ?? key, params) : format(spoken, own, params);
}

/** A message that is kept to be read later, by whoever, in whatever language. */
export interface Told {
  say: Key;
  with?: Params;
}

export const told = (key: Key, params?: Params): Told => (params ? { say: key, with: params } : { say: key });

/** What was kept, in the reader's language. What was written down before there were languages stays as it is. */
export const retell = (text: string | Told): string => (typeof text === 'string' ? text : say(text.say, text.with));
