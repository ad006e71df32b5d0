import { type CommandId, wordsEverywhere } from '../language/commands.ts';
import { say } from '../language/say.ts';
import type { Role } from '../people/person.ts';
import type { Typable } from './parse.ts';
import type { Answer, Turn } from './turn.ts';

/** What commands are for, in the order in which people meet them. */
export const topics = ['order', 'see', 'change', 'decide', 'run'] as const;
export type Topic = (typeof topics)[number];

/** What a command does; how it is called and explained stands in the catalogue, under its id. */
export interface Deed {
  topic: Topic;
  /** It means something without more words, so it gets a button. */
  alone?: boolean;
  /** Who may; empty means everybody of a known organisation. */
  roles: readonly Role[];
  /** For people of a tenant that is not served. */
  outside?: boolean;
  run(turn: Turn, rest: string): Promise<Answer>;
}

/** One thing that can be typed. */
export interface Command extends Deed, Typable {
  id: CommandId;
  /** How it is typed with all that can follow it. */
  readonly usage: string;
  readonly does: string;
}

/** A command, with its words of every language; they are few, and looked through at each message. */
export const command = (id: CommandId, deed: Deed): Command => ({
  id,
  words: wordsEverywhere(id),
  get usage() {
    return say(`commands.${id}.usage`);
  },
  get does() {
    return say(`commands.${id}.does`);
  },
  ...deed,
});
