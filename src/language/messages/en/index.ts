import type chat from './chat.json';
import type commands from './commands.json';
import type errors from './errors.json';
import type people from './people.json';
import type sip from './sip.json';
import type work from './work.json';

/** The rooms that have something to say, with their messages: what `say` takes. English decides which there are. */
export interface Rooms {
  chat: typeof chat;
  commands: typeof commands;
  errors: typeof errors;
  people: typeof people;
  sip: typeof sip;
  work: typeof work;
}
